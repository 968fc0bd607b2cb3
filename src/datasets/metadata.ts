/** @file What the metadata of data sets say about them: names, environments, spaces and counts. */

import { FormatError } from "../errors.js";
import { box, type Space } from "../spaces/index.js";
import { parseJson } from "../state/json.js";
import type { Spaces } from "./demonstrations.js";
import { isShape, minariSpace } from "./formats/minari-spaces.js";

/** What a data set says about itself, as far as it does. */
export interface Described extends Partial<Spaces> {
  /** The name of the data set. */
  name?: string;
  /** The id of the environment, in the registry of the program that recorded it. */
  env?: string;
  /** The time limit of an episode (steps). */
  maxEpisodeSteps?: number;
}

type Json = Record<string, unknown>;

/** @throws FormatError when the bytes are no JSON object */
export function jsonOf(bytes: Uint8Array, source: string): Json {
  let value: unknown;
  try {
    value = parseJson(withoutNumbersOfPython(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new FormatError(`${source}: it is not JSON: ${(cause as Error).message}`);
  }
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

/** JSON of Python, in which NaN and infinities are words: these become texts. */
const withoutNumbersOfPython = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (word) =>
    word.startsWith('"') ? word : `"${word}"`,
  );

/**
 * Minari's `metadata.json`.
 *
 * @throws FormatError when it has a space that this package does not have
 */
export function describedByMinari(metadata: Json, source: string): Described {
  const { dataset_id: id, env_spec: spec } = metadata;
  const space = (name: "observation_space" | "action_space") => {
    if (metadata[name] === undefined) return undefined;
    const place = `${source}: ${name}`;
    return minariSpace(nested(metadata[name], place), place);
  };
  const made = spec === undefined ? {} : nested(spec, `${source}: env_spec`);
  const { id: env, max_episode_steps: limit } = made as { id?: unknown; max_episode_steps?: unknown };
  return {
    ...(typeof id === "string" && { name: id }),
    ...(typeof env === "string" && { env }),
    ...(Number.isInteger(limit) && { maxEpisodeSteps: limit as number }),
    observationSpace: space("observation_space"),
    actionSpace: space("action_space"),
  };
}

/** JSON within JSON. */
const nested = (value: unknown, place: string): Json =>
  typeof value === "string" ? jsonOf(new TextEncoder().encode(value), place) : ((value ?? {}) as Json);

/** LeRobot's `meta/info.json`: the shapes of observations and actions, which have no bounds there. */
export function describedByLerobot(info: Json, source: string, observationColumn?: string): Described {
  const features = (info.features ?? {}) as Record<string, { dtype?: unknown; shape?: unknown } | undefined>;
  const space = (name: string): Space | undefined => {
    const { dtype, shape } = features[name] ?? {};
    // The number of values of an integer is not in the metadata.
    if (typeof dtype !== "string" || !dtype.startsWith("float") || !Array.isArray(shape)) return undefined;
    if (shape.length === 0 || !isShape(shape)) {
      throw new FormatError(
        `${source}: features.${name}.shape is ${JSON.stringify(shape)}, not a list of sizes`,
      );
    }
    return box(shape as number[], -Infinity, Infinity);
  };
  return {
    observationSpace: space(observationColumn ?? "observation.state"),
    actionSpace: space("action"),
  };
}
