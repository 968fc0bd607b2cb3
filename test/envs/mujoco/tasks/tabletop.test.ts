/** Tabletop-v0: tasks, rewards, contacts, snapshots and forms; and a scripted policy that solves every kind. */

import { afterEach, describe, expect, it } from "vitest";
import { checkEnv, make, makeVector } from "../../../../envs/index.js";
import { PROPS, tabletopModel } from "../../../../envs/mujoco/models/tabletop.js";
import { loadPhysics } from "../../../../envs/mujoco/physics/load.js";
import { tabletop } from "../../../../envs/mujoco/tasks/tabletop.js";
import { tabletopExpert } from "../../../../envs/mujoco/tasks/tabletop-expert.js";
import {
  doorAngle,
  doorHandle,
  HAND_START,
  KINDS,
  type Kind,
  type TabletopTask,
  TOLERANCES,
} from "../../../../envs/mujoco/tasks/tabletop-tasks.js";
import type { Environment } from "../../../../src/env/contracts.js";
import { createRng } from "../../../../src/random/rng.js";
import { expectFrequencies, sampleTasks, tally } from "../../tasks/family.js";

const opened: { close?(): void }[] = [];
async function open(kinds: readonly Kind[] = KINDS): Promise<Environment<Float32Array>> {
  const environment = await tabletop({ kinds: [...kinds], episodesPerTask: 1 });
  opened.push(environment);
  return environment;
}
afterEach(() => {
  for (const environment of opened.splice(0)) environment.close!();
});

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Plays an episode; `act` returns actions. Whether any step, and the last one, was a success. */
function play(environment: Environment<Float32Array>, act: (observation: Float32Array) => number[]) {
  let { observation } = environment.reset();
  let [any, last, total] = [false, false, 0];
  for (let ended = false; !ended; ) {
    const step = environment.step(act(observation));
    observation = step.observation;
    last = step.info.success === 1;
    any ||= last;
    total += step.reward;
    ended = step.truncated || step.terminated;
  }
  return { any, last, total, observation };
}

describe("the scripted policy of Tabletop-v0", () => {
  it.each(KINDS)("solves tasks of the kind %s", async (kind) => {
    const environment = await open([kind]);
    environment.reset({ seed: 1 });
    const tasks = sampleTasks<TabletopTask>(environment, 20);
    const ends = tasks.map((task) => {
      environment.setTask!(task);
      return play(environment, tabletopExpert(kind, task));
    });
    expect(ends.filter(({ last }) => last).length).toBeGreaterThanOrEqual(19);
    // It stays at the goal.
    expect(Math.min(...ends.filter(({ last }) => last).map(({ total }) => total))).toBeGreaterThan(700);
  });

  it("is needed: random actions hardly ever solve a task", async () => {
    const environment = await open();
    const rng = createRng("actions");
    environment.reset({ seed: 2 });
    const ends = Array.from({ length: 20 }, () =>
      play(environment, () => Array.from({ length: 4 }, () => 2 * rng.uniform() - 1)),
    );
    expect(ends.filter(({ any }) => any).length).toBeLessThanOrEqual(2);
  });
});

