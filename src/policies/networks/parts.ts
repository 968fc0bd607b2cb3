/** @file The network "parts": dict and tuple observations, each part through a network of its own. */

import * as z from "zod";
import { didYouMean, UsageError } from "../../errors.js";
import type * as nn from "../../nn/index.js";
import type { TensorTree } from "../../nn/index.js";
import { type DictSpace, describeSpace, encodedWidth, type Space } from "../../spaces/index.js";
import * as t from "../../tensor/index.js";
import type { NetworkData, NetworkDefinition } from "./contract.js";

const partsSchema = z.strictObject({
  parts: z
    .record(z.string(), z.union([z.string(), z.looseObject({ kind: z.string() })]))
    .default({})
    .describe("the network of each part, by the name of the part; unset: cnn for images, none for others"),
});

/** What a network of networks needs from the registry of networks. */
interface Registry {
  networkData(network: string | NetworkData): NetworkData;
  defaultNetwork(space: Space): NetworkData | undefined;
  featuresOf(network: NetworkData, space: Space): nn.Features;
}

/** Concatenates the features of all parts, in the order of the observations; parts without a network as they are. */
export const partsNetwork = (registry: Registry): NetworkDefinition<typeof partsSchema> => ({
  name: "parts",
  schema: partsSchema,
  create({ space }, { parts: asked }) {
    if (space.kind !== "dict" && space.kind !== "tuple") {
      throw new UsageError(`network "parts" needs observations with parts, not ${describeSpace(space)}`);
    }
    const named = Object.entries((space as DictSpace).spaces);
    const names = named.map(([name]) => name);
    for (const name of Object.keys(asked)) {
      if (names.includes(name)) continue;
      throw new UsageError(
        `network "parts": observations have no part "${name}"${didYouMean(name, names)}; they have ${names.join(", ")}`,
      );
    }
    const networks = named.map(([name, part]) => {
      const network = Object.hasOwn(asked, name)
        ? registry.networkData(asked[name])
        : registry.defaultNetwork(part);
      return network && registry.featuresOf(network, part);
    });
    const widths = named.map(([, part]) => encodedWidth(part));
    return {
      parameters: Object.fromEntries(
        networks.flatMap((network, i) => (network ? [[names[i], network.parameters]] : [])),
      ),
      width: networks.reduce((sum, network, i) => sum + (network?.width ?? widths[i]), 0),
      apply(p, x) {
        const columns = widths.length === 1 ? [x] : t.split(x, widths, 1);
        const features = networks.map((network, i) =>
          network ? network.apply((p as Record<string, TensorTree>)[names[i]], columns[i]) : columns[i],
        );
        return features.length === 1 ? features[0] : t.concat(features, 1);
      },
    };
  },
});
