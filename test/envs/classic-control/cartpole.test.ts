/** @file CartPole-v1 against the equations of motion and against transitions of Gymnasium 1.3's CartPole-v1. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cosNear0, sinNear0 } from "../../../envs/classic-control/small-angle.js";
import { cartPole, makeVector } from "../../../envs/index.js";

type Carts = [number, number, number, number];

/** One Euler step from the two Lagrange equations of the cart and the rod, solved as a linear system. */
function lagrangeStep([x, v, angle, w]: Carts, force: number): Carts {
  const [cart, pole, l, g, dt] = [1, 0.1, 0.5, 9.8, 0.02];
  // (M + m) ẍ + m l cos θ θ̈ = F + m l θ̇² sin θ  and  m l cos θ ẍ + 4/3 m l² θ̈ = m g l sin θ.
  const [a, b, p] = [cart + pole, pole * l * Math.cos(angle), force + pole * l * w * w * Math.sin(angle)];
  const [c, d, q] = [b, (4 / 3) * pole * l * l, pole * g * l * Math.sin(angle)];
  const determinant = a * d - b * c;
  const acceleration = (p * d - b * q) / determinant;
  const angularAcceleration = (a * q - c * p) / determinant;
  return [x + dt * v, v + dt * acceleration, angle + dt * w, w + dt * angularAcceleration];
}

const from = (state: number[]) => {
  const environment = cartPole();
  environment.reset({ options: { state } });
  return environment;
};

