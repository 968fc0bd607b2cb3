/**
 * @file Reads and writes HDF5 files as trees of arrays with `h5wasm`, the HDF5 library of the HDF Group compiled to
 * WebAssembly. The library (4 MB) is loaded only when a file is read or written.
 *
 * The library stores files in its own memory. A damaged file can exhaust this memory or crash the library. An instance
 * that failed or grew large is therefore discarded, and the next file gets a new instance.
 */

import type * as h5 from "h5wasm";
import { FormatError } from "../../errors.js";
import type { TypedArray } from "../../state/snapshot.js";
import { type ArrayTree, type Group, numberArray, type Refuse, toNumbers } from "./arrays.js";

type Library = typeof h5;

/** The part of Emscripten's file system that is used here. */
interface Files {
  writeFile(path: string, bytes: Uint8Array): void;
  readFile(path: string): Uint8Array;
  unlink(path: string): void;
  open(path: string, flags: string): unknown;
  close(stream: unknown): void;
  streams: unknown[];
}

const PATH = "/file.h5";

/** The largest nesting of groups; deeper nesting indicates a loop of links. */
const MOST_DEPTH = 8;

/** The largest ratio of decompressed to compressed size (deflate: 1032, plus padding of chunks). */
const MOST_EXPANSION = 1100;
const MOST_PADDING = 1 << 22;

/** The memory, in bytes, beyond which an instance of the library is discarded, because it never shrinks. */
const MOST_MEMORY = 1 << 29;

let current: Promise<Library> | undefined;
let copies = 0;

/** The library; a new instance if the last one was discarded. */
function load(): Promise<Library> {
  current ??= fresh();
  return current;
}

async function fresh(): Promise<Library> {
  const copy = copies++;
  // A module is evaluated once for each URL from which it is imported.
  const library: Library =
    copy === 0 ? await import("h5wasm") : await import(`${import.meta.resolve("h5wasm")}?copy=${copy}`);
  await library.ready;
  const files = library.FS as unknown as Files;
  // The library also prints every failure to standard error, which is closed here.
  files.close(files.streams[2]);
  files.open("/dev/null", "w");
  return library;
}

/** Runs `work` with the library, and discards the instance if `work` fails. */
async function withLibrary<T>(work: (library: Library, files: Files) => T): Promise<T> {
  const library = await load();
  const files = library.FS as unknown as Files;
  try {
    return work(library, files);
  } catch (error) {
    if (!(error instanceof FormatError)) current = undefined;
    throw error;
  } finally {
    if ((library.Module as unknown as { HEAPU8: Uint8Array }).HEAPU8.length > MOST_MEMORY)
      current = undefined;
  }
}

/**
 * The numeric arrays of a file, in their groups. Other content (strings, references, links to other files) is
 * ignored.
 *
 * @param wanted whether to read the array or group at a path, such as `episode_0/observations`.
 * @throws FormatError when the file is damaged, or declares more than it can hold.
 */
export function readHdf5(
  bytes: Uint8Array,
  refuse: Refuse,
  wanted: (path: string) => boolean = () => true,
): Promise<Group> {
  return withLibrary((library, files) => {
    files.writeFile(PATH, bytes);
    try {
      const file = new library.File(PATH, "r");
      if (file.file_id < 0n) refuse("", "it is damaged: HDF5 cannot open it");
      try {
        return readGroup(file, "", 0, {
          library,
          refuse,
          wanted,
          most: MOST_EXPANSION * bytes.length + MOST_PADDING,
        });
      } finally {
        file.close();
      }
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      if (cause instanceof WebAssembly.RuntimeError) current = undefined;
      return refuse("", `it is damaged: HDF5 reports ${(cause as Error)?.message ?? cause}`);
    } finally {
      files.unlink(PATH);
    }
  });
}

interface Reading {
  library: Library;
  refuse: Refuse;
  wanted: (path: string) => boolean;
  /** The largest size, in bytes, that arrays of this file can have. */
  most: number;
}

function readGroup(group: h5.Group, path: string, depth: number, reading: Reading): Group {
  const { library, refuse, wanted } = reading;
  if (depth > MOST_DEPTH) refuse(path, `groups are nested ${depth} deep, which indicates a loop of links`);
  const parts = new Map<string, ArrayTree>();
  for (const name of group.keys()) {
    const inner = path === "" ? name : `${path}/${name}`;
    if (!wanted(inner)) continue;
    const node = group.get(name);
    if (node instanceof library.Group) parts.set(name, readGroup(node, inner, depth + 1, reading));
    else if (node instanceof library.Dataset) {
      const array = readArray(node, inner, reading);
      if (array) parts.set(name, array);
    }
  }
  return { kind: "group", parts };
}

function readArray(
  dataset: h5.Dataset,
  path: string,
  { library, refuse, most }: Reading,
): ArrayTree | undefined {
  const { type, shape, size, vlen } = dataset.metadata;
  const { H5T_INTEGER, H5T_FLOAT, H5T_ENUM } = library.Module.H5T_class_t as unknown as Record<
    string,
    { value: number }
  >;
  const isNumeric = [H5T_INTEGER, H5T_FLOAT, H5T_ENUM].some(({ value }) => value === type);
  if (!isNumeric || vlen || !shape) return undefined;
  const bytes = shape.reduce((product, n) => product * n, size);
  if (!(bytes <= most)) {
    refuse(path, `shape [${shape.join(", ")}] takes ${bytes} bytes, more than the file can hold`);
  }
  const value = dataset.value as TypedArray | BigInt64Array | BigUint64Array | number | null;
  const data = typeof value === "number" ? Float64Array.of(value) : value;
  const numbers = data instanceof BigInt64Array || data instanceof BigUint64Array ? toNumbers(data) : data;
  if (!numbers || numbers.length !== shape.reduce((product, n) => product * n, 1)) {
    return refuse(path, "its values cannot be read: the file is damaged");
  }
  return numberArray(numbers, shape);
}

/** An array to write, or a group of named arrays. */
export type Writable =
  | { data: TypedArray | BigInt64Array; shape: number[] }
  | { group: Record<string, Writable>; attributes?: Record<string, number> };

/** Encodes arrays and groups as the bytes of an HDF5 file. */
export function writeHdf5(content: Record<string, Writable>): Promise<Uint8Array> {
  return withLibrary((library, files) => {
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
    for (const [key, value] of Object.entries(node.attributes ?? {}))
      inner.create_attribute(key, value, [], "<i");
    writeInto(inner, node.group);
  }
}
