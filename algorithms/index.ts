/** @file Every algorithm, and the catalogue that the command line reads. */

import type { z } from "zod";
import { didYouMean, UsageError } from "../src/errors.js";
import type { Algorithm } from "../src/learning/contract.js";
import { airl, airlSchema } from "./imitation/airl.js";
import { bc, bcSchema } from "./imitation/bc.js";
import { dagger, daggerSchema } from "./imitation/dagger.js";
import { density, densitySchema } from "./imitation/density.js";
import { distributionMatching, distributionMatchingSchema } from "./imitation/distribution-matching.js";
import { gail, gailSchema } from "./imitation/gail.js";
import { sqil, sqilSchema } from "./imitation/sqil.js";
import { apprenticeship, apprenticeshipSchema } from "./irl/apprenticeship.js";
import { maxCausalEntIrlSchema, maxEntIrlSchema } from "./irl/entropy/entropy-irl.js";
import { gameTheoretic, gameTheoreticSchema } from "./irl/game-theoretic.js";
import { maxCausalEntIrl } from "./irl/max-causal-ent-irl.js";
import { maxEntIrl } from "./irl/max-ent-irl.js";
import { a2c, a2cSchema } from "./rl/a2c.js";
import { dqn, dqnSchema } from "./rl/dqn.js";
import { policyIteration, policyIterationSchema } from "./rl/policy-iteration.js";
import { ppo, ppoSchema } from "./rl/ppo.js";
import { qLearning } from "./rl/q-learning.js";
import { sac, sacSchema } from "./rl/sac.js";
import { sarsa } from "./rl/sarsa.js";
import { temporalDifferenceSchema } from "./rl/shared/temporal-difference.js";
import { softValueIteration, softValueIterationSchema } from "./rl/soft-value-iteration.js";
import { valueIteration, valueIterationSchema } from "./rl/value-iteration.js";
import { tuned } from "./tuned/index.js";

export * from "../src/people/index.js";
export { type AirlOptions, airl } from "./imitation/airl.js";
export { type BcOptions, bc } from "./imitation/bc.js";
export { type DaggerOptions, dagger } from "./imitation/dagger.js";
export { type DensityOptions, density } from "./imitation/density.js";
export { type DistributionMatchingOptions, distributionMatching } from "./imitation/distribution-matching.js";
export { type GailOptions, gail } from "./imitation/gail.js";
export { type SqilOptions, sqil } from "./imitation/sqil.js";
export { type ApprenticeshipOptions, apprenticeship } from "./irl/apprenticeship.js";
export { type GameTheoreticOptions, gameTheoretic } from "./irl/game-theoretic.js";
export { type MaxCausalEntIrlOptions, maxCausalEntIrl } from "./irl/max-causal-ent-irl.js";
export { type MaxEntIrlOptions, maxEntIrl } from "./irl/max-ent-irl.js";
export type { InverseAlgorithm, LearnedReward } from "./irl/shared/inverse-problem.js";
export { type A2cOptions, a2c } from "./rl/a2c.js";
export { type DqnOptions, dqn } from "./rl/dqn.js";
export { policyIteration } from "./rl/policy-iteration.js";
export { type PpoOptions, ppo } from "./rl/ppo.js";
export { qLearning } from "./rl/q-learning.js";
export { type SacOptions, sac } from "./rl/sac.js";
export { sarsa } from "./rl/sarsa.js";
export type { TemporalDifferenceOptions } from "./rl/shared/temporal-difference.js";
export { type SoftValueIterationOptions, softValueIteration } from "./rl/soft-value-iteration.js";
export { type ValueIterationOptions, valueIteration } from "./rl/value-iteration.js";
export { describeTuned, type Tuned, tuned } from "./tuned/index.js";

export interface CatalogueEntry {
  summary: string;
  /** Its options, with their defaults and meanings. */
  schema: z.ZodObject;
  create(options: Record<string, unknown>): Algorithm;
  /** Options that are not plain data: the command line reads them from files. */
  needs: ("demonstrations" | "expert" | "demonstrations or expert")[];
  /** One that suits it, for whoever names none: CartPole-v1 unless it needs a table or an exact model. */
  environment?: string;
}

/** With an exact model, and few enough states for a table. */
const TABULAR = "FrozenLake-v1";

