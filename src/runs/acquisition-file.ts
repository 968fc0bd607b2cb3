/** @file Acquisition policies by their path. */

import {
  type AcquisitionPolicy,
  restoreAcquisitionPolicy,
} from "../../algorithms/active/imitation/policy.js";
import { withOrigin } from "../config/references.js";
import { FormatError, UsageError } from "../errors.js";

/** Whether a word is the path of an acquisition policy, and no name of an acquisition. */
export const isAcquisitionPath = (word: string): boolean => /[/\\]|\.safetensors(@\d+)?$/.test(word);

/**
 * The acquisition policy in a run folder of `iale-imitation` or `alil`, or in a file.
 *
 * @param word the path; with @50 after it, the policy chooses among 50 candidates, and not as many as when it was learnt
 * @throws UsageError when there is none, or another artefact; FormatError when it is damaged; both name the file
 */
export async function acquisitionIn(word: string): Promise<AcquisitionPolicy> {
  const [, path, size] = word.match(/^(.*?)(?:@([1-9]\d*))?$/) as RegExpMatchArray;
  const { artefactIn } = await import("./inputs.js");
  const data = await artefactIn(path);
  try {
    const policy = restoreAcquisitionPolicy(data);
    return withOrigin(size === undefined ? policy : policy.among(Number(size)), { policy: word });
  } catch (cause) {
    const { message } = cause as Error;
    const Kind = cause instanceof UsageError ? UsageError : FormatError;
    throw new Kind(`${path}: ${message}`, { cause });
  }
}
