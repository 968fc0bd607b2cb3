/** @file A place that holds named files: a folder on disk, memory, or whatever storage a browser offers. */

export interface Folder {
  /** Where it is, for messages. */
  readonly path: string;
  /** The bytes of a file, or undefined when there is none of this name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Replaces a whole file, entirely or not at all. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}
