/** @file The options that every algorithm with a policy network shares. */

import { z } from "zod";
import { count } from "../src/config/options.js";
import { activationNames } from "../src/nn/index.js";

export const networkOptions = {
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers; [] is a linear policy"),
  activation: z.enum(activationNames).default("tanh").describe("of the hidden layers"),
};
