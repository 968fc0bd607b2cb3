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
      text: rows.map((row) => JSON.stringify({ ...row, colour: 2 })).join("\n"),
    },
  ])("reads $layout", async ({ text }) => {
    expect(await readAnnotations(bytes(text))).toEqual(expected);
  });

  it.each([
    {
      layout: "CSV",
      text: "seconds,item,weight,annotator,label,at\n2,p1,0.5,ann,cat,9\n,p2,,bob,dog,9\n4,p1,2,bob,dog,9",
    },
    {
      layout: "JSON lines",
      text: rows
        .map((row, n) => ({ ...row, weight: [0.5, null, "2"][n], seconds: [2, undefined, 4][n], time: 9 }))
        .map((row) => JSON.stringify(row))
        .join("\n"),
    },
  ])("reads weights and seconds of $layout", async ({ text }) => {
    const read = await readAnnotations(bytes(text));
    expect(read).toEqual({
      ...expected,
      weight: new Float64Array([0.5, 2, 1]),
      seconds: new Float64Array([2, 4, Number.NaN]),
    });
  });

  it("counts rows that repeat another one, and keeps them", async () => {
    const text = "item,annotator,label,at\n1,a,x,9\n2,a,x,9\n1,b,x,9\n1,a,x,9\n1,a,y,9\n1,a,x,8\n1,a,x,9\n";
    const read = await readAnnotations(bytes(text));
    expect(read.duplicates).toBe(2);
    expect(read.label).toHaveLength(7);
    expect(await readAnnotations(bytes("item,annotator,label\n1,a,x\n1,a,y\n1,b,x"))).not.toHaveProperty(
      "duplicates",
    );
  });

  it("reads a log of answers: the last word of each annotator about each question", async () => {
    const ann = { annotator: "ann" };
    const bob = { annotator: "bob" };
    const eve = { annotator: "eve" };
    const log = [
      { session: "s", at: "2030-01-01T12:00:00Z" },
      { id: 1, label: "cat", ...ann, seconds: 3, at: "2030-01-01T12:00:00Z" },
      { id: 1, label: "dog", ...bob },
      { id: 1, label: "dog", ...ann, seconds: 2, at: "2030-01-01T12:01:00Z", nonce: "n" },
      { id: 2, label: "cat", ...ann },
      { id: 2, withdrawn: true, ...ann },
      { id: 2, label: "dog", ...ann },
      { id: 3, label: "cat", ...bob },
      { id: 3, undone: true, ...bob },
      { id: 4, label: "dog", ...bob },
      { id: 4, undone: true, ...bob },
      { id: 4, label: "cat", ...bob },
      { id: 1, label: "cat", ...bob, check: true },
      { id: 5, label: "cat", ...bob },
      { id: 5, skipped: true, ...bob },
      { id: 6, label: "cat", ...eve },
      { ...eve, use: false },
    ];
    const text = log.map((line) => `${JSON.stringify(line)}\n`).join("");
    const read = await readAnnotations(bytes(`${text}{"id":7,"label":"ca`));
    const { names, itemStart, annotator, label } = read;
    const answers = names.items.flatMap((item, i) =>
      Array.from({ length: itemStart[i + 1] - itemStart[i] }, (_, n) => {
        const at = itemStart[i] + n;
        return `${item} ${names.annotators[annotator[at]]} ${names.classes[label[at]]}`;
      }),
    );
    expect(answers).toEqual(["1 bob dog", "1 ann dog", "4 bob cat"]);
    expect([...read.seconds!]).toEqual([Number.NaN, 2, Number.NaN]);
    await expect(readAnnotations(bytes(`${text}{"id":7,"label":"ca\n`))).rejects.toThrow(
      "line 18: it is no JSON",
    );
  });

  it("reads the replies of a log to comparisons", async () => {
    const log = ["left", "right"].map((choice, n) => ({ id: n + 1, choice, annotator: "ann" }));
    const { names } = await readAnnotations(bytes(log.map((line) => JSON.stringify(line)).join("\n")));
    expect(names).toEqual({ items: ["1", "2"], annotators: ["ann"], classes: ["left", "right"] });
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
    {
      text: "item,annotator,label,weight\n1,2,3,1\n1,3,3,-2",
      message: 'line 3: the weight is "-2"; it must be a number, at least 0',
    },
    { text: '{"item":1,"annotator":2,"label":3,"weight":"Infinity"}', message: 'the weight is "Infinity"' },
    { text: "item,annotator,label,seconds\n1,2,3,fast", message: 'line 2: the seconds are "fast"' },
    { text: '{"id":1,"label":"x"}', message: 'line 1: its "annotator" is undefined' },
    { text: '{"id":1,"annotator":"a","label":"x"}\n[1]\n', message: "line 2: it is no JSON object" },
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
