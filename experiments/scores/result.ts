/** @file The result of a claim from the run folders of its seeds: curves, and returns of each policy in 100 episodes. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluate, loadPolicy, mean } from "../../index.js";
import { type Provenance, provenance } from "../../src/runs/provenance.js";
import { readProvenance, readRunConfig } from "../../src/runs/run-records.js";
import { readRows } from "../../src/runs/sinks/jsonl.js";
import { nameOf } from "../../src/runs/spec.js";
import type { Claim } from "./claims.js";
import { commandOf } from "./protocol.js";

const EPISODES = 100;
/** The seed of the evaluation of a run: each has start states of its own. */
const evaluationSeed = (seed: number | string) => `scores/${seed}`;

/** Statistics of the returns of one policy. */
interface Returns {
  mean: number;
  std: number;
  iqm: number;
  /** 95 % bootstrap interval of the mean. */
  interval: [low: number, high: number];
}

export interface SeedResult {
  seed: number | string;
  /** Checksum of the policy file; the policy is evaluated again only if it or the seed of its evaluation changes. */
  sha256: string;
  /** Training time, including evaluations (s). */
  seconds: number;
  /** Provenance of the training: commit, date, versions and machine, and the same for each resume. */
  provenance: Record<string, unknown>;
  /** Learning curve: environment steps, and the mean return of the evaluation at these steps. */
  curve: [steps: number, value: number][];
  /** The seed of the start states and of the sampled actions. */
  evaluationSeed: string;
  /** Returns of the mode of the policy. */
  deterministic: Returns;
  /** Returns with sampled actions. */
  stochastic: Returns;
}

export interface ScoreResult extends Claim {
  /** The command of the training. */
  command: string;
  options: Record<string, unknown>;
  steps: number;
  episodes: number;
  results: SeedResult[];
  /** Provenance of this evaluation. */
  provenance: Provenance;
}

/** @param before An earlier result; its evaluations are reused for unchanged policies. */
export async function resultOf(
  claim: Claim,
  runs: readonly string[],
  before?: ScoreResult,
): Promise<ScoreResult> {
  const results: SeedResult[] = [];
  for (const run of runs) results.push(await seedResult(run, before));
  const config = readRunConfig(runs[0])!;
  const { options, steps } = config;
  return {
    ...claim,
    command: commandOf(config, `--seeds ${runs.length}`),
    options,
    steps,
    episodes: EPISODES,
    results,
    provenance: await provenance("scores/SEED"),
  };
}

async function seedResult(run: string, before?: ScoreResult): Promise<SeedResult> {
  const bytes = readFileSync(join(run, "policy.safetensors"));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { seed, env } = readRunConfig(run)!;
  const start = evaluationSeed(seed);
  const same = before?.results.find((result) => result.sha256 === sha256 && result.evaluationSeed === start);
  if (same) return same;
  const policy = loadPolicy(bytes);
  const returns = async (deterministic: boolean): Promise<Returns> => {
    const options = { env: nameOf(env), episodes: EPISODES, seed: start, deterministic };
    const { mean, std, iqm, interval } = await evaluate(policy, options);
    return { mean, std, iqm, interval };
  };
  return {
    seed,
    sha256,
    seconds: readRows(run, "metrics").at(-1)!.seconds,
    provenance: provenanceOf(run),
    curve: readRows(run, "evaluations").map((row) => [row.steps, row.mean]),
    evaluationSeed: start,
    deterministic: await returns(true),
    stochastic: await returns(false),
  };
}

/** The provenance that the run recorded, without commands, since these contain local paths. */
function provenanceOf(run: string): Record<string, unknown> {
  const { command: _, resumed, ...made } = readProvenance(run)!;
  return { ...made, ...(resumed && { resumed: resumed.map(({ command: _, ...again }) => again) }) };
}

/** Mean training time of the seeds (s). */
export const meanSeconds = ({ results }: ScoreResult): number => mean(results.map(({ seconds }) => seconds));
