/** Points: the move, both rewards, goals and their clusters, walls, and what is refused. */

import { describe, expect, it } from "vitest";
import { checkEnv, makeVector } from "../../../envs/index.js";
import { pointGoal } from "../../../envs/points/point-goal.js";
import { pointNavigation } from "../../../envs/points/point-navigation.js";
import { CLUSTER_CENTRES, CLUSTER_SPREAD, type GoalTask } from "../../../envs/tasks/circle-goals.js";
import type { Environment } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";
import { expectFrequencies, expectGoodFamily, sampleTasks, tally } from "../tasks/family.js";

const at = (observation: unknown): number[] => Array.from(observation as Float32Array);

function close(values: readonly number[]): unknown[] {
  return values.map((value) => expect.closeTo(value, 6));
}

describe("PointGoal-v0", () => {
  it("is a valid task family, with every set of goals", async () => {
    for (const goals of ["clusters", "circle", "semicircle", "disc"])
      await expectGoodFamily("PointGoal-v0", { goals });
    await expectGoodFamily("PointGoal-v0", { reward: "sparse" });
  });

  it("moves by a tenth of the action, clipped along each axis", () => {
    const environment = pointGoal();
    expect(at(environment.reset().observation)).toEqual([0, 0]);
    expect(at(environment.step([1, -0.5]).observation)).toEqual(close([0.1, -0.05]));
    expect(at(environment.step([-9, 0.25]).observation)).toEqual(close([0, -0.025]));
  });

  it("rewards with minus the distance, or with 1 minus the distance near the goal and nothing elsewhere", () => {
    const goal: [number, number] = [0.3, 0.4];
    const rewards = (reward: "dense" | "sparse") => {
      const environment = pointGoal({ reward });
      environment.setTask!({ cluster: 0, goal });
      environment.reset();
      return [
        [0, 0],
        [1, 1],
        [1, 1],
        [1, 1],
      ].map((action) => environment.step(action).reward);
    };
    const distances = [0.5, Math.hypot(0.2, 0.3), Math.hypot(0.1, 0.2), 0.1];
    expect(rewards("dense")).toEqual(close(distances.map((distance) => -distance)));
    expect(rewards("sparse")).toEqual(close([0, 0, 0, 0.9]));
  });

  it("has a mean return of −3.81 (clusters) and −3.84 (circle) with a known goal, and −20 at the start", async () => {
    // Towards the goal along each axis until its coordinate is reached: no move is nearer on either axis at any step.
    const count = 720;
    const vector = await makeVector("PointGoal-v0", count);
    const angles = Array.from({ length: count }, (_, k) => (2 * Math.PI * (k + 0.5)) / count);
    const goals = angles.map((angle): [number, number] => [Math.cos(angle), Math.sin(angle)]);
    for (const [i, goal] of goals.entries()) vector.setTask!(i, { cluster: 0, goal });
    vector.reset({ seed: 1 });
    const returns = new Float64Array(count);
    for (let step = 0; step < 20; step++) {
      const positions = vector.observations;
      const actions = Float32Array.from({ length: 2 * count }, (_, k) => {
        const left = goals[k >> 1][k & 1] - positions[k];
        return Math.max(-1, Math.min(1, 10 * left));
      });
      vector.step(actions);
      for (let i = 0; i < count; i++) returns[i] += vector.rewards[i];
    }
    const average = (weight: (angle: number) => number) => {
      const weights = angles.map(weight);
      return weights.reduce((sum, w, k) => sum + w * returns[k], 0) / weights.reduce((sum, w) => sum + w, 0);
    };
    const density = (angle: number) => {
      let sum = 0;
      for (const centre of CLUSTER_CENTRES) {
        for (const turn of [-2, 0, 2]) {
          sum += Math.exp(-0.5 * ((angle / Math.PI - centre - turn) / CLUSTER_SPREAD) ** 2);
        }
      }
      return sum;
    };
    expect(average(density)).toBeCloseTo(-3.81, 2);
    expect(average(() => 1)).toBeCloseTo(-3.84, 2);
    console.log(
      average(density),
      average(() => 1),
    );
    const still = pointGoal();
    still.reset({ seed: 1 });
    let total = 0;
    for (let step = 0; step < 20; step++) total += still.step([0, 0]).reward;
    expect(total).toBeCloseTo(-20, 5);
  });

  it("is truncated after 20 steps, in trials of 2 episodes, and never terminates at the goal", async () => {
    const vector = await makeVector("PointGoal-v0", 1, { options: { reward: "sparse" } });
    vector.setTask!(0, { cluster: 0, goal: [0, 0] });
    vector.reset({ seed: 1 });
    for (let step = 1; step <= 40; step++) {
      vector.step(Float32Array.of(0, 0));
      expect([vector.terminated[0], vector.truncated[0], vector.trialEnded![0]]).toEqual([
        0,
        step % 20 === 0 ? 1 : 0,
        step === 40 ? 1 : 0,
      ]);
      expect(vector.rewards[0]).toBe(1);
    }
  });

  /** Angles of goals in units of π, and their distances from the origin. */
  const polar = (environment: Environment) =>
    sampleTasks<GoalTask>(environment, 4000).map(({ cluster, goal: [x, y] }) => ({
      cluster,
      angle: (Math.atan2(y, x) / Math.PI + 2) % 2,
      distance: Math.hypot(x, y),
    }));

  it.each([
    ["circle", 2],
    ["semicircle", 1],
  ] as const)("draws goals uniformly from the %s", (goals, range) => {
    const drawn = polar(pointGoal({ goals, radius: 3 }));
    for (const { distance } of drawn) expect(distance).toBeCloseTo(3, 10);
    expectFrequencies(
      tally(
        drawn.map(({ angle }) => Math.floor((8 * angle) / range)),
        8,
      ),
      new Array(8).fill(1 / 8),
    );
  });

  it("draws goals of a cluster about its centre, with a standard deviation of 0.2 π", () => {
    const drawn = polar(pointGoal());
    for (const [cluster, centre] of CLUSTER_CENTRES.entries()) {
      const offsets = drawn
        .filter((goal) => goal.cluster === cluster)
        .map(({ angle }) => ((angle - centre + 3) % 2) - 1);
      // Quartiles of the normal distribution.
      const bins = offsets.map((x) => {
        const z = x / CLUSTER_SPREAD;
        return z < -0.67449 ? 0 : z < 0 ? 1 : z < 0.67449 ? 2 : 3;
      });
      expectFrequencies(tally(bins, 4), [0.25, 0.25, 0.25, 0.25]);
    }
  });

  it("has clusters that overlap in 21 % of the goals", () => {
    const nearest = (angle: number) => Math.floor(2 * angle) % 4;
    const strays = polar(pointGoal()).filter(({ cluster, angle }) => nearest(angle) !== cluster);
    // P(|N(0, 0.2)| > 0.25), but for the other side of the circle.
    expect(Math.abs(strays.length / 4000 - 0.2113)).toBeLessThan(4 * Math.sqrt((0.21 * 0.79) / 4000));
  });

  it("starts at a given position, and refuses an invalid one", () => {
    const environment = pointGoal();
    expect(at(environment.reset({ options: { state: [2, -1] } }).observation)).toEqual([2, -1]);
    for (const state of [[1], [1, Number.NaN], "here", null]) {
      expect(() => environment.reset({ options: { state } })).toThrow(
        'reset option "state" must be two finite numbers',
      );
    }
    expect(() => environment.setTask!({ cluster: 0, goal: [1] })).toThrow("PointGoal-v0, task");
    expect(() => environment.setTask!({ cluster: 4, goal: [1, 1] })).toThrow('"cluster" is 4');
    expect(() => pointGoal({ goals: "square" as "circle" })).toThrow(
      'PointGoal-v0: option "goals" is "square"',
    );
  });

  it("renders itself as text and as SVG", () => {
    const environment = pointGoal();
    environment.setTask!({ cluster: 0, goal: [0, 1] });
    environment.reset();
    expect(environment.render!()).toBe("point 0.00, 0.00   goal 0.00, 1.00");
    expect(environment.renderSvg!()).toMatch(/^<svg [\s\S]*<circle [\s\S]*<\/svg>$/);
  });
});

