/** @file Labelled sets in files: IDX, CSV, JSON lines and arrays of numpy, and what is refused. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLabelled } from "../../../src/datasets/labelled/read.js";
import { FormatError, UsageError } from "../../../src/errors.js";
import { npy as npyFile } from "../../support/npy.js";
import { zipOf } from "../../support/zip.js";

const folder = () => mkdtempSync(join(tmpdir(), "labelled-"));
const written = (name: string, content: string | Uint8Array, at = folder()) => {
  writeFileSync(join(at, name), content);
  return join(at, name);
};
const npy = (shape: number[], data: number[]) =>
  npyFile(
    `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`,
    Float64Array.from(data),
  );
const zip = (members: Record<string, Uint8Array>) =>
  zipOf(Object.fromEntries(Object.entries(members).map(([name, content]) => [name, { content }])));
const bigEndian = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const idx = (type: number, shape: number[], data: number[]) =>
  Uint8Array.from([0, 0, type, shape.length, ...shape.flatMap(bigEndian), ...data]);

/** Three images of 2×2 pixels for training, and two for the test. */
function mnist(own: Record<string, Uint8Array> = {}) {
  const at = folder();
  const pixels = (count: number) => Array.from({ length: 4 * count }, (_, i) => 51 * (i % 6));
  const files = {
    "train-images-idx3-ubyte.gz": gzipSync(idx(8, [3, 2, 2], pixels(3))),
    "train-labels-idx1-ubyte.gz": gzipSync(idx(8, [3], [2, 0, 2])),
    "t10k-images-idx3-ubyte": idx(8, [2, 2, 2], pixels(2)),
    "t10k-labels-idx1-ubyte": idx(8, [2], [1, 0]),
    ...own,
  };
  for (const [name, content] of Object.entries(files)) written(name, content, at);
  return at;
}