describe("CartPole-v1", () => {
  it("moves by the Lagrange equations", () => {
    const number = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true });
    fc.assert(
      fc.property(number(2.4), number(4), number(3), number(4), fc.nat(1), (x, v, angle, w, action) => {
        const expected = lagrangeStep([x, v, angle, w], action === 1 ? 10 : -10);
        const observation = from([x, v, angle, w]).step(action).observation as Float32Array;
        for (let i = 0; i < 4; i++) expect(observation[i]).toBeCloseTo(expected[i], 5);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([
    [
      [0.6574, -1.3813, -0.1836, -2.9008],
      0,
      [0.6297739744186401, -1.5748742818832397, -0.24161599576473236, -2.668994426727295],
      true,
    ],
    [
      [1.9812, 0.6398, 0.0918, 0.2617],
      1,
      [1.993996024131775, 0.8334997892379761, 0.09703399986028671, -0.0006749979220330715],
      false,
    ],
    [
      [2.0883, 1.8951, -0.1989, 2.1444],
      1,
      [2.12620210647583, 2.091552257537842, -0.15601199865341187, 1.797439694404602],
      false,
    ],
    [
      [1.1023, -1.9461, 0.1453, 0.2488],
      0,
      [1.0633779764175415, -2.142965793609619, 0.15027600526809692, 0.5835551023483276],
      false,
    ],
    [
      [-0.9614, -0.4639, -0.1887, -2.2543],
      0,
      [-0.9706779718399048, -0.656812846660614, -0.23378600180149078, -2.025216579437256],
      true,
    ],
    [
      [0.7065, 0.6923, -0.0465, 2.9833],
      1,
      [0.7203459739685059, 0.8876533508300781, 0.013166000135242939, 2.6769206523895264],
      false,
    ],
  ] as const)("steps from %j by %i as Gymnasium does", (state, action, observation, terminated) => {
    const step = from([...state]).step(action);
    expect([...(step.observation as Float32Array)]).toEqual(observation);
    expect(step).toMatchObject({ reward: 1, terminated, truncated: false });
  });

  it("terminates beyond 2.4 m or 12 degrees, and not before", () => {
    const degrees = Math.PI / 180;
    expect(from([2.4, 0, 0, 0]).step(1).terminated).toBe(false);
    expect(from([2.4, 0.01, 0, 0]).step(1).terminated).toBe(true);
    expect(from([-2.4, -0.01, 0, 0]).step(0).terminated).toBe(true);
    expect(from([0, 0, 11.99 * degrees, 0]).step(1).terminated).toBe(false);
    expect(from([0, 0, 11.99 * degrees, 0.02]).step(1).terminated).toBe(true);
  });

  it("is truncated, not terminated, after 500 balanced steps", () => {
    const environment = cartPole();
    let observation = environment.reset({ seed: 3 }).observation as Float32Array;
    for (let step = 1; step <= 500; step++) {
      const [x, v, angle, w] = observation;
      const result = environment.step(0.1 * x + 0.3 * v + 3 * angle + w > 0 ? 1 : 0);
      observation = result.observation as Float32Array;
      expect(result).toMatchObject({ terminated: false, truncated: step === 500 });
    }
    expect(() => environment.step(0)).toThrow(
      "CartPole-v1: the episode has ended; call reset() before step()",
    );
  });

  it("terminates, and is not truncated, on a failure at the limit", () => {
    const environment = cartPole({ maxEpisodeSteps: 1 });
    environment.reset({ options: { state: [2.4, 1, 0, 0] } });
    expect(environment.step(0)).toMatchObject({ terminated: true, truncated: false });
  });

  it("starts within ±0.05 in every number", async () => {
    const vector = await makeVector("CartPole-v1", 2000);
    expect(Math.max(...vector.observations)).toBeGreaterThan(0.0499);
    expect(Math.max(...vector.observations.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.05));
    expect(Math.min(...vector.observations)).toBeLessThan(-0.0499);
  });

  it("starts between given bounds in every number", async () => {
    const vector = await makeVector("CartPole-v1", 500);
    vector.reset({ seed: 1, options: { low: 0.1, high: 0.2 } });
    expect(Math.min(...vector.observations)).toBeGreaterThanOrEqual(Math.fround(0.1));
    expect(Math.min(...vector.observations)).toBeLessThan(0.101);
    expect(Math.max(...vector.observations)).toBeGreaterThan(0.199);
    expect(Math.max(...vector.observations)).toBeLessThanOrEqual(Math.fround(0.2));
  });

  it("has Sutton and Barto's rewards on request: 0, then −1 for the fall", () => {
    const environment = cartPole({ suttonBartoReward: true });
    environment.reset({ options: { state: [0, 0, 0, 0] } });
    const steps = [environment.step(1)];
    while (!steps.at(-1)!.terminated) steps.push(environment.step(1));
    expect(steps.map(({ reward }) => reward)).toEqual([...Array(steps.length - 1).fill(0), -1]);
  });

  it("renders the cart and the pole", () => {
    const environment = from([-2.4, 0, 0.1, 0]);
    expect(environment.render!()).toBe(`╱\n□${"─".repeat(32)}\nposition -2.4 m, angle 5.73°`);
    expect(environment.renderSvg!()).toMatch(/^<svg[\s\S]*<rect x="30" y="160"[\s\S]*<\/svg>$/);
  });

  it.each([
    [{ low: 1 }, /"low" is 1, above "high", which is 0.05/],
    [{ state: [0, 0, 0] }, /must be 4 finite numbers \[position, velocity, angle, angular velocity\]/],
    [{ state: [0, 0, Number.NaN, 0] }, /4 finite numbers/],
    [{ state: "upright" }, /not upright/],
    [{ stat: [0, 0, 0, 0] }, /unknown reset option "stat"; did you mean "state"/],
  ])("refuses the reset options %j", (options, message) => {
    expect(() => cartPole().reset({ options })).toThrow(message);
  });

  it.each([2, -1, 0.5, Number.NaN, "1"])("refuses the action %j", (action) => {
    expect(() => from([0, 0, 0, 0]).step(action as number)).toThrow(
      /CartPole-v1: .*not an integer from 0 to 1/,
    );
  });

  it("uses series within one unit in the last place of sine and cosine", () => {
    const angles = Array.from({ length: 5000 }, (_, i) => i / 10_000 - 0.25);
    const sines = angles.map((x) => Math.abs(sinNear0(x) - Math.sin(x)) / (2 ** -52 * Math.abs(x) || 1));
    const cosines = angles.map((x) => Math.abs(cosNear0(x) - Math.cos(x)) / 2 ** -53);
    expect(Math.max(...sines, ...cosines)).toBeLessThanOrEqual(1);
    expect([sinNear0(2), cosNear0(2)]).toEqual([Math.sin(2), Math.cos(2)]);
  });
});
