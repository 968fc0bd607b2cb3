import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { decodeTree, encodeTree } from "../../src/state/checkpoint.js";
import { NO_CHECKSUM, seal } from "../../src/state/checksum.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/state/safetensors.js";
import type { Tree } from "../../src/state/snapshot.js";
import { damage } from "../support/damage.js";

const typedArrays = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int8Array(),
  fc.uint8Array(),
);

/** Keys and strings include the mark and the separator of the encoding, surrogate halves and `__proto__`. */
const awkward = fc.constantFrom(
  "$",
  "",
  "/",
  "~",
  "a/b",
  "~1",
  "__metadata__",
  "__proto__",
  "\ud800",
  "tree",
);
const key = fc.oneof(fc.string({ unit: "binary" }), awkward);

const { tree: trees } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(
      fc.double(),
      fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    ),
    fc.string({ unit: "binary" }),
    fc.constantFrom(null, undefined, true, false),
    typedArrays,
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

describe("encodeTree", () => {
  it("round-trips every tree bit for bit, with the types of its arrays", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const back = decodeTree(encodeTree(tree));
        // Tells −0 from 0, undefined from absent, and Float32Array from Float64Array.
        expect(back).toStrictEqual(tree);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("preserves random streams", () => {
    const rng = createRng("checkpoint").stream("env", 2);
    rng.normal();
    const bytes = encodeTree({ ...rng.getState() });
    const expected = [rng.uniform(), rng.normal()];
    const other = createRng(0);
    other.setState(decodeTree(bytes) as unknown as ReturnType<typeof rng.getState>);
    expect([other.uniform(), other.normal()]).toEqual(expected);
  });

  it("is a safetensors file with tensors named by path", () => {
    const weights = Float32Array.of(1, 2);
    const { tensors } = decodeSafetensors(
      encodeTree({ parameters: { layers: [{ weights }] }, "a/b": weights }),
    );
    expect(Object.keys(tensors).sort()).toEqual(["tree/a~1b", "tree/parameters/layers/0/weights"]);
    expect(tensors["tree/a~1b"].data).toEqual(weights);
  });
});

describe("decodeTree", () => {
  const bytes = encodeTree({
    steps: 3,
    weights: Float32Array.of(1, 2),
    best: Number.NaN,
    list: [{ a: 1 }, "text"],
  });

  it("reads the buffers of Node.js at any offset", () => {
    const pooled = Buffer.concat([Buffer.alloc(8), bytes]).subarray(8);
    expect(decodeTree(pooled)).toStrictEqual(decodeTree(bytes));
  });

  it("refuses a file that is not a tree, and names its type", () => {
    expect(() => decodeTree(new Uint8Array(3), "run/a.checkpoint")).toThrow(FormatError);
    expect(() => decodeTree(new Uint8Array(3), "run/a.checkpoint")).toThrow(/^run\/a\.checkpoint: /);
    const weights = encodeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } });
    expect(() => decodeTree(weights, "w.safetensors")).toThrow(
      "w.safetensors: this is a safetensors file, but it does not hold",
    );
  });

  it("refuses excessive nesting before the stack overflows", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;
    const bytesOf = (tree: string) =>
      seal(encodeSafetensors({}, { checksum: NO_CHECKSUM, format: "understudy.tree", version: "1", tree }));
    expect(decodeTree(bytesOf(nested(256)))).toEqual(JSON.parse(nested(256)));
    for (const depth of [257, 100_000]) {
      expect(() => decodeTree(bytesOf(nested(depth)), "a.checkpoint")).toThrow(FormatError);
      expect(() => decodeTree(bytesOf(nested(depth)), "a.checkpoint")).toThrow(
        /^a\.checkpoint: it has more than \d+ levels of nesting/,
      );
    }
    expect(decodeTree(encodeTree(JSON.parse(nested(256))))).toEqual(JSON.parse(nested(256)));
    expect(() => encodeTree(JSON.parse(nested(257)))).toThrow(UsageError);
  });

  it("refuses another version", () => {
    const newer = encodeSafetensors({}, { format: "understudy.tree", version: "2", tree: "1" });
    expect(() => decodeTree(newer)).toThrow("the format version is 2, but this release reads 1");
  });

  it("names a missing array, and one of an unsupported type", () => {
    const metadata = { ...decodeSafetensors(bytes).metadata, checksum: NO_CHECKSUM };
    const gone = seal(encodeSafetensors({}, metadata));
    expect(() => decodeTree(gone)).toThrow('the array "tree/weights" is missing');
    const wide = seal(
      encodeSafetensors({ "tree/weights": { shape: [1], data: new BigInt64Array(1) } }, metadata),
    );
    expect(() => decodeTree(wide)).toThrow('the array "tree/weights" is missing');
  });

  it("with random damage gives a FormatError, or a tree if the damage is undetectable", () => {
    fc.assert(
      fc.property(damage, (damaged) => {
        try {
          encodeTree(decodeTree(damaged(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
