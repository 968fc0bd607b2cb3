/** @file The log of answers: what stands after undoing, withdrawing, repeating and a kill. */

import { describe, expect, it } from "vitest";
import { readLog, standingAnswers, UNDO_TIME } from "../../src/people/answer-log.js";
import { QuestionFolder } from "../../src/people/question-folder.js";
import { cases, requestOf } from "./kind-cases.js";
import { memoryDrop } from "./memory-drop.js";

const { context } = cases.comparison;
const NOON = Date.parse("2030-01-01T12:00:00Z");
const at = (seconds: number) => new Date(NOON + 1000 * seconds).toISOString();
const log = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join("");
const read = (text: string) => readLog(text, "comparison", context);
const standing = (text: string, seconds = Number.POSITIVE_INFINITY) =>
  standingAnswers(read(text).log.entries, NOON + 1000 * seconds);

const ada = { annotator: "ada" };
const bob = { annotator: "bob" };

describe("a log of answers", () => {
  it("takes an undone answer back, and the next one in its place", () => {
    const undone = log({ id: 1, choice: "left", ...ada }, { id: 1, undone: true, ...ada });
    expect(standing(undone)).toEqual([]);
    expect(standing(undone + log({ id: 1, choice: "right", ...ada }))).toEqual([
      { id: 1, choice: "right", ...ada },
    ]);
  });

  it("undoes the answer of its annotator only", () => {
    const text = log({ id: 1, choice: "left", ...ada }, { id: 1, undone: true, ...bob });
    expect(standing(text)).toEqual([{ id: 1, choice: "left", ...ada }]);
  });

  it("keeps a withdrawal whatever follows", () => {
    const text = log({ id: 1, withdrawn: true, ...ada }, { id: 1, choice: "left", ...ada });
    expect(standing(text)).toEqual([{ id: 1, withdrawn: true, ...ada }]);
  });

  it("holds the last answer of each person back while it can be undone", () => {
    const text = log(
      { id: 1, choice: "left", ...ada, at: at(0) },
      { id: 2, choice: "left", ...bob, at: at(0.5) },
      { id: 3, choice: "left", ...ada, at: at(1) },
    );
    const ids = (seconds: number) => standing(text, seconds).map(({ id }) => id);
    expect(ids(1)).toEqual([1]);
    expect(ids(0.5 + UNDO_TIME / 1000)).toEqual([1, 2]);
    expect(ids(1 + UNDO_TIME / 1000)).toEqual([1, 2, 3]);
  });

  it("leaves out second looks, sessions, and a line that a kill has torn", () => {
    const text = log(
      { session: "s", at: at(0) },
      { id: 1, choice: "left", ...ada },
      { id: 1, choice: "right", ...bob, check: true },
    );
    const {
      log: { entries },
      problems,
    } = read(`${text}{"id":2,"choice":"le`);
    expect(problems).toEqual([]);
    expect(entries.map(({ isCheck }) => isCheck)).toEqual([false, true]);
    expect(standing(text)).toEqual([{ id: 1, choice: "left", ...ada }]);
  });

  it("is read on from where the last reading ended, and from its start where it is another", () => {
    const first = log({ id: 1, choice: "left", ...ada }, { annotator: "bob", use: false });
    const torn = `${first}{"id":2,"cho`;
    const whole = `${torn}ice":"left"}\n${log({ id: 3, choice: "up" }, { id: 4, choice: "right" })}`;
    const before = read(torn);
    const on = readLog(whole, "comparison", context, before);
    expect(on).toEqual(read(whole));
    expect(on.log.entries.map(({ id }) => id)).toEqual([1, 2, 4]);
    expect(on.log.entries[0]).toBe(before.log.entries[0]);
    expect(on.problems).toEqual([expect.stringMatching(/^line 4: query 3/)]);
    const other = log({ id: 9, choice: "left" });
    expect(readLog(other, "comparison", context, on)).toEqual(read(other));
  });

  it("reports lines that are wrong, by their numbers", () => {
    const {
      log: { entries },
      problems,
    } = read(`${log({ id: 1, choice: "up" })}{"id":\n[]\n${log({ id: 2, choice: "left" })}`);
    expect(entries).toHaveLength(1);
    expect(problems).toEqual([
      expect.stringMatching(/^line 1: query 1, choice: "up" is not one of left/),
      expect.stringMatching(/^line 2: it is not valid JSON/),
      expect.stringMatching(/^line 3: it must be an object/),
    ]);
  });

  it("leaves out the answers of people that are not used, in every file, until they are used again", async () => {
    const folder = memoryDrop();
    folder.drop(
      "answers-a.jsonl",
      log({ id: 1, choice: "left", ...ada }, { id: 1, choice: "right", ...bob }),
    );
    folder.drop("answers-b.json", [{ id: 2, choice: "right", ...ada }]);
    const questions = new QuestionFolder("comparison", folder);
    const ids = async () => [...(await questions.read(requestOf("comparison"))).entries()];
    await questions.append("answers-web.jsonl", log({ annotator: "ada", use: false }));
    expect(await ids()).toEqual([[1, { id: 1, choice: "right", ...bob }]]);
    expect([...(await questions.retracted(context))]).toEqual([1, 2]);
    await questions.append("answers-web.jsonl", log({ annotator: "ada", use: true }));
    expect((await ids()).map(([id]) => id)).toEqual([1, 2]);
  });

  it("is read beside files of answers, and the first person's answer counts", async () => {
    const folder = memoryDrop();
    folder.drop(
      "answers-a.jsonl",
      log({ id: 1, choice: "left", ...ada }, { id: 1, choice: "right", ...bob }),
    );
    folder.drop("answers-b.json", [{ id: 1, choice: "right" }]);
    const questions = new QuestionFolder("comparison", folder);
    const found = await questions.read(requestOf("comparison"));
    expect(found.get(1)).toEqual({ id: 1, choice: "left", ...ada });
    expect(folder.files.get("answers-b.json.problems.txt")).toMatch(/has another answer already/);
    expect(folder.files.has("answers-a.jsonl.problems.txt")).toBe(false);
  });
});
