/** @file Arrays and named groups of arrays in the files of other programs, and their conversion to rows of a space. */

import { FormatError } from "../../errors.js";
import {
  allocateActions,
  type DictSpace,
  describeSpace,
  type Space,
  spaceWidth,
  type TupleSpace,
} from "../../spaces/index.js";
import type { TypedArray } from "../../state/snapshot.js";

/** What the numbers of a file are; a byte is an unsigned integer of 8 bits, as in images. */
export type NumberType = "float" | "integer" | "byte" | "boolean";

/** An array of numbers, in row-major order. */
export interface NumberArray {
  readonly kind: "array";
  /** `[product(shape)]`. */
  readonly data: TypedArray;
  readonly shape: readonly number[];
  /** What the numbers are in the file, from which spaces are inferred. */
  readonly type: NumberType;
}

/** Named arrays and groups, in which values of dict and tuple spaces are stored. */
export interface Group {
  readonly kind: "group";
  readonly parts: ReadonlyMap<string, ArrayTree>;
}

/** Content of a file that is not an array of numbers, such as text. */
export interface Unreadable {
  readonly kind: "unreadable";
  /** A description for messages. */
  readonly what: string;
}

export type ArrayTree = NumberArray | Group | Unreadable;

/** Stops reading. @throws FormatError with the file, the place in it and the expected content. */
export type Refuse = (place: string, why: string) => never;

export const refuseIn =
  (source: string): Refuse =>
  (place, why) => {
    throw new FormatError(place === "" ? `${source}: ${why}` : `${source}: ${place}: ${why}`);
  };

/** @param type of the numbers in the file; unset: that of the elements of `data` */
export const numberArray = (
  data: TypedArray,
  shape: readonly number[],
  type: NumberType = typeOf(data),
): NumberArray => ({ kind: "array", data, shape, type });

function typeOf(data: TypedArray): NumberType {
  if (data instanceof Float32Array || data instanceof Float64Array) return "float";
  return data instanceof Uint8Array ? "byte" : "integer";
}

export const unreadable = (what: string): Unreadable => ({ kind: "unreadable", what });

/** Describes a node for messages. */
export const describeNode = (node: ArrayTree | undefined): string => {
  if (!node) return "nothing";
  if (node.kind === "unreadable") return node.what;
  return node.kind === "group"
    ? `a group of ${[...node.parts.keys()].join(", ") || "nothing"}`
    : `[${node.shape.join(", ")}]`;
};

/** The array at `place`, with one number per row. */
export function column(
  node: ArrayTree | undefined,
  place: string,
  refuse: Refuse,
  rows?: number,
): NumberArray {
  const isColumn =
    node?.kind === "array" &&
    (rows === undefined || node.shape[0] === rows) &&
    (node.shape.length === 1 || (node.shape.length === 2 && node.shape[1] === 1));
  if (isColumn) return node;
  return refuse(place, `it must be an array [${rows ?? "steps"}], not ${describeNode(node)}`);
}

/** The flags at `place`, one per row, each 0 or 1. */
export function flagColumn(
  node: ArrayTree | undefined,
  place: string,
  refuse: Refuse,
  rows?: number,
): ArrayLike<number> {
  const { data } = column(node, place, refuse, rows);
  const odd = data.findIndex((flag) => flag !== 0 && flag !== 1);
  if (odd >= 0) refuse(place, `row ${odd} is ${data[odd]}, but must be 0 or 1`);
  return data;
}

/** The number of rows of a tree of arrays, which must be the same for all arrays. */
export function rowCount(node: ArrayTree | undefined, place: string, refuse: Refuse): number {
  if (node?.kind === "array") {
    if (node.shape.length === 0) return refuse(place, "it must be an array of rows, not a single number");
    return node.shape[0];
  }
  if (node?.kind === "unreadable") return refuse(place, `it must be an array of numbers, not ${node.what}`);
  const parts = [...(node?.parts ?? [])].filter(([, part]) => part.kind !== "unreadable");
  if (parts.length === 0) return refuse(place, "it is missing");
  const [first, ...others] = parts.map(([name, part]) => rowCount(part, `${place}/${name}`, refuse));
  const odd = others.findIndex((count) => count !== first);
  if (odd >= 0) {
    return refuse(
      place,
      `${parts[odd + 1][0]} has ${others[odd]} rows, but ${parts[0][0]} has ${first}: the numbers must be equal`,
    );
  }
  return first;
}

/** Rows `from` to `to − 1` of every array in the tree, as views. */
export function sliceRows(node: ArrayTree, from: number, to: number): ArrayTree {
  if (node.kind === "unreadable") return node;
  if (node.kind === "group") {
    return {
      kind: "group",
      parts: new Map([...node.parts].map(([name, part]) => [name, sliceRows(part, from, to)])),
    };
  }
  const [rows, ...rest] = node.shape;
  const width = rows === 0 ? 0 : node.data.length / rows;
  return numberArray(node.data.subarray(from * width, to * width), [to - from, ...rest], node.type);
}

