/** @file Snapshots of environments as JSON beside the questions about them, with their arrays as base64. */

import { decodeJson, encodeJson } from "../state/json.js";
import type { Tree, TypedArray } from "../state/snapshot.js";

const ARRAYS = {
  Float32Array,
  Float64Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
};

/** Snapshots by name, each as the text of a JSON value; undefined where one is missing. */
export function writtenSnapshots(
  snapshots: Record<string, Tree | undefined>,
): Record<string, string> | undefined {
  const entries = Object.entries(snapshots);
  if (entries.some(([, snapshot]) => snapshot === undefined)) return undefined;
  return Object.fromEntries(entries.map(([name, snapshot]) => [name, encodeJson(snapshot, written)]));
}

/**
 * The snapshot that was written.
 *
 * @param source the name of the text in messages
 * @throws FormatError for another text
 */
export const readSnapshot = (text: string, source: string): Tree => decodeJson(text, readArray, source);

function written(array: TypedArray): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `${array.constructor.name}:${btoa(binary)}`;
}

function readArray(name: string): TypedArray | undefined {
  const [kind, base64] = name.split(":");
  if (!Object.hasOwn(ARRAYS, kind) || base64 === undefined) return undefined;
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return undefined;
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const type = ARRAYS[kind as keyof typeof ARRAYS];
  return bytes.length % type.BYTES_PER_ELEMENT === 0 ? new type(bytes.buffer) : undefined;
}
