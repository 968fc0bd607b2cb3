/** @file The options that every algorithm with a policy network shares. */

import { z } from "zod";
import { count } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import { activationNames } from "../../src/nn/index.js";
import { describeSpace } from "../../src/spaces/index.js";

export const networkOptions = {
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers; [] is a linear policy"),
  activation: z.enum(activationNames).default("tanh").describe("of the hidden layers"),
};

/** Those of a policy with a critic beside it, learnt on its own rollouts. */
export const policyNetworkOptions = {
  sharedTrunk: z.boolean().default(false).describe("whether policy and critic share their hidden layers"),
  recurrentUnits: count()
    .optional()
    .describe("units of a GRU behind the hidden layers; unset, the policy has no memory"),
  initialLogStd: z.number().default(0).describe("log standard deviation that continuous actions start with"),
};

/** Largest absolute value of a normalised observation or reward. */
export const NORMALISED_CLIP = 10;

/** @throws UsageError where observations are not numbers in a box, which alone can be normalised */
export function requireNormalisable(
  name: string,
  { id, observationSpace }: Pick<Problem, "id" | "observationSpace">,
): void {
  if (observationSpace.kind === "box") return;
  throw new UsageError(
    `${name}: normaliseObservations is for a box; ${id} shows ${describeSpace(observationSpace)}`,
  );
}
