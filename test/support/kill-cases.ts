/** @file The runs that are killed and resumed: an entry here is covered by the tests. */

import {
  a2c,
  alil,
  apprenticeship,
  bc,
  conal,
  cql,
  crowdInG,
  dagger,
  dpo,
  dqn,
  gail,
  guidedFineTuning,
  ialeImitation,
  iql,
  maxCausalEntIrl,
  metaCure,
  milet,
  mmaml,
  oracle,
  orpo,
  pearl,
  ppo,
  preferenceLearning,
  promp,
  queryMixer,
  rewardModel,
  rl2,
  sac,
  sft,
  td3,
  valueIteration,
  varibad,
} from "../../algorithms/index.js";
import "../../envs/index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { collect } from "../../src/measure/collect.js";
import { type TrainOnDataOptions, type TrainOptions, train } from "../../src/runs/train.js";
import { loadExpert } from "../../src/zoo/experts.js";
import { blobs } from "./blobs.js";
import { chainEnvironment, randomSearch } from "./chain.js";
import { labelledItems } from "./crowd-items.js";
import { coin } from "./crowds.js";
import { logisticRegression, twoClouds } from "./logistic-regression.js";
import { shownPreferences } from "./preferences.js";

export interface KillCase {
  algorithm:
    | Algorithm
    | ReturnType<typeof logisticRegression>
    | ReturnType<typeof rewardModel>
    | ReturnType<typeof ialeImitation>;
  options: TrainOptions | (TrainOnDataOptions<unknown> & { workers?: number });
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const LAKE = "FrozenLake-v1";
const lakeExpert = () => train(valueIteration(), { env: LAKE });
const lakeDemonstrations = async () => collect(await lakeExpert(), { env: LAKE, episodes: 20 });

const shortTrials = {
  env: "PointGoal-v0",
  environmentOptions: { maxEpisodeSteps: 6 },
  steps: 1440,
  evaluate: { every: 480 },
};

/** A network on items that three people label, with labels held out. */
function fromAnnotations(create: typeof conal | typeof crowdInG, own: object): KillCase {
  const { annotations, items } = labelledItems([coin(0.9, 3), coin(0.8, 3), coin(0.5, 3)], {
    items: 200,
    each: 2,
  });
  const settings = { annotations, hidden: [8], minibatchSize: 32, heldOut: 0.2 };
  return {
    algorithm: create({ ...settings, ...own }) as unknown as Algorithm,
    options: { data: items, evaluate: { every: 5 }, checkpoint: { every: 1 } },
  };
}

/** A few seconds each at most, and ten iterations and more, so that there is something to interrupt. */
export const killCases: Record<string, () => KillCase | Promise<KillCase>> = {
  "random search": () => ({
    algorithm: randomSearch({ sabotage: () => pause(2) }),
    options: {
      env: chainEnvironment,
      steps: 6000,
      evaluate: { every: 1000, episodes: 5 },
      sinks: ["csv", "tensorboard"],
    },
  }),
  "random search with a checkpoint every iteration": () => ({
    algorithm: randomSearch(),
    options: { env: chainEnvironment, steps: 5000, checkpoint: { every: 1, keep: 2 } },
  }),
  "ppo with memory, normalisation and schedules": () => ({
    algorithm: ppo({
      environments: 4,
      minibatchSize: 64,
      epochs: 4,
      hidden: [16],
      recurrentUnits: 8,
      normaliseObservations: true,
      normaliseRewards: true,
      learningRate: { from: 1e-2, to: 1e-4, steps: 4000 },
      clip: { from: 0.3, to: 0.1, steps: 4000, shape: "cosine" },
    }),
    options: { env: "Pendulum-v1", steps: 2400, evaluate: { every: 1000, episodes: 3 } },
  }),
  "ppo in worker threads": () => ({
    algorithm: ppo({
      environments: 4,
      minibatchSize: 64,
      epochs: 2,
      hidden: [16],
      normaliseObservations: true,
      normaliseRewards: true,
    }),
    options: { env: "Pendulum-v1", workers: 2, steps: 2048, evaluate: { every: 1000, episodes: 3 } },
  }),
  "sac in worker threads": () => ({
    algorithm: sac({
      environments: 4,
      hidden: [16],
      minibatchSize: 32,
      replaySize: 500,
      learningStarts: 64,
      trainEvery: 32,
      gradientSteps: 8,
      nStep: 3,
    }),
    options: { env: "Pendulum-v1", workers: 2, steps: 1000, checkpoint: { every: 1 } },
  }),
  "query mixer": async () => ({
    algorithm: queryMixer({
      expert: await train(valueIteration(), { env: "Gridworld-v0" }),
      mistake: 0.1,
      members: 4,
      budget: 60,
    }),
    options: { env: "Gridworld-v0", evaluate: { every: 5, episodes: 3 }, checkpoint: { every: 1 } },
  }),
  "preference learning": () => ({
    algorithm: preferenceLearning({
      optimiser: { environments: 4, rolloutSteps: 32, minibatchSize: 64, epochs: 2, hidden: [16] },
      comparisons: 30,
      rounds: 4,
      roundSteps: 512,
      segmentLength: 12,
      hidden: [8],
      epochs: 3,
    }),
    options: { env: "CartPole-v1", steps: 4000, evaluate: { every: 1000, episodes: 3 } },
  }),
  dpo: async () => ({
    algorithm: dpo({ preferences: await shownPreferences(), hidden: [16], epochs: 200 }),
    options: { env: "CartPole-v1", evaluate: { every: 100, episodes: 3 } },
  }),
  sft: async () => ({
    algorithm: sft({ preferences: await shownPreferences({ pairs: 20 }), hidden: [8], epochs: 80 }),
    options: { env: "CartPole-v1", evaluate: { every: 40, episodes: 2 } },
  }),
  orpo: async () => ({
    algorithm: orpo({ preferences: await shownPreferences({ pairs: 20 }), hidden: [8], epochs: 80 }),
    options: { env: "CartPole-v1", evaluate: { every: 40, episodes: 2 } },
  }),
  "guided fine-tuning": async () => ({
    algorithm: guidedFineTuning({
      teacher: await loadExpert("CartPole-v1"),
      rounds: 40,
      answers: 8,
      epochs: 2,
      hidden: [8],
    }),
    options: { env: "CartPole-v1", evaluate: { every: 10, episodes: 3 } },
  }),
  pearl: () => ({
    algorithm: pearl({
      environments: 4,
      tasks: { train: 6, test: 4 },
      hidden: [8],
      encoderHidden: [8],
      metaBatch: 4,
      minibatchSize: 16,
      gradientSteps: 4,
      temperature: "learned",
    }),
    options: shortTrials,
  }),
  metaCure: () => ({
    algorithm: metaCure({
      environments: 4,
      tasks: { train: 6, test: 4 },
      hidden: [8],
      encoderHidden: [8],
      encoderUnits: 6,
      decoderHidden: [8],
      metaBatch: 4,
      minibatchSize: 16,
      gradientSteps: 4,
    }),
    options: shortTrials,
  }),
  rl2: () => ({
    algorithm: rl2({
      environments: 4,
      epochs: 2,
      hidden: [8],
      recurrentUnits: 8,
      tasks: { train: 20, test: 4 },
    }),
    options: { env: "PointGoal-v0", steps: 2400, evaluate: { every: 1000 } },
  }),
  varibad: () => ({
    algorithm: varibad({
      environments: 4,
      epochs: 2,
      hidden: [8],
      encoderUnits: 8,
      vaeBatch: 4,
      warmUp: 500,
      buffer: 20,
    }),
    options: { env: "GridNavi-v0", steps: 3600, evaluate: { every: 1500 } },
  }),
  milet: () => ({
    algorithm: milet({
      environments: 4,
      epochs: 2,
      hidden: [8],
      encoderUnits: 8,
      vaeBatch: 4,
      warmUp: 500,
      buffer: 20,
      priorEvery: 7,
      tasks: { train: 20, test: 4 },
    }),
    options: { env: "PointGoal-v0", steps: 3200, evaluate: { every: 1000 } },
  }),
  "oracle, a learner for each cluster in turn": () => ({
    algorithm: oracle({
      environments: 2,
      epochs: 1,
      minibatches: 1,
      hidden: [8],
      encoderUnits: 4,
      vaeBatch: 2,
      warmUp: 0,
      buffer: 4,
      tasks: { train: 8, test: 4 },
    }),
    options: { ...shortTrials, steps: 720, evaluate: { every: 240 } },
  }),
  a2c: () => ({
    algorithm: a2c({ hidden: [16], normaliseObservations: true }),
    options: { env: "CartPole-v1", steps: 4000, evaluate: { every: 1000, episodes: 5 } },
  }),
  "dqn in worker threads": () => ({
    algorithm: dqn({
      environments: 2,
      hidden: [16],
      minibatchSize: 32,
      replaySize: 500,
      learningStarts: 64,
      trainEvery: 16,
      gradientSteps: 8,
      nStep: 2,
      duelling: true,
      prioritised: true,
    }),
    options: { env: "CartPole-v1", workers: 2, steps: 1000, evaluate: { every: 500, episodes: 2 } },
  }),
  "mmaml, which is promp with several inner steps and a modulation": () => ({
    algorithm: mmaml({
      innerSteps: 2,
      metaBatch: 4,
      hidden: [8],
      modulationUnits: 4,
      tasks: { train: 6, test: 2 },
    }),
    options: {
      env: "PointGoal-v0",
      environmentOptions: { episodesPerTask: 3 },
      steps: 6000,
      evaluate: { every: 2000 },
    },
  }),
  promp: () => ({
    algorithm: promp({ metaBatch: 2, hidden: [8], tasks: { train: 6, test: 2 } }),
    options: { ...shortTrials, steps: 720, evaluate: { every: 240 } },
  }),
  bc: async () => ({
    algorithm: bc({ demonstrations: await lakeDemonstrations(), epochs: 60, heldOut: 0.2, patience: 60 }),
    options: { env: LAKE, evaluate: { every: 500, episodes: 5 } },
  }),
  "conal, from annotations": () => fromAnnotations(conal, { epochs: 40 }),
  "crowdInG, from annotations": () =>
    fromAnnotations(crowdInG, { epochs: 24, augmented: 12, rounds: 1, pairs: 512 }),
  td3: () => ({
    algorithm: td3({ hidden: [16], minibatchSize: 32, learningStarts: 64, trainEvery: 32, gradientSteps: 7 }),
    options: { env: "Pendulum-v1", steps: 1600, evaluate: { every: 500, episodes: 3 } },
  }),
  "iql, evaluated in an environment": async () => ({
    algorithm: iql({
      demonstrations: await lakeDemonstrations(),
      hidden: [16],
      minibatchSize: 32,
      updates: 5000,
    }),
    options: { env: LAKE, evaluate: { every: 1000, episodes: 5 } },
  }),
  "cql without an environment": async () => ({
    algorithm: cql({
      demonstrations: await collect(await loadExpert("Pendulum-v1"), { env: "Pendulum-v1", episodes: 2 }),
      hidden: [8],
      minibatchSize: 16,
      samples: 2,
      updates: 2400,
      heldOut: 0.5,
    }),
    options: { evaluate: { every: 800 } },
  }),
  dagger: async () => ({
    algorithm: dagger({
      expert: await loadExpert("CartPole-v1"),
      rounds: 12,
      roundSteps: 200,
      epochs: 1,
      normaliseObservations: true,
    }),
    options: { env: "CartPole-v1", evaluate: { every: 500, episodes: 5 } },
  }),
  gail: async () => ({
    algorithm: gail({
      demonstrations: await lakeDemonstrations(),
      optimiser: { algorithm: "ppo", hidden: [16], epochs: 4 },
      discriminator: { hidden: [16], updates: 4 },
    }),
    options: { env: LAKE, steps: 6000, evaluate: { every: 2000, episodes: 5 } },
  }),
  "reward model": async () => ({
    algorithm: rewardModel({ hidden: [8], horizon: "variable", iterations: 40 }),
    options: { data: await shownPreferences(), checkpoint: { every: 2 }, sinks: ["csv"] },
  }),
  ialeImitation: () => ({
    algorithm: ialeImitation({
      ...{ initial: 6, batch: 4, subPool: 20, budget: 26, episodes: 3, judge: 30, epochs: 4, members: 2 },
      classifier: { name: "mlp", hidden: [4], fitSteps: 4, samples: 3 },
      hidden: [8],
    }),
    options: { data: blobs(), checkpoint: { every: 1 } },
  }),
  alil: () => ({
    algorithm: alil({
      ...{ initial: 6, budget: 14, candidates: 3, episodes: 2, judge: 30, epochs: 4 },
      classifier: { name: "mlp", hidden: [4], fitSteps: 4 },
      hidden: [8],
    }),
    options: { data: blobs(), checkpoint: { every: 1 } },
  }),
  "a learner without an environment": () => ({
    algorithm: logisticRegression({ updates: 3000 }),
    options: { data: twoClouds(200), evaluate: { every: 300 }, checkpoint: { every: 40 }, sinks: ["csv"] },
  }),
  apprenticeship: async () => ({
    algorithm: apprenticeship({ demonstrations: await lakeDemonstrations(), iterations: 20 }),
    options: { env: LAKE, evaluate: { every: 5, episodes: 5 } },
  }),
  maxCausalEntIrl: async () => ({
    algorithm: maxCausalEntIrl({ demonstrations: await lakeDemonstrations(), l2: 1e-3, iterations: 20 }),
    options: { env: LAKE, evaluate: { every: 5, episodes: 5 } },
  }),
};
