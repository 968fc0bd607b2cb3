/** @file The expert zoo: the trained policies that ship with the package, with a description of each. */

import * as z from "zod";
import { resolveOptions } from "../config/options.js";
import { withOrigin } from "../config/references.js";
import { onDisk } from "../datasets/read-demonstrations.js";
import { didYouMean, FormatError, UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import { loadPolicy } from "../policies/index.js";
import { served, type Zoo } from "./served.js";

/** The file that lists the experts of a folder: a JSON array of ids. */
export const EXPERT_INDEX = "index.json";

const evaluationSchema = z.object({
  mean: z.number(),
  /** Standard deviation of the returns. */
  std: z.number(),
  /** Interquartile mean. */
  iqm: z.number(),
  /** 95 % bootstrap interval of the mean. */
  interval: z.tuple([z.number(), z.number()]),
  /** `[episodes]`. */
  returns: z.array(z.number()),
});

/** The description of an expert, stored next to its weights as `ID.json`. */
export const expertInfoSchema = z.object({
  /** The id of the environment, which is also the id of the expert. */
  id: z.string(),
  /** The command that trains the expert again. */
  command: z.string(),
  algorithm: z.string(),
  /** The options of the algorithm, with every default filled in. */
  options: z.record(z.string(), z.unknown()),
  seed: z.union([z.number(), z.string()]),
  /** The length of training, in `unit`. */
  steps: z.number(),
  unit: z.string(),
  /** The duration of training in seconds, including evaluations. */
  seconds: z.number(),
  /** The start of training, ISO 8601. */
  date: z.string(),
  /**
   * The versions of the package and its runtime that trained the expert; `commit` is the commit of the code, if known.
   */
  versions: z.object({
    understudy: z.string(),
    commit: z.string().optional(),
    /** Whether the code had uncommitted changes. */
    dirty: z.boolean().optional(),
    /** Other commits at which the run was resumed. */
    resumed: z.array(z.string()).optional(),
    node: z.string(),
    onnxruntime: z.string(),
    /** The package of that version; absent: `onnxruntime-node`. */
    runtime: z.string().optional(),
    /** The version of the physics engine, for MuJoCo environments. */
    mujoco: z.string().optional(),
  }),
  /** Mean returns during training: `[steps, mean]`. */
  learningCurve: z.array(z.tuple([z.number(), z.number()])),
  /** Evaluations on whole episodes in fresh environments: of the policy's mode, and of sampled actions. */
  evaluation: z.object({
    seed: z.union([z.number(), z.string()]),
    episodes: z.number(),
    deterministic: evaluationSchema,
    stochastic: evaluationSchema,
  }),
  /** The file of weights, `ID.safetensors`. */
  file: z.object({ bytes: z.number(), sha256: z.string() }),
});

/** The description of an expert: its origin, its training and its performance. */
export type ExpertInfo = z.output<typeof expertInfoSchema>;

export const expertsSchema = z.strictObject({
  folder: z
    .string()
    .min(1)
    .optional()
    .describe("path of a folder with experts (Node.js); unset: the experts of the package"),
  url: z
    .union([z.string().min(1), z.instanceof(URL).meta({ type: "URL" })], "it must be an address")
    .optional()
    .describe("address of a folder with experts; unset: the experts of the package"),
});

/** The location of experts other than those of this package. */
export type ExpertOptions = z.input<typeof expertsSchema>;

/**
 * The ids of the available experts. The id of an expert is the id of its environment.
 *
 * @throws UsageError when the given folder or address has no experts; Error when they cannot be fetched.
 */
export const expertIds = async (options?: ExpertOptions): Promise<string[]> =>
  idsIn(await openZoo("expertIds", options));

/**
 * The description of an expert: its origin, its training and its performance.
 *
 * @throws UsageError for an unknown id, with the most similar known id; FormatError when its file is damaged.
 */
export const expertInfo = async (id: string, options?: ExpertOptions): Promise<ExpertInfo> =>
  infoIn(await openZoo("expertInfo", options), id);

/**
 * Loads the trained policy for an environment, from the package or from the given folder or address.
 *
 * @throws UsageError for an unknown id, with the most similar known id; FormatError when its file is damaged.
 */
export async function loadExpert(id: string, options?: ExpertOptions): Promise<Policy> {
  const zoo = await openZoo("loadExpert", options);
  const { file } = await infoIn(zoo, id);
  const name = `${id}.safetensors`;
  const where = joined(zoo, name);
  const bytes = await zoo.read(name);
  if (bytes === undefined) throw new FormatError(`${where} is missing, although ${id}.json exists`);
  const found = await sha256(bytes);
  if (found !== undefined && found !== file.sha256) {
    throw new FormatError(
      `${where} is damaged: its SHA-256 is ${found}, but ${id}.json says ${file.sha256}; fetch it again`,
    );
  }
  try {
    const policy = loadPolicy(bytes);
    return options === undefined ? withOrigin(policy, { expert: id }) : policy;
  } catch (cause) {
    throw new FormatError(`${where} is not a readable policy file: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** The SHA-256 digest in hexadecimal; undefined in a page without a secure context, where browsers offer no digests. */
export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  if (globalThis.crypto?.subtle === undefined) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function idsIn(zoo: Zoo): Promise<string[]> {
  const ids = await readJson(zoo, EXPERT_INDEX, z.array(z.string()));
  if (ids === undefined)
    throw new UsageError(`there are no experts in ${zoo.path}: it has no ${EXPERT_INDEX}`);
  return ids;
}

async function infoIn(zoo: Zoo, id: string): Promise<ExpertInfo> {
  const ids = await idsIn(zoo);
  if (!ids.includes(id)) throw new UsageError(`there is no expert for "${id}"${didYouMean(String(id), ids)}`);
  const info = await readJson(zoo, `${id}.json`, expertInfoSchema);
  if (info === undefined) throw new FormatError(`${joined(zoo, `${id}.json`)} is missing`);
  return info;
}

async function readJson<S extends z.ZodType>(
  zoo: Zoo,
  name: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  const bytes = await zoo.read(name);
  if (bytes === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new FormatError(`${joined(zoo, name)} is damaged: ${(cause as Error).message}`, { cause });
  }
}

const joined = ({ path }: Zoo, name: string) => `${path.replace(/\/$/, "")}/${name}`;

async function openZoo(what: string, options?: ExpertOptions): Promise<Zoo> {
  const { folder, url } = resolveOptions(what, expertsSchema, options);
  if (folder !== undefined && url !== undefined) {
    throw new UsageError(`${what}: give either folder or url, not both`);
  }
  if (folder !== undefined) return onDisk(folder);
  if (url !== undefined) return served(what, url);
  return (await import("./packaged-experts.js")).packagedExperts();
}