describe("Tabletop-v0", () => {
  it("is a valid environment", async () => {
    expect(await checkEnv(() => make("Tabletop-v0", { maxEpisodeSteps: 20 }))).toEqual([]);
  });

  it("draws all kinds alike, with room between start and goal", async () => {
    const environment = await open();
    const tasks = sampleTasks<TabletopTask>(environment, 3000);
    expect(environment.tasks!.clusters).toBe(6);
    expectFrequencies(
      tally(
        tasks.map(({ cluster }) => cluster),
        6,
      ),
      new Array(6).fill(1 / 6),
    );
    for (const task of tasks) {
      const kind = KINDS[task.cluster];
      const start = kind === "reach" ? HAND_START : [...task.at, PROPS.block];
      if (!["drawer-open", "door-open", "button-press"].includes(kind))
        expect(distance(start, task.goal)).toBeGreaterThanOrEqual(0.15);
      expect(environment.tasks!.checkTask(task)).toEqual(task);
    }
  });

  it("observes hand, opening, the prop and its speed, and the hand a step before, and not the task", async () => {
    const environment = await open(["push", "reach"]);
    const seen = [
      { cluster: 0, at: [0.1, -0.05], goal: [-0.1, 0.1, 0.02] },
      { cluster: 1, at: [0.1, -0.05], goal: [0.1, 0.1, 0.1] },
    ].map((task) => {
      environment.setTask!(task);
      const { observation, info } = environment.reset({ seed: 3 });
      expect(info).toEqual({ episodeInTrial: 0, trialEnded: false });
      const { observation: next } = environment.step([1, -1, 0, 1]);
      return [Array.from(observation), Array.from(next)];
    });
    expect(seen[1]).toEqual(seen[0]);
    const [first, next] = seen[0];
    expect(distance(first, HAND_START)).toBeLessThan(0.02);
    expect(first[3]).toBeCloseTo(0.04, 6);
    expect(first.slice(4, 8)).toEqual([0.1, -0.05, 0.02, 0].map((x) => expect.closeTo(x, 6)));
    expect(first.slice(8)).toEqual(first.slice(0, 3));
    expect(next.slice(8)).toEqual(first.slice(0, 3));
    // A step at full speed is 1 cm, less the time to reach that speed.
    expect(next[0] - first[0]).toBeGreaterThan(0.007);
    expect(next[0] - first[0]).toBeLessThan(0.0101);
    expect(next[1] - first[1]).toBeCloseTo(first[0] - next[0], 3);
    expect(next[3]).toBeGreaterThan(first[3]);
  });

  it("rewards a hand and a prop that come nearer, up to 9, and success with 10", async () => {
    const environment = await open(["reach", "pick-place"]);
    for (const { cluster, goal } of [
      { cluster: 0, goal: [0.2, 0, 0.2] },
      { cluster: 1, goal: [0.1, 0.1, 0.1] },
    ]) {
      const task = { cluster, at: [-0.1, 0.1] as [number, number], goal: goal as [number, number, number] };
      environment.setTask!(task);
      const act = tabletopExpert(cluster === 0 ? "reach" : "pick-place", task);
      let { observation } = environment.reset({ seed: 1 });
      let before = 0;
      for (let t = 0; t < 150; t++) {
        const { reward, info, observation: next } = environment.step(act(observation));
        const moved = cluster === 0 ? next.subarray(0, 3) : next.subarray(4, 7);
        const left = distance(moved, goal);
        if (info.success === 1) expect(reward).toBe(10);
        else {
          expect(reward).toBeLessThan(9);
          expect(left).toBeGreaterThan(TOLERANCES.reach - 0.005);
        }
        const { rewardApproach, rewardProgress, rewardSuccess } = info as Record<string, number>;
        expect(rewardApproach + rewardProgress + rewardSuccess).toBeCloseTo(reward, 10);
        if (cluster === 0) expect(reward).toBeGreaterThanOrEqual(before - 1e-9);
        before = reward;
        observation = next;
      }
      expect(before).toBe(10);
    }
  });

  it("puts the prop of the task in place, hides the others, and lets drawers, doors and buttons move", async () => {
    for (const kind of ["drawer-open", "door-open", "button-press"] as const) {
      const environment = await open([kind]);
      environment.setTask!({ cluster: 0, at: [-0.1, 0.1] });
      const { observation } = environment.reset({ seed: 1 });
      const { goal } = environment.getTask!() as TabletopTask;
      const height = kind === "button-press" ? PROPS.button : PROPS.drawer;
      expect(Array.from(observation.subarray(4, 7))).toEqual(
        [-0.1, 0.1, height].map((x) => expect.closeTo(x, 6)),
      );
      // Nothing moves by itself.
      for (let t = 0; t < 100; t++) environment.step([0, 0, 0, 0]);
      const still = environment.step([0, 0, 0, 0]).observation;
      expect(distance(still.subarray(4, 7), [-0.1, 0.1, height])).toBeLessThan(1e-3);
      expect(still[7]).toBeLessThan(1e-4);
      expect(distance(goal, [-0.1, 0.1, height])).toBeGreaterThan(0.02);
    }
  });

  it("keeps the hand in its range and above the table, and closed fingers apart", async () => {
    const environment = await open(["reach"]);
    for (const side of [1, -1]) {
      environment.reset({ seed: 1 });
      let observation: Float32Array = new Float32Array();
      for (let t = 0; t < 100; t++) ({ observation } = environment.step([side, -side, -1, -1]));
      const ends = [0.3 * side, -0.3 * side, 0.02, 0];
      for (const [k, end] of ends.entries()) expect(Math.abs(observation[k] - end)).toBeLessThan(2e-3);
    }
  });

  it("has a block that falls, rests on the table, and is held by the fingers", async () => {
    const model = (await loadPhysics()).compile(tabletopModel);
    const data = model.createData();
    data.qpos.set([0.2, 0.2, 0.3, 0.02, 0.02, 0, 0, 0.5]);
    data.forward();
    data.step(50); // 0.2 s of free fall.
    expect(data.qpos[7]).toBeCloseTo(0.5 - 0.5 * 9.81 * 0.2 ** 2, 2);
    expect(data.qpos[2]).toBeCloseTo(0.3, 3); // The hand does not.
    data.step(1000);
    expect(data.qpos[7]).toBeCloseTo(PROPS.block, 3);
    expect(Math.max(...Array.from(data.qvel, Math.abs))).toBeLessThan(1e-3);
    data.free();
    model.free();
    const environment = await open(["pick-place"]);
    const task: TabletopTask = { cluster: 0, at: [0, 0.05], goal: [0, 0.05, 0.2] };
    environment.setTask!(task);
    const { last, observation } = play(environment, tabletopExpert("pick-place", task));
    expect(last).toBe(true);
    expect(distance(observation.subarray(0, 3), observation.subarray(4, 7))).toBeLessThan(0.02);
    expect(observation[3]).toBeCloseTo(0.04, 2);
  });

  it("turns the handle of a door about its hinge", () => {
    const at = [0.03, 0.1] as const;
    expect(doorHandle(at, 0)).toEqual(at.map((x) => expect.closeTo(x, 12)));
    for (const angle of [0, 0.5, 1, 1.5]) expect(doorAngle(at, doorHandle(at, angle))).toBeCloseTo(angle, 10);
  });

  it("goes on exactly from a snapshot, in another environment", async () => {
    const environment = await open();
    const other = await open();
    const rng = createRng("actions");
    const act = () => Array.from({ length: 4 }, () => 2 * rng.uniform() - 1);
    environment.reset({ seed: 4 });
    other.reset({ seed: 5 });
    for (let episode = 0; episode < 3; episode++) {
      for (let t = 0; t < 40; t++) environment.step(act());
      other.setState!(environment.getState!());
      for (let t = 0; t < 110; t++) {
        const action = act();
        expect(other.step(action)).toEqual(environment.step(action));
      }
      expect(other.reset()).toEqual(environment.reset());
    }
  });

  it("restores in a vector what is observed, the hand of the step before included", async () => {
    const vectors = [await makeVector("Tabletop-v0", 2), await makeVector("Tabletop-v0", 2)];
    opened.push(...vectors);
    vectors[0].reset({ seed: 1 });
    for (const steps of [0, 3]) {
      for (let t = 0; t < steps; t++) vectors[0].step(Float32Array.of(1, 1, -1, 1, -1, 0, 1, -1));
      vectors[1].setState(vectors[0].getState());
      expect(vectors[1].observations).toEqual(vectors[0].observations);
      vectors[1].step(new Float32Array(8).fill(-1));
    }
  });

  it("has the same numbers in a vector, whatever the other copies do", async () => {
    const options = { episodesPerTask: 1, maxEpisodeSteps: 10 };
    const [one, three] = [1, 3].map((count) => makeVector("Tabletop-v0", count, { options }));
    const [alone, among] = [await one, await three];
    opened.push(alone, among);
    const rng = createRng("actions");
    for (const vector of [alone, among]) vector.reset({ seed: 6 });
    for (let t = 0; t < 25; t++) {
      const actions = Float32Array.from({ length: 12 }, () => 2 * rng.uniform() - 1);
      among.step(actions);
      alone.step(actions.subarray(0, 4));
      expect(among.observations.subarray(0, 11)).toEqual(alone.observations);
      expect(among.rewards[0]).toBe(alone.rewards[0]);
    }
    expect(among.getTask!(0)).toEqual(alone.getTask!(0));
  });

  it("refuses unknown and repeated kinds, goals of another place, and tasks without a goal", async () => {
    expect(() => tabletop({ kinds: ["pull" as Kind] })).toThrow(/Tabletop-v0: option "kinds.0" is "pull"/);
    expect(() => tabletop({ kinds: ["push", "push"] })).toThrow("it must not name a kind twice");
    expect(() => tabletop({ kinds: [] })).toThrow(/kinds/);
    const environment = await open();
    expect(() => environment.setTask!({ cluster: 1, at: [0, 0] })).toThrow(
      'Tabletop-v0, task: option "goal" is required for kind "push"',
    );
    expect(() => environment.setTask!({ cluster: 4, at: [0, 0], goal: [0, 0, 0] })).toThrow(
      'kind "button-press" has the goal',
    );
    expect(() => environment.setTask!({ cluster: 6, at: [0, 0] })).toThrow('option "cluster" is 6');
  });
});
