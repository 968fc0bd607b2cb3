/** @file Reads policies, run folders, demonstrations and environments by path or id (Node.js only). */

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LearnedReward } from "../../algorithms/irl/shared/contract.js";
import {
  type GivenReference,
  isGiven,
  isModulePath,
  type ModuleReference,
  withOrigin,
} from "../config/references.js";
import { MANIFEST, openDemonstrations } from "../datasets/demonstrations-folder.js";
import { type PlayedWith, playedWithIn } from "../datasets/provenance.js";
import { environmentOfSource, onDisk } from "../datasets/read-demonstrations.js";
import { isDataId } from "../env/data-set.js";
import { envIds } from "../env/registry.js";
import { FormatError, UsageError } from "../errors.js";
import type { ArtefactData, Policy } from "../policies/contract.js";
import type { Actor } from "../policies/controller.js";
import { loadArtefact, loadPolicy } from "../policies/index.js";
import { registerGymnasium } from "../python/index.js";
import { checksumText } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import { filesUnder, readFileOrExplain } from "../state/files.js";
import { parseJson } from "../state/json.js";
import { loadExpert } from "../zoo/experts.js";
import { controllerIn, loadModules, registerModule } from "./modules.js";
import { fromWorkingFolder } from "./recorded-paths.js";
import { ARTEFACT_FILE, POLICY_FILE } from "./run-folder.js";
import { REWARD_FILE, readRunConfig } from "./run-records.js";
import { nameOf, type RunConfig } from "./spec.js";
import { GYMNASIUM, isSamePath, moduleIn, requireTrusted, type Trust } from "./trust.js";

export interface PolicyOnDisk {
  policy: Policy;
  /** The environment of the run that trained the policy; absent for a policy outside a run folder. */
  run?: Pick<RunConfig, "env" | "environmentOptions"> & Partial<Pick<RunConfig, "options">>;
}

/** The word for a trained expert: `expert` for the current environment, `expert:ID` for another. */
const EXPERT = "expert";

/**
 * The environment id of the trained expert that a word names; undefined if the word names none.
 *
 * @param env the current environment
 * @throws UsageError for `expert` without a current environment
 */
export function expertNamed(word: string, env?: string): string | undefined {
  if (word.startsWith(`${EXPERT}:`)) return word.slice(EXPERT.length + 1);
  if (word !== EXPERT) return undefined;
  if (env !== undefined) return env;
  throw new UsageError("which expert? give the environment with --env, or write expert:CartPole-v1");
}

/**
 * The policy in a run folder, in a file, or of the zoo.
 *
 * @param env the environment at hand, whose expert is meant by "expert"
 * @throws as `policyIn` does
 */
export async function policyAt(
  path: string,
  { env, trust = [] }: { env?: string; trust?: Trust } = {},
): Promise<PolicyOnDisk> {
  const expert = expertNamed(path, env);
  if (expert === undefined) return policyIn(path, { env, trust });
  return { policy: await loadExpert(expert), run: { env: expert, environmentOptions: {} } };
}

/** A policy, or a controller of the user's own, with the run that it is from. */
export interface ActorOnDisk {
  policy: Actor;
  run?: PolicyOnDisk["run"];
}

/**
 * The policy at a path, as for `policyAt`, or the controller in a module.
 *
 * @throws as `policyAt` does, and UsageError when the module has no controller
 */
export const actorAt = async (
  path: string,
  options: { env?: string; trust?: Trust } = {},
): Promise<ActorOnDisk> => (isScript(path) ? { policy: await controllerIn(path) } : policyAt(path, options));

const isScript = (path: string) => /\.[cm]?js$/.test(path);

/**
 * The policy in a run folder or in a file. The modules of the environment at hand and of the run are loaded first, if
 * they are trusted, because they may define the policy's kind or network.
 *
 * @throws UsageError when there is none, or its kind or network is not defined; FormatError when it is damaged; both
 * name the file
 */
export async function policyIn(
  path: string,
  { env, trust = [] }: { env?: string; trust?: Trust } = {},
): Promise<PolicyOnDisk> {
  const file = fileIn(path, POLICY_FILE, "policy");
  if (isScript(file)) {
    throw new UsageError(
      `${file} is a module: controllers play in collect and evaluate; here a policy is needed`,
    );
  }
  const bytes = await readFileOrExplain(file);
  const run = readRunConfig(dirname(file));
  const reasons = await loadModules([env, run?.env, run?.algorithm], trust);
  return { policy: withOrigin(decodePolicy(file, bytes, reasons), { policy: path }), run };
}

/**
 * The artefact in a run folder or in a file.
 *
 * @throws UsageError when there is none; FormatError when it is damaged; both name the file
 */
