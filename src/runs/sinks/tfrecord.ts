/** @file TFRecord framing: length, its checksum, the bytes, their checksum (tensorflow/core/lib/io/record_writer.h). */

import { crc32c } from "../../state/crc32c.js";

/** The masked checksum of the format: rotated and offset, because data may contain checksums. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** One framed record: `[u64 length][u32 masked CRC of length][bytes][u32 masked CRC of bytes]`, little-endian. */
export function tfRecord(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(bytes.length + 16);
  const view = new DataView(framed.buffer);
  view.setBigUint64(0, BigInt(bytes.length), true);
  view.setUint32(8, maskedCrc(framed.subarray(0, 8)), true);
  framed.set(bytes, 12);
  view.setUint32(12 + bytes.length, maskedCrc(bytes), true);
  return framed;
}
