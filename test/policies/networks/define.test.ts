/** @file Networks of features: their names, their checks, and policies with them. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as ort from "#ort";
import { UsageError } from "../../../src/errors.js";
import * as nn from "../../../src/nn/index.js";
import {
  type ActorCriticSettings,
  actorCritic,
  defineNetwork,
  featuresOf,
  loadPolicy,
  type NetworkData,
  type NetworkInput,
  NetworkPolicy,
  networkData,
  QPolicy,
  qNetwork,
  savePolicy,
} from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import { expectClose } from "../../nn/support.js";

const received: NetworkInput[] = [];

/** Sums of pairs of neighbouring numbers, times a learnt scale. */
const neighbours = defineNetwork({
  name: "neighbours",
  schema: z.strictObject({ start: z.number().default(2) }),
  create(input, { start }) {
    received.push(input);
    const width = input.inputs - 1;
    return {
      width,
      parameters: { scale: { shape: [width], initialise: nn.initialisers.constant(start) } },
      apply({ scale }, x) {
        const [left] = t.split(x, [width, 1], 1);
        const [, right] = t.split(x, [1, width], 1);
        return t.mul(t.add(left, right), scale as t.Tensor);
      },
    };
  },
});

const observationSpace = box([4], -10, 10);
const settings: ActorCriticSettings = {
  observationSpace,
  actionSpace: box([2], -1, 1),
  hidden: [5],
  activation: "tanh",
  critic: true,
  network: neighbours(),
};
const policyOf = (extra: Partial<ActorCriticSettings> = {}) => {
  const shape = { ...settings, ...extra };
  return new NetworkPolicy(shape, actorCritic(shape).layout.initialise(createRng("weights")));
};
const observations = createRng("observations").fillNormal(new Float32Array(4 * 50));
const act = (policy: NetworkPolicy, rows = observations) =>
  policy.act(rows, { rng: createRng(0), deterministic: true });

/** The features of one row on the interpreter. */
function featuresAt(network: NetworkData, space: Space, row: number[]): number[] {
  const { parameters, apply } = featuresOf(network, space);
  const layout = nn.layoutOf(parameters);
  const program = t.program({ x: t.float32([1, row.length]), p: t.float32([layout.size]) }, ({ x, p }) => ({
    y: apply(layout.unflatten(p), x),
  }));
  return [...program.interpret({ x: row, p: layout.initialise(createRng(0)) }).y];
}

describe("defineNetwork", () => {
  it("returns a function from options to plain data, with defaults filled in", () => {
    expect(neighbours()).toEqual({ kind: "neighbours", start: 2 });
    expect(neighbours({ start: 3 })).toEqual({ kind: "neighbours", start: 3 });
    expect(networkData("neighbours")).toEqual({ kind: "neighbours", start: 2 });
  });

  it("computes features by its function", () => {
    expect(featuresAt(neighbours({ start: 3 }), observationSpace, [1, 2, 4, 8])).toEqual([9, 18, 36]);
  });

  it("refuses an unknown option, and a value of the wrong type", () => {
    expect(() => networkData({ kind: "neighbours", strat: 1 })).toThrow(
      'network "neighbours": unknown option "strat"; did you mean "start"?',
    );
    expect(() => networkData({ kind: "neighbours", start: "a" })).toThrow(
      'network "neighbours": option "start" is "a": it must be a number',
    );
  });

  it("refuses an existing name, and an empty one", () => {
    const create = () => ({ width: 1, parameters: {}, apply: (_: unknown, x: t.Tensor) => x });
    expect(() => defineNetwork({ name: "cnn", create })).toThrow(
      'network "cnn" is already defined; choose another name',
    );
    expect(() => defineNetwork({ name: "", create })).toThrow(/needs a name and a function/);
  });

  it("refuses an undefined network, and explains how to define it", () => {
    expect(() => networkData("neighbour")).toThrow(
      'there is no network "neighbour"; did you mean "neighbours"?; if it is your own, first import the module that ' +
        'calls defineNetwork({ name: "neighbour", … })',
    );
  });
});

describe("featuresOf", () => {
  const wrong = (name: string, features: unknown) => {
    defineNetwork({ name, create: () => features as nn.Features });
    return () => featuresAt({ kind: name }, observationSpace, [1, 2, 3, 4]);
  };
  const weight = { shape: [1], initialise: nn.initialisers.zeros };

  it("refuses features of another width than declared, and names both widths", () => {
    const call = wrong("too-narrow", {
      width: 3,
      parameters: { weight },
      apply: (_: unknown, x: t.Tensor) => x,
    });
    expect(call).toThrow(UsageError);
    expect(call).toThrow(
      'network "too-narrow" returned features of shape [1, 4]; with the width 3 that it declares, [batch, 3] was ' +
        "expected",
    );
  });

  it("names the network that does not fit the observations, and their shape", () => {
    const layer = nn.dense(7, 3);
    expect(wrong("seven-inputs", { ...layer, width: 3 })).toThrow(
      /^network "seven-inputs" fails on Box\(4\), rows of shape \[1, 4\]: .*7/,
    );
  });

  it("names what a function returned instead of features", () => {
    expect(wrong("no-module", { outputs: 3 })).toThrow(
      'network "no-module": create must return { parameters, width, apply }, with a positive width, not { outputs: 3 }',
    );
  });

  it("describes standardised observations as an unbounded box", () => {
    const last = () => received.at(-1)!.space;
    featuresOf(neighbours(), observationSpace);
    expect(last()).toEqual(observationSpace);
    featuresOf(neighbours(), observationSpace, { standardised: true });
    expect(last()).toEqual(box([4], -Infinity, Infinity));
  });

  it("returns the width of observations with discrete parts one-hot", () => {
    const space: Space = { kind: "dict", spaces: { letter: discrete(3), speed: box([2], 0, 1) } };
    featuresOf(neighbours(), space);
    expect(received.at(-1)!.inputs).toBe(5);
  });
});