/** The rows of every array in the tree in another order. */
export function takeRows<Node extends ArrayTree>(node: Node, rows: Int32Array): Node;
export function takeRows(node: ArrayTree, rows: Int32Array): ArrayTree {
  if (node.kind === "unreadable") return node;
  if (node.kind === "group") {
    return { ...node, parts: new Map([...node.parts].map(([name, part]) => [name, takeRows(part, rows)])) };
  }
  if (rows.every((row, i) => row === i)) return node;
  const width = node.data.length / node.shape[0];
  const data = new Float64Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    data.set(node.data.subarray(row * width, (row + 1) * width), i * width);
  }
  return numberArray(data, [rows.length, ...node.shape.slice(1)], node.type);
}

/** The rows of one tree, followed by those of another with the same layout. */
export function joinRows(first: ArrayTree, second: ArrayTree): ArrayTree {
  if (first.kind === "group" && second.kind === "group") {
    const parts = [...first.parts].map(([name, part]): [string, ArrayTree] => {
      return [name, joinRows(part, second.parts.get(name)!)];
    });
    return { kind: "group", parts: new Map(parts) };
  }
  if (first.kind !== "array" || second.kind !== "array") return first;
  const data = new Float64Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  return numberArray(data, [first.shape[0] + second.shape[0], ...first.shape.slice(1)], first.type);
}

/**
 * The flat rows `[rows, width]` of a space: boxes of any shape, parts of dicts by name, parts of tuples as `_index_0`,
 * `_index_1` and so on, as in Minari.
 */
export function observationRows(
  node: ArrayTree | undefined,
  space: Space,
  rows: number,
  place: string,
  refuse: Refuse,
): Float32Array {
  requireLayout(node, space, rows, place, refuse);
  const out = new Float32Array(rows * spaceWidth(space));
  fillRows(node, space, rows, place, refuse, { out, width: spaceWidth(space), offset: 0 });
  return out;
}

/** Like {@link observationRows} for actions; integers for integral spaces. */
export function actionRows(
  node: ArrayTree | undefined,
  space: Space,
  rows: number,
  place: string,
  refuse: Refuse,
): Float32Array | Int32Array {
  requireLayout(node, space, rows, place, refuse);
  const out = allocateActions(space, rows);
  fillRows(node, space, rows, place, refuse, { out, width: spaceWidth(space), offset: 0 });
  return out;
}

/** The name of a part of a dict or tuple space. */
const partName = (space: DictSpace | TupleSpace, key: string): string =>
  space.kind === "tuple" ? `_index_${key}` : key;

/** Checks the shapes before rows are allocated for them: a file may declare any number of rows of no number. */
function requireLayout(
  node: ArrayTree | undefined,
  space: Space,
  rows: number,
  place: string,
  refuse: Refuse,
): void {
  if (space.kind === "dict" || space.kind === "tuple") {
    for (const [key, part] of Object.entries(space.spaces)) {
      const name = partName(space, key);
      if (node?.kind !== "group" || !node.parts.has(name)) {
        refuse(
          place,
          `it must be a group with "${name}" for ${describeSpace(space)}, not ${describeNode(node)}`,
        );
      }
      requireLayout(node.parts.get(name), part, rows, `${place}/${name}`, refuse);
    }
    return;
  }
  const partWidth = spaceWidth(space);
  const inner = space.kind === "box" ? space.shape : space.kind === "discrete" ? [] : [partWidth];
  const allowed = [inner, [partWidth], ...(partWidth === 1 ? [[]] : [])].map((rest) =>
    String([rows, ...rest]),
  );
  if (node?.kind === "array" && allowed.includes(String(node.shape))) return;
  refuse(
    place,
    `it must be an array [${[rows, ...inner].join(", ")}] for ${describeSpace(space)}, not ${describeNode(node)}`,
  );
}

/** Writes the numbers of a tree with the right layout. */
function fillRows(
  node: ArrayTree | undefined,
  space: Space,
  rows: number,
  place: string,
  refuse: Refuse,
  target: { out: Float32Array | Int32Array; width: number; offset: number },
): void {
  if (space.kind === "dict" || space.kind === "tuple") {
    let { offset } = target;
    for (const [key, part] of Object.entries(space.spaces)) {
      const name = partName(space, key);
      const inner = (node as Group).parts.get(name);
      fillRows(inner, part, rows, `${place}/${name}`, refuse, { ...target, offset });
      offset += spaceWidth(part);
    }
    return;
  }
  const partWidth = spaceWidth(space);
  const { data } = node as NumberArray;
  const { out, width, offset } = target;
  const isIntegral = out instanceof Int32Array;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < partWidth; j++) {
      const value = data[row * partWidth + j];
      // An integer that does not fit into 32 bits would change its value.
      if (isIntegral && value !== (value | 0)) {
        refuse(place, `row ${row} is ${value}, but must be an integer for ${describeSpace(space)}`);
      }
      // A float32 has a smaller range than a float64; NaN and infinities are refused with the finished episode.
      if (!isIntegral && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
        refuse(place, `row ${row} is ${value}, which is beyond the range of float32`);
      }
      out[row * width + offset + j] = value;
    }
  }
}
