/** @file The result of a claim from the run folders of its seeds: curves, and returns of each policy in 100 episodes. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapInterval, createRng, evaluate, iqm, loadPolicy, mean } from "../../index.js";
import { type Provenance, provenance } from "../../src/runs/provenance.js";
import { readProvenance, readRunConfig } from "../../src/runs/run-records.js";
import { readRows } from "../../src/runs/sinks/jsonl.js";
import { nameOf } from "../../src/runs/spec.js";
import type { Claim } from "./claims.js";
import { commandOf } from "./protocol.js";

const EPISODES = 100;
const EVALUATION_SEED = "scores";

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
  /** Checksum of the policy file; the policy is evaluated again only if it changes. */
  sha256: string;
  /** Training time, including evaluations (s). */
  seconds: number;
  /** Provenance of the training: commit, date, versions and machine, and the same for each resume. */
  provenance: Record<string, unknown>;
  /** Learning curve: environment steps, and the mean return of the evaluation at these steps. */
  curve: [steps: number, value: number][];
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
  evaluation: { episodes: number; seed: string };
  results: SeedResult[];
  /** Interquartile mean over seeds of the mean return of the modes, with its 95 % bootstrap interval. */
  score: number;
  interval: [low: number, high: number];
  /** The interquartile mean for sampled actions. */
  stochasticScore: number;
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
  const scores = results.map(({ deterministic }) => deterministic.mean);
  const rng = createRng(EVALUATION_SEED).stream("seeds");
  return {
    ...claim,
    command: commandOf(config, `--seeds ${runs.length}`),
    options,
    steps,
    evaluation: { episodes: EPISODES, seed: EVALUATION_SEED },
    results,
    score: iqm(scores),
    interval: bootstrapInterval(scores, { rng, statistic: iqm }),
    stochasticScore: iqm(results.map(({ stochastic }) => stochastic.mean)),
    provenance: await provenance(EVALUATION_SEED),
  };
}

async function seedResult(run: string, before?: ScoreResult): Promise<SeedResult> {
  const bytes = readFileSync(join(run, "policy.safetensors"));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const same = before?.results.find((result) => result.sha256 === sha256);
  if (same) return same;
  const { seed, env } = readRunConfig(run)!;
  const policy = loadPolicy(bytes);
  const returns = async (deterministic: boolean): Promise<Returns> => {
    const options = { env: nameOf(env), episodes: EPISODES, seed: EVALUATION_SEED, deterministic };
    const { mean, std, iqm, interval } = await evaluate(policy, options);
    return { mean, std, iqm, interval };
  };
  return {
    seed,
    sha256,
    seconds: readRows(run, "metrics").at(-1)!.seconds,
    provenance: provenanceOf(run),
    curve: readRows(run, "evaluations").map((row) => [row.steps, row.mean]),
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
