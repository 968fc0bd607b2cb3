/** @file The discriminator in its parts: what it converges to, its gradients, its rows, its bounded slopes. */

import { describe, expect, it } from "vitest";
import {
  createDiscriminator,
  createDiscriminatorState,
  scoreRows,
  trainDiscriminator,
} from "../../../algorithms/imitation/adversarial/discriminator.js";
import {
  discriminatorSchema,
  discriminatorTerms,
  gradientPenalty,
  penaltyWeight,
} from "../../../algorithms/imitation/adversarial/discriminator-programs.js";
import {
  actionFeatures,
  type Features,
  featureWidths,
  pairScorer,
  shapedScorer,
  stateFeatures,
} from "../../../algorithms/imitation/adversarial/scorers.js";
import { spectralNormalisation } from "../../../algorithms/imitation/adversarial/spectral.js";
import {
  createRows,
  drawRows,
  drawWindows,
  expertRows,
  learnerRows,
  type RowSource,
  windowStarts,
} from "../../../algorithms/shared/transition-rows.js";
import { subsample, weighted } from "../../../src/datasets/demonstration-tools.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import { randomModel, softValueIteration, stateActionOccupancy } from "../../../src/mdp/index.js";
import { uniformTable } from "../../../src/mdp/tables.js";
import * as nn from "../../../src/nn/index.js";
import { createRng } from "../../../src/random/rng.js";
import type { Trajectory } from "../../../src/rollout/trajectory.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

const options = (given: object) => discriminatorSchema.parse(given);

