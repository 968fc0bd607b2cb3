/** Trials of several episodes: which task is played when, in both forms, through snapshots and by request. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment, TaskFamily, VectorEnvironment } from "../../src/env/contracts.js";
import type { DynamicsSpec } from "../../src/env/dynamics.js";
import { clusterField, taskChecker } from "../../src/env/task-families.js";
import { makeVector, vectorOf } from "../../src/env/vector.js";
import { discrete } from "../../src/spaces/index.js";
import { decodeJson, encodeJson } from "../../src/state/json.js";

type Payout = { cluster: number; reward: number };

const schema = z.strictObject({ cluster: clusterField(2), reward: z.number() });

/** Each task pays its own reward at every step: rewards say which task is played. Cluster 1 pays below 0. */
const family: TaskFamily<Payout> = {
  clusters: 2,
  sampleTask(rng) {
    const cluster = rng.integer(2);
    return { cluster, reward: (cluster === 0 ? 1 : -1) * (1 + rng.uniform()) };
  },
  clusterOf: ({ cluster }) => cluster,
  checkTask: taskChecker("Payouts", schema),
};

/** Action 1 ends the episode, as does the limit of 3 steps. Every step draws from the copy's stream. */
function payouts(episodesPerTask?: number): DynamicsSpec {
  return {
    id: "Payouts",
    observationSpace: discrete(1),
    actionSpace: discrete(2),
    maxEpisodeSteps: 3,
    resetOptions: [],
    tasks: family,
    episodesPerTask,
    dynamics(copies) {
      const paid = new Float64Array(copies);
      return {
        state: {},
        setTask(i, { reward }: Payout) {
          paid[i] = reward;
        },
        reset() {},
        step(actions, rngs, rewards, terminated) {
          for (let i = 0; i < actions.length; i++) {
            rngs[i].uniform();
            rewards[i] = paid[i];
            terminated[i] = actions[i];
          }
        },
        observe(from, to, out) {
          out.fill(0, from, to);
        },
      };
    },
  };
}

const single = (episodesPerTask?: number): Environment => environmentOf(payouts(episodesPerTask));
const native = (count: number, episodesPerTask?: number): Promise<VectorEnvironment> =>
  makeVector(() => single(episodesPerTask), count);

/** Plays one episode of `steps` steps after a reset, and returns its reward with what `info` said of the trial. */
function episode(environment: Environment, { steps = 3, seed }: { steps?: number; seed?: number } = {}) {
  const { episodeInTrial } = environment.reset({ seed }).info;
  let last = environment.step(steps === 1 ? 1 : 0);
  for (let step = 2; step <= steps; step++) last = environment.step(step === steps && steps < 3 ? 1 : 0);
  return { reward: last.reward, episodeInTrial, trialEnded: last.info.trialEnded };
}

describe("a trial", () => {
  it("keeps its task for all its episodes, and then a new one is drawn", () => {
    const environment = single(3);
    const episodes = Array.from({ length: 12 }, (_, e) =>
      episode(environment, { seed: e === 0 ? 1 : undefined }),
    );
    const rewards = episodes.map(({ reward }) => reward);
    for (let e = 0; e < 12; e++) expect(rewards[e]).toBe(rewards[e - (e % 3)]);
    expect(new Set(rewards).size).toBe(4);
    expect(episodes.map(({ episodeInTrial }) => episodeInTrial)).toEqual([
      0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2,
    ]);
    expect(episodes.map(({ trialEnded }) => trialEnded)).toEqual(
      Array.from({ length: 12 }, (_, e) => e % 3 === 2),
    );
  });

  it("has one episode by default", () => {
    const environment = single();
    expect(environment.episodesPerTask).toBe(1);
    const rewards = Array.from({ length: 5 }, () => episode(environment).reward);
    expect(new Set(rewards).size).toBe(5);
  });

  it("ends at the last step of its last episode, and not earlier", () => {
    const environment = single(2);
    environment.reset();
    const ends = [0, 0, 0].map((action) => environment.step(action).info.trialEnded);
    environment.reset();
    ends.push(environment.step(0).info.trialEnded, environment.step(1).info.trialEnded);
    expect(ends).toEqual([false, false, false, false, true]);
    expect(environment.reset().info).toEqual({ episodeInTrial: 0, trialEnded: false });
  });

  it("restarts at a reset in the middle of an episode, or with a seed", () => {
    const environment = single(4);
    environment.reset({ seed: 1 });
    const first = environment.step(0).reward;
    expect(environment.reset().info.episodeInTrial).toBe(0);
    const second = environment.step(0).reward;
    expect(second).not.toBe(first);
    environment.step(1);
    expect(environment.reset().info.episodeInTrial).toBe(1);
    expect(environment.step(1).reward).toBe(second);
    expect(environment.reset({ seed: 1 }).info.episodeInTrial).toBe(0);
    expect(environment.step(0).reward).toBe(first);
  });

  it("has the same tasks, independent of the actions", () => {
    const tasks = (steps: number) => {
      const environment = single(2);
      return Array.from(
        { length: 8 },
        (_, e) => episode(environment, { steps, seed: e === 0 ? 7 : undefined }).reward,
      );
    };
    expect(tasks(1)).toEqual(tasks(3));
  });
});

