/** @file The network "mlp": hidden layers with optional layer normalisation. */

import * as z from "zod";
import { count } from "../../config/options.js";
import * as nn from "../../nn/index.js";
import type { NetworkDefinition } from "./contract.js";

const mlpSchema = z.strictObject({
  hidden: z.array(count()).min(1).default([64, 64]).describe("sizes of the layers"),
  activation: z.enum(nn.activationNames).default("tanh").describe("activation function of the layers"),
  layerNorm: z.boolean().default(false).describe("normalise each layer before its activation"),
});

/** Dense layers, the last of which gives the features. */
export const mlp: NetworkDefinition<typeof mlpSchema> = {
  name: "mlp",
  schema: mlpSchema,
  create: ({ inputs }, options) => nn.hiddenLayers({ inputs, ...options }),
};
