/** @file The families of MuJoCo tasks: distributions, rewards from positions, trials, models that differ between copies. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { antOptions } from "../../../envs/mujoco/ant.js";
import type { Rules } from "../../../envs/mujoco/environment.js";
import { antModel } from "../../../envs/mujoco/models/ant.js";
import { halfCheetahModel } from "../../../envs/mujoco/models/half-cheetah.js";
import { hopperModel } from "../../../envs/mujoco/models/hopper.js";
import { humanoidModel } from "../../../envs/mujoco/models/humanoid.js";
import { walker2dModel } from "../../../envs/mujoco/models/walker2d.js";
import { loadPhysics } from "../../../envs/mujoco/physics/load.js";
import type { Data } from "../../../envs/mujoco/physics/physics.js";
import { antDir, antGoal, antU } from "../../../envs/mujoco/tasks/ant-tasks.js";
import { halfCheetahDir, halfCheetahVel } from "../../../envs/mujoco/tasks/half-cheetah-tasks.js";
import { humanoidDir } from "../../../envs/mujoco/tasks/humanoid-dir.js";
import { mujocoTasks } from "../../../envs/mujoco/tasks/index.js";
import {
  hopperRandParams,
  onScaledModels,
  type ScaleTask,
  walkerRandParams,
} from "../../../envs/mujoco/tasks/rand-params.js";
import { nmi } from "../../../src/diagnostics/clustering.js";
import type { Environment, Task } from "../../../src/env/contracts.js";
import { makeVector } from "../../../src/env/vector.js";
import { createRng } from "../../../src/random/rng.js";
import { sample, spaceWidth } from "../../../src/spaces/index.js";

const opened: Environment[] = [];
async function open(environment: Promise<Environment>): Promise<Environment> {
  opened.push(await environment);
  return opened.at(-1)!;
}
afterEach(() => {
  for (const environment of opened.splice(0)) environment.close!();
});

const tasksOf = <T>(environment: Environment, count: number): T[] => {
  const rng = createRng("tasks");
  return Array.from({ length: count }, (_, k) => environment.tasks!.sampleTask(rng.stream("task", k)) as T);
};

const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const sumOfSquares = (values: ArrayLike<number>) => Array.from(values).reduce((sum, x) => sum + x * x, 0);

/** `angle` (rad) as seen from `centre`, in units of π, between −1 and 1. */
const from = (centre: number, angle: number) => ((((angle / Math.PI - centre + 1) % 2) + 2) % 2) - 1;

const CENTRES = [0.25, 0.75, 1.25, 1.75];

describe("the tasks of AntGoal-v0 and HumanoidDir-v0", () => {
  it.each([
    ["AntGoal-v0", antGoal],
    ["HumanoidDir-v0", humanoidDir],
  ])("come from four clusters, normal about their centres: %s", async (_, make) => {
    const environment = await open(make());
    const count = 8000;
    const tasks = tasksOf<{ cluster: number; goal?: [number, number]; angle?: number }>(environment, count);
    expect(environment.tasks!.clusters).toBe(4);
    for (const [cluster, centre] of CENTRES.entries()) {
      const own = tasks.filter((task) => environment.tasks!.clusterOf(task) === cluster);
      expect(Math.abs(own.length / count - 0.25)).toBeLessThan(0.015);
      const offsets = own.map(({ goal, angle }) =>
        from(centre, goal ? Math.atan2(goal[1], goal[0]) : angle!),
      );
      // 5 standard errors.
      expect(Math.abs(mean(offsets))).toBeLessThan((5 * 0.2) / Math.sqrt(own.length));
      const deviation = Math.sqrt(mean(offsets.map((x) => x * x)));
      expect(Math.abs(deviation - 0.2)).toBeLessThan((5 * 0.2) / Math.sqrt(2 * own.length));
      for (const { goal } of own) if (goal) expect(Math.hypot(...goal)).toBeCloseTo(2, 12);
    }
  });
});

