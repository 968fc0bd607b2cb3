/** @file Files of answers: every layout, quotes, line ends, damage with its place, and long files. */

import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { annotationsFrom, readAnnotations } from "../../src/crowds/index.js";
import { FormatError, UsageError } from "../../src/errors.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const rows = [
  { item: "p1", annotator: "ann", label: "cat" },
  { item: "p2", annotator: "bob", label: "dog" },
  { item: "p1", annotator: "bob", label: "dog" },
];
const expected = annotationsFrom(rows);

describe("readAnnotations", () => {
  it.each([
    { layout: "CSV", text: "item,annotator,label\np1,ann,cat\np2,bob,dog\np1,bob,dog\n" },
    { layout: "CSV of crowd-kit", text: "task,worker,label\np1,ann,cat\np2,bob,dog\np1,bob,dog" },
    {
      layout: "other columns, CR LF, a byte order mark",
      text: "\ufeffat,label,item,annotator\r\n1,cat,p1,ann\r\n2,dog,p2,bob\r\n\r\n3,dog,p1,bob\r\n",
    },
    { layout: "CR alone", text: "item;annotator;label\rp1;ann;cat\rp2;bob;dog\rp1;bob;dog\r" },
    {
      layout: "quotes and tabs",
      text: 'item\tannotator\tlabel\n"p1"\t ann \tcat\np2\tbob\t"dog"\np1\tbob\tdog',
    },
    {
      layout: "JSON lines",
      text: rows.map((row) => JSON.stringify({ ...row, seconds: 2 })).join("\n"),
    },
  ])("reads $layout", async ({ text }) => {
    expect(await readAnnotations(bytes(text))).toEqual(expected);
  });

  it("reads a dense table, −1 for no label", async () => {
    const { itemStart, annotator, label, names } = await readAnnotations(bytes("-1 3\r\n10 -1\r\n10 3"));
    expect([...itemStart]).toEqual([0, 1, 2, 4]);
    expect([...label]).toEqual([0, 1, 1, 0]);
    expect([...annotator].map((l) => names.annotators[l])).toEqual(["1", "0", "0", "1"]);
    expect(names.classes).toEqual(["3", "10"]);
  });

  it("reads what it wrote, with any names", async () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((text) => !/[\r\n]/.test(text) && text === text.trim());
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const answers = fc.array(fc.record({ item: name, annotator: name, label: name }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(answers, async (list) => {
        const lines = list.map(({ item, annotator, label }) =>
          [item, annotator, label].map(quoted).join(","),
        );
        const read = await readAnnotations(bytes(["item,annotator,label", ...lines].join("\n")));
        expect(read).toEqual(annotationsFrom(list));
      }),
      { numRuns: 100 },
    );
  });

  it("never fails in another way than by a FormatError, and never loses a line silently", async () => {
    const text = "item,annotator,label\np1,ann,cat\np2,bob,dog\np1,bob,dog\n";
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), async (at, put) => {
        const damaged = bytes(text.slice(0, at) + put + text.slice(at + 1));
        const read = await readAnnotations(damaged).catch((error: Error) => error);
        if (read instanceof Error) expect(read).toBeInstanceOf(FormatError);
        else expect(read.label.length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    { text: "", message: "is empty" },
    { text: "item,annotator\n1,2", message: 'line 1: there is no column "label" among item, annotator' },
    { text: "item,anotator,label\n1,2,3", message: 'did you mean "anotator"' },
    { text: "item,annotator,label,item\n1,2,3,4", message: 'line 1: the column "item" is there twice' },
    { text: "item,annotator,label\n1,2,3\n1,2", message: "line 3: it has 2 cells, and the header 3" },
    { text: "item,annotator,label\n1,,3", message: "line 2: the annotator is empty" },
    { text: 'item,annotator,label\n1,"2,3', message: "line 2: a quoted cell does not end" },
    { text: "item,annotator,label", message: "there are no annotations" },
    {
      text: '{"item":1,"annotator":2,"label":3}\n{"item":1}',
      message: 'line 2: its "annotator" is undefined',
    },
    { text: '{"item":1,"annotator":2,"label":3}\n{"item"', message: "line 2: it is no JSON" },
    { text: "1 2\n1 2 3", message: "line 2: it has 3 numbers, and the first line 2" },
    { text: "1 2\n1 x", message: '"x" is no whole number' },
  ])("refuses $text", async ({ text, message }) => {
    const refused = readAnnotations(bytes(text));
    await expect(refused).rejects.toThrow(FormatError);
    await expect(refused).rejects.toThrow(message);
  });

  it("refuses labels outside the given classes, and a line without an end", async () => {
    const text = "item,annotator,label\n1,2,3\n1,3,4\n";
    await expect(readAnnotations(bytes(text), { classes: [3] })).rejects.toThrow(/row 2: the label is "4"/);
    await expect(readAnnotations(bytes("x".repeat(2 ** 20 + 1)))).rejects.toThrow(
      "more than 1048576 characters",
    );
  });
});

describe("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "annotations-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is read piece by piece, also where a piece ends between CR and LF or within a letter", async () => {
    const path = join(folder, "long.csv");
    const out = createWriteStream(path);
    out.write("item,annotator,label\r\n");
    for (let n = 0; n < 20_000; n++) out.write(`${n % 5000},é${n % 7},${n % 3}\r\n`);
    await new Promise((resolve) => out.end(resolve));
    const read = await readAnnotations(path);
    expect(read).toMatchObject({ items: 5000, annotators: 7, classes: 3 });
    expect(read.label).toHaveLength(20_000);
    expect(read.names.annotators).toEqual(["é0", "é1", "é2", "é3", "é4", "é5", "é6"]);
  });

  it("that does not exist, or is a folder, is refused with its path", async () => {
    await expect(readAnnotations(join(folder, "none.csv"))).rejects.toThrow(/cannot read .*none\.csv/);
    await expect(readAnnotations(folder)).rejects.toThrow(UsageError);
  });
});
