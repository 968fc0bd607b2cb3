/**
 * @file Reads and writes HDF5 files as trees of arrays. Every failed read is an error: of a damaged chunk, of a
 * checksum that differs, of a filter that is not available. Data without compression have no checksum in HDF5, unless
 * their writer asked for `fletcher32`: changed bytes in them cannot be detected.
 */

import type * as h5 from "h5wasm";
import { FormatError } from "../../errors.js";
import { type Allowance, allowanceOf, DEFLATE_EXPANSION } from "../../state/limits.js";
import type { TypedArray } from "../../state/snapshot.js";
import { type ArrayTree, type Group, numberArray, type Refuse, unreadable } from "./arrays.js";
import { type Hdf5, reasonOf, withHdf5 } from "./hdf5-library.js";
import { type ElementType, numbersIn, numberTypeOf } from "./number-types.js";

const PATH = "/file.h5";

/** The largest nesting of groups; deeper nesting indicates a loop of links. */
const MOST_DEPTH = 8;

/** What an array may declare beyond the expansion of deflate: the padding of its chunks. */
const MOST_PADDING = 1 << 22;

/** The memory that a name in a group takes at most: links in circles repeat names without end. */
const NAME_MEMORY = 1024;

/** The filters of the library by their number: deflate, shuffle, fletcher32, szip, nbit and scale-offset. */
const FILTERS = [1, 2, 3, 4, 5, 6];
const NBIT = 5;

/** The names at the root of a file, with the names in each group; `undefined` for what is not a group. */
export type Outline = ReadonlyMap<string, readonly string[] | undefined>;

/** Whether to read the array or group at a path, such as `episode_0/observations`. */
export type Wanted = (path: string) => boolean;

/**
 * The numeric arrays of a file, in their groups.
 *
 * @param choose which paths to read, given the outline of the file. Default: all.
 * @throws FormatError when the file is damaged, declares more than it can hold, or an array cannot be read.
 */
export async function readHdf5(
  bytes: Uint8Array,
  refuse: Refuse,
  choose: (outline: Outline) => Wanted = () => () => true,
): Promise<Group> {
  try {
    return await withHdf5((hdf5) => {
      const { library, files } = hdf5;
      files.writeFile(PATH, bytes);
      try {
        const file = new library.File(PATH, "r");
        if (file.file_id < 0n) refuse("", "it is damaged or truncated: HDF5 cannot open it");
        try {
          const most = DEFLATE_EXPANSION * bytes.length + MOST_PADDING;
          const wanted = choose(outlineOf(file, library));
          const allowance = allowanceOf(bytes.length);
          return readGroup(file, "", 0, { hdf5, refuse, wanted, most, allowance });
        } finally {
          file.close();
        }
      } finally {
        files.unlink(PATH);
      }
    });
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    return refuse("", `it is damaged or truncated: HDF5 reports "${reasonOf(cause)}"`);
  }
}

function outlineOf(file: h5.File, { Group }: Hdf5["library"]): Outline {
  return new Map(
    file.keys().map((name) => {
      const node = file.get(name);
      return [name, node instanceof Group ? node.keys() : undefined];
    }),
  );
}

interface Reading {
  hdf5: Hdf5;
  refuse: Refuse;
  wanted: Wanted;
  /** The largest size, in bytes, that an array of this file can have. */
  most: number;
  /** For all arrays together. */
  allowance: Allowance;
}

function readGroup(group: h5.Group, path: string, depth: number, reading: Reading): Group {
  const { hdf5, refuse, wanted, allowance } = reading;
  const { Group, Dataset, ExternalLink, BrokenSoftLink } = hdf5.library;
  if (depth > MOST_DEPTH) refuse(path, `groups are nested ${depth} deep, which indicates a loop of links`);
  const read = (node: ReturnType<h5.Group["get"]>, inner: string): ArrayTree => {
    if (node instanceof Group) return readGroup(node, inner, depth + 1, reading);
    if (node instanceof Dataset) return readArray(node, inner, reading);
    if (node instanceof ExternalLink) return unreadable("a link to another file");
    return unreadable(node instanceof BrokenSoftLink ? "a link to nothing" : "not an array");
  };
  const parts = new Map<string, ArrayTree>();
  for (const name of group.keys()) {
    const inner = path === "" ? name : `${path}/${name}`;
    const excess = allowance.excess(NAME_MEMORY);
    if (excess) refuse(path, excess);
    if (wanted(inner)) parts.set(name, read(group.get(name), inner));
  }
  return { kind: "group", parts };
}

