import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gru, initialisers, layoutOf, mlp, type ParameterTree, type TensorTree } from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/state/safetensors.js";
import * as t from "../../src/tensor/index.js";
import { evaluate, expectClose, values } from "./support.js";

const parameter = (...shape: number[]) => ({ shape, initialise: initialisers.normal(1) });

const small = { w: parameter(2, 3), nested: { b: parameter(3), scale: parameter() } };

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 });
const names = fc
  .string({ minLength: 1, maxLength: 4 })
  .filter((name) => !name.includes(".") && name !== "__proto__");
const { tree: trees } = fc.letrec<{ tree: ParameterTree; node: ParameterTree[string] }>((tie) => ({
  tree: fc.dictionary(names, tie("node"), { minKeys: 1, maxKeys: 4 }) as fc.Arbitrary<ParameterTree>,
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    shapes.map((shape) => parameter(...shape)),
    tie("tree"),
  ),
}));

describe("layoutOf", () => {
  test("flattening an unflattened vector returns it, for any tree", async () => {
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const layout = layoutOf(tree);
        const vector = layout.initialise(createRng(1));
        const program = t.program({ vector: t.float32([layout.size]) }, (x) => {
          const tensors = layout.unflatten(x.vector);
          // Negated twice, so that the program is more than the identity.
          return { out: t.neg(layout.flatten(tensors)) };
        });
        expect(program.interpret({ vector }).out).toEqual(Float64Array.from(vector, (v) => -v));
        expect(layout.fromNamed(layout.views(vector))).toEqual(vector);
        let end = 0;
        for (const { offset, size } of layout.entries) {
          expect(offset).toBe(end);
          end += size;
        }
        expect(end).toBe(layout.size);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("the parts of a vector hold the same tensors, with the same gradient, and large ones stand alone", () => {
    const tree = {
      first: parameter(3),
      large: parameter(128, 128),
      second: parameter(2, 2),
      third: parameter(),
      larger: parameter(20_000),
      last: parameter(2),
    };
    const layout = layoutOf(tree);
    expect(layout.parts).toEqual([3, 128 * 128, 5, 20_000, 2]);
    expect(layoutOf(small).parts).toEqual([10]);
    const vector = layout.initialise(createRng(1));
    const program = t.program({ vector: t.float32([layout.size]) }, (x) => {
      const whole = layout.unflatten(x.vector);
      const parts = layout.unflattenParts(t.split(x.vector, layout.parts));
      const loss = (tensors: typeof whole) =>
        t.sum(
          t.mul(t.square(layout.flatten(tensors)), t.constant(Float32Array.from(vector, (_, i) => i % 7))),
        );
      return {
        joined: layout.flatten(parts),
        gradient: layout.gradient(loss(whole), whole),
        parts: t.concat(layout.gradientParts(loss(parts), parts)),
      };
    });
    const { joined, gradient, parts } = program.interpret({ vector });
    expect(joined).toEqual(Float64Array.from(vector));
    expect(parts).toEqual(gradient);
    expect(gradient.some((g) => g !== 0)).toBe(true);
  });

  test("names are joined by dots and shapes are those of the tree", () => {
    const layout = layoutOf(small);
    expect(layout.size).toBe(10);
    expect(layout.entries).toEqual([
      { name: "w", shape: [2, 3], offset: 0, size: 6 },
      { name: "nested.b", shape: [3], offset: 6, size: 3 },
      { name: "nested.scale", shape: [], offset: 9, size: 1 },
    ]);
  });

  test("each tensor holds its part of the vector, and the gradient has the layout of the vector", async () => {
    const layout = layoutOf(small);
    const vector = Float64Array.from({ length: 10 }, (_, i) => i + 1);
    const { scale, w, gradient } = await evaluate({ vector: values([10], vector) }, (x) => {
      const p: TensorTree<typeof small> = layout.unflatten(x.vector);
      // Σ w² + scale · Σ 2 b
      const loss = t.add(t.sum(t.square(p.w)), t.mul(p.nested.scale, t.sum(t.mul(p.nested.b, 2))));
      return { scale: p.nested.scale, w: p.w, gradient: layout.gradient(loss, p) };
    });
    expectClose(scale, [10], 0);
    expectClose(w, [1, 2, 3, 4, 5, 6], 0);
    expectClose(gradient, [2, 4, 6, 8, 10, 12, 20, 20, 20, 48], 1e-12);
  });

  test("initial values depend only on the seed", () => {
    const layout = layoutOf(mlp({ inputs: 3, hidden: [4], outputs: 2 }).parameters);
    expect(layout.initialise(createRng(5))).toEqual(layout.initialise(createRng(5)));
    expect(layout.initialise(createRng(5))).not.toEqual(layout.initialise(createRng(6)));
  });

  test("views share memory with the vector", () => {
    const layout = layoutOf(small);
    const vector = new Float32Array(10);
    layout.views(vector)["nested.b"].data[1] = 7;
    expect(vector[7]).toBe(7);
  });

  test("weights round-trip through a safetensors file", () => {
    const layout = layoutOf({
      policy: mlp({ inputs: 5, hidden: [8, 8], outputs: 2, layerNorm: true }).parameters,
      memory: gru({ inputs: 3, units: 4 }).parameters,
    });
    const vector = layout.initialise(createRng(2));
    const { tensors } = decodeSafetensors(encodeSafetensors(layout.views(vector)));
    expect(layout.fromNamed(tensors)).toEqual(vector);
    expect(Object.keys(tensors)).toContain("policy.norm1.scale");
    expect(Object.keys(tensors)).toContain("memory.state.bias");
  });

  test("a weight of another shape is refused with its name and both shapes", () => {
    const from = layoutOf({ net: mlp({ inputs: 3, hidden: [8], outputs: 2 }).parameters });
    const to = layoutOf({ net: mlp({ inputs: 4, hidden: [8], outputs: 2 }).parameters });
    const named = from.views(from.initialise(createRng(1)));
    expect(() => to.fromNamed(named)).toThrow(
      "parameter net.hidden0.weight has shape [4, 8] here, but the weights hold [3, 8] (24 values)",
    );
  });

  test("a weight of another shape with as many numbers is refused", () => {
    const layout = layoutOf(small);
    const named = layout.views(new Float32Array(10));
    expect(() => layout.fromNamed({ ...named, w: { ...named.w, shape: [3, 2] } })).toThrow(
      "parameter w has shape [2, 3] here, but the weights hold [3, 2]",
    );
  });

  test("missing and unexpected weights, and weights that are not numbers of the right kind, are named", () => {
    const layout = layoutOf(small);
    const { w, ...rest } = layout.views(new Float32Array(10));
    expect(() => layout.fromNamed({ ...rest, extra: w })).toThrow("missing: w; not expected: extra");
    expect(() => layout.fromNamed({ ...rest, w: { shape: [2, 3], data: new BigInt64Array(6) } })).toThrow(
      "parameter w is a BigInt64Array; weights are Float32Array",
    );
  });

  test("a tree that cannot be laid out is refused", () => {
    expect(() => layoutOf({})).toThrow("the tree has no parameters");
    expect(() => layoutOf({ "a.b": parameter(1) })).toThrow('parameter name "a.b" contains a dot');
    expect(() => layoutOf({ a: { b: parameter(2, 0) } })).toThrow("parameter a.b has shape [2, 0]");
    expect(() => layoutOf(small).views(new Float32Array(9))).toThrow(
      "the layout holds 10 numbers, the vector 9",
    );
  });
});
