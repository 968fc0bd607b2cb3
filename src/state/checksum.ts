/**
 * @file The checksum within a safetensors file of ours, which finds damage anywhere in it: the first entry of the
 * metadata is the CRC-32C of all bytes, with zeros in the place of its own digits.
 */

import { crc32c } from "./crc32c.js";

/** The digits that stand for zero: also what `encodeSafetensors` is given for {@link seal} to fill in. */
export const NO_CHECKSUM = "00000000";

/** Where the digits are: after the eight bytes of the header's length, and this beginning of the header. */
const BEGINNING = new TextEncoder().encode('{"__metadata__":{"checksum":"');
const AT = 8 + BEGINNING.length;

/** A checksum as text: eight hexadecimal digits. */
export const checksumText = (checksum: number): string => checksum.toString(16).padStart(8, "0");

const digitsOf = (file: Uint8Array) => file.subarray(AT, AT + NO_CHECKSUM.length);

const hasPlace = (file: Uint8Array) => BEGINNING.every((byte, i) => file[8 + i] === byte);

function checksumOf(file: Uint8Array): string {
  const before = crc32c(file.subarray(0, AT));
  const zeros = crc32c(new TextEncoder().encode(NO_CHECKSUM), before);
  return checksumText(crc32c(file.subarray(AT + NO_CHECKSUM.length), zeros));
}

/** Writes the checksum into a file whose first metadata are `checksum: NO_CHECKSUM`, in place. Returns the file. */
export function seal(file: Uint8Array): Uint8Array {
  if (!hasPlace(file))
    throw new Error("the file has no place for a checksum: its first metadata are another");
  digitsOf(file).set(new TextEncoder().encode(checksumOf(file)));
  return file;
}

/** Why a file is damaged; undefined if it is sound, or has no checksum, like those of other programs. */
export function damageIn(file: Uint8Array): string | undefined {
  if (!hasPlace(file)) return undefined;
  const [recorded, present] = [new TextDecoder().decode(digitsOf(file)), checksumOf(file)];
  if (recorded === present) return undefined;
  return `the file is damaged: its checksum is ${present}, and ${recorded} was recorded`;
}