function readArray(dataset: h5.Dataset, path: string, { hdf5, refuse, most, allowance }: Reading): ArrayTree {
  const { metadata, filters } = dataset;
  const { shape, size, total_size: count, virtual_sources: sources } = metadata;
  const type = elementType(metadata, hdf5);
  if (typeof type === "string") return unreadable(type);
  if (!shape) return unreadable("an empty data set without a shape");
  if (sources) refuse(path, "its values are in other files: a virtual data set is not read");
  if (filters.some(({ id }) => id === NBIT))
    refuse(path, "its integers are packed by nbit, which is not read");
  const bytes = count * size;
  if (!(bytes <= most)) {
    refuse(path, `shape [${shape.join(", ")}] takes ${bytes} bytes, more than the file can hold`);
  }
  const excess = allowance.excess(bytes);
  if (excess) refuse(path, excess);
  const content = readBytes(dataset, bytes, hdf5);
  if (!content) {
    const lacking = filters.find(({ id }) => !FILTERS.includes(id));
    return refuse(
      path,
      lacking
        ? `its values are compressed by the filter "${lacking.name || lacking.id}", which is not available: write them with gzip`
        : "its values cannot be read: the file is damaged; copy it again from its source",
    );
  }
  const data = numbersIn(content, type, path, refuse);
  if (data.length !== shape.reduce((product, n) => product * n, 1)) {
    refuse(path, `it has ${data.length} values, but its shape is [${shape.join(", ")}]: the file is damaged`);
  }
  return numberArray(data, shape, numberTypeOf(type));
}

/** The type of the elements of a data set; a description where they are not numbers. */
function elementType(metadata: h5.Metadata, { library }: Hdf5): ElementType | string {
  const { type, size, signed, vlen, littleEndian } = metadata;
  const classes = library.Module.H5T_class_t as unknown as Record<string, { value: number }>;
  const is = (name: string) => classes[`H5T_${name}`].value === type;
  if (vlen || is("VLEN")) return is("STRING") ? "text" : "an array of lists";
  if (is("FLOAT")) return { kind: "float", size };
  if (is("INTEGER")) return { kind: signed ? "signed" : "unsigned", size };
  // The library converts numbers to little-endian order, except for enumerations.
  if (is("ENUM")) {
    // Truth values of h5py are enumerations of one byte.
    const isBoolean = size === 1;
    return { kind: signed ? "signed" : "unsigned", size, bigEndian: !littleEndian, isBoolean };
  }
  return is("STRING") ? "text" : is("COMPOUND") ? "an array of records" : "an array of no numbers";
}

/** The bytes of a data set in memory; undefined when HDF5 cannot read them. */
function readBytes(dataset: h5.Dataset, bytes: number, { compiled }: Hdf5): Uint8Array | undefined {
  if (bytes === 0) return new Uint8Array(0);
  const pointer = compiled._malloc(bytes);
  if (pointer === 0) return undefined;
  // A failed read is common, and its status is enough. An error would leave the data set open.
  compiled.deactivate_throwing_error_handler();
  try {
    const { file_id, path } = dataset;
    const status = compiled.get_dataset_data(file_id, path, null, null, null, BigInt(pointer));
    return status < 0 ? undefined : compiled.HEAPU8.slice(pointer, pointer + bytes);
  } finally {
    compiled.activate_throwing_error_handler();
    compiled._free(pointer);
  }
}

/** An array to write, or a group of named arrays; attributes are 64-bit integers. */
export type Writable =
  | { data: TypedArray | BigInt64Array; shape: number[] }
  | { group: Record<string, Writable>; attributes?: Record<string, number> };

/** Encodes arrays and groups as the bytes of an HDF5 file. */
export function writeHdf5(content: Record<string, Writable>): Promise<Uint8Array> {
  return withHdf5(({ library, files }) => {
    const file = new library.File(PATH, "w");
    try {
      writeInto(file, content);
    } finally {
      file.close();
    }
    const bytes = files.readFile(PATH).slice();
    files.unlink(PATH);
    return bytes;
  });
}

function writeInto(group: h5.Group, content: Record<string, Writable>): void {
  for (const [name, node] of Object.entries(content)) {
    if ("data" in node) {
      group.create_dataset({ name, data: node.data, shape: node.shape });
      continue;
    }
    const inner = group.create_group(name);
    for (const [key, value] of Object.entries(node.attributes ?? {})) {
      inner.create_attribute(key, BigInt64Array.of(BigInt(value)), []);
    }
    writeInto(inner, node.group);
  }
}
