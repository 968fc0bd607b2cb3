/** @file Tests of the fit of rewards to comparisons: closed forms, gradients, recovery, reports, and what is refused. */

import { beforeAll, describe, expect, it } from "vitest";
import { rewardModel, weighPreferences } from "../../../algorithms/index.js";
import { rewardModel as featureReward } from "../../../algorithms/irl/shared/feature-reward.js";
import { featureMap } from "../../../algorithms/irl/shared/features.js";
import { loadReward, saveReward } from "../../../algorithms/irl/shared/learned-reward.js";
import { withReward } from "../../../algorithms/irl/shared/with-reward.js";
import { likelihoodOf } from "../../../algorithms/preferences/reward-model/likelihood.js";
import { scoresByAnnotator, scoresOf } from "../../../algorithms/preferences/reward-model/report.js";
import "../../../envs/index.js";
import { train } from "../../../index.js";
import { type Comparison, type Preferences, preferencesOf } from "../../../src/datasets/preferences.js";
import { mean, std } from "../../../src/diagnostics/statistics.js";
import type { PolicyOptimiser, RewardSource } from "../../../src/learning/contract.js";
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

describe("ties", () => {
  const line = [segmentOf([[1]]), segmentOf([[0]])];
  const logit = (p: number) => Math.log(p / (1 - p));

  it("that are answers of their own give the closed form of Rao and Kupper", async () => {
    const choices = [
      ...new Array<"left">(5).fill("left"),
      ...new Array<"right">(2).fill("right"),
      ...new Array<"equal">(3).fill("equal"),
    ];
    const preferences = preferencesOf(line, answersOf(choices), header(1));
    const run = await train.run(rewardModel({ l2: 0, heldOut: 0, ties: "rao-kupper", temperature: 2 }), {
      data: preferences,
      seed: 0,
    });
    // σ(x − η) = 0.5 and σ(−x − η) = 0.2 are the shares of the sides.
    expect(run.artefact.parameters[0]).toBeCloseTo((2 * (logit(0.5) - logit(0.2))) / 2, 4);
    expect(run.metrics.at(-1)!.tieThreshold).toBeCloseTo((2 * -(logit(0.5) + logit(0.2))) / 2, 4);
  });

  it("leave a larger reward than halves do, as they say less of a small difference", async () => {
    const choices = ["left", "left", "left", "right", "equal", "equal"] as const;
    const preferences = preferencesOf(line, answersOf([...choices]), header(1));
    const [half, own] = await Promise.all([fitted(preferences), fitted(preferences, { ties: "rao-kupper" })]);
    expect(half.parameters[0]).toBeCloseTo(logit(4 / 6), 5);
    expect(own.parameters[0]).toBeCloseTo((logit(3 / 6) - logit(1 / 6)) / 2, 4);
  });
});

describe("the end of an episode", () => {
  const long = segmentOf([[0], [0], [0]]);
  const ended = { ...segmentOf([[0]]), terminated: true };

  it("has the reward that the answers tell, which is that of each missing step", async () => {
    const answers = answersOf(["left", "left", "right", "left"]);
    const preferences = preferencesOf([long, ended], answers, header(1));
    const { absorbing, rewards } = await fitted(preferences, { horizon: "absorbing" });
    expect(absorbing).toBeCloseTo(-Math.log(3) / 2, 6);
    const step = { observations: Float32Array.of(0), actions: Int32Array.of(0) };
    const found = await rewards({
      ...step,
      nextObservations: Float32Array.of(0),
      terminated: Uint8Array.of(1),
    });
    expect(found[0]).toBeCloseTo(0, 12);
    const discounted = await fitted(preferences, { horizon: "absorbing", discount: 0.5 });
    expect(discounted.absorbing).toBeCloseTo(-Math.log(3) / 0.75, 5);
  });

  it("is kept in a file, and reaches a learner as the return of the time after it", async () => {
    const preferences = preferencesOf([long, ended], answersOf(["left", "left", "right", "left"]), header(1));
    const reward = await fitted(preferences, { horizon: "absorbing" });
    const read = loadReward(saveReward(reward));
    expect(read.absorbing).toBe(reward.absorbing);
    let seen: ArrayLike<number> = [];
    const learner = {
      ...{ name: "spy", options: { discount: 0.9 }, unit: "steps", defaultSteps: 1 },
      async update(_: object, rewards?: RewardSource) {
        const columns = { observations: new Float32Array(2), nextObservations: new Float32Array(2) };
        const ends = { terminated: Uint8Array.of(0, 1) };
        seen = await rewards!({ ...columns, ...ends, actions: new Int32Array(2) });
        return { steps: 1 };
      },
    } as unknown as PolicyOptimiser;
    await withReward(learner, read).update({});
    expect(seen[0]).toBeCloseTo(0, 12);
    expect(seen[1]).toBeCloseTo(9 * read.absorbing!, 9);
  });

  it("is needed where a segment was cut", async () => {
    const cut = { ...ended, terminated: false };
    const preferences = preferencesOf([long, cut], answersOf(["left", "right"]), header(1));
    await expect(fitted(preferences, { horizon: "absorbing" })).rejects.toThrow(
      /segment 1 has 1 of 3 steps, and its episode did not end there/,
    );
  });
});