describe("the nearest cluster", () => {
  it.each([
    ["AntGoal-v0", antGoal],
    ["HumanoidDir-v0", humanoidDir],
  ])("is the drawn one as often as the spread allows, and limits what can be found: %s", async (_, make) => {
    // The share of a normal angle within 0.25 of its centre, and what wraps round to it; and the NMI of such a reader.
    for (const [clusterSpread, share, ceiling] of [
      [0.2, 0.7887, 0.5214],
      [0.1, 0.9876, 0.946],
      [0.07, 0.9996, 0.9975],
      [0, 1, 1],
    ]) {
      const { tasks } = await open(make({ clusterSpread }));
      const rng = createRng("tasks");
      const count = 8000;
      const drawn = Array.from({ length: count }, () => tasks!.sampleTask(rng));
      const clusters = drawn.map((task) => tasks!.clusterOf(task));
      const nearest = drawn.map((task) => tasks!.nearestCluster!(task));
      const right = clusters.filter((cluster, k) => cluster === nearest[k]).length / count;
      // 4 standard errors, and for the rare errors of small spreads a few tasks.
      expect(Math.abs(right - share)).toBeLessThanOrEqual(
        4 * Math.sqrt((share * (1 - share)) / count) + (share < 1 ? 1e-3 : 0),
      );
      expect(Math.abs(nmi(clusters, nearest) - ceiling)).toBeLessThan(share < 1 ? 0.02 : 1e-12);
    }
  });

  it("is left out where clusters do not overlap", async () => {
    expect((await open(antU())).tasks!.nearestCluster).toBeUndefined();
    expect((await open(hopperRandParams())).tasks!.nearestCluster).toBeUndefined();
  });
});

describe("the tasks of the families without such clusters", () => {
  it.each([
    ["AntU-v0", antU],
    ["AntDir-v0", antDir],
  ])("are uniform on the circle: %s", async (_, make) => {
    const environment = await open(make());
    expect(environment.tasks!.clusters).toBe(1);
    const tasks = tasksOf<{ goal?: [number, number]; angle?: number }>(environment, 8000);
    const counts = new Array<number>(16).fill(0);
    for (const { goal, angle } of tasks) {
      const turn = (goal ? Math.atan2(goal[1], goal[0]) : angle!) / (2 * Math.PI);
      counts[Math.floor(16 * (turn - Math.floor(turn)))]++;
    }
    // χ² of 15 degrees of freedom is below 37.7 with probability 0.999.
    expect(counts.reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0)).toBeLessThan(37.7);
  });

  it("are uniform in the disc for AntU-v0 with goals in a disc", async () => {
    const environment = await open(antU({ goals: "disc", radius: 3 }));
    const tasks = tasksOf<{ goal: [number, number] }>(environment, 8000);
    const counts = new Array<number>(16).fill(0);
    for (const { goal } of tasks) {
      const ring = Math.floor((4 * Math.hypot(...goal) ** 2) / 9);
      const quarter = Math.floor((2 * Math.atan2(goal[1], goal[0])) / Math.PI + 2) % 4;
      counts[4 * ring + quarter]++;
    }
    expect(counts.reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0)).toBeLessThan(37.7);
    expect(environment.tasks!.clusters).toBe(1);
  });

  it("are two equally likely directions for HalfCheetahDir-v0", async () => {
    const environment = await open(halfCheetahDir());
    const tasks = tasksOf<{ cluster: number; angle: number }>(environment, 2000);
    for (const { cluster, angle } of tasks) expect(Math.cos(angle)).toBe(cluster === 0 ? 1 : -1);
    expect(Math.abs(mean(tasks.map(({ cluster }) => cluster)) - 0.5)).toBeLessThan(0.05);
  });

  it("are velocities uniform between 0 and 3 m/s for HalfCheetahVel-v0", async () => {
    const environment = await open(halfCheetahVel());
    const velocities = tasksOf<{ velocity: number }>(environment, 4000).map(({ velocity }) => velocity);
    velocities.sort((a, b) => a - b);
    // Kolmogorov and Smirnov's statistic is below 1.95 / √n with probability 0.999.
    const gaps = velocities.map((v, k) => Math.abs(v / 3 - (k + 0.5) / velocities.length));
    expect(Math.max(...gaps)).toBeLessThan(1.95 / Math.sqrt(velocities.length));
  });
});

