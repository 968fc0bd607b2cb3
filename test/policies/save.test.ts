/** @file Files of artefacts that are not policies. */

import { describe, expect, it } from "vitest";
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
