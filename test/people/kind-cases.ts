/** @file For each kind of question: three questions, valid answers in every spelling, and invalid answers. */

import type { Answer, KindName, Kinds, LabelRequest, Question } from "../../src/people/index.js";
import { box, discrete } from "../../src/spaces/index.js";

export interface KindCase<K extends KindName> {
  context: Kinds[K]["context"];
  /** What the questions 1, 2 and 3 are about. */
  subjects: [Kinds[K]["subject"], Kinds[K]["subject"], Kinds[K]["subject"]];
  /** Two valid replies to every question. */
  replies: [Kinds[K]["reply"], Kinds[K]["reply"]];
  /** What an answer file holds for the first reply: its canonical form, and other spellings of it. */
  written: { field: string; value: unknown; also: unknown[] };
  /** What a person types for the first reply. */
  typed: string[];
  /** What a person types for the second reply. */
  typedSecond: string;
  /** Values that are not valid for question 1, with the reason. */
  bad: [value: unknown, reason: string][];
  /** Lines that are not valid for question 1, with the reason. */
  badLines: [line: string, reason: string][];
  /** What the console shows of question 1, from its title to its choices. */
  shown: string;
  /** The file of the questions, without the questions themselves. */
  header: object;
  /** Question 1 in that file. */
  record: object;
}

/** Four steps on a line of ten cells, from `from` on. */
const walk = (from: number) => ({
  observations: Float32Array.from({ length: 5 }, (_, t) => from + t),
  actions: Int32Array.of(1, 1, 0, 1),
});
const line = { env: "Line-v0", observationSpace: discrete(10), actionSpace: discrete(2) };
const walkJson = (from: number) => ({
  observations: [from, from + 1, from + 2, from + 3, from + 4],
  actions: [1, 1, 0, 1],
});
const walkShown = (from: number) =>
  [
    `  step 0: ${from} → right`,
    `  step 1: ${from + 1} → right`,
    `  step 2: ${from + 2} → left`,
    `  step 3: ${from + 3} → right`,
    `  end: ${from + 4}`,
  ].join("\n");

export const names = { actions: ["left", "right"] };

