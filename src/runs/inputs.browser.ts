/** @file Reads policies, artefacts, rewards and demonstrations by path from the storage of a browser. */

import { isGiven, isModulePath, withOrigin } from "../config/references.js";
import { MANIFEST, openDemonstrations } from "../datasets/demonstrations-folder.js";
import { playedWithIn } from "../datasets/provenance.js";
import { environmentOfSource } from "../datasets/read-demonstrations.js";
import { FormatError, UsageError } from "../errors.js";
import { loadArtefact, loadPolicy } from "../policies/index.js";
import { checksumText } from "../state/checksum.js";
import { crc32c } from "../state/crc32c.js";
import { diskFolder, readFileOrExplain } from "../state/files.js";
import { readStored } from "../state/stored-files.js";
import { loadExpert } from "../zoo/experts.js";
import type * as disk from "./inputs.js";
import { ARTEFACT_FILE, POLICY_FILE, REWARD_FILE, readRunConfig } from "./run-folder.browser.js";
import { nameOf } from "./spec.js";
import { GYMNASIUM } from "./trust.js";

/** The path of a file, or of the file with this name in the folder at the path. */
const fileIn = async (path: string, name: string) =>
  (await readStored(`${path}/${name}`)) === undefined ? path : `${path}/${name}`;

const folderOf = (file: string) => file.split("/").slice(0, -1).join("/");

/** @throws FormatError naming the file, and UsageError for what is not defined in this page */
function decoded<T>(what: string, file: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const reason = `${file} is not a readable ${what}: ${(cause as Error).message}`;
    throw cause instanceof UsageError
      ? new UsageError(reason, { cause })
      : new FormatError(reason, { cause });
  }
}

export const policyIn: typeof disk.policyIn = async (path) => {
  const file = await fileIn(path, POLICY_FILE);
  const bytes = await readFileOrExplain(file);
  const policy = decoded("policy", file, () => loadPolicy(bytes));
  return { policy: withOrigin(policy, { policy: path }), run: await readRunConfig(folderOf(file)) };
};

export const policyAt: typeof disk.policyAt = async (path) => {
  if (!path.startsWith("expert:")) return policyIn(path);
  const env = path.slice("expert:".length);
  return { policy: await loadExpert(env), run: { env, environmentOptions: {} } };
};

export const artefactIn: typeof disk.artefactIn = async (path) => {
  const file = await fileIn(path, ARTEFACT_FILE);
  const bytes = await readFileOrExplain(file);
  return decoded("artefact", file, () => loadArtefact(bytes));
};

export const rewardIn: typeof disk.rewardIn = async (path) => {
  const file = await fileIn(path, REWARD_FILE);
  const bytes = await readFileOrExplain(file);
  const { loadReward } = await import("../../algorithms/irl/shared/learned-reward.js");
  const reward = decoded("reward", file, () => loadReward(bytes));
  return { reward, checksum: checksumText(crc32c(bytes)) };
};

export const environmentOfDemonstrations: typeof disk.environmentOfDemonstrations = async (path) => {
  if ((await readStored(`${path}/${MANIFEST}`)) === undefined) {
    return { env: await environmentOfSource(path) };
  }
  const demonstrations = await openDemonstrations(diskFolder(path));
  return { env: demonstrations.env, ...playedWithIn(demonstrations) };
};

export const environmentOfPolicy: typeof disk.environmentOfPolicy = async (asked, path) => {
  const run = await readRunConfig(folderOf(await fileIn(path, POLICY_FILE)));
  const recorded = run?.env === undefined || isGiven(run.env) ? undefined : nameOf(run.env);
  const env = asked.env ?? recorded;
  if (env === undefined) throw new UsageError(`give env: ${path} does not record the environment`);
  const ofRun = env === recorded ? run?.environmentOptions : {};
  return { env, environmentOptions: { ...ofRun, ...asked.environmentOptions } };
};

export const environmentNamed: typeof disk.environmentNamed = async (env) => {
  if (typeof env === "string" && !isModulePath(env) && !env.startsWith(GYMNASIUM)) {
    return { id: env, reference: env };
  }
  if (isGiven(env))
    throw new UsageError(`the environment ${env.given} is not in the record: pass it again as env`);
  throw new UsageError(
    `the environment ${nameOf(env)} is loaded by its path in Node.js only: import it and register it in the page, or in ` +
      "the worker that trains",
  );
};
