/** @file Questions and answers as JSON files: their format, and errors in answers. */

import { describe, expect, it } from "vitest";
import type { KindName } from "../../src/people/index.js";
import { answerLine, asksThese, queriesText, readAnswers } from "../../src/people/question-file.js";
import { box, discrete } from "../../src/spaces/index.js";
import { answerOf, cases, kindNames, questionsOf } from "./kind-cases.js";

describe("answers about actions", () => {
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

  it("keep their format, so that labels of earlier versions are read", () => {
    const context = { env: "E-v0", observationSpace: box([2], -1, Infinity), actionSpace: discrete(2) };
    const observation = Float32Array.of(0.5, 2);
    const text = queriesText("action", context, [{ id: 7, batch: 2, observation, round: 1, environment: 0 }]);
    const space =
      '"kind": "box",\n    "shape": [\n      2\n    ],\n    "low": [\n      -1,\n      -1\n    ],';
    expect(text).toBe(
      `{\n  "batch": 2,\n  "env": "E-v0",\n  "observationSpace": {\n    ${space}\n    "high": [\n      null,\n      null\n    ]\n  },\n` +
        `  "actionSpace": {\n    "kind": "discrete",\n    "n": 2\n  },\n  "queries": [\n` +
        `    {"id":7,"round":1,"environment":0,"observation":[0.5,2]}\n  ]\n}\n`,
    );
    expect(answerLine("action", { id: 7, action: Float32Array.of(0.5) })).toBe('{"id":7,"action":[0.5]}\n');
    expect(answerLine("action", { id: 8, skipped: true }, { at: "noon" })).toBe(
      '{"id":8,"skipped":true,"at":"noon"}\n',
    );
  });
});

describe("labels", () => {
  it("belong to a run with the same classes in the same order", () => {
    const context = { dataset: "animals", classes: ["cat", "dog"] };
    const questions = [{ id: 1, batch: 1, item: 0, content: "it barks" }];
    const text = queriesText("label", context, questions);
    expect(asksThese(text, "label", context, questions)).toBe(true);
    for (const classes of [["dog", "cat"], ["cat", "dog", "fox"], ["cat"]]) {
      expect(asksThese(text, "label", { ...context, classes }, questions)).toBe(false);
    }
  });
});

function suite<K extends KindName>(kind: K) {
  const { context, written, header } = cases[kind];
  const [headed, headedAs] = Object.entries(header)
    .filter(([name, value]) => name !== "kind" && typeof value === "string")
    .map(([name, value]) => [name, JSON.stringify(value)])[0];

  it("are read as written, with the annotator and the time taken", () => {
    const answers = [
      { ...answerOf(kind, 1), annotator: "ada", seconds: 0 },
      answerOf(kind, 2, 1),
      { id: 3, skipped: true, annotator: "ada" } as const,
      { id: 4, withdrawn: true } as const,
    ];
    const written = `[${answers.map((answer) => answerLine(kind, answer)).join(",")}]`;
    expect(readAnswers(written, kind, context)).toEqual({ answers, problems: [] });
  });

  it.each<[object, string]>([
    [{ annotator: "" }, 'annotator: "" is not a name'],
    [{ annotator: 3 }, "annotator: 3 is not a name"],
    [{ seconds: -1 }, "seconds: -1 is not a number of seconds from 0 on"],
    [{ seconds: "2" }, 'seconds: "2" is not a number of seconds from 0 on'],
  ])("are refused with %j", (more, reason) => {
    const text = JSON.stringify([{ id: 1, [written.field]: written.value, ...more }]);
    expect(readAnswers(text, kind, context)).toEqual({
      answers: [],
      problems: [`entry 1: query 1, ${reason}`],
    });
  });

  it("must belong to the written questions", () => {
    const questions = questionsOf(kind);
    const text = queriesText(kind, context, questions);
    expect(asksThese(text, kind, context, questions)).toBe(true);
    expect(asksThese(text, kind, context, questions.slice(1))).toBe(true);
    const [first, second] = questions;
    expect(asksThese(text, kind, context, [{ ...second, id: first.id }])).toBe(false);
    expect(asksThese(text.slice(0, 50), kind, context, questions)).toBe(false);
    expect(asksThese('{ "queries": [] }', kind, context, questions)).toBe(false);
    const other = text.replace(`"${headed}": ${headedAs}`, `"${headed}": "other"`);
    expect(other).not.toBe(text);
    expect(asksThese(other, kind, context, questions)).toBe(false);
  });

  it("that are for somebody say so, and are others than those for anyone", () => {
    const questions = questionsOf(kind).map((question) => ({ ...question, for: "ada" }));
    const text = queriesText(kind, context, questions);
    expect(JSON.parse(text).queries[0]).toMatchObject({ id: 1, for: "ada" });
    expect(asksThese(text, kind, context, questions)).toBe(true);
    expect(asksThese(text, kind, context, questionsOf(kind))).toBe(false);
  });
}

describe.each(kindNames)("answers of kind %s", suite);