export const cases: { [K in KindName]: KindCase<K> } = {
  action: {
    context: { env: "Push-v0", observationSpace: box([2], -9, 9), actionSpace: box([2], -1, 1) },
    subjects: [
      { observation: Float32Array.of(0.5, 1), round: 0, environment: 0 },
      { observation: Float32Array.of(1.5, 1), round: 0, environment: 1 },
      { observation: Float32Array.of(2.5, 1), round: 1, environment: 0 },
    ],
    replies: [{ action: [0.5, -1] }, { action: [0, 0] }],
    written: { field: "action", value: [0.5, -1], also: [] },
    typed: ["0.5, -1", "0.5 -1"],
    typedSecond: "0 0",
    bad: [
      [[0.5, 2], "entry 1 is 2, outside [-1, 1]"],
      [3, "3 is not an array of 2 numbers"],
    ],
    badLines: [
      ["0.5", "it has 1 numbers, not 2 (shape [2])"],
      ["up, down", "entry 0 is NaN, not a finite number"],
    ],
    shown:
      "Push-v0, query 1 (round 1; 3 to go)\nobservation: 0.5000, 1\n" +
      "action: 2 numbers, with commas between them, from -1, -1 to 1, 1; ",
    header: {
      env: "Push-v0",
      observationSpace: { kind: "box", shape: [2], low: [-9, -9], high: [9, 9] },
      actionSpace: { kind: "box", shape: [2], low: [-1, -1], high: [1, 1] },
    },
    record: { round: 0, environment: 0, observation: [0.5, 1] },
  },
  comparison: {
    context: line,
    subjects: [
      { left: walk(0), right: walk(1) },
      { left: walk(2), right: walk(3) },
      { left: walk(4), right: walk(5) },
    ],
    replies: [{ choice: "left" }, { choice: "equal" }],
    written: { field: "choice", value: "left", also: [] },
    typed: ["l", "left", "LEFT"],
    typedSecond: "e",
    bad: [
      ["lft", '"lft" is not one of left, right, equal, neither'],
      [0, "0 is not one of left, right, equal, neither"],
      [null, "null is not one of left, right, equal, neither"],
    ],
    badLines: [["better", '"better" is not one of left, right, equal, neither']],
    shown:
      `Line-v0, query 1 (3 to go)\nleft:\n${walkShown(0)}\nright:\n${walkShown(1)}\n` +
      "better: l left, r right, e equal, n neither; ",
    header: { kind: "comparison", ...line },
    record: { left: walkJson(0), right: walkJson(1) },
  },
  label: {
    context: { dataset: "animals", classes: ["cat", "dog", "7"] },
    subjects: [
      { item: 4, content: "it barks" },
      { item: 9, content: Float32Array.of(0.25, 3) },
      { item: 2, content: "it purrs" },
    ],
    replies: [{ label: 1 }, { label: 2 }],
    written: { field: "label", value: 1, also: ["dog"] },
    typed: ["1", "dog", "Dog"],
    typedSecond: "7",
    bad: [
      [3, "3 is not the number of a class, an integer from 0 to 2"],
      [0.5, "0.5 is not the number of a class, an integer from 0 to 2"],
      ["dgo", '"dgo" is not a class; did you mean "dog"?'],
      [[1], "[1] is not the number of a class, an integer from 0 to 2"],
    ],
    badLines: [
      ["3", "3 is not the number of a class, an integer from 0 to 2"],
      ["dogg", '"dogg" is not a class; did you mean "dog"?'],
    ],
    shown: "animals, query 1 (item 4; 3 to go)\nit barks\nclass: 0 cat, 1 dog, 2 7; ",
    header: { kind: "label", dataset: "animals", classes: ["cat", "dog", "7"] },
    record: { item: 4, content: "it barks" },
  },
  critique: {
    context: line,
    subjects: [{ segment: walk(0) }, { segment: walk(2) }, { segment: walk(4) }],
    replies: [
      {
        mistakes: [
          [0, 1],
          [3, 3],
        ],
      },
      { mistakes: [] },
    ],
    written: {
      field: "mistakes",
      value: [
        [0, 1],
        [3, 3],
      ],
      also: [
        [
          [3, 3],
          [1, 1],
          [0, 1],
        ],
      ],
    },
    typed: ["0-1, 3", "3,0 - 1", "1, 0, 3"],
    typedSecond: "none",
    bad: [
      [[[2, 4]], "[2,4] is not a span of steps [first, last] with 0 ≤ first ≤ last ≤ 3"],
      [[[2, 1]], "[2,1] is not a span of steps [first, last] with 0 ≤ first ≤ last"],
      [[2], "2 is not a span of steps [first, last] with 0 ≤ first ≤ last"],
      [2, "2 is not an array of spans such as [[4, 7], [9, 9]]"],
    ],
    badLines: [
      ["2-4", "[2,4] is not a span of steps [first, last] with 0 ≤ first ≤ last ≤ 3"],
      ["all", '"all" is not a span of steps [first, last] with 0 ≤ first ≤ last ≤ 3'],
    ],
    shown: `Line-v0, query 1 (3 to go)\n${walkShown(0)}\nwrong: steps from 0 to 3 such as 4, 9-12, or none; `,
    header: { kind: "critique", ...line },
    record: { segment: walkJson(0) },
  },
};

export const kindNames = Object.keys(cases) as KindName[];

/** The questions of a case, numbered from 1, in one batch. */
export const questionsOf = <K extends KindName>(kind: K): Question<K>[] =>
  cases[kind].subjects.map((subject, i) => ({ ...subject, id: i + 1, batch: 1 }));

/** A request for all questions of a case, or for these. */
export const requestOf = <K extends KindName>(
  kind: K,
  queries: readonly Question<K>[] = questionsOf(kind),
): LabelRequest<K> => ({ ...cases[kind].context, kind, asked: 3, queries });

/** An answer to question `id`: reply 0 or 1 of the case. */
export const answerOf = <K extends KindName>(kind: K, id: number, reply: 0 | 1 = 0): Answer<K> => ({
  ...cases[kind].replies[reply],
  id,
});
