/** @file Groups of runs, their final measures and their mean curves. */

import { describe, expect, it } from "vitest";
import { type ComparedRun, comparison, meanCurve } from "../../src/runs/comparison.js";
import type { RunConfig } from "../../src/runs/spec.js";

interface Given {
  algorithm?: string;
  seed?: number;
  env?: string;
  environmentOptions?: Record<string, unknown>;
  options?: Record<string, unknown>;
  from?: string;
  isFinished?: boolean;
  unit?: string;
}

/** A run with one evaluation for each of the means, every 10 steps. */
function run(means: number[], { algorithm = "ppo", seed = 0, from, isFinished = true, ...rest }: Given = {}) {
  const { env = "CartPole-v1", environmentOptions = {}, options = {}, unit = "environment steps" } = rest;
  const rows = means.map((mean, i) => ({ steps: 10 * (i + 1), seconds: i, mean }));
  const folder = from ? `${from}/seed-${seed}` : `runs/${algorithm}-${seed}`;
  const config = { algorithm, env, environmentOptions, options, seed, steps: 10 * means.length, unit };
  return {
    folder,
    from: from ?? folder,
    config: config as Partial<RunConfig> as RunConfig,
    isFinished,
    metrics: rows.map(({ steps, seconds }) => ({ steps, seconds, loss: 1 })),
    evaluations: rows,
  } satisfies ComparedRun;
}