describe("setTask", () => {
  it("sets the task from the next reset on, in every trial, until tasks are drawn again", () => {
    const environment = single(2);
    const drawn = episode(environment, { seed: 3 }).reward;
    environment.reset();
    environment.setTask!({ cluster: 0, reward: 9 });
    expect(environment.step(0).reward).toBe(drawn);
    expect(environment.getTask!()).toMatchObject({ reward: drawn });
    // The trial ends with this episode, although it was to have another.
    expect(environment.step(1).info.trialEnded).toBe(true);
    for (let e = 0; e < 6; e++) {
      const { reward, episodeInTrial } = episode(environment);
      expect([reward, episodeInTrial]).toEqual([9, e % 2]);
    }
    expect(environment.getTask!()).toEqual({ cluster: 0, reward: 9 });
    environment.reset({ seed: 5 });
    expect(environment.step(0).reward).toBe(9);
    environment.setTask!(undefined);
    expect(environment.step(1).reward).toBe(9);
    expect(episode(environment).reward).not.toBe(9);
  });

  it("keeps the sequence of drawn tasks", () => {
    const environment = single();
    const rewards = [episode(environment, { seed: 3 }), episode(environment)].map(({ reward }) => reward);
    episode(environment, { seed: 3 });
    environment.setTask!({ cluster: 1, reward: 0 });
    episode(environment);
    environment.setTask!(undefined);
    expect(episode(environment).reward).toBe(rewards[1]);
  });

  it("works before the first reset, and on one environment of a vector", async () => {
    const environment = single();
    environment.setTask!({ cluster: 0, reward: 4 });
    expect(episode(environment).reward).toBe(4);
    const vector = await native(3, 5);
    vector.setTask!(1, { cluster: 1, reward: -7 });
    vector.step(Int32Array.of(1, 1, 1));
    expect(Array.from(vector.trialEnded!)).toEqual([0, 1, 0]);
    vector.step(Int32Array.of(0, 0, 0));
    expect(vector.rewards[1]).toBe(-7);
    expect(vector.getTask!(1)).toEqual({ cluster: 1, reward: -7 });
  });

  it("copies the task that is set, and returns copies", () => {
    const environment = single();
    const task = { cluster: 0, reward: 4 };
    environment.setTask!(task);
    task.reward = 5;
    environment.reset();
    (environment.getTask!() as Payout).reward = 6;
    expect(environment.getTask!()).toEqual({ cluster: 0, reward: 4 });
  });

  it("refuses an invalid task, a missing environment, and getTask before a reset", async () => {
    const environment = single();
    expect(() => environment.setTask!({ cluster: 0, reward: "much" })).toThrow(
      'Payouts, task: option "reward" is "much": it must be a number',
    );
    expect(() => environment.setTask!({ cluster: 2, reward: 0 })).toThrow('"cluster" is 2');
    expect(() => environment.setTask!({ cluster: 0, rewards: 0 })).toThrow('did you mean "reward"');
    expect(() => environment.setTask!(3)).toThrow("must be an object, not 3");
    expect(() => environment.getTask!()).toThrow("Payouts: call reset() before getTask()");
    const vector = await native(2);
    expect(() => vector.setTask!(2, { cluster: 0, reward: 1 })).toThrow(
      "cannot set the task of environment 2",
    );
  });
});

describe("setTasks", () => {
  const pool = [
    { cluster: 0, reward: 3 },
    { cluster: 1, reward: -4 },
  ];

  it("draws the tasks of later trials from a finite set, each row with its own stream", async () => {
    const [vector, other] = [await native(3, 1), vectorOf(Array.from({ length: 3 }, () => single(1)))];
    const played = [vector, other].map((each) => {
      each.setTasks!(pool);
      each.reset({ seed: 3 });
      return Array.from({ length: 30 }, () => {
        each.step(Int32Array.of(1, 1, 1));
        return [...each.rewards];
      });
    });
    expect(played[1]).toEqual(played[0]);
    for (const i of [0, 1, 2]) expect(new Set(played[0].map((row) => row[i]))).toEqual(new Set([3, -4]));
    expect(played[0].map((row) => row[0])).not.toEqual(played[0].map((row) => row[1]));
    vector.setTasks!(undefined);
    vector.reset();
    vector.step(Int32Array.of(1, 1, 1));
    expect([3, -4]).not.toContain(vector.rewards[0]);
  });

  it("gives way to setTask, and refuses invalid tasks and an empty set", async () => {
    const vector = await native(1, 1);
    vector.setTasks!(pool);
    vector.setTask!(0, { cluster: 0, reward: 9 });
    vector.reset();
    vector.step(Int32Array.of(1));
    expect(vector.rewards[0]).toBe(9);
    expect(() => vector.setTasks!([])).toThrow("Payouts: setTasks needs at least one task");
    expect(() => vector.setTasks!([{ cluster: 5, reward: 1 }])).toThrow('"cluster" is 5');
  });
});

