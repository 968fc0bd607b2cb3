/** @file The file format of checkpoints: a tree of plain data as one safetensors file. */

import { FormatError } from "../errors.js";
import { NO_CHECKSUM, seal } from "./checksum.js";
import { decodeJson, encodeJson } from "./json.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";
import type { Tree, TypedArray } from "./snapshot.js";

const FORMAT = "understudy.tree";
const VERSION = "1";

/**
 * Encodes `tree`: typed arrays become tensors named by their path, all other data becomes JSON in the metadata.
 * Decoding restores every number bit for bit, and every array with its type.
 */
export function encodeTree(tree: Tree): Uint8Array {
  const tensors: Record<string, { shape: number[]; data: TypedArray }> = {};
  const text = encodeJson(tree, (data, path) => {
    const name = `tree${path}`;
    tensors[name] = { shape: [data.length], data };
    return name;
  });
  const metadata = { checksum: NO_CHECKSUM, format: FORMAT, version: VERSION, tree: text };
  return seal(encodeSafetensors(tensors, metadata));
}

/**
 * Decodes the tree in `bytes`.
 *
 * @param source the name of the bytes in messages, usually their path.
 * @throws FormatError when `encodeTree` did not write the bytes, or another version of the format did.
 */
export function decodeTree(bytes: Uint8Array, source = "checkpoint"): Tree {
  const refuse = (why: string) => new FormatError(`${source}: ${why}`);
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  if (metadata.format !== FORMAT)
    throw refuse("this is a safetensors file, but it does not hold a checkpoint tree");
  if (metadata.version !== VERSION) {
    throw refuse(
      `the format version is ${metadata.version}, but this release reads ${VERSION}: use the release that wrote it`,
    );
  }
  if (metadata.checksum === undefined) throw refuse("the file is damaged: it has no checksum");
  const find = (name: string) => {
    const data = Object.hasOwn(tensors, name) ? tensors[name].data : undefined;
    return data instanceof BigInt64Array ? undefined : data;
  };
  return decodeJson(metadata.tree ?? "", find, source);
}
