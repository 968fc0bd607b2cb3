/**
 * @file Instances of `h5wasm`, the HDF5 library of the HDF Group compiled to WebAssembly (4 MB, loaded on first use).
 *
 * The library stores files in its own memory. A damaged file can exhaust this memory or crash the library. An instance
 * that failed or grew large is therefore discarded, and the next file gets a new instance.
 */

import type * as h5 from "h5wasm";
import { FormatError } from "../../errors.js";
import { importHdf5 } from "./import-hdf5.js";

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

/** The part of the compiled library that its types leave out. */
export interface Compiled {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** Reads a whole data set into memory; the status is negative if the read failed. */
  get_dataset_data(file: bigint, path: string, count: null, offset: null, stride: null, to: bigint): number;
  activate_throwing_error_handler(): number;
  deactivate_throwing_error_handler(): number;
}

export interface Hdf5 {
  library: Library;
  files: Files;
  compiled: Compiled;
}

/** The memory, in bytes, beyond which an instance of the library is discarded, because it never shrinks. */
const MOST_MEMORY = 1 << 29;

let current: Promise<Hdf5> | undefined;
let copies = 0;

async function fresh(): Promise<Hdf5> {
  const library = await importHdf5(copies++);
  await library.ready;
  const files = library.FS as unknown as Files;
  // The library also prints every failure to standard error, which is closed here.
  files.close(files.streams[2]);
  files.open("/dev/null", "w");
  return { library, files, compiled: library.Module as unknown as Compiled };
}

/**
 * Runs `work` with the library, in which every failed call throws an error with HDF5's reason. Discards the instance
 * if `work` fails with another error than a `FormatError`.
 */
export async function withHdf5<T>(work: (hdf5: Hdf5) => T): Promise<T> {
  current ??= fresh();
  const hdf5 = await current;
  try {
    hdf5.compiled.activate_throwing_error_handler();
    return work(hdf5);
  } catch (error) {
    if (!(error instanceof FormatError)) current = undefined;
    throw error;
  } finally {
    if (hdf5.compiled.HEAPU8.length > MOST_MEMORY) current = undefined;
  }
}

/** The innermost cause in the report of a failed HDF5 call. */
export function reasonOf(error: unknown): string {
  const { message = String(error) } = error as Error;
  const causes = [...message.matchAll(/#\d+: .*? in \w+\(\): (.*)/g)];
  return causes.at(-1)?.[1] ?? message;
}
