/** @file The discriminator: what it converges to, its loss and its gradients. */

import { describe, expect, it } from "vitest";
import {
  createDiscriminator,
  createDiscriminatorState,
  discriminatorTerms,
  scoreRows,
  trainDiscriminator,
} from "../../../../algorithms/imitation/adversarial/discriminator.js";
import { rowFeeds } from "../../../../algorithms/imitation/adversarial/inputs.js";
import { discriminatorSchema } from "../../../../algorithms/imitation/adversarial/options.js";
import { gradientPenalty } from "../../../../algorithms/imitation/adversarial/penalties.js";
import { pairScorer, shapedScorer } from "../../../../algorithms/imitation/adversarial/scorers.js";
import { type Features, featureWidths } from "../../../../algorithms/shared/transition-features.js";
import { copyRows, learnerRows, type RowSource } from "../../../../algorithms/shared/transition-rows.js";
import {
  randomModel,
  softValueIteration,
  stateActionOccupancy,
  tabularModel,
} from "../../../../src/mdp/index.js";
import { uniformTable } from "../../../../src/mdp/tables.js";
import * as nn from "../../../../src/nn/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const options = (given: object) => discriminatorSchema.parse(given);

describe("an exact discriminator", () => {
  const model = randomModel(createRng("model"), { states: 5, actions: 3, branching: 3, discount: 0.9 });
  const spaces = { observationSpace: discrete(5), actionSpace: discrete(3) };
  const pairs = 15;
  const transitions = {
    observations: Float32Array.from({ length: pairs }, (_, k) => Math.floor(k / 3)),
    actions: Int32Array.from({ length: pairs }, (_, k) => k % 3),
    nextObservations: new Float32Array(pairs),
    terminated: new Uint8Array(pairs),
  };
  /** Each pair once, weighted by how often a policy takes it. */
  const source = (weights: Float64Array): RowSource => ({ ...learnerRows(transitions, false), weights });
  const occupancies = () => {
    const expert = stateActionOccupancy(model, softValueIteration(model, { temperature: 0.5 }).policy);
    const learner = stateActionOccupancy(model, uniformTable(model));
    return { expert, learner };
  };

  it("has the logit log p_E / p_π on a tabular problem", async () => {
    const { expert, learner } = occupancies();
    const rng = createRng("exact");
    const task = (learningRate: number) =>
      createDiscriminator({
        spaces,
        scorer: pairScorer(spaces, { hidden: [32], activation: "tanh" }),
        options: options({ learningRate, minibatchSize: 2048, updates: 100, gradientPenalty: 0 }),
        usesPolicy: false,
        window: 1,
        withAbsorbing: false,
      });
    const state = createDiscriminatorState(task(1), rng);
    for (const rate of [2e-2, 2e-2, 5e-3, 1e-3, 1e-3]) {
      await trainDiscriminator(task(rate), state, source(expert), source(learner));
    }
    const { scores } = await scoreRows(task(1), state, source(expert));
    for (let k = 0; k < pairs; k++) {
      expect(Math.abs(scores[k] - Math.log(expert[k] / learner[k]))).toBeLessThan(0.12);
    }
  });
});

/** Random features and parameters, and what a scalar of them is in float64. */
function scalarOf(
  scorer: ReturnType<typeof pairScorer>,
  widths: { state: number; action: number },
  scalar: (p: nn.TensorTree, expert: Features, learner: Features, shares: t.Tensor) => t.Tensor,
) {
  const layout = nn.layoutOf(scorer.parameters);
  const rows = 4;
  const feature = (width: number) => t.float32([rows, width]);
  const kinds = { state: widths.state, action: widths.action, next: widths.state };
  const inputs = Object.fromEntries(
    ["expert", "learner"].flatMap((kind) =>
      Object.entries(kinds).map(([name, width]) => [`${kind}${name}`, feature(width)]),
    ),
  );
  const program = t.program(
    { parameters: t.float32([layout.size]), shares: t.float32([rows]), ...inputs },
    (given) => {
      const p = layout.unflatten(given.parameters);
      const features = (kind: string) =>
        ({
          state: given[`${kind}state`],
          action: given[`${kind}action`],
          next: given[`${kind}next`],
        }) as unknown as Features;
      const value = scalar(p, features("expert"), features("learner"), given.shares);
      return { value, gradient: layout.gradient(value, p) };
    },
  );
  const rng = createRng("gradients");
  const feeds: Record<string, Float64Array> = {
    parameters: rng.fillNormal(new Float64Array(layout.size)),
    shares: rng.fillUniform(new Float64Array(rows)),
  };
  for (const kind of ["expert", "learner"]) {
    for (const [name, width] of Object.entries(kinds)) {
      feeds[`${kind}${name}`] = rng.fillNormal(new Float64Array(rows * width));
    }
  }
  return (parameters = feeds.parameters) => {
    const { value, gradient } = program.interpret({ ...feeds, parameters });
    return { value: value[0], gradient, parameters: feeds.parameters };
  };
}

