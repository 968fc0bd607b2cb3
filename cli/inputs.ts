/** @file What a command line names by a path or an id: policies, run folders, demonstrations, environments. */

import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { moduleSpec, register } from "../src/env/registry.js";
import { FormatError, UsageError } from "../src/errors.js";
import type { Policy } from "../src/policies/contract.js";
import { loadPolicy } from "../src/policies/index.js";
import { registerGymnasium } from "../src/python/index.js";
import { loadExpert, type RunConfig } from "../src/runs/index.js";
import { readJson } from "../src/runs/run-records.js";
import { readFileOrExplain } from "../src/state/files.js";

export interface PolicyOnDisk {
  policy: Policy;
  /** Of the run that made it, where it lies in that run's folder. */
  run?: Pick<RunConfig, "env" | "environmentOptions">;
}

/** The zoo's expert for the environment at hand; before ":" and an id, that for another one. */
export const EXPERT = "expert";

/**
 * The id of the expert of the zoo that is meant, where one is.
 *
 * @param env the environment at hand
 * @throws UsageError when it depends on an environment that nobody has named
 */
export function expertNamed(name: string, env?: string): string | undefined {
  if (name.startsWith(`${EXPERT}:`)) return name.slice(EXPERT.length + 1);
  if (name !== EXPERT) return undefined;
  if (env !== undefined) return env;
  throw new UsageError("which expert? say the environment with --env, or write expert:CartPole-v1");
}

/**
 * The policy in a run folder, in a file, or of the zoo.
 *
 * @param env the environment at hand, whose expert is meant by "expert"
 * @throws UsageError when there is none; FormatError when it is damaged, naming the file.
 */
export async function policyAt(path: string, env?: string): Promise<PolicyOnDisk> {
  const expert = expertNamed(path, env);
  if (expert !== undefined) {
    return { policy: await loadExpert(expert), run: { env: expert, environmentOptions: {} } };
  }
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? join(path, "policy.safetensors") : path;
  if (isFolder && !existsSync(file)) {
    throw new UsageError(`no policy in ${path}: it has no policy.safetensors, so the run may not have ended`);
  }
  const bytes = await readFileOrExplain(file);
  let policy: Policy;
  try {
    policy = loadPolicy(bytes);
  } catch (cause) {
    throw new FormatError(`${file} is not a policy that can be read: ${(cause as Error).message}`, { cause });
  }
  return { policy, run: readJson<RunConfig>(dirname(file), "config.json") };
}

/** @throws UsageError when the file cannot be read; FormatError when it does not hold a JSON object. */
export async function readConfig(path: string): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await readFileOrExplain(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatError(`${path} must hold a JSON object, such as { "seed": 1 }`);
  }
  return value as Record<string, unknown>;
}

/** Before the id of an environment of the local Python installation. */
const GYMNASIUM = "gymnasium:";

const isModule = (env: string) => /^\.{0,2}[/\\]|\.[cm]?js$/.test(env);

/**
 * The id of an environment: the one given, which is registered first where it is one of Gymnasium's
 * ("gymnasium:CartPole-v1"), or, for the path of a module whose default export is a class or a function
 * that makes environments, that path, under which it is registered.
 *
 * @throws UsageError when the module cannot be loaded or exports something else.
 */
export async function environmentId(env: string): Promise<string> {
  if (env.startsWith(GYMNASIUM)) return registerGymnasium(env.slice(GYMNASIUM.length));
  if (!isModule(env)) return env;
  if (!existsSync(env)) throw new UsageError(`no environment module at ${env}`);
  const url = pathToFileURL(resolve(env)).href;
  let exported: unknown;
  try {
    exported = (await import(url)).default;
  } catch (cause) {
    throw new UsageError(`cannot load the environment module ${env}: ${(cause as Error).message}`, { cause });
  }
  register(moduleSpec(env, url, exported), { replace: true });
  return env;
}

/** The environment to use a policy in: the one asked for, or else the one of its run. */
export async function environmentFor(
  asked: { env?: string; environmentOptions?: Record<string, unknown> },
  run: PolicyOnDisk["run"],
): Promise<{ env: string; environmentOptions: Record<string, unknown> }> {
  const env = asked.env ?? run?.env;
  if (env === undefined) {
    throw new UsageError("say which environment with --env: a policy outside its run folder does not know");
  }
  const ofRun = env === run?.env ? run.environmentOptions : {};
  return { env: await environmentId(env), environmentOptions: { ...ofRun, ...asked.environmentOptions } };
}
