/** @file A tree of plain data as one safetensors file: what a checkpoint is on disk. */

import { FormatError } from "../errors.js";
import { decodeJson, encodeJson } from "./json.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";
import type { Tree, TypedArray } from "./snapshot.js";

const FORMAT = "understudy.tree";
const VERSION = "1";

/**
 * The bytes of `tree`: its typed arrays as tensors named by their path, all else as JSON in the metadata. Every
 * number comes back bit for bit and every array with its type.
 */
export function encodeTree(tree: Tree): Uint8Array {
  const tensors: Record<string, { shape: number[]; data: TypedArray }> = {};
  const text = encodeJson(tree, (data, path) => {
    const name = `tree${path}`;
    tensors[name] = { shape: [data.length], data };
    return name;
  });
  return encodeSafetensors(tensors, { format: FORMAT, version: VERSION, tree: text });
}

/**
 * The tree in `bytes`.
 *
 * @param source what the bytes are called in messages, usually their path.
 * @throws FormatError when they are not what `encodeTree` wrote, or another version's.
 */
export function decodeTree(bytes: Uint8Array, source = "checkpoint"): Tree {
  const refuse = (why: string) => new FormatError(`${source}: ${why}`);
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  if (metadata.format !== FORMAT) throw refuse("this is a safetensors file, but not one that holds a tree");
  if (metadata.version !== VERSION) {
    throw refuse(
      `format version ${metadata.version}, where this release reads ${VERSION}: use the one that wrote it`,
    );
  }
  const find = (name: string) => {
    const data = Object.hasOwn(tensors, name) ? tensors[name].data : undefined;
    return data instanceof BigInt64Array ? undefined : data;
  };
  return decodeJson(metadata.tree ?? "", find, source);
}
