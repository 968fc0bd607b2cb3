/** @file Artefacts that are no policies, as files. */

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

  it("writes no policy, nor does loadArtefact read one", () => {
    expect(() => loadPolicy(saveArtefact({ toData: () => data }))).toThrow(/not a policy file/);
    const policy = savePolicy(new UniformPolicy(box([1], -1, 1), discrete(2)));
    expect(() => loadArtefact(policy)).toThrow(/not an artefact file/);
  });

  it("refuses arrays among the settings, naming the place", () => {
    const settings = { table: Float32Array.of(1) };
    expect(() => saveArtefact({ toData: () => ({ ...data, settings }) })).toThrow(
      /settings contain a typed array at \/table/,
    );
  });
});
