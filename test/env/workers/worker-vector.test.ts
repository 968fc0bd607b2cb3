/** @file Vectors in worker threads: the same values as without, snapshots of both, and all kinds of failures. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { VectorEnvironment } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import type { VectorOptions } from "../../../src/env/vector.js";
import { createRng } from "../../../src/random/rng.js";
import { allocateActions, sampleInto, spaceWidth } from "../../../src/spaces/index.js";
import { type Built, built } from "../../support/built.js";
import type { Options } from "../../support/misbehaving.js";

let sources: Built;
let envs: typeof import("../../../envs/index.js");
let open: VectorEnvironment[] = [];

beforeAll(async () => {
  sources = await built();
  envs = await import(sources.url("envs/index.ts"));
  await import(sources.url("test/support/misbehaving.ts"));
  await import(sources.url("test/support/registered-legal-moves.ts"));
});

afterEach(() => {
  for (const vector of open) vector.close();
  open = [];
});
afterAll(() => sources.remove());

async function vectorOf(id: string, count: number, options: VectorOptions = {}): Promise<VectorEnvironment> {
  const vector = await envs.makeVector(id, count, options);
  open.push(vector);
  return vector;
}

const misbehaving = (count: number, workers: number, options: Options = {}, more: VectorOptions = {}) =>
  vectorOf("Misbehaving-v0", count, { options: { ...options }, workers, seed: 4, ...more });

const shown = (v: VectorEnvironment) => ({
  observations: [...v.observations],
  rewards: [...v.rewards],
  terminated: [...v.terminated],
  truncated: [...v.truncated],
  trialEnded: [...(v.trialEnded ?? [])],
  episodeInTrial: [...(v.episodeInTrial ?? [])],
  stepInEpisode: [...(v.stepInEpisode ?? [])],
  final: [...v.finalObservations].filter((_, at) => {
    const i = Math.floor((at * v.count) / v.finalObservations.length);
    return v.terminated[i] | v.truncated[i];
  }),
});

function actionsOf({ actionSpace, count }: VectorEnvironment, name: string) {
  const rng = createRng(name);
  const width = spaceWidth(actionSpace);
  return () => {
    const actions = allocateActions(actionSpace, count);
    const row = new Array<number>(width);
    for (let i = 0; i < count; i++) {
      sampleInto(actionSpace, rng, row, 0);
      actions.set(row, i * width);
    }
    return actions;
  };
}

/** Steps vectors side by side and expects them to show the same. */
function expectSame(vectors: VectorEnvironment[], steps: number) {
  const actions = actionsOf(vectors[0], "actions");
  const [first, ...others] = vectors;
  for (const other of others) expect(shown(other)).toEqual(shown(first));
  for (let step = 0; step < steps; step++) {
    const batch = actions();
    for (const vector of vectors) vector.step(batch);
    for (const other of others) expect(shown(other)).toEqual(shown(first));
  }
}

