/** @file Runs of gap against number of demonstrations: one learner for each method, seed and number of demonstrations. */

import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { valueIteration } from "../../algorithms/index.js";
import { collect, compare, loadPolicy, savePolicy, train } from "../../index.js";
import { firstEpisodes } from "../../src/datasets/demonstrations.js";
import { UsageError } from "../../src/errors.js";
import type { Policy } from "../../src/policies/contract.js";
import { loadExpert } from "../../src/runs/index.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import type { Results } from "../lib/results.js";
import { type Given, methods } from "./methods.js";

/** Environments with exact models, and without. */
export const TABULAR = ["Gridworld-v0", "FourRooms-v0", "Maze-v0", "Corridor-v0"];
export const CONTROL = ["CartPole-v1", "Acrobot-v1"];
const DEMONSTRATIONS = { tabular: [1, 2, 5, 10, 20, 50], control: [1, 2, 5, 10] };
/** Numbers of demonstrations for methods that interact with the environment; a run takes ten seconds instead of one. */
const FEWER = [1, 5, 20];

export interface GapRun {
  kind: "gap";
  env: string;
  method: string;
  demonstrations: number;
  seed: number;
  labels: number;
  expert: number;
  learner: number;
  /** With an exact model expected discounted returns, otherwise mean undiscounted returns of 50 episodes. */
  gap: number;
  /** With an exact model: ε and the bound of proposition 3.1, and the total variation between the occupancies. */
  epsilon?: number;
  bound?: number;
  totalVariation?: number;
  /** Without an exact model: normalised score, 0 for a random policy and 1 for the expert. */
  score?: number;
}

/** The demonstrating policy: exact, from the zoo, or trained with the tuned settings and saved in `runs`. */
async function expertOf(env: string): Promise<Policy> {
  if (TABULAR.includes(env)) return train(valueIteration(), { env });
  try {
    return await loadExpert(env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  const path = `runs/imitation-experts/${env}.safetensors`;
  const kept = await readFile(path).catch(() => undefined);
  if (kept) return loadPolicy(kept);
  console.log(`training an expert of ${env}`);
  const expert = await train("ppo", { env, seed: 0 });
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, savePolicy(expert));
  return expert;
}

export interface GapOptions {
  envs: readonly string[];
  methods: readonly string[];
  demonstrations?: readonly number[];
  seeds: number;
}

/** Adds all missing runs, seed by seed, so that an early stop leaves all methods with fewer seeds. */
export async function gapRuns(results: Results<GapRun>, options: GapOptions): Promise<void> {
  for (const env of options.envs) {
    const kind = TABULAR.includes(env) ? "tabular" : "control";
    const counts = options.demonstrations ?? DEMONSTRATIONS[kind];
    const chosen = options.methods.filter((method) => methods[method][kind]);
    if (chosen.length === 0) continue;
    const expert = await expertOf(env);
    for (let seed = 0; seed < options.seeds; seed++) {
      const episodes = Math.max(...counts, ...DEMONSTRATIONS[kind]);
      const all = await collect(expert, { env, episodes, seed, deterministic: true });
      for (const n of counts) {
        const demonstrations = firstEpisodes(all, n);
        const labels = demonstrations.trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
        const given = { env, expert, demonstrations, labels };
        for (const method of chosen) {
          if (kind === "tabular" && methods[method].tries && !FEWER.includes(n)) continue;
          const key = `gap/${env}/${method}/${String(n).padStart(2, "0")}/${seed}`;
          await results.keep(key, () => gapRun(method, given, n, seed));
        }
      }
    }
  }
}

/** A method in an environment as a plain run. */
function rowOf(method: string, env: string, labels: number): PlainRun {
  const { algorithm, tabular, control } = methods[method];
  return { algorithm, env, ...(TABULAR.includes(env) ? tabular : control)!({ labels }) };
}

/** Number of demonstrations in the recorded commands. */
const SHOWN = 10;

/**
 * The commands and the settings of every method in every environment. DAgger's commands ask for the tuned number of
 * labels. `DEMOS` and `EXPERT` are the demonstrations and the run folder of an exact planner.
 */
export function recordedGapRows(): Record<string, RecordedRow> {
  const rows: Record<string, RecordedRow> = {};
  for (const env of [...TABULAR, ...CONTROL]) {
    const isTabular = TABULAR.includes(env);
    for (const [method, { asks, tabular, control }] of Object.entries(methods)) {
      if (!(isTabular ? tabular : control)) continue;
      const { options, ...row } = rowOf(method, env, 0);
      const { roundSteps: _, ...others } = options ?? {};
      const shown = isTabular ? "DEMOS" : `expert --demo-episodes ${SHOWN}`;
      const source = asks ? `--expert ${isTabular ? "EXPERT" : "expert"}` : `--demos ${shown}`;
      rows[`gap/${env}/${method}`] = recordOf({ ...row, options: others }, source);
    }
  }
  return rows;
}

async function gapRun(method: string, given: Given, demonstrations: number, seed: number): Promise<GapRun> {
  const { env, expert, labels } = given;
  const about = { kind: "gap" as const, env, method, demonstrations, seed, labels };
  const { tabular, asItIs } = methods[method];
  const { algorithm, steps } = learnerOf(rowOf(method, env, labels), {
    ...(methods[method].asks ? { expert } : { demonstrations: given.demonstrations }),
  });
  const policy = await train(algorithm, { env, seed, steps });
  if (tabular && TABULAR.includes(env)) {
    const { exact } = await compare(expert, policy, { env, seed, sampled: false, deterministic: !asItIs });
    const { expertValue, learnerValue, gap, epsilon, bound, occupancy } = exact!;
    const { totalVariation } = occupancy;
    return { ...about, expert: expertValue, learner: learnerValue, gap, epsilon, bound, totalVariation };
  }
  const { sampled } = await compare(expert, policy, { env, seed: 1000 + seed, branchPoints: 0 });
  const { normalisedScore: score, gap } = sampled;
  return { ...about, expert: sampled.expert.value, learner: sampled.learner.value, gap: gap.value, score };
}
