/**
 * @file Benchmark of the fit of rewards to 700 comparisons of segments of 50 steps, on one core: of the ensemble of
 * networks in preference learning, and of the rewards of a folder. Prints one JSON line per result, in processor seconds.
 */

import { rewardModel } from "../algorithms/index.js";
import {
  type Comparison,
  createRewardState,
  fitReward,
} from "../algorithms/preferences/preference-learning/fit.js";
import { rewardEnsemble } from "../algorithms/preferences/reward-ensemble.js";
import { preferencesOf } from "../src/datasets/preferences.js";
import { createRng } from "../src/random/rng.js";
import { box, discrete } from "../src/spaces/index.js";

const [COMPARISONS, STEPS, FEATURES, EPOCHS] = [700, 50, 3, 50];
const spaces = { observationSpace: box([FEATURES], -9, 9), actionSpace: discrete(2) };
const rng = createRng("bench");
const segments = Array.from({ length: 2 * COMPARISONS }, () => ({
  observations: rng.fillNormal(new Float32Array((STEPS + 1) * FEATURES)),
  actions: Int32Array.from({ length: STEPS }, () => rng.integer(2)),
  rewards: new Float64Array(STEPS),
  terminated: false,
}));
// Answers at random, which no reward predicts so well that the fit ends early.
const comparisons: Comparison[] = Array.from({ length: COMPARISONS }, (_, i) => ({
  ...{ id: i + 1, left: 2 * i, right: 2 * i + 1, target: rng.integer(2) },
}));

async function cpuSeconds(run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const print = (name: string, value: number) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(3)), unit: "s of processor time" }));

const sizes = `${COMPARISONS} comparisons of ${STEPS} steps`;
for (const [hidden, epochs] of [
  [[64, 64], EPOCHS],
  [[256, 256], 2],
] as const) {
  const options = {
    ...{
      ensemble: 3,
      input: "pair" as const,
      hidden,
      activation: "tanh" as const,
      learningRate: 1e-3,
      l2: 1e-4,
    },
    ...{ minibatchSize: 32, segmentLength: STEPS, lapse: 0, heldOut: 0, stopAccuracy: 1 },
  };
  const ensemble = rewardEnsemble(spaces, options);
  const fitFor = (epochs: number) => {
    const state = createRewardState(ensemble, spaces, 3, createRng(0));
    return fitReward(state, ensemble, spaces, { segments, comparisons }, { ...options, epochs });
  };
  // The programs are compiled before.
  await fitFor(1);
  print(
    `three networks of ${hidden.join("×")} on ${sizes}, ${epochs} epochs`,
    await cpuSeconds(() => fitFor(epochs)),
  );
}

const preferences = preferencesOf(
  segments,
  comparisons.map(({ target, ...one }) => ({ ...one, choice: target === 1 ? "left" : "right" })),
  { env: "bench", ...spaces },
);
for (const ensemble of [1, 3]) {
  const learner = rewardModel({ ensemble, heldOut: 0, iterations: EPOCHS });
  const state = await learner.init(preferences, createRng(0));
  const steps = async () => {
    for (let k = 0; k < EPOCHS; k++) await learner.update(state);
  };
  const what = ensemble === 1 ? "a linear reward" : `${ensemble} linear rewards`;
  print(`${what} on ${sizes}, ${EPOCHS} quasi-Newton steps`, await cpuSeconds(steps));
}
