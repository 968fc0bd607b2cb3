/** @file The file format of demonstrations: manifest and shards, described in docs/reference/demonstration-files.md. */

import * as z from "zod";
import { requirement } from "../config/options.js";
import { FormatError } from "../errors.js";
import { allocateActions, type Space, spaceProblem, spaceWidth } from "../spaces/index.js";
import { crc32c } from "../state/crc32c.js";
import { decodeJson, encodeJson } from "../state/json.js";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "../state/safetensors.js";
import type { Tree } from "../state/snapshot.js";
import {
  type Demonstration,
  type DemonstrationsHeader,
  type Spaces,
  trajectoryFault,
} from "./demonstrations.js";

const FORMAT = "understudy.demonstrations";
/** Version 2 adds demonstrated steps, weights and experts, which a reader of version 1 would miss. */
const VERSIONS = [1, 2];

/** The entry of a file of episodes in the manifest. */
export interface Shard {
  file: string;
  episodes: number;
  steps: number;
  bytes: number;
  /** The CRC-32C of the file. */
  checksum: number;
  /** Whether an episode of the shard has demonstrated steps, a weight or an expert. */
  selective?: boolean;
}

export interface Manifest extends DemonstrationsHeader {
  /** The shards, in order of their episodes. */
  readonly shards: readonly Shard[];
}

/** The name of shard `index`. */
export const shardName = (index: number): string => `episodes-${String(index).padStart(5, "0")}.safetensors`;

const count = () => z.int().nonnegative();

/** Bounds of a box, which may be infinite: `z.number()` refuses infinities. */
const bounds = () => z.array(z.custom<number>((value) => typeof value === "number", "not a number"));

const spaceSchema: z.ZodType<Space> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("box"), shape: z.array(z.int()), low: bounds(), high: bounds() }),
    z.object({ kind: z.literal("discrete"), n: z.int() }),
    z.object({ kind: z.literal("multi-discrete"), sizes: z.array(z.int()) }),
    z.object({ kind: z.literal("multi-binary"), n: z.int() }),
    z.object({ kind: z.literal("dict"), spaces: z.record(z.string(), spaceSchema) }),
    z.object({ kind: z.literal("tuple"), spaces: z.array(spaceSchema) }),
  ]),
);

/** The fields of a shard's entry. */
export const shardSchema = z.object({
  file: z.string(),
  episodes: count(),
  steps: count(),
  bytes: count(),
  checksum: count(),
  selective: z.boolean().optional(),
});

/** The fields of every manifest of shards. */
export const headerFields = { env: z.string(), observationSpace: spaceSchema, actionSpace: spaceSchema };

const manifestSchema = z.object({
  ...headerFields,
  provenance: z.looseObject({ expertReturn: z.number().or(z.nan()) }),
  shards: z.array(shardSchema),
});

/** Encodes a manifest as the bytes of `demonstrations.json`. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const version = manifest.shards.some(({ selective }) => selective) ? 2 : 1;
  const content = { format: FORMAT, version, ...manifest } as unknown as Tree;
  const text = encodeJson(content, noArrays, 2);
  return new TextEncoder().encode(`${text}\n`);
}

export const noArrays = (): never => {
  throw new FormatError("a manifest must not contain arrays");
};

/** The format of a manifest of shards. */
export interface ManifestFormat {
  format: string;
  /** The versions that this release reads. */
  versions: readonly number[];
  /** What the manifest is of, such as "demonstrations". */
  what: string;
  schema: z.ZodType;
}

/**
 * Decodes a manifest.
 *
 * @param source the name of the bytes in messages, usually their path.
 * @throws FormatError with the name of the invalid field.
 */
export const decodeManifest = (bytes: Uint8Array, source: string): Manifest =>
  decodeManifestAs(
    { format: FORMAT, versions: VERSIONS, what: "demonstrations", schema: manifestSchema },
    bytes,
    source,
  );

/**
 * Decodes a manifest of shards, and checks its spaces and the names of its shards.
 *
 * @throws FormatError with the name of the invalid field
 */
