/** @file Wrappers on environments with known values. */

import { describe, expect, it } from "vitest";
import {
  absorbingState,
  checkEnv,
  clipAction,
  corridor,
  frameStack,
  make,
  makeVector,
  normalizeObservation,
  normalizeObservations,
  normalizeReward,
  normalizeRewards,
  pendulum,
  recordEpisodeStatistics,
  rescaleAction,
  sparseReward,
  timeLimit,
  transformObservation,
} from "../../../envs/index.js";
import type { Environment } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, sample, whyOutside } from "../../../src/spaces/index.js";
import type { Action } from "../../../src/spaces/values.js";
import { constantReward, target } from "../../support/environments.js";

/** Counts its steps as observation and as reward; terminates after `length` steps where that is given. */
function counter({ length = Infinity } = {}): Environment {
  let clock = 0;
  return {
    id: "Counter",
    observationSpace: box([2], 0, 1000),
    actionSpace: discrete(2),
    reset() {
      clock = 0;
      return { observation: new Float32Array([0, 0]), info: {} };
    },
    step() {
      clock++;
      const observation = new Float32Array([clock, 2 * clock]);
      return { observation, reward: clock, terminated: clock >= length, truncated: false, info: {} };
    },
    getState: () => clock,
    setState(state) {
      clock = state as number;
    },
  };
}

const numbers = (observation: unknown) => [...(observation as Float32Array)];

/** Steps with action 0 until the episode ends. */
function episode(environment: Environment, limit = 100) {
  const steps = [];
  environment.reset();
  for (let i = 0; i < limit; i++) {
    const step = environment.step(0);
    steps.push(step);
    if (step.terminated || step.truncated) break;
  }
  return steps;
}

describe("timeLimit", () => {
  it("truncates at the limit, and again in the next episode", () => {
    const environment = timeLimit(counter(), 3);
    expect(environment.maxEpisodeSteps).toBe(3);
    for (let i = 0; i < 2; i++) {
      expect(episode(environment).map(({ truncated }) => truncated)).toEqual([false, false, true]);
    }
  });

  it("reports a termination at the limit as a termination", () => {
    expect(episode(timeLimit(counter({ length: 3 }), 3)).at(-1)).toMatchObject({
      terminated: true,
      truncated: false,
    });
  });

  it("keeps a shorter limit of the environment, and the exact model", async () => {
    const environment = timeLimit(await make("FrozenLake-v1", { maxEpisodeSteps: 5 }), 50);
    expect(environment.maxEpisodeSteps).toBe(5);
    expect(environment.model?.().states).toBe(16);
  });

  it.each([0, -1, 2.5, Number.NaN])("refuses a limit of %d steps", (limit) => {
    expect(() => timeLimit(counter(), limit)).toThrow(`positive number of steps, not ${limit}`);
  });
});

describe("recordEpisodeStatistics", () => {
  it("reports return and length of an episode at its end only", () => {
    const steps = episode(recordEpisodeStatistics(timeLimit(counter(), 4)));
    expect(steps.map(({ info }) => info.episode)).toEqual([
      undefined,
      undefined,
      undefined,
      { return: 10, length: 4 },
    ]);
  });
});

