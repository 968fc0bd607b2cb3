/** @file What the metadata of data sets say about them: names, environments, spaces and counts. */

import { FormatError } from "../errors.js";
import { box, discrete, type Space, spaceProblem } from "../spaces/index.js";
import { parseJson } from "../state/json.js";
import type { Spaces } from "./demonstrations.js";

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

/** A space in the form of Minari (`minari/serialization.py`). */
function minariSpace(written: Json, place: string): Space {
  const refuse = (why: string): never => {
    throw new FormatError(`${place}: ${why}`);
  };
  const parts = (value: unknown) =>
    Object.entries((value ?? {}) as Json).map(([name, part]): [string, Space] => [
      name,
      minariSpace((part ?? {}) as Json, `${place}/${name}`),
    ]);
  const { type, start = 0 } = written;
  const starts = [start].flat(8);
  if (type !== "Box" && starts.some((first) => first !== 0)) {
    refuse(`its numbers start at ${starts.join(", ")}, not at 0, which is not read`);
  }
  const space = (): Space => {
    switch (type) {
      case "Box": {
        const shape = [written.shape].flat() as number[];
        if (!isShape(shape)) return refuse(`its shape is ${JSON.stringify(written.shape)}`);
        const bounds = (name: "low" | "high") => [written[name]].flat(Infinity).map(Number);
        // A scalar bounds every entry.
        const spread = (all: number[]) => (all.length === 1 ? all[0] : all);
        return box(shape, spread(bounds("low")), spread(bounds("high")));
      }
      case "Discrete":
        return discrete(written.n as number);
      case "MultiDiscrete":
        return { kind: "multi-discrete", sizes: [written.nvec].flat(Infinity) as number[] };
      case "MultiBinary":
        return { kind: "multi-binary", n: ([written.n].flat() as number[]).reduce((a, b) => a * b, 1) };
      case "Dict":
        return { kind: "dict", spaces: Object.fromEntries(parts(written.subspaces)) };
      case "Tuple":
        return { kind: "tuple", spaces: parts(written.subspaces).map(([, part]) => part) };
      default:
        return refuse(`a space of type ${JSON.stringify(type ?? "nothing")} is not read`);
    }
  };
  const made = space();
  const problem = spaceProblem(made);
  return problem ? refuse(problem) : made;
}

/** Whether these are the sizes of an array that a row may be. */
const isShape = (shape: readonly unknown[]): boolean =>
  shape.every((size) => Number.isInteger(size) && (size as number) > 0) &&
  shape.reduce<number>((product, size) => product * (size as number), 1) <= 2 ** 22;

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