describe("the cluster of a task", () => {
  it("is known to the family, and may be omitted if there is only one", () => {
    const environment = single();
    for (let e = 0; e < 20; e++) {
      const { reward } = episode(environment);
      expect(environment.tasks!.clusterOf(environment.getTask!())).toBe(reward > 0 ? 0 : 1);
    }
    expect(z.strictObject({ cluster: clusterField(1) }).parse({})).toEqual({ cluster: 0 });
    expect(() => environment.setTask!({ reward: 1 })).toThrow('option "cluster" is required');
  });
});

describe("a vector of a task family", () => {
  it("reports the ends of trials, at which the next task has already started", async () => {
    const vector = await native(2, 2);
    expect([vector.episodesPerTask, vector.tasks]).toEqual([2, family]);
    vector.reset({ seed: 1 });
    const first = Array.from({ length: 2 }, (_, i) => vector.getTask!(i));
    const ends: number[][] = [];
    for (const actions of [
      [1, 0],
      [0, 1],
      [1, 0],
    ]) {
      vector.step(Int32Array.from(actions));
      ends.push(Array.from(vector.trialEnded!));
    }
    expect(ends).toEqual([
      [0, 0],
      [0, 0],
      [1, 0],
    ]);
    expect(vector.getTask!(0)).not.toEqual(first[0]);
    expect(vector.getTask!(1)).toEqual(first[1]);
  });

  it("counts the episodes of trials and the steps of episodes, for the observations that it shows", async () => {
    const vector = await native(1, 2);
    vector.reset({ seed: 1 });
    const shown = () => [vector.episodeInTrial![0], vector.stepInEpisode![0]];
    const seen = [shown()];
    for (const action of [0, 1, 0, 0, 0, 0]) {
      vector.step(Int32Array.of(action));
      seen.push(shown());
    }
    expect(seen).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 2],
      [0, 0],
      [0, 1],
    ]);
    const saved = vector.getState();
    vector.step(Int32Array.of(1));
    vector.setState(saved);
    expect(shown()).toEqual([0, 1]);
  });

  it("equals single environments, through resets at any time", async () => {
    const [one, other] = [await native(4, 3), vectorOf(Array.from({ length: 4 }, () => single(3)))];
    one.reset({ seed: 2 });
    other.reset({ seed: 2 });
    for (let step = 0; step < 200; step++) {
      const actions = Int32Array.from({ length: 4 }, (_, i) => ((step * (i + 3)) % 5 === 0 ? 1 : 0));
      one.step(actions);
      other.step(actions);
      expect(one.rewards).toEqual(other.rewards);
      expect(one.trialEnded).toEqual(other.trialEnded);
      expect(one.episodeInTrial).toEqual(other.episodeInTrial);
      expect(one.stepInEpisode).toEqual(other.stepInEpisode);
      if (step % 17 !== 0) continue;
      one.reset();
      other.reset();
    }
  });
});

describe("a snapshot in the middle of a trial", () => {
  it("resumes with its task, its episode and the next tasks, also through JSON", () => {
    const environment = single(3);
    episode(environment, { seed: 1 });
    environment.reset();
    environment.step(0);
    environment.setTask!({ cluster: 0, reward: 5 });
    const arrays = new Map<string, Parameters<Parameters<typeof encodeJson>[1]>[0]>();
    const text = encodeJson(environment.getState!(), (array, path) => {
      arrays.set(path, array);
      return path;
    });
    const ahead = (target: Environment) => {
      const results: unknown[] = [target.step(0), target.step(0)];
      for (let e = 0; e < 4; e++) results.push(episode(target));
      target.setTask!(undefined);
      for (let e = 0; e < 4; e++) results.push(episode(target));
      return results;
    };
    const expected = ahead(environment);
    for (const target of [environment, single(3)]) {
      target.setState!(decodeJson(text, (name) => arrays.get(name)!, "snapshot"));
      expect(ahead(target)).toEqual(expected);
    }
  });

  it("can be taken before the first reset", () => {
    const fresh = single(2);
    fresh.setState!(single(2).getState!());
    expect(episode(fresh)).toEqual(episode(single(2)));
  });
});

describe("an environment without tasks", () => {
  it("has no task methods, in either form", async () => {
    const { tasks, episodesPerTask, ...spec } = payouts();
    const environment = environmentOf(spec);
    expect([
      environment.tasks,
      environment.getTask,
      environment.setTask,
      environment.episodesPerTask,
    ]).toEqual(Array(4).fill(undefined));
    expect(environment.reset().info).toEqual({});
    const vector = await makeVector(() => environmentOf(spec), 2);
    expect([vector.tasks, vector.trialEnded, vector.setTask]).toEqual(Array(3).fill(undefined));
  });
});