describe("a vector in worker threads", () => {
  it.each([
    ["CartPole-v1", {}, [0, 1, 3]],
    ["Pendulum-v1", { maxEpisodeSteps: 20 }, [0, 2]],
  ])("equals in %s the vector without threads, for every number of threads", async (id, options, numbers) => {
    const vectors = [];
    for (const workers of numbers) {
      vectors.push(await vectorOf(id, 5, { workers, seed: "s", options }));
    }
    expectSame(vectors, 60);
    for (const vector of vectors) vector.reset({ seed: 8 });
    expectSame(vectors, 10);
    for (const vector of vectors) vector.reset();
    expectSame(vectors, 10);
  });

  it("steps the environments of a user-defined module", async () => {
    const [plain, threads] = [await misbehaving(3, 0), await misbehaving(3, 2)];
    for (let step = 0; step < 12; step++) {
      for (const vector of [plain, threads]) vector.step(Int32Array.of(step % 9, 3, 8));
      expect(shown(threads)).toEqual(shown(plain));
    }
  });

  it("shows the masks in info, also after an episode has ended and from a snapshot", async () => {
    const id = "LegalMovesModule-v0";
    const [plain, threads] = [
      await vectorOf(id, 3, { seed: 3 }),
      await vectorOf(id, 3, { workers: 2, seed: 3 }),
    ];
    expect(threads.observationSpace).toEqual(plain.observationSpace);
    // An illegal move is an error of the environment; the game has five moves and six steps.
    const firstLegal = ({ observations }: VectorEnvironment) =>
      Int32Array.from({ length: 3 }, (_, i) => observations.subarray(6 * i + 1, 6 * i + 6).indexOf(1));
    const masks = new Set<string>();
    const play = (steps: number) => {
      for (let step = 0; step < steps; step++) {
        for (const vector of [plain, threads]) vector.step(firstLegal(vector));
        expect(shown(threads)).toEqual(shown(plain));
        masks.add(threads.observations.subarray(1, 6).join());
      }
    };
    play(15);
    expect(masks.size).toBeGreaterThan(5);
    threads.setState(plain.getState());
    play(5);
  });

  it.each(["next-step", "disabled"] as const)("supports the %s mode", async (autoreset) => {
    const vectors = [
      await misbehaving(3, 0, { length: 2 }, { autoreset }),
      await misbehaving(3, 2, { length: 2 }, { autoreset }),
    ];
    for (let step = 0; step < 6; step++) {
      for (const vector of vectors) {
        const ended = vector.terminated.slice();
        if (autoreset === "disabled" && ended.includes(1)) vector.reset({ mask: ended });
        vector.step(Int32Array.of(1, 2, 3));
      }
      expect(shown(vectors[1])).toEqual(shown(vectors[0]));
    }
    expect(vectors[1].autoreset).toBe(autoreset);
  });

  it("returns views of one shared memory", async () => {
    const { observations, finalObservations, rewards, terminated, truncated } = await misbehaving(4, 2);
    const buffers = [observations, finalObservations, rewards, terminated, truncated].map((a) => a.buffer);
    expect(new Set(buffers).size).toBe(1);
    expect(buffers[0]).toBeInstanceOf(SharedArrayBuffer);
  });

  it.each([
    "CartPole-v1",
    "Misbehaving-v0",
  ])("gives for %s the same snapshots as without threads, which any number of threads can resume", async (id) => {
    const actions = actionsOf(await vectorOf(id, 5), "before");
    const vectors = [];
    for (const workers of [0, 2]) vectors.push(await vectorOf(id, 5, { workers, seed: 1 }));
    const safe = () => actions().map((action) => action % 9) as Int32Array;
    for (let step = 0; step < 17; step++) {
      const batch = safe();
      for (const vector of vectors) vector.step(batch);
    }
    const state = vectors[1].getState();
    expect(state).toEqual(vectors[0].getState());
    for (const workers of [0, 3]) {
      const other = await vectorOf(id, 5, { workers, seed: 2 });
      other.setState(state);
      vectors.push(other);
    }
    const later = safe();
    for (const vector of vectors) vector.step(later);
    for (const vector of vectors.slice(1)) expect(shown(vector)).toEqual(shown(vectors[0]));
  });

  it("has no more threads than environments, and none for a single environment", async () => {
    expectSame([await misbehaving(2, 0), await misbehaving(2, 8)], 0);
    const { observations } = await misbehaving(1, 2);
    expect(observations.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("trains the same policy, from shared memory that the runtime cannot read in place", async () => {
    const { train } = (await import(sources.url("index.ts"))) as typeof import("../../../index.js");
    const { ppo } = (await import(
      sources.url("algorithms/index.ts")
    )) as typeof import("../../../algorithms/index.js");
    const weights = async (workers: number) => {
      const algorithm = ppo({ environments: 4, rolloutSteps: 16, minibatchSize: 32, hidden: [8] });
      const policy = await train(algorithm, { env: "CartPole-v1", steps: 128, seed: 3, workers });
      return policy.toData().arrays;
    };
    expect(await weights(2)).toEqual(await weights(0));
  });
});

describe("a task family in worker threads", () => {
  it("is the same on MuJoCo, where tasks change the model", async () => {
    const options = { maxEpisodeSteps: 10 };
    expectSame(
      [
        await vectorOf("Tabletop-v0", 3, { options }),
        await vectorOf("Tabletop-v0", 3, { options, workers: 2 }),
      ],
      45,
    );
  });

  it("uses the tasks that are set, and draws those of its seed", async () => {
    const id = envs.envIds().find((name) => name.startsWith("GridNavi"))!;
    const [plain, threads] = [await vectorOf(id, 4), await vectorOf(id, 4, { workers: 2 })];
    for (let i = 0; i < 4; i++) expect(threads.getTask!(i)).toEqual(plain.getTask!(i));
    const task = plain.tasks!.sampleTask(createRng("another"));
    for (const vector of [plain, threads]) {
      vector.setTask!(3, task);
      vector.reset();
    }
    expect(threads.getTask!(3)).toEqual(plain.getTask!(3));
    expectSame([plain, threads], 40);
    expect(threads.getState()).toEqual(plain.getState());
    const pool = [task, plain.tasks!.sampleTask(createRng("a third"))];
    for (const vector of [plain, threads]) {
      vector.setTask!(3, undefined);
      vector.setTasks!(pool);
      vector.reset({ seed: 1 });
    }
    for (let i = 0; i < 4; i++) expect(pool).toContainEqual(threads.getTask!(i));
    expectSame([plain, threads], 130);
    expect(() => threads.getTask!(4)).toThrow(/no environment 4, only 0 to 3/);
  });
});

describe("errors in worker threads", () => {
  const bad = (count: number, at: number) => Int32Array.from({ length: count }, (_, i) => (i === at ? 9 : 0));

  it("are reported with row, worker and the environment's message, and end the threads", async () => {
    const closed = new SharedArrayBuffer(4);
    const vector = await misbehaving(4, 2, { misdeed: "throws", closed });
    vector.step(bad(4, -1));
    expect(() => vector.step(bad(4, 3))).toThrow(
      "Misbehaving-v0, worker 1 (environments 2 to 3): environment 3: " +
        "Misbehaving-v0, step 2 of episode 1: the environment threw: the pole fell off",
    );
    // Those of both workers, and the one that told what they are like.
    expect(new Int32Array(closed)[0]).toBe(5);
    expect(() => vector.step(bad(4, -1))).toThrow(/have ended: .*the pole fell off/);
    vector.close();
  });

  it("caused by the caller keep the threads running", async () => {
    const vector = await misbehaving(4, 2);
    expect(() => vector.step(Int32Array.of(0))).toThrow(/are 4 numbers, not 1/);
    expect(() => vector.step(Int32Array.of(0, 0, 10, 0))).toThrow(/10 \(entry 2\) is not an action/);
    expect(() => vector.reset({ mask: [1, 0, 0, 0] })).toThrow(/autoreset "disabled"/);
    expect(() => vector.setState(0)).toThrow(/snapshot is of no environments, not 4/);
    const two = await misbehaving(2, 0);
    expect(() => vector.setState(two.getState())).toThrow(/snapshot is of 2 environments, not 4/);
    expect(() => vector.reset({ options: { start: () => 0 } })).toThrow(/reset needs plain data/);
    const state = vector.getState() as { environments: unknown[] };
    const half = { ...state, environments: [...state.environments.slice(0, 3), () => 0] };
    expect(() => vector.setState(half as never)).toThrow(/setState needs plain data/);
    expect(vector.getState()).toEqual(state);
    vector.reset({ seed: 4 });
    expectSame([vector, await misbehaving(4, 0)], 0);
  });

  it("caused by environments without getState do not prevent training", async () => {
    const vector = await misbehaving(4, 2, { unsaveable: true });
    expect(() => vector.getState()).toThrow(/^Misbehaving-v0 cannot be saved, .* getState\(\)/);
    vector.step(bad(4, -1));
    expect(vector.observations[0]).toBe(1);
  });

  it.each([
    ["exits" as const, /worker 0 \(environments 0 to 1\): .*exit code 3.*process\.exit/],
    [
      "loops" as const,
      /worker 0 \(environments 0 to 1\): no answer within 0\.5 s: .*endless loop.*workerTimeout/,
    ],
  ])("when an environment %s are reported in time", async (misdeed, message) => {
    const vector = await misbehaving(4, 2, { misdeed }, { workerTimeout: misdeed === "loops" ? 0.5 : 30 });
    vector.step(bad(4, -1));
    const started = performance.now();
    expect(() => vector.step(bad(4, 1))).toThrow(message);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(() => vector.step(bad(4, -1))).toThrow(/have ended/);
  });

  it("between two steps are thrown at the next step", async () => {
    const vector = await misbehaving(4, 2, { misdeed: "later" });
    vector.step(bad(4, 2));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(() => vector.step(bad(4, -1))).toThrow(/worker 1 \(environments 2 to 3\): an afterthought/);
  });

  it("are reported at a reset too", async () => {
    const vector = await misbehaving(4, 2);
    expect(() => vector.reset({ options: { fail: true } })).toThrow(
      /worker 0 .*environment 0: .*no such start/,
    );
  });

  it("are found at creation where possible", async () => {
    const make = (source: Parameters<typeof envs.makeVector>[0], options = {}) =>
      envs.makeVector(source, 2, { workers: 2, ...options });
    await expect(make(() => envs.make("CartPole-v1") as never)).rejects.toThrow(
      /a function cannot be sent .*module: import\.meta\.url/,
    );
    envs.register({ id: "Nowhere-v0", make: () => envs.cartPole() });
    await expect(make("Nowhere-v0")).rejects.toThrow(/Nowhere-v0: .*module: import\.meta\.url/);
    const module = sources.url("src/errors.ts");
    envs.register({ id: "Elsewhere-v0", make: () => envs.cartPole(), module });
    await expect(make("Elsewhere-v0")).rejects.toThrow(/errors\.js does not register Elsewhere-v0/);
    await expect(make("Misbehaving-v0", { options: { misdeed: () => 0 } })).rejects.toThrow(
      /option "misdeed" cannot be sent .*plain data/,
    );
    await expect(make("CartPole-v1", { options: { legnth: 3 } })).rejects.toThrow(/unknown option "legnth"/);
    for (const workers of [-1, 1.5]) {
      await expect(make("CartPole-v1", { workers })).rejects.toThrow(/workers must be a number of threads/);
    }
    await expect(make("CartPole-v1", { workerTimeout: 0 })).rejects.toThrow(/workerTimeout must be/);
  });

  it("name bounds that differ from thread to thread", async () => {
    const widened = new SharedArrayBuffer(4);
    await expect(misbehaving(2, 2, { widened })).rejects.toThrow(
      /worker \d.*differ in their spaces of observations: entry 1 of Box\(2\) is in \[0, 1009\] and in \[0, 101\d\]/,
    );
  });

  it("on a web page are refused, because a page must not block", async () => {
    const versions = Object.getOwnPropertyDescriptor(process, "versions")!;
    Object.defineProperty(process, "versions", { value: {}, configurable: true });
    try {
      const problem = await problemOf(() => envs.cartPole(), {}, { workers: 2 });
      await expect(problem.vector(2, createRng(0))).rejects.toThrow(/workers need Node\.js/);
    } finally {
      Object.defineProperty(process, "versions", versions);
    }
  });
});
