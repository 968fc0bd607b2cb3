/** @file Files of artefacts that are not policies. */

import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.js";
import type { Policy, PolicyData } from "../../src/policies/contract.js";
import {
  loadArtefact,
  loadPolicy,
  saveArtefact,
  savePolicy,
  UniformPolicy,
} from "../../src/policies/index.js";
import { box, discrete } from "../../src/spaces/index.js";

const data = {
  kind: "classifier",
  settings: { columns: 2, bound: Number.POSITIVE_INFINITY },
  arrays: { weights: { shape: [3], data: Float64Array.of(0.1, -2, 3) } },
};

describe("saveArtefact", () => {
  it("writes what loadArtefact reads, bit for bit", () => {
    expect(loadArtefact(saveArtefact({ toData: () => data }))).toEqual(data);
  });

  it("refuses a policy, and so does loadArtefact", () => {
    expect(() => loadPolicy(saveArtefact({ toData: () => data }))).toThrow(/not a policy file/);
    const policy = savePolicy(new UniformPolicy(box([1], -1, 1), discrete(2)));
    expect(() => loadArtefact(policy)).toThrow(/not an artefact file/);
  });

  it("refuses arrays among the settings, with their place", () => {
    const settings = { table: Float32Array.of(1) };
    expect(() => saveArtefact({ toData: () => ({ ...data, settings }) })).toThrow(
      /settings contain a typed array at \/table/,
    );
  });
});

describe("a small policy file", () => {
  const spaces = { observationSpace: discrete(2), actionSpace: discrete(2) };
  const network = { ...spaces, hidden: [], activation: "tanh", critic: false };
  const weights = {
    "actor.output.weight": { shape: [2, 2], data: new Float32Array(4) },
    "actor.output.bias": { shape: [2], data: new Float32Array(2) },
  };
  const load = (kind: string, settings: Record<string, unknown>, arrays: PolicyData["arrays"]) =>
    loadPolicy(savePolicy({ toData: () => ({ kind, settings, arrays }) } as Policy));

  it("is read if its weights fit its networks", () => {
    expect(load("network", network, weights).actionSpace).toEqual(discrete(2));
  });

  it.each([
    ["network", { ...network, actionSpace: discrete(2 ** 31 - 1) }],
    ["network", { ...network, observationSpace: discrete(2 ** 31 - 1) }],
    ["network", { ...network, hidden: [2 ** 30, 2 ** 20] }],
    ["network", { ...network, recurrentUnits: 2 ** 30 }],
    ["q-network", { ...network, duelling: false, actionSpace: discrete(2 ** 31 - 1) }],
    ["q-network", { ...network, duelling: true, hidden: [2 ** 30, 2 ** 20] }],
  ])("is refused at once if its %s is larger than its weights: %j", (kind, settings) => {
    const started = performance.now();
    expect(() => load(kind, settings, weights)).toThrow(FormatError);
    expect(() => load(kind, settings, weights)).toThrow(/^a damaged policy file: /);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each([
    [
      "uniform",
      { ...spaces, actionSpace: { kind: "discrete", n: 2 ** 31 } },
      {},
      "actionSpace of the policy: n must be",
    ],
    [
      "uniform",
      { ...spaces, observationSpace: { kind: "box", shape: [10 ** 12], low: [], high: [] } },
      {},
      "shape must",
    ],
  ])("is refused with a space that is no space: %s %j", (kind, settings, arrays, message) => {
    expect(() => load(kind, settings, arrays)).toThrow("a damaged policy file: ");
    expect(() => load(kind, settings, arrays)).toThrow(message);
  });

  it("is refused with a trillion tables of no number", () => {
    const table = { shape: [10 ** 12, 0, 2], data: new Float64Array(0) };
    expect(() => load("time-indexed", {}, { table })).toThrow(
      /an axis of shape \[1000000000000, 0, 2\] is longer than the \d+ bytes of the file/,
    );
  });
});
