/** @file The options that every algorithm with a policy network shares. */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import { type Activation, activationNames } from "../../src/nn/index.js";
import { maskedInputs } from "../../src/policies/action-mask.js";
import {
  defaultNetwork,
  type NetworkData,
  type NetworkDefinition,
  networkData,
  networkNames,
  networkOfFunction,
} from "../../src/policies/networks/index.js";
import { describeSpace } from "../../src/spaces/index.js";

type NetworkFunction = NetworkDefinition["create"];

const isNetwork = (value: unknown): value is string | NetworkData | NetworkFunction =>
  typeof value === "function" ||
  typeof (typeof value === "object" && value !== null ? (value as NetworkData).kind : value) === "string";

/** Features of observations, ahead of the hidden layers: a name, or plain data whose `kind` is the name. */
export const networkOption = z
  .custom<string | NetworkData | NetworkFunction>(
    isNetwork,
    `it must be one of ${networkNames().join(", ")}, { kind: such a name, …options }, or a function such as ` +
      "({ space, inputs }) => ({ parameters, width, apply })",
  )
  .meta({ tag: "kind", type: "name, network or function" })
  .transform((network, context): NetworkData => {
    try {
      return typeof network === "function" ? networkOfFunction(network) : networkData(network);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  })
  .optional()
  .describe(
    `network between the observations and the hidden layers: ${networkNames().join(", ")}, or one defined with ` +
      "defineNetwork; its options as in --network.kind cnn --network.activation elu; unset: cnn for images (flatten: their pixels), " +
      "parts for dicts with images, else none",
  );

export const networkOptions = {
  network: networkOption,
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers; [] is a linear policy"),
  activation: z.enum(activationNames).default("tanh").describe("activation of the hidden layers"),
};

/** Network options of on-policy actor-critic algorithms. */
export const policyNetworkOptions = {
  sharedTrunk: z
    .boolean()
    .default(false)
    .describe("whether policy and critic share the network and the hidden layers"),
  recurrentUnits: count()
    .optional()
    .describe("units of a GRU after the hidden layers; unset: the policy has no memory"),
  initialLogStd: z
    .number()
    .default(0)
    .describe(
      "initial log standard deviation of continuous actions, normalised so that their bounds are −1 and 1",
    ),
};

/**
 * The part of the options that determines a policy's network, as its settings.
 *
 * @param spaces for a network by default, if the observations are images
 */
export function networkSettings(
  {
    hidden,
    activation,
    network,
    normaliseObservations = false,
  }: {
    hidden: number[];
    activation: Activation;
    network?: NetworkData;
    normaliseObservations?: boolean;
  },
  spaces: Pick<Problem, "observationSpace" | "actionSpace"> | undefined,
) {
  const used = network ?? (spaces && defaultNetwork(maskedInputs(spaces).space));
  return { hidden, activation, ...(used && { network: used, standardised: normaliseObservations }) };
}

/** Largest absolute value of a normalised observation or reward. */
export const NORMALISED_CLIP = 10;

/** @throws UsageError unless observations are in a box; others cannot be normalised */
export function requireNormalisable(
  name: string,
  { id, observationSpace }: Pick<Problem, "id" | "observationSpace">,
): void {
  if (observationSpace.kind === "box") return;
  throw new UsageError(
    `${name}: normaliseObservations needs box observations; those of ${id} are ${describeSpace(observationSpace)}`,
  );
}