describe("gradients of the discriminator agree with finite differences", () => {
  const spaces = { observationSpace: box([2], -1, 1), actionSpace: discrete(2) };
  const widths = featureWidths(spaces);
  const scorers = {
    "of GAIL": pairScorer(spaces, { hidden: [3], activation: "tanh" }),
    "of AIRL": shapedScorer(spaces, {
      hidden: [3],
      activation: "tanh",
      discount: 0.9,
      rewardInputs: "state-action",
    }),
  };
  for (const [which, scorer] of Object.entries(scorers)) {
    it(`${which}, with its gradient penalty`, () => {
      const evaluate = scalarOf(scorer, widths, (p, expert, learner, shares) => {
        const { loss, entropy } = discriminatorTerms(scorer.score(p, expert), scorer.score(p, learner));
        const penalty = gradientPenalty(scorer, p, expert, learner, shares);
        return t.add(t.sub(loss, t.mul(entropy, 0.1)), t.mul(penalty, 2));
      });
      const { gradient, parameters } = evaluate();
      for (let i = 0; i < parameters.length; i++) {
        const moved = (by: number) => {
          const other = parameters.slice();
          other[i] += by;
          return evaluate(other).value;
        };
        expect(Math.abs(gradient[i] - (moved(1e-5) - moved(-1e-5)) / 2e-5)).toBeLessThan(1e-6);
      }
    });
  }
});

describe("a gradient step of the discriminator", () => {
  const spaces = { observationSpace: box([2], -1, 1), actionSpace: discrete(2) };
  const scorer = pairScorer(spaces, { hidden: [3], activation: "tanh" });
  const layout = nn.layoutOf(scorer.parameters);
  /** One transition: what is drawn from it is known. */
  const single = (observation: number[], action: number, logProb: number): RowSource => ({
    ...learnerRows(
      {
        observations: Float32Array.from(observation),
        actions: Int32Array.of(action),
        nextObservations: Float32Array.from(observation),
        terminated: new Uint8Array(1),
      },
      false,
    ),
    logProbs: Float32Array.of(logProb),
  });
  const expert = single([0.3, -0.7], 1, Math.log(0.7));
  const learner = single([-0.2, 0.4], 0, Math.log(0.1));

  it.each([
    ["of GAIL", false],
    ["of AIRL, whose logit is the score less log π", true],
  ])("%s is of E_E[−log D] + E_π[−log(1 − D)] less the weighted entropy", async (_, usesPolicy) => {
    for (const entropyCoefficient of [0, 0.5]) {
      const discriminator = createDiscriminator({
        spaces,
        scorer,
        options: options({
          minibatchSize: 2,
          updates: 1,
          gradientPenalty: 0,
          entropyCoefficient,
          normaliseObservations: false,
        }),
        usesPolicy,
        window: 1,
        withAbsorbing: false,
      });
      const state = createDiscriminatorState(discriminator, createRng(0));
      state.parameters = createRng("weights").fillNormal(new Float32Array(layout.size));
      /** The objective of a logit, its sign that of the class: −log D less the entropy of D. */
      const term = (logit: number, sign: 1 | -1) => {
        const d = 1 / (1 + Math.exp(-logit));
        const entropy = -d * Math.log(d) - (1 - d) * Math.log(1 - d);
        return -Math.log(sign === 1 ? d : 1 - d) - (entropyCoefficient / 2) * entropy;
      };
      const score = t.program(
        {
          parameters: t.float32([layout.size]),
          state: t.float32([1, 3]),
          action: t.float32([1, 2]),
        },
        ({ parameters, state, action }) => ({
          score: scorer.score(layout.unflatten(parameters), { state, action, next: state }),
        }),
      );
      const objective = (parameters: Float64Array) =>
        [
          { source: expert, state: [0.3, -0.7, 0], action: [0, 1], sign: 1 as const },
          { source: learner, state: [-0.2, 0.4, 0], action: [1, 0], sign: -1 as const },
        ].reduce((sum, { source, state, action, sign }) => {
          const logProb = usesPolicy ? source.logProbs![0] : 0;
          return sum + term(score.interpret({ parameters, state, action }).score[0] - logProb, sign);
        }, 0);
      const before = Float64Array.from(state.parameters);
      await trainDiscriminator(discriminator, state, expert, learner);
      // Adam's first moment after one step is the gradient.
      for (const [i, x] of state.slots[0].entries()) {
        const moved = (by: number) => objective(before.map((y, j) => (i === j ? y + by : y)));
        expect(x).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
      }
    }
  });
});

