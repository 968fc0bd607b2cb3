/** @file Loads one algorithm by its name, without the others: a command starts sooner. */

import type { AlgorithmDefinition } from "../src/learning/define.js";

const crowds = () => import("./crowds/index.js");

/** The module of each algorithm, which exports it under the same name. */
const loaders: Record<string, () => Promise<object>> = {
  a2c: () => import("./rl/a2c.js"),
  activeLearning: () => import("./active/active-learning.js"),
  aggNet: crowds,
  aggregateThenTrain: crowds,
  airl: () => import("./imitation/airl.js"),
  alil: () => import("./active/alil.js"),
  apprenticeship: () => import("./irl/apprenticeship.js"),
  bc: () => import("./imitation/bc.js"),
  conal: crowds,
  cql: () => import("./offline/cql.js"),
  crowdCloning: () => import("./imitation/crowd-cloning.js"),
  crowdInG: crowds,
  crowdLayer: crowds,
  dagger: () => import("./imitation/dagger.js"),
  density: () => import("./imitation/density.js"),
  densityReward: () => import("./imitation/density-reward.js"),
  distributionMatching: () => import("./imitation/distribution-matching.js"),
  doctorNet: crowds,
  dpo: () => import("./preferences/dpo.js"),
  dqn: () => import("./rl/dqn.js"),
  gail: () => import("./imitation/gail.js"),
  gameTheoretic: () => import("./irl/game-theoretic.js"),
  guidedFineTuning: () => import("./preferences/guided-fine-tuning.js"),
  ialeImitation: () => import("./active/iale-imitation.js"),
  iql: () => import("./offline/iql.js"),
  maxCausalEntIrl: () => import("./irl/max-causal-ent-irl.js"),
  maxEntIrl: () => import("./irl/max-ent-irl.js"),
  maxMig: crowds,
  metaCure: () => import("./meta/meta-cure.js"),
  milet: () => import("./meta/milet.js"),
  mmaml: () => import("./meta/mmaml.js"),
  oracle: () => import("./meta/oracle.js"),
  orpo: () => import("./preferences/orpo.js"),
  pearl: () => import("./meta/pearl.js"),
  policyIteration: () => import("./rl/policy-iteration.js"),
  ppo: () => import("./rl/ppo.js"),
  preferenceLearning: () => import("./preferences/preference-learning.js"),
  promp: () => import("./meta/promp.js"),
  qLearning: () => import("./rl/q-learning.js"),
  queryMixer: () => import("./active/query-mixer.js"),
  rewardModel: () => import("./preferences/reward-model.js"),
  rl2: () => import("./meta/rl2.js"),
  sac: () => import("./rl/sac.js"),
  sarsa: () => import("./rl/sarsa.js"),
  sft: () => import("./preferences/sft.js"),
  softValueIteration: () => import("./rl/soft-value-iteration.js"),
  sqil: () => import("./imitation/sqil.js"),
  td3: () => import("./rl/td3.js"),
  td3bc: () => import("./offline/td3bc.js"),
  traceRegularised: crowds,
  valueIteration: () => import("./rl/value-iteration.js"),
  varibad: () => import("./meta/varibad.js"),
};

/** The names of the algorithms of the catalogue. */
export const algorithmNames: readonly string[] = Object.keys(loaders);

/** The definition of the algorithm with this name; `undefined` for a name that is none. */
export async function loadDefinition(name: string): Promise<AlgorithmDefinition | undefined> {
  if (!Object.hasOwn(loaders, name)) return undefined;
  const module = (await loaders[name]()) as Record<string, { definition: AlgorithmDefinition }>;
  return module[name].definition;
}
