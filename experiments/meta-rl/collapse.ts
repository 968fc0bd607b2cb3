/**
 * @file Why a run of MILET gets worse. A run that is good at 550 400 frames and bad at 576 000 is taken apart: which
 * network of the later run spoils the earlier one, and what happens in the same frames with other settings.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type MiletOptions, milet } from "../../algorithms/index.js";
import { createRng, evaluateTrials, mean, train } from "../../index.js";
import type { Problem } from "../../src/env/contracts.js";
import { problemOf } from "../../src/env/problem.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { BeliefPolicy } from "../../src/policies/belief.js";
import type { Rng } from "../../src/random/rng.js";
import { decodeTree } from "../../src/state/checkpoint.js";
import { restore, type Tree } from "../../src/state/snapshot.js";
import { markdown } from "../lib/markdown.js";
import type { Results } from "../lib/results.js";
import { worlds } from "./worlds.js";

export interface Part {
  /** `swap`: networks of two checkpoints; `continue`: the run goes on from the earlier one. */
  kind: "swap" | "continue";
  name: string;
  /** Mean returns of the episodes on the test tasks; [draws][episodes]. */
  returns: number[][];
  /** Agreement of inferred and true clusters after the first episode, by draw. */
  nmi: number[];
}

const { env, environmentOptions, train: tasksOfTraining, test } = worlds["point-clusters"];
const tasks = { train: tasksOfTraining, test };
/** The run, its checkpoints, and the iterations between two of them. */
const [SEED, BEFORE, AFTER, ITERATIONS] = [1, 550_400, 576_000, 40];
/** Random streams of the continuations. */
const DRAWS = 5;
/** Checkpoints before the earlier one whose last trials fill a larger buffer; a buffer holds 1000 trials. */
const OLDER = 7;

/** What is changed in a state. */
interface State {
  buffer: { transitions: Float32Array; capacity: number; added: number };
  batchRng: Rng;
  actionRng: Rng;
}
type Learner = Algorithm<State>;

const learnerWith = (options: MiletOptions) => milet({ tasks, ...options }) as unknown as Learner;

/** The checkpoints from which the encoder and the policies are. */
const swaps: Record<string, ["before" | "after", "before" | "after"]> = {
  "encoder and policies of 550 400": ["before", "before"],
  "encoder and policies of 576 000": ["after", "after"],
  "encoder of 576 000, policies of 550 400": ["after", "before"],
  "encoder of 550 400, policies of 576 000": ["before", "after"],
};

const continuations: Record<string, { options?: MiletOptions; earlierTrials?: true }> = {
  "settings of the run": {},
  "policies kept as they are": { options: { learningRate: 1e-12 } },
  "buffer of 8000 trials, filled with earlier ones": {
    options: { buffer: 8000 },
    earlierTrials: true,
  },
  "encoder's step size 0.0003 in place of 0.001": { options: { vaeLearningRate: 3e-4 } },
};

