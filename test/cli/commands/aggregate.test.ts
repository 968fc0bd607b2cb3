/** @file `aggregate`: labels, confidences and a judgement of each annotator from a CSV file of answers. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { always, coin, simulated } from "../../support/crowds.js";
import { temporaryFolder, understudy } from "../run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));

beforeAll(() => {
  const spammers = Array.from({ length: 5 }, () => always(0));
  const { rows, truth } = simulated([...Array.from({ length: 5 }, () => coin(0.85)), ...spammers], 200, 0);
  const copied = rows
    .filter(({ annotator }) => annotator === 0)
    .map((row) => ({ ...row, annotator: "copy" }));
  const save = (name: string, answers: typeof rows) => {
    const lines = answers.map(({ item, annotator, label }) => `${item},${annotator},${label}`);
    writeFileSync(join(folder, name), ["item,annotator,label", ...lines].join("\n"));
  };
  save("answers.csv", rows);
  save("copied.csv", [...rows, ...copied]);
  const gold = truth.map((label, item) => `${item},${label}`);
  writeFileSync(join(folder, "gold.csv"), ["item,label", ...gold].join("\n"));
  writeFileSync(join(folder, "one.csv"), "item,annotator,label\n1,a,x\n2,b,x\n");
});

describe("aggregate", () => {
  it("prints facts and annotators, the least able first, and writes both tables", async () => {
    const { code, stdout } = await run("aggregate answers.csv --gold gold.csv --out labels --show 6");
    expect(code).toBe(0);
    expect(stdout).toMatch(/items +200\nannotators +10\nlabels +2,000\nclasses +2\nagreement alpha +0\.\d+/);
    const [, share] = /right labels +(0\.\d+)/.exec(stdout)!;
    expect(Number(share)).toBeGreaterThan(0.9);
    expect(stdout).toMatch(/annotator +labels +right +95 % +ability +most often takes +same answers as/);
    expect(stdout).toMatch(/\n *\d +200 +0\.\d+ +0\.\d+ to 0\.\d+ +0\.\d+ +1 for 0 \(\d+ %\)/);
    expect(stdout).toContain("and 4 more; --show lists them");
    const labels = readFileSync(join(folder, "labels/labels.csv"), "utf8").trim().split("\n");
    expect(labels).toHaveLength(201);
    expect(labels[0]).toBe("item,label,confidence,labels");
    expect(labels[1]).toMatch(/^0,[01],(0\.\d{4}|1\.0000),10$/);
    const [head, first, ...others] = readFileSync(join(folder, "labels/annotators.csv"), "utf8")
      .trim()
      .split("\n");
    expect(head).toBe("annotator,labels,agrees,ability,right,low,high,takes,for,probability");
    expect(first).toMatch(/^\d,200(,0\.\d{4}){5},1,0,(0\.\d{4}|1\.0000)$/);
    expect(others).toHaveLength(9);
  });

  it("lists the least sure items, with the next probable class", async () => {
    const answers = [
      "p1,a,cat",
      "p1,b,cat",
      "p1,c,cat",
      "p2,a,cat",
      "p2,b,dog",
      "p2,c,dog",
      "p3,a,cow",
      "p3,b,dog",
    ];
    writeFileSync(join(folder, "pets.csv"), ["item,annotator,label", ...answers].join("\n"));
    const listed = async (words: string) =>
      JSON.parse((await run(`aggregate pets.csv --method majority-vote --json${words}`)).stdout).leastSure;
    expect(await listed("")).toEqual([
      { item: "p3", label: "cow", confidence: 0.5, or: { label: "dog", confidence: 0.5 }, labels: 2 },
      { item: "p2", label: "dog", confidence: 2 / 3, or: { label: "cat", confidence: 1 / 3 }, labels: 3 },
    ]);
    expect((await listed(" --unsure 1")).map(({ item }: { item: string }) => item)).toEqual(["p3"]);
    const { stdout } = await run("aggregate pets.csv --method majority-vote");
    expect(stdout).toMatch(
      /least sure items, .*\nitem +label +confidence +or +confidence +labels\n.*\np3 +cow +0\.5/,
    );
  });

  it("refuses truths of classes that are unknown, unless they are named", async () => {
    writeFileSync(join(folder, "odd.csv"), "item,label\n0,1\n3,7\n");
    const odd = await run("aggregate answers.csv --gold odd.csv");
    expect(odd.code).toBe(2);
    expect(odd.stderr).toContain(
      'odd.csv: the label of item "3" is "7", which is not one of the classes 0, 1',
    );
    const named = await run("aggregate answers.csv --gold odd.csv --classes 0,1,7 --json");
    expect(JSON.parse(named.stdout)).toMatchObject({ classes: 3, rightLabels: expect.any(Number) });
    expect((await run("aggregate answers.csv --classes 0,2")).stderr).toContain(
      "not one of the classes 0, 2",
    );
  });

  it("warns of rows that repeat another one", async () => {
    writeFileSync(join(folder, "twice.csv"), "item,annotator,label\n1,a,x\n1,a,x\n1,b,y\n");
    const { stdout, stderr } = await run("aggregate twice.csv --method majority-vote");
    expect(stdout).toMatch(/labels +3/);
    expect(stderr).toContain("twice.csv: 1 row repeats another one");
  });

  it("names annotators with the same answers", async () => {
    const { stdout } = await run("aggregate copied.csv --json");
    const { annotators } = JSON.parse(stdout);
    const copy = annotators.find(({ annotator }: { annotator: string }) => annotator === "copy");
    expect(copy.copies).toEqual(["0"]);
  });

  it("is better than the vote where some always give the same answer", async () => {
    const { rightLabels } = JSON.parse(
      (await run("aggregate answers.csv --gold gold.csv --json --method majority-vote")).stdout,
    );
    expect(rightLabels).toBeLessThan(0.7);
  });

  it.each(["pooled", "one-coin", "glad", "mace"])("fits %s", async (method) => {
    const { code, stdout } = await run(`aggregate answers.csv --json --method ${method}`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ method, items: 200 });
  });

  it("refuses what it cannot use, naming it", async () => {
    const refused = async (words: string) => {
      const { code, stderr } = await run(words);
      expect(code).toBeGreaterThan(0);
      return stderr;
    };
    expect(await refused("aggregate missing.csv")).toContain("missing.csv");
    expect(await refused("aggregate one.csv")).toContain('all labels are "x": nothing to infer');
    expect(await refused("aggregate answers.csv --label score")).toContain('there is no column "score"');
    expect(await refused("aggregate answers.csv --method mean")).toContain("dawid-skene");
    for (const workers of ["0", "1.5", "two"]) {
      expect(await refused(`aggregate answers.csv --workers ${workers}`)).toContain("workers");
    }
  });
});