describe("a folder of IDX files", () => {
  it("is images on [0, 1], and the test items of the files", async () => {
    const set = await readLabelled(mnist());
    expect(set.shape).toEqual([1, 2, 2]);
    expect(set.classes).toEqual(["0", "1", "2"]);
    expect([...set.labels!]).toEqual([2, 0, 2, 1, 0]);
    expect([...set.test!]).toEqual([3, 4]);
    expect(set.features).toHaveLength(20);
    expect([...set.features.subarray(0, 6)].map((x) => Math.round(x * 5))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is refused with the file and what does not fit", async () => {
    const refused = async (name: string, content: Uint8Array) => readLabelled(mnist({ [name]: content }));
    const images = "train-images-idx3-ubyte.gz";
    await expect(refused(images, idx(7, [3, 2, 2], [0]))).rejects.toThrow(
      /train-images-idx3-ubyte.gz: it begins with 0x00000703; an IDX file/,
    );
    await expect(refused(images, idx(8, [3, 2, 2], [1, 2, 3]))).rejects.toThrow(
      "need 12 bytes, but 3 follow",
    );
    await expect(refused(images, Uint8Array.of(0, 0))).rejects.toThrow("it has 2 bytes");
    await expect(refused(images, gzipSync(idx(8, [3, 2, 2], [0])).subarray(0, 12))).rejects.toThrow(
      "damaged or truncated gzip",
    );
    await expect(refused("train-labels-idx1-ubyte.gz", idx(8, [2], [0, 1]))).rejects.toThrow(
      "the classes are [2], and there are 3 items",
    );
    await expect(refused("t10k-images-idx3-ubyte", idx(8, [2, 1, 2], [0, 0, 0, 0]))).rejects.toThrow(
      "its items are [1, 2, 2], and those of the test [1, 1, 2]",
    );
    await expect(refused("other-images-idx3-ubyte", idx(8, [1, 2, 2], [0, 0, 0, 0]))).rejects.toThrow(
      UsageError,
    );
    await expect(readLabelled(folder())).rejects.toThrow("must have IDX files");
    await expect(readLabelled(join(folder(), "nothing.csv"))).rejects.toThrow(UsageError);
  });
});

describe("a CSV file", () => {
  it("has a header with the class in a column of its own, or the class in the last column", async () => {
    const headed = await readLabelled(
      written("a.csv", 'item,width,label,height\nx,1,cat,2\n"y, z",3,dog,4\nw,5,,6\n'),
    );
    expect(headed.classes).toEqual(["cat", "dog"]);
    expect([...headed.labels!]).toEqual([0, 1, -1]);
    expect([...headed.features]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(headed.names).toEqual(["x", "y, z", "w"]);
    const bare = await readLabelled(written("digits.tes", "0,1,10\n2,3,9\n4,5,10\n"));
    expect(bare.classes).toEqual(["9", "10"]);
    expect([...bare.labels!]).toEqual([1, 0, 1]);
    const packed = await readLabelled(written("a.csv.gz", gzipSync("a;b;y\n1;2;0\n3;4;1\n")));
    expect([...packed.features]).toEqual([1, 2, 3, 4]);
  });

  it("may have no labels, or some", async () => {
    const set = await readLabelled(written("a.csv", "a,b\n1,2\n3,4\n"));
    expect([set.labels, set.classes]).toEqual([undefined, []]);
    const some = await readLabelled(written("b.csv", "a,y\n1,no\n2,\n"));
    expect([[...some.labels!], some.classes]).toEqual([[0, -1], ["no"]]);
  });

  it("is refused with the line and the cell", async () => {
    const refused = (text: string) => readLabelled(written("a.csv", text));
    await expect(refused("")).rejects.toThrow("it is empty");
    await expect(refused("a,label\n1,x\nz,y\n")).rejects.toThrow('line 3: the feature "a" is "z"');
    await expect(refused("a,label\n1,x\n2\n")).rejects.toThrow(
      "line 3: it has 1 cells, and the first line 2",
    );
    await expect(refused("a,a,label\n1,2,x\n")).rejects.toThrow('the column "a" is there twice');
    await expect(refused("label\nx\n")).rejects.toThrow(FormatError);
    await expect(refused('a,label\n1,"x\n')).rejects.toThrow("a quoted cell does not end");
  });
});

describe("JSON lines", () => {
  it("are features, images or texts", async () => {
    const image =
      '{"features": [[1, 2], [3, 4]], "label": "a"}\n{"features": [[5, 6], [7, 8]], "label": 7}\n';
    const set = await readLabelled(written("a.jsonl", image));
    expect([set.shape, [...set.features], set.classes]).toEqual([
      [2, 2],
      [1, 2, 3, 4, 5, 6, 7, 8],
      ["7", "a"],
    ]);
    const texts = '{"text": "Good good day", "label": "ham"}\n{"text": "buy now", "label": "spam"}\n';
    const words = await readLabelled(written("a.jsonl", texts));
    expect(words.texts).toEqual(["Good good day", "buy now"]);
    const [first, second] = [words.features.subarray(0, 1024), words.features.subarray(1024)];
    expect([...first].filter((n) => n > 0).sort()).toEqual([1, 2]);
    expect([...second].filter((n) => n > 0)).toEqual([1, 1]);
  });

  it("are refused with the line", async () => {
    const refused = (...lines: string[]) => readLabelled(written("a.jsonl", lines.join("\n")));
    const good = '{"features": [1, 2], "label": "a"}';
    await expect(refused(good, "{")).rejects.toThrow("line 2: it is not JSON");
    await expect(refused(good, "[1]")).rejects.toThrow("line 2: it must be an object");
    await expect(refused(good, '{"label": "b"}')).rejects.toThrow('line 2: it must have either "features"');
    await expect(refused(good, '{"features": [1], "label": "b"}')).rejects.toThrow("have the shape [1]");
    await expect(refused(good, '{"features": [1, null]}')).rejects.toThrow("a feature is null");
    await expect(refused(good, '{"text": "x"}')).rejects.toThrow(
      "row 2: some lines have features and others texts",
    );
    await expect(refused('{"features": [[1, 2], [3]]}')).rejects.toThrow("nested lists of different lengths");
    await expect(refused("")).rejects.toThrow("it has no items");
  });
});

describe("arrays of numpy", () => {
  const x = npy([3, 2], [1, 2, 3, 4, 5, 6]);
  const y = npy([3], [4, 0, 4]);

  it("are read from .npz, perhaps with a test part, and from .npy", async () => {
    const set = await readLabelled(written("a.npz", zip({ "x.npy": x, "y.npy": y })));
    expect([[...set.features], set.classes, [...set.labels!]]).toEqual([
      [1, 2, 3, 4, 5, 6],
      ["0", "4"],
      [1, 0, 1],
    ]);
    const parts = { "x_train.npy": x, "y_train.npy": y, "x_test.npy": x, "y_test.npy": y };
    expect([...(await readLabelled(written("a.npz", zip(parts)))).test!]).toEqual([3, 4, 5]);
    const bare = await readLabelled(written("a.npy", x));
    expect([bare.shape, bare.labels]).toEqual([[2], undefined]);
  });

  it("are refused with what is there", async () => {
    await expect(readLabelled(written("a.npz", zip({ "z.npy": x })))).rejects.toThrow("it has the arrays z;");
    await expect(
      readLabelled(written("a.npz", zip({ "x.npy": x, "y.npy": npy([2], [0, 1]) }))),
    ).rejects.toThrow("the classes are [2], and there are 3 items");
    await expect(
      readLabelled(written("a.npz", zip({ "x.npy": x, "y.npy": npy([3], [0, 1, 0.5]) }))),
    ).rejects.toThrow("the class of item 2 is 0.5");
  });
});

describe("damaged files", () => {
  it("end with an error that names the file, or are read", async () => {
    const whole = idx(
      8,
      [4, 2, 2],
      Array.from({ length: 16 }, (_, i) => i),
    );
    const path = join(folder(), "a-idx3-ubyte");
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (at, byte, end) => {
        writeFileSync(path, whole.with(at, byte).subarray(0, end));
        const read = readLabelled(path);
        await read.catch((error: Error) => {
          expect(error instanceof FormatError || error instanceof UsageError).toBe(true);
          expect(error.message).toContain(path);
        });
      }),
      { numRuns: 200 },
    );
  });
});