describe("PointNavigation-v0", () => {
  it("passes checkEnv, with and without walls", async () => {
    expect(await checkEnv("PointNavigation-v0")).toEqual([]);
    expect(
      await checkEnv(() => pointNavigation({ walls: [[-0.5, -0.1, 0.5, 0.1]], reward: "sparse" })),
    ).toEqual([]);
  });

  it("starts anywhere except at the goal or in a wall", () => {
    const environment = pointNavigation({ walls: [[-1, -1, 0, 0]] });
    const quadrants = Array.from({ length: 1500 }, (_, e) => {
      const [x, y] = at(environment.reset({ seed: e === 0 ? 1 : undefined }).observation);
      expect(Math.hypot(x - 0.8, y - 0.8)).toBeGreaterThan(0.1);
      return (x > 0 ? 1 : 0) + (y > 0 ? 2 : 0);
    });
    const goalShare = Math.PI * 0.1 ** 2;
    const free = 3 - goalShare;
    expectFrequencies(tally(quadrants, 4).slice(1), [1 / free, 1 / free, (1 - goalShare) / free]);
    expect(tally(quadrants, 4)[0]).toBe(0);
  });

  it("terminates at the goal", () => {
    const environment = pointNavigation({ goal: [0.5, 0] });
    environment.reset({ options: { state: [0.25, 0] } });
    expect(environment.step([1, 0])).toMatchObject({ reward: expect.closeTo(-0.15), terminated: false });
    expect(environment.step([1, 0])).toMatchObject({ reward: expect.closeTo(-0.05), terminated: true });
    const sparse = pointNavigation({ goal: [0.5, 0], reward: "sparse" });
    sparse.reset({ options: { state: [0.25, 0] } });
    expect([sparse.step([1, 0]).reward, sparse.step([1, 0]).reward]).toEqual([0, expect.closeTo(0.95)]);
  });

  it("stays in its room, slides along walls and does not pass them", () => {
    const environment = pointNavigation({ walls: [[0, -1, 0.11, 0.5]] });
    environment.reset({ options: { state: [-0.05, -0.98] } });
    expect(at(environment.step([1, -1]).observation)).toEqual(close([-0.05, -1]));
    for (let step = 0; step < 14; step++) environment.step([1, 1]);
    // 1.4 up from the floor, and not an inch further right: below 0.5 the wall is in the way.
    expect(at(environment.step([0, 0]).observation)).toEqual(close([-0.05, 0.4]));
    environment.step([0, 1]);
    expect(at(environment.step([1, 0.5]).observation)).toEqual(close([-0.05, 0.55]));
    expect(at(environment.step([1, 0]).observation)).toEqual(close([0.05, 0.55]));
  });

  it("never enters a wall, for any actions", () => {
    const environment = pointNavigation({ walls: [[-0.3, -0.3, 0.3, 0.3]], maxEpisodeSteps: 3000 });
    const rng = createRng("walk");
    environment.reset({ seed: 2 });
    for (let step = 0; step < 3000; step++) {
      const result = environment.step([2 * rng.uniform() - 1, 2 * rng.uniform() - 1]);
      const [x, y] = at(result.observation);
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeGreaterThanOrEqual(Math.fround(0.3) - 1e-6);
      if (result.terminated || result.truncated) environment.reset();
    }
  });

  it("refuses thin walls, goals inside a wall, full rooms and invalid starts", () => {
    const walled = (...walls: [number, number, number, number][]) => pointNavigation({ walls });
    expect(() => walled([0, 0, 0.05, 1])).toThrow("the wall [0, 0, 0.05, 1] must be");
    expect(() => walled([0.5, 0, 0, 1])).toThrow("[left, bottom, right, top]");
    expect(() => walled([0.5, 0.5, 1, 1])).toThrow("the goal 0.8, 0.8 is inside a wall");
    const full = pointNavigation({ goalRadius: 3 });
    expect(() => full.reset()).toThrow("found no start outside the walls and the goal");
    expect(() => pointNavigation({ goal: [2, 0] })).toThrow('option "goal.0" is 2');
    const environment = walled([-0.5, -0.5, 0, 0]);
    expect(() => environment.reset({ options: { state: [1.5, 0] } })).toThrow("outside of the square");
    expect(() => environment.reset({ options: { state: [-0.1, -0.1] } })).toThrow("inside a wall");
  });
});
