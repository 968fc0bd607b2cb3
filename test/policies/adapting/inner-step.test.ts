/** @file The inner step: its value and its Jacobian against closed forms, and networks of several tasks against one. */

import { describe, expect, it } from "vitest";
import { innerStep } from "../../../src/policies/adapting/inner-step.js";
import { adaptingNetwork } from "../../../src/policies/adapting/network.js";
import { actionInput, actorCritic } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import { expectClose } from "../../nn/support.js";

const rate = 0.3;

/** A Gaussian of one state: θ = [weight of the observation 0, mean μ, log deviation s]. */
const gaussian = adaptingNetwork({
  observationSpace: box([1], -1, 1),
  actionSpace: box([1], -1, 1),
  hidden: [],
  activation: "tanh",
});
const actions = [0.3, -1.2, 0.8, 2];
const advantages = [1, -0.5, 2, -2.5];
const shares = [0.25, 0.25, 0.4, 0.1];

/** θ′, and the rows of its Jacobian with respect to θ. */
function adapted(theta: number[], mode: "ratio" | "log-probability" = "ratio") {
  const program = t.program({ theta: t.float32([1, 3]), old: t.float32([1, 3]) }, ({ theta, old }) => {
    const constant = (values: number[], extra: number[] = []) =>
      t.constant(Float32Array.from(values), [1, values.length, ...extra]);
    const observations = t.zeros([1, 4, 1]);
    const taken = constant(actions, [1]);
    const logProbs = gaussian.evaluate(old, observations).logProb(taken);
    const batch = {
      observations,
      actions: taken,
      logProbs,
      advantages: constant(advantages),
      shares: constant(shares),
    };
    let next = innerStep(gaussian, theta, batch, rate);
    if (mode === "log-probability") {
      const logProb = gaussian.evaluate(theta, observations).logProb(taken);
      const objective = t.sum(t.mul(t.mul(logProb, batch.advantages), batch.shares));
      next = t.add(theta, t.mul(t.grad(objective, [theta])[0], rate));
    }
    const rows = t.split(t.reshape(next, [3]), [1, 1, 1]).map((entry) => t.grad(t.sum(entry), [theta])[0]);
    return { next, jacobian: t.concat(rows) };
  });
  return program.interpret({ theta, old: theta });
}

/** Gradient and Hessian of log π in (μ, s), and the sum of w Â times a matrix, over the four steps. */
function closedForm([, mean, logStd]: number[]) {
  const deviation = Math.exp(logStd);
  const weighted = (of: (z: number) => number) =>
    actions.reduce((sum, a, i) => sum + shares[i] * advantages[i] * of((a - mean) / deviation), 0);
  const score = [(z: number) => z / deviation, (z: number) => z * z - 1];
  const second = [
    [() => -1 / deviation ** 2, (z: number) => (-2 * z) / deviation],
    [(z: number) => (-2 * z) / deviation, (z: number) => -2 * z * z],
  ];
  return {
    gradient: score.map(weighted),
    /** ∇² of E[ρ Â], and of E[log π Â]. */
    hessian: second.map((row, i) => row.map((of, j) => weighted((z) => of(z) + score[i](z) * score[j](z)))),
    ofLogProbability: second.map((row) => row.map((of) => weighted(of))),
  };
}

describe("the inner step", () => {
  const theta = [0.7, 0.2, -0.4];

  it("follows the policy gradient", () => {
    const { gradient } = closedForm(theta);
    const { next } = adapted(theta);
    expectClose(next, [theta[0], theta[1] + rate * gradient[0], theta[2] + rate * gradient[1]], 1e-6);
  });

  it("has the Jacobian I + α ∇² E[ρ Â]", () => {
    const { hessian } = closedForm(theta);
    const expected = [1, 0, 0, 0, 1 + rate * hessian[0][0], rate * hessian[0][1], 0, rate * hessian[1][0]];
    expectClose(adapted(theta).jacobian, [...expected, 1 + rate * hessian[1][1]], 1e-6);
  });

  it("would lose a part of it without the ratio, with the same value", () => {
    const without = adapted(theta, "log-probability");
    expectClose(without.next, adapted(theta).next, 1e-6);
    const { ofLogProbability, hessian } = closedForm(theta);
    expect(without.jacobian[4]).toBeCloseTo(1 + rate * ofLogProbability[0][0], 6);
    expect(Math.abs(hessian[0][0] - ofLogProbability[0][0])).toBeGreaterThan(0.1);
  });
});

describe("networks of several tasks", () => {
  it.each([
    ["box", box([2], -1, 1)],
    ["discrete", discrete(3)],
    ["multi-discrete", { kind: "multi-discrete", sizes: [2, 3] }],
  ] as [string, Space][])("give each task what its own network gives: %s actions", (_, actionSpace) => {
    const settings = {
      observationSpace: box([3], -1, 1),
      actionSpace,
      hidden: [4, 5],
      activation: "tanh",
    } as const;
    const many = adaptingNetwork({ ...settings, hidden: [4, 5] });
    const one = actorCritic({ ...settings, hidden: [4, 5], critic: false });
    expect(many.layout.entries).toEqual(one.layout.entries);
    const rng = createRng("networks");
    const parameters = rng.fillNormal(new Float32Array(2 * one.layout.size));
    const observations = rng.fillNormal(new Float32Array(2 * 3 * 3));
    const { shape, dtype } = actionInput(actionSpace, 6);
    const perAction = (shape as number[]).slice(1);
    const chosen = Array.from({ length: (shape as number[]).reduce((a, b) => a * b) }, (_, k) => k % 2);
    const program = t.program(
      {
        parameters: t.float32([2, one.layout.size]),
        observations: t.float32([2, 3, 3]),
        actions: { shape, dtype },
      },
      (inputs) => {
        const actions = t.reshape(inputs.actions, [2, 3, ...perAction]);
        const rows = (x: t.Tensor, i: number) => t.gather(x, t.constant(i, [], "int32"));
        const each = [0, 1].map((i) => {
          const p = one.layout.unflatten(rows(inputs.parameters, i));
          return one.distribution(p, rows(inputs.observations, i)).logProb(rows(actions, i));
        });
        return {
          all: many.evaluate(inputs.parameters, inputs.observations).logProb(actions),
          each: t.concat(each),
        };
      },
    );
    const { all, each } = program.interpret({ parameters, observations, actions: chosen });
    expectClose(all, each, 1e-9);
    expect(Math.abs(each[0] - each[3])).toBeGreaterThan(1e-3);
  });
});