describe("AIRL's discriminator, where the learner is the expert", () => {
  // D is ½ at the optimum, so that f = log π_E = r + γ V(s′) − V(s): g is the reward, up to a constant [Fu, Luo &
  // Levine 2018, theorem 5.1].
  const rewards = [0, 1, -0.5, 0.3, 0.6];
  // The states that one state can be followed by link all states, as the theorem needs.
  const ways = [
    [1, 2, 3, 4, 0],
    [3, 4, 0, 0, 2],
  ];
  const discount = 0.5;
  const model = tabularModel({
    states: 5,
    actions: 2,
    discount,
    initial: new Float64Array(5).fill(0.2),
    transitions: (s, a) => [{ next: ways[a][s], probability: 1, reward: rewards[s] }],
  });
  const spaces = { observationSpace: discrete(5), actionSpace: discrete(2) };
  const { policy } = softValueIteration(model, { temperature: 1 });
  /** Every transition once in each of 100 gradient steps: without the noise of drawing. */
  const steps = 100;
  const repeated = Array.from({ length: 10 * steps }, (_, i) => i % 10);
  const rows = copyRows(
    spaces,
    {
      ...learnerRows(
        {
          observations: Float32Array.from(repeated, (pair) => pair >> 1),
          actions: Int32Array.from(repeated, (pair) => pair & 1),
          nextObservations: Float32Array.from(repeated, (pair) => model.next[pair]),
          terminated: new Uint8Array(repeated.length),
        },
        false,
      ),
      logProbs: Float32Array.from(repeated, (pair) => Math.log(policy[pair])),
    },
    0,
    repeated.length,
  );

  /** The largest error of the learnt reward of states, up to a constant. */
  async function rewardError(usesPolicy: boolean, shapingDiscount = discount) {
    const task = (learningRate: number) =>
      createDiscriminator({
        spaces,
        scorer: shapedScorer(spaces, {
          hidden: [],
          activation: "tanh",
          discount: shapingDiscount,
          rewardInputs: "state",
        }),
        options: options({ learningRate, minibatchSize: 10, updates: steps, gradientPenalty: 0 }),
        usesPolicy,
        window: 1,
        withAbsorbing: false,
      });
    const state = createDiscriminatorState(task(1), createRng(0));
    for (const rate of [0.1, 0.03, 0.03, 0.01]) {
      const discriminator = task(rate);
      await discriminator.trainer.run(state, {
        ...rowFeeds(discriminator, rows, "expert"),
        ...rowFeeds(discriminator, rows, "learner"),
      });
    }
    const states = learnerRows(
      {
        observations: Float32Array.from(rewards.keys()),
        actions: new Int32Array(5),
        nextObservations: new Float32Array(5),
        terminated: new Uint8Array(5),
      },
      false,
    );
    const { scores } = await scoreRows(task(1), state, states, "rewards");
    const errors = rewards.map((r, s) => scores[s] - r);
    return (Math.max(...errors) - Math.min(...errors)) / 2;
  }

  it("recovers the reward of states", async () => {
    expect(await rewardError(true)).toBeLessThan(0.1);
  });

  it("does not recover it as a classifier of states, without log π, or with another discount", async () => {
    expect(await rewardError(false)).toBeGreaterThan(0.4);
    expect(await rewardError(true, 1)).toBeGreaterThan(0.2);
  });
});