describe("an ensemble", () => {
  const draw = async (options: object) => {
    const rng = createRng("ensemble");
    const segments = Array.from({ length: 30 }, () => segmentOf([[rng.normal(), rng.normal()]]));
    const comparisons = Array.from({ length: 60 }, (_, i) => {
      const left = i % 30;
      const right = (left + 1 + rng.integer(29)) % 30;
      const better = segments[left].observations[0] > segments[right].observations[0];
      return { id: i + 1, left, right, choice: better ? ("left" as const) : ("right" as const) };
    });
    const run = await train.run(rewardModel({ heldOut: 0, l2: 0.01, iterations: 60, ...options }), {
      data: preferencesOf(segments, comparisons, header(2)),
      seed: 0,
    });
    return { reward: run.artefact, metrics: run.metrics.at(-1)! };
  };
  const rows = (values: number[]) => ({
    observations: Float32Array.from(values),
    nextObservations: Float32Array.from(values),
    actions: new Int32Array(values.length / 2),
    terminated: new Uint8Array(values.length / 2),
  });

  it.each([[[]], [[6]]])("with layers %j is the mean of its members, which differ", async (hidden) => {
    const { reward, metrics } = await draw({ hidden, ensemble: 3 });
    expect(metrics.disagreement).toBeGreaterThan(0.001);
    const at = rows([1, 0.5, -0.5, 2]);
    const size = reward.parameters.length / 3;
    const model = featureReward(2, { hidden, activation: "tanh" });
    const map = featureMap("test", { id: "lines", ...header(2) }, { rewardOf: "state-action" });
    const members = await Promise.all(
      [0, 1, 2].map((m) => model.rewards(reward.parameters.slice(m * size, (m + 1) * size), map.rows(at))),
    );
    const [found, spread] = [await reward.rewards(at), await reward.deviations!(at)];
    for (const i of [0, 1]) {
      const own = members.map((of) => of[i]);
      expect(found[i]).toBeCloseTo(mean(own), 5);
      expect(spread[i]).toBeCloseTo(std(own), 5);
      expect(spread[i]).toBeGreaterThan(1e-4);
    }
    expect(await loadReward(saveReward(reward)).rewards(at)).toEqual(found);
  });

  it("disagrees more in what the answers do not tell, and one reward has no disagreement", async () => {
    const { reward, metrics } = await draw({});
    expect([reward.deviations, metrics.disagreement]).toEqual([undefined, undefined]);
    const far = await (await draw({ ensemble: 5 })).reward.deviations!(rows([0, 9, 0, 0.1]));
    expect(far[0]).toBeGreaterThan(10 * far[1]);
  });
});

describe("the likelihood", () => {
  it.each([
    { lapse: 0, discount: 1, horizon: "variable", ties: "half", members: 1 },
    { lapse: 0.3, discount: 0.7, horizon: "absorbing", ties: "half", members: 1 },
    { lapse: 0, discount: 0.9, horizon: "absorbing", ties: "rao-kupper", members: 2 },
    { lapse: 0.2, discount: 1, horizon: "variable", ties: "rao-kupper", members: 1 },
  ] as const)("has the gradient of finite differences, with %o", async (given) => {
    const { lapse, discount, horizon, ties, members } = given;
    const rng = createRng("gradient");
    const rows = (steps: number) => ({
      ...segmentOf(Array.from({ length: steps }, () => [rng.normal(), rng.normal()])),
      terminated: true,
    });
    // The last pair is so far apart that its difference is clipped.
    const segments = [rows(2), rows(4), rows(3), segmentOf([[9, 9]]), segmentOf([[-9, -9]])].map(
      (segment) => ({ ...segment, terminated: true }),
    );
    const comparisons: Comparison[] = [
      { id: 1, left: 0, right: 1, choice: "left", weight: 2 },
      { id: 2, left: 2, right: 1, choice: "equal" },
      { id: 3, left: 0, right: 2, choice: "right", weight: 0.5 },
      { id: 4, left: 3, right: 4, choice: "right" },
    ];
    const preferences = preferencesOf(segments, comparisons, header(2));
    const options = {
      ...{ discount, temperature: 0.8, lapse, horizon, ties, l2: 0.1 },
      neither: "equal" as const,
    };
    const map = featureMap("test", { id: "lines", ...preferences }, { rewardOf: "state-action" });
    const model = featureReward(map.width, { hidden: [], activation: "tanh", members });
    const counts = (id: number) => (members === 1 ? [1] : [id % 3, 2 - (id % 2)]);
    const { loss } = likelihoodOf(preferences, map, model, options, counts);
    const size = members * (2 + Number(horizon === "absorbing") + Number(ties === "rao-kupper"));
    const at = Float64Array.from({ length: size }, (_, i) => 2.5 / (1 + i));
    const { gradient } = await loss(at);
    expect(gradient).toHaveLength(size);
    for (const i of gradient.keys()) {
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
    expect(scoresOf([of("cy", 0.5, 0.7)])).not.toHaveProperty("accuracy");
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

  it("reports no accuracy of held-out answers that are all ties", async () => {
    const isHeld = ({ id }: Comparison) => createRng(0).stream("held-out", id).uniform() < 0.3;
    const comparisons = lake.comparisons.map((one) =>
      isHeld(one) ? { ...one, choice: "equal" as const } : one,
    );
    const algorithm = rewardModel({ heldOut: 0.3, horizon: "variable", rewardOf: "next-state" });
    const state = await algorithm.init(preferencesOf(lake.segments, comparisons, lake), createRng(0));
    const metrics = await algorithm.update(state);
    expect(metrics).not.toHaveProperty("heldOutAccuracy");
    expect(metrics.heldOutLoss).toBeGreaterThan(0);
    expect(metrics.accuracy).toBeGreaterThan(0.5);
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
      fitted(mixed, { ...options, annotatorWeights: "agreement" }),
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
