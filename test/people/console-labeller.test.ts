/** @file The console labeller: what it shows, what it accepts, which answers it keeps, and kills in between. */

import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readCommand } from "../../src/people/console-labeller.js";
import {
  type Answer,
  consoleLabeller,
  type KindName,
  type LabelRequest,
  Paused,
  type Query,
} from "../../src/people/index.js";
import { streamTerminal } from "../../src/people/terminal.js";
import { box, discrete } from "../../src/spaces/index.js";
import { answerOf, cases, names as kindCaseNames, kindNames } from "./kind-cases.js";
import { memoryDrop } from "./memory-drop.js";
import { createPupil, learn, QUESTIONS } from "./pupil.js";

const query = (id: number): Query => ({
  id,
  batch: 1,
  observation: Float32Array.of(id / 3),
  round: 0,
  environment: 0,
});
const request: LabelRequest = {
  kind: "action",
  env: "Test-v0",
  observationSpace: box([1], -9, 9),
  actionSpace: discrete(3),
  asked: 3,
  queries: [query(1), query(2), query(3)],
};
const names = { actions: ["left", "stay", "right"], observations: ["position"] };

function streams() {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  let shown = "";
  const output = {
    write: (text: string) => {
      shown += text;
    },
  };
  return { input, terminal: () => streamTerminal(input, output), shown: () => shown };
}

async function answers(
  typed: string,
  options: { end?: boolean; folder?: ReturnType<typeof memoryDrop>; asked?: number } = {},
) {
  const { input, terminal, shown } = streams();
  input.write(typed);
  if (options.end) input.end();
  const labeller = consoleLabeller({ terminal, names, folder: options.folder });
  const heard: Answer[] = [];
  let error: unknown;
  try {
    const asking = { ...request, asked: options.asked ?? request.asked };
    for await (const some of labeller.label(asking, new AbortController().signal)) heard.push(...some);
  } catch (thrown) {
    error = thrown;
  }
  return { heard, shown: shown(), error };
}

describe("a line", () => {
  it.each<[string, unknown]>([
    ["1", { kind: "reply", reply: { action: 1 } }],
    ["  Right ", { kind: "reply", reply: { action: 2 } }],
    ["s", { kind: "skip" }],
    ["q", { kind: "stop" }],
    ["w", { kind: "withdraw" }],
    ["w 12", { kind: "withdraw", id: 12 }],
    ["3", { kind: "unclear", reason: "3 is not an integer from 0 to 2" }],
    ["", { kind: "unclear", reason: "nothing was typed" }],
  ])("%j among named choices is %j", (line, reply) => {
    expect(readCommand(line, "action", request, { names })).toEqual(reply);
  });

  it.each<[string, unknown]>([
    ["0.5, -1", { kind: "reply", reply: { action: [0.5, -1] } }],
    ["0.5 -1", { kind: "reply", reply: { action: [0.5, -1] } }],
    ["0.5", { kind: "unclear", reason: "it has 1 numbers, not 2 (shape [2])" }],
    ["2, 0", { kind: "unclear", reason: "entry 0 is 2, outside [-1, 1]" }],
    ["a, b", { kind: "unclear", reason: "entry 0 is NaN, not a finite number" }],
  ])("%j for a box is %j", (line, reply) => {
    expect(readCommand(line, "action", { ...request, actionSpace: box([2], -1, 1) })).toEqual(reply);
  });
});

describe("the console labeller", () => {
  it("shows each query, reads actions and skips, and repeats the query after an invalid line", async () => {
    const { heard, shown } = await answers("left\nfoo\n1\ns\n");
    expect(heard).toEqual([
      { id: 1, action: 0 },
      { id: 2, action: 1 },
      { id: 3, skipped: true },
    ]);
    expect(shown).toContain(
      "Test-v0, query 1 (round 1; 3 to go)\nobservation: position 0.3333\n" +
        "action: 0 left, 1 stay, 2 right; s skip, w withdraw the last answer, q stop\n> ",
    );
    expect(shown).toContain("not an integer from 0 to 2\n> ");
  });

  it("withdraws the last answer, or one by its number", async () => {
    const { heard, shown } = await answers("w\n0\nw\n1\nw 1\n2\n");
    expect(shown).toContain("there is no such answer to withdraw");
    expect(heard).toEqual([
      { id: 1, action: 0 },
      { id: 1, withdrawn: true },
      { id: 2, action: 1 },
      { id: 1, withdrawn: true },
      { id: 3, action: 2 },
    ]);
  });

  it("withdraws answers from before a resume, and refuses to withdraw queries not yet shown", async () => {
    const { heard, shown } = await answers("w 5\nw 3\nw 6\nq\n", { asked: 5 });
    expect(heard).toEqual([{ id: 5, withdrawn: true }]);
    expect(shown.match(/there is no such answer to withdraw/g)).toHaveLength(2);
  });

  it.each([
    ["q", "0\nq\n", {}],
    ["the end of the input", "0\n", { end: true }],
  ])("stops the run at %s", async (_, typed, options) => {
    const { heard, error } = await answers(typed, options);
    expect(heard).toEqual([{ id: 1, action: 0 }]);
    expect(error).toBeInstanceOf(Paused);
  });

  it("keeps answers in a folder, so that a kill loses none", async () => {
    const folder = memoryDrop();
    await answers("0\ns\nq\n", { folder });
    const { heard, shown } = await answers("2\n", { folder });
    expect(heard).toEqual([
      { id: 1, action: 0 },
      { id: 2, skipped: true },
      { id: 3, action: 2 },
    ]);
    expect(shown).toContain("query 3 (round 1; 1 to go)");
    expect(shown).not.toContain("query 1");
  });

  it("goes on with the answers of an earlier version, in a log of its own", async () => {
    const folder = memoryDrop();
    const before = '{ "answers": [{ "id": 1, "action": 1 }] }';
    folder.drop("answers-console.json", before);
    const { heard } = await answers("0\nq\n", { folder });
    expect(heard).toEqual([
      { id: 1, action: 1 },
      { id: 2, action: 0 },
    ]);
    expect(folder.files.get("answers-console.json")).toBe(before);
    expect(folder.files.get("answers-console.jsonl")).toBe('{"id":2,"action":0}\n');
  });

  it("keeps the whole lines of its log, and drops one that a kill has torn", async () => {
    const folder = memoryDrop();
    folder.drop("answers-console.jsonl", '{"id":1,"action":1}\n{"id":2,"act');
    const { heard } = await answers("0\nq\n", { folder });
    expect(heard).toEqual([
      { id: 1, action: 1 },
      { id: 2, action: 0 },
    ]);
    expect(folder.files.get("answers-console.jsonl")).toBe('{"id":1,"action":1}\n{"id":2,"action":0}\n');
  });

  it("releases the terminal when stopped, and keeps later input", async () => {
    const { input, terminal } = streams();
    const labeller = consoleLabeller({ terminal, names });
    const stop = new AbortController();
    const first = labeller.label(request, stop.signal)[Symbol.asyncIterator]();
    const pending = first.next();
    setTimeout(() => stop.abort(), 5);
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(input.isPaused()).toBe(true);
    input.write("1\n");
    const second = labeller.label(request, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await second.next()).value).toEqual([{ id: 1, action: 1 }]);
    await second.return?.();
  });
});

