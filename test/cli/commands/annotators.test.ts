/** @file `annotators`: a table of annotators, and a report with their confusion matrices. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { coin, type Matrix, simulated } from "../../support/crowds.js";
import { temporaryFolder, understudy } from "../run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));

beforeAll(() => {
  const swaps: Matrix = [
    [0.9, 0.1, 0],
    [0, 0.2, 0.8],
    [0, 0, 1],
  ];
  const { rows } = simulated([coin(0.9, 3), coin(0.8, 3), coin(0.8, 3), swaps], 200, 0);
  const lines = rows.map(({ item, annotator, label }) => `${item},${annotator},${label}`);
  writeFileSync(join(folder, "answers.csv"), ["item,annotator,label", ...lines].join("\n"));
  const features = Array.from({ length: 200 }, (_, i) => `${i},${i % 7}`);
  writeFileSync(join(folder, "items.csv"), ["item,x", ...features].join("\n"));
  // Two annotators who agree with nobody: the start decides who is right.
  const halves = ["ab", "ba", "aa", "bb"].flatMap((pair, i) =>
    Array.from({ length: 30 }, (_, n) => [`${i}-${n},p,${pair[0]}`, `${i}-${n},q,${pair[1]}`]).flat(),
  );
  writeFileSync(join(folder, "halves.csv"), ["item,annotator,label", ...halves].join("\n"));
});

describe("annotators", () => {
  it("prints what each takes for what, and writes a report with matrices", async () => {
    const { code, stdout } = await run("annotators answers.csv --show 1 --out people.html");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Krippendorff's α +0\.\d+\nFleiss' κ +0\.\d+\nidentical pairs +0/);
    expect(stdout).toMatch(/\n *3 +200 +0\.\d+ +0\.\d+ to 0\.\d+ +0\.\d+ +1 for 2 \(\d\d %\)/);
    expect(stdout).toContain("and 3 more; --show lists them");
    const page = readFileSync(join(folder, "people.html"), "utf8");
    expect(page).toContain("Confusion matrices");
    expect(page).toContain("<svg");
  });

  it("shows median times, and who hurries", async () => {
    const seconds = { ann: [9, 3, 4], bob: [5, 6, 5], eve: [1, 2, 1] };
    const lines = Object.entries(seconds).flatMap(([who, own]) =>
      own.map((time, item) => `${item},${who},${item % 2},${time}`),
    );
    writeFileSync(join(folder, "timed.csv"), ["item,annotator,label,seconds", ...lines].join("\n"));
    const { stdout } = await run("annotators timed.csv");
    expect(stdout).toMatch(/ability +seconds +most often takes/);
    expect(stdout).toMatch(/ann +3 .* 4 *\n/);
    expect(stdout).toMatch(/bob +3 .* 5 *\n/);
    expect(stdout).toMatch(/eve +3 .* 1, hurries *\n?/);
    expect((await run("annotators answers.csv")).stdout).not.toContain("seconds");
  });

  it("names annotators by pseudonyms", async () => {
    const { stdout } = await run("annotators answers.csv --json --pseudonyms salt");
    const { annotators } = JSON.parse(stdout);
    expect(annotators).toHaveLength(4);
    for (const { annotator } of annotators) expect(annotator).toMatch(/^[0-9a-f]{10}$/);
  });

  it.each(["communities", "raykar", "yan"])("fits %s", async (method) => {
    const features = method === "communities" ? "" : " --features items.csv";
    const { code, stdout } = await run(`annotators answers.csv --json --method ${method}${features}`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).annotators).toHaveLength(4);
  });

  it("warns where the start decides", async () => {
    const { code, stderr } = await run("annotators halves.csv");
    expect(code).toBe(0);
    expect(stderr).toMatch(/the answer depends on the start: 2 fits end at −?-?\d+\.\d\d, −?-?\d+\.\d\d/);
    expect((await run("annotators halves.csv --starts 1")).stderr).toBe("");
  });

  it("refuses features that are missing or not used", async () => {
    const missing = await run("annotators answers.csv --method yan");
    expect(missing.stderr).toContain("give --features");
    const unused = await run("aggregate answers.csv --features items.csv");
    expect(unused.stderr).toContain("--features has no use with --method dawid-skene");
    expect([missing.code, unused.code]).toEqual([2, 2]);
  });
});
