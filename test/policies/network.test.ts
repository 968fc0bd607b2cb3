/** @file Network policies: plain loops against programs, memory, and observation statistics. */

import { describe, expect, it } from "vitest";
import * as ort from "#ort";
import { addRow, createMoments } from "../../src/env/moments.js";
import type { Policy } from "../../src/policies/contract.js";
import {
  type ActorCriticSettings,
  actorCritic,
  loadPolicy,
  NetworkPolicy,
  savePolicy,
} from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { actionScaling, box, discrete } from "../../src/spaces/index.js";

const WIDTH = 3;
const ROWS = 400;
const observations = createRng("observations").fillNormal(new Float32Array(ROWS * WIDTH));
const row = (i: number) => observations.slice(i * WIDTH, (i + 1) * WIDTH);

const moments = createMoments(WIDTH);
for (let i = 0; i < ROWS; i++)
  addRow(
    moments,
    row(i).map((x, j) => 20 * x + 5 * j),
  );
const statistics = { moments, clip: 2 };

function policyOf(extra: Partial<ActorCriticSettings>, seen?: typeof statistics): NetworkPolicy {
  const settings: ActorCriticSettings = {
    observationSpace: box([WIDTH], -Infinity, Infinity),
    actionSpace: box([2], -1, 1),
    hidden: [9, 6],
    activation: "tanh",
    critic: true,
    ...extra,
  };
  const rng = createRng("weights");
  const weights = actorCritic(settings).layout.initialise(rng);
  return new NetworkPolicy(
    settings,
    weights.map((w) => w + 0.4 * rng.normal()),
    seen,
  );
}

const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

describe.each([
  { actionSpace: discrete(5) },
  { actionSpace: box([2], -1, 1) },
  { actionSpace: box([2], -1, 1), activation: "relu" as const, sharedTrunk: true },
  { actionSpace: discrete(2), hidden: [] },
  { actionSpace: box([2], [-5, 100], [-3, 300]), actionScaling: { centre: [-4, 200], halfWidth: [1, 100] } },
  {
    actionSpace: box([2], [-5, 10], [-3, 30]),
    actionScaling: { centre: [-4, 20], halfWidth: [1, 10] },
    squashed: "mean" as const,
  },
])("acting on one or two rows in plain loops: %o", (extra) => {
  const policy = policyOf(extra, statistics);
  const discreteActions = extra.actionSpace.kind === "discrete";

  it("gives the modes that the program gives for many rows", async () => {
    const rng = createRng(0);
    const many = await policy.act(observations, { rng, deterministic: true });
    const width = many.actions.length / ROWS;
    let same = 0;
    for (let i = 0; i < 50; i++) {
      const one = await policy.act(row(i), { rng, deterministic: true });
      const expected = many.actions.slice(i * width, (i + 1) * width);
      if (discreteActions) same += one.actions[0] === expected[0] ? 1 : 0;
      else expect(furthest(one.actions, expected)).toBeLessThan(1e-5);
    }
    // A tie to within rounding may fall either way.
    if (discreteActions) expect(same).toBeGreaterThanOrEqual(49);
  });

  it("reports the program's log-probability of the sample", async () => {
    for (let i = 0; i < 50; i++) {
      const two = observations.slice(i * WIDTH, (i + 2) * WIDTH);
      const { actions, unclipped, logProbs } = await policy.act(two, { rng: createRng(i) });
      expect(furthest(logProbs!, await policy.logProb(two, unclipped ?? actions))).toBeLessThan(2e-5);
    }
  });
});

describe("a policy with observation statistics", () => {
  const policy = policyOf({}, statistics);

  it("normalises and clips the input of its networks", async () => {
    const raw = Float32Array.of(20 * 0.5, 5 - 20 * 0.25, 1e6);
    const deviation = (i: number) => Math.sqrt(moments.squares[i] / moments.count + 1e-8);
    const seen = raw.map((x, i) => Math.min(2, Math.max(-2, (x - moments.mean[i]) / deviation(i))));
    const bare = new NetworkPolicy(policy.settings, policy.parameters);
    const act = (p: Policy, x: Float32Array) => p.act(x, { rng: createRng(1) });
    expect(await act(policy, raw)).toEqual(await act(bare, seen));
    expect(await policy.value!(raw)).toEqual(await bare.value!(seen));
    expect(seen[2]).toBe(2);
  });

  it("does not update them when acting, and saves them: a loaded policy acts the same", async () => {
    const before = structuredClone(statistics);
    const loaded = loadPolicy(savePolicy(policy));
    for (const batch of [observations, row(7)]) {
      const act = (p: Policy) => p.act(batch, { rng: createRng(2) });
      expect(await act(loaded)).toEqual(await act(policy));
    }
    expect(statistics).toEqual(before);
    expect((loaded as NetworkPolicy).statistics).toEqual(statistics);
    expect(savePolicy(loaded)).toEqual(savePolicy(policy));
  });

  it("refuses a file with statistics of other observations", () => {
    const data = policy.toData();
    const fewer = { shape: [2], data: new Float64Array(2) };
    const arrays = { ...data.arrays, "observations.mean": fewer };
    expect(() => NetworkPolicy.fromData({ ...data, arrays })).toThrow(/observations.mean .*does not fit/);
  });
});