describe("a comparison", () => {
  it("groups runs that differ in their seeds only, with the mean, and the curve of each of few seeds", () => {
    const { groups, measure, env, omitted } = comparison([
      run([1, 10], { seed: 0 }),
      run([3, 20], { seed: 1 }),
      run([0, 7], { algorithm: "a2c" }),
    ]);
    expect({ measure, env, omitted }).toEqual({ measure: "evaluation", env: "CartPole-v1", omitted: [] });
    expect(groups.map(({ name, seeds, steps }) => [name, seeds, steps])).toEqual([
      ["ppo", [0, 1], 20],
      ["a2c", [0], 20],
    ]);
    expect(groups[0]).toMatchObject({ values: [10, 20], final: { value: 15 } });
    const points = (...[first, last]: number[]) => [
      { x: 10, y: first },
      { x: 20, y: last },
    ];
    expect(groups[0].curve).toEqual(points(2, 15));
    expect(groups[0].seedCurves).toEqual([points(1, 10), points(3, 20)]);
    expect(groups[1]).toMatchObject({ final: { value: 7 } });
    expect(groups[1].seedCurves).toEqual([]);
  });

  it("has an interval from five seeds on", () => {
    const seeds = (count: number) =>
      comparison(Array.from({ length: count }, (_, seed) => run([seed, 2 * seed], { seed }))).groups[0];
    expect(seeds(4).final).toEqual({ value: 3 });
    expect(seeds(4).seedCurves).toHaveLength(4);
    const { final, curve, seedCurves } = seeds(5);
    expect(final!.value).toBe(4);
    // Wider than a unit, and within the lowest and the highest: a mean of five of five is rarely that of one.
    for (const { y: middle, low, high } of [...curve, { y: 4, ...final! }]) {
      expect(low).toBeLessThan(middle - 0.5);
      expect(high).toBeGreaterThan(middle + 0.5);
    }
    expect(final!.low).toBeGreaterThan(0);
    expect(final!.high).toBeLessThan(8);
    expect(seedCurves).toEqual([]);
  });

  it("tells groups of one algorithm apart by the options that differ", () => {
    const demonstrations = (episodes: number, seed: number) => ({
      demonstrations: {
        expert: "CartPole-v1",
        seed: `${seed}/demonstrations`,
        checksum: `${seed}`,
        episodes,
      },
    });
    const bc = (episodes: number, seed: number) =>
      run([1], { algorithm: "bc", seed, options: { l2: 0, ...demonstrations(episodes, seed) } });
    const { groups } = comparison([bc(5, 0), bc(5, 1), bc(50, 0), run([1])]);
    expect(groups.map(({ name, seeds }) => [name, seeds.length])).toEqual([
      ["bc, demonstrations expert:CartPole-v1 (5 episodes)", 2],
      ["bc, demonstrations expert:CartPole-v1 (50 episodes)", 1],
      ["ppo", 1],
    ]);
  });

  it("names groups by folder where too many options differ, and groups by folder where asked", () => {
    const many = (value: number) => ({ a: value, b: value, c: value, d: value });
    const runs = [
      run([1], { from: "runs/x", options: many(1) }),
      run([2], { from: "runs/y", options: many(2) }),
    ];
    expect(comparison(runs).groups.map(({ name }) => name)).toEqual(["ppo (runs/x)", "ppo (runs/y)"]);
    const same = [run([1], { from: "runs/x" }), run([2], { from: "runs/y" })];
    expect(comparison(same, "folder").groups.map(({ name }) => name)).toEqual(["runs/x", "runs/y"]);
    expect(() => comparison(same)).toThrow(
      "seed 0 would count twice: runs/x/seed-0 and runs/y/seed-0 have the same settings",
    );
  });

  it("leaves unfinished runs out of the final values, and names them", () => {
    const { groups, omitted } = comparison([run([1, 9]), run([1], { seed: 1, isFinished: false })]);
    expect(groups[0]).toMatchObject({ seeds: [0], final: { value: 9 } });
    expect(omitted).toEqual([{ folder: "runs/ppo-1", reason: "unfinished: 10 of 10 environment steps" }]);
  });

  it("has a curve but no final value where no run of a group has finished", () => {
    const [group] = comparison([run([1, 2], { isFinished: false })]).groups;
    expect(group.final).toBeUndefined();
    expect(group.curve).toHaveLength(2);
  });

  it("chooses a measure that all runs have, and names runs without it where there is none", () => {
    const trained = (value: number, algorithm: string) => {
      const rows = [{ steps: 10, seconds: 0, return: value, loss: 1 }];
      return { ...run([5], { algorithm }), metrics: rows };
    };
    const unevaluated = { ...trained(3, "a2c"), evaluations: [] };
    expect(comparison([trained(4, "ppo"), unevaluated])).toMatchObject({
      measure: "return",
      groups: [{ final: { value: 4 } }, { final: { value: 3 } }],
    });
    const cloned = { ...run([5], { algorithm: "bc" }), evaluations: [{ steps: 10, seconds: 0, score: 0.5 }] };
    const { measure, groups, omitted } = comparison([run([5]), cloned]);
    expect(measure).toBe("evaluation");
    expect(groups[1]).toMatchObject({ values: [undefined], final: undefined, score: { value: 0.5 } });
    expect(omitted).toEqual([
      { folder: "runs/bc-0", reason: "it was not evaluated: train with --evaluate.every" },
    ]);
  });

  it("does not compare losses of different algorithms", () => {
    const lossy = (algorithm: string) => ({ ...run([5], { algorithm }), evaluations: [] });
    expect(comparison([lossy("bc"), lossy("gail")]).measure).toBeUndefined();
    expect(comparison([lossy("bc")]).measure).toBe("loss");
  });

  it("refuses runs of different environments, and of one environment with different options", () => {
    expect(() => comparison([run([1]), run([1], { algorithm: "a2c", env: "Hopper-v5" })])).toThrow(
      "runs/ppo-0 is of CartPole-v1, runs/a2c-0 of Hopper-v5",
    );
    const large = run([1], { algorithm: "a2c", environmentOptions: { size: 8 } });
    expect(() => comparison([run([1]), large])).toThrow('with different options, {} and {"size":8}');
  });
});

describe("meanCurve", () => {
  const line = (...points: [number, number][]) => points.map(([x, y]) => ({ x, y }));

  it("interpolates between the points of each curve, within the range that all have", () => {
    const curve = meanCurve([line([0, 0], [10, 10], [30, 10]), line([5, 1], [15, 3])]);
    expect(curve.map(({ x, y }) => [x, y])).toEqual([
      [5, 3],
      [10, 6],
      [15, 6.5],
    ]);
  });

  it("keeps 200 points, the first and the last among them", () => {
    const curve = meanCurve([line(...Array.from({ length: 1001 }, (_, x): [number, number] => [x, 2 * x]))]);
    expect(curve).toHaveLength(200);
    expect([curve[0], curve.at(-1)]).toEqual([
      { x: 0, y: 0 },
      { x: 1000, y: 2000 },
    ]);
  });

  it("is empty without points, or without a common range", () => {
    expect(meanCurve([[], []])).toEqual([]);
    expect(meanCurve([line([0, 1]), line([5, 1])])).toEqual([]);
  });
});
