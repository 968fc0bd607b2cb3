import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng } from "../../src/random/rng.js";
import { gae } from "../../src/rollout/gae.js";
import { collectRollout, createEpisodeTracker, createRollout } from "../../src/rollout/rollout-buffer.js";
import { clockPolicy, scriptedVector } from "../support/scripted.js";

type GaeInput = Parameters<typeof gae>[0];

const inputs = fc
  .record({ steps: fc.integer({ min: 1, max: 12 }), count: fc.integer({ min: 1, max: 4 }), seed: fc.nat() })
  .map(({ steps, count, seed }): GaeInput => {
    const rng = createRng(seed);
    const size = steps * count;
    const normal = () => rng.fillNormal(new Float32Array(size));
    const terminated = Uint8Array.from({ length: size }, () => Number(rng.uniform() < 0.15));
    const truncated = Uint8Array.from({ length: size }, () => Number(rng.uniform() < 0.15));
    const rewards = rng.fillNormal(new Float64Array(size));
    return { steps, count, rewards, values: normal(), nextValues: normal(), terminated, truncated };
  });

/** Rollouts of trials: credit stops where `ends` is 1, not at the ends of episodes. */
const trials = inputs.map((input): GaeInput => {
  const rng = createRng(input.steps);
  return { ...input, ends: Uint8Array.from(input.rewards, () => Number(rng.uniform() < 0.2)) };
});

const factor = fc.double({ min: 0, max: 1, noNaN: true });
const settings = { seed: 1, numRuns: 200 };

/** The steps of environment i from t on until its episode, or the rollout, ends: indices into the flat arrays. */
function restOfEpisode(
  { steps, count, terminated, truncated, ends }: GaeInput,
  t: number,
  i: number,
): number[] {
  const rest: number[] = [];
  for (let u = t; u < steps; u++) {
    const k = u * count + i;
    rest.push(k);
    if (ends ? ends[k] : terminated[k] || truncated[k]) break;
  }
  return rest;
}

/** Checks every advantage against a definition that sees the rest of its episode. */
function expectAdvantages(
  input: GaeInput,
  advantages: Float32Array,
  definition: (rest: number[]) => number,
): void {
  for (let k = 0; k < advantages.length; k++) {
    const rest = restOfEpisode(input, Math.floor(k / input.count), k % input.count);
    expect(advantages[k]).toBeCloseTo(definition(rest), 4);
  }
}

describe("gae", () => {
  it("is the (γλ)-weighted sum of TD errors in the rest of the episode or of the trial", () => {
    fc.assert(
      fc.property(fc.oneof(inputs, trials), factor, factor, (input, discount, gaeLambda) => {
        const { rewards, values, nextValues } = input;
        const { advantages, returns } = gae(input, { discount, gaeLambda });
        expectAdvantages(input, advantages, (rest) =>
          rest.reduce((sum, k, l) => {
            const delta = rewards[k] + discount * nextValues[k] - values[k];
            return sum + (discount * gaeLambda) ** l * delta;
          }, 0),
        );
        for (const [k, advantage] of advantages.entries()) {
          expect(returns[k]).toBeCloseTo(advantage + values[k], 4);
        }
      }),
      settings,
    );
  });

  it("is the one-step TD error with λ = 0", () => {
    fc.assert(
      fc.property(inputs, factor, (input, discount) => {
        const { advantages } = gae(input, { discount, gaeLambda: 0 });
        expectAdvantages(
          input,
          advantages,
          ([k]) => input.rewards[k] + discount * input.nextValues[k] - input.values[k],
        );
      }),
      settings,
    );
  });

  it("is the Monte Carlo return with a bootstrap at the end, less the value, with λ = 1", () => {
    const chained = inputs.map((input): GaeInput => {
      // Within an episode the next value is the value of the next step, as in a real rollout.
      const nextValues = input.nextValues.slice();
      for (let k = 0; k + input.count < nextValues.length; k++) {
        if (!input.terminated[k] && !input.truncated[k]) nextValues[k] = input.values[k + input.count];
      }
      return { ...input, nextValues };
    });
    fc.assert(
      fc.property(chained, factor, (input, discount) => {
        const { advantages } = gae(input, { discount, gaeLambda: 1 });
        expectAdvantages(input, advantages, (rest) => {
          const rewards = rest.reduce((sum, k, l) => sum + discount ** l * input.rewards[k], 0);
          const bootstrap = discount ** rest.length * input.nextValues[rest.at(-1)!];
          return rewards + bootstrap - input.values[rest[0]];
        });
      }),
      settings,
    );
  });
});

describe("bootstrapping at the time limit", () => {
  /** Fits a single value to the λ-returns of an endless stream of 1s that is cut every 5 steps. */
  async function fittedValue(forget: boolean): Promise<number> {
    let fitted = 0;
    const vector = scriptedVector({ count: 2, length: () => 5, ending: () => "truncated" });
    const policy = clockPolicy(vector, () => fitted);
    const rollout = createRollout(vector, 8);
    const tracker = createEpisodeTracker(vector.count);
    for (let iteration = 0; iteration < 100; iteration++) {
      await collectRollout(policy, vector, rollout, tracker, createRng(0));
      if (forget) {
        for (const [k, cut] of rollout.truncated.entries()) if (cut) rollout.nextValues[k] = 0;
      }
      const { returns } = gae(rollout, { discount: 0.9, gaeLambda: 0.8 });
      fitted = returns.reduce((sum, value) => sum + value, 0) / returns.length;
    }
    return fitted;
  }

  it("gives a constant reward r the value r/(1 − γ), for every episode length", async () => {
    expect(await fittedValue(false)).toBeCloseTo(10, 3);
  });

  it("is necessary: without it the value is far too low", async () => {
    expect(await fittedValue(true)).toBeLessThan(5);
  });
});