export function decodeManifestAs<M extends Spaces & { readonly shards: readonly Pick<Shard, "file">[] }>(
  { format, versions, what, schema }: ManifestFormat,
  bytes: Uint8Array,
  source: string,
): M {
  const refuse = (why: string) => new FormatError(`${source}: ${why}`);
  const content = decodeJson(new TextDecoder().decode(bytes), noArrays, source) as {
    format?: Tree;
    version?: Tree;
  };
  if (content?.format !== format) throw refuse(`this is not a manifest of ${what} (format "${format}")`);
  if (!versions.includes(content.version as number)) {
    const read = versions.join(" and ");
    throw refuse(
      `the format version is ${content.version}, but this release reads ${read}: use the release that wrote it`,
    );
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(`field ${issue.path.join(".")}: ${requirement(schema, issue)}`);
  }
  const manifest = parsed.data as M;
  for (const field of ["observationSpace", "actionSpace"] as const) {
    const problem = spaceProblem(manifest[field]);
    if (problem) throw refuse(`field ${field}: ${problem}`);
  }
  if (manifest.actionSpace.kind === "dict" || manifest.actionSpace.kind === "tuple") {
    throw refuse(`field actionSpace: actions of kind ${manifest.actionSpace.kind} are not supported`);
  }
  // The names are fixed, so that no manifest can refer to files outside its folder.
  const stray = manifest.shards.findIndex(({ file }, i) => file !== shardName(i));
  if (stray >= 0) throw refuse(`field shards.${stray}.file: it must be "${shardName(stray)}"`);
  return manifest;
}

/** Whether a demonstration has demonstrated steps, a weight or an expert, which a reader of version 1 would ignore. */
export const isSelective = ({ steps, weight = 1, expert }: Demonstration): boolean =>
  steps !== undefined || weight !== 1 || expert !== undefined;

/** Encodes a shard: six tensors of concatenated episodes, and three more if an episode is selective. */
export function encodeShard(
  trajectories: readonly Demonstration[],
  { observationSpace, actionSpace }: Spaces,
): Uint8Array {
  const episodes = trajectories.length;
  const steps = trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const observations = new Float32Array((steps + episodes) * width);
  const actions = allocateActions(actionSpace, steps);
  const rewards = new Float64Array(steps);
  let at = 0;
  for (const [episode, trajectory] of trajectories.entries()) {
    observations.set(trajectory.observations, (at + episode) * width);
    actions.set(trajectory.actions, at * actionWidth);
    rewards.set(trajectory.rewards, at);
    at += trajectory.rewards.length;
  }
  const tensors = {
    observations: { shape: [steps + episodes, width], data: observations },
    actions: { shape: [steps, actionWidth], data: actions },
    rewards: { shape: [steps], data: rewards },
    lengths: { shape: [episodes], data: Int32Array.from(trajectories, (t) => t.rewards.length) },
    terminated: { shape: [episodes], data: Uint8Array.from(trajectories, (t) => Number(t.terminated)) },
    truncated: { shape: [episodes], data: Uint8Array.from(trajectories, (t) => Number(t.truncated)) },
  };
  if (!trajectories.some(isSelective)) return encodeSafetensors(tensors);

  const names = [...new Set(trajectories.flatMap(({ expert }) => expert ?? []))];
  const demonstrated = new Uint8Array(steps);
  at = 0;
  for (const { rewards, steps: kept } of trajectories) {
    if (kept) for (const t of kept) demonstrated[at + t] = 1;
    else demonstrated.fill(1, at, at + rewards.length);
    at += rewards.length;
  }
  const selection = {
    demonstrated: { shape: [steps], data: demonstrated },
    weights: { shape: [episodes], data: Float64Array.from(trajectories, ({ weight = 1 }) => weight) },
    experts: {
      shape: [episodes],
      data: Int32Array.from(trajectories, ({ expert }) =>
        expert === undefined ? -1 : names.indexOf(expert),
      ),
    },
  };
  return encodeSafetensors({ ...tensors, ...selection }, { experts: JSON.stringify(names) });
}

/**
 * Decodes the trajectories of a shard; their arrays are views of the shard's arrays.
 *
 * @param source the name of the bytes in messages, usually their path.
 * @param firstEpisode the index of the shard's first episode among all episodes, for messages.
 * @throws FormatError when the bytes do not match the manifest, or an episode does not fit the spaces.
 */
