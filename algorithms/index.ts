/** @file Every algorithm, and the catalogue that the command line reads. */

import type * as z from "zod";
import { merge } from "../src/config/merge.js";
import { didYouMean, UsageError } from "../src/errors.js";
import type { Algorithm, Learner } from "../src/learning/contract.js";
import { type AlgorithmDefinition, createFrom, describeNeeds } from "../src/learning/define.js";
import { activeLearning } from "./active/active-learning.js";
import { alil } from "./active/alil.js";
import { ialeImitation } from "./active/iale-imitation.js";
import { queryMixer } from "./active/query-mixer.js";
import {
  aggNet,
  aggregateThenTrain,
  conal,
  crowdInG,
  crowdLayer,
  doctorNet,
  maxMig,
  traceRegularised,
} from "./crowds/index.js";
import { airl } from "./imitation/airl.js";
import { bc } from "./imitation/bc.js";
import { crowdCloning } from "./imitation/crowd-cloning.js";
import { dagger } from "./imitation/dagger.js";
import { density } from "./imitation/density.js";
import { densityReward } from "./imitation/density-reward.js";
import { distributionMatching } from "./imitation/distribution-matching.js";
import { gail } from "./imitation/gail.js";
import { sqil } from "./imitation/sqil.js";
import { apprenticeship } from "./irl/apprenticeship.js";
import { gameTheoretic } from "./irl/game-theoretic.js";
import { maxCausalEntIrl } from "./irl/max-causal-ent-irl.js";
import { maxEntIrl } from "./irl/max-ent-irl.js";
import { metaCure } from "./meta/meta-cure.js";
import { milet } from "./meta/milet.js";
import { mmaml } from "./meta/mmaml.js";
import { oracle } from "./meta/oracle.js";
import { pearl } from "./meta/pearl.js";
import { promp } from "./meta/promp.js";
import { rl2 } from "./meta/rl2.js";
import { varibad } from "./meta/varibad.js";
import { cql } from "./offline/cql.js";
import { iql } from "./offline/iql.js";
import { td3bc } from "./offline/td3bc.js";
import { dpo } from "./preferences/dpo.js";
import { guidedFineTuning } from "./preferences/guided-fine-tuning.js";
import { orpo } from "./preferences/orpo.js";
import { preferenceLearning } from "./preferences/preference-learning.js";
import { rewardModel } from "./preferences/reward-model.js";
import { sft } from "./preferences/sft.js";
import { a2c } from "./rl/a2c.js";
import { dqn } from "./rl/dqn.js";
import { policyIteration } from "./rl/policy-iteration.js";
import { ppo } from "./rl/ppo.js";
import { qLearning } from "./rl/q-learning.js";
import { sac } from "./rl/sac.js";
import { sarsa } from "./rl/sarsa.js";
import { softValueIteration } from "./rl/soft-value-iteration.js";
import { td3 } from "./rl/td3.js";
import { valueIteration } from "./rl/value-iteration.js";
import { describeTunedFor, type Tuned, tunedFor } from "./tuned/index.js";

export type * from "../src/learning/contract.js";
export {
  type AlgorithmDefinition,
  type DataSource,
  type DefinedAlgorithm,
  defineAlgorithm,
} from "../src/learning/define.js";
export * from "../src/people/index.js";
export { type ActiveLearningOptions, activeLearning } from "./active/active-learning.js";
export { type AlilOptions, alil } from "./active/alil.js";
export { type IaleImitationOptions, ialeImitation } from "./active/iale-imitation.js";
export { type QueryMixerOptions, queryMixer } from "./active/query-mixer.js";
export * from "./crowds/index.js";
export { type AirlOptions, airl } from "./imitation/airl.js";
export { type BcOptions, bc } from "./imitation/bc.js";
export { type CrowdCloning, type CrowdCloningOptions, crowdCloning } from "./imitation/crowd-cloning.js";
export { type DaggerOptions, dagger } from "./imitation/dagger.js";
export { type DensityOptions, density } from "./imitation/density.js";
export { type DensityRewardOptions, densityReward } from "./imitation/density-reward.js";
export { type DistributionMatchingOptions, distributionMatching } from "./imitation/distribution-matching.js";
export { type GailOptions, gail } from "./imitation/gail.js";
export { type SqilOptions, sqil } from "./imitation/sqil.js";
export { type ApprenticeshipOptions, apprenticeship } from "./irl/apprenticeship.js";
export { type GameTheoreticOptions, gameTheoretic } from "./irl/game-theoretic.js";
export { type MaxCausalEntIrlOptions, maxCausalEntIrl } from "./irl/max-causal-ent-irl.js";
export { type MaxEntIrlOptions, maxEntIrl } from "./irl/max-ent-irl.js";
export type { InverseAlgorithm, LearnedReward } from "./irl/shared/contract.js";
export { loadReward, saveReward } from "./irl/shared/learned-reward.js";
export { withReward } from "./irl/shared/with-reward.js";
export { type MetaCureOptions, metaCure } from "./meta/meta-cure.js";
export { type MiletOptions, milet } from "./meta/milet.js";
export { type MmamlOptions, mmaml } from "./meta/mmaml.js";
export { type OracleOptions, oracle } from "./meta/oracle.js";
export { type PearlOptions, pearl } from "./meta/pearl.js";
export { type PrompOptions, promp } from "./meta/promp.js";
export { type Rl2Options, rl2 } from "./meta/rl2.js";
export { type VaribadOptions, varibad } from "./meta/varibad.js";
export { type CqlOptions, cql } from "./offline/cql.js";
export { type IqlOptions, iql } from "./offline/iql.js";
export { type Td3bcOptions, td3bc } from "./offline/td3bc.js";
export { bradleyTerry } from "./preferences/bradley-terry.js";
export { type DpoOptions, dpo } from "./preferences/dpo.js";
export { type GuidedFineTuningOptions, guidedFineTuning } from "./preferences/guided-fine-tuning.js";
export { type OrpoOptions, orpo } from "./preferences/orpo.js";
export { type PreferenceLearningOptions, preferenceLearning } from "./preferences/preference-learning.js";
export { type RewardModelOptions, rewardModel } from "./preferences/reward-model.js";
export { type SftOptions, sft } from "./preferences/sft.js";
export {
  type AnnotatorReport,
  annotatorReports,
  type Trust as AnnotatorTrust,
  trustIn,
  weighDemonstrations,
  weighPreferences,
} from "./preferences/shared/trust.js";
export { type A2cOptions, a2c } from "./rl/a2c.js";
export { type DqnOptions, dqn } from "./rl/dqn.js";
export { policyIteration } from "./rl/policy-iteration.js";
export { type PpoOptions, ppo } from "./rl/ppo.js";
export { qLearning } from "./rl/q-learning.js";
export { type SacOptions, sac } from "./rl/sac.js";
export { sarsa } from "./rl/sarsa.js";
export type { TemporalDifferenceOptions } from "./rl/shared/temporal-difference.js";
export { type SoftValueIterationOptions, softValueIteration } from "./rl/soft-value-iteration.js";
export { type Td3Options, td3 } from "./rl/td3.js";
export { type ValueIterationOptions, valueIteration } from "./rl/value-iteration.js";
export type { Tuned } from "./tuned/index.js";