describe("clipAction and rescaleAction", () => {
  // Reward is −(a − goal)²: it says which action arrived.
  const arrived = (environment: Environment, action: number) => {
    environment.reset();
    return Math.sqrt(-environment.step([action]).reward);
  };

  it("clips into the box, and accepts any number", () => {
    const environment = clipAction(target({ goal: 0 }));
    expect(environment.actionSpace).toEqual(box([1], -Infinity, Infinity));
    expect([0.5, 9, -9].map((a) => arrived(environment, a))).toEqual([0.5, 2, 2]);
  });

  it("maps the unit interval, or another, linearly onto the box", () => {
    expect([-1, 0.5, 1].map((a) => arrived(rescaleAction(target({ goal: -2 })), a))).toEqual([0, 3, 4]);
    const environment = rescaleAction(target({ goal: -2 }), { min: 0, max: 10 });
    expect(environment.actionSpace).toEqual(box([1], 0, 10));
    expect([0, 5, 10].map((a) => arrived(environment, a))).toEqual([0, 2, 4]);
  });

  it("name the environment that they do not fit, and the reason", () => {
    expect(() => clipAction(counter())).toThrow("clipAction: Counter has actions in");
    expect(() => rescaleAction(clipAction(pendulum()))).toThrow(
      "the action space of Pendulum-v1 is not a bounded box",
    );
    expect(() => rescaleAction(pendulum(), { min: 1, max: 1 })).toThrow("entry 0 has min 1 and max 1");
    const world = { observationSpace: discrete(2), actionSpace: box([1], -Infinity, 1) };
    const unnamed = new (class {
      observationSpace = world.observationSpace;
      actionSpace = world.actionSpace;
      reset = () => 0;
      step = () => [0, 0, true, false, {}];
    })();
    for (const source of [unnamed, { ...unnamed }]) {
      expect(() => rescaleAction(source as never)).toThrow(
        "the action space of the environment is not a bounded box",
      );
    }
  });

  it("rescales every entry by its own bounds", () => {
    const got: number[][] = [];
    const environment = rescaleAction(
      {
        observationSpace: box([1], 0, 1),
        actionSpace: box([2], [0, -5], [10, -4]),
        reset: () => [0],
        step(action: ArrayLike<number>) {
          got.push(Array.from(action));
          return [[0], 0, false, false, {}];
        },
      },
      { min: [-1, 0], max: Float32Array.of(1, 1) },
    );
    expect(environment.actionSpace).toEqual(box([2], [-1, 0], [1, 1]));
    environment.reset();
    for (const action of [
      [0, 1],
      [-1, 0],
      [1, 0.5],
    ])
      environment.step(action);
    expect(got).toEqual([
      [5, -4],
      [0, -5],
      [10, -4.5],
    ]);
  });

  it.each([
    [{ min: [-1, -1] }, "min must be a number or 1 numbers, one for each entry of an action, not 2"],
    [{ max: [] }, "max must be a number or 1 numbers, one for each entry of an action, not 0"],
    [{ min: Number.NaN }, "entry 0 has min NaN and max 1"],
    [{ max: Infinity }, "entry 0 has min -1 and max Infinity"],
    [{ min: ["a"] as unknown as number[] }, "entry 0 has min a and max 1"],
  ])("rescaleAction refuses %j", (options, message) => {
    expect(() => rescaleAction(pendulum(), options)).toThrow(message);
  });
});

