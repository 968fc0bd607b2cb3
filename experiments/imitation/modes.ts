/** @file Learners on CartPole-v1 by their modes and by sampled actions. */

import { collect, evaluate, loadExpert, mean, train, UniformPolicy } from "../../index.js";
import { LEAST_RUNS } from "../../src/diagnostics/index.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Policy } from "../../src/policies/contract.js";
import { markdown } from "../lib/markdown.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import { methods } from "./methods.js";

const ENV = "CartPole-v1";
const SHOWN = 5;
const SCORED = 50;

/** The compared methods. */
export const compared = ["distributionMatching", "forwardKl", "gail", "density"];

export interface ModeRun {
  method: string;
  seed: number;
  /** Scores over 50 episodes, with the same start states: 0 for a random policy, 1 for the expert. */
  mode: number;
  sampled: number;
}

const rowOf = (method: string): PlainRun => {
  const { algorithm, control } = methods[method];
  return { algorithm, env: ENV, ...control!({ labels: 0 }) };
};

/** The commands and the settings of the rows. */
export const recordedModeRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    compared.map((method) => [method, recordOf(rowOf(method), `--demos expert --demo-episodes ${SHOWN}`)]),
  );

export async function modeRun(method: string, seed: number): Promise<ModeRun> {
  const expert = await loadExpert(ENV);
  const measured = async (policy: Policy, deterministic: boolean) =>
    (await evaluate(policy, { env: ENV, episodes: SCORED, seed: `score/${seed}`, deterministic })).mean;
  const references = {
    expert: await measured(expert, true),
    random: await measured(new UniformPolicy(expert.observationSpace, expert.actionSpace), false),
  };
  const origin = { env: ENV, episodes: SHOWN, seed: `${seed}/demonstrations`, deterministic: true };
  const { algorithm, steps } = learnerOf(rowOf(method), { demonstrations: await collect(expert, origin) });
  const policy = await train(algorithm, { env: ENV, seed, steps });
  const score = async (deterministic: boolean) =>
    normalisedScore(await measured(policy, deterministic), references);
  return { method, seed, mode: await score(true), sampled: await score(false) };
}

/** One row per method: scores of the mode and of sampled actions, the mean and every seed, or the range of many. */
export function modeTable(runs: readonly ModeRun[]): string {
  const cell = (scores: readonly number[]) => {
    const texts = scores.map((score) => score.toFixed(2));
    const low = Math.min(...scores).toFixed(2);
    const spread =
      scores.length < LEAST_RUNS ? texts.join(", ") : `${low} to ${Math.max(...scores).toFixed(2)}`;
    return `${mean(scores).toFixed(2)} (${spread})`;
  };
  const rows = compared.flatMap((method) => {
    const own = runs.filter((run) => run.method === method).toSorted((a, b) => a.seed - b.seed);
    if (own.length === 0) return [];
    const of = (field: "mode" | "sampled") => cell(own.map((run) => run[field]));
    return [[methods[method].name, String(own.length), of("mode"), of("sampled")]];
  });
  return markdown([["method", "seeds", "mode", "sampled"], ...rows]);
}
