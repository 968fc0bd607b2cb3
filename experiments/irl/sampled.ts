/** @file Inverse methods with continuous states: their settings by environment, and one run of a method. */

import {
  type ApprenticeshipOptions,
  apprenticeship,
  type GameTheoreticOptions,
  gameTheoretic,
  type MaxCausalEntIrlOptions,
  type MaxEntIrlOptions,
  maxCausalEntIrl,
  maxEntIrl,
} from "../../algorithms/index.js";
import type { FeatureFunction } from "../../algorithms/irl/shared/features.js";
import { collect, type Demonstrations, evaluate, loadExpert, train, UniformPolicy } from "../../index.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";

/** Number of demonstrated episodes, and of episodes for the score of a learner. */
const SHOWN = 10;
const SCORED = 50;

/** Creates a method from its demonstrations; `iterations` replaces the number of rounds. */
type Method = (shown: { demonstrations: Demonstrations; iterations?: number }) => Algorithm;

/** Features: the numbers of an observation, divided by the given units. */
const inUnits =
  (units: number[]): FeatureFunction =>
  (observation) =>
    units.map((unit, i) => observation[i] / unit);

/** Features: 1, the scaled numbers and their squares. */
const quadratic = (units: number[]): FeatureFunction => {
  const scaled = inUnits(units);
  return (observation) => {
    const x = Array.from(scaled(observation));
    return [1, ...x, ...x.map((value) => value * value)];
  };
};

const magnitudes = (units: number[]): FeatureFunction => {
  const scaled = inUnits(units);
  return (observation) => Array.from(scaled(observation), Math.abs);
};

/** Units of CartPole: half of the track, the largest angle, and velocities that are rarely exceeded. */
const cartPole = [2.4, 3, 0.21, 3];
/** Units of Pendulum: 1 for cosine and sine of the angle, and the largest angular velocity. */
const pendulum = [1, 1, 8];

const ppo = {
  algorithm: "ppo",
  environments: 32,
  rolloutSteps: 64,
  minibatchSize: 256,
  epochs: 10,
  gaeLambda: 0.9,
  learningRate: 1e-3,
};

/** SAC with fast learning, to follow a changing reward. */
const sac = (discount: number, options: { temperature?: number } = {}) => ({
  algorithm: "sac",
  environments: 4,
  hidden: [64, 64],
  learningRate: 3e-3,
  learningStarts: 500,
  minibatchSize: 64,
  tau: 0.02,
  discount,
  ...options,
});

const one = (algorithm: unknown) => algorithm as Algorithm;

const apprentice =
  (settings: ApprenticeshipOptions): Method =>
  (shown) =>
    one(apprenticeship({ ...settings, iterations: 6, ...shown }));

const game =
  (settings: GameTheoreticOptions): Method =>
  (shown) =>
    one(gameTheoretic({ ...settings, ...shown }));

const causal =
  (settings: MaxCausalEntIrlOptions & { discount: number }): Method =>
  (shown) => {
    const optimiser = sac(settings.discount, { temperature: 1 });
    return one(maxCausalEntIrl({ optimiser, optimiserUpdates: 4, episodes: 10, ...settings, ...shown }));
  };

const trajectories =
  (settings: MaxEntIrlOptions): Method =>
  (shown) =>
    one(maxEntIrl({ iterations: 24, ...settings, ...shown }));

const onCartPole = { features: quadratic(cartPole), optimiser: ppo, episodes: 20 };
const softCartPole = { discount: 0.99, iterations: 40 };
const onPendulum = { features: quadratic(pendulum), optimiser: sac(0.98), episodes: 10 };
const softPendulum = { discount: 0.98, iterations: 36 };

/** The methods and their settings, by environment. One entry adds a method. */
export const sampledMethods: Record<string, Record<string, Method>> = {
  "CartPole-v1": {
    "max-margin": apprentice({ ...onCartPole, optimiserUpdates: 10 }),
    projection: apprentice({ ...onCartPole, optimiserUpdates: 10, variant: "projection" }),
    gameTheoretic: game({ ...onCartPole, optimiserUpdates: 5, iterations: 20 }),
    maxCausalEntIrl: causal({ ...softCartPole, features: quadratic(cartPole), learningRate: 0.2 }),
    maxEntIrl: trajectories({ ...onCartPole, optimiserUpdates: 4, learningRate: 0.1 }),
    network: causal({ ...softCartPole, features: magnitudes(cartPole), hidden: [32] }),
    "network-signed": causal({ ...softCartPole, features: inUnits(cartPole), hidden: [32] }),
  },
  "Pendulum-v1": {
    "max-margin": apprentice({ ...onPendulum, optimiserUpdates: 20 }),
    projection: apprentice({ ...onPendulum, optimiserUpdates: 20, variant: "projection" }),
    gameTheoretic: game({ ...onPendulum, optimiserUpdates: 8, iterations: 30 }),
    maxCausalEntIrl: causal({ ...softPendulum, features: quadratic(pendulum), learningRate: 0.3 }),
    maxEntIrl: trajectories({ ...onPendulum, optimiserUpdates: 6, learningRate: 0.3 }),
    network: causal({ ...softPendulum, features: inUnits(pendulum), hidden: [32] }),
  },
};

export const sampledEnvironments = Object.keys(sampledMethods);
/** Names of the methods of all environments. */
export const sampledNames = [...new Set(Object.values(sampledMethods).flatMap(Object.keys))];

/** Methods that are also run from demonstrations of a random policy, as a control. */
export const CONTROLS = ["max-margin", "maxCausalEntIrl"];

/** Demonstrations of the expert and of a random policy, and the score: 0 for a random policy, 1 for the expert. */
export async function continuousTask(env: string) {
  const expert = await loadExpert(env);
  const aimless = new UniformPolicy(expert.observationSpace, expert.actionSpace);
  const measured = async (policy: Policy, deterministic: boolean) =>
    (await evaluate(policy, { env, episodes: SCORED, seed: 2, deterministic })).mean;
  const references = { expert: await measured(expert, true), random: await measured(aimless, true) };
  return {
    expert: await collect(expert, { env, episodes: SHOWN, seed: 1, deterministic: true }),
    random: await collect(aimless, { env, episodes: SHOWN, seed: 1 }),
    score: async (policy: Policy, { deterministic = true } = {}) =>
      normalisedScore(await measured(policy, deterministic), references),
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
    score: await task.score(policy),
    drawnScore: await task.score(policy, { deterministic: false }),
    firstGap: metrics[0].featureGap,
    featureGap,
    learnerSteps,
  };
}
