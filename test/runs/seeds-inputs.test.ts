/** @file Objects given in code to several seeds. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  collect,
  type Demonstrations,
  demonstrationsOf,
  loadDemonstrations,
  loadPolicy,
  savePolicy,
  spaces,
  trainSeeds,
  UniformPolicy,
} from "../../index.js";
import { storedConfig } from "../../src/runs/seeds-inputs.js";
import { temporaryFolder } from "../cli/run-cli.js";

const folder = temporaryFolder();
const made = { observationSpace: spaces.discrete(3), actionSpace: spaces.discrete(2) };
const demonstrationsWith = (...actions: number[]): Demonstrations =>
  demonstrationsOf(
    [
      {
        observations: Float32Array.from([...actions, 0], (_, t) => t % 3),
        actions: Int32Array.from(actions),
        rewards: new Float64Array(actions.length).fill(0.1),
        terminated: true,
        truncated: false,
      },
    ],
    { env: "Made-v0", ...made },
  );
const bc = (options: Record<string, unknown>) => ({ algorithm: "bc", env: "Made-v0", options });

describe("the config of several seeds", () => {
  it("refers to a copy of demonstrations that were given in code, which the seeds read", async () => {
    const out = join(folder, "copy");
    const { options } = await storedConfig(bc({ demonstrations: demonstrationsWith(1, 0), epochs: 2 }), out);
    const from = join(out, "demonstrations");
    expect(JSON.parse(JSON.stringify(options))).toMatchObject({
      epochs: 2,
      demonstrations: { from, env: "Made-v0", episodes: 1, pairs: 2, checksum: expect.any(String) },
    });
    expect(await loadDemonstrations(from)).toEqual(demonstrationsWith(1, 0));
  });

  it("keeps the copy when the seeds are resumed, and refuses other demonstrations", async () => {
    const out = join(folder, "again");
    const first = await storedConfig(bc({ demonstrations: demonstrationsWith(1, 0) }), out);
    expect(await storedConfig(bc({ demonstrations: demonstrationsWith(1, 0) }), out)).toEqual(first);
    await expect(storedConfig(bc({ demonstrations: demonstrationsWith(1, 1) }), out)).rejects.toThrow(
      `the demonstrations are not those in ${join(out, "demonstrations")}`,
    );
  });

  it("refers to the place that demonstrations and an expert were read from", async () => {
    const where = { env: "FrozenLake-v1", episodes: 2, folder: join(folder, "demos") };
    const policy = new UniformPolicy(spaces.discrete(16), spaces.discrete(4));
    const path = join(folder, "uniform.safetensors");
    await savePolicy(policy, path);
    const demonstrations = await collect(policy, where);
    const out = join(folder, "references");
    const { options } = await storedConfig(bc({ demonstrations, expert: await loadPolicy(path) }), out);
    expect(options).toMatchObject({
      demonstrations: { from: where.folder, episodes: 2 },
      expert: { policy: path },
    });
    expect(existsSync(out)).toBe(false);
  });

  it("refers to a copy of an expert that was given in code", async () => {
    const expert = new UniformPolicy(spaces.discrete(3), spaces.discrete(2));
    const out = join(folder, "expert");
    const { options } = await storedConfig({ algorithm: "dagger", options: { expert } }, out);
    const policy = join(out, "expert.safetensors");
    expect(options).toMatchObject({ expert: { policy, kind: "uniform" } });
    expect(savePolicy(await loadPolicy(policy))).toEqual(savePolicy(expert));
  });

  it.each([
    ["options.labeller.label is a function", { labeller: { kind: "mine", label() {} } }],
    ["options.learningRate is NaN", { learningRate: Number.NaN }],
    ["options.weights is a Float32Array", { weights: new Float32Array(2) }],
    [
      "options.demonstrations was given in code (demonstrations)",
      { demonstrations: { given: "demonstrations" } },
    ],
  ])("refuses what cannot reach another process: %s", async (message, options) => {
    const out = join(folder, "refused");
    const seeds = { seeds: 2, folder: out };
    await expect(
      trainSeeds(bc({ demonstrations: demonstrationsWith(1), ...options }), seeds),
    ).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  it("refuses demonstrations that do not fit their spaces", async () => {
    const wrong = { ...demonstrationsWith(1), actionSpace: spaces.discrete(1) };
    await expect(storedConfig(bc({ demonstrations: wrong }), join(folder, "wrong"))).rejects.toThrow(
      "demonstrations of Made-v0: episode 0: step 0: the action is outside its space",
    );
  });
});
