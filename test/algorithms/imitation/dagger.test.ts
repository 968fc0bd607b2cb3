/** @file DAgger: who acts, what is stored, kills while queries are open, late answers, a policy for each round. */

import { beforeAll, describe, expect, it } from "vitest";
import { fuse } from "../../../algorithms/imitation/dagger/fusion.js";
import type { DaggerState } from "../../../algorithms/imitation/dagger.js";
import { betaOf } from "../../../algorithms/imitation/dagger.js";
import {
  type Answer,
  type DaggerOptions,
  dagger,
  fileLabeller,
  type Labeller,
  Paused,
  policyLabeller,
  valueIteration,
} from "../../../algorithms/index.js";
import { pairsOf } from "../../../algorithms/shared/labelled-pairs.js";
import { collect, loadExpert, loadPolicy, savePolicy, train } from "../../../index.js";
import type { Problem } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import type { Policy } from "../../../src/policies/contract.js";
import { NetworkPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box } from "../../../src/spaces/index.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { type MemoryDrop, memoryDrop, queriesIn } from "../../people/memory-drop.js";

const ENV = "FrozenLake-v1";

const settings = {
  hidden: [],
  minibatchSize: 8,
  learningRate: 0.1,
  rounds: 3,
  roundSteps: 20,
  epochs: 2,
  environments: 2,
} satisfies DaggerOptions;

let expert: Policy;

beforeAll(async () => {
  expert = await train(valueIteration(), { env: ENV });
});

/** What the expert does in the states of a table. */
async function best(observations: ArrayLike<number>): Promise<number[]> {
  const rows = Float32Array.from(observations);
  return Array.from((await expert.act(rows, { rng: createRng(0), deterministic: true })).actions);
}

/** All that must not depend on when and how answers came. */
const outcome = (state: DaggerState) => snapshot({ ...state, book: { ...state.book, batches: 0 } });

const start = async (options: DaggerOptions) => {
  const algorithm = dagger(options);
  return { algorithm, state: await algorithm.init(await problemOf(ENV), createRng(7)) };
};

async function whole(options: DaggerOptions): Promise<DaggerState> {
  const { algorithm, state } = await start(options);
  while (!algorithm.done!(state)) await algorithm.update(state);
  return state;
}

/** The expert, in the hands of somebody disorderly: backwards, in bits, and everything twice. */
const disorderly = (): Labeller => {
  const inner = policyLabeller(expert);
  return {
    kind: "disorderly",
    async *label(request, signal) {
      for await (const answers of inner.label(request, signal)) {
        const backwards = [...answers].reverse();
        for (let i = 0; i < backwards.length; i += 3) {
          await new Promise((resolve) => setTimeout(resolve));
          yield backwards.slice(Math.max(0, i - 2), i + 3);
        }
      }
    },
  };
};

describe("the gradient steps of the rounds", () => {
  it.each([
    "aggregate",
    "fuse",
  ] as const)("add up to the number asked for, rounded up: %s", async (combine) => {
    const state = await whole({ ...settings, expert, combine, epochs: { updates: 100 } });
    const perPass = combine === "fuse" ? [3, 3, 3] : [3, 5, 8];
    const passes = Math.ceil((100 * 8) / (combine === "fuse" ? 60 : 120));
    expect(state.cloner.steps).toBe(passes * perPass.reduce((a, b) => a + b));
    expect(state.cloner.steps).toBeGreaterThanOrEqual(100);
  });
});

describe("beta", () => {
  it("is 1 in the first round for every schedule but a constant one", () => {
    for (const beta of [
      { kind: "expert-first" as const },
      { kind: "linear" as const, rounds: 4 },
      { kind: "exponential" as const, factor: 0.5 },
    ]) {
      expect(betaOf(beta, 0)).toBe(1);
    }
    expect([0, 1, 2, 3, 4, 5].map((i) => betaOf({ kind: "linear", rounds: 4 }, i))).toEqual([
      1, 0.75, 0.5, 0.25, 0, 0,
    ]);
    expect(betaOf({ kind: "exponential", factor: 0.5 }, 3)).toBe(0.125);
    expect(betaOf({ kind: "expert-first" }, 1)).toBe(0);
  });
});

