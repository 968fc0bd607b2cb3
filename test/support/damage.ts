/** @file Damaged files: truncated, or with some bytes changed. */

import fc from "fast-check";

/** A way to damage bytes; given the sound ones, it returns others. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }).map((share) => {
    return (bytes: Uint8Array) => bytes.slice(0, Math.floor(share * bytes.length));
  }),
  fc
    .array(
      fc.tuple(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((flips) => (bytes: Uint8Array) => {
      const copy = bytes.slice();
      for (const [where, mask] of flips) copy[Math.floor(where * copy.length)] ^= mask;
      return copy;
    }),
);