describe("the gradient penalty", () => {
  const spaces = { observationSpace: box([1], -9, 9), actionSpace: discrete(1) };
  const rows = (at: number): RowSource =>
    learnerRows(
      {
        observations: Float32Array.of(at),
        actions: Int32Array.of(0),
        nextObservations: Float32Array.of(at),
        terminated: new Uint8Array(1),
      },
      false,
    );

  it("keeps the slope of the logit at 1, by its weight", async () => {
    const slope = async (weight: number) => {
      const discriminator = createDiscriminator({
        spaces,
        scorer: pairScorer(spaces, { hidden: [], activation: "tanh" }),
        options: options({
          learningRate: 0.05,
          minibatchSize: 2,
          updates: 400,
          gradientPenalty: weight,
          normaliseObservations: false,
        }),
        usesPolicy: false,
        window: 1,
        withAbsorbing: false,
      });
      const state = createDiscriminatorState(discriminator, createRng(0));
      await trainDiscriminator(discriminator, state, rows(1), rows(-1));
      const [high, low] = await Promise.all(
        [1, -1].map(async (at) => (await scoreRows(discriminator, state, rows(at))).scores[0]),
      );
      return (high - low) / 2;
    };
    // Without it the classes, which a threshold separates, are driven apart for ever.
    expect(await slope(0)).toBeGreaterThan(3);
    const kept = await slope(100);
    expect(kept).toBeGreaterThan(0.2);
    expect(kept).toBeLessThan(1.1);
  });
});

describe("the discriminator's metrics", () => {
  it("are 2 log 2 (loss) and log 2 (entropy) at logits of 0, and near 0 for separated classes", () => {
    const program = t.program({ expert: t.float32([2]), learner: t.float32([2]) }, ({ expert, learner }) => ({
      ...discriminatorTerms(expert, learner),
    }));
    const unsure = program.interpret({ expert: [0, 0], learner: [0, 0] });
    expect(unsure.loss[0]).toBeCloseTo(2 * Math.log(2), 12);
    expect(unsure.entropy[0]).toBeCloseTo(Math.log(2), 12);
    const sure = program.interpret({ expert: [30, 30], learner: [-30, -30] });
    expect([sure.loss[0], sure.entropy[0]].every((x) => x < 1e-9)).toBe(true);
    expect([sure.expertAccuracy[0], sure.learnerAccuracy[0]]).toEqual([1, 1]);
    const p = 1 / (1 + Math.exp(-0.7));
    const some = program.interpret({ expert: [0.7, 0.7], learner: [0.7, 0.7] });
    expect(some.loss[0]).toBeCloseTo(-Math.log(p) - Math.log(1 - p), 12);
    expect([some.expertAccuracy[0], some.learnerAccuracy[0]]).toEqual([1, 0]);
    expect(some.entropy[0]).toBeCloseTo(-p * Math.log(p) - (1 - p) * Math.log(1 - p), 12);
  });
});

describe("padded windows", () => {
  it.each([
    "expert",
    "learner",
  ] as const)("give results that do not depend on the padding of the %s", async (kind) => {
    const spaces = { observationSpace: box([1], -1, 1), actionSpace: discrete(2) };
    const discriminator = createDiscriminator({
      spaces,
      scorer: pairScorer(spaces, { hidden: [4], activation: "tanh" }),
      options: options({ minibatchSize: 2, updates: 3, normaliseObservations: false }),
      usesPolicy: false,
      window: 2,
      withAbsorbing: false,
    });
    const state = createDiscriminatorState(discriminator, createRng(0));
    /** A gradient step on windows of two rows, of which those of one kind have one and are filled up. */
    const trainedBeside = async (filling: number) => {
      const rng = createRng(1);
      const sides = (["expert", "learner"] as const).flatMap((side) => {
        const isReal = (i: number) => side !== kind || i % 2 === 0;
        const observations = rng.fillUniform(new Float32Array(12)).map((x, i) => (isReal(i) ? x : filling));
        return Object.entries({
          Observations: observations,
          Actions: new Int32Array(12),
          Absorbing: new Float32Array(12),
          Mask: Float32Array.from(observations, (_, i) => (isReal(i) ? 1 : 0)),
        }).map(([name, array]) => [`${side}${name}`, array] as const);
      });
      const trained = { ...state };
      await discriminator.trainer.run(trained, {
        shares: rng.fillUniform(new Float32Array(12)),
        ...Object.fromEntries(sides),
      });
      return Array.from(trained.parameters);
    };
    const trained = await trainedBeside(0);
    expect(trained.every(Number.isFinite)).toBe(true);
    expect(await trainedBeside(0.9)).toEqual(trained);
  });
});
