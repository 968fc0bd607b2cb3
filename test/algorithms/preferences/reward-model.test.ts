/** @file Tests of the fit of rewards to comparisons: closed forms, gradients, recovery, reports, and what is refused. */

import { beforeAll, describe, expect, it } from "vitest";
import { rewardModel, weighPreferences } from "../../../algorithms/index.js";
import { rewardModel as featureReward } from "../../../algorithms/irl/shared/feature-reward.js";
import { featureMap } from "../../../algorithms/irl/shared/features.js";
import { likelihoodOf } from "../../../algorithms/preferences/reward-model/likelihood.js";
import { scoresByAnnotator, scoresOf } from "../../../algorithms/preferences/reward-model/report.js";
import "../../../envs/index.js";
import { train } from "../../../index.js";
import { type Comparison, type Preferences, preferencesOf } from "../../../src/datasets/preferences.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { shownPreferences } from "../../support/preferences.js";

const header = (width: number) => ({
  ...{ env: "lines", observationSpace: box([width], -9, 9), actionSpace: discrete(1) },
});

/** Segments of one observation a step, given as rows. */
const segmentOf = (rows: number[][]) => ({
  observations: Float32Array.from([...rows, rows[rows.length - 1]].flat()),
  actions: new Int32Array(rows.length),
  terminated: false,
});

const fitted = async (preferences: Preferences, options: object = {}) => {
  const algorithm = rewardModel({ l2: 0, heldOut: 0, ...options });
  const { artefact } = await train.run(algorithm, { data: preferences, seed: 0 });
  return artefact;
};

const answersOf = (choices: Comparison["choice"][]): Comparison[] =>
  choices.map((choice, i) => ({ id: i + 1, left: 0, right: 1, choice }));

describe("a linear reward", () => {
  const line = [segmentOf([[1]]), segmentOf([[0]])];

  it("has the weight ln 3 where +1 was chosen in three of four answers", async () => {
    const preferences = preferencesOf(line, answersOf(["left", "left", "right", "left"]), header(1));
    expect((await fitted(preferences)).parameters[0]).toBeCloseTo(1.0986122886681098, 6);
  });

  it("has a weight in units of the temperature, and a larger one where lapses are allowed for", async () => {
    const preferences = preferencesOf(line, answersOf(["left", "left", "right", "left"]), header(1));
    expect((await fitted(preferences, { temperature: 2 })).parameters[0]).toBeCloseTo(2 * Math.log(3), 5);
    const [lapsing] = (await fitted(preferences, { lapse: 0.2 })).parameters;
    expect(0.1 + 0.8 / (1 + Math.exp(-lapsing))).toBeCloseTo(0.75, 6);
  });

  it("is 0 where every answer is a tie but for two that cancel", async () => {
    const choices = ["equal", "neither", "equal", "left", "right"] as const;
    const preferences = preferencesOf(line, answersOf([...choices]), header(1));
    expect((await fitted(preferences)).parameters[0]).toBeCloseTo(0, 9);
  });

  it("is recovered from 2000 noisy comparisons, up to its scale, and not from answers at random", async () => {
    const rng = createRng("recovery");
    const truth = Float64Array.from({ length: 5 }, () => rng.normal());
    const draw = () => segmentOf(Array.from({ length: 3 }, () => Array.from(truth, () => rng.normal())));
    const segments = Array.from({ length: 400 }, draw);
    const returns = segments.map(({ observations }) =>
      Array.from({ length: 15 }, (_, i) => observations[i] * truth[i % 5]).reduce((a, b) => a + b, 0),
    );
    const deviation = Math.sqrt(returns.reduce((sum, x) => sum + x * x, 0) / returns.length);
    const comparisons = (chance: (left: number, right: number) => number) =>
      Array.from({ length: 2000 }, (_, i) => {
        const left = rng.integer(400);
        const right = (left + 1 + rng.integer(399)) % 400;
        const choice =
          rng.uniform() < chance(returns[left], returns[right]) ? ("left" as const) : ("right" as const);
        return { id: i + 1, left, right, choice };
      });
    const cosine = async (answers: Comparison[]) => {
      const { parameters } = await fitted(preferencesOf(segments, answers, header(5)));
      const norm = (x: Float64Array) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
      return parameters.reduce((sum, x, i) => sum + x * truth[i], 0) / norm(parameters) / norm(truth);
    };
    expect(await cosine(comparisons((a, b) => 1 / (1 + Math.exp((b - a) / deviation))))).toBeGreaterThan(
      0.97,
    );
    expect(Math.abs(await cosine(comparisons(() => 0.5)))).toBeLessThan(0.9);
  });
});

