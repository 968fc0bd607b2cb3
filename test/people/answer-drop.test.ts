/** @file Folders of queries and answers: what is written, what is read, and everything that may be wrong with it. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { readAnswers } from "../../src/people/answer-file.js";
import {
  type Answer,
  fileLabeller,
  type Labeller,
  type LabelRequest,
  type Query,
} from "../../src/people/index.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import { memoryDrop, queriesIn } from "./memory-drop.js";

const query = (id: number, batch = 1): Query => ({
  id,
  batch,
  observation: Float32Array.of(10 * id),
  round: 0,
  environment: 0,
});
const requestOf = (queries: Query[], actionSpace: Space = discrete(3)): LabelRequest => ({
  kind: "action",
  env: "Test-v0",
  observationSpace: discrete(1000),
  actionSpace,
  asked: Math.max(...queries.map(({ id }) => id)),
  queries,
});
const three = requestOf([query(1), query(2), query(3)]);

/** All that comes until every query has an answer, or nothing new for a while. */
async function listen(labeller: Labeller, request = three, milliseconds = 30) {
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), milliseconds);
  const heard: Answer[] = [];
  for await (const answers of labeller.label(request, stop.signal)) {
    heard.push(...answers);
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), milliseconds);
  }
  clearTimeout(timer);
  return heard;
}

const parent = mkdtempSync(join(tmpdir(), "labels-"));
afterAll(() => rmSync(parent, { recursive: true }));

