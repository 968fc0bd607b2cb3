/**
 * @file The file format of policies and other artefacts: weights as safetensors, settings as JSON in its metadata,
 * never code.
 */

import * as z from "zod";
import { referenceTo } from "../config/references.js";
import { FormatError, UsageError } from "../errors.js";
import { checksumText, NO_CHECKSUM, seal } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import { decodeJson, encodeJson } from "../state/json.js";
import { decodeSafetensors, encodeSafetensors } from "../state/safetensors.js";
import type { Tree } from "../state/snapshot.js";
import type { ArtefactData, Policy } from "./contract.js";
import { policyOf, UnknownPolicyError } from "./define.js";
import { UnknownNetworkError } from "./networks/index.js";

const FORMAT = "understudy.policy";
const ARTEFACT_FORMAT = "understudy.artefact";
const VERSION = 1;

/** Strict, so that damage to the word `checksum` is found: files of 0.1 have none, and no file has other entries. */
const header = z.strictObject({
  checksum: z.string().optional(),
  format: z.enum([FORMAT, ARTEFACT_FORMAT]),
  version: z.string(),
  kind: z.string(),
  settings: z.string(),
});

/** Encodes a policy as the bytes of a policy file. */
export const savePolicy = (policy: Policy): Uint8Array => encode(FORMAT, policy.toData());

/** Encodes an artefact that is not a policy, such as a classifier, as the bytes of an artefact file. */
export const saveArtefact = (artefact: { toData(): ArtefactData }): Uint8Array =>
  encode(ARTEFACT_FORMAT, artefact.toData());

function encode(format: string, { kind, settings, arrays }: ArtefactData): Uint8Array {
  const metadata = {
    checksum: NO_CHECKSUM,
    format,
    version: String(VERSION),
    kind,
    settings: encodeJson(settings as Tree, noArray),
  };
  return seal(encodeSafetensors(arrays, metadata));
}

/**
 * Decodes the bytes of a policy file.
 *
 * @throws FormatError when the bytes are not a policy file, are damaged, or have a version unknown to this release
 * @throws UsageError when the policy's kind or network is not defined yet: `definePolicy` and `defineNetwork` define them
 */
export function loadPolicy(bytes: Uint8Array): Policy {
  const data = decode(bytes, FORMAT, "policy");
  try {
    return policyOf(data);
  } catch (error) {
    if (error instanceof UnknownPolicyError || error instanceof UnknownNetworkError) {
      throw new UsageError(`policy file: ${error.message}`);
    }
    throw damaged("policy", error);
  }
}

/**
 * Decodes the bytes of an artefact file. The `kind` of the data selects the function that restores the artefact.
 *
 * @throws FormatError when the bytes are not an artefact file, are damaged, or have a version unknown to this release
 */
export const loadArtefact = (bytes: Uint8Array): ArtefactData => decode(bytes, ARTEFACT_FORMAT, "artefact");

function decode(bytes: Uint8Array, format: string, what: string): ArtefactData {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parsed = header.safeParse(metadata);
  if (!parsed.success || parsed.data.format !== format) {
    const article = what === "artefact" ? "an" : "a";
    throw new FormatError(`not ${article} ${what} file: its metadata do not describe ${article} ${what}`);
  }
  const { version, kind, settings } = parsed.data;
  if (version !== String(VERSION)) {
    throw new FormatError(`${what} file of version ${version}; this release reads version ${VERSION}`);
  }
  try {
    const plain = decodeJson(settings, () => undefined, `${what} settings`) as ArtefactData["settings"];
    return { kind, settings: plain, arrays: tensors as ArtefactData["arrays"] };
  } catch (error) {
    throw damaged(what, error);
  }
}

/** The error for invalid contents: a file that this release wrote has none, so the file is damaged. */
const damaged = (what: string, error: unknown) =>
  new FormatError(`a damaged ${what} file: ${(error as Error).message}`, { cause: error });

/** The record of a policy in a run's config: the file it was read from, its kind and a checksum of its content. */
export const policyRecord = (policy: Policy): Record<string, unknown> =>
  referenceTo(policy, "policy", {
    kind: policy.toData().kind,
    checksum: checksumText(crc32c(savePolicy(policy))),
  });

/** Settings are encoded with `encodeJson`, because bounds of spaces may be infinite. They must not contain arrays. */
const noArray = (_: unknown, path: string): never => {
  throw new Error(`the settings contain a typed array at ${path}: put it into \`arrays\``);
};
