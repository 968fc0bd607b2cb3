/** @file Tests of the losses on pairs against closed forms. */

import { describe, expect, it } from "vitest";
import {
  type DpoOptions,
  dpoLoss,
  orpoLoss,
  type PairLoss,
  type Side,
  sftLoss,
} from "../../../../algorithms/preferences/fine-tuning/losses.js";
import { tabularModel } from "../../../../src/mdp/index.js";
import { softFiniteHorizon } from "../../../../src/mdp/soft-finite-horizon.js";
import { createRng } from "../../../../src/random/rng.js";
import * as t from "../../../../src/tensor/index.js";

const dpo = (options: Partial<DpoOptions> = {}) =>
  dpoLoss({ loss: "sigmoid", beta: 1, labelSmoothing: 0, ...options });

/** A policy over `prior.length` actions in one state, as logits, on pairs of segments of one step. */
function bandit(loss: PairLoss, prior: readonly number[], first: number[], second: number[]) {
  const pairs = first.length;
  const at = (x: t.Tensor, indices: number[]) =>
    t.gather(x, t.constant(Int32Array.from(indices), [pairs], "int32"));
  const inputs = {
    logits: t.float32([prior.length]),
    targets: t.float32([pairs]),
    weights: t.float32([pairs]),
  };
  return t.program(inputs, ({ logits, targets, weights }) => {
    const logProbs = t.logSoftmax(logits, -1);
    const log0 = t.constant(Float32Array.from(prior, Math.log), [prior.length]);
    const side = (indices: number[]): Side => {
      const sum = at(logProbs, indices);
      return { sum, mean: sum, reference: at(log0, indices) };
    };
    const losses = loss(side(first), side(second), targets);
    const total = t.sum(t.mul(losses, weights));
    return { losses, slope: t.grad(total, [logits])[0] };
  });
}

/** The logit of the first of two actions, with a uniform reference, after gradient steps of size 1. */
async function logitAfter(loss: PairLoss, steps: number, shareOfFirst: number, rate = 1): Promise<number> {
  const program = bandit(loss, [0.5, 0.5], [0, 1], [1, 0]);
  const weights = Float32Array.of(shareOfFirst, 1 - shareOfFirst);
  const logits = new Float32Array(2);
  for (let k = 0; k < steps; k++) {
    const { slope } = await program.run({ logits, targets: Float32Array.of(1, 1), weights });
    // The other logit stays 0, so that the first one is the log-odds.
    logits[0] -= rate * slope[0];
  }
  return logits[0];
}

const lossesAt = async (loss: PairLoss, logits: number[], prior: number[], targets: number[]) => {
  const n = targets.length;
  const program = bandit(loss, prior, new Array(n).fill(0), new Array(n).fill(1));
  const ones = new Float32Array(n).fill(1);
  const inputs = { logits: Float32Array.from(logits), targets: Float32Array.from(targets), weights: ones };
  return Array.from((await program.run(inputs)).losses);
};