describe("an exact discriminator", () => {
  const model = randomModel(createRng("model"), { states: 5, actions: 3, branching: 3, discount: 0.9 });
  const spaces = { observationSpace: discrete(5), actionSpace: discrete(3) };
  const pairs = 15;
  /** Each pair once, as often as a policy takes it. */
  const source = (weights: Float64Array): RowSource => ({
    count: pairs,
    observations: Float32Array.from({ length: pairs }, (_, k) => Math.floor(k / 3)),
    actions: Int32Array.from({ length: pairs }, (_, k) => k % 3),
    nextObservations: new Float32Array(pairs),
    terminated: new Uint8Array(pairs),
    weights,
    absorbingWeight: 0,
    successor: () => -1,
  });
  const occupancies = () => {
    const expert = stateActionOccupancy(model, softValueIteration(model, { temperature: 0.5 }).policy);
    const learner = stateActionOccupancy(model, uniformTable(model));
    return { expert, learner };
  };

  it("has log p_E / p_π for a logit, on a tabular problem", async () => {
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
    it(`${which}, with its penalty on the slope`, () => {
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

  it("is 0 for the penalty where the slope is 1, and not where it is 2", () => {
    const slope = (by: number) => {
      const program = t.program({ x: t.float32([3, 1]) }, ({ x }) => {
        const features = { state: x, action: x, next: x };
        const scorer = {
          reads: ["state" as const],
          score: (_: nn.TensorTree, { state }: Features) => t.reshape(t.mul(state, by), [-1]),
        };
        return { penalty: gradientPenalty(scorer, {}, features, features, t.constant([0.5, 0.5, 0.5])) };
      });
      return program.interpret({ x: [1, 2, 3] }).penalty[0];
    };
    expect(slope(1)).toBeCloseTo(0, 8);
    expect(slope(2)).toBeCloseTo(1, 8);
  });
});

describe("the weight of the penalty on the slope", () => {
  it("is 1 in a box and 0.1 where observations are one-hot, unless it is set", () => {
    const of = (observationSpace: Space, given = {}) =>
      penaltyWeight({ spaces: { observationSpace, actionSpace: discrete(2) }, options: options(given) });
    expect(of(box([3], -1, 1))).toBe(1);
    expect(of(discrete(3))).toBe(0.1);
    expect([box([3], -1, 1), discrete(3)].map((space) => of(space, { gradientPenalty: 0 }))).toEqual([0, 0]);
  });
});

describe("the penalty on the slope in windows", () => {
  it("is the mean over the rows that count", () => {
    const program = t.program({ x: t.float32([3, 1]), mask: t.float32([3]) }, ({ x, mask }) => {
      const features = { state: x, action: x, next: x };
      const scorer = {
        reads: ["state" as const],
        // Its slope at x is x.
        score: (_: nn.TensorTree, { state }: Features) => t.reshape(t.mul(t.square(state), 0.5), [-1]),
      };
      const shares = t.constant([0.5, 0.5, 0.5]);
      return {
        all: gradientPenalty(scorer, {}, features, features, shares),
        some: gradientPenalty(scorer, {}, features, features, shares, mask),
      };
    });
    const { all, some } = program.interpret({ x: [1, 2, 6], mask: [1, 1, 0] });
    expect(all[0]).toBeCloseTo(26 / 3, 6);
    expect(some[0]).toBeCloseTo(1 / 2, 6);
  });

  it.each(["expert", "learner"] as const)("does not see what fills up those of the %s", async (kind) => {
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
    expect(await trainedBeside(0.9)).toEqual(await trainedBeside(0));
  });
});

describe("the terms of the discriminator", () => {
  it("are 2 log 2, no accuracy and an entropy of log 2 where it cannot tell, and near 0 where it can", () => {
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
    expect(some.entropy[0]).toBeCloseTo(-p * Math.log(p) - (1 - p) * Math.log(1 - p), 12);
  });
});

describe("spectral normalisation", () => {
  it("gives a matrix a largest singular value of 1 once the directions have converged", () => {
    const layout = nn.layoutOf({
      weight: nn.dense(2, 2).parameters.weight,
      bias: nn.dense(2, 2).parameters.bias,
    });
    const spectral = spectralNormalisation(layout);
    const program = t.program(
      { parameters: t.float32([layout.size]), directions: t.float32([spectral.size]) },
      (given) => {
        const { parameters, directions } = spectral.apply(
          layout.unflatten(given.parameters),
          given.directions,
        );
        return { all: layout.flatten(parameters as Parameters<typeof layout.flatten>[0]), directions };
      },
    );
    // Of [[3, 0], [4, 5]] the singular values are 3√5 and √5.
    let directions: ArrayLike<number> = spectral.initialise(createRng(0));
    for (let i = 0; i < 20; i++) {
      directions = program.interpret({ parameters: [3, 0, 4, 5, 7, 8], directions }).directions;
    }
    const { all } = program.interpret({ parameters: [3, 0, 4, 5, 7, 8], directions });
    const expected = [3, 0, 4, 5].map((x) => x / (3 * Math.sqrt(5)));
    for (let i = 0; i < 4; i++) expect(all[i]).toBeCloseTo(expected[i], 6);
    expect([all[4], all[5]]).toEqual([7, 8]);
  });
});

describe("features", () => {
  it("are normalised observations and a flag, and nothing but the flag in the absorbing state", () => {
    const space = box([2], -100, 100);
    const program = t.program(
      { x: t.float32([2, 2]), absorbing: t.float32([2]), mean: t.float32([2]), scale: t.float32([2]) },
      ({ x, absorbing, mean, scale }) => ({ out: stateFeatures(space, x, absorbing, { mean, scale }) }),
    );
    const { out } = program.interpret({ x: [3, 8, 3, 8], absorbing: [0, 1], mean: [1, 2], scale: [0.5, 10] });
    expect(Array.from(out)).toEqual([1, 10, 0, 0, 0, 1]);
  });

  it("of actions are one-hot, or clipped to their box and scaled to [−1, 1]", () => {
    const choices = t.program({ a: t.int32([2]), absorbing: t.float32([2]) }, ({ a, absorbing }) => ({
      out: actionFeatures(discrete(3), a, absorbing),
    }));
    expect(Array.from(choices.interpret({ a: [2, 2], absorbing: [0, 1] }).out)).toEqual([0, 0, 1, 0, 0, 0]);
    const space = box([2], [0, Number.NEGATIVE_INFINITY], [4, Number.POSITIVE_INFINITY]);
    const moves = t.program({ a: t.float32([1, 2]), absorbing: t.float32([1]) }, ({ a, absorbing }) => ({
      out: actionFeatures(space, a, absorbing),
    }));
    expect(Array.from(moves.interpret({ a: [9, 9], absorbing: [0] }).out)).toEqual([1, 9]);
  });
});

/** Episodes whose observation is 10 × episode + step, with action = step. */
function numbered(lengths: number[], terminated: boolean[]) {
  const trajectories = lengths.map(
    (steps, episode): Trajectory => ({
      observations: Float32Array.from({ length: steps + 1 }, (_, i) => 10 * episode + i),
      actions: Int32Array.from({ length: steps }, (_, i) => i),
      rewards: new Float64Array(steps),
      terminated: terminated[episode],
      truncated: !terminated[episode],
    }),
  );
  return demonstrationsOf(trajectories, {
    env: "Numbers-v0",
    observationSpace: box([1], 0, 1000),
    actionSpace: discrete(10),
  });
}

describe("rows", () => {
  const spaces = { observationSpace: box([1], 0, 1000), actionSpace: discrete(10) };

  it("of the expert are in the absorbing state once for each episode that terminated, and share by share", () => {
    const demonstrations = numbered([4, 6, 5], [true, false, true]);
    expect(expertRows(demonstrations, true).absorbingWeight).toBeCloseTo(2, 12);
    expect(expertRows(demonstrations, false).absorbingWeight).toBe(0);
    const some = subsample(demonstrations, { every: 2, rng: createRng(1) });
    const kept = some.trajectories.map(({ steps }) => steps!.length);
    expect(expertRows(some, true).absorbingWeight).toBeCloseTo(kept[0] / 4 + kept[2] / 5, 12);
  });

  it("are drawn as often as their weights say", () => {
    const source = expertRows(weighted(numbered([2, 2], [false, false]), [1, 3]), true);
    const rows = createRows(spaces, 8000);
    drawRows(source, rows, createRng(0));
    const second = rows.observations.filter((x) => x >= 10).length / 8000;
    expect(second).toBeGreaterThan(0.73);
    expect(second).toBeLessThan(0.77);
  });

  it("of the learner draw the absorbing state for each termination, with nothing in it but that it is", () => {
    const source = learnerRows(
      {
        observations: Float32Array.of(1, 2, 3),
        nextObservations: Float32Array.of(2, 3, 4),
        actions: Int32Array.of(7, 8, 9),
        terminated: Uint8Array.of(0, 0, 1),
      },
      true,
    );
    const rows = createRows(spaces, 4000);
    drawRows(source, rows, createRng(0));
    let absorbing = 0;
    for (let i = 0; i < 4000; i++) {
      if (rows.absorbing[i]) {
        absorbing++;
        expect([rows.observations[i], rows.actions[i], rows.nextAbsorbing[i]]).toEqual([0, 0, 1]);
      } else expect(rows.nextAbsorbing[i]).toBe(rows.observations[i] === 3 ? 1 : 0);
    }
    expect(absorbing / 4000).toBeGreaterThan(0.22);
    expect(absorbing / 4000).toBeLessThan(0.28);
  });

  it("make windows that start with episodes, go on where those do, and end in the absorbing state or in nothing", () => {
    const source = expertRows(numbered([5, 2], [true, false]), true);
    expect(Array.from(windowStarts(source, 3))).toEqual([0, 3, 5]);
    const rows = createRows(spaces, 300);
    const masks = new Float32Array(300);
    drawWindows(source, 3, rows, masks, createRng(0), true);
    const seen = new Set<string>();
    for (let k = 0; k < 300; k += 3) {
      const shown = [0, 1, 2].map((j) =>
        masks[k + j] === 0 ? "nothing" : rows.absorbing[k + j] ? "absorbing" : rows.observations[k + j],
      );
      seen.add(shown.join(" "));
    }
    expect([...seen].sort()).toEqual(["0 1 2", "10 11 nothing", "3 4 absorbing"]);
  });

  it("of a rollout follow each other environment by environment", () => {
    const transitions = {
      observations: Float32Array.of(0, 10, 1, 11, 2, 12),
      nextObservations: Float32Array.of(1, 11, 2, 12, 3, 13),
      actions: new Int32Array(6),
      terminated: Uint8Array.of(0, 0, 1, 0, 0, 0),
      truncated: new Uint8Array(6),
      environments: 2,
    };
    const { successor } = learnerRows(transitions, true);
    expect([0, 1, 2, 3, 4, 5].map(successor)).toEqual([2, 3, -1, 5, -1, -1]);
  });
});