/** What a reward is computed from, of a simulation that this test runs beside the environment's. */
interface Seen {
  before: number[];
  after: number[];
  data: Data;
  action: number[];
  dt: number;
}
type Formula = (task: Record<string, never>, seen: Seen) => number;

const clippedSquares = (forces: Float64Array) =>
  sumOfSquares(forces.map((f) => Math.max(-1, Math.min(1, f))));
const velocity = ({ before, after, dt }: Seen) => after.map((x, k) => (x - before[k]) / dt);
const along = (angle: number, [x, y]: number[]) => Math.cos(angle) * x + Math.sin(angle) * y;
const isUp = ({ qpos }: Data) => (qpos[2] >= 0.2 && qpos[2] <= 1 ? 1 : 0);
const torso = ({ xpos }: Data) => [xpos[3], xpos[4]];
const root = ({ qpos }: Data) => [qpos[0], 0];

const FORMULAS: [
  string,
  string,
  () => Promise<Environment>,
  (d: Data, masses: number[]) => number[],
  Formula,
][] = [
  [
    "−|Δx| − |Δy| − 0.01 Σa² − 5·10⁻⁴ ΣF²",
    antModel,
    antGoal,
    torso,
    ({ goal }, { after, action, data }) =>
      -Math.abs(after[0] - goal[0]) -
      Math.abs(after[1] - goal[1]) -
      0.01 * sumOfSquares(action) -
      5e-4 * clippedSquares(data.cfrcExt),
  ],
  [
    "v·d + (1 while healthy) − 0.5 Σa² − 5·10⁻⁴ ΣF²",
    antModel,
    antDir,
    torso,
    ({ angle }, seen) =>
      along(angle, velocity(seen)) +
      isUp(seen.data) -
      0.5 * sumOfSquares(seen.action) -
      5e-4 * clippedSquares(seen.data.cfrcExt),
  ],
  [
    "±vₓ − 0.05 Σa²",
    halfCheetahModel,
    halfCheetahDir,
    root,
    ({ cluster }, seen) => (cluster === 0 ? 1 : -1) * velocity(seen)[0] - 0.05 * sumOfSquares(seen.action),
  ],
  [
    "−|vₓ − v*| − 0.05 Σa²",
    halfCheetahModel,
    halfCheetahVel,
    root,
    (task, seen) => -Math.abs(velocity(seen)[0] - task.velocity) - 0.05 * sumOfSquares(seen.action),
  ],
  [
    "2.5 v·d − 0.05 Σa² − min(5·10⁻⁷ ΣF², 10)",
    humanoidModel,
    humanoidDir,
    ({ xipos }, masses) => {
      const total = masses.reduce((sum, m) => sum + m, 0);
      return [0, 1].map((k) => masses.reduce((sum, m, b) => sum + m * xipos[3 * b + k], 0) / total);
    },
    ({ angle }, seen) =>
      2.5 * along(angle, velocity(seen)) -
      0.05 * sumOfSquares(seen.action) -
      Math.min(5e-7 * sumOfSquares(seen.data.cfrcExt), 10),
  ],
];

