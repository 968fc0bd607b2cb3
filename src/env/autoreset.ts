/** @file When a vector environment starts the next episode: the three modes of Gymnasium 1.1, and who needs which. */

import { didYouMean, UsageError } from "../errors.js";
import type { Autoreset, VectorEnvironment } from "./contracts.js";

const modes: readonly Autoreset[] = ["same-step", "next-step", "disabled"];

/** @throws {UsageError} unless `mode` is one, with the nearest that is. */
export function requireAutoreset(mode: unknown): asserts mode is Autoreset {
  if (modes.includes(mode as Autoreset)) return;
  throw new UsageError(`unknown autoreset "${mode}"${didYouMean(String(mode), modes)}`);
}

/**
 * @throws {UsageError} unless the vector starts the next episode in the step that ends one. In the other modes some rows
 * of a step are no transition, which would be stored as one.
 */
export function requireSameStep({
  id,
  autoreset = "same-step",
}: Pick<VectorEnvironment, "id" | "autoreset">): void {
  if (autoreset === "same-step") return;
  throw new UsageError(
    `${id}: this vector has autoreset "${autoreset}", but episodes are recorded with "same-step": ` +
      "make it without that option",
  );
}

/** @throws {UsageError} at a mask of a vector that resets by itself. */
export function refuseMask({ id, autoreset = "same-step" }: VectorEnvironment, mask: unknown): void {
  if (mask === undefined || autoreset === "disabled") return;
  throw new UsageError(
    `${id}: reset({ mask }) is for vectors made with autoreset "disabled"; this one has "${autoreset}"`,
  );
}
