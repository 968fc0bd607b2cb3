/** @file Arrays as files of other programs hold them, alone or in named groups, and the rows of a space in them. */

import { FormatError } from "../../errors.js";
import { allocateActions, describeSpace, type Space, spaceWidth } from "../../spaces/index.js";
import type { TypedArray } from "../../state/snapshot.js";

/** An array of numbers, row-major. */
export interface NumberArray {
  readonly kind: "array";
  /** `[product(shape)]`. */
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/** Named arrays and groups: what a dict or a tuple of spaces is stored as. */
export interface Group {
  readonly kind: "group";
  readonly parts: ReadonlyMap<string, ArrayTree>;
}

export type ArrayTree = NumberArray | Group;

/** Ends a reading. @throws FormatError naming the file, the place and what would be right. */
export type Refuse = (place: string, why: string) => never;

export const refuseIn =
  (source: string): Refuse =>
  (place, why) => {
    throw new FormatError(place === "" ? `${source}: ${why}` : `${source}: ${place}: ${why}`);
  };

export const numberArray = (data: TypedArray, shape: readonly number[]): NumberArray => ({
  kind: "array",
  data,
  shape,
});

/** 64-bit integers as numbers: those of data sets are counts, indices and actions, and far below 2⁵³. */
export const toNumbers = (data: BigInt64Array | BigUint64Array): Float64Array =>
  Float64Array.from(data as BigInt64Array, Number);

/** What there is at a place, for messages. */
export const describeNode = (node: ArrayTree | undefined): string => {
  if (!node) return "nothing";
  return node.kind === "group"
    ? `a group of ${[...node.parts.keys()].join(", ") || "nothing"}`
    : `[${node.shape.join(", ")}]`;
};

/** The array at `place`, of one number a row. */
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
  return refuse(place, `it must be an array [${rows ?? "steps"}], and is ${describeNode(node)}`);
}

/** How many rows a tree of arrays has; all must have the same. */
export function rowCount(node: ArrayTree | undefined, place: string, refuse: Refuse): number {
  if (node?.kind === "array") {
    if (node.shape.length === 0) return refuse(place, "it is a single number, and must be an array of rows");
    return node.shape[0];
  }
  const parts = [...(node?.parts ?? [])];
  if (parts.length === 0) return refuse(place, "it is missing");
  const [first, ...others] = parts.map(([name, part]) => rowCount(part, `${place}/${name}`, refuse));
  const odd = others.findIndex((count) => count !== first);
  if (odd >= 0) {
    return refuse(
      place,
      `${parts[odd + 1][0]} has ${others[odd]} rows, but ${parts[0][0]} has ${first}: they must have the same`,
    );
  }
  return first;
}

/** Rows `from` to `to` of every array in the tree, as views. */
export function sliceRows(node: ArrayTree, from: number, to: number): ArrayTree {
  if (node.kind === "group") {
    return {
      kind: "group",
      parts: new Map([...node.parts].map(([name, part]) => [name, sliceRows(part, from, to)])),
    };
  }
  const [rows, ...rest] = node.shape;
  const width = rows === 0 ? 0 : node.data.length / rows;
  return numberArray(node.data.subarray(from * width, to * width), [to - from, ...rest]);
}

/**
 * The flat rows `[rows, width]` of a space: boxes of any shape, parts of dicts by name, those of tuples as `_index_0`,
 * `_index_1` and so on (as Minari names them).
 */
export function observationRows(
  node: ArrayTree | undefined,
  space: Space,
  rows: number,
  place: string,
  refuse: Refuse,
): Float32Array {
  const out = new Float32Array(rows * spaceWidth(space));
  fillRows(node, space, rows, place, refuse, { out, width: spaceWidth(space), offset: 0 });
  return out;
}

/** The same for actions, as whole numbers where the space has these. */
export function actionRows(
  node: ArrayTree | undefined,
  space: Space,
  rows: number,
  place: string,
  refuse: Refuse,
): Float32Array | Int32Array {
  const out = allocateActions(space, rows);
  fillRows(node, space, rows, place, refuse, { out, width: spaceWidth(space), offset: 0 });
  return out;
}

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
      const name = space.kind === "tuple" ? `_index_${key}` : key;
      if (node?.kind !== "group" || !node.parts.has(name)) {
        refuse(
          place,
          `it must be a group with "${name}", as ${describeSpace(space)} says, and is ${describeNode(node)}`,
        );
      }
      fillRows(node.parts.get(name), part, rows, `${place}/${name}`, refuse, { ...target, offset });
      offset += spaceWidth(part);
    }
    return;
  }
  const partWidth = spaceWidth(space);
  const inner = space.kind === "box" ? space.shape : space.kind === "discrete" ? [] : [partWidth];
  const allowed = [inner, [partWidth], ...(partWidth === 1 ? [[]] : [])].map((rest) =>
    String([rows, ...rest]),
  );
  if (node?.kind !== "array" || !allowed.includes(String(node.shape))) {
    refuse(
      place,
      `it must be an array [${[rows, ...inner].join(", ")}], as ${describeSpace(space)} says, and is ${describeNode(node)}`,
    );
  }
  const { data } = node;
  const { out, width, offset } = target;
  const isIntegral = out instanceof Int32Array;
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < partWidth; j++) {
      const value = data[row * partWidth + j];
      // An integer that does not fit into 32 bits would come back as another one.
      if (isIntegral && value !== (value | 0)) {
        refuse(place, `row ${row} is ${value}, and must be an integer, as ${describeSpace(space)} says`);
      }
      out[row * width + offset + j] = value;
    }
  }
}
