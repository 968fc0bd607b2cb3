/** @file Damaged records in folders of runs and of seeds are refused with the file and the field. */

import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../../src/errors.js";
import { readProvenance, readRun, readRunConfig } from "../../src/runs/run-records.js";
import { readSeedsRecords } from "../../src/runs/seeds-report.js";
import { readSeeds } from "../../src/runs/seeds-run.js";
import { readSummary } from "../../src/runs/seeds-summary.js";
import { train } from "../../src/runs/train.js";
import { chainEnvironment, randomSearch } from "../support/chain.js";

const parent = mkdtempSync(join(tmpdir(), "records-"));
const made = join(parent, "made");
const folder = join(parent, "run");
const options = { env: chainEnvironment, steps: 128, folder: made };
beforeAll(() => train(randomSearch(), { ...options, evaluate: { every: 64, episodes: 2 } }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(made, folder, { recursive: true });
});
afterAll(() => rmSync(parent, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
const damaged = ["null", "[]", "7", '"text"', "", "{", deep, `[${"[".repeat(10_000)}${"]".repeat(10_000)}]`];

/** Expects a FormatError that names the file and, if given, the field. */
function expectRefusal(act: () => unknown, name: string, field = ""): void {
  let error: unknown;
  try {
    act();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(FormatError);
  expect((error as Error).message).toContain(join(folder, name));
  expect((error as Error).message).toContain(field);
  expect((error as Error).message.length).toBeLessThan(500);
}

it("a run whose report cannot be written says that it is saved, and how to write the report", async () => {
  const blocked = join(parent, "blocked");
  const onIteration = () => mkdirSync(join(blocked, "report.html"), { recursive: true });
  await expect(train(randomSearch(), { ...options, folder: blocked, onIteration })).rejects.toThrow(
    /saved in .*blocked, but its report cannot be written: .*report\.html.*understudy-rl report .*blocked/,
  );
  expect(existsSync(join(blocked, "policy.safetensors"))).toBe(true);
  expect(readProvenance(blocked)?.ended).toBe("finished");
});

describe("a sound run folder", () => {
  it("is read as it was written", () => {
    const { config, metrics, evaluations } = readRun(folder);
    expect(config).toEqual(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")));
    expect(metrics).toHaveLength(2);
    expect(evaluations).toHaveLength(2);
  });
});

describe("a damaged record", () => {
  it.each(damaged)("that is %.10s… is refused, with the file", async (text) => {
    for (const [name, read] of [
      ["config.json", () => readRun(folder)],
      ["config.json", () => readRunConfig(folder)],
      ["provenance.json", () => readProvenance(folder)],
      ["summary.json", () => readSummary(folder)],
      ["summary.json", () => readSeedsRecords(folder)],
      ["options.json", () => readSeeds(folder)],
    ] as const) {
      const before = name in { "config.json": 1 } ? readFileSync(join(folder, name)) : undefined;
      write(name, text);
      expectRefusal(read, name);
      if (before) writeFileSync(join(folder, name), before);
    }
    write("config.json", text);
    const resumed = train(randomSearch(), { ...options, folder, resume: true });
    await expect(resumed).rejects.toThrow(FormatError);
  });

  it("with a wrong field is refused, with the field", () => {
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    for (const wrong of [
      { options: 3 },
      { steps: "many" },
      { unit: null },
      { env: {} },
      { sinks: ["paper"] },
    ]) {
      write("config.json", JSON.stringify({ ...config, ...wrong }));
      expectRefusal(() => readRun(folder), "config.json", Object.keys(wrong)[0]);
    }
    write("provenance.json", '{ "resumed": 3 }');
    expectRefusal(() => readProvenance(folder), "provenance.json", "resumed");
    write("options.json", '{ "format": 1, "algorithm": "ppo" }');
    expectRefusal(() => readSeeds(folder), "options.json", "seeds");
  });

  it("of another version is named as such", () => {
    write("config.json", '{ "algorithm": "ppo" }');
    expect(() => readRun(folder)).toThrow(UsageError);
    expect(() => readRun(folder)).toThrow(/understudy 0\.1/);
  });

  const seed = { seed: 0, folder: "seed-0", status: "finished", steps: 1, seconds: 1 };
  const summary = { algorithm: "ppo", env: "CartPole-v1", seeds: [seed], provenance: {} };

  it("of seeds with a wrong field is refused, with the field", () => {
    write("summary.json", JSON.stringify(summary));
    expect(readSummary(folder)).toEqual(summary);
    for (const [wrong, field] of [
      [{ seeds: undefined }, "seeds"],
      [{ seeds: {} }, "seeds"],
      [{ seeds: [null] }, "seeds.0"],
      [{ seeds: [{ ...seed, steps: "1" }] }, "seeds.0.steps"],
      [{ seeds: [{ ...seed, folder: "../other" }] }, "seeds.0.folder"],
      [{ interval: [1] }, "interval"],
      [{ provenance: [] }, "provenance"],
    ] as const) {
      write("summary.json", JSON.stringify({ ...summary, ...wrong }));
      expectRefusal(() => readSummary(folder), "summary.json", field);
    }
  });
});

describe("a damaged row", () => {
  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["a number", "3"],
    ["steps that are null", '{"steps":null}'],
    ["a metric that is a text", '{"steps":129,"loss":"low"}'],
    ["deep nesting", `{"steps":129,"a":${deep}}`],
  ])("%s is refused, with its line", (_, row) => {
    appendFileSync(join(folder, "metrics.jsonl"), `${row}\n`);
    expectRefusal(() => readRun(folder), "metrics.jsonl", "line 3");
  });
});
