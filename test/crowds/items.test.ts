/** @file Items with features: rows and files, and what is refused, with its place. */

import { describe, expect, it } from "vitest";
import { itemsFrom, readItems } from "../../src/crowds/index.js";
import { FormatError, UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("items", () => {
  it("are read from CSV, with or without the true classes", async () => {
    const found = await readItems(bytes('\uFEFFx,item,truth,"y, z"\r1,"a ""1""",cat,2.5\r\n-1e3,b,,0\n\n'));
    expect(found.columns).toEqual(["x", "y, z"]);
    expect([...found.features]).toEqual([1, 2.5, -1000, 0]);
    expect(found.names).toEqual(['a "1"', "b"]);
    expect(found.truth).toEqual(["cat", ""]);
    const without = await readItems(bytes("id;f\n7;0.5\n"));
    expect(without).toEqual({ names: ["7"], columns: ["f"], features: Float32Array.of(0.5) });
  });

  it.each([
    ["", /is empty/],
    ["item,x\n", /no items/],
    ["x,y\n1,2\n", /no column "item" among x, y/],
    ["item,x,x\na,1,2\n", /"x" is there twice/],
    ["item,truth\na,cat\n", /nothing to learn from/],
    ["item,x\na,1\nb,two\n", /line 3: the feature "x" is "two"/],
    ["item,x\na,\n", /line 2: the feature "x" is ""/],
    ["item,x\na,NaN\n", /"NaN"/],
    ["item,x\na,1\na,2\n", /line 3: the item "a" is there twice/],
    ["item,x\na,1,2\n", /line 2: it has 3 cells, and the header 2/],
    ["item,x\n,1\n", /line 2: the item is empty/],
    ['item,x\n"a,1\n', /quoted/],
  ])("refuse %j", async (text, message) => {
    const read = readItems(bytes(text));
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toThrow(FormatError);
  });

  it("from rows are lists or records of numbers", () => {
    const list = itemsFrom([
      { item: 1, features: [1, 2], truth: "a" },
      { item: 2, features: Float32Array.of(3, 4) },
    ]);
    expect(list.columns).toEqual(["feature 1", "feature 2"]);
    expect(list.truth).toEqual(["a", ""]);
    const record = itemsFrom([
      { item: 1, features: { x: 1, y: 2 } },
      { item: 2, features: { y: 3, x: 4 } },
    ]);
    expect([...record.features]).toEqual([1, 2, 4, 3]);
    const refused = [
      [],
      [{ item: 1, features: [] }],
      [{ item: 1, features: [Number.NaN] }],
      [
        { item: 1, features: [1] },
        { item: 2, features: [1, 2] },
      ],
      [
        { item: 1, features: { x: 1 } },
        { item: 2, features: { y: 1 } },
      ],
      [
        { item: 1, features: [1] },
        { item: "1", features: [2] },
      ],
    ];
    for (const rows of refused) expect(() => itemsFrom(rows as never)).toThrow(UsageError);
  });

  it("are read or refused, whatever the bytes", async () => {
    const rng = createRng(0);
    const alphabet = [...'item,x1;"\r\n-\t', "é", "\u0000"];
    for (let n = 0; n < 200; n++) {
      const text = Array.from({ length: 60 }, () => alphabet[rng.integer(alphabet.length)]).join("");
      await readItems(bytes(`item,x\n${text}`)).catch((error) => expect(error).toBeInstanceOf(FormatError));
    }
  });
});
