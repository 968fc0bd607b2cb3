/** @file The file labeller: the files that it writes and reads, kills in between, and invalid answers. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Answer,
  fileLabeller,
  type KindName,
  type Labeller,
  type LabelRequest,
  type Query,
} from "../../src/people/index.js";
import { discrete } from "../../src/spaces/index.js";
import { answerOf, cases, kindNames } from "./kind-cases.js";
import { type MemoryDrop, memoryDrop } from "./memory-drop.js";
import { createPupil, learn, QUESTIONS } from "./pupil.js";

const query = (id: number, batch = 1): Query => ({
  id,
  batch,
  observation: Float32Array.of(10 * id),
  round: 0,
  environment: 0,
});
const requestOf = (queries: Query[]): LabelRequest => ({
  kind: "action",
  env: "Test-v0",
  observationSpace: discrete(1000),
  actionSpace: discrete(3),
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
  it("writes one file per batch, with all that is needed to answer", async () => {
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

  it("counts an answer to a question for one person in that person's name alone", async () => {
    const folder = memoryDrop();
    const problems: string[] = [];
    folder.drop("answers-a.json", [
      { id: 1, action: 2, annotator: "ben" },
      { id: 2, skipped: true },
    ]);
    folder.drop("answers-b.json", [
      { id: 1, action: 1, annotator: "ann" },
      { id: 2, action: 0, annotator: "ben" },
      { id: 3, action: 0 },
    ]);
    const request = requestOf([{ ...query(1), for: "ann" }, { ...query(2), for: "ben" }, query(3)]);
    const report = (message: string) => problems.push(message);
    expect(
      await listen(fileLabeller({ folder, every: 0.002, annotators: ["ann", "ben"], report }), request),
    ).toEqual([
      { id: 1, action: 1, annotator: "ann" },
      { id: 2, action: 0, annotator: "ben" },
      { id: 3, action: 0 },
    ]);
    expect(folder.files.get("answers-a.json.problems.txt")).toBe(
      'query 1 is for "ann", and the answer is by "ben"\n' +
        'query 2 is for "ben", and the answer has no annotator\n',
    );
    expect(problems).toHaveLength(1);
  });

  it("waits for later files, and for files that are not complete yet", async () => {
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

  it("uses the first of two answers, reports the second, and lets a withdrawal replace both", async () => {
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

  it("reports an invalid entry once, writes it to a file beside, and uses the valid entries", async () => {
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

  it("keeps an answer that arrives before its question", async () => {
    const folder = memoryDrop();
    folder.drop("answers-early.json", [{ id: 4, action: 1 }]);
    const labeller = fileLabeller({ folder, every: 0.002 });
    expect(await listen(labeller)).toEqual([]);
    expect(await listen(labeller, requestOf([query(4, 2)]))).toEqual([{ id: 4, action: 1 }]);
    expect(folder.files.has("answers-early.json.problems.txt")).toBe(false);
  });

  it("says once that answers wait for questions that a resumed run asks again, and reports no problem", async () => {
    const folder = memoryDrop();
    await listen(fileLabeller({ folder, every: 0.002 }), requestOf([query(4, 2), query(5, 2)]));
    folder.drop(
      "answers-before.json",
      [4, 5].map((id) => ({ id, action: 1 })),
    );
    const said: string[] = [];
    const labeller = fileLabeller({ folder, every: 0.002, report: (message) => said.push(message) });
    expect(await listen(labeller)).toEqual([]);
    expect(said).toEqual(["memory: 2 answers found; the run replays to them"]);
    expect(folder.files.has("answers-before.json.problems.txt")).toBe(false);
  });

  it("accepts withdrawals of earlier answers after a resume", async () => {
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

  it("writes no new file for a repeated batch, and refuses the folder of another run", async () => {
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

  it("refuses a folder on disk in which another process asks, and leaves none locked", async () => {
    const path = join(parent, "locked");
    await mkdir(path);
    const holder = { pid: process.ppid, thread: 0, host: hostname() };
    writeFileSync(join(path, "lock.json"), JSON.stringify(holder));
    const labeller = fileLabeller({ folder: path, every: 0.002 });
    await expect(listen(labeller, three, 10_000)).rejects.toThrow(`in use by process ${process.ppid}`);
    expect(readdirSync(path)).toEqual(["lock.json"]);
    rmSync(join(path, "lock.json"));
    await listen(labeller);
    expect(readdirSync(path)).toEqual(["queries-000001.json"]);
  });

  it("creates its folder on disk, and leaves no partial files there", async () => {
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

  it("refuses a polling interval of 0", () => {
    expect(() => fileLabeller({ folder: "x", every: 0 })).toThrow('fileLabeller: option "every" is 0');
  });
});

function suite<K extends KindName>(kind: K) {
  const { field, value } = cases[kind].written;
  const labellerOf = (folder: MemoryDrop, report?: (message: string) => void) =>
    fileLabeller({ folder, asks: kind, every: 0.002, report });
  const ids = Array.from({ length: QUESTIONS }, (_, i) => i + 1);

  it("is written with all that is needed to answer it", async () => {
    const folder = memoryDrop();
    const stop = new AbortController();
    const asking = learn(kind, createPupil(kind), labellerOf(folder), { signal: stop.signal });
    while (folder.files.size < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    stop.abort();
    await expect(asking).rejects.toThrow("asked to stop");
    const { batch, queries, ...header } = JSON.parse(folder.files.get("queries-000002.json")!);
    expect(header).toEqual(cases[kind].header);
    expect([batch, queries.length]).toEqual([2, 3]);
    expect(queries[0]).toEqual({ id: 4, ...cases[kind].record });
  });

  it("is answered out of order, skipped and withdrawn", async () => {
    const folder = memoryDrop();
    const pupil = createPupil(kind);
    folder.drop("answers-1.json", [
      { id: 9, [field]: value, annotator: "ada", seconds: 1.5 },
      { id: 2, skipped: true, annotator: "ada" },
    ]);
    const rest = ids.filter((id) => id !== 9 && id !== 2 && id !== 1).reverse();
    const later = [
      { id: 9, withdrawn: true },
      { answers: rest.map((id) => ({ id, [field]: value })) },
      [{ id: 1, [field]: value, annotator: "bob" }],
    ];
    const open: number[] = [];
    const received = () => {
      open.push(pupil.book.open.length);
      if (later.length > 0) folder.drop(`answers-${open.length + 1}.json`, later.shift());
    };
    await learn(kind, pupil, labellerOf(folder), { received });
    expect(pupil.book).toMatchObject({ answered: 7, skipped: 1, withdrawn: 1, open: [] });
    expect(open).toEqual([7, 7, 1, 0]);
    expect(pupil.replies).toEqual({
      ...Object.fromEntries(rest.map((id) => [id, answerOf(kind, id)])),
      1: { ...answerOf(kind, 1), annotator: "bob" },
    });
  });

  it("rejects invalid answers, writes the reason to a file, and accepts a corrected answer", async () => {
    const folder = memoryDrop();
    const pupil = createPupil(kind);
    const problems: string[] = [];
    const { bad } = cases[kind];
    for (const [i, [wrong]] of bad.entries()) folder.drop(`answers-${i}.json`, [{ id: 1, [field]: wrong }]);
    setTimeout(
      () =>
        folder.drop(
          "answers-good.json",
          ids.map((id) => ({ id, [field]: value })),
        ),
      20,
    );
    await learn(
      kind,
      pupil,
      labellerOf(folder, (message) => problems.push(message)),
    );
    expect(pupil.book.answered).toBe(QUESTIONS);
    expect(problems.length).toBe(bad.length);
    for (const [i, [, reason]] of bad.entries()) {
      expect(problems[i]).toContain(`memory, answers-${i}.json: `);
      expect(folder.files.get(`answers-${i}.json.problems.txt`)).toContain(`query 1, ${field}: ${reason}`);
    }
  });

  it("is refused by a labeller of another kind", async () => {
    const other = kindNames[(kindNames.indexOf(kind) + 1) % kindNames.length];
    const wrong: Labeller<KindName> = fileLabeller<KindName>({ folder: memoryDrop(), asks: other });
    await expect(learn<KindName>(kind, createPupil<KindName>(kind), wrong)).rejects.toThrow(
      `the labeller "files" answers questions of kind ${other}, and these are of kind ${kind}: ` +
        `give it the option asks: "${kind}"`,
    );
  });
}

describe.each(kindNames)("a file of questions of kind %s", suite);

describe("the option `asks`", () => {
  it("must be a kind of question", () => {
    expect(() => fileLabeller({ folder: "x", asks: "opinion" as KindName })).toThrow(
      'fileLabeller: option "asks" is "opinion"',
    );
  });
});
