/** @file Rows of metrics that no run wrote. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FormatError } from "../../../src/errors.js";
import { readRows } from "../../../src/runs/sinks/jsonl.js";

const folder = mkdtempSync(join(tmpdir(), "rows-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a row of metrics", () => {
  it.each([
    ["too long", `{"steps": 1, "x": "${"y".repeat(2 ** 24)}"}`, "it has 16777237 bytes, more than 16777216"],
    ["too deep", `{"steps": 1, "x": ${"[".repeat(10_000)}${"]".repeat(10_000)}}`, "more than 1024 levels"],
    ["not an object", "[1, 2]", 'not a row of numbers with "steps": [1,2]'],
  ])("is refused with its line if it is %s", (_, line, message) => {
    writeFileSync(join(folder, "metrics.jsonl"), `{"steps":0}\n${line}\n`);
    expect(() => readRows(folder, "metrics")).toThrow(FormatError);
    expect(() => readRows(folder, "metrics")).toThrow(message);
    expect(() => readRows(folder, "metrics")).toThrow("metrics.jsonl, line 2: ");
  });
});