/** What definitions of the catalogue make: a learner of a policy in an environment, or one of a data set. */
type CatalogueLearner = Algorithm | Learner;

/**
 * The definitions of all algorithms, by kind (active learning, crowds, imitation, inverse RL, meta-RL, offline RL, preferences, RL) and then by
 * name: the command line, the reference pages and the tests go through them.
 */
export const catalogue: readonly AlgorithmDefinition<z.ZodObject, CatalogueLearner>[] = [
  activeLearning,
  queryMixer,
  alil,
  ialeImitation,

  aggregateThenTrain,
  crowdInG,
  crowdLayer,
  conal,
  aggNet,
  maxMig,
  doctorNet,
  traceRegularised,

  airl,
  bc,
  crowdCloning,
  dagger,
  density,
  densityReward,
  distributionMatching,
  gail,
  sqil,

  apprenticeship,
  gameTheoretic,
  maxCausalEntIrl,
  maxEntIrl,

  metaCure,
  milet,
  mmaml,
  oracle,
  pearl,
  promp,
  rl2,
  varibad,

  cql,
  iql,
  td3bc,

  dpo,
  guidedFineTuning,
  orpo,
  preferenceLearning,
  rewardModel,
  sft,

  a2c,
  dqn,
  policyIteration,
  ppo,
  qLearning,
  sac,
  sarsa,
  softValueIteration,
  td3,
  valueIteration,
].map(({ definition }) => definition);

/** An algorithm of the catalogue. `create` fills in the defaults and checks the options. */
export interface CatalogueEntry extends Omit<AlgorithmDefinition, "create" | "needs"> {
  /** What must be given, in words, such as "demonstrations or expert". */
  needs: readonly string[];
  /** Only a learner with a `policy` is trained in an environment. */
  create(options: Record<string, unknown>): CatalogueLearner;
}

/** The algorithms by name. */
export const algorithmCatalogue: Record<string, CatalogueEntry> = Object.fromEntries(
  catalogue.map((definition) => [
    definition.name,
    {
      ...definition,
      needs: describeNeeds(definition),
      create: (options: Record<string, unknown>) => createFrom(definition, options),
    },
  ]),
);

const tunable = (name: string) =>
  Object.hasOwn(algorithmCatalogue, name) ? algorithmCatalogue[name] : { name };

/**
 * The tuned settings of an algorithm for an environment, if there are any. An imitation algorithm with a policy
 * optimiser inside uses the settings of the optimiser, unless it has its own.
 */
export const tuned = (algorithm: string, env: string): Tuned | undefined => tunedFor(tunable(algorithm), env);

/**
 * One line with the tuned settings in use and their source. Settings that the user has changed are left out.
 *
 * @param options The options of the algorithm, with defaults filled in.
 */
export const describeTuned = (algorithm: string, env: string, options: Record<string, unknown>): string =>
  describeTunedFor(tunable(algorithm), env, options);

/**
 * The algorithm of this name, with the settings tuned for an environment and `options`, which take precedence.
 *
 * @throws UsageError for a name that is none, with the nearest that is one, for options that it does not take, and for a
 * learner that needs no environment.
 */
export function algorithmFor(name: string, env?: string, options: Record<string, unknown> = {}): Algorithm {
  if (!Object.hasOwn(algorithmCatalogue, name)) {
    throw new UsageError(`unknown algorithm "${name}"${didYouMean(name, Object.keys(algorithmCatalogue))}`);
  }
  const entry = algorithmCatalogue[name];
  const settings = env === undefined ? undefined : tuned(name, env)?.options;
  const learner = entry.create(merge(settings ?? {}, options, entry.schema));
  if (!("policy" in learner)) {
    throw new UsageError(`${name} learns from a data set, in no environment: use train("${name}", { data })`);
  }
  return learner;
}
