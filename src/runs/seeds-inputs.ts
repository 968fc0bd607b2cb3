/** @file What the processes of seeds read: objects that were given in code are written into the folder of the seeds. */

import { join } from "node:path";
import { isGiven, originOf } from "../config/references.js";
import { type Demonstrations, demonstrationsOf } from "../datasets/demonstrations.js";
import { loadDemonstrations, writeDemonstrations } from "../datasets/read-demonstrations.js";
import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import { savePolicy } from "./artefact-files.js";
import { recordedOptions } from "./live-options.js";
import type { SeedsConfig } from "./seeds.js";

/** The names of the demonstrations and of the expert in a folder of seeds. */
const DEMONSTRATIONS = "demonstrations";
const EXPERT = "expert.safetensors";

/**
 * The run as plain data, which the processes of the seeds read. Demonstrations and experts become references: to where
 * they were read from, or else to a copy that is written into the folder. Nothing is written if anything is refused.
 *
 * @throws UsageError for other objects, which cannot reach another process, and for demonstrations that differ from
 * those in the folder
 */
export async function storedConfig(config: SeedsConfig, folder: string): Promise<SeedsConfig> {
  const { options = {} } = config;
  requireStorable(config);
  const stored: Record<string, unknown> = { ...options };
  const { demonstrations, expert } = options as { demonstrations?: unknown; expert?: unknown };
  if (isDemonstrations(demonstrations)) {
    stored.demonstrations = await storedDemonstrations(demonstrations, join(folder, DEMONSTRATIONS));
  }
  if (isPolicy(expert)) {
    const path = join(folder, EXPERT);
    if (originOf(expert) === undefined) await savePolicy(expert, path);
    stored.expert = (await recordedOptions({ expert })).expert;
  }
  return { ...config, options: stored };
}

const isDemonstrations = (value: unknown): value is Demonstrations =>
  Array.isArray((value as Partial<Demonstrations> | null | undefined)?.trajectories);

const isPolicy = (value: unknown): value is Policy =>
  typeof (value as Partial<Policy> | null | undefined)?.act === "function" &&
  typeof (value as Policy).toData === "function";

async function storedDemonstrations(given: Demonstrations, path: string): Promise<unknown> {
  const recorded = async (demonstrations: Demonstrations) =>
    (await recordedOptions({ demonstrations })).demonstrations as { checksum: string };
  if (originOf(given) !== undefined) return recorded(given);
  // Demonstrations that were put together by hand are checked, as other ones were when they were read.
  const checked = demonstrationsOf(given.trajectories, given);
  const { existsSync } = await import("node:fs");
  if (!existsSync(path)) await writeDemonstrations(checked, path);
  const written = await recorded(await loadDemonstrations(path));
  if (written.checksum === (await recorded(checked)).checksum) return written;
  throw new UsageError(
    `trainSeeds: the demonstrations are not those in ${path}, with which the seeds were started; give the same ` +
      "ones, or choose another folder",
  );
}

/** @throws UsageError for objects that cannot reach another process, with their place */
export const requireStorable = (config: SeedsConfig): void => requirePlain(config, "");

/** @throws UsageError for what JSON does not hold, with its place */
function requirePlain(value: unknown, place: string): void {
  if (place === "options.demonstrations" && isDemonstrations(value)) return;
  if (place === "options.expert" && isPolicy(value)) return;
  if (isGiven(value)) {
    throw new UsageError(
      `trainSeeds: ${place} was given in code (${value.given}) and is not in the record: give it again`,
    );
  }
  if (value === null || ["string", "boolean", "undefined"].includes(typeof value)) return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (Array.isArray(value)) {
    for (const [i, member] of value.entries()) requirePlain(member, `${place}[${i}]`);
    return;
  }
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [name, member] of Object.entries(value))
      requirePlain(member, place ? `${place}.${name}` : name);
    return;
  }
  const what = typeof value === "object" ? `a ${value.constructor?.name || "object"}` : `${describe(value)}`;
  throw new UsageError(
    `trainSeeds: ${place} is ${what}, which cannot reach the process of a seed: give plain data or a reference, such ` +
      'as { "from": "demos/cartpole" }, { "policy": "runs/expert" } or { "labeller": "files" }, or train the seeds ' +
      "one after another with train",
  );
}

const describe = (value: unknown): string => (typeof value === "function" ? "a function" : String(value));
