/** @file The expert zoo: trained policies that come with the package, and what is known of each. */

import { z } from "zod";
import { resolveOptions } from "../config/options.js";
import { withOrigin } from "../config/references.js";
import { onDisk } from "../datasets/read-demonstrations.js";
import { didYouMean, FormatError, UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import { loadPolicy } from "../policies/index.js";
import type { Folder } from "../state/folder.js";

/** The list of experts in their folder, as a JSON array of ids. */
export const EXPERT_INDEX = "index.json";

const evaluationSchema = z.object({
  mean: z.number(),
  /** Of the episodes. */
  std: z.number(),
  /** Interquartile mean. */
  iqm: z.number(),
  /** 95 % bootstrap interval of the mean. */
  interval: z.tuple([z.number(), z.number()]),
  /** `[episodes]`. */
  returns: z.array(z.number()),
});

/** What stands beside an expert's weights, in `ID.json`. */
export const expertInfoSchema = z.object({
  /** Of its environment, and so its own. */
  id: z.string(),
  /** What trains it again. */
  command: z.string(),
  algorithm: z.string(),
  /** The algorithm's own, every default filled in. */
  options: z.record(z.string(), z.unknown()),
  seed: z.union([z.number(), z.string()]),
  /** That its training took, in `unit`. */
  steps: z.number(),
  unit: z.string(),
  /** That its training took, evaluations on the way included. */
  seconds: z.number(),
  /** When its training began, ISO 8601. */
  date: z.string(),
  /** What trained it: versions of the package and of what it ran on; `commit` is the code's, where it was known. */
  versions: z.object({
    understudy: z.string(),
    commit: z.string().optional(),
    /** Whether the code differed from the commit's. */
    dirty: z.boolean().optional(),
    /** Other commits at which it was gone on with. */
    resumed: z.array(z.string()).optional(),
    node: z.string(),
    onnxruntime: z.string(),
    /** The physics engine, of MuJoCo's environments. */
    mujoco: z.string().optional(),
  }),
  /** Mean returns on the way: `[steps, mean]`. */
  learningCurve: z.array(z.tuple([z.number(), z.number()])),
  /** Of whole episodes in fresh environments, with `evaluate`'s seed: of the policy's mode, and of samples from it. */
  evaluation: z.object({
    seed: z.union([z.number(), z.string()]),
    episodes: z.number(),
    deterministic: evaluationSchema,
    stochastic: evaluationSchema,
  }),
  /** The weights, `ID.safetensors`. */
  file: z.object({ bytes: z.number(), sha256: z.string() }),
});

/** What is known of an expert: where it comes from, how it learnt and how good it is. */
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

/** Where experts come from, if not from this package. */
export type ExpertOptions = z.input<typeof expertsSchema>;

type Zoo = Pick<Folder, "path" | "read">;

/**
 * The ids of the experts that there are: those of their environments.
 *
 * @throws UsageError when there are none where the options say; Error when they cannot be fetched.
 */
export const expertIds = async (options?: ExpertOptions): Promise<string[]> =>
  idsIn(await openZoo("expertIds", options));

/**
 * Where an expert comes from, how it learnt and how good it is.
 *
 * @throws UsageError for an unknown id, with the nearest that is one; FormatError when its file is damaged.
 */
export const expertInfo = async (id: string, options?: ExpertOptions): Promise<ExpertInfo> =>
  infoIn(await openZoo("expertInfo", options), id);

/**
 * The trained policy for an environment, out of the package or from where the options say.
 *
 * @throws UsageError for an unknown id, with the nearest that is one; FormatError when its file is damaged.
 */
export async function loadExpert(id: string, options?: ExpertOptions): Promise<Policy> {
  const zoo = await openZoo("loadExpert", options);
  const { file } = await infoIn(zoo, id);
  const name = `${id}.safetensors`;
  const where = joined(zoo, name);
  const bytes = await zoo.read(name);
  if (bytes === undefined) throw new FormatError(`${where} is missing, though ${id}.json is there`);
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
    throw new FormatError(`${where} is not a policy that can be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** In hexadecimal; undefined in a page without a secure context, where browsers keep their digests to themselves. */
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

const isNode = () =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;

async function openZoo(what: string, given?: ExpertOptions): Promise<Zoo> {
  const { folder, url } = resolveOptions(what, expertsSchema, given);
  if (folder !== undefined && url !== undefined) {
    throw new UsageError(`${what}: say where the experts are with either folder or url`);
  }
  if (folder !== undefined) return onDisk(folder);
  if (url !== undefined) return served(what, url);
  // Loaded only in Node.js, so that a browser never meets its modules.
  if (isNode()) return (await import("./experts-on-disk.js")).packagedExperts();
  // Seen from dist/src/zoo. In a variable, so that bundlers do not take it for a module of ours.
  const here = import.meta.url;
  return served(what, new URL("../../../experts/", here));
}

/** A folder that is served over HTTP. */
function served(what: string, url: string | URL): Zoo {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const path = String(url).replace(/\/*$/, "/");
  if (!URL.canParse(path, page))
    throw new UsageError(`${what}: option "url" is "${url}": it must be an address`);
  const base = new URL(path, page);
  return {
    path: base.href,
    async read(name) {
      const address = new URL(name, base);
      const failed = (why: string, cause?: unknown) =>
        new Error(`cannot fetch ${address}: ${why}; option url says where the experts are served`, { cause });
      const response = await fetch(address).catch((cause: Error) => {
        throw failed(cause.message, cause);
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw failed(`${response.status} ${response.statusText}`.trim());
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
