/** @file The interface of a folder of named files: on disk, in memory, or in the storage of a browser. */

export interface Folder {
  /** The location of the folder, for messages. */
  readonly path: string;
  /** The bytes of a file, or undefined when no file has this name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Writes or replaces a whole file atomically. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Appends to a file, or starts it. What was appended is stored when the promise resolves. */
  append(name: string, bytes: Uint8Array): Promise<void>;
}
