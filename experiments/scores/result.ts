/** @file One claim's result, from the run folders of its seeds: curves, and returns of 100 fresh episodes of each policy. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bootstrapInterval, createRng, evaluate, iqm, loadPolicy, mean } from "../../index.js";
import { provenance, type RecordedProvenance } from "../../src/runs/provenance.js";
import { readJson } from "../../src/runs/run-records.js";
import { readRows } from "../../src/runs/sinks/jsonl.js";
import { nameOf, type RunConfig } from "../../src/runs/spec.js";
import type { Claim } from "./claims.js";
import { commandOf } from "./protocol.js";

const EPISODES = 100;
const EVALUATION_SEED = "scores";

/** Of the returns of one policy. */
interface Returns {
  mean: number;
  std: number;
  iqm: number;
  /** 95 % bootstrap interval of the mean. */
  interval: [low: number, high: number];
}

export interface SeedResult {
  seed: number | string;
  /** Of the policy file, which is evaluated again only when it changes. */
  sha256: string;
  /** Training, with its evaluations (s). */
  seconds: number;
  /** Where it was trained: commit, date, versions, machine, and the same of each time that it was gone on with. */
  provenance: Record<string, unknown>;
  /** Environment steps, and the mean return of the evaluation there. */
  curve: [steps: number, value: number][];
  /** The policy's mode. */
  deterministic: Returns;
  /** A sample of the policy in every step. */
  stochastic: Returns;
}

export interface ScoreResult extends Claim {
  /** What trained it. */
  command: string;
  options: Record<string, unknown>;
  steps: number;
  evaluation: { episodes: number; seed: string };
  results: SeedResult[];
  /** Interquartile mean over seeds of the mean return of the policies' modes, with its 95 % bootstrap interval. */
  score: number;
  interval: [low: number, high: number];
  /** The interquartile mean of samples instead of modes. */
  stochasticScore: number;
  /** Of this evaluation. */
  provenance: ReturnType<typeof provenance>;
}

/** @param before An earlier result, whose evaluations hold for policies that are the same. */
export async function resultOf(
  claim: Claim,
  runs: readonly string[],
  before?: ScoreResult,
): Promise<ScoreResult> {
  const results: SeedResult[] = [];
  for (const run of runs) results.push(await seedResult(run, before));
  const config = readJson<RunConfig>(runs[0], "config.json")!;
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
    provenance: provenance(EVALUATION_SEED),
  };
}

async function seedResult(run: string, before?: ScoreResult): Promise<SeedResult> {
  const bytes = readFileSync(join(run, "policy.safetensors"));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const same = before?.results.find((result) => result.sha256 === sha256);
  if (same) return same;
  const { seed, env } = readJson<RunConfig>(run, "config.json")!;
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

/** As the run recorded it, less the commands: where its files lay then is nobody's business. */
function provenanceOf(run: string): Record<string, unknown> {
  const { command: _, resumed, ...made } = readJson<RecordedProvenance>(run, "provenance.json")!;
  return { ...made, ...(resumed && { resumed: resumed.map(({ command: _, ...again }) => again) }) };
}

/** Of seconds of training. */
export const meanSeconds = ({ results }: ScoreResult): number => mean(results.map(({ seconds }) => seconds));
