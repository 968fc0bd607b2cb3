/** @file Which modules may be imported: those that the user names, not those that only files name. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve as resolvePath } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { environmentFor, environmentNamed, policyAt } from "../../src/runs/inputs.js";
import { findAlgorithm, resolve } from "../../src/runs/resolve.js";
import { specSchema } from "../../src/runs/spec.js";
import { type TrainSpec, train } from "../../src/runs/train.js";
import { isTrusted, moduleIn, trustingWords } from "../../src/runs/trust.js";

const folder = mkdtempSync(join(tmpdir(), "trust-"));
const module = join(folder, "walk.mjs");
const ran = join(folder, "ran");
/** An environment that writes a file when it is imported, under a new URL each time. */
writeFileSync(
  module,
  `import { writeFileSync } from "node:fs";
writeFileSync(${JSON.stringify(ran)}, "");
export default class {
  observationSpace = { shape: [1], low: -9, high: 9 };
  actionSpace = { n: 2 };
  reset() { return [0]; }
  step() { return [[0], 1, true, false, {}]; }
  getState() { return {}; }
  setState() {}
}`,
);
beforeEach(() => rmSync(ran, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const refused = /is a program that a file names, and it was not run.*--trust/;

const small = { rolloutSteps: 16, environments: 2, minibatchSize: 16, epochs: 1, hidden: [4] };

describe("a module", () => {
  it("is a path, a reference, or an id for which Gymnasium imports a Python module", () => {
    expect(moduleIn("./walk.mjs")).toBe("./walk.mjs");
    expect(moduleIn({ module: "walk" })).toBe("walk");
    expect(moduleIn("gymnasium:mine:Foo-v0")).toBe("gymnasium:mine:Foo-v0");
    for (const id of ["CartPole-v1", "gymnasium:CartPole-v1", undefined, { given: "walk" }]) {
      expect(moduleIn(id)).toBeUndefined();
    }
  });

  it("is trusted if the user names its place, or trusts all", () => {
    for (const named of ["./a/../walk.mjs", ".\\walk.mjs", resolvePath("walk.mjs")]) {
      expect(isTrusted("./walk.mjs", [named]), named).toBe(true);
    }
    expect(isTrusted("walk", ["./walk"])).toBe(true);
    expect(isTrusted("gymnasium:mine:Foo-v0", ["gymnasium:other:Foo-v0"])).toBe(false);
    expect(isTrusted("./walk.mjs", ["walk.mjs"])).toBe(true);
    expect(isTrusted("./walk.mjs", ["./a/walk.mjs"])).toBe(false);
    expect(isTrusted("./walk.mjs", [])).toBe(false);
    expect(isTrusted("./walk.mjs", true)).toBe(true);
  });

  it("is named again in the next command", () => {
    expect(trustingWords({ algorithm: "ppo", env: { module: "./walk.mjs" } })).toBe(" --env ./walk.mjs");
    expect(trustingWords({ algorithm: { module: "./mine.mjs" }, env: "CartPole-v1" })).toBe(" --trust");
    expect(trustingWords({ algorithm: { module: "./mine.mjs" }, env: "CartPole-v1" }, true)).toBe("");
    expect(trustingWords({ algorithm: "ppo", env: "CartPole-v1" })).toBe("");
  });
});

describe("a module that only a file names", () => {
  const spec = { algorithm: "ppo", env: module, seed: 0, steps: 32, tuned: false, options: small };

  it.each([
    ["the environment of a spec", () => train(spec as TrainSpec)],
    [
      "the recorded reference of a spec",
      () => train({ ...spec, env: { module, checksum: "0" } } as unknown as TrainSpec),
    ],
    ["the algorithm of a spec", () => train({ ...spec, algorithm: { module } } as unknown as TrainSpec)],
    ["an algorithm", () => findAlgorithm({ module })],
    ["an environment", () => environmentNamed({ module }, [])],
    ["an environment of Gymnasium", () => environmentNamed("gymnasium:mine:Foo-v0", ["./other.mjs"])],
    ["the environment of a run", () => environmentFor({}, { env: module, environmentOptions: {} }, [])],
    ["the environment of a request", () => resolve(specSchema.parse(spec) as never)],
  ])("is refused as %s", async (_, use) => {
    await expect(use()).rejects.toThrow(refused);
    await expect(use()).rejects.toThrow(UsageError);
    expect(existsSync(ran)).toBe(false);
  });

  it("does not keep a policy of a built-in kind from being read", async () => {
    const run = join(folder, "run");
    await train("ppo", { env: module, steps: 32, tuned: false, options: small, folder: run });
    expect(JSON.parse(readFileSync(join(run, "config.json"), "utf8")).env.module).toBe(module);
    expect((await policyAt(run)).policy.toData().kind).toBe("network");
    await expect(train({ ...spec, folder: join(folder, "again") } as TrainSpec)).rejects.toThrow(refused);
    await train({ ...spec, trust: [module] } as TrainSpec);
    await train({ ...spec, trust: true } as TrainSpec);
  });
});