describe("a policy with a user-defined network", () => {
  it("has one copy for the policy and one for the critic, or a shared one", () => {
    const names = (extra: Partial<ActorCriticSettings>) =>
      actorCritic({ ...settings, ...extra })
        .layout.entries.map(({ name }) => name)
        .filter((name) => name.includes("network"));
    expect(names({})).toEqual(["actor.network.scale", "critic.network.scale"]);
    expect(names({ sharedTrunk: true })).toEqual(["trunk.network.scale"]);
    expect(names({ critic: false })).toEqual(["actor.network.scale"]);
  });

  it("puts the hidden layers, or the outputs if there are none, on the features", () => {
    const shapes = (hidden: number[]) =>
      Object.fromEntries(
        actorCritic({ ...settings, hidden }).layout.entries.map(({ name, shape }) => [name, shape]),
      );
    expect(shapes([5])["actor.hidden0.weight"]).toEqual([3, 5]);
    expect(shapes([])["actor.output.weight"]).toEqual([3, 2]);
  });

  it("gives the same on one row as on many, without plain loops", async () => {
    const policy = policyOf();
    const all = (await act(policy)).actions;
    for (const i of [0, 17, 49]) {
      const one = (await act(policy, observations.slice(4 * i, 4 * i + 4))).actions;
      expectClose(one, all.slice(2 * i, 2 * i + 2), 1e-6);
    }
    const features = (i: number, j: number) => 2 * (observations[4 * i + j] + observations[4 * i + j + 1]);
    const linear = policyOf({ hidden: [] });
    const { data } = linear.toData().arrays["actor.output.weight"];
    const expected = [0, 1].map((k) =>
      [0, 1, 2].reduce((sum, j) => sum + features(0, j) * data[2 * j + k], 0),
    );
    expectClose((await act(linear, observations.slice(0, 4))).actions, expected, 1e-5);
  });

  it("acts the same after saving and loading, and in ONNX Runtime", async () => {
    const policy = policyOf();
    const { actions } = await act(policy);
    const loaded = loadPolicy(savePolicy(policy)) as NetworkPolicy;
    expect(loaded.settings).toEqual(settings);
    expect((await act(loaded)).actions).toEqual(actions);
    const session = await ort.InferenceSession.create(policy.toOnnx());
    const outputs = await session.run({ observations: new ort.Tensor(observations, [50, 4]) });
    expectClose(outputs.actions.data as Float32Array, actions, 1e-6);
  });

  it("has its memory after the features", async () => {
    const policy = policyOf({ recurrentUnits: 3 });
    const first = await act(policy);
    const later = await policy.act(observations, {
      rng: createRng(0),
      deterministic: true,
      state: first.state,
    });
    expect(later.actions).not.toEqual(first.actions);
    expect(first.state).toHaveLength(50 * 6);
  });

  it("gives the same on sequences as step by step", () => {
    const network = actorCritic({ ...settings, recurrentUnits: 3 });
    const { layout, memoryWidth } = network;
    const inputs = {
      p: t.float32([layout.size]),
      x: t.float32([2, 3, 4]),
      state: t.float32([3, memoryWidth]),
    };
    const program = t.program(inputs, ({ p, x, state }) => {
      const weights = layout.unflatten(p);
      const resets = t.zeros([2, 3]);
      const whole = network.evaluate(weights, x, { state, resets });
      const steps = t.split(t.reshape(x, [6, 4]), [3, 3]);
      const first = network.evaluate(weights, steps[0], { state });
      const second = network.evaluate(weights, steps[1], { state: first.state() });
      return {
        whole: t.concat([whole.distribution.mode(), t.reshape(whole.value(), [6, 1])], 1),
        single: t.concat(
          [first, second].map(({ distribution, value }) =>
            t.concat([distribution.mode(), t.reshape(value(), [3, 1])], 1),
          ),
        ),
      };
    });
    const { whole, single } = program.interpret({
      p: layout.initialise(createRng(1)),
      x: observations.slice(0, 24),
      state: createRng(2).fillNormal(new Float32Array(3 * memoryWidth)),
    });
    expectClose(whole, single, 1e-12);
  });

  it("is refused if its network is undefined, with the module to import first", () => {
    const policy = policyOf();
    const data = policy.toData();
    const foreign = { ...data, settings: { ...data.settings, network: { kind: "from-elsewhere" } } };
    const bytes = savePolicy(Object.assign(policy, { toData: () => foreign }));
    expect(() => loadPolicy(bytes)).toThrow(UsageError);
    expect(() => loadPolicy(bytes)).toThrow(
      /^policy file: there is no network "from-elsewhere".*; if it is your own, first import the module that calls defineNetwork\(\{ name: "from-elsewhere", … \}\)$/,
    );
  });
});

describe("a Q-network with a user-defined network", () => {
  it.each([false, true])("acts the same after saving and loading, duelling %s", async (duelling) => {
    const shape = {
      observationSpace,
      actionSpace: discrete(3),
      hidden: [6],
      activation: "relu" as const,
      network: neighbours(),
      duelling,
    };
    const policy = new QPolicy(shape, qNetwork(shape).layout.initialise(createRng(0)));
    const loaded = loadPolicy(savePolicy(policy)) as QPolicy;
    const values = await policy.actionValues(observations);
    expect(await loaded.actionValues(observations)).toEqual(values);
    expectClose(await policy.actionValues(observations.slice(0, 4)), values.slice(0, 3), 1e-6);
    expect(qNetwork(shape).layout.entries[0].name).toBe("network.scale");
  });
});
