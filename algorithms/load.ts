/** @file Loads one algorithm by its name, without the others: a command starts sooner. */

import type { AlgorithmDefinition } from "../src/learning/define.js";

const crowds = () => import("./crowds/index.js");

const loaders: Record<string, () => Promise<{ definition: unknown }>> = {
  a2c: async () => (await import("./rl/a2c.js")).a2c,
  activeLearning: async () => (await import("./active/active-learning.js")).activeLearning,
  aggNet: async () => (await crowds()).aggNet,
  aggregateThenTrain: async () => (await crowds()).aggregateThenTrain,
  airl: async () => (await import("./imitation/airl.js")).airl,
  alil: async () => (await import("./active/alil.js")).alil,
  apprenticeship: async () => (await import("./irl/apprenticeship.js")).apprenticeship,
  bc: async () => (await import("./imitation/bc.js")).bc,
  conal: async () => (await crowds()).conal,
  cql: async () => (await import("./offline/cql.js")).cql,
  crowdCloning: async () => (await import("./imitation/crowd-cloning.js")).crowdCloning,
  crowdInG: async () => (await crowds()).crowdInG,
  crowdLayer: async () => (await crowds()).crowdLayer,
  dagger: async () => (await import("./imitation/dagger.js")).dagger,
  density: async () => (await import("./imitation/density.js")).density,
  densityReward: async () => (await import("./imitation/density-reward.js")).densityReward,
  distributionMatching: async () =>
    (await import("./imitation/distribution-matching.js")).distributionMatching,
  doctorNet: async () => (await crowds()).doctorNet,
  dpo: async () => (await import("./preferences/dpo.js")).dpo,
  dqn: async () => (await import("./rl/dqn.js")).dqn,
  gail: async () => (await import("./imitation/gail.js")).gail,
  gameTheoretic: async () => (await import("./irl/game-theoretic.js")).gameTheoretic,
  guidedFineTuning: async () => (await import("./preferences/guided-fine-tuning.js")).guidedFineTuning,
  ialeImitation: async () => (await import("./active/iale-imitation.js")).ialeImitation,
  iql: async () => (await import("./offline/iql.js")).iql,
  maxCausalEntIrl: async () => (await import("./irl/max-causal-ent-irl.js")).maxCausalEntIrl,
  maxEntIrl: async () => (await import("./irl/max-ent-irl.js")).maxEntIrl,
  maxMig: async () => (await crowds()).maxMig,
  metaCure: async () => (await import("./meta/meta-cure.js")).metaCure,
  milet: async () => (await import("./meta/milet.js")).milet,
  mmaml: async () => (await import("./meta/mmaml.js")).mmaml,
  oracle: async () => (await import("./meta/oracle.js")).oracle,
  orpo: async () => (await import("./preferences/orpo.js")).orpo,
  pearl: async () => (await import("./meta/pearl.js")).pearl,
  policyIteration: async () => (await import("./rl/policy-iteration.js")).policyIteration,
  ppo: async () => (await import("./rl/ppo.js")).ppo,
  preferenceLearning: async () => (await import("./preferences/preference-learning.js")).preferenceLearning,
  promp: async () => (await import("./meta/promp.js")).promp,
  qLearning: async () => (await import("./rl/q-learning.js")).qLearning,
  queryMixer: async () => (await import("./active/query-mixer.js")).queryMixer,
  rewardModel: async () => (await import("./preferences/reward-model.js")).rewardModel,
  rl2: async () => (await import("./meta/rl2.js")).rl2,
  sac: async () => (await import("./rl/sac.js")).sac,
  sarsa: async () => (await import("./rl/sarsa.js")).sarsa,
  sft: async () => (await import("./preferences/sft.js")).sft,
  softValueIteration: async () => (await import("./rl/soft-value-iteration.js")).softValueIteration,
  sqil: async () => (await import("./imitation/sqil.js")).sqil,
  td3: async () => (await import("./rl/td3.js")).td3,
  td3bc: async () => (await import("./offline/td3bc.js")).td3bc,
  traceRegularised: async () => (await crowds()).traceRegularised,
  valueIteration: async () => (await import("./rl/value-iteration.js")).valueIteration,
  varibad: async () => (await import("./meta/varibad.js")).varibad,
};

/** The names of the algorithms of the catalogue. */
export const algorithmNames: readonly string[] = Object.keys(loaders);

/** The definition of the algorithm with this name; `undefined` for a name that is none. */
export async function loadDefinition(name: string): Promise<AlgorithmDefinition | undefined> {
  if (!Object.hasOwn(loaders, name)) return undefined;
  return (await loaders[name]()).definition as AlgorithmDefinition;
}
