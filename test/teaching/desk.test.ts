/** @file The desk: who is asked what, what becomes of answers, and what they say of people. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { UNDO_TIME } from "../../src/people/answer-log.js";
import { diskFolder } from "../../src/people/disk-folder.js";
import { fileLabeller } from "../../src/people/index.js";
import { type Desk, openDesk } from "../../src/teaching/desk.js";
import type { Receipt } from "../../src/teaching/wire.js";
import { askIn, comparisons } from "./room-parts.js";

const none = new Set<number>();
let folder: string;
let desk: Desk;
let time: number;
let count = 0;

beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), "understudy-desk-")), "labels");
  time = Date.now();
  desk = openDesk(diskFolder(folder), { now: () => time });
});

const ask = async (queries: number) => {
  await askIn(folder, await comparisons(queries, 2));
  await desk.refresh();
};
const post = async (annotator: string, id: number, reply: object): Promise<Receipt> =>
  (await desk.post(annotator, [{ id, nonce: `n${count++}`, reply: { ...reply } }]))[0];
const left = { choice: "left" };
const right = { choice: "right" };

describe("questions", () => {
  it("are handed out in order, each to one person, until that person stays away", async () => {
    await ask(5);
    const ids = (who: string) => desk.next(who, 2, none).map(({ id }) => id);
    expect(ids("ada")).toEqual([1, 2]);
    expect(ids("bob")).toEqual([3, 4]);
    expect(ids("ada")).toEqual([1, 2]);
    time += 100_000;
    expect(ids("bob")).toEqual([1, 2]);
  });

  it("for one person are handed to that person, whose answer alone is taken", async () => {
    const request = await comparisons(3, 2);
    const [first, second, third] = request.queries;
    await askIn(folder, {
      ...request,
      queries: [{ ...first, for: "ada" }, { ...second, for: "bob" }, third],
    });
    await desk.refresh();
    expect([desk.open("ada"), desk.open("bob"), desk.open("cem"), desk.open()]).toEqual([2, 2, 1, 3]);
    expect(desk.next("bob", 3, none).map(({ id }) => id)).toEqual([2, 3]);
    expect(desk.next("ada", 3, none).map(({ id }) => id)).toEqual([1]);
    expect(await post("bob", 1, left)).toMatchObject({
      result: "refused",
      reason: 'query 1 is for "ada", and the answer is by "bob"',
    });
    expect(await post("ada", 1, right)).toMatchObject({ result: "kept" });
    expect(desk.open("ada")).toBe(1);
  });

  it("are found when they are asked after the desk was opened", async () => {
    await desk.refresh();
    expect(await desk.refresh()).toBe(false);
    expect(desk.next("ada", 2, none)).toEqual([]);
    await ask(2);
    expect(desk.asks).toMatchObject({ kind: "comparison", context: { env: "CartPole-v1" } });
    expect(desk.open()).toBe(2);
  });
});

describe("an answer", () => {
  it("closes its question, and another person's answer tells of people only", async () => {
    await ask(2);
    expect(await post("ada", 1, left)).toMatchObject({ result: "kept" });
    expect(desk.open()).toBe(1);
    expect(await post("bob", 1, right)).toMatchObject({ result: "check" });
    expect(desk.teachers()).toMatchObject([
      { name: "ada", answers: 1 },
      { name: "bob", answers: 0, shared: 1, agreement: 0 },
    ]);
  });

  it.each<[object, RegExp]>([
    [{ choice: "up" }, /"up" is not one of left/],
    [{}, /must have one of "choice"/],
    [{ choice: "left", skipped: true }, /must have one of/],
  ])("of %j is refused", async (reply, reason) => {
    await ask(1);
    const receipt = await post("ada", 1, reply);
    expect(receipt.result).toBe("refused");
    expect(receipt.reason).toMatch(reason);
  });

  it("to a question that was never asked is refused", async () => {
    await ask(1);
    expect(await post("ada", 9, left)).toMatchObject({
      result: "refused",
      reason: "query 9 has not been asked",
    });
  });

  it("can be undone while it is the last one and young; later it is withdrawn", async () => {
    await ask(4);
    await post("ada", 1, left);
    expect(desk.undoable("ada")).toBe(1);
    expect(await post("ada", 1, { undone: true })).toMatchObject({ result: "undone" });
    expect(desk.open()).toBe(4);
    await post("ada", 1, right);
    await post("ada", 2, right);
    expect(await post("ada", 1, { undone: true })).toMatchObject({ result: "withdrawn" });
    time += UNDO_TIME;
    expect(desk.undoable("ada")).toBeUndefined();
    expect(await post("ada", 2, { undone: true })).toMatchObject({ result: "withdrawn" });
    expect(desk.open()).toBe(2);
  });

  it("that arrives with others counts in their order, also where they are about one question", async () => {
    await ask(3);
    const of = (id: number, nonce: string, reply: object) => ({ id, nonce, reply: { ...reply } });
    const given = [
      of(1, "a", left),
      of(2, "b", left),
      of(2, "c", { undone: true }),
      of(2, "d", right),
      of(1, "e", right),
      of(1, "a", left),
    ];
    const results = (await desk.post("ada", given)).map(({ result }) => result);
    expect(results).toEqual(["kept", "kept", "undone", "kept", "check", "again"]);
    expect(desk.open()).toBe(1);
  });

  it("cannot be undone by another person", async () => {
    await ask(2);
    await post("ada", 1, left);
    expect(await post("bob", 1, { undone: true })).toMatchObject({ result: "refused" });
  });

  it("that was undone after a learner got it is taken from the learner", async () => {
    const request = await comparisons(3, 2);
    const labeller = fileLabeller({ folder, asks: "comparison", every: 0.01, forPage: true });
    const stop = new AbortController();
    const answers = labeller.label(request, stop.signal)[Symbol.asyncIterator]();
    const first = answers.next();
    while (desk.questions.size === 0) await desk.refresh();
    await post("ada", 1, left);
    await post("ada", 2, left);
    expect((await first).value).toMatchObject([{ id: 1, choice: "left" }]);
    await post("ada", 1, { undone: true });
    expect((await answers.next()).value).toContainEqual(expect.objectContaining({ id: 1, withdrawn: true }));
    stop.abort();
    await answers.return?.(undefined);
  });
});

describe("people", () => {
  it("see a question again after ten answers, and are compared with themselves and with others", async () => {
    await ask(40);
    for (let id = 1; id <= 10; id++) await post("bob", id, left);
    for (let id = 11; id <= 20; id++) await post("ada", id, left);
    const [first] = desk.next("ada", 1, none);
    expect(first.id).toBe(1);
    expect(await post("ada", first.id, left)).toMatchObject({ result: "check" });
    for (let id = 21; id <= 29; id++) await post("ada", id, left);
    const [second] = desk.next("ada", 1, none);
    expect(second.id).toBe(11);
    await post("ada", second.id, right);
    expect(desk.teachers().find(({ name }) => name === "ada")).toMatchObject({
      answers: 19,
      agreement: 1,
      shared: 1,
      consistency: 0,
      repeats: 1,
      isUsed: true,
    });
    await post("ada", second.id, { undone: true });
    expect(desk.teachers().find(({ name }) => name === "ada")).toMatchObject({ answers: 19, repeats: 0 });
  });

  it("whose answers are not used have their questions open again, until they are used", async () => {
    await ask(3);
    await post("ada", 1, left);
    await post("bob", 2, left);
    await desk.use("ada", false);
    expect(desk.open()).toBe(2);
    expect(desk.teachers()).toMatchObject([
      { name: "ada", isUsed: false },
      { name: "bob", isUsed: true },
    ]);
    await desk.use("ada", true);
    expect(desk.open()).toBe(1);
    const other = openDesk(diskFolder(folder));
    await other.refresh();
    expect(other.open()).toBe(1);
  });
});
