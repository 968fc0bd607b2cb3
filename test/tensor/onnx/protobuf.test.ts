/** @file Protocol buffers: the published examples, and messages that another library reads. */

import fc from "fast-check";
import protobuf from "protobufjs/light.js";
import { describe, expect, it } from "vitest";
import { type Messages, messageEncoder } from "../../../src/tensor/onnx/protobuf.js";

const messages: Messages = {
  Tree: {
    real: [1, "double"],
    small: [2, "float"],
    count: [3, "int64"],
    kind: [4, "int32"],
    label: [5, "string"],
    data: [6, "bytes"],
    counts: [7, "int64"],
    labels: [16, "string"],
    child: [17, "Tree"],
    children: [300, "Tree"],
  },
};

const encode = (tree: object) => messageEncoder(messages)("Tree", tree);
const hex = (tree: object) => Buffer.from(encode(tree)).toString("hex");

describe("a message", () => {
  it("has the bytes of the published examples", () => {
    // https://protobuf.dev/programming-guides/encoding: a number, a text, a message in a message, a packed list.
    expect(messageEncoder({ Test1: { a: [1, "int32"] } })("Test1", { a: 150 })).toEqual(
      Uint8Array.of(0x08, 0x96, 0x01),
    );
    expect(messageEncoder({ Test2: { b: [2, "string"] } })("Test2", { b: "testing" })).toEqual(
      Uint8Array.of(0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67),
    );
    const nested: Messages = { Test1: { a: [1, "int32"] }, Test3: { c: [3, "Test1"] } };
    expect(messageEncoder(nested)("Test3", { c: { a: 150 } })).toEqual(
      Uint8Array.of(0x1a, 0x03, 0x08, 0x96, 0x01),
    );
    expect(messageEncoder({ Test5: { f: [6, "int32"] } })("Test5", { f: [3, 270, 86942] })).toEqual(
      Uint8Array.of(0x32, 0x06, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05),
    );
  });

  it("writes zeros that are given, and nothing for what is not given and for empty lists", () => {
    expect(hex({ count: 0, label: "" })).toBe("18002a00");
    expect(hex({ count: undefined, counts: [], children: [] })).toBe("");
    expect(hex({ child: {} })).toBe("8a0100");
  });

  it("writes negative integers as 64 bits", () => {
    expect(hex({ count: -2 })).toBe(`18fe${"ff".repeat(8)}01`);
  });
});

it("another library reads what was written", () => {
  const { Tree } = protobuf.Root.fromJSON({
    nested: {
      Tree: {
        // Zeros are read as they are given.
        edition: "2023",
        fields: Object.fromEntries(
          Object.entries(messages.Tree).map(([name, [id, type]]) => [
            name,
            { id, type, ...(/(s|ren)$/.test(name) && { rule: "repeated" }) },
          ]),
        ),
      },
    },
  }) as unknown as { Tree: protobuf.Type };
  const integer = fc.maxSafeInteger();
  const fields = {
    real: fc.double({ noNaN: true }),
    small: fc.float({ noNaN: true }),
    count: integer,
    kind: fc.integer(),
    label: fc.string({ unit: "grapheme" }),
    data: fc.uint8Array({ maxLength: 3000 }),
    counts: fc.array(integer, { minLength: 1 }),
    labels: fc.array(fc.string(), { minLength: 1 }),
  };
  const leaf = fc.record(fields, { requiredKeys: [] });
  const branch = { child: leaf, children: fc.array(leaf, { minLength: 1, maxLength: 3 }) };
  const tree = fc.record({ ...fields, ...branch }, { requiredKeys: [] });
  fc.assert(
    fc.property(tree, (written) => {
      const read = Tree.toObject(Tree.decode(encode(written)), { longs: Number });
      const plain = (value: unknown) =>
        JSON.stringify(value, (_, node) => (ArrayBuffer.isView(node) ? [...(node as Uint8Array)] : node));
      expect(JSON.parse(plain(read))).toEqual(JSON.parse(plain(written)));
    }),
    { numRuns: 100 },
  );
});