/** Adds all parts that are missing. */
export async function collapseParts(results: Results<Part>, folder: string): Promise<void> {
  const checkpoints = join(folder, "checkpoints");
  const listed = () => (existsSync(checkpoints) ? readdirSync(checkpoints).sort() : []);
  const stepsOf = (name: string) => Number(/\d+/.exec(name)![0]);
  if (!listed().some((name) => stepsOf(name) === AFTER)) {
    await train(learnerWith({}), {
      ...{ env, environmentOptions, seed: SEED, steps: AFTER, folder },
      resume: existsSync(join(folder, "config.json")),
      checkpoint: { every: 25_000, keep: 40 },
    });
  }
  const names = listed();
  const stateAt = (name: string) =>
    (decodeTree(readFileSync(join(checkpoints, name))) as { state: Tree }).state;
  const nameOf = (steps: number) => names.find((name) => stepsOf(name) === steps)!;
  const problem = await problemOf(env, environmentOptions);

  const policyAt = async (steps: number) => {
    const learner = learnerWith({});
    const state = await learner.init(problem, createRng(0));
    restore(state, stateAt(nameOf(steps)));
    return learner.policy(state) as BeliefPolicy;
  };
  const ends = { before: await policyAt(BEFORE), after: await policyAt(AFTER) };
  const swapped = (encoder: BeliefPolicy, actors: BeliefPolicy) =>
    new BeliefPolicy(encoder.settings, encoder.encoder, actors.actors, actors.statistics);
  for (const [name, [encoder, actors]] of Object.entries(swaps)) {
    const policy = swapped(ends[encoder], ends[actors]);
    await results.keep(`swap/${name}`, async () => partOf("swap", name, [await scores(policy)]));
  }

  const older = names.slice(names.indexOf(nameOf(BEFORE)) - OLDER, names.indexOf(nameOf(BEFORE)) + 1);
  for (const [name, { options = {}, earlierTrials }] of Object.entries(continuations)) {
    await results.keep(`continue/${name}`, async () => {
      const found: Score[] = [];
      for (let draw = 0; draw < DRAWS; draw++) {
        const saved = stateAt(nameOf(BEFORE)) as unknown as State;
        if (earlierTrials)
          saved.buffer = joined(older.map((name) => (stateAt(name) as unknown as State).buffer));
        found.push(await continued(problem, learnerWith(options), saved, draw));
      }
      return partOf("continue", name, found);
    });
  }
}

/** The trials of several buffers, the latest last. */
function joined(buffers: readonly State["buffer"][]): State["buffer"] {
  const size = buffers[0].transitions.length;
  const transitions = new Float32Array(buffers.length * size);
  for (const [k, buffer] of buffers.entries()) transitions.set(buffer.transitions, k * size);
  const capacity = buffers.reduce((sum, buffer) => sum + buffer.capacity, 0);
  return { transitions, capacity, added: capacity };
}

type Score = Pick<Awaited<ReturnType<typeof scores>>, "returns" | "nmi">;

/** The scores after the run went on from `saved` with the random numbers of `draw`. */
async function continued(problem: Problem, learner: Learner, saved: State, draw: number): Promise<Score> {
  const state = await learner.init(problem, createRng(0));
  restore(state, saved as unknown as Tree);
  state.batchRng = createRng(`batches ${draw}`);
  state.actionRng = createRng(`actions ${draw}`);
  for (let k = 0; k < ITERATIONS; k++) await learner.update(state);
  return scores(learner.policy(state) as BeliefPolicy);
}

async function scores(policy: BeliefPolicy) {
  const family = (await problemOf(env, environmentOptions)).family!.tasks;
  const of = learnerWith({}).testTasks!(family);
  const { mean: returns, nmi } = await evaluateTrials(policy, {
    env,
    environmentOptions,
    tasks: of,
    seed: 1,
  });
  return { returns, nmi: nmi![nmi!.length - 1] };
}

const rounded = (value: number) => Number(value.toPrecision(5));
const partOf = (kind: Part["kind"], name: string, found: readonly Score[]): Part => ({
  kind,
  name,
  returns: found.map(({ returns }) => returns.map(rounded)),
  nmi: found.map(({ nmi }) => rounded(nmi)),
});

/** A row a part: returns of the last episode of each draw, and the mean agreement of clusters. */
export function collapseTable(parts: readonly Part[]): string {
  const decimals = (value: number) => value.toFixed(1).replace("-", "−");
  const lasts = ({ returns }: Part) => returns.map((row) => row[row.length - 1]);
  const known = [...Object.keys(swaps), ...Object.keys(continuations)];
  const rows = [...parts]
    .sort((a, b) => known.indexOf(a.name) - known.indexOf(b.name))
    .map((part) => [
      part.kind === "swap" ? part.name : `40 iterations more: ${part.name}`,
      lasts(part).map(decimals).join(", "),
      mean(part.nmi).toFixed(2),
    ]);
  return markdown([["networks or continuation", "return of episode 2", "NMI after episode 1"], ...rows]);
}
