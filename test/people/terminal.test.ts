/** @file A terminal made of two streams. */

import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { streamTerminal } from "../../src/people/terminal.js";

const typing = () => Object.assign(new PassThrough(), { isTTY: true });
const { signal } = new AbortController();

describe("a terminal", () => {
  it("is refused if the input is not a terminal", () => {
    expect(() => streamTerminal(new PassThrough(), process.stderr)).toThrow(
      "the console labeller needs a terminal, and standard input is not",
    );
  });

  it("reads lines from arbitrary chunks, also a last line without a newline", async () => {
    const input = typing();
    const terminal = streamTerminal(input, process.stderr);
    input.write("le");
    const first = terminal.readLine(signal);
    input.write("ft\r\nright\nst");
    input.end("ay");
    expect(await first).toBe("left");
    expect(await terminal.readLine(signal)).toBe("right");
    expect(await terminal.readLine(signal)).toBe("stay");
    expect(await terminal.readLine(signal)).toBeUndefined();
  });

  it("keeps lines for the next reader when one stops", async () => {
    const input = typing();
    const terminal = streamTerminal(input, process.stderr);
    const stop = new AbortController();
    const reading = terminal.readLine(stop.signal);
    stop.abort(new Error("stopped"));
    await expect(reading).rejects.toThrow("stopped");
    input.write("left\n");
    expect(await terminal.readLine(signal)).toBe("left");
  });
});
