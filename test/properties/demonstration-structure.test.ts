/**
 * @file Intact files of other programs with a field of an unexpected type, shape or value give valid demonstrations or
 * are refused; they never crash or hang.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Demonstrations, type Spaces, trajectoryFault } from "../../src/datasets/demonstrations.js";
import {
  type ArrayTree,
  type Group,
  numberArray,
  refuseIn,
  sliceRows,
} from "../../src/datasets/formats/arrays.js";
import { d4rlFromTree } from "../../src/datasets/formats/d4rl.js";
import {
  decodeImitationNpz,
  imitationColumns,
  imitationFromColumns,
} from "../../src/datasets/formats/imitation.js";
import type { ReadingOptions } from "../../src/datasets/formats/index.js";
import { lerobotColumns, lerobotFromShards } from "../../src/datasets/formats/lerobot.js";
import { minariFromTree } from "../../src/datasets/formats/minari.js";
import { FormatError } from "../../src/errors.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import { npy } from "../support/npy.js";
import { zipOf } from "../support/zip.js";

const SOURCE = "some.file";
const refuse = refuseIn(SOURCE);

const plain: ReadingOptions & Spaces = {
  env: "Line-v0",
  observationSpace: box([2], -9, 9),
  actionSpace: discrete(3),
  maxEpisodeSteps: 2,
};
const pair: Space = { kind: "tuple", spaces: [box([1], -9, 9), discrete(3)] };
const nested: ReadingOptions & Spaces = {
  ...plain,
  observationSpace: { kind: "dict", spaces: { a: pair, b: box([2], -9, 9) } },
};

/** Numbers that no field is for. */
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.5, 2 ** 40, 1e300];

const columnsOf = (values: Readonly<Record<string, readonly unknown[]>>) =>
  new Map(Object.entries(values).map(([name, column]) => [name, { values: column, types: new Map() }]));

type Reading = () => Demonstrations | Promise<Demonstrations>;

/** Reads, and says whether it was refused. What is neither sound nor refused fails. */
async function refused(read: Reading, options: Spaces): Promise<boolean> {
  try {
    const { trajectories } = await read();
    expect(trajectories.length).toBeGreaterThan(0);
    for (const trajectory of trajectories) expect(trajectoryFault(trajectory, options)).toBeUndefined();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message.startsWith(`${SOURCE}: `)).toBe(true);
    return true;
  }
}

/**
 * Tries what is sound, each fault alone, and then several at once.
 *
 * @param read what reads, once these faults have been brought in.
 */
async function tryFaults<Fault>(
  faults: readonly Fault[],
  read: (faults: readonly Fault[]) => Reading,
  options: ReadingOptions & Spaces,
): Promise<void> {
  expect(await refused(read([]), options)).toBe(false);
  let count = 0;
  for (const fault of faults) if (await refused(read([fault]), options)) count++;
  expect(count).toBeGreaterThan(faults.length / 3);
  const several = fc.array(fc.constantFrom(...faults), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(several, async (chosen) => void (await refused(read(chosen), options))),
    { numRuns: 200 },
  );
}

const group = (parts: Record<string, ArrayTree>): Group => ({
  kind: "group",
  parts: new Map(Object.entries(parts)),
});
const rowsOf = (...values: number[]) => numberArray(Float64Array.from(values), [values.length]);
const wide = (rows: number, width: number) =>
  numberArray(
    Float64Array.from({ length: rows * width }, (_, i) => i % 7),
    [rows, width],
  );

/** Ways to bring a fault into an array or a group; what gives nothing takes it away. */
const treeFaults: ((node: ArrayTree) => ArrayTree | undefined)[] = [
  () => undefined,
  () => group({}),
  () => numberArray(new Float64Array(1), []),
  () => rowsOf(),
  () => rowsOf(0),
  () => wide(4, 3),
  (node) => group({ a: node }),
  (node) => (node.kind === "array" ? numberArray(node.data, [...node.shape, 1]) : node),
  (node) => (node.kind === "array" ? numberArray(node.data, [1, ...node.shape]) : node),
  ...ODD.flatMap((value) =>
    [0, -1].map((at) => (node: ArrayTree) => {
      if (node.kind !== "array") return node;
      return numberArray(Float64Array.from(node.data).fill(value, at, at === 0 ? 1 : undefined), node.shape);
    }),
  ),
];

interface TreeFault {
  path: string[];
  change: (node: ArrayTree) => ArrayTree | undefined;
}

/** The paths of all parts of a tree. */
const pathsIn = (node: ArrayTree, path: string[] = []): string[][] =>
  node.kind !== "group"
    ? [path]
    : [path, ...[...node.parts].flatMap(([name, part]) => pathsIn(part, [...path, name]))];

const faultsIn = (root: Group): TreeFault[] =>
  pathsIn(root)
    .filter((path) => path.length > 0)
    .flatMap((path) => treeFaults.map((change) => ({ path, change })));

function withTreeFault(node: Group, { path: [name, ...rest], change }: TreeFault): Group {
  const parts = new Map(node.parts);
  const part = parts.get(name);
  const inner = part?.kind === "group" && rest.length > 0;
  const changed = inner ? withTreeFault(part, { path: rest, change }) : part && change(part);
  if (changed) parts.set(name, changed);
  else parts.delete(name);
  return { kind: "group", parts };
}

/** Observations of the spaces above. */
const observed = (options: ReadingOptions, rows: number): ArrayTree =>
  options === plain
    ? wide(rows, 2)
    : group({
        a: group({
          _index_0: wide(rows, 1),
          _index_1: rowsOf(...Array.from({ length: rows }, (_, t) => t % 3)),
        }),
        b: wide(rows, 2),
      });

