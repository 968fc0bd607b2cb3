/** @file Inverse methods with continuous states: their settings by environment, and one run of a method. */

import { collect, type Demonstrations, evaluate, loadExpert, train, UniformPolicy } from "../../index.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";

/** Number of demonstrated episodes, and of episodes for the score of a learner. */
const SHOWN = 10;
const SCORED = 50;

type Row = Pick<PlainRun, "algorithm" | "options">;

/** A reward network; the default step size is that of networks. */
const network = (kind: "absolute" | "linear"): Row => ({
  algorithm: "maxCausalEntIrl",
  options: { features: { kind }, hidden: [32], learningRate: 0.02 },
});

const methods: Record<string, Row> = {
  "max-margin": { algorithm: "apprenticeship" },
  projection: { algorithm: "apprenticeship", options: { variant: "projection" } },
  gameTheoretic: { algorithm: "gameTheoretic" },
  maxCausalEntIrl: { algorithm: "maxCausalEntIrl" },
  maxEntIrl: { algorithm: "maxEntIrl" },
};

/** The methods by environment, with what differs from the tuned settings. One entry adds a method. */
const sampledRows: Record<string, Record<string, Row>> = {
  "CartPole-v1": { ...methods, network: network("absolute"), "network-signed": network("linear") },
  "Pendulum-v1": { ...methods, network: network("linear") },
};

/** Creates a method from its demonstrations; `iterations` replaces the number of rounds. */
type Method = (shown: { demonstrations: Demonstrations; iterations?: number }) => Algorithm;

export const sampledMethods: Record<string, Record<string, Method>> = Object.fromEntries(
  Object.entries(sampledRows).map(([env, rows]) => [
    env,
    Object.fromEntries(
      Object.entries(rows).map(([name, row]): [string, Method] => [
        name,
        (shown) => learnerOf({ env, ...row }, shown).algorithm,
      ]),
    ),
  ]),
);

/** The commands and the settings of the rows. */
export const recordedSampledRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    Object.entries(sampledRows).flatMap(([env, rows]) =>
      Object.entries(rows).map(([name, row]) => [
        `${env}/${name}`,
        recordOf({ env, ...row }, `--demos expert --demo-episodes ${SHOWN}`),
      ]),
    ),
  );

export const sampledEnvironments = Object.keys(sampledMethods);
/** Names of the methods of all environments. */
export const sampledNames = [...new Set(Object.values(sampledMethods).flatMap(Object.keys))];

/** Methods that are also run from demonstrations of a random policy, as a control. */
export const CONTROLS = ["max-margin", "maxCausalEntIrl"];

/** Demonstrations of the expert and of a random policy, and the score: 0 for a random policy, 1 for the expert. */
export async function continuousTask(env: string) {
  const expert = await loadExpert(env);
  const aimless = new UniformPolicy(expert.observationSpace, expert.actionSpace);
  const measured = async (policy: Policy, deterministic: boolean, seed: number | string) =>
    (await evaluate(policy, { env, episodes: SCORED, seed, deterministic })).mean;
  const references = { expert: await measured(expert, true, 2), random: await measured(aimless, true, 2) };
  return {
    expert: await collect(expert, { env, episodes: SHOWN, seed: 1, deterministic: true }),
    random: await collect(aimless, { env, episodes: SHOWN, seed: 1 }),
    /** @param seed of the learner, which also draws the start states of its episodes */
    score: async (policy: Policy, seed: number, { deterministic = true } = {}) =>
      normalisedScore(await measured(policy, deterministic, `score/${seed}`), references),
  };
}

export interface SampledRun {
  env: string;
  method: string;
  /** The demonstrator. */
  by: "expert" | "random";
  seed: number;
  /** Scores of the mode of the policy, and of sampled actions. */
  score: number;
  drawnScore: number;
  /** ‖μ_E − μ‖ after the first round and after the last. */
  firstGap: number;
  featureGap: number;
  /** Environment steps of the learner, without evaluation steps. */
  learnerSteps: number;
}

export async function sampledRun(
  task: Awaited<ReturnType<typeof continuousTask>>,
  about: Pick<SampledRun, "env" | "method" | "by" | "seed">,
): Promise<SampledRun> {
  const { env, method, by, seed } = about;
  const algorithm = sampledMethods[env][method]({ demonstrations: task[by] });
  const { policy, metrics } = await train.run(algorithm, { env, seed });
  const { featureGap, learnerSteps } = metrics[metrics.length - 1];
  return {
    ...about,
    score: await task.score(policy, seed),
    drawnScore: await task.score(policy, seed, { deterministic: false }),
    firstGap: metrics[0].featureGap,
    featureGap,
    learnerSteps,
  };
}