describe("the loss of direct preference optimisation", () => {
  it("is ln 2 at the reference, whatever the answer", async () => {
    const prior = [0.3, 0.7];
    for (const loss of await lossesAt(dpo({ beta: 0.3 }), prior.map(Math.log), prior, [1, 0, 0.5])) {
      expect(loss).toBeCloseTo(Math.LN2, 6);
    }
  });

  it("is the same where both the segments and the answer are swapped", async () => {
    for (const loss of ["sigmoid", "ipo", "hinge", "unlikelihood"] as const) {
      const of = dpo({ loss, beta: 0.5, labelSmoothing: 0.1 });
      const [ahead] = await lossesAt(of, [1.3, 0], [0.5, 0.5], [0.8]);
      const [behind] = await lossesAt(of, [0, 1.3], [0.5, 0.5], [0.2]);
      expect(ahead).toBeCloseTo(behind, 5);
    }
  });

  it.each([1, 0.5])("is least at a log-odds of ln 3 / β for 3 answers to 1, with β = %d", async (beta) => {
    expect(await logitAfter(dpo({ beta }), 400, 0.75)).toBeCloseTo(Math.log(3) / beta, 3);
  });

  it("grows by β / 2 a step without its weight, for ever", async () => {
    expect(await logitAfter(dpo({ loss: "unlikelihood" }), 100, 0.75)).toBeCloseTo(50, 3);
    expect(await logitAfter(dpo({ loss: "unlikelihood", beta: 0.5 }), 100, 0.75)).toBeCloseTo(25, 3);
  });

  it("still grows with the logarithm of the steps where all answers agree, but not as ipo or smoothed", async () => {
    const expected = [2.26, 4.59, 6.91];
    for (const [k, value] of expected.entries()) {
      expect(await logitAfter(dpo(), 10 ** (k + 1), 1)).toBeCloseTo(value, 1);
    }
    expect(await logitAfter(dpo({ loss: "ipo" }), 100, 1, 0.1)).toBeCloseTo(0.5, 4);
    expect(await logitAfter(dpo({ labelSmoothing: 0.25 }), 400, 1)).toBeCloseTo(Math.log(3), 3);
  });

  it("has the minimum π₀ e^(r / β) / Z over all answers to pairs of 4 actions", async () => {
    const [prior, rewards, beta] = [[0.4, 0.3, 0.2, 0.1], [0, 0.5, 1, -0.7], 0.7];
    const pairs = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].filter((b) => b > a).map((b) => [a, b]));
    const program = bandit(
      dpo({ beta }),
      prior,
      pairs.map(([a]) => a),
      pairs.map(([, b]) => b),
    );
    const targets = Float32Array.from(pairs, ([a, b]) => 1 / (1 + Math.exp(rewards[b] - rewards[a])));
    const weights = new Float32Array(pairs.length).fill(1);
    const logits = Float32Array.from(prior, Math.log);
    for (let k = 0; k < 600; k++) {
      const { slope } = await program.run({ logits, targets, weights });
      for (let a = 0; a < 4; a++) logits[a] -= slope[a];
    }
    const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
    const expected = [0.212297, 0.325249, 0.442929, 0.019525];
    for (const [a, p] of expected.entries()) expect(Math.exp(logits[a]) / total).toBeCloseTo(p, 4);
  });

  it("weighs a pair by how wrong the policy is: .993 at a margin of −5", async () => {
    const program = bandit(dpo(), [0.5, 0.5], [0], [1]);
    const ones = Float32Array.of(1);
    const { slope } = await program.run({ logits: Float32Array.of(-5, 0), targets: ones, weights: ones });
    expect(-slope[0]).toBeCloseTo(0.9933, 4);
  });
});

describe("the margin of segments of a deterministic process", () => {
  it("is the difference of their returns where they start alike, and not elsewhere", () => {
    const rng = createRng("identity");
    const [states, actions, horizon] = [6, 3, 5];
    const next = Int32Array.from({ length: states * actions }, () => rng.integer(states));
    const reward = Float64Array.from(next, () => rng.normal());
    const model = tabularModel({
      ...{ states, actions, initial: 0, discount: 0.9 },
      transitions: (s, a) => [
        { next: next[s * actions + a], probability: 1, reward: reward[s * actions + a] },
      ],
    });
    const { policy, values } = softFiniteHorizon(model, { horizon });
    /** The return of a random segment, and the sum of log π / π₀ with a uniform π₀, for β = 1. */
    const play = (start: number) => {
      let [s, sum, ratio] = [start, 0, 0];
      for (let step = 0; step < horizon; step++) {
        const pair = s * actions + rng.integer(actions);
        sum += reward[pair];
        ratio += Math.log(policy[step * states * actions + pair]) + Math.log(actions);
        s = next[pair];
      }
      return { sum, ratio };
    };
    const shift = horizon * Math.log(actions);
    for (let k = 0; k < 50; k++) {
      const [start, other] = [rng.integer(states), rng.integer(states)];
      const [a, b, c] = [play(start), play(start), play(other)];
      expect(a.ratio - b.ratio).toBeCloseTo(a.sum - b.sum, 10);
      expect(a.sum).toBeCloseTo(values[start] - shift + a.ratio, 10);
      expect(a.ratio - c.ratio).toBeCloseTo(a.sum - c.sum - (values[start] - values[other]), 10);
    }
  });
});

describe("the loss of odds ratios", () => {
  it("is .547598 for p⁺ = .6, p⁻ = .4 and λ = .1", async () => {
    const logits = [Math.log(0.6), Math.log(0.4)];
    const [loss] = await lossesAt(orpoLoss(0.1), logits, [0.5, 0.5], [1]);
    expect(loss).toBeCloseTo(0.547598, 5);
  });

  it("is that of supervised learning for λ = 0", async () => {
    const at = (loss: PairLoss) => lossesAt(loss, [0.3, -1], [0.5, 0.5], [1]);
    expect(await at(orpoLoss(0))).toEqual(await at(sftLoss));
  });

  it("is finite for a certain policy", async () => {
    for (const logits of [
      [100, 0],
      [0, 100],
    ]) {
      const [loss] = await lossesAt(orpoLoss(1), logits, [0.5, 0.5], [1]);
      expect(Number.isFinite(loss)).toBe(true);
    }
  });
});