describe("arrays of unexpected type, shape or value", () => {
  const flat = (options: ReadingOptions, ...more: string[]) =>
    group({
      observations: observed(options, 4),
      actions: rowsOf(0, 1, 2, 0),
      rewards: rowsOf(1, 1, 1, 1),
      terminals: rowsOf(0, 1, 0, 0),
      ...Object.fromEntries(
        more.map((name) => {
          const next = sliceRows(observed(options, 5), 1, 5);
          return [name, name === "timeouts" ? rowsOf(0, 0, 0, 1) : next];
        }),
      ),
    });
  it.each<[string, ReadingOptions & Spaces, Group]>([
    ["alone", plain, flat(plain)],
    ["with timeouts", plain, flat(plain, "timeouts")],
    ["with next observations", plain, flat(plain, "timeouts", "next_observations")],
    ["with groups for observations", nested, flat(nested, "timeouts", "next_observations")],
  ])("in a D4RL file %s", async (_, options, root) => {
    const read = (faults: readonly TreeFault[]) => () =>
      d4rlFromTree(faults.reduce(withTreeFault, root), options, refuse);
    await tryFaults(faultsIn(root), read, options);
  });

  it.each<[string, ReadingOptions & Spaces]>([
    ["flat", plain],
    ["nested", nested],
  ])("in a Minari file of %s observations", async (_, options) => {
    const episode = group({
      observations: observed(options, 3),
      actions: rowsOf(0, 1),
      rewards: rowsOf(1, 1),
      terminations: rowsOf(0, 1),
      truncations: rowsOf(0, 0),
    });
    const root = group({ episode_0: episode, episode_1: episode });
    const read = (faults: readonly TreeFault[]) => () =>
      minariFromTree(faults.reduce(withTreeFault, root), options, refuse);
    await tryFaults(faultsIn(root), read, options);
  });

  it("in an .npz file of imitation", async () => {
    const root = group({
      obs: wide(6, 2),
      acts: rowsOf(0, 1, 2, 0),
      terminal: rowsOf(1, 1),
      indices: rowsOf(2),
      rews: rowsOf(1, 1, 1, 1),
    });
    const read = (faults: readonly TreeFault[]) => () => {
      const members = [...faults.reduce(withTreeFault, root).parts].flatMap(([name, node]) => {
        if (node.kind !== "array") return []; // an archive of arrays has none
        const shape = `${node.shape.join(", ")}${node.shape.length === 1 ? "," : ""}`;
        const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape}), }`;
        return [[`${name}.npy`, { content: npy(header, Float64Array.from(node.data)) }] as const];
      });
      return decodeImitationNpz(zipOf(Object.fromEntries(members)), plain, refuse);
    };
    await tryFaults(faultsIn(root), read, plain);
  });
});

type Columns = Readonly<Record<string, readonly unknown[]>>;

/** The value at a place of a column, or all of a row, is another one. */
interface ColumnFault {
  column: string;
  place: number[];
  value: unknown;
}

const VALUES: unknown[] = [...ODD, null, undefined, "text", true, 1n, 2n ** 70n, {}, [], [[1]], [1, 2, 3]];

/** The places of a value and of all that is within it. */
const placesIn = (value: unknown, place: number[]): number[][] =>
  Array.isArray(value) ? [place, ...value.flatMap((inner, i) => placesIn(inner, [...place, i]))] : [place];

const columnFaults = (columns: Columns): ColumnFault[] =>
  Object.entries(columns).flatMap(([column, rows]) =>
    rows
      .flatMap((row, i) => placesIn(row, [i]))
      .flatMap((place) => VALUES.map((value) => ({ column, place, value }))),
  );

function withValue(node: unknown, [first, ...rest]: number[], value: unknown): unknown {
  if (!Array.isArray(node)) return node; // another fault has taken the place away
  const inner = rest.length === 0 ? value : withValue(node[first], rest, value);
  return node.map((old, i) => (i === first ? inner : old));
}

const withColumnFault = (columns: Columns, { column, place, value }: ColumnFault): Columns => ({
  ...columns,
  [column]: withValue(columns[column], place, value) as unknown[],
});

describe("values of unexpected type, shape or size", () => {
  it("in the frames of LeRobot", async () => {
    const root = {
      "observation.state": [
        [1, 2],
        [2, 3],
        [3, 4],
        [4, 5],
        [5, 6],
      ],
      action: [0, 1, 2, 0, 1],
      episode_index: [0, 0, 0, 1, 1],
      "next.reward": [1, 1, 1, 1, 1],
    };
    const read = (faults: readonly ColumnFault[]) => () => {
      const columns = columnsOf(faults.reduce(withColumnFault, root as Columns));
      lerobotColumns([...columns.keys()], plain, refuse);
      return lerobotFromShards([{ columns, refuse }], plain);
    };
    await tryFaults(columnFaults(root), read, plain);
  });

  it("in the rows of imitation's Parquet", async () => {
    const root = {
      obs: [
        [
          [1, 2],
          [2, 3],
          [3, 4],
        ],
        [
          [1, 2],
          [2, 3],
        ],
      ],
      acts: [[0, 1], [2]],
      terminal: [true, false],
      rews: [[1, 1], [1]],
    };
    const read = (faults: readonly ColumnFault[]) => () => {
      const columns = columnsOf(faults.reduce(withColumnFault, root as Columns));
      imitationColumns([...columns.keys()], refuse);
      return imitationFromColumns(columns, plain, refuse);
    };
    await tryFaults(columnFaults(root), read, plain);
  });
});
