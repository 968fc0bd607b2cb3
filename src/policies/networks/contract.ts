/** @file The interface of networks of features: a name, options, and a function from a space to a module. */

import type * as z from "zod";
import type * as nn from "../../nn/index.js";
import type { Space } from "../../spaces/index.js";

/** A network as plain data: its name, and its options. */
export interface NetworkData {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** The input of a network. */
export interface NetworkInput {
  /** The space of observations. For standardised observations, it is an unbounded box. */
  readonly space: Space;
  /** The width of a row of observations: concatenated parts of composite spaces, discrete parts one-hot. */
  readonly inputs: number;
}

export interface NetworkDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** Its name in data and on the command line: `{ kind: "two-streams", … }`. */
  readonly name: string;
  /** Its options, with their defaults; without a schema it has none. Options must be plain data. */
  readonly schema?: Schema;
  /** The network for these observations: a module from rows `[B, inputs]` to features `[B, width]`. */
  create(input: NetworkInput, options: z.output<Schema>): nn.Features;
}
