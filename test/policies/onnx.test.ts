/** @file Exported policies: their distribution, value, named weights, spaces and normalisation. */

import protobuf from "protobufjs/light.js";
import { describe, expect, it } from "vitest";
import * as ort from "#ort";
import { addRow, createMoments } from "../../src/env/moments.js";
import { type ActorCriticSettings, actorCritic, NetworkPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";

const WIDTH = 3;
const ROWS = 5;
const observations = createRng("observations").fillNormal(new Float32Array(ROWS * WIDTH));
const moments = createMoments(WIDTH);
addRow(moments, Float32Array.of(1, 2, 3));
addRow(moments, Float32Array.of(3, -2, 3.5));
const statistics = { moments, clip: 2 };

function policyOf(extra: Partial<ActorCriticSettings>): NetworkPolicy {
  const settings: ActorCriticSettings = {
    observationSpace: box([WIDTH], -Infinity, Infinity),
    actionSpace: box([2], [-5, 100], [-3, 300]),
    hidden: [4],
    activation: "tanh",
    critic: true,
    ...extra,
  };
  const rng = createRng("weights");
  const weights = actorCritic(settings).layout.initialise(rng);
  return new NetworkPolicy(
    settings,
    weights.map((w) => w + 0.4 * rng.normal()),
    statistics,
  );
}

async function outputsOf(policy: NetworkPolicy): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(policy.toOnnx());
  const outputs = await session.run({ observations: new ort.Tensor("float32", observations, [ROWS, WIDTH]) });
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data as Float32Array, Number)]),
  );
}

const field = (id: number, type: string, rule?: "repeated") => ({ id, type, ...(rule && { rule }) });

/** The fields of onnx.proto that these tests read. */
const ModelProto = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: { graph: field(7, "GraphProto"), props: field(14, "StringStringEntryProto", "repeated") },
    },
    StringStringEntryProto: { fields: { key: field(1, "string"), value: field(2, "string") } },
    GraphProto: { fields: { initializer: field(5, "TensorProto", "repeated") } },
    TensorProto: {
      fields: { dims: field(1, "int64", "repeated"), name: field(8, "string"), raw: field(9, "bytes") },
    },
  },
}).lookupType("ModelProto");

interface Decoded {
  graph: { initializer: { name: string; raw: Uint8Array; dims: { toString(): string }[] }[] };
  props: { key: string; value: string }[];
}
const decoded = (policy: NetworkPolicy) => ModelProto.decode(policy.toOnnx()) as unknown as Decoded;

const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>) => {
  expect(found).toHaveLength(expected.length);
  Array.from(found).forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 4);
  });
};

describe("an exported policy", () => {
  it("has the log-probabilities of discrete actions, and the value", async () => {
    const policy = policyOf({ actionSpace: discrete(4) });
    const { logProbs, values } = await outputsOf(policy);
    expectClose(logProbs.map(Math.exp), await policy.probabilities!(observations));
    expectClose(values, await policy.value!(observations));
  });

  it("has the log-probabilities of every part of several choices", async () => {
    const policy = policyOf({ actionSpace: { kind: "multi-discrete", sizes: [2, 3] } });
    const { logProbs } = await outputsOf(policy);
    for (const [a, b] of [
      [0, 0],
      [1, 2],
    ]) {
      const pairs = Int32Array.from({ length: 2 * ROWS }, (_, i) => (i % 2 === 0 ? a : b));
      const sums = Array.from(
        { length: ROWS },
        (_, row) => logProbs[5 * row + a] + logProbs[5 * row + 2 + b],
      );
      expectClose(sums, await policy.logProb(observations, pairs));
    }
  });

  it.each([
    { name: "as they are", extra: {} },
    { name: "scaled to the box", extra: { actionScaling: { centre: [-4, 200], halfWidth: [1, 100] } } },
  ])("has the deviation of Gaussian actions $name", async ({ extra }) => {
    const policy = policyOf(extra);
    const { deviation } = await outputsOf(policy);
    // The density at its mode is 1 / (2π σ₁ σ₂).
    const unclipped = (await policy.act(observations, { deterministic: true })).unclipped!;
    const logProbs = await policy.logProb(observations, unclipped);
    const expected = Array.from({ length: ROWS }, (_, row) => {
      return -Math.log(2 * Math.PI * deviation[2 * row] * deviation[2 * row + 1]);
    });
    expectClose(expected, logProbs);
  });

  it("has no value without a critic", async () => {
    expect(Object.keys(await outputsOf(policyOf({ critic: false })))).toEqual(["actions", "deviation"]);
  });

  it("stores each weight under its name", () => {
    const policy = policyOf({});
    const stored = new Map(decoded(policy).graph.initializer.map((tensor) => [tensor.name, tensor]));
    const { arrays } = policy.toData();
    const weights = Object.entries(arrays).filter(([name]) => !name.startsWith("observations."));
    expect(weights.length).toBeGreaterThan(6);
    for (const [name, { shape, data }] of weights) {
      const { raw, dims } = stored.get(name)!;
      expect(dims.map(Number)).toEqual(shape);
      expect(new Float32Array(raw.slice().buffer)).toEqual(data);
    }
    expect([...stored.keys()]).toEqual(
      expect.arrayContaining(["observations.mean", "observations.deviation"]),
    );
  });

  it("carries its kind, its spaces and its normalisation as JSON", () => {
    const policy = policyOf({});
    const metadata = Object.fromEntries(
      decoded(policy).props.map(({ key, value }) => [key, JSON.parse(value)]),
    );
    expect(metadata.kind).toBe("network");
    expect(metadata.actionSpace).toEqual(policy.actionSpace);
    expect(metadata.observationSpace.low).toEqual([null, null, null]);
    expect(metadata.normalisation).toMatchObject({ mean: [2, 0, 3.25], clip: 2 });
    const deviations = [1, 2, 0.25].map((d) => Math.sqrt(d * d + 1e-8));
    expectClose(metadata.normalisation.deviation, deviations);
  });
});
