/** @file Each kind of question: valid answers, their JSON and typed forms, and the display at the console. */

import { describe, expect, it } from "vitest";
import type { KindName } from "../../../src/people/index.js";
import { kinds } from "../../../src/people/kinds/index.js";
import { describeSegment } from "../../../src/people/segment.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { cases, kindNames, names } from "../kind-cases.js";

function suite<K extends KindName>(name: K) {
  const kind = kinds[name];
  const { context, subjects, replies, written, typed, typedSecond, bad, badLines, header, record } =
    cases[name];

  it("reads what it writes, and every other spelling as the same reply", () => {
    expect(kind.field).toBe(written.field);
    for (const reply of replies) {
      const text = JSON.parse(JSON.stringify(kind.write(reply)));
      expect(kind.read(text, context, subjects[0])).toEqual(reply);
    }
    expect(kind.write(replies[0])).toEqual(written.value);
    for (const value of written.also) expect(kind.read(value, context, subjects[0])).toEqual(replies[0]);
  });

  it("gives an example that can be read", () => {
    const [subject] = subjects;
    const value = JSON.parse(name === "action" ? "[0, 0]" : kind.example);
    const reply = kind.read(name === "critique" ? [[1, 2]] : value, context, subject);
    expect(reply).toHaveProperty(kind.field);
    expect(typeof kind.read(JSON.parse(kind.example), context)).toBe(name === "action" ? "string" : "object");
  });

  it.each(typed)("reads the line %j as its first reply", (line) => {
    expect(kind.read(kind.parse(line, context, names), context, subjects[0])).toEqual(replies[0]);
  });

  it("reads a line as its second reply", () => {
    expect(kind.read(kind.parse(typedSecond, context, names), context, subjects[0])).toEqual(replies[1]);
  });

  it.each(bad)("refuses the value %j with the reason", (value, reason) => {
    expect(kind.read(value, context, subjects[0])).toContain(reason);
  });

  it.each(badLines)("refuses the line %j with the reason", (line, reason) => {
    expect(kind.read(kind.parse(line, context, names), context, subjects[0])).toContain(reason);
  });

  it("writes its questions as JSON with all that is needed to answer them", () => {
    expect(JSON.parse(JSON.stringify(kind.header(context)))).toEqual(header);
    expect(JSON.parse(JSON.stringify(kind.record(subjects[0], context)))).toEqual(record);
  });
}

describe.each(kindNames)("a question of kind %s", suite);

describe("an action", () => {
  const context = { env: "E", observationSpace: discrete(2), actionSpace: discrete(2) };

  it("may be typed by its name, also if the name is a number", () => {
    expect(kinds.action.parse("RIGHT", context, names)).toBe(1);
    expect(kinds.action.parse("0", context, { actions: ["1", "0"] })).toBe(1);
  });
});

describe("a segment at the console", () => {
  it("shows twelve equally spaced steps if it is long, the first and the last included", () => {
    const steps = 100;
    const segment = {
      observations: Float32Array.from({ length: 2 * (steps + 1) }, (_, i) => i / 2),
      actions: Float32Array.from({ length: steps }, (_, t) => t),
    };
    const context = { env: "E", observationSpace: box([2], 0, 200), actionSpace: box([1], 0, 200) };
    const lines = describeSegment(segment, context, { observations: ["x"] });
    expect(lines.length).toBe(13);
    expect(lines[0]).toBe("  step 0: x 0, 0.5000 → 0");
    expect(lines[1]).toBe("  step 9: x 9, 9.500 → 9");
    expect(lines[11]).toBe("  step 99: x 99, 99.50 → 99");
    expect(lines[12]).toBe("  end: x 100, 100.5");
  });
});
