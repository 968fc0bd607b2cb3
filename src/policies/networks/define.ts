/**
 * @file Defines networks of features: functions from observations to features, before the hidden layers of policies,
 * critics and discriminators. Each has a name, so that a policy with such a network can be stored as data.
 */

import * as z from "zod";
import { resolveOptions } from "../../config/options.js";
import { didYouMean, UsageError } from "../../errors.js";
import type * as nn from "../../nn/index.js";
import { type Box, box, describeSpace, encodedWidth, type Space } from "../../spaces/index.js";
import type { Tensor } from "../../tensor/index.js";
import { cnn } from "./cnn.js";
import type { NetworkData, NetworkDefinition } from "./contract.js";
import { flatten } from "./flatten.js";
import { mlp } from "./mlp.js";
import { partsNetwork } from "./parts.js";

/** The built-in networks, and those that `defineNetwork` adds. */
const definitions = new Map<string, NetworkDefinition>(
  [mlp, cnn, flatten, partsNetwork({ networkData, defaultNetwork, featuresOf })].map((definition) => [
    definition.name,
    definition,
  ]),
);

/** The names of all networks, built-in ones first. */
export const networkNames = (): string[] => [...definitions.keys()];

/** The smallest side, in pixels, of boxes with three dimensions that are taken for images. */
const SMALLEST_IMAGE = 8;

/**
 * Whether a box is an image: its entries have the same finite bounds, and it has three dimensions, two of them sides of
 * at least 8 pixels, or two such dimensions with bounds 0 and 255.
 */
function isImage({ shape, low, high }: Box): boolean {
  const isBounded = Number.isFinite(high[0] - low[0]);
  const sides = shape.filter((side) => side >= SMALLEST_IMAGE).length;
  if (!isBounded || sides < 2 || low.some((x) => x !== low[0]) || high.some((x) => x !== high[0]))
    return false;
  return shape.length === 3 || shape.length === 4 || (shape.length === 2 && low[0] === 0 && high[0] === 255);
}

/**
 * The network for observations where none is asked for: "cnn" for images, "parts" for dicts and tuples with an image in
 * them, none for others.
 */
export function defaultNetwork(space: Space): NetworkData | undefined {
  if (space.kind === "box") return isImage(space) ? networkData("cnn") : undefined;
  if (space.kind !== "dict" && space.kind !== "tuple") return undefined;
  const hasImage = Object.values(space.spaces).some((part: Space) => defaultNetwork(part) !== undefined);
  return hasImage ? networkData("parts") : undefined;
}

/** Functions given as networks, by their names. */
const given = new WeakMap<NetworkDefinition["create"], NetworkData>();

/**
 * A function as a network of this program, with its own name, or one that is still free. A policy with it can be loaded
 * in another program only if that calls `defineNetwork` with the same name.
 */
export function networkOfFunction(create: NetworkDefinition["create"]): NetworkData {
  const known = given.get(create);
  if (known) return known;
  const base = create.name || "network";
  let name = base;
  for (let k = 2; definitions.has(name); k++) name = `${base}-${k}`;
  const data = defineNetwork({ name, create })();
  given.set(create, data);
  return data;
}

/** Thrown for a network that is not defined in this program. */
export class UnknownNetworkError extends UsageError {}

/**
 * Registers a network under a name. Returns a function from the network's options to the network as plain data,
 * for any option `network`; these options then also accept its name and `{ kind: name, … }`. A policy with the
 * network can only be loaded after the network is defined.
 *
 * @throws UsageError for an empty name, or the name of another network
 */
export function defineNetwork<Schema extends z.ZodObject>(
  definition: NetworkDefinition<Schema>,
): (options?: z.input<Schema>) => NetworkData {
  const { name, create } = definition;
  if (typeof name !== "string" || name === "" || typeof create !== "function") {
    throw new UsageError(
      `defineNetwork needs a name and a function, such as { name: "my-network", create: ({ inputs }) => … }`,
    );
  }
  if (definitions.has(name)) {
    throw new UsageError(`network "${name}" is already defined; choose another name`);
  }
  definitions.set(name, definition);
  return (options) => networkData({ ...options, kind: name });
}

function definitionOf(kind: string): NetworkDefinition {
  const definition = definitions.get(kind);
  if (definition) return definition;
  throw new UnknownNetworkError(
    `there is no network "${kind}"${didYouMean(kind, networkNames())}; if it is your own, first import the module ` +
      `that calls defineNetwork({ name: ${JSON.stringify(kind)}, … })`,
  );
}

/**
 * The data of a network, given by its name or its data, with every default filled in.
 *
 * @throws UsageError for an undefined name, or invalid options
 */
export function networkData(network: string | NetworkData): NetworkData {
  const { kind, ...options } = typeof network === "string" ? { kind: network } : network;
  const { schema = z.strictObject({}) } = definitionOf(kind);
  return { kind, ...resolveOptions(`network "${kind}"`, schema, options) };
}

/**
 * The module of a network, from observations with one-hot discrete parts to features.
 *
 * @param standardised whether box observations are standardised to mean 0 and standard deviation 1
 * @throws UsageError for a network that is not defined or does not fit the observations and, when it is traced, for
 *   features of another shape than `[B, width]`
 */
export function featuresOf(
  { kind, ...options }: NetworkData,
  space: Space,
  { standardised = false } = {},
): nn.Features {
  const seen =
    standardised && space.kind === "box"
      ? box(space.shape, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
      : space;
  const inputs = encodedWidth(space);
  const features = definitionOf(kind).create({ space: seen, inputs }, options);
  const { parameters, width } = features;
  if (typeof parameters !== "object" || typeof features.apply !== "function" || !(width > 0)) {
    throw new UsageError(
      `network "${kind}": create must return { parameters, width, apply }, with a positive width, not ` +
        `{ ${Object.entries(features)
          .map(([key, value]) => `${key}: ${typeof value === "number" ? value : typeof value}`)
          .join(", ")} }`,
    );
  }
  return {
    parameters,
    width,
    apply(p, x) {
      const out = applied(`network "${kind}"`, () => features.apply(p, x), x, space);
      if (out.shape.length !== 2 || out.shape[1] !== width) {
        throw new UsageError(
          `network "${kind}" returned features of shape ${shapeOf(out)}; with the width ${width} that it declares, ` +
            `[batch, ${width}] was expected`,
        );
      }
      return out;
    },
  };
}

/** The result of `apply`; shape errors are rethrown with the name of the network and the shape of its input. */
function applied(who: string, apply: () => Tensor, x: Tensor, space: Space): Tensor {
  try {
    return apply();
  } catch (error) {
    const reason = (error as Error).message;
    throw new UsageError(`${who} fails on ${describeSpace(space)}, rows of shape ${shapeOf(x)}: ${reason}`, {
      cause: error,
    });
  }
}

const shapeOf = ({ shape }: Tensor): string => `[${shape.join(", ")}]`;
