/** @file A person at a terminal: what is shown, what may be typed, and what is kept. */

import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import "../../envs/index.js";
import { make } from "../../envs/index.js";
import { makeVector } from "../../src/env/vector.js";
import { readCommand } from "../../src/people/console-labeller.js";
import {
  type Answer,
  consoleLabeller,
  type LabelRequest,
  Paused,
  picturesOf,
  type Query,
} from "../../src/people/index.js";
import { stateOf } from "../../src/people/states.js";
import { streamTerminal } from "../../src/people/terminal.js";
import { box, discrete } from "../../src/spaces/index.js";
import { memoryDrop } from "./memory-drop.js";

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
  it("shows each query and reads an action, a skip, and again what was unclear", async () => {
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

  it("withdraws after a resume what was answered before, and nothing that is still to be shown", async () => {
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

  it("writes over nothing that it cannot read", async () => {
    const folder = memoryDrop();
    folder.drop("answers-console.json", '[{ "id": 1, "action": ');
    await answers("0\nq\n", { folder });
    expect(folder.files.get("answers-console.json")).toBe('[{ "id": 1, "action": ');
    expect(folder.files.get("answers-console-2.json")).toContain('{"id":1,"action":0}');
  });

  it("lets go of the terminal when it is stopped, and keeps what is typed meanwhile", async () => {
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

  it("refuses to ask where nobody is", () => {
    expect(() => streamTerminal(new PassThrough(), process.stderr)).toThrow(
      "the console labeller needs a terminal to ask questions in",
    );
  });
});

describe("a picture of a query", () => {
  it.each([
    "FrozenLake-v1",
    "CartPole-v1",
    "PointNavigation-v0",
    "Taxi-v3",
  ])("of %s is that of the environment it comes from", async (id) => {
    const vector = await makeVector(id, 3, { seed: 5 });
    for (let step = 0; step < 4; step++) {
      const width = vector.actionSpace.kind === "box" ? 2 : 1;
      const actions = Array.from({ length: 3 * width }, (_, i) => (step + i) % 2);
      vector.step(width === 1 ? Int32Array.from(actions) : Float32Array.from(actions));
    }
    const picture = picturesOf(await make(id))!;
    const pictures = [0, 1, 2].map((i) => picture({ ...query(1), state: stateOf(vector.getState(), i, 3) }));
    const alone = await Promise.all(
      [0, 1, 2].map(async (i) => {
        const single = await makeVector(id, 1);
        single.setState(partOfOne(vector.getState(), i));
        return Array.from(single.observations);
      }),
    );
    expect(alone.flat()).toEqual(Array.from(vector.observations));
    for (const drawn of pictures) expect(Object.values(drawn!)[0]).toMatch(/\S/);
    expect(picture(query(1))).toBeUndefined();
  });
});

const partOfOne = (state: Parameters<typeof stateOf>[0], i: number) => stateOf(state, i, 3);
