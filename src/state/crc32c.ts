/** @file CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum that detects damaged files. */

/** The checksum of each byte value, for the reflected polynomial 0x82F63B78. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/**
 * The checksum of `bytes`, an unsigned 32-bit integer.
 * @param before the checksum of the preceding bytes, when data is read in parts
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}