async function runOnnx(policy: NetworkPolicy, feeds: Record<string, [Float32Array, number]>) {
  const session = await ort.InferenceSession.create(policy.toOnnx());
  const tensors = Object.entries(feeds).map(([name, [data, width]]) => [
    name,
    new ort.Tensor("float32", data, [data.length / width, width]),
  ]);
  return session.run(Object.fromEntries(tensors));
}

describe("an exported policy", () => {
  it("normalises its input", async () => {
    const policy = policyOf({}, statistics);
    const { actions } = await runOnnx(policy, { observations: [observations, WIDTH] });
    const own = await policy.act(observations, { rng: createRng(0), deterministic: true });
    expect(furthest(actions.data as Float32Array, own.actions)).toBeLessThan(1e-4);
  });

  it("takes the memory as input and returns the next one", async () => {
    const policy = policyOf({ recurrentUnits: 4 }, statistics);
    const state = createRng("state").fillNormal(new Float32Array(ROWS * 8));
    const feeds: Parameters<typeof runOnnx>[1] = { observations: [observations, WIDTH], state: [state, 8] };
    const outputs = await runOnnx(policy, feeds);
    const own = await policy.act(observations, { rng: createRng(0), deterministic: true, state });
    expect(furthest(outputs.actions.data as Float32Array, own.actions)).toBeLessThan(1e-4);
    expect(furthest(outputs.state_out.data as Float32Array, own.state!)).toBeLessThan(1e-4);
  });
});

describe.each([false, true])("a policy with memory (shared trunk: %s)", (sharedTrunk) => {
  const policy = policyOf({ recurrentUnits: 4, sharedTrunk });

  it("starts with empty memory, and acts by its memory", async () => {
    const act = (state?: Float32Array) =>
      policy.act(row(0), { rng: createRng(0), deterministic: true, state });
    const first = await act();
    expect(first.state).toHaveLength(sharedTrunk ? 4 : 8);
    expect(await act(new Float32Array(policy.memoryWidth))).toEqual(first);
    const second = await act(first.state);
    expect(furthest(second.unclipped!, first.unclipped!)).toBeGreaterThan(1e-3);
    expect(second.values![0]).not.toBe(first.values![0]);
    expect((await policy.value!(row(0), first.state))[0]).toBeCloseTo(second.values![0], 5);
    const { unclipped, logProbs } = second;
    expect((await policy.logProb(row(0), unclipped!, first.state))[0]).toBeCloseTo(logProbs![0], 4);
  });

  it("has the same memory after loading from its file", async () => {
    const loaded = loadPolicy(savePolicy(policy));
    let [mine, other]: (Float32Array | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      const a = await policy.act(row(i), { rng: createRng(i), state: mine });
      const b = await loaded.act(row(i), { rng: createRng(i), state: other });
      expect(b).toEqual(a);
      [mine, other] = [a.state, b.state];
    }
  });
});

describe("a policy for a box", () => {
  it("clips samples to the bounds, and reports the log-probability before clipping", async () => {
    const actionSpace = box([2], [-0.5, -Infinity], [0.25, 0]);
    const policy = policyOf({ actionSpace, initialLogStd: 0 });
    for (const batch of [observations, row(1)]) {
      const { actions, unclipped, logProbs } = await policy.act(batch, { rng: createRng(3) });
      for (const [k, x] of unclipped!.entries()) {
        expect(actions[k]).toBe(k % 2 === 0 ? Math.min(0.25, Math.max(-0.5, x)) : Math.min(0, x));
      }
      expect(unclipped).not.toEqual(actions);
      expect(furthest(await policy.logProb(batch, unclipped!), logProbs!)).toBeLessThan(1e-4);
    }
  });
});

describe("calls of act at the same time", () => {
  it("sample what calls one after the other sample", async () => {
    const policy = policyOf({ squashed: true });
    const act = async (seed: number) => (await policy.act(row(0), { rng: createRng(seed) })).actions;
    const together = await Promise.all([1, 2, 3].map(act));
    expect(new Set(together.map(String)).size).toBe(3);
    for (const [k, actions] of together.entries()) expect(await act(k + 1)).toEqual(actions);
  });
});

describe("a policy with a squashed mean", () => {
  it("has its mode at tanh of the output, and Gaussian samples around it that are clipped to the bounds", async () => {
    const plain = policyOf({ initialLogStd: -1 });
    const squashed = new NetworkPolicy({ ...plain.settings, squashed: "mean" }, plain.parameters);
    const act = async (policy: Policy, deterministic: boolean) =>
      policy.act(observations, { rng: createRng(3), deterministic });
    const { unclipped: outputs } = await act(plain, true);
    const { actions: modes } = await act(squashed, true);
    expect(furthest(modes, Array.from(outputs!, Math.tanh))).toBeLessThan(1e-6);
    const { unclipped: noisy } = await act(plain, false);
    const { actions, unclipped } = await act(squashed, false);
    const noise = Array.from(noisy!, (x, i) => x - outputs![i]);
    expect(
      furthest(
        unclipped!,
        Array.from(modes, (x, i) => x + noise[i]),
      ),
    ).toBeLessThan(1e-5);
    expect(
      furthest(
        actions,
        Array.from(unclipped!, (x) => Math.max(-1, Math.min(1, x))),
      ),
    ).toBe(0);
    expect(unclipped!.some((x) => Math.abs(x) > 1)).toBe(true);
  });
});

