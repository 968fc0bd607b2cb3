/**
 * @file Checks of autoreset, the time at which a vector environment starts the next episode (modes of Gymnasium 1.1).
 */

import { didYouMean, UsageError } from "../errors.js";
import type { Autoreset, VectorEnvironment } from "./contracts.js";

const modes: readonly Autoreset[] = ["same-step", "next-step", "disabled"];

/** @throws UsageError unless `mode` is an autoreset mode; the message suggests the most similar one. */
export function requireAutoreset(mode: unknown): asserts mode is Autoreset {
  if (modes.includes(mode as Autoreset)) return;
  throw new UsageError(`unknown autoreset "${mode}"${didYouMean(String(mode), modes)}`);
}

/**
 * @throws UsageError unless the vector starts the next episode in the step that ends one. In the other modes, some rows
 *   of a step are not transitions, but would be stored as such.
 */
export function requireSameStep({
  id,
  autoreset = "same-step",
}: Pick<VectorEnvironment, "id" | "autoreset">): void {
  if (autoreset === "same-step") return;
  throw new UsageError(
    `${id}: this vector has autoreset "${autoreset}", but recording episodes needs "same-step": ` +
      "create it without that option",
  );
}

/** @throws UsageError for a mask when the vector resets its environments by itself. */
export function refuseMask({ id, autoreset = "same-step" }: VectorEnvironment, mask: unknown): void {
  if (mask === undefined || autoreset === "disabled") return;
  throw new UsageError(
    `${id}: reset({ mask }) is for vectors made with autoreset "disabled"; this one has "${autoreset}"`,
  );
}