export async function artefactIn(path: string): Promise<ArtefactData> {
  const file = fileIn(path, ARTEFACT_FILE, "artefact");
  const bytes = await readFileOrExplain(file);
  try {
    return loadArtefact(bytes);
  } catch (cause) {
    throw new FormatError(`${file} is not a readable artefact: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The learnt reward in a run folder of inverse RL, or in a file, with the checksum of its bytes.
 *
 * @throws UsageError when there is none; FormatError when it is damaged; both name the file
 */
export async function rewardIn(path: string): Promise<{ reward: LearnedReward; checksum: string }> {
  const file = fileIn(path, REWARD_FILE, "learnt reward", "inverse RL writes it when a run ends");
  const bytes = await readFileOrExplain(file);
  const { loadReward } = await import("../../algorithms/irl/shared/learned-reward.js");
  try {
    return { reward: loadReward(bytes), checksum: checksumText(crc32c(bytes)) };
  } catch (cause) {
    throw new FormatError(`${file} is not a readable reward: ${(cause as Error).message}`, { cause });
  }
}

/** The path of a file, or of the file with this name in a run folder. */
function fileIn(path: string, name: string, what: string, hint = "the run may not have ended"): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const file = join(path, name);
  if (existsSync(file)) return file;
  throw new UsageError(`no ${what} in ${path}: it has no ${name}; ${hint}`);
}

/** @param reasons why modules were not loaded, for the message about an unknown kind or network */
function decodePolicy(file: string, bytes: Uint8Array, reasons: readonly string[]): Policy {
  try {
    return loadPolicy(bytes);
  } catch (cause) {
    const reason = `${file} is not a readable policy: ${(cause as Error).message}`;
    if (!(cause instanceof UsageError)) throw new FormatError(reason, { cause });
    throw new UsageError([reason, ...reasons].join("; "), { cause });
  }
}

/**
 * The options in a file, such as the record of a run, whose relative paths then start from the working folder of this
 * process.
 *
 * @throws UsageError when the file cannot be read; FormatError when it does not hold a JSON object.
 */
export async function readConfig(path: string): Promise<Record<string, unknown>> {
  const bytes = await readFileOrExplain(path);
  let value: unknown;
  try {
    value = parseJson(bytes);
  } catch (cause) {
    throw new FormatError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatError(`${path} must hold a JSON object, such as { "seed": 1 }`);
  }
  return fromWorkingFolder(value as Record<string, unknown>, dirname(path));
}

/**
 * The environment of demonstrations on disk, with its options, or the id of the data set where there is none.
 *
 * @throws UsageError when there is nothing at the path
 */
export async function environmentOfDemonstrations(path: string): Promise<{ env: string } & PlayedWith> {
  return (await recordedEnvironment(path)) ?? { env: await environmentOfSource(path) };
}

/** The environment recorded in a folder of demonstrations, with its options; undefined for other files. */
export async function recordedEnvironment(path: string): Promise<({ env: string } & PlayedWith) | undefined> {
  if (!existsSync(join(path, MANIFEST))) return undefined;
  const demonstrations = await openDemonstrations(await onDisk(path));
  return { env: demonstrations.env, ...playedWithIn(demonstrations) };
}

/**
 * The environment to use the policy at a path in: the requested one, or else that of the run whose folder holds it.
 *
 * @throws UsageError without a requested environment, when there is nothing at the path, or no run that holds it
 */
export async function environmentOfPolicy(asked: Asked, path: string): Promise<Where> {
  if (asked.env === undefined) await filesUnder(path);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  return environmentBeside(asked, readRunConfig(isFolder ? path : dirname(path)));
}

type EnvironmentReference = string | ModuleReference | GivenReference;

/**
 * The id of an environment, and the reference to it for a run's record. Environments of Gymnasium
 * ("gymnasium:CartPole-v1") and of modules are registered first.
 *
 * @throws UsageError when the module cannot be loaded, exports something else or has changed since it was recorded, and
 * for an environment that was passed in code
 */
export async function environmentNamed(
  env: EnvironmentReference,
  trust: Trust,
): Promise<{ id: string; reference: string | ModuleReference }> {
  if (typeof env === "string") {
    if (env.startsWith(GYMNASIUM)) {
      if (moduleIn(env) !== undefined) requireTrusted("environment", env, trust);
      // One that the user has registered has the user's Python, modules and options.
      if (!envIds().includes(env)) registerGymnasium(env.slice(GYMNASIUM.length));
    }
    if (!isModulePath(env)) return { id: env, reference: env };
    return { id: env, reference: await registerModule({ module: env }, trust) };
  }
  if ("given" in env) {
    throw new UsageError(
      `the environment ${env.given} was a function in code and is not in the record: pass it again as env, or ` +
        "put it in a module",
    );
  }
  return { id: env.module, reference: await registerModule(env, trust) };
}

/** The id of an environment that the user named, as in `environmentNamed`. @throws as `environmentNamed` does */
export const environmentId = async (env: string): Promise<string> => (await environmentNamed(env, [env])).id;

/** The id or path of a run's environment; undefined if it was passed in code, or the run had a data set alone. */
export const environmentOf = (run: PolicyOnDisk["run"]): string | undefined =>
  run?.env === undefined || isGiven(run.env) || isDataId(run.env) ? undefined : nameOf(run.env);

type Asked = { env?: string; environmentOptions?: Record<string, unknown> };
type Where = { env: string; environmentOptions: Record<string, unknown> };

/** The environment to use a policy in: the requested one, or else that of its run. It is not loaded. */
export function environmentBeside(asked: Asked, run: PolicyOnDisk["run"]): Where {
  const env = asked.env ?? environmentOf(run);
  if (env === undefined) {
    throw new UsageError(
      isDataId(run?.env)
        ? `give the environment with --env: the run learnt from ${run.env} alone`
        : "give the environment with --env: a file outside a run folder, or a controller, does not record it",
    );
  }
  const ofRun = run !== undefined && isSamePath(env, environmentOf(run) ?? "") ? run.environmentOptions : {};
  return { env, environmentOptions: { ...ofRun, ...asked.environmentOptions } };
}

/** As {@link environmentBeside}, and loaded. @throws as {@link environmentNamed} does */
export async function environmentFor(asked: Asked, run: PolicyOnDisk["run"], trust: Trust): Promise<Where> {
  const where = environmentBeside(asked, run);
  return { ...where, env: (await environmentNamed(where.env, trust)).id };
}
