/** @file Pseudonyms of annotators: their ids identify people, and results are shared. */

import { UsageError } from "../errors.js";
import type { Annotations } from "./annotations.js";

/** Length of a pseudonym, in hexadecimal digits. */
const DIGITS = 10;

/**
 * The annotations with pseudonyms for the names of annotators: the beginning of an HMAC of SHA-256 of the name under the
 * salt, so that the same name has the same pseudonym in every set with this salt, and nobody without it finds the name.
 *
 * @throws UsageError for an empty salt, which would protect nothing
 */
export async function withPseudonyms(annotations: Annotations, salt: string): Promise<Annotations> {
  if (salt === "") throw new UsageError("pseudonyms need a salt: a text that is kept secret");
  const { subtle } = globalThis.crypto;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const key = await subtle.importKey("raw", bytes(salt), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const names = await Promise.all(
    annotations.names.annotators.map(async (name) => {
      const signed = new Uint8Array(await subtle.sign("HMAC", key, bytes(name)));
      return Array.from(signed.subarray(0, DIGITS / 2), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      );
    }),
  );
  return { ...annotations, names: { ...annotations.names, annotators: names } };
}
