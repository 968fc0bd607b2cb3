/** @file Independent categorical choices, each with its own number of options. */

import { UsageError } from "../../errors.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { type Categorical, categorical } from "./categorical.js";
import { checkSame, type Distribution } from "./distribution.js";

export interface MultiCategorical extends Distribution {
  readonly kind: "multi-categorical";
  /** One distribution per choice. */
  readonly parts: readonly Categorical[];
  kl(other: MultiCategorical): Tensor;
}

/**
 * D independent choices among `sizes[d]` options, with concatenated logits `[..., Σ sizes]`. Actions are
 * `int32` `[..., D]`. A sample takes uniform noise `[..., D]`.
 *
 * @throws UsageError when the last axis of the logits is not the sum of the sizes
 */
export function multiCategorical(logits: Tensor, sizes: readonly number[]): MultiCategorical {
  const total = sizes.reduce((a, b) => a + b, 0);
  if (logits.shape[logits.shape.length - 1] !== total) {
    throw new UsageError(
      `multiCategorical: logits [${logits.shape.join(", ")}] do not end in ${total}, the sum of sizes ${sizes.join(", ")}`,
    );
  }
  const parts = t.split(logits, sizes, -1).map(categorical);
  const ones = sizes.map(() => 1);
  const columns = (x: Tensor) => t.split(x, ones, -1).map((column) => t.squeeze(column, -1));
  const stack = (columns: Tensor[]) => t.stack(columns, -1);
  const sumOfParts = (value: (part: Categorical, i: number) => Tensor): Tensor =>
    parts.map(value).reduce((a, b) => t.add(a, b));
  return {
    kind: "multi-categorical",
    parts,
    noise: { kind: "uniform", shape: [...logits.shape.slice(0, -1), sizes.length] },
    sample(noise) {
      const uniforms = columns(noise);
      return stack(parts.map((part, i) => part.sample(uniforms[i])));
    },
    logProb(action) {
      const choices = columns(action);
      return sumOfParts((part, i) => part.logProb(choices[i]));
    },
    entropy: () => sumOfParts((part) => part.entropy()),
    kl(other) {
      checkSame("kind", "multi-categorical", other.kind);
      checkSame("number of choices", sizes.length, other.parts.length);
      return sumOfParts((part, i) => part.kl(other.parts[i]));
    },
    mode: () => stack(parts.map((part) => part.mode())),
  };
}
