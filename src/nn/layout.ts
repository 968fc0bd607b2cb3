/**
 * @file Maps trees of named parameters to one flat vector and back.
 *
 * Networks name their parameters in a tree. Optimisers, clipping, saving and target networks work on a single vector,
 * which is also much faster to update than one tensor per parameter.
 */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import type { Initialiser } from "./initialisers.js";

/** The shape and initialiser of one parameter of a network. */
export interface Parameter {
  readonly shape: readonly number[];
  readonly initialise: Initialiser;
}

/** Parameters by name, nested like the modules of the network. */
export interface ParameterTree {
  readonly [name: string]: Parameter | ParameterTree;
}

/** A parameter tree with each parameter replaced by a tensor. */
export type TensorTree<P = ParameterTree> = P extends Parameter
  ? Tensor
  : { readonly [K in keyof P]: TensorTree<P[K]> };

/** An array and its shape. */
export interface NamedArray<Data = Float32Array> {
  readonly shape: readonly number[];
  readonly data: Data;
}

/** The position of one parameter in the flat vector. */
export interface LayoutEntry {
  /** Names from the root down, joined by dots: `"policy.output.weight"`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly size: number;
}

/** The arrangement of a tree of parameters in a flat vector of `size` numbers. */
export interface Layout<P extends ParameterTree = ParameterTree> {
  readonly size: number;
  /** In the order of the vector. */
  readonly entries: readonly LayoutEntry[];
  /** A new vector of initial values. */
  initialise(rng: Rng): Float32Array;
  /** The tree of tensors that a flat vector `[size]` holds. */
  unflatten(vector: Tensor): TensorTree<P>;
  /** The tree of the parameters in `vector` as constants, each with its dotted name after `prefix`. */
  constants(vector: Float32Array, prefix?: string): TensorTree<P>;
  /** The tree of tensors `[M, …shape]` that M flat vectors `[M, size]` hold. */
  unflattenRows(vectors: Tensor): TensorTree<P>;
  /** The flat vector `[size]` that holds a tree of tensors; the inverse of `unflatten`. */
  flatten(tensors: TensorTree<P>): Tensor;
  /** The gradient `[size]` of a scalar with respect to the tensors of a tree from which it was computed. */
  gradient(loss: Tensor, tensors: TensorTree<P>): Tensor;
  /**
   * Sizes of consecutive parts of the vector: each large tensor is a part, and so is each run of smaller tensors
   * between them. A loop that carries the parts of a large network is faster than one that splits and joins its vector
   * in every iteration.
   */
  readonly parts: readonly number[];
  /** The tree of tensors stored in the parts of a vector, each `[size of the part]`. */
  unflattenParts(parts: readonly Tensor[]): TensorTree<P>;
  /** The parts of the vector that `gradient` returns. */
  gradientParts(loss: Tensor, tensors: TensorTree<P>): Tensor[];
  /** The parameters in `vector` by dotted name; the data are views, not copies. */
  views(vector: Float32Array): Record<string, NamedArray>;
  /**
   * The flat vector of named values, the inverse of `views`.
   * @throws UsageError when a parameter is missing, unknown, of another shape, or not of floats
   */
  fromNamed(named: Readonly<Record<string, NamedArray<ArrayBufferView>>>): Float32Array;
}

/** A tensor with at least this many numbers is a part of its own. */
const LARGE = 2 ** 14;

/** Groups consecutive entries; each large entry is a group of its own. */
function groupBySize(entries: readonly LayoutEntry[]): LayoutEntry[][] {
  const groups: LayoutEntry[][] = [];
  entries.forEach((entry, i) => {
    const alone = entry.size >= LARGE || entries[i - 1]?.size >= LARGE;
    if (i === 0 || alone) groups.push([entry]);
    else groups[groups.length - 1].push(entry);
  });
  return groups;
}

const isParameter = (node: Parameter | ParameterTree): node is Parameter =>
  typeof node.initialise === "function";

const formatShape = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/**
 * The layout of a tree of parameters in one vector, in the order of the tree. Throws UsageError for invalid names or
 * sizes.
 */
export function layoutOf<P extends ParameterTree>(tree: P): Layout<P> {
  const entries: LayoutEntry[] = [];
  const initialisers: Initialiser[] = [];
  let size = 0;

  const place = (branch: ParameterTree, prefix: string): void => {
    for (const [key, node] of Object.entries(branch)) {
      if (key.includes(".")) {
        throw new UsageError(`parameter name "${key}" contains a dot; dots separate the levels of names`);
      }
      const name = prefix + key;
      if (isParameter(node)) {
        const count = node.shape.reduce((a, b) => a * b, 1);
        if (!Number.isSafeInteger(count) || count < 1) {
          throw new UsageError(
            `parameter ${name} has shape ${formatShape(node.shape)}; sizes are positive integers`,
          );
        }
        entries.push({ name, shape: node.shape, offset: size, size: count });
        initialisers.push(node.initialise);
        size += count;
      } else place(node, `${name}.`);
    }
  };
  place(tree, "");
  if (size === 0) throw new UsageError("layoutOf: the tree has no parameters");
  const groups = groupBySize(entries);
  /** The tensors of consecutive entries stored in `vector`. */
  const tensorsIn = (vector: Tensor, among: readonly LayoutEntry[]) =>
    t
      .split(
        vector,
        among.map((entry) => entry.size),
      )
      .map((part, i) => t.reshape(part, among[i].shape));
  return {
    size,
    entries,
    initialise(rng) {
      const vector = new Float32Array(size);
      entries.forEach(({ offset, size, shape }, i) => {
        initialisers[i](vector.subarray(offset, offset + size), shape, rng);
      });
      return vector;
    },
    unflatten(vector) {
      return fill(tree, tensorsIn(vector, entries).values()) as TensorTree<P>;
    },
    constants(vector, prefix = "") {
      const tensors = entries.map(({ name, shape, offset, size }) =>
        t.constant(vector.subarray(offset, offset + size), shape, "float32", `${prefix}${name}`),
      );
      return fill(tree, tensors.values()) as TensorTree<P>;
    },
    unflattenRows(vectors) {
      const sizes = entries.map((entry) => entry.size);
      const tensors = t.split(vectors, sizes, 1).map((rows, i) => {
        return t.reshape(rows, [vectors.shape[0], ...entries[i].shape]);
      });
      return fill(tree, tensors.values()) as TensorTree<P>;
    },
    flatten: (tensors) => join(leaves(tree, tensors)),
    gradient: (loss, tensors) => join(t.grad(loss, leaves(tree, tensors))),
    parts: groups.map((group) => group.reduce((sum, entry) => sum + entry.size, 0)),
    unflattenParts(parts) {
      const tensors = groups.flatMap((group, i) => tensorsIn(parts[i], group));
      return fill(tree, tensors.values()) as TensorTree<P>;
    },
    gradientParts(loss, tensors) {
      const gradients = t.grad(loss, leaves(tree, tensors)).values();
      return groups.map((group) => join(group.map(() => gradients.next().value as Tensor)));
    },
    views(vector) {
      if (vector.length !== size) {
        throw new UsageError(`the layout holds ${size} numbers, the vector ${vector.length}`);
      }
      return Object.fromEntries(
        entries.map(({ name, shape, offset, size }) => [
          name,
          { shape, data: vector.subarray(offset, offset + size) },
        ]),
      );
    },
    fromNamed(named) {
      const names = new Set(entries.map((entry) => entry.name));
      const unknown = Object.keys(named).filter((name) => !names.has(name));
      const missing = [...names].filter((name) => !Object.hasOwn(named, name));
      if (unknown.length > 0 || missing.length > 0) {
        const list = (label: string, items: string[]) =>
          items.length > 0 ? `; ${label}: ${items.join(", ")}` : "";
        throw new UsageError(
          `the weights do not match the network${list("missing", missing)}${list("not expected", unknown)}`,
        );
      }
      for (const { name, shape, size } of entries) {
        const { shape: found, data } = named[name];
        if (!(data instanceof Float32Array || data instanceof Float64Array)) {
          throw new UsageError(`parameter ${name} is a ${data.constructor.name}; weights are Float32Array`);
        }
        if (formatShape(found) !== formatShape(shape) || data.length !== size) {
          throw new UsageError(
            `parameter ${name} has shape ${formatShape(shape)} here, ` +
              `but the weights hold ${formatShape(found)} (${data.length} values)`,
          );
        }
      }
      // Allocated only now: settings from a file may describe a network of any size.
      const vector = new Float32Array(size);
      for (const { name, offset } of entries) vector.set(named[name].data as Float32Array, offset);
      return vector;
    },
  };
}

const join = (tensors: readonly Tensor[]): Tensor =>
  t.concat(tensors.map((tensor) => t.reshape(tensor, [-1])));

/** The tree with its parameters, in order, replaced by the tensors. */
function fill(tree: ParameterTree, tensors: Iterator<Tensor>): TensorTree {
  return Object.fromEntries(
    Object.entries(tree).map(([key, node]) => [
      key,
      isParameter(node) ? (tensors.next().value as Tensor) : fill(node, tensors),
    ]),
  );
}

/** The tensors of a tree in the order of its parameters. */
function leaves(tree: ParameterTree, tensors: TensorTree): Tensor[] {
  return Object.entries(tree).flatMap(([key, node]) =>
    isParameter(node) ? [tensors[key] as Tensor] : leaves(node, tensors[key] as TensorTree),
  );
}
