/** @file Policies and other artefacts as bytes, and in files by their path (Node.js). */

import { withOrigin } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { ArtefactData, Policy } from "../policies/contract.js";
import * as bytes from "../policies/save.js";
import type { Trust } from "./trust.js";

/** Encodes a policy as the bytes of a policy file. */
export function savePolicy(policy: Policy): Uint8Array;
/**
 * Writes a policy file (Node.js): whole, or not at all. Missing folders of the path are created.
 *
 * @throws Error with the path and the reason when the file cannot be written
 */
export function savePolicy(policy: Policy, path: string): Promise<void>;
export function savePolicy(policy: Policy, path?: string): Uint8Array | Promise<void> {
  const encoded = bytes.savePolicy(policy);
  if (path === undefined) return encoded;
  return write("savePolicy", path, encoded).then(() => void withOrigin(policy, { policy: path }));
}

/**
 * Decodes the bytes of a policy file.
 *
 * @throws FormatError when the bytes are not a policy file, are damaged, or have a version unknown to this release
 * @throws UsageError when the policy's kind or network is not defined yet: `definePolicy` and `defineNetwork` define them
 */
export function loadPolicy(bytes: Uint8Array): Policy;
/**
 * Reads a policy from its file, or from a run folder (Node.js). The modules that the run names may define the policy's
 * kind or network: with `trust`, they are imported first.
 *
 * @param options.trust the modules that may be imported although only a file names them: paths, or true for all
 * @throws UsageError when there is no policy at the path; FormatError and UsageError as for bytes, naming the file
 */
export function loadPolicy(path: string, options?: { trust?: Trust }): Promise<Policy>;
export function loadPolicy(
  source: Uint8Array | string,
  { trust }: { trust?: Trust } = {},
): Policy | Promise<Policy> {
  if (typeof source !== "string") return bytes.loadPolicy(requireBytes("loadPolicy", "policy", source));
  // Imported on demand, so that browsers do not load modules of Node.js.
  return import("./inputs.js").then(async ({ policyIn }) => (await policyIn(source, { trust })).policy);
}

/** Encodes an artefact that is not a policy, such as a classifier, as the bytes of an artefact file. */
export function saveArtefact(artefact: { toData(): ArtefactData }): Uint8Array;
/** Writes an artefact file, as `savePolicy` does. */
export function saveArtefact(artefact: { toData(): ArtefactData }, path: string): Promise<void>;
export function saveArtefact(
  artefact: { toData(): ArtefactData },
  path?: string,
): Uint8Array | Promise<void> {
  const encoded = bytes.saveArtefact(artefact);
  return path === undefined ? encoded : write("saveArtefact", path, encoded);
}

/**
 * Decodes the bytes of an artefact file. The `kind` of the data selects the function that restores the artefact.
 *
 * @throws FormatError when the bytes are not an artefact file, are damaged, or have a version unknown to this release
 */
export function loadArtefact(bytes: Uint8Array): ArtefactData;
/**
 * Reads an artefact from its file, or from a run folder (Node.js).
 *
 * @throws UsageError when there is no artefact at the path; FormatError as for bytes, naming the file
 */
export function loadArtefact(path: string): Promise<ArtefactData>;
export function loadArtefact(source: Uint8Array | string): ArtefactData | Promise<ArtefactData> {
  if (typeof source !== "string") return bytes.loadArtefact(requireBytes("loadArtefact", "artefact", source));
  return import("./inputs.js").then(({ artefactIn }) => artefactIn(source));
}

async function write(what: string, path: string, content: Uint8Array): Promise<void> {
  if (typeof path !== "string" || path === "") {
    throw new UsageError(`${what}: the path must be a text, such as "policy.safetensors", not ${show(path)}`);
  }
  const { writeFileAt } = await import("../state/files.js");
  await writeFileAt(path, content);
}

function requireBytes(what: string, file: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const hint = value instanceof ArrayBuffer ? ": wrap it, as in new Uint8Array(buffer)" : "";
  throw new UsageError(
    `${what} needs the path of a ${file} file, or its bytes as a Uint8Array, not ${show(value)}${hint}`,
  );
}

const show = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? value.constructor?.name || "an object"
    : (JSON.stringify(value) ?? String(value));
