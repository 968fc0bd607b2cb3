/** @file The scores of GAIL and AIRL: what they read, and AIRL's shaping. */

import { describe, expect, it } from "vitest";
import { pairScorer, shapedScorer } from "../../../../algorithms/imitation/adversarial/scorers.js";
import { featureWidths } from "../../../../algorithms/shared/transition-features.js";
import * as nn from "../../../../src/nn/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const spaces = { observationSpace: box([2], -1, 1), actionSpace: discrete(3) };
const { state: width, action: actions } = featureWidths(spaces);
const settings = { hidden: [5], activation: "tanh" as const };

/** Scores and rewards of transitions of given features, at random parameters. */
function scoresOf(scorer: ReturnType<typeof pairScorer>) {
  const layout = nn.layoutOf(scorer.parameters);
  const parameters = createRng("scorer").fillNormal(new Float64Array(layout.size));
  const program = t.program(
    {
      parameters: t.float32([layout.size]),
      state: t.float32(["rows", width]),
      action: t.float32(["rows", actions]),
      next: t.float32(["rows", width]),
    },
    ({ parameters: vector, ...features }) => {
      const p = layout.unflatten(vector);
      const given = features as unknown as Parameters<typeof scorer.score>[1];
      const score = scorer.score(p, given);
      return { score, reward: scorer.reward?.(p, given) ?? score };
    },
  );
  return (state: number[], action: number[], next: number[]) => {
    const { score, reward } = program.interpret({ parameters, state, action, next });
    return { score: score[0], reward: reward[0] };
  };
}

const [here, there] = [
  [0.5, -1, 0],
  [-0.3, 0.8, 0],
];
const [left, right] = [
  [1, 0, 0],
  [0, 1, 0],
];

describe("the score of AIRL", () => {
  it.each([0.9, 0.5])("is g + γ h(s′) − h(s), with γ = %d", (discount) => {
    const scores = scoresOf(shapedScorer(spaces, { ...settings, discount, rewardInputs: "state-action" }));
    const shaping = (state: number[], next: number[]) => {
      const { score, reward } = scores(state, left, next);
      return score - reward;
    };
    // Where a state follows itself, γ h(s) − h(s) is left.
    const potential = (state: number[]) => shaping(state, state) / (discount - 1);
    expect(Math.abs(potential(here) - potential(there))).toBeGreaterThan(0.1);
    expect(shaping(here, there)).toBeCloseTo(discount * potential(there) - potential(here), 9);
    expect(shaping(there, here)).toBeCloseTo(discount * potential(here) - potential(there), 9);
  });

  it("has a reward of the state alone, or of the state and the action", () => {
    const reward = (rewardInputs: "state" | "state-action") => {
      const scores = scoresOf(shapedScorer(spaces, { ...settings, discount: 0.9, rewardInputs }));
      return (state: number[], action: number[], next: number[]) => scores(state, action, next).reward;
    };
    const ofState = reward("state");
    expect(ofState(here, left, there)).toBe(ofState(here, right, here));
    expect(ofState(here, left, there)).not.toBe(ofState(there, left, there));
    const ofPair = reward("state-action");
    expect(ofPair(here, left, there)).toBe(ofPair(here, left, here));
    expect(ofPair(here, left, there)).not.toBe(ofPair(here, right, there));
  });
});

describe("the score of GAIL", () => {
  it("reads the state and the action, and not what follows", () => {
    const scores = scoresOf(pairScorer(spaces, settings));
    const { score } = scores(here, left, there);
    expect(scores(here, left, here).score).toBe(score);
    expect(scores(here, right, there).score).not.toBe(score);
    expect(scores(there, left, there).score).not.toBe(score);
  });
});

describe("the scores at the start", () => {
  it("are small: the weights of each output have norm 0.1", () => {
    const { parameters } = shapedScorer(spaces, { ...settings, discount: 0.9, rewardInputs: "state" });
    for (const tree of [parameters, pairScorer(spaces, settings).parameters]) {
      const layout = nn.layoutOf(tree);
      const views = layout.views(layout.initialise(createRng(0)));
      const outputs = Object.entries(views).filter(([name]) => name.endsWith("output.weight"));
      expect(outputs.length).toBeGreaterThan(0);
      for (const [, { data }] of outputs) expect(Math.hypot(...data)).toBeCloseTo(0.1, 6);
    }
  });
});