describe("frameStack", () => {
  it("stacks the last frames, oldest first, and starts with copies of the first one", () => {
    const environment = frameStack(counter(), 3);
    expect(environment.observationSpace).toEqual(box([3, 2], 0, 1000));
    expect(numbers(environment.reset().observation)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(numbers(environment.step(0).observation)).toEqual([0, 0, 0, 0, 1, 2]);
    environment.step(0);
    expect(numbers(environment.step(0).observation)).toEqual([1, 2, 2, 4, 3, 6]);
    expect(numbers(environment.reset().observation)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("refuses observations that are not a box, and 0 frames", () => {
    expect(() => frameStack(corridor(), 2)).toThrow("frameStack: Corridor-v0 has observations in");
    expect(() => frameStack(counter(), 0)).toThrow("frames must be a positive integer, not 0");
  });
});

describe("transformObservation", () => {
  it("returns the function's result, in the declared space", () => {
    const sum = (o: unknown) => [(o as Float32Array)[0] + (o as Float32Array)[1]];
    const environment = transformObservation(counter(), sum, box([1], 0, 3000));
    environment.reset();
    expect(numbers(environment.step(0).observation)).toEqual([3]);
  });

  it("refuses a result outside the space", () => {
    const environment = transformObservation(counter(), () => [1, 2, 3]);
    expect(() => environment.reset()).toThrow("transformObservation: the transformed observation is wrong");
  });
});

describe("sparseReward", () => {
  it("gives the sum of rewards at the end of the episode", () => {
    const rewards = episode(sparseReward(timeLimit(counter(), 4))).map(({ reward }) => reward);
    expect(rewards).toEqual([0, 0, 0, 10]);
  });

  it("gives the sum of rewards every so many steps, and the rest at the end", () => {
    const environment = sparseReward(timeLimit(counter(), 5), { every: 2 });
    for (let i = 0; i < 2; i++) {
      expect(episode(environment).map(({ reward }) => reward)).toEqual([0, 3, 0, 7, 5]);
    }
  });

  it("refuses an interval of 0 steps", () => {
    expect(() => sparseReward(counter(), { every: 0 })).toThrow("positive number of steps, not 0");
  });
});

describe("clipAction and rescaleAction", () => {
  it.each([clipAction, rescaleAction])("hand over a new array at every step: %o", (wrapper) => {
    const kept: unknown[] = [];
    const environment = wrapper({
      observationSpace: box([1], -1, 1),
      actionSpace: box([1], -1, 1),
      reset: () => [0],
      step(action: Float32Array) {
        kept.push(action);
        return [[0], 0, false, false, {}];
      },
    });
    environment.reset();
    for (const entry of [0.5, -0.5]) environment.step(Float32Array.of(entry));
    expect(kept).toEqual([Float32Array.of(0.5), Float32Array.of(-0.5)]);
  });
});

describe("absorbingState", () => {
  it("makes every episode last until the limit, with reward 0 after the end", () => {
    const steps = episode(absorbingState(counter({ length: 2 }), { maxEpisodeSteps: 4 }));
    expect(steps.map(({ observation }) => numbers(observation))).toEqual([
      [1, 2, 0],
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(steps.map(({ reward }) => reward)).toEqual([1, 2, 0, 0]);
    expect(steps.some(({ terminated }) => terminated)).toBe(false);
    expect(steps.map(({ truncated }) => truncated)).toEqual([false, false, false, true]);
  });

  it("adds a state to a discrete space", async () => {
    const environment = absorbingState(await make("FrozenLake-v1", { slippery: false }));
    expect(environment.observationSpace).toEqual(discrete(17));
    environment.reset();
    environment.step(2);
    expect(environment.step(1)).toMatchObject({ observation: 16, terminated: false });
  });

  it("starts the next episode in an ordinary state", () => {
    const environment = absorbingState(counter({ length: 1 }), { maxEpisodeSteps: 2 });
    episode(environment);
    expect(numbers(environment.reset().observation)).toEqual([0, 0, 0]);
    expect(environment.step(0).reward).toBe(1);
  });

  it("continues to the limit after a step that terminates and is truncated at once", () => {
    const inner = counter({ length: 2 });
    const ends: Environment = {
      ...inner,
      step(action) {
        const result = inner.step(action);
        return { ...result, truncated: result.terminated };
      },
    };
    const steps = episode(absorbingState(ends, { maxEpisodeSteps: 4 }));
    expect(steps.map(({ truncated }) => truncated)).toEqual([false, false, false, true]);
    const cut = { ...ends, step: (action: never) => ({ ...ends.step(action), terminated: false }) };
    expect(episode(absorbingState(cut, { maxEpisodeSteps: 4 }))).toHaveLength(2);
  });

  it("needs a time limit", () => {
    expect(() => absorbingState(counter())).toThrow("Counter needs a time limit");
  });
});

describe("normalizeObservation", () => {
  it("subtracts the running mean, and divides by the running deviation", () => {
    const environment = normalizeObservation(timeLimit(counter(), 50));
    const seen = [[0, 0]];
    environment.reset();
    for (let clock = 1; clock <= 20; clock++) {
      seen.push([clock, 2 * clock]);
      const observed = numbers(environment.step(0).observation);
      for (const i of [0, 1]) {
        const values = seen.map((row) => row[i]);
        const mean = values.reduce((a, b) => a + b) / values.length;
        const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
        expect(observed[i]).toBeCloseTo((values.at(-1)! - mean) / Math.sqrt(variance), 5);
      }
    }
  });

  it("does not update while frozen, and shares its statistics with another environment", () => {
    const training = normalizeObservation(timeLimit(counter(), 10));
    episode(training);
    const learnt = structuredClone(training.normalizer);
    const evaluation = normalizeObservation(timeLimit(counter(), 10), { normalizer: training.normalizer });
    training.normalizer.frozen = true;
    episode(evaluation);
    expect(training.normalizer).toEqual({ ...learnt, frozen: true });
    training.normalizer.frozen = false;
    episode(evaluation);
    expect(training.normalizer.moments.count).toBeGreaterThan(learnt.moments.count);
  });

  it("clips, and refuses statistics of another width", () => {
    const environment = normalizeObservation(counter(), { clip: 1.5 });
    expect(environment.observationSpace).toEqual(box([2], -1.5, 1.5));
    environment.reset();
    for (let i = 0; i < 30; i++) environment.step(0);
    expect(numbers(environment.step(0).observation)).toEqual([1.5, 1.5]);
    const other = normalizeObservation(pendulum()).normalizer;
    expect(() => normalizeObservation(counter(), { normalizer: other })).toThrow(
      "are of 3 numbers, not of 2",
    );
  });
});

describe("normalizeReward", () => {
  it("keeps the sign of a constant reward", () => {
    for (const { reward } of episode(normalizeReward(constantReward({ limit: 50 })))) {
      expect(reward).toBeGreaterThan(0);
    }
  });

  it("divides by the deviation of the discounted returns, which restart in every episode", () => {
    const discount = 0.5;
    const environment = normalizeReward(timeLimit(counter(), 3), { discount, clip: 1000 });
    const returns: number[] = [];
    for (let i = 0; i < 4; i++) {
      let running = 0;
      for (const [t, { reward }] of episode(environment).entries()) {
        running = discount * running + t + 1;
        returns.push(running);
        const mean = returns.reduce((a, b) => a + b) / returns.length;
        const variance = returns.reduce((sum, x) => sum + (x - mean) ** 2, 0) / returns.length;
        expect(reward).toBeCloseTo((t + 1) / (returns.length < 2 ? 1 : Math.sqrt(variance + 1e-8)), 9);
      }
    }
  });

  it("refuses a discount above 1", () => {
    expect(() => normalizeReward(counter(), { discount: 1.1 })).toThrow("must lie in [0, 1], not 1.1");
  });
});

const wrapped: Record<string, () => Environment> = {
  timeLimit: () => timeLimit(pendulum(), 7),
  recordEpisodeStatistics: () => recordEpisodeStatistics(pendulum({ maxEpisodeSteps: 9 })),
  clipAction: () => clipAction(pendulum({ maxEpisodeSteps: 9 })),
  rescaleAction: () => rescaleAction(pendulum({ maxEpisodeSteps: 9 })),
  frameStack: () => frameStack(pendulum({ maxEpisodeSteps: 9 }), 4),
  transformObservation: () => transformObservation(pendulum({ maxEpisodeSteps: 9 }), (o) => o),
  sparseReward: () => sparseReward(pendulum({ maxEpisodeSteps: 9 }), { every: 4 }),
  absorbingState: () => absorbingState(corridor({ length: 3, maxEpisodeSteps: 9 })),
  "all of them": () => {
    const limited = timeLimit(rescaleAction(pendulum()), 9);
    const stacked = frameStack(sparseReward(recordEpisodeStatistics(limited), { every: 2 }), 2);
    return transformObservation(stacked, (o) => o);
  },
};

describe.each(Object.keys(wrapped))("%s", (name) => {
  it("passes checkEnv: seeds, snapshots, spaces, terminations", async () => {
    const findings = (await checkEnv(wrapped[name])).map(({ what }) => what);
    const missing = "Pendulum-v1: entry 0 of the action, in [-Infinity, Infinity], lacks a bound";
    expect(findings).toEqual(name === "clipAction" ? [missing] : []);
  });
});

/** These remember more than an episode, so that no two episodes are alike: seeds do not start them afresh. */
const learning: Record<string, () => Environment> = {
  normalizeObservation: () => normalizeObservation(pendulum({ maxEpisodeSteps: 9 })),
  normalizeReward: () => normalizeReward(pendulum({ maxEpisodeSteps: 9 })),
  both: () => normalizeReward(normalizeObservation(pendulum({ maxEpisodeSteps: 9 }))),
};

describe.each(Object.keys(learning))("%s", (name) => {
  const play = (environment: Environment, steps: number) => {
    const rng = createRng("play");
    return Array.from({ length: steps }, () => {
      const result = environment.step(sample(environment.actionSpace, rng) as Action);
      expect(whyOutside(environment.observationSpace, result.observation)).toBeUndefined();
      return result.truncated ? [result, environment.reset()] : [result];
    });
  };

  it("resumes exactly from a snapshot, in a new environment too", () => {
    const [environment, fresh] = [learning[name](), learning[name]()];
    environment.reset({ seed: 1 });
    play(environment, 25);
    const state = environment.getState!();
    const ahead = play(environment, 40);
    for (const one of [environment, fresh]) {
      one.setState!(structuredClone(state));
      expect(play(one, 40)).toEqual(ahead);
    }
  });
});

describe("normalizeObservations and normalizeRewards", () => {
  const actions = (count: number) => new Float32Array(count).fill(0.5);

  it("equal the wrappers of single environments on a vector of one", async () => {
    const vector = normalizeRewards(
      normalizeObservations(await makeVector("Pendulum-v1", 1, { options: { maxEpisodeSteps: 6 } })),
    );
    const single = normalizeReward(normalizeObservation(pendulum({ maxEpisodeSteps: 6 })));
    vector.reset({ seed: 3 });
    // The vector's first environment draws from this stream.
    expect(single.reset({ seed: "3/env/0" }).observation).toEqual(vector.observations);
    let ends = 0;
    for (let step = 0; step < 30; step++) {
      vector.step(actions(1));
      const { observation, reward, truncated } = single.step([0.5]);
      expect(vector.rewards[0]).toBeCloseTo(reward, 12);
      if (truncated) {
        ends++;
        single.reset();
      } else expect(vector.observations).toEqual(observation);
    }
    expect(ends).toBe(5);
    expect(vector.normalizer).toEqual(single.normalizer);
  });

  it("use the mean and variance of all rows", async () => {
    const raw = await makeVector("Pendulum-v1", 4, { seed: 1 });
    const vector = normalizeObservations(raw);
    const rows: number[][] = [];
    const note = () => {
      for (let i = 0; i < 4; i++) rows.push([...raw.observations.slice(3 * i, 3 * i + 3)]);
    };
    vector.reset({ seed: 1 });
    note();
    for (let step = 0; step < 20; step++) {
      vector.step(actions(4));
      note();
    }
    const { mean, squares, count } = vector.normalizer.moments;
    expect(count).toBe(rows.length);
    for (const i of [0, 1, 2]) {
      const average = rows.reduce((sum, row) => sum + row[i], 0) / rows.length;
      const variance = rows.reduce((sum, row) => sum + (row[i] - average) ** 2, 0) / rows.length;
      expect(mean[i]).toBeCloseTo(average, 10);
      expect(squares[i] / count).toBeCloseTo(variance, 10);
    }
  });

  it("resume exactly from a snapshot, and do not change arrays that callers hold", async () => {
    const build = async () =>
      normalizeRewards(
        normalizeObservations(await makeVector("Pendulum-v1", 3, { options: { maxEpisodeSteps: 7 } })),
      );
    const play = (vector: Awaited<ReturnType<typeof build>>) =>
      Array.from({ length: 20 }, () => {
        vector.step(actions(3));
        return [vector.observations, vector.finalObservations, vector.rewards].map((array) => array.slice());
      });
    const [vector, fresh] = [await build(), await build()];
    const { observations } = fresh;
    play(vector);
    const state = structuredClone(vector.getState());
    const shown = vector.observations.slice();
    const ahead = play(vector);
    fresh.setState(state);
    expect(observations).toEqual(shown);
    // A row of final observations means something only after an end.
    expect(play(fresh).slice(7)).toEqual(ahead.slice(7));
    expect(fresh.normalizer).toEqual(vector.normalizer);
  });
});
