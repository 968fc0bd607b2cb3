/** @file What a network of features is: its name, its options, and a function from a space to a module. */

import type { z } from "zod";
import type * as nn from "../../nn/index.js";
import type { Space } from "../../spaces/index.js";

/** A network as plain data: its name, and its options. */
export interface NetworkData {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** What a network receives. */
export interface NetworkInput {
  /** The space of observations. Its box is unbounded where observations are standardised on the way. */
  readonly space: Space;
  /** Numbers in a row of observations: the parts of a composite space end to end, discrete parts one-hot. */
  readonly inputs: number;
}

export interface NetworkDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** What data and command lines call it: `{ kind: "two-streams", … }`. */
  readonly name: string;
  /** Its options, with their defaults; without a schema there are none. They must be plain data. */
  readonly schema?: Schema;
  /** The network for these observations: a module from rows `[B, inputs]` to features `[B, width]`. */
  create(input: NetworkInput, options: z.output<Schema>): nn.Features;
}