describe("the file labeller", () => {
  it("writes one file a batch, with all that is needed to answer", async () => {
    const folder = memoryDrop();
    const request = requestOf([query(4, 2), query(5, 2), query(6, 3)]);
    await listen(
      fileLabeller({ folder, every: 0.002, picture: ({ id }) => ({ text: `number ${id}` }) }),
      request,
    );
    expect([...folder.files.keys()]).toEqual(["queries-000002.json", "queries-000003.json"]);
    expect(JSON.parse(folder.files.get("queries-000002.json")!)).toEqual({
      batch: 2,
      env: "Test-v0",
      observationSpace: { kind: "discrete", n: 1000 },
      actionSpace: { kind: "discrete", n: 3 },
      queries: [
        { id: 4, round: 0, environment: 0, observation: 40, text: "number 4" },
        { id: 5, round: 0, environment: 0, observation: 50, text: "number 5" },
      ],
    });
  });

  it("reads answers in any order from any number of files, in any of their forms", async () => {
    const folder = memoryDrop();
    folder.drop("answers-b.json", [{ id: 3, action: 2 }]);
    folder.drop("answers-a.json", { answers: [{ id: 2, skipped: true }] });
    folder.drop("answers-c.json", { id: 1, withdrawn: true });
    folder.drop("notes.json", "not for us");
    expect(await listen(fileLabeller({ folder, every: 0.002 }))).toEqual([
      { id: 2, skipped: true },
      { id: 3, action: 2 },
      { id: 1, withdrawn: true },
    ]);
    expect([...folder.files.keys()].filter((name) => name.includes("problems"))).toEqual([]);
  });

  it("waits for files that come later, and for files that are not whole yet", async () => {
    const folder = memoryDrop();
    const problems: string[] = [];
    folder.drop("answers-1.json", '{ "answers": [{ "id": 1, "act');
    setTimeout(() => folder.drop("answers-1.json", { answers: [{ id: 1, action: 0 }] }), 10);
    setTimeout(() => folder.drop("answers-2.json", { answers: [{ id: 2, action: 1 }] }), 15);
    setTimeout(() => folder.drop("answers-3.json", { answers: [{ id: 3, action: 2 }] }), 20);
    const heard = await listen(
      fileLabeller({ folder, every: 0.002, report: (message) => problems.push(message) }),
      three,
      500,
    );
    expect(heard).toEqual([1, 2, 3].map((id) => ({ id, action: id - 1 })));
    expect(problems).toEqual([expect.stringContaining("memory, answers-1.json: it is not valid JSON (yet)")]);
    expect(folder.files.has("answers-1.json.problems.txt")).toBe(false);
  });

  it("takes the first of two answers, says so, and lets a withdrawal win over both", async () => {
    const folder = memoryDrop();
    const problems: string[] = [];
    folder.drop("answers-1.json", [
      { id: 1, action: 0 },
      { id: 2, action: 0 },
      { id: 3, action: 1 },
    ]);
    folder.drop("answers-2.json", [
      { id: 1, action: 2 },
      { id: 2, withdrawn: true },
      { id: 3, action: 1 },
    ]);
    const labeller = fileLabeller({ folder, every: 0.002, report: (message) => problems.push(message) });
    expect(await listen(labeller)).toEqual([
      { id: 1, action: 0 },
      { id: 2, withdrawn: true },
      { id: 3, action: 1 },
    ]);
    expect(problems).toEqual([
      "memory, answers-2.json: query 1 has another answer already, which counts; withdraw it to be rid of both",
    ]);
  });

  it("says what is wrong, once, on the spot and beside the file, and uses what is right", async () => {
    const folder = memoryDrop();
    const problems: string[] = [];
    folder.drop("answers-x.json", {
      answers: [
        { id: 1, action: 7 },
        { id: "two", action: 1 },
        { id: 2, action: 1, skipped: true },
        { id: 2 },
        null,
        { id: 77, action: 1 },
        { id: 3, action: 1 },
      ],
    });
    const labeller = fileLabeller({ folder, every: 0.002, report: (message) => problems.push(message) });
    expect(await listen(labeller)).toEqual([{ id: 3, action: 1 }]);
    expect(problems).toEqual([
      "memory, answers-x.json: entry 1: query 1, action: 7 is not an integer from 0 to 2 (and 5 more: see answers-x.json.problems.txt)",
    ]);
    expect(folder.files.get("answers-x.json.problems.txt")!.split("\n")).toEqual([
      "entry 1: query 1, action: 7 is not an integer from 0 to 2",
      'entry 2: "id" is "two", not the number of a query',
      'entry 3: query 2 must have one of "action", "skipped": true and "withdrawn": true',
      'entry 4: query 2 must have one of "action", "skipped": true and "withdrawn": true',
      'entry 5: it must be an object such as { "id": 1, "action": 0 }',
      "query 77 has not been asked so far",
      "",
    ]);
    await listen(labeller);
    expect(problems.length).toBe(1);
  });

  it("keeps an answer that came before its question", async () => {
    const folder = memoryDrop();
    folder.drop("answers-early.json", [{ id: 4, action: 1 }]);
    const labeller = fileLabeller({ folder, every: 0.002 });
    expect(await listen(labeller)).toEqual([]);
    expect(await listen(labeller, requestOf([query(4, 2)]))).toEqual([{ id: 4, action: 1 }]);
    expect(folder.files.has("answers-early.json.problems.txt")).toBe(false);
  });

  it("knows after a resume what was asked before, and takes back what was answered then", async () => {
    const folder = memoryDrop();
    const problems: string[] = [];
    folder.drop("answers-before.json", [
      { id: 4, action: 1 },
      { id: 5, action: 1 },
    ]);
    folder.drop("answers-since.json", [{ id: 5, withdrawn: true }]);
    const labeller = fileLabeller({ folder, every: 0.002, report: (message) => problems.push(message) });
    expect(await listen(labeller, { ...three, asked: 6 })).toEqual([{ id: 5, withdrawn: true }]);
    expect(problems).toEqual([]);
  });

  it("reads boxes, and refuses actions outside of them", () => {
    const space = box([2], -1, [1, Infinity]);
    const { answers, problems } = readAnswers(
      '[{"id":1,"action":[0.5,9]},{"id":2,"action":[2,0]},{"id":3,"action":[0]},{"id":4,"action":[0,null]}]',
      "action",
      { env: "Test-v0", observationSpace: discrete(1), actionSpace: space },
    );
    expect(answers).toEqual([{ id: 1, action: [0.5, 9] }]);
    expect(problems).toEqual([
      "entry 2: query 2, action: entry 0 is 2, outside [-1, 1]",
      "entry 3: query 3, action: it has 1 numbers, not 2 (shape [2])",
      "entry 4: query 4, action: entry 1 is null, not a finite number",
    ]);
  });

  it("asks what it asked before without a trace, and refuses the folder of another run", async () => {
    const folder = memoryDrop();
    await listen(fileLabeller({ folder, every: 0.002 }));
    const before = new Map(folder.files);
    await listen(fileLabeller({ folder, every: 0.002 }), requestOf([query(2), query(3)]));
    expect(folder.files).toEqual(before);
    const other = requestOf([{ ...query(1), observation: Float32Array.of(999) }]);
    await expect(listen(fileLabeller({ folder, every: 0.002 }), other)).rejects.toThrow(
      "it belongs to another run",
    );
  });

  it("works on disk, in a folder that it makes, and leaves no half files", async () => {
    const path = join(parent, "deep", "labels");
    const labeller = fileLabeller({ folder: path, every: 0.002, report: () => {} });
    expect(await listen(labeller)).toEqual([]);
    expect(readdirSync(path)).toEqual(["queries-000001.json"]);
    await mkdir(join(path, "answers-folder.json"));
    const answers = [
      { id: 1, action: 0 },
      { id: 2, skipped: true },
      { id: 3, action: 2 },
    ];
    writeFileSync(join(path, "answers-1.json"), JSON.stringify(answers));
    expect(await listen(labeller, three, 10_000)).toEqual(answers);
    expect(readFileSync(join(path, "answers-folder.json.problems.txt"), "utf8")).toContain(
      "it cannot be read",
    );
    expect(readdirSync(path).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  it("refuses a time between looks that is none", () => {
    expect(() => fileLabeller({ folder: "x", every: 0 })).toThrow('fileLabeller: option "every" is 0');
  });
});

describe("whatever is dropped", () => {
  const entry = fc.record(
    {
      id: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.anything()),
      action: fc.oneof(fc.integer({ min: -1, max: 3 }), fc.anything()),
      skipped: fc.oneof(fc.boolean(), fc.anything()),
      withdrawn: fc.oneof(fc.boolean(), fc.anything()),
    },
    { requiredKeys: [] },
  );
  const content = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .array(entry)
      .map((answers) => JSON.stringify({ answers }, (_, x) => (typeof x === "bigint" ? `${x}` : x))),
    fc
      .tuple(fc.array(entry), fc.nat(200))
      .map(([answers, cut]) =>
        JSON.stringify(answers, (_, x) => (typeof x === "bigint" ? `${x}` : x)).slice(0, cut),
      ),
  );

  it("is answers or problems, never a crash; and good answers beside it are never lost", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), async (contents) => {
        const folder = memoryDrop();
        for (const [i, text] of contents.entries()) folder.drop(`answers-b${i}.json`, text);
        folder.drop("answers-a.json", [{ id: 1, action: 0 }]);
        folder.drop("answers-c.json", [{ id: 2, withdrawn: true }]);
        const stop = new AbortController();
        const heard = new Map<number, Answer>();
        const answers = fileLabeller({ folder, every: 1 }).label(three, stop.signal)[Symbol.asyncIterator]();
        const first = await answers.next();
        stop.abort();
        await answers.return?.();
        for (const answer of first.value as Answer[]) {
          expect(heard.has(answer.id)).toBe(false);
          heard.set(answer.id, answer);
          expect([1, 2, 3]).toContain(answer.id);
          if ("action" in answer) expect([0, 1, 2]).toContain(answer.action);
        }
        const one = heard.get(1)!;
        expect("withdrawn" in one || ("action" in one && one.action === 0)).toBe(true);
        expect(heard.get(2)).toEqual({ id: 2, withdrawn: true });
        expect(queriesIn(folder).map(({ id }) => id)).toEqual([1, 2, 3]);
      }),
      { numRuns: 100, seed: 5 },
    );
  });
});
