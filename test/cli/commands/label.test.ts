/** @file `label`: people label what a classifier asks about, stop, and go on. */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { outcome, start, temporaryFolder, understudy } from "../run-cli.js";

const folder = temporaryFolder();
const words =
  "label --data items.csv --classes low,high --initial 2 --batch 2 --budget 6 --labeller files".split(" ");

beforeAll(() => {
  const lines = Array.from({ length: 20 }, (_, i) => `item ${i},${i}`);
  writeFileSync(join(folder, "items.csv"), ["item,size", ...lines].join("\n"));
});

/** Answers all questions in the folder of a run that have no answer: high from 10 on. */
function answer(run: string): void {
  const path = join(folder, run, "labels");
  for (const name of existsSync(path) ? readdirSync(path) : []) {
    const file = join(path, name.replace("queries", "answers"));
    if (!/^queries-\d+\.json$/.test(name) || existsSync(file)) continue;
    const { queries } = JSON.parse(readFileSync(join(path, name), "utf8")) as {
      queries: { id: number; item: number }[];
    };
    writeFileSync(
      file,
      JSON.stringify(queries.map(({ id, item }) => ({ id, label: item < 10 ? "low" : "high" }))),
    );
  }
}

async function answered(run: string, child: ReturnType<typeof start>) {
  const answering = setInterval(() => answer(run), 50);
  const ended = await outcome(child);
  clearInterval(answering);
  return ended;
}

describe("label", () => {
  it("writes the labels beside the run, also of one that was stopped with open questions", async () => {
    const whole = await answered("whole", start(folder, [...words, "--out", "whole"]));
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining("labels.csv  (6 items)")]);
    const labels = readFileSync(join(folder, "whole/labels.csv"), "utf8");
    const rows = labels
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(rows[0]).toEqual(["item", "label"]);
    expect(rows).toHaveLength(7);
    for (const [item, label] of rows.slice(1))
      expect(label).toBe(Number(item.slice(5)) < 10 ? "low" : "high");

    const child = start(folder, [...words, "--out", "stopped"]);
    const ended = outcome(child);
    while (!existsSync(join(folder, "stopped/labels/queries-000001.json"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([
      130,
      expect.stringContaining("resume with: npx understudy-rl label --resume --out stopped\n"),
    ]);
    const resumed = start(folder, ["label", "--resume", "--out", "stopped"]);
    expect((await answered("stopped", resumed)).code).toBe(0);
    expect(readFileSync(join(folder, "stopped/labels.csv"), "utf8")).toBe(labels);
  }, 120_000);

  it("is refused without the names of classes, and without a terminal for the console", async () => {
    const bare = await understudy(folder, ["label", "--data", "items.csv"]);
    expect([bare.code, bare.stderr]).toEqual([
      2,
      expect.stringContaining("no item has a label: name the classes"),
    ]);
    const console_ = await understudy(folder, [...words.slice(0, -1), "console"]);
    expect([console_.code, console_.stderr]).toEqual([2, expect.stringContaining("needs a terminal")]);
  });
});