export function decodeShard(
  bytes: Uint8Array,
  shard: Shard,
  spaces: Spaces,
  source: string,
  firstEpisode = 0,
): Demonstration[] {
  const refuse = (why: string) => new FormatError(`${source}: ${why}`);
  if (bytes.length !== shard.bytes) {
    const what = bytes.length < shard.bytes ? "it is truncated" : "it has extra bytes";
    throw refuse(`it has ${bytes.length} bytes, but the manifest lists ${shard.bytes}: ${what}; ${WAY_OUT}`);
  }
  if (crc32c(bytes) !== shard.checksum)
    throw refuse(`it is damaged: its checksum differs from the manifest; ${WAY_OUT}`);

  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const { episodes, steps } = shard;
  const tensor = <T extends TensorData>(name: string, like: T, shape: number[]): T => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const kind = like.constructor.name;
    if (!found || !(found.data instanceof like.constructor) || String(found.shape) !== String(shape)) {
      const has = found ? `${found.data.constructor.name} [${found.shape}]` : "nothing";
      throw refuse(`tensor "${name}" must be ${kind} [${shape}] according to the manifest, not ${has}`);
    }
    return found.data as T;
  };
  const [width, actionWidth] = [spaceWidth(spaces.observationSpace), spaceWidth(spaces.actionSpace)];
  const observations = tensor("observations", new Float32Array(), [steps + episodes, width]);
  const actions = tensor("actions", allocateActions(spaces.actionSpace, 0), [steps, actionWidth]);
  const rewards = tensor("rewards", new Float64Array(), [steps]);
  const lengths = tensor("lengths", new Int32Array(), [episodes]);
  const terminated = tensor("terminated", new Uint8Array(), [episodes]);
  const truncated = tensor("truncated", new Uint8Array(), [episodes]);
  if (lengths.some((length) => length < 1) || lengths.reduce((a, b) => a + b, 0) !== steps) {
    throw refuse(`the lengths of its ${episodes} episodes must be positive and sum to ${steps}`);
  }
  const selection = shard.selective && {
    demonstrated: tensor("demonstrated", new Uint8Array(), [steps]),
    weights: tensor("weights", new Float64Array(), [episodes]),
    experts: tensor("experts", new Int32Array(), [episodes]),
    names: decodeJson(metadata.experts ?? "[]", noArrays, source),
  };

  let at = 0;
  return Array.from(lengths, (length, i) => {
    const trajectory: Demonstration = {
      observations: observations.subarray((at + i) * width, (at + i + length + 1) * width),
      actions: actions.subarray(at * actionWidth, (at + length) * actionWidth),
      rewards: rewards.subarray(at, at + length),
      terminated: terminated[i] === 1,
      truncated: truncated[i] === 1,
      ...(selection && selectionOf(selection, i, at, length)),
    };
    const fault = trajectoryFault(trajectory, spaces);
    if (fault) throw refuse(`episode ${firstEpisode + i}: ${fault}`);
    at += length;
    return trajectory;
  });
}

/** The advice in messages about missing or damaged shards. */
export const WAY_OUT = "copy it again from its source, or collect the demonstrations again";

/** The demonstrated steps, weight and expert of episode i, whose first step is step `at` of its shard. */
function selectionOf(
  { demonstrated, weights, experts, names }: Selection,
  i: number,
  at: number,
  length: number,
): Pick<Demonstration, "steps" | "weight" | "expert"> {
  const steps = Int32Array.from({ length }, (_, t) => t).filter((t) => demonstrated[at + t] === 1);
  const expert = Array.isArray(names) ? names[experts[i]] : undefined;
  return {
    ...(steps.length < length && { steps }),
    ...(weights[i] !== 1 && { weight: weights[i] }),
    ...(typeof expert === "string" && { expert }),
  };
}

interface Selection {
  /** `[S]`, 0 or 1. */
  demonstrated: Uint8Array;
  /** `[E]`. */
  weights: Float64Array;
  /** `[E]`, indices into `names`, or −1. */
  experts: Int32Array;
  names: Tree;
}