describe("the reward", () => {
  it.each(FORMULAS)("is %s", async (_, xml, make, place, formula) => {
    const environment = await open(make());
    const model = (await loadPhysics()).compile(xml);
    const data = model.createData();
    const masses = Array.from(model.array("body_mass"));
    const rng = createRng("actions");
    for (let episode = 0; episode < 4; episode++) {
      data.reset();
      const qpos = Array.from(data.qpos, (x) => x + 0.01 * rng.normal());
      const qvel = Array.from(data.qvel, () => 0.1 * rng.normal());
      environment.reset({ seed: episode, options: { qpos, qvel } });
      const task = environment.getTask!() as Record<string, never>;
      data.qpos.set(qpos);
      data.qvel.set(qvel);
      data.forward();
      let steps = 0;
      for (let ended = false; !ended; steps++) {
        const action = Array.from(sample(environment.actionSpace, rng) as Float32Array);
        const before = place(data, masses);
        data.ctrl.set(action);
        data.step(5);
        data.rnePostConstraint();
        const seen = { before, after: place(data, masses), data, action, dt: 5 * model.timestep };
        const { reward, info, truncated, terminated } = environment.step(action);
        expect(reward).toBeCloseTo(formula(task, seen), 10);
        const terms = Object.entries(info).filter(([name]) => name.startsWith("reward"));
        expect(mean(terms.map(([, value]) => value as number)) * terms.length).toBeCloseTo(reward, 10);
        ended = truncated || terminated || steps === 29;
      }
    }
    data.free();
    model.free();
  });

  it("is the robot's own in the rand-params families, for every posture", async () => {
    for (const [make, survive] of [
      [hopperRandParams, 1],
      [walkerRandParams, 0],
    ] as const) {
      const environment = await open(make());
      environment.reset({ seed: 3 });
      const rng = createRng("actions");
      let [last, height] = [environment.step(sample(environment.actionSpace, rng) as Float32Array), 2];
      for (let k = 1; k < 100; k++) {
        expect(last.truncated || last.terminated).toBe(false);
        const x = last.info.xPosition as number;
        const action = sample(environment.actionSpace, rng) as Float32Array;
        last = environment.step(action);
        const forward = ((last.info.xPosition as number) - x) / 0.008;
        expect(last.reward).toBeCloseTo(forward + survive - 1e-3 * sumOfSquares(action), 8);
        height = Math.min(height, (last.observation as Float32Array)[0]);
      }
      // It has fallen, and gone on.
      expect(height).toBeLessThan(0.7);
      expect(last).toMatchObject({ truncated: true, terminated: false });
    }
  });
});