describe("rounds", () => {
  const table = { hidden: [], minibatchSize: 8, learningRate: 0.1 };

  it("store the expert's label for every state, and the learner acts in a share 1 − β of the steps", async () => {
    const beta = { kind: "constant" as const, value: 0.3 };
    const algorithm = dagger({
      ...table,
      expert,
      rounds: 2,
      roundSteps: 2000,
      epochs: 1,
      beta,
      environments: 4,
    });
    const { state, metrics } = await train.run(algorithm, { env: ENV, seed: 0 });
    const { observations, actions, count } = state.pairs;
    expect(count).toBe(4000);
    const labels = (await expert.act(observations, { rng: createRng(0), deterministic: true })).actions;
    expect(actions).toEqual(labels);
    expect(state.learnerSteps / 4000).toBeGreaterThan(0.67);
    expect(state.learnerSteps / 4000).toBeLessThan(0.73);
    expect(metrics.at(-1)).toMatchObject({ expertQueries: 4000, steps: 4000 });
  });

  it("use demonstrations as round 0, so that the learner acts from the first round on", async () => {
    const demonstrations = await collect(expert, { env: ENV, episodes: 5, seed: 0, deterministic: true });
    const algorithm = dagger({ ...table, expert, demonstrations, rounds: 1, roundSteps: 50, epochs: 1 });
    const { metrics, state } = await train.run(algorithm, { env: ENV, seed: 0 });
    expect(metrics[0]).toMatchObject({ beta: 0, learnerShare: 1 });
    const half = { kind: "exponential" as const, factor: 0.5 };
    const longer = dagger({
      ...table,
      expert,
      demonstrations,
      rounds: 2,
      roundSteps: 50,
      epochs: 1,
      beta: half,
    });
    const rounds = (await train.run(longer, { env: ENV, seed: 0 })).metrics;
    expect(rounds.map(({ beta }) => beta)).toEqual([0.5, 0.25]);
    expect(state.pairs.count).toBe(pairsOf(demonstrations.trajectories, demonstrations).count + 50);
  });

  it("are saved without what is made from the problem, and refuse an expert of another", async () => {
    const algorithm = dagger({ ...table, expert, rounds: 1, roundSteps: 50, epochs: 1 });
    const saved = snapshot(await algorithm.init(await problemOf(ENV), createRng(0)));
    expect(saved).toHaveProperty("round", 0);
    expect(saved).not.toHaveProperty("live");
    await expect(algorithm.init(await problemOf("CartPole-v1"), createRng(0))).rejects.toThrow(
      /dagger: the expert .*CartPole-v1/,
    );
  });

  it("refuse a number of environments that does not divide the samples of a round", () => {
    expect(() => dagger({ expert, environments: 3, roundSteps: 100 })).toThrow(
      /the 3 environments must divide the 100/,
    );
  });
});