describe("a policy with scaled actions", () => {
  const actionSpace = box([2], [100, -5], [300, -4]);
  const scaled = policyOf({ actionSpace, actionScaling: actionScaling(actionSpace) });
  const unit = new NetworkPolicy({ ...policyOf({}).settings }, scaled.parameters);
  const toBox = (units: ArrayLike<number>) =>
    Float32Array.from(units, (u, k) => (k % 2 === 0 ? 200 + 100 * u : -4.5 + 0.5 * u));

  it.each([
    ["one row, in plain loops", row(3)],
    ["many rows, by a program", observations],
  ])("acts as the same networks in ±1, in the units of its box: %s", async (_, batch) => {
    for (const deterministic of [true, false]) {
      const act = (policy: Policy) => policy.act(batch, { rng: createRng(4), deterministic });
      const [near, far] = [await act(unit), await act(scaled)];
      expect(furthest(far.actions, toBox(near.actions))).toBeLessThan(1e-3);
      expect(furthest(far.unclipped!, toBox(near.unclipped!))).toBeLessThan(1e-3);
      expect(
        furthest(
          far.logProbs!,
          near.logProbs!.map((x) => x - Math.log(50)),
        ),
      ).toBeLessThan(1e-4);
    }
  });

  it("has a density over the box's units that sums to 1", async () => {
    const n = 120;
    const [xs, ys] = [
      Float64Array.from({ length: n }, (_, i) => -800 + (2000 * (i + 0.5)) / n),
      [] as number[],
    ];
    for (let i = 0; i < n; i++) ys.push(-9.5 + (10 * (i + 0.5)) / n);
    const grid = Float32Array.from({ length: 2 * n * n }, (_, k) =>
      k % 2 === 0 ? xs[Math.floor(k / 2 / n)] : ys[Math.floor(k / 2) % n],
    );
    const same = Float32Array.from({ length: n * n * WIDTH }, (_, k) => 0.1 * row(0)[k % WIDTH]);
    const densities = await scaled.logProb(same, grid);
    const total = densities.reduce((sum, x) => sum + Math.exp(x), 0) * (2000 / n) * (10 / n);
    expect(total).toBeCloseTo(1, 2);
  });

  it("keeps the scaling in its file, and a file without scaling acts without", async () => {
    const loaded = loadPolicy(savePolicy(scaled));
    const act = (policy: Policy) => policy.act(observations, { rng: createRng(5) });
    expect(await act(loaded)).toEqual(await act(scaled));
    const data = scaled.toData();
    const { actionScaling: _, ...settings } = data.settings;
    const old = NetworkPolicy.fromData({ ...data, settings });
    const { unclipped } = await old.act(row(0), { rng: createRng(0), deterministic: true });
    const near = await unit.act(row(0), { rng: createRng(0), deterministic: true });
    expect(unclipped).toEqual(near.unclipped);
  });

  it("exports a network whose actions are in the units of the box", async () => {
    const { actions } = await runOnnx(scaled, { observations: [observations, WIDTH] });
    const own = await scaled.act(observations, { rng: createRng(0), deterministic: true });
    expect(furthest(actions.data as Float32Array, own.actions)).toBeLessThan(1e-2);
    expect(Math.min(...(own.actions as Float32Array).filter((_, k) => k % 2 === 0))).toBeGreaterThanOrEqual(
      100,
    );
  });

  it("remembers in the same units", async () => {
    const recurrent = policyOf({ actionSpace, actionScaling: actionScaling(actionSpace), recurrentUnits: 4 });
    const near = new NetworkPolicy(policyOf({ recurrentUnits: 4 }).settings, recurrent.parameters);
    const act = (policy: Policy) => policy.act(row(0), { rng: createRng(4) });
    expect(furthest((await act(recurrent)).unclipped!, toBox((await act(near)).unclipped!))).toBeLessThan(
      1e-3,
    );
  });
});

describe("initialLogStd", () => {
  it("is the initial log standard deviation of continuous actions", async () => {
    const settings = { ...policyOf({}).settings, initialLogStd: -1 };
    const policy = new NetworkPolicy(settings, actorCritic(settings).layout.initialise(createRng(0)));
    const { actions } = await policy.act(observations, { rng: createRng(0), deterministic: true });
    const [logProb] = await policy.logProb(row(0), actions.slice(0, 2));
    // The density at the mode of two normal variables.
    expect(logProb).toBeCloseTo(2 * (1 - 0.5 * Math.log(2 * Math.PI)), 4);
  });
});