describe("a trial", () => {
  it("keeps its task for its episodes of 100 steps, and the next trial has another", async () => {
    const environment = await open(halfCheetahVel({ episodesPerTask: 3, frameSkip: 1 }));
    environment.reset({ seed: 5 });
    const tasks: unknown[] = [];
    for (let episode = 0; episode < 6; episode++) {
      tasks.push(environment.getTask!());
      for (let k = 1; k <= 100; k++) expect(environment.step(new Float32Array(6)).truncated).toBe(k === 100);
      environment.reset();
    }
    expect(tasks.slice(0, 3)).toEqual([tasks[0], tasks[0], tasks[0]]);
    expect(tasks.slice(3)).toEqual([tasks[3], tasks[3], tasks[3]]);
    expect(tasks[3]).not.toEqual(tasks[0]);
  });

  it("uses the task that is set", async () => {
    const environment = await open(antGoal());
    environment.setTask!({ cluster: 2, goal: [-1, 0.5] });
    environment.reset({
      seed: 1,
      options: { qpos: [...new Array(2).fill(0), 0.6, 1, ...new Array(11).fill(0)] },
    });
    expect(environment.getTask!()).toEqual({ cluster: 2, goal: [-1, 0.5] });
    const { info } = environment.step(new Float32Array(8));
    expect(info.rewardGoal).toBeCloseTo(-1.5, 1);
  });

  it.each(
    mujocoTasks.map(({ id, make }) => [id, make] as const),
  )("does not reveal the cluster: %s", async (_, make) => {
    const environment = await open(make({}) as Promise<Environment>);
    const width = spaceWidth(environment.observationSpace);
    const play = (relabelled: boolean) => {
      environment.reset({ seed: 9 });
      const task = environment.getTask!() as { cluster: number };
      const others = environment.tasks!.clusters;
      // Scales, and props in their places, belong to their cluster: there, the label is the task.
      if (relabelled && !("scales" in task || "at" in task)) {
        environment.setTask!({ ...task, cluster: (task.cluster + 1) % others } as Task);
      }
      const events: unknown[] = [environment.reset({ seed: 9 })];
      for (let k = 0; k < 5; k++)
        events.push(environment.step(new Float32Array(spaceWidth(environment.actionSpace))));
      environment.setTask!(undefined);
      return events;
    };
    const events = play(false);
    expect(play(true)).toEqual(events);
    expect(JSON.stringify(events)).not.toMatch(/cluster|goal"|angle|scales/);
    expect((events[0] as { observation: Float32Array }).observation).toHaveLength(width);
  });
});

describe("a body with random parameters", () => {
  const ARRAYS = ["body_mass", "dof_damping", "body_inertia", "geom_friction"];

  it.each([
    ["HopperRandParams-v0", hopperModel, hopperRandParams],
    ["WalkerRandParams-v0", walker2dModel, walkerRandParams],
  ])("differs in one array, by powers of 1.5 or 1.3 up to the third: %s", async (_, xml, make) => {
    const environment = await open(make());
    const model = (await loadPhysics()).compile(xml);
    const tasks = tasksOf<ScaleTask>(environment, 1000);
    for (const [cluster, array] of ARRAYS.entries()) {
      const own = tasks.filter((task) => environment.tasks!.clusterOf(task) === cluster);
      expect(Math.abs(own.length / 1000 - 0.25)).toBeLessThan(0.07);
      for (const { scales } of own) expect(scales).toHaveLength(model.array(array).length);
      const base = array === "dof_damping" ? 1.3 : 1.5;
      const powers = own.flatMap(({ scales }) => scales.map((scale) => Math.log(scale) / Math.log(base) / 3));
      powers.sort((a, b) => a - b);
      const gaps = powers.map((u, k) => Math.abs((u + 1) / 2 - (k + 0.5) / powers.length));
      expect(Math.max(...gaps)).toBeLessThan(1.95 / Math.sqrt(powers.length));
    }
    model.free();
  });

  it("is reverted by the next task, and does not change the models of other copies", async () => {
    const physics = await loadPhysics();
    const models = [physics.compile(hopperModel), physics.compile(hopperModel)];
    const arrays = (k: number) => ARRAYS.map((name) => Array.from(models[k].array(name)));
    const usual = arrays(0);
    const rules = onScaledModels({} as Rules, models[0], 2);
    const prepare = () => {
      for (const [copy, model] of models.entries()) rules.prepare!(model, copy);
    };
    for (const cluster of [0, 1, 2, 3, 0]) {
      const scales = usual[cluster].map((_, k) => 1 + k);
      rules.setTask!(1, { cluster, scales });
      prepare();
      // Twice over is no more than once.
      prepare();
      expect(arrays(0)).toEqual(usual);
      expect(arrays(1)).toEqual(
        usual.map((array, c) => (c === cluster ? array.map((x, k) => x * (1 + k)) : array)),
      );
    }
    for (const model of models) model.free();
  });

  it("moves as a model with those parameters", async () => {
    const environment = await open(hopperRandParams());
    const scales = [1, 3, 0.5, 2, 0.25];
    const model = (await loadPhysics()).compile(hopperModel);
    const data = model.createData();
    const masses = model.array("body_mass");
    for (const k of scales.keys()) masses[k] *= scales[k];
    environment.setTask!({ cluster: 0, scales });
    const qpos = [0, 1.25, 0, 0, 0, 0];
    environment.reset({ seed: 1, options: { qpos, qvel: new Array(6).fill(0) } });
    data.qpos.set(qpos);
    data.forward();
    for (let k = 0; k < 40; k++) {
      const action = Float32Array.of(Math.sin(k), Math.cos(k), 0.5);
      data.ctrl.set(action);
      data.step(4);
      const observation = environment.step(action).observation as Float32Array;
      expect(Array.from(observation)).toEqual(
        [...data.qpos.slice(1), ...data.qvel.map((v) => Math.max(-10, Math.min(10, v)))].map(Math.fround),
      );
    }
    data.free();
    model.free();
  });

  it("allocates no memory: hundreds of changes compile nothing and create no state", async () => {
    const physics = await loadPhysics();
    const compile = vi.spyOn(physics, "compile");
    const vector = await makeVector(() => hopperRandParams({ episodesPerTask: 1, maxEpisodeSteps: 1 }), 3, {
      seed: 1,
    });
    const compiled = compile.mock.calls.length;
    const actions = new Float32Array(9);
    const tasks = new Set<string>();
    const before = process.memoryUsage().external;
    for (let k = 0; k < 300; k++) {
      vector.step(actions);
      for (let i = 0; i < 3; i++) tasks.add(JSON.stringify(vector.getTask!(i)));
    }
    expect(tasks.size).toBe(900);
    expect(compile.mock.calls.length).toBe(compiled);
    expect(process.memoryUsage().external - before).toBeLessThan(4e6);
    vector.close();
    compile.mockRestore();
  });
});

describe("an ant with a goal", () => {
  it("observes 29 numbers without contact forces, its place among them", async () => {
    const environment = await open(antGoal({ includeCfrcExtInObservation: false }));
    expect(spaceWidth(environment.observationSpace)).toBe(29);
    const { observation, info } = environment.reset({ seed: 1 });
    const [x, y] = observation as Float32Array;
    expect([x, y]).toEqual([info.xPosition, info.yPosition].map((at) => expect.closeTo(at as number, 6)));
  });
});

describe("normal factors of body parameters", () => {
  it("have the mean and deviation that are asked for, and none that is not positive", async () => {
    for (const { mean: centre, std } of [
      { mean: 6, std: 1 },
      { mean: 3, std: 1.5 },
    ]) {
      const environment = await open(hopperRandParams({ factors: { mean: centre, std } }));
      const factors = tasksOf<ScaleTask>(environment, 1000).flatMap(({ scales }) => scales);
      const raised = factors.filter((factor) => factor === 0.1).length / factors.length;
      expect(Math.min(...factors)).toBeGreaterThan(0);
      // N(3, 1.5) is negative with probability 0.02275; 5 standard errors.
      expect(Math.abs(raised - (std === 1 ? 0 : 0.02275))).toBeLessThan(0.008);
      expect(Math.abs(mean(factors) - centre)).toBeLessThan(0.06 + 5 * (std / Math.sqrt(factors.length)));
    }
  });
});

describe("a refused value", () => {
  it("is a task of another family, or one that does not fit the model", async () => {
    const hopper = await open(hopperRandParams());
    expect(() => hopper.setTask!({ cluster: 0, scales: [1, 2] })).toThrow(
      /HopperRandParams-v0.*scales.*5 positive/,
    );
    expect(() => hopper.setTask!({ cluster: 4, scales: [1] })).toThrow(/cluster/);
    const goal = await open(antGoal());
    expect(() => goal.setTask!({ cluster: 0, angle: 1 })).toThrow(/AntGoal-v0.*unknown option "angle"/);
  });

  it("is a misspelt or missing option", () => {
    expect(() => antGoal({ radios: 3 } as object)).toThrow('did you mean "radius"');
    expect(() => antGoal({ forwardRewardWeight: 3 } as object)).toThrow(/AntGoal-v0: unknown option/);
    expect(() => hopperRandParams({ logScaleLimit: -1 })).toThrow(/logScaleLimit/);
    expect(() => hopperRandParams({ factors: "normal" } as object)).toThrow(
      'it must be "log-uniform", or { mean, std }',
    );
    expect(() => antGoal({ clusterSpread: -0.1 })).toThrow(/clusterSpread/);
  });

  it("is none of the robot's own options", () => {
    for (const name of Object.keys(antOptions.shape)) {
      const spec = mujocoTasks.find(({ id }) => id === "AntDir-v0")!;
      expect(Object.keys(spec.options!.shape)).toContain(name);
    }
  });
});
