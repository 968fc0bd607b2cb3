/** @file Evaluations of a policy with known returns. */

import { describe, expect, it } from "vitest";
import type { Environment } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import { type EvaluateOptions, evaluate } from "../../src/measure/evaluate.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { chainEnvironment } from "../support/chain.js";

/** Always right, or left, with probability `p`. */
const goRight = (p: number) =>
  new TabularPolicy(
    8,
    Float64Array.from({ length: 16 }, (_, i) => (i % 2 ? p : 1 - p)),
  );

/** Episodes of 1, 2, 3, … steps in turn, each step paying 1, whatever is done. */
function countingEnvironment(): Environment {
  let [episode, steps] = [0, 0];
  return {
    id: "Counting-v0",
    observationSpace: { kind: "discrete", n: 8 },
    actionSpace: { kind: "discrete", n: 2 },
    reset() {
      episode++;
      steps = 0;
      return { observation: 0, info: {} };
    },
    step() {
      steps++;
      return { observation: 0, reward: 1, terminated: steps === episode, truncated: false, info: {} };
    },
  };
}

describe("evaluate", () => {
  it("cuts episodes that do not end at maxEpisodeSteps, and counts them", async () => {
    // Episode i of each environment has i steps, so with one environment the episodes have 1, 2, 3, … steps.
    const options = { env: countingEnvironment, episodes: 4, environments: 1, maxEpisodeSteps: 4 };
    const { lengths, returns, truncatedByLimit } = await evaluate(goRight(1), options);
    expect(Math.max(...lengths)).toBe(4);
    expect(lengths.filter((length) => length === 4).length).toBeGreaterThanOrEqual(truncatedByLimit);
    expect(returns).toEqual(lengths);
    expect(truncatedByLimit).toBeGreaterThan(0);
    expect((await evaluate(goRight(1), { ...options, maxEpisodeSteps: 100 })).truncatedByLimit).toBe(0);
  });

  it.each([{}, { environments: 3 }])("ends in an environment without an end %o", async (settings) => {
    const circles = () => ({
      ...countingEnvironment(),
      step: () => ({ observation: 0, reward: 1, terminated: false, truncated: false, info: {} }),
    });
    const { lengths, truncatedByLimit } = await evaluate(goRight(1), {
      env: circles,
      episodes: 5,
      ...settings,
    });
    expect(lengths).toEqual(new Array(5).fill(10_000));
    expect(truncatedByLimit).toBe(5);
  });

  it("ends with the reason of its signal", async () => {
    const options = { env: chainEnvironment, episodes: 50, signal: AbortSignal.abort(new Error("enough")) };
    await expect(evaluate(goRight(1), options)).rejects.toThrow("enough");
  });

  it("sums the raw rewards of whole episodes", async () => {
    const options = { env: chainEnvironment, episodes: 50, seed: 1 };
    const { returns, lengths, mean, interval } = await evaluate(goRight(1), options);
    expect(returns).toHaveLength(50);
    returns.forEach((value, i) => {
      const reached = lengths[i] < 30 || value > 0;
      expect(value).toBeCloseTo(reached ? 1 - 0.01 * (lengths[i] - 1) : -0.3, 10);
    });
    expect(mean).toBeCloseTo(returns.reduce((a, b) => a + b) / 50, 12);
    expect(interval[0]).toBeLessThan(mean);
    expect(interval[1]).toBeGreaterThan(mean);
  });

  it("gives the same episodes for the same seed, and different ones for another", async () => {
    const at = (seed: number) => evaluate(goRight(0.7), { env: chainEnvironment, episodes: 20, seed });
    expect(await at(1)).toEqual(await at(1));
    expect((await at(1)).returns).not.toEqual((await at(2)).returns);
  });

  it("uses the policy's mode, unless sampling is requested", async () => {
    const options = { env: chainEnvironment, episodes: 50, seed: 1 };
    const mode = await evaluate(goRight(0.51), options);
    const sample = await evaluate(goRight(0.51), { ...options, deterministic: false });
    expect(mode.mean).toBeGreaterThan(0.8);
    expect(sample.mean).toBeLessThan(0.6);
  });

  it("is not biased towards short episodes", async () => {
    const options = { env: countingEnvironment, episodes: 12, environments: 4, seed: 0 };
    const { lengths } = await evaluate(goRight(1), options);
    // The vector's own reset begins episode 2 or later; each environment gives three in a row.
    const first = lengths[0];
    expect(lengths).toEqual(Array.from({ length: 4 }, () => [first, first + 1, first + 2]).flat());
  });

  it("reports its progress", async () => {
    const seen: number[] = [];
    const onProgress = (episodes: number) => void seen.push(episodes);
    await evaluate(goRight(1), { env: chainEnvironment, episodes: 10, environments: 1, onProgress });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it.each<[string, object, RegExp]>([
    ["an unknown option", { episode: 5 }, /evaluate: unknown option "episode"; did you mean "episodes"\?/],
    ["no episodes", { episodes: 0 }, /evaluate: option "episodes" is 0/],
    ["an unknown environment", { env: "Chian-v0" }, /unknown environment "Chian-v0"/],
  ])("refuses %s with an explanation", async (_, wrong, message) => {
    const given = { env: chainEnvironment, ...wrong } as EvaluateOptions;
    await expect(evaluate(goRight(1), given)).rejects.toThrow(UsageError);
    await expect(evaluate(goRight(1), given)).rejects.toThrow(message);
  });

  it("refuses a policy of another environment, naming both spaces", async () => {
    const stranger = new TabularPolicy(9, new Float64Array(18).fill(0.5));
    const given = evaluate(stranger, { env: chainEnvironment });
    await expect(given).rejects.toThrow(/observations Discrete\(9\), but Chain-v0 has Discrete\(8\)/);
    await expect(evaluate("expert" as never, { env: chainEnvironment })).rejects.toThrow(/must be a policy/);
  });
});