function suite<K extends KindName>(kind: K) {
  /** A pupil that asks, of whom a person types these lines. */
  async function taught(typed: string, folder = memoryDrop(), annotator?: string) {
    const { input, terminal, shown } = streams();
    input.end(typed);
    const pupil = createPupil(kind);
    const labeller = consoleLabeller({ terminal, asks: kind, names: kindCaseNames, folder, annotator });
    const received: number[] = [];
    let error: unknown;
    await learn(kind, pupil, labeller, { received: () => received.push(pupil.book.open.length) }).catch(
      (thrown) => {
        error = thrown;
      },
    );
    return { pupil, shown: shown(), folder, received, error };
  }
  const { typed, typedSecond, badLines } = cases[kind];
  const [first] = typed;

  it("is shown, answered, skipped and withdrawn", async () => {
    const { pupil, shown } = await taught(
      `${first}\ns\nw 7\n${first}\nw 1\n${`${first}\n`.repeat(2)}${typedSecond}\n${`${first}\n`.repeat(3)}`,
    );
    expect(shown).toContain(
      `\n${cases[kind].shown.replace("3 to go", "9 to go")}s skip, w withdraw the last answer, q stop\n> `,
    );
    expect(pupil.book).toMatchObject({ answered: 7, skipped: 1, withdrawn: 1, open: [] });
    expect(shown).toContain("there is no such answer to withdraw\n");
    expect(pupil.replies).toEqual(
      Object.fromEntries([3, 4, 5, 6, 7, 8, 9].map((id) => [id, answerOf(kind, id, id === 6 ? 1 : 0)])),
    );
  });

  it.each(badLines)("reports the reason and repeats the question after %j", async (line, reason) => {
    const { pupil, shown, error } = await taught(`${line}\n${first}\nq\n`);
    expect(shown).toContain(`> ${reason}`);
    expect(pupil.replies).toEqual({ 1: answerOf(kind, 1) });
    expect(error).toBeInstanceOf(Paused);
  });

  it("records the annotator's name and the seconds taken, if a name is set", async () => {
    const { pupil, folder } = await taught(`${first}\ns\nq\n`, memoryDrop(), "ada");
    const { annotator, seconds } = pupil.replies[1];
    expect(annotator).toBe("ada");
    expect(seconds).toBeGreaterThan(0);
    const kept = folder.files
      .get("answers-console.jsonl")!
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(kept).toMatchObject([
      { id: 1, annotator, seconds },
      { id: 2, annotator, skipped: true },
    ]);
  });

  it("keeps its answer after a kill at any time", async () => {
    const whole = await taught(`${first}\n`.repeat(QUESTIONS));
    for (let answered = 0; answered < QUESTIONS; answered++) {
      // The pupil of the killed run is lost: all that is left is the folder.
      const killed = await taught(`${`${first}\n`.repeat(answered)}q\n`);
      expect(killed.pupil.book.answered).toBe(answered);
      const resumed = await taught(`${first}\n`.repeat(QUESTIONS - answered), killed.folder);
      expect(resumed.pupil).toEqual(whole.pupil);
      expect(resumed.shown).toContain(`query ${answered + 1} (`);
      expect(resumed.shown).not.toContain(`query ${answered} (`);
      if (answered > 0) expect(resumed.received[0]).toBe(QUESTIONS - answered);
    }
  });
}

describe.each(kindNames)("a question of kind %s at the console", suite);
