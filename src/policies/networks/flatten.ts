/** @file The network "flatten": observations as they are, also images, pixel by pixel. */

import * as z from "zod";
import type { NetworkDefinition } from "./contract.js";

const flattenSchema = z.strictObject({});

/** No layers: the features are the observations. What images need to do without convolutions. */
export const flatten: NetworkDefinition<typeof flattenSchema> = {
  name: "flatten",
  schema: flattenSchema,
  create: ({ inputs }) => ({ parameters: {}, width: inputs, apply: (_, x) => x }),
};