describe("the labeller", () => {
  it.each([
    { kind: "expert-first" as const },
    { kind: "constant" as const, value: 0.5 },
    { kind: "linear" as const, rounds: 2 },
  ])("gives the same learner under β %j if it answers at once or late, in order or out of order", async (beta) => {
    const options = { ...settings, beta };
    const once = await whole({ ...options, expert });
    expect(once.book).toMatchObject({ asked: 60, answered: 60, skipped: 0, withdrawn: 0, open: [] });
    expect(outcome(await whole({ ...options, labeller: disorderly() }))).toEqual(outcome(once));
  });

  it("labels every state, also the share 1 − β in which the learner acts", async () => {
    const beta = { kind: "constant" as const, value: 0.3 };
    const state = await whole({
      ...settings,
      expert,
      beta,
      rounds: 1,
      roundSteps: 2000,
      epochs: 1,
    });
    expect(state.pairs.count).toBe(2000);
    expect(Array.from(state.pairs.actions)).toEqual(await best(state.pairs.observations));
    expect(Array.from(state.ids)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    // Four standard deviations.
    expect(Math.abs(state.learnerSteps / 2000 - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / 2000));
  });

  it("acts in the whole first round", async () => {
    const { algorithm, state } = await start({
      ...settings,
      expert,
      beta: { kind: "exponential", factor: 0.5 },
    });
    expect(await algorithm.update(state)).toMatchObject({ beta: 1, learnerShare: 0 });
    expect((await algorithm.update(state)).learnerShare).toBeGreaterThan(0);
  });

  it("may skip queries: those states get no label, and the learner acts where the labeller would have", async () => {
    const labeller: Labeller = {
      kind: "tired",
      async *label({ queries }) {
        const actions = await best(queries.map(({ observation }) => observation[0]));
        yield queries.map(({ id }, i) => (id % 4 === 0 ? { id, skipped: true } : { id, action: actions[i] }));
      },
    };
    const state = await whole({ ...settings, labeller });
    expect(state.book).toMatchObject({ asked: 60, answered: 45, skipped: 15, open: [] });
    expect(state.pairs.count).toBe(45);
    expect(Array.from(state.ids.subarray(0, 45)).some((id) => id % 4 === 0)).toBe(false);
    // A quarter of the 20 steps of the first round, and the 40 after it.
    expect(state.learnerSteps).toBe(45);
  });

  it("may withdraw open queries and earlier labels; each withdrawal is counted once", async () => {
    const inner = policyLabeller(expert);
    const labeller: Labeller = {
      kind: "fickle",
      async *label(request, signal) {
        const gone = [1, 5, request.queries[0].id].map((id) => ({ id, withdrawn: true }) as const);
        yield gone.filter(({ id }) => id <= request.queries[0].id);
        for await (const answers of inner.label(request, signal)) yield answers;
      },
    };
    const state = await whole({ ...settings, labeller, beta: { kind: "constant", value: 0 } });
    const { asked, answered, withdrawn } = state.book;
    // 1, 21 and 41 were open, and 5 had a label.
    expect([asked, answered, withdrawn]).toEqual([60, 56, 4]);
    expect(state.pairs.count).toBe(56);
    const left = Array.from({ length: 60 }, (_, i) => i + 1).filter((id) => ![1, 5, 21, 41].includes(id));
    expect(Array.from(state.ids.subarray(0, 56))).toEqual(left);
    expect(Array.from(state.pairs.actions.subarray(0, 56))).toEqual(
      await best(state.pairs.observations.subarray(0, 56)),
    );
  });

  it("or the expert is required, and not both", () => {
    expect(() => dagger({})).toThrow("dagger: give either an expert, which is a policy, or a labeller");
    expect(() => dagger({ expert, labeller: policyLabeller(expert) })).toThrow("and not both");
    expect(() => dagger({ labeller: { kind: "no" } as Labeller })).toThrow('option "labeller" is an object');
  });

  it("is not needed to clone demonstrations from a data set, but to learn in an environment", async () => {
    const demonstrations = await collect(expert, { env: ENV, episodes: 2, seed: 0, deterministic: true });
    const algorithm = dagger({ ...settings, demonstrations });
    await expect(algorithm.init(await problemOf(ENV), createRng(0))).rejects.toThrow(
      "dagger: give either an expert, which is a policy, or a labeller",
    );
    const { observationSpace, actionSpace } = await problemOf(ENV);
    const data = { id: "data:Lake", observationSpace, actionSpace, isData: true } as unknown as Problem;
    const state = await algorithm.init(data, createRng(0));
    expect(algorithm.done!(state)).toBe(false);
    const { count } = pairsOf(demonstrations.trajectories, demonstrations);
    expect(await algorithm.update(state)).toEqual({ steps: count, round: 0, loss: expect.any(Number) });
    expect(algorithm.done!(state)).toBe(true);
    expect(() => dagger({ ...settings, demonstrations, expert, labeller: policyLabeller(expert) })).toThrow(
      "and not both",
    );
  });

  it.each<[string, (ids: number[]) => Answer[], string]>([
    ["leaves queries open", () => [], "ended with queries open"],
    ["answers what was not asked", () => [{ id: 99, action: 0 }], "answered query 99, which was never asked"],
    ["gives what is no action", ([id]) => [{ id, action: 4 }], "query 1: 4 is not an integer from 0 to 3"],
    ["gives a fraction", ([id]) => [{ id, action: 0.5 }], "query 1: 0.5 is not an integer"],
  ])("causes a named error when it %s", async (_, answer, message) => {
    const labeller: Labeller = {
      kind: "broken",
      async *label({ queries }) {
        yield answer(queries.map(({ id }) => id));
      },
    };
    await expect(whole({ ...settings, labeller })).rejects.toThrow(message);
  });

  it("passes its own error on", async () => {
    const labeller: Labeller = {
      kind: "broken",
      label: () => {
        throw new Error("the line is dead");
      },
    };
    await expect(whole({ ...settings, labeller })).rejects.toThrow("the line is dead");
  });

  it("cannot be a policy with memory", async () => {
    const forgetful: Policy = {
      ...expert,
      observationSpace: expert.observationSpace,
      actionSpace: expert.actionSpace,
      toData: () => expert.toData(),
      logProb: (observations, actions) => expert.logProb(observations, actions),
      act: async (rows, options) => ({
        ...(await expert.act(rows, options)),
        state: new Float32Array(rows.length),
      }),
    };
    await expect(whole({ ...settings, expert: forgetful })).rejects.toThrow("with memory cannot label");
  });
});

describe("a run that is killed while queries are open", () => {
  /** Answers of the expert to all that lies in the folder and has none, in files of a few, the last ones first. */
  async function answerAll(drop: MemoryDrop): Promise<void> {
    const queries = queriesIn(drop);
    const actions = await best(queries.map(({ observation }) => observation as number));
    for (let i = queries.length - 1, n = 0; i >= 0; i -= 4, n++) {
      const answers = queries.slice(Math.max(0, i - 3), i + 1).map(({ id }, k) => ({
        id,
        action: actions[Math.max(0, i - 3) + k],
      }));
      drop.drop(`answers-${n}.json`, { answers });
    }
  }

  /** Runs until nobody answers, is stopped, and gives what a checkpoint holds. */
  async function untilStopped(drop: MemoryDrop, saved?: ReturnType<typeof snapshot>) {
    const stop = new AbortController();
    const labeller = fileLabeller({ folder: drop, every: 0.002 });
    const { algorithm, state } = await start({ ...settings, labeller, signal: stop.signal });
    if (saved !== undefined) restore(state, saved);
    const answered = [...drop.files]
      .filter(([name]) => name.startsWith("answers"))
      .flatMap(([, text]) => JSON.parse(text).answers);
    const watch = setInterval(() => {
      if (queriesIn(drop).length > answered.length) stop.abort();
    }, 5);
    try {
      while (!algorithm.done!(state)) await algorithm.update(state);
    } catch (error) {
      if (!(error instanceof Paused)) throw error;
    } finally {
      clearInterval(watch);
    }
    return { saved: snapshot(state), state, isDone: algorithm.done!(state) };
  }

  it("reads the answers given in the meantime, and ends with the parameters of an uninterrupted run", async () => {
    const drop = memoryDrop();
    let run = await untilStopped(drop);
    let kills = 0;
    const open = [run.state.book.open.length];
    while (!run.isDone) {
      await answerAll(drop);
      run = await untilStopped(drop, run.saved);
      open.push(run.state.book.open.length);
      kills++;
    }
    // Ten steps of two rows driven by the expert, and two rounds of 20 queries.
    expect(kills).toBe(12);
    expect(open).toEqual([...new Array(10).fill(2), 20, 20, 0]);
    expect(run.state.book).toMatchObject({ asked: 60, answered: 60, batches: 12 });
    expect(outcome(run.state)).toEqual(outcome(await whole({ ...settings, expert })));
  });

  it("repeats the same queries if there is no checkpoint, and counts each query once", async () => {
    const drop = memoryDrop();
    const first = await untilStopped(drop);
    await answerAll(drop);
    const second = await untilStopped(drop, first.saved);
    const before = queriesIn(drop);
    await answerAll(drop);
    // From the older checkpoint once more.
    const again = await untilStopped(drop, first.saved);
    expect(queriesIn(drop).slice(0, before.length)).toEqual(before);
    expect(again.state.book.answered).toBe(second.state.book.answered + 2);
  });

  it("applies a withdrawal for its last round that was sent before the resumption", async () => {
    const drop = memoryDrop();
    const stop = new AbortController();
    const run = async (signal?: AbortSignal) => {
      const labeller = fileLabeller({ folder: drop, every: 0.002 });
      const beta = { kind: "constant" as const, value: 0 };
      return start({ ...settings, rounds: 1, beta, labeller, signal });
    };
    const first = await run(stop.signal);
    const all = Array.from({ length: 20 }, (_, i) => i + 1);
    const answersTo = (ids: number[]) => ids.map((id) => ({ id, action: 0 }));
    drop.drop("answers-1.json", answersTo(all.slice(3)));
    const watch = setInterval(() => first.state.book.answered === 17 && stop.abort(), 5);
    await expect(first.algorithm.update(first.state)).rejects.toThrow(Paused);
    clearInterval(watch);
    expect(first.state.book.open.map(({ id }) => id)).toEqual([1, 2, 3]);

    drop.drop("answers-2.json", [...answersTo([1, 2, 3]), { id: 5, withdrawn: true }]);
    const second = await run();
    restore(second.state, snapshot(first.state));
    expect(await second.algorithm.update(second.state)).toMatchObject({ answered: 19, withdrawn: 1 });
    expect(Array.from(second.state.ids.subarray(0, 19))).toEqual(all.filter((id) => id !== 5));
    expect([...drop.files.keys()].filter((name) => name.includes("problems"))).toEqual([]);
  });

  it("stops at once on an abort signal, before the labeller's timeout", async () => {
    const stop = new AbortController();
    const labeller: Labeller = {
      kind: "silent",
      label: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
    };
    const { algorithm, state } = await start({ ...settings, labeller, signal: stop.signal });
    const running = algorithm.update(state);
    setTimeout(() => stop.abort(), 5);
    await expect(running).rejects.toThrow(Paused);
    expect(state.book.open.map(({ id, batch }) => [id, batch])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    await expect(algorithm.update(state)).rejects.toThrow(Paused);
    expect(state.book.asked).toBe(2);
  });
});

describe("a quorum", () => {
  /** Answers half of each round at once, and the rest when it is asked again. */
  const slow = (): { labeller: Labeller; asked: number[][] } => {
    const seen = new Set<number>();
    const asked: number[][] = [];
    return {
      asked,
      labeller: {
        kind: "slow",
        async *label({ queries }, signal) {
          asked.push(queries.map(({ id }) => id));
          const prompt = queries.filter(({ id }) => seen.has(id) || id % 2 === 0);
          for (const { id } of queries) seen.add(id);
          const actions = await best(prompt.map(({ observation }) => observation[0]));
          yield prompt.map(({ id }, i) => ({ id, action: actions[i] }));
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
        },
      },
    };
  };
  const beta = { kind: "constant" as const, value: 0 };

  it("ends a round with fewer answers, and late answers join the next round", async () => {
    const { labeller, asked } = slow();
    const { algorithm, state } = await start({ ...settings, beta, labeller, quorum: 0.5 });
    expect(await algorithm.update(state)).toMatchObject({ answered: 10, outstanding: 10 });
    expect(state.pairs.count).toBe(10);
    expect(await algorithm.update(state)).toMatchObject({ answered: 30, outstanding: 10, expertQueries: 40 });
    expect(asked[1].filter((id) => id <= 20)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(Array.from(state.pairs.actions.subarray(0, 30))).toEqual(
      await best(state.pairs.observations.subarray(0, 30)),
    );
  });

  it("is waited for even with a patience of 0", async () => {
    const stop = new AbortController();
    const { labeller } = slow();
    const { algorithm, state } = await start({
      ...settings,
      beta,
      labeller,
      quorum: 0.6,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 50);
    await expect(algorithm.update(state)).rejects.toThrow(Paused);
    expect(state.round).toBe(0);
  });

  it("leaves the remaining answers the time of the patience option", async () => {
    const { labeller } = slow();
    const options = { ...settings, beta, labeller, quorum: 0.5, patience: 0.08 };
    const { algorithm, state } = await start(options);
    const before = performance.now();
    await algorithm.update(state);
    expect(performance.now() - before).toBeGreaterThanOrEqual(78);
    expect(state.book.open.length).toBe(10);
  });
});

describe("normalised observations", () => {
  const env = "CartPole-v1";
  const CLIP = 10;
  const pushes = {
    rounds: 2,
    roundSteps: 40,
    epochs: 20,
    learningRate: 0.01,
    hidden: [8],
    normaliseObservations: true,
  } satisfies DaggerOptions;
  let driver: Policy;
  beforeAll(async () => {
    driver = await loadExpert(env);
  });

  /** Mean and deviation of each of the four numbers. */
  const momentsOf = (rows: Float32Array) =>
    [0, 1, 2, 3].map((j) => {
      const column = Array.from(rows.filter((_, i) => i % 4 === j));
      const mean = column.reduce((a, b) => a + b) / column.length;
      const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length;
      return [mean, Math.sqrt(variance)];
    });

  it.each([
    "aggregate",
    "fuse",
  ] as const)("use the statistics of the first labelled data: %s", async (combine) => {
    const { policy, state } = await train.run(dagger({ ...pushes, combine, expert: driver }), {
      env,
      seed: 0,
    });
    const first = momentsOf(state.pairs.observations.subarray(0, 40 * 4));
    const seen = state.pairs.observations.subarray(0, 80 * 4);
    const shown = seen.map((x, i) => {
      const [mean, deviation] = first[i % 4];
      return Math.max(-CLIP, Math.min(CLIP, (x - mean) / deviation));
    });
    const { settings } = state.live.clonerWith().network;
    const plain =
      combine === "fuse"
        ? fuse(settings, state.members)
        : new NetworkPolicy(settings, state.cloner.parameters);
    const [expected, actual] = [
      await plain.probabilities!(shown),
      await loadPolicy(savePolicy(policy)).probabilities!(seen),
    ];
    expect(actual.length).toBe(160);
    for (const [i, p] of actual.entries()) expect(p).toBeCloseTo(expected[i], 4);
    const unnormalised = await plain.probabilities!(seen);
    expect(Math.max(...unnormalised.map((p, i) => Math.abs(p - expected[i])))).toBeGreaterThan(0.05);
  });

  it("make the fitted network invariant to the scale of observations", async () => {
    const demonstrations = await collect(driver, { env, episodes: 2, seed: 0 });
    const rescale = (x: number, i: number) => 100 * (i % 4) + 300 * x;
    const rescaled = {
      ...demonstrations,
      trajectories: demonstrations.trajectories.map((t) => ({
        ...t,
        observations: t.observations.map(rescale),
      })),
    };
    const { observations } = demonstrations.trajectories[0];
    const learnt = async (
      given: typeof demonstrations,
      rows: Float32Array,
      normaliseObservations: boolean,
    ) => {
      // Nobody has an opinion, so that all labels are demonstrated.
      const labeller: Labeller = {
        kind: "silent",
        async *label({ queries }) {
          yield queries.map(({ id }) => ({ id, skipped: true }));
        },
      };
      const options = { ...pushes, rounds: 1, labeller, normaliseObservations };
      const policy = await train(dagger({ ...options, demonstrations: given }), { env, seed: 0 });
      return policy.probabilities!(rows);
    };
    for (const normalise of [true, false]) {
      const plain = await learnt(demonstrations, observations, normalise);
      const scaled = await learnt(rescaled, observations.map(rescale), normalise);
      const apart = Math.max(...plain.map((p, i) => Math.abs(p - scaled[i])));
      if (normalise) expect(apart).toBeLessThan(0.02);
      else expect(apart).toBeGreaterThan(0.2);
    }
  });

  it("need box observations", async () => {
    await expect(train(dagger({ ...pushes, expert }), { env: ENV })).rejects.toThrow(
      /normaliseObservations needs box observations; those of FrozenLake-v1/,
    );
  });
});

describe("actions without bounds", () => {
  /** Observations count steps; an expert acts with 300 + 50 × (−1)^t in the first ten, and far from that afterwards. */
  class Unbounded {
    observationSpace = box([1], 0, 1e6);
    actionSpace = box([1], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    private static time = 0;
    reset() {
      return [Unbounded.time];
    }
    step() {
      Unbounded.time++;
      return [[Unbounded.time], 0, false, Unbounded.time % 10 === 0, {}];
    }
    static restart() {
      Unbounded.time = 0;
    }
  }
  const labeller: Labeller = {
    kind: "shouting",
    async *label({ queries }) {
      yield queries.map(({ id, observation: [time] }) => ({
        id,
        action: time < 10 ? [300 + (time % 2 ? -50 : 50)] : [1e6],
      }));
    },
  };

  it("are scaled by the mean and the deviation of the first labels, in all rounds", async () => {
    Unbounded.restart();
    const options = { labeller, rounds: 2, roundSteps: 10, epochs: 1, hidden: [], minibatchSize: 5 };
    const { state } = await train.run(dagger(options), { env: Unbounded, seed: 0 });
    expect(state.pairs.count).toBe(20);
    expect(state.scaling).toEqual({ centre: [300], halfWidth: [50] });
  });
});

describe("fused policies", () => {
  it("fit a separate policy to each round's labels", async () => {
    const state = await whole({ ...settings, expert, combine: "fuse" });
    expect(state.members.map(({ weight }) => weight)).toEqual([20, 20, 20]);
    // 2 passes over 20 pairs in minibatches of 8, three times; aggregation would take 6 + 10 + 16.
    expect(state.cloner.steps).toBe(18);
    expect((await whole({ ...settings, expert })).cloner.steps).toBe(32);
  });
});
