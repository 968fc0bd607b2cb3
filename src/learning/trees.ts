/** @file Trees of arrays and tensors: nested records and lists, and their flat forms for programs and loops. */

import type { InputSpec, ProgramArray, Tensor } from "../tensor/index.js";

type Leaf = Tensor | InputSpec | ProgramArray | number;

const isLeaf = (x: object | number): x is Leaf =>
  typeof x === "number" || ArrayBuffer.isView(x) || ("shape" in x && Array.isArray(x.shape));

/** The leaves of a tree by path: `{ a: { b: [x, y] } }` becomes `{ "a.b.0": x, "a.b.1": y }`. */
export function named<L extends Leaf>(tree: object, path = ""): Record<string, L> {
  const entries = Object.entries(tree).map(([key, node]) =>
    isLeaf(node) ? { [path + key]: node as L } : named<L>(node, `${path}${key}.`),
  );
  return Object.assign({}, ...entries);
}

/** The entries of {@link named} below a path, by the remainder of their names. */
export const below = <T>(all: Readonly<Record<string, T>>, path: string): Record<string, T> =>
  Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name.startsWith(`${path}.`))
      .map(([name, x]) => [name.slice(path.length + 1), x]),
  );

/** The leaves of a tree in order. */
export const leaves = (tree: object): Tensor[] => Object.values(named<Tensor>(tree));

/** The tree with its leaves, in order, replaced by those of `row`. */
export function filled<T extends object>(tree: T, row: Iterator<Tensor>): T {
  const fill = (node: object) => (isLeaf(node) ? row.next().value : filled(node, row));
  return (Array.isArray(tree) ? tree.map(fill) : mapped(tree as Record<string, object>, fill)) as T;
}

/** A record with every value replaced. */
export const mapped = <K extends string, A, B>(
  record: Readonly<Record<K, A>>,
  change: (value: A, key: K) => B,
): Record<K, B> =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value as A, key as K)]),
  ) as Record<K, B>;

/** The entries of a record whose names occur in another record, in the order of the latter. */
export const picked = <T>(record: Readonly<Record<string, T>>, names: object): Record<string, T> =>
  Object.fromEntries(Object.keys(names).map((name) => [name, record[name]]));