/** The algorithms by name. */
export const algorithmCatalogue: Record<string, CatalogueEntry> = {
  a2c: {
    summary: "advantage actor-critic: ppo with one gradient step on each short rollout",
    schema: a2cSchema,
    create: a2c as CatalogueEntry["create"],
    needs: [],
  },
  airl: {
    summary: "adversarial inverse reinforcement learning: gail from which a reward can be read",
    schema: airlSchema,
    create: airl as unknown as CatalogueEntry["create"],
    needs: ["demonstrations"],
  },
  apprenticeship: {
    summary: "inverse RL: rewards for which the expert is best, until a mixture matches its features",
    schema: apprenticeshipSchema,
    create: apprenticeship as unknown as CatalogueEntry["create"],
    needs: ["demonstrations or expert"],
  },
  bc: {
    summary: "behaviour cloning: supervised learning from demonstrations",
    schema: bcSchema,
    create: bc as unknown as CatalogueEntry["create"],
    needs: ["demonstrations"],
  },
  dagger: {
    summary: "an expert labels the states that the learner visits",
    schema: daggerSchema,
    create: dagger as unknown as CatalogueEntry["create"],
    needs: ["expert"],
  },
  density: {
    summary: "imitation baseline: going where the demonstrations are dense",
    schema: densitySchema,
    create: density as unknown as CatalogueEntry["create"],
    needs: ["demonstrations"],
  },
  distributionMatching: {
    summary:
      "the learner's occupancy is brought near the expert's: KL either way, Jensen–Shannon, total variation",
    schema: distributionMatchingSchema,
    create: distributionMatching as unknown as CatalogueEntry["create"],
    needs: ["demonstrations"],
  },
  dqn: {
    summary: "deep Q-learning, double by default, for discrete actions; duelling and prioritised on request",
    schema: dqnSchema,
    create: dqn as CatalogueEntry["create"],
    needs: [],
  },
  gail: {
    summary: "generative adversarial imitation: being taken for the expert by a classifier that learns",
    schema: gailSchema,
    create: gail as unknown as CatalogueEntry["create"],
    needs: ["demonstrations"],
  },
  ppo: {
    summary: "proximal policy optimisation: an on-policy expert",
    schema: ppoSchema,
    create: ppo as CatalogueEntry["create"],
    needs: [],
  },
  gameTheoretic: {
    summary: "inverse RL as a game against the reward, which may end up better than the expert",
    schema: gameTheoreticSchema,
    create: gameTheoretic as unknown as CatalogueEntry["create"],
    needs: ["demonstrations or expert"],
  },
  maxCausalEntIrl: {
    summary: "inverse RL: the reward under which the demonstrated actions are likeliest; for random outcomes",
    schema: maxCausalEntIrlSchema,
    create: maxCausalEntIrl as unknown as CatalogueEntry["create"],
    needs: ["demonstrations or expert"],
  },
  maxEntIrl: {
    summary: "inverse RL: the reward under which the demonstrated trajectories are likeliest",
    schema: maxEntIrlSchema,
    create: maxEntIrl as unknown as CatalogueEntry["create"],
    needs: ["demonstrations or expert"],
  },
  policyIteration: {
    summary: "the exact optimal policy of a tabular environment, by rounds of evaluation and improvement",
    schema: policyIterationSchema,
    create: policyIteration as CatalogueEntry["create"],
    needs: [],
    environment: TABULAR,
  },
  qLearning: {
    summary: "off-policy control with a table of action values",
    schema: temporalDifferenceSchema,
    create: qLearning as CatalogueEntry["create"],
    needs: [],
    environment: TABULAR,
  },
  sarsa: {
    summary: "on-policy control with a table of action values",
    schema: temporalDifferenceSchema,
    create: sarsa as CatalogueEntry["create"],
    needs: [],
    environment: TABULAR,
  },
  softValueIteration: {
    summary: "the exact policy that is best in reward and entropy together",
    schema: softValueIterationSchema,
    create: softValueIteration as CatalogueEntry["create"],
    needs: [],
    environment: TABULAR,
  },
  sac: {
    summary: "soft actor-critic: an off-policy expert that needs few steps",
    schema: sacSchema,
    create: sac as CatalogueEntry["create"],
    needs: [],
  },
  sqil: {
    summary: "soft Q imitation: 1 for what the expert did, 0 for what the learner does",
    schema: sqilSchema,
    create: sqil as unknown as CatalogueEntry["create"],
    needs: ["demonstrations"],
  },
  valueIteration: {
    summary: "the exact optimal policy of a tabular environment, by sweeps over its states",
    schema: valueIterationSchema,
    create: valueIteration as CatalogueEntry["create"],
    needs: [],
    environment: TABULAR,
  },
};

/**
 * The algorithm of this name with the settings tuned for an environment, under the options that are given.
 *
 * @throws UsageError for a name that is none, with the nearest that is one, and for options that it does not take.
 */
export function algorithmFor(name: string, env?: string, options: Record<string, unknown> = {}): Algorithm {
  if (!Object.hasOwn(algorithmCatalogue, name)) {
    throw new UsageError(`unknown algorithm "${name}"${didYouMean(name, Object.keys(algorithmCatalogue))}`);
  }
  const settings = env === undefined ? undefined : tuned(name, env)?.options;
  return algorithmCatalogue[name].create({ ...settings, ...options });
}