describe("the likelihood", () => {
  it.each([
    { hidden: [], lapse: 0, discount: 1 },
    { hidden: [], lapse: 0.3, discount: 0.7 },
  ])("has the gradient of finite differences, with %o", async ({ hidden, lapse, discount }) => {
    const rng = createRng("gradient");
    const rows = (steps: number) =>
      segmentOf(Array.from({ length: steps }, () => [rng.normal(), rng.normal()]));
    // The last pair is so far apart that its difference is clipped.
    const segments = [rows(2), rows(4), rows(3), segmentOf([[9, 9]]), segmentOf([[-9, -9]])];
    const comparisons: Comparison[] = [
      { id: 1, left: 0, right: 1, choice: "left", weight: 2 },
      { id: 2, left: 2, right: 1, choice: "equal" },
      { id: 3, left: 0, right: 2, choice: "right", weight: 0.5 },
      { id: 4, left: 3, right: 4, choice: "right" },
    ];
    const preferences = preferencesOf(segments, comparisons, header(2));
    const options = {
      discount,
      temperature: 0.8,
      lapse,
      neither: "equal" as const,
      horizon: "variable" as const,
      l2: 0.1,
    };
    const map = featureMap("test", { id: "lines", ...preferences }, { rewardOf: "state-action" });
    const model = featureReward(map.width, { hidden, activation: "tanh" });
    const { loss } = likelihoodOf(preferences, map, model, options);
    const at = Float64Array.of(2.5, 1.5);
    const { gradient } = await loss(at);
    for (const i of [0, 1]) {
      const moved = async (h: number) => (await loss(at.map((x, j) => (i === j ? x + h : x)))).value;
      expect(gradient[i]).toBeCloseTo(((await moved(1e-5)) - (await moved(-1e-5))) / 2e-5, 6);
    }
  });

  it("is the same in any order of the comparisons and with both sides swapped", async () => {
    const preferences = await shownPreferences({ env: "FrozenLake-v1", pairs: 20, segmentLength: 8 });
    const other = preferences.comparisons.map(({ left, right, choice, ...rest }) => ({
      ...{ ...rest, left: right, right: left },
      choice: choice === "left" ? ("right" as const) : ("left" as const),
    }));
    const swapped = preferencesOf(preferences.segments, other.reverse(), preferences);
    const [a, b] = [preferences, swapped].map((data) => fitted(data, { horizon: "variable", l2: 0.1 }));
    const [first, second] = [(await a).parameters, (await b).parameters];
    for (const [i, x] of first.entries()) expect(second[i]).toBeCloseTo(x, 6);
  });
});

describe("reports", () => {
  it("count accuracy and log loss of each annotator, and calibration in ten bins", () => {
    const of = (annotator: string, target: number, probability: number) => ({
      annotator,
      target,
      probability,
      weight: 1,
    });
    const all = [
      of("ann", 1, 0.9),
      of("ann", 1, 0.95),
      of("ann", 0, 0.92),
      of("ben", 0, 0.05),
      of("ben", 0.5, 0.5),
    ];
    const { ann, ben } = scoresByAnnotator(all);
    expect(ann.accuracy).toBeCloseTo(2 / 3, 12);
    expect(ann.logLoss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.95) + Math.log(0.08)) / 3, 12);
    expect(ben).toMatchObject({ count: 2, accuracy: 1 });
    const { bins, calibrationError } = scoresOf(all);
    expect(bins[9]).toMatchObject({ count: 3 });
    expect(bins[9].observed).toBeCloseTo(2 / 3, 12);
    expect(calibrationError).toBeCloseTo((Math.abs(2.77 - 2) + 0.05) / 5, 12);
  });
});

describe("rewardModel", () => {
  let lake: Preferences;
  beforeAll(async () => {
    lake = await shownPreferences({
      env: "FrozenLake-v1",
      environmentOptions: {},
      pairs: 60,
      segmentLength: 12,
    });
  });

  it("reports how it predicts held-out answers, and its distance to the reward of a model", async () => {
    const algorithm = rewardModel({ heldOut: 0.3, horizon: "variable", rewardOf: "next-state" });
    const run = await train.run(algorithm, { data: lake, seed: 0, evaluate: { every: 1000 } });
    const last = run.metrics.at(-1)!;
    for (const name of ["accuracy", "heldOutAccuracy", "heldOutLoss", "calibrationError"]) {
      expect(Number.isFinite(last[name])).toBe(true);
    }
    expect(last.heldOutAccuracy).toBeGreaterThan(0.8);
    expect(run.evaluations.at(-1)!.epic).toBeLessThan(0.5);
  });

  it("counts annotators by their agreement, if asked to", async () => {
    const { comparisons } = lake;
    const opposite = comparisons.map((one) => ({
      ...{ ...one, annotator: "contrary" },
      choice: one.choice === "left" ? ("right" as const) : ("left" as const),
    }));
    const second = comparisons.map((one) => ({ ...one, annotator: "second" }));
    const mixed = preferencesOf(lake.segments, [...comparisons, ...second, ...opposite], lake);
    const weights = weighPreferences(mixed).comparisons.filter(({ annotator }) => annotator === "contrary");
    expect(weights.every(({ weight }) => weight === 0)).toBe(true);
    const options = { horizon: "variable", l2: 1e-3, heldOut: 0 };
    const [trusting, equal, clean] = await Promise.all([
      fitted(mixed, { ...options, trust: "agreement" }),
      fitted(mixed, options),
      fitted(lake, options),
    ]);
    const far = (of: typeof clean) =>
      of.parameters.reduce((sum, x, i) => sum + (x - clean.parameters[i]) ** 2, 0);
    expect(far(trusting)).toBeLessThan(0.1 * far(equal));
  });

  it("refuses segments of different lengths, and answers that tell nothing", async () => {
    await expect(fitted(lake)).rejects.toThrow(
      /segment 0 has \d+ steps, and segment \d+ \d+: the answers do not tell/,
    );
    const ties = {
      ...lake,
      comparisons: lake.comparisons.map((one) => ({ ...one, choice: "equal" as const })),
    };
    await expect(fitted(ties, { horizon: "variable" })).rejects.toThrow(/none of 60 comparisons tells/);
  });
});
