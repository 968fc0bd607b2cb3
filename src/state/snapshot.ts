/** @file Converts live state to a tree of plain data, the content of a checkpoint, and back. */

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Plain data that a checkpoint can hold. Numbers include NaN and the infinities. */
export type Tree =
  | TypedArray
  | number
  | string
  | boolean
  | null
  | undefined
  | Tree[]
  | { [key: string]: Tree };

interface SnapshotNode {
  getState(): Tree;
  setState(state: Tree): void;
}

type Node = Record<string, unknown> | unknown[];

/** Whether a value is a typed array of a type that a tree may hold. */
export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether a value has its own `getState` and `setState`. */
export const isSnapshotNode = (value: unknown): value is SnapshotNode =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Partial<SnapshotNode>).getState === "function" &&
  typeof (value as Partial<SnapshotNode>).setState === "function";

/** Whether a value is derived from the options, such as a compiled program; derived values are not saved. */
export const isDerived = (value: unknown): boolean =>
  typeof value === "function" ||
  (typeof value === "object" && value !== null && (value as { derived?: boolean }).derived === true);

const isPlain = (value: unknown): value is Node =>
  Array.isArray(value) ||
  (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype);

/**
 * A copy of `value` as plain data: typed arrays are copied, nodes with `getState` are replaced by their state, and
 * derived nodes are omitted.
 *
 * @throws Error with the path of a node that cannot be saved.
 */
export function snapshot(value: unknown, path = "state"): Tree {
  if (isTypedArray(value)) return value.slice();
  if (isSnapshotNode(value)) return snapshot(value.getState(), path);
  if (Array.isArray(value)) return value.map((v, i) => snapshot(v, `${path}[${i}]`));
  if (isPlain(value)) {
    const entries = Object.entries(value).filter(([, v]) => !isDerived(v) && v !== undefined);
    return Object.fromEntries(entries.map(([k, v]) => [k, snapshot(v, `${path}.${k}`)]));
  }
  if (value === null || value === undefined) return value;
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  throw new Error(`${path} cannot be saved: it is a ${Object.prototype.toString.call(value)}`);
}

/**
 * Writes `saved` into the live tree `target`, in place: nodes with `setState` receive their state, all other values
 * are replaced by copies. Derived nodes of `target` are unchanged.
 */
export function restore(target: object, saved: Tree): void {
  const into = target as Record<string, unknown>;
  const from = saved as Record<string, Tree>;
  for (const key of Object.keys(into)) if (!(key in from) && !isDerived(into[key])) delete into[key];
  for (const [key, value] of Object.entries(from)) {
    const live = into[key];
    if (isSnapshotNode(live)) live.setState(snapshot(value));
    else if (isPlain(live) && isPlain(value) && Array.isArray(live) === Array.isArray(value)) {
      if (Array.isArray(live)) live.length = (value as Tree[]).length;
      restore(live, value);
    } else into[key] = snapshot(value);
  }
}
