/** @file Policies as bytes: weights as safetensors, the rest as JSON in its metadata, never code. */

import { z } from "zod";
import { FormatError, UsageError } from "../errors.js";
import { decodeJson, encodeJson } from "../state/json.js";
import { decodeSafetensors, encodeSafetensors } from "../state/safetensors.js";
import type { Tree } from "../state/snapshot.js";
import type { Policy, PolicyData } from "./contract.js";
import { MixturePolicy } from "./mixture.js";
import { NetworkPolicy } from "./network.js";
import { UnknownNetworkError } from "./networks/index.js";
import { QPolicy } from "./q-network.js";
import { TabularPolicy } from "./tabular.js";
import { TimeIndexedPolicy } from "./time-indexed.js";
import { UniformPolicy } from "./uniform.js";

const FORMAT = "understudy.policy";
const VERSION = 1;

const kinds: Record<string, (data: PolicyData) => Policy> = {
  mixture: (data) => MixturePolicy.fromData(data, (member) => kinds[member.kind](member)),
  network: NetworkPolicy.fromData,
  "q-network": QPolicy.fromData,
  tabular: TabularPolicy.fromData,
  "time-indexed": TimeIndexedPolicy.fromData,
  uniform: UniformPolicy.fromData,
};

const header = z.object({
  format: z.literal(FORMAT),
  version: z.string(),
  kind: z.string(),
  settings: z.string(),
});

/** The bytes of a policy file. */
export function savePolicy(policy: Policy): Uint8Array {
  const { kind, settings, arrays } = policy.toData();
  const metadata = {
    format: FORMAT,
    version: String(VERSION),
    kind,
    settings: encodeJson(settings as Tree, noArray),
  };
  return encodeSafetensors(arrays, metadata);
}

/**
 * The policy in the bytes of a policy file.
 *
 * @throws FormatError when they are not one, are damaged, or are of a version or kind that this release does not know
 * @throws UsageError when it holds a network that `defineNetwork` has not defined yet
 */
export function loadPolicy(bytes: Uint8Array): Policy {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parsed = header.safeParse(metadata);
  if (!parsed.success) throw new FormatError("not a policy file: its metadata do not describe a policy");
  const { version, kind, settings } = parsed.data;
  if (version !== String(VERSION)) {
    throw new FormatError(`policy file of version ${version}; this release reads version ${VERSION}`);
  }
  if (!Object.hasOwn(kinds, kind)) {
    throw new FormatError(
      `policy file of kind "${kind}"; this release knows ${Object.keys(kinds).join(", ")}`,
    );
  }
  try {
    const plain = decodeJson(settings, () => undefined, "policy settings") as PolicyData["settings"];
    return kinds[kind]({ kind, settings: plain, arrays: tensors as PolicyData["arrays"] });
  } catch (error) {
    if (error instanceof UnknownNetworkError) throw new UsageError(`policy file: ${error.message}`);
    // Whatever the networks object to, a file that this release wrote would not have it.
    throw new FormatError(`a damaged policy file: ${(error as Error).message}`, { cause: error });
  }
}

/** Bounds of spaces may be infinite, which plain JSON cannot say; arrays go beside the settings, not into them. */
const noArray = (_: unknown, path: string): never => {
  throw new Error(`the policy's settings hold an array at ${path}`);
};
