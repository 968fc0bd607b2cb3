/**
 * @file How much memory decoding a file may take. Compressed, repeated and merely declared content can be any multiple of
 * the size of its file, so every reader asks here before it allocates.
 */

/** Bytes of memory that any file may take, and those that it may take for each byte of its own. */
const ANY_FILE = 2 ** 28;
const PER_BYTE = 64;

/** The largest expansion of deflate, the format of zip, gzip and HDF5's compression. */
export const DEFLATE_EXPANSION = 1032;

/** Counts the memory that is taken. */
export interface Allowance {
  /** Why `bytes` more must not be allocated; undefined if they may be, and then they are counted. */
  excess(bytes: number): string | undefined;
}

/** The allowance of a file, or of the part of it, of this size. */
export function allowanceOf(fileBytes: number): Allowance {
  const most = ANY_FILE + PER_BYTE * fileBytes;
  let taken = 0;
  return {
    excess(bytes) {
      if (taken + bytes <= most) {
        taken += bytes;
        return undefined;
      }
      const before = taken === 0 ? "" : ` in addition to ${taken}`;
      return (
        `it takes ${bytes} bytes of memory${before}, but a file of ${fileBytes} bytes may take ${most} ` +
        `(${ANY_FILE} and ${PER_BYTE} for each of its bytes): write it in several files, or with less compression`
      );
    },
  };
}
