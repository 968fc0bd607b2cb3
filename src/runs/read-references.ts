/** @file Reads the demonstrations, preferences, policies and labellers that references in options name. */

import {
  type DataReference,
  type DemonstrationsReference,
  type LabellerReference,
  type PolicyReference,
  type PreferencesReference,
  withOrigin,
} from "../config/references.js";
import { type Demonstrations, firstEpisodes } from "../datasets/demonstrations.js";
import { readDemonstrations } from "../datasets/read-demonstrations.js";
import { isDataId } from "../env/data-set.js";
import { collect } from "../measure/collect.js";
import type { Policy } from "../policies/contract.js";
import { formatNumber } from "../report/format.js";
import { countCut, cutWarning } from "../rollout/trajectory.js";
import { loadExpert } from "../zoo/experts.js";
import type { ReadingContext } from "./live-options.js";
import { loadPreferences } from "./preference-files.js";
import type { ReferenceOption } from "./reference-options.js";

type Options = Record<string, unknown>;

/** Default number of episodes that a trained expert demonstrates. */
const EPISODES = 10;

/** What reads the references of an option: the options that take its place. */
export const readers: Record<
  ReferenceOption,
  (reference: never, context: ReadingContext) => Promise<Options>
> = {
  acquisition: async ({ policy }: Extract<PolicyReference, { policy: string }>) => {
    const { acquisitionIn } = await import("./acquisition-file.js");
    return { acquisition: await acquisitionIn(policy) };
  },
  annotations: async ({ from }: Extract<DataReference, { from: string }>) => {
    const { readAnnotations } = await import("../crowds/index.js");
    return { annotations: withOrigin(await readAnnotations(from), { from }) };
  },
  demonstrations: async (reference: DemonstrationsReference, context) => ({
    demonstrations: await demonstrationsOf(reference, context),
  }),
  expert: async (reference: PolicyReference, context) => ({ expert: await policyOf(reference, context) }),
  preferences: async ({ from }: Extract<PreferencesReference, { from: string }>) => {
    return { preferences: await loadPreferences(from) };
  },
  reference: async (reference: PolicyReference, context) => ({
    reference: await policyOf(reference, context),
  }),
  student: async (reference: PolicyReference, context) => ({ student: await policyOf(reference, context) }),
  teacher: async (reference: PolicyReference, context) => ({ teacher: await policyOf(reference, context) }),
  labeller: async (reference: Exclude<LabellerReference, { given: string }>, context) => {
    const { labellerFor } = await import("./labellers.js");
    const { env, environmentOptions, folder, asks } = context;
    return labellerFor(reference, { env, environmentOptions, out: folder, asks });
  },
};

async function demonstrationsOf(
  reference: DemonstrationsReference,
  context: ReadingContext,
): Promise<Demonstrations> {
  const { environmentOptions, isNamed, env } = context;
  if ("expert" in reference) return demonstrationsOfExpert(reference as ByExpert, context);
  const { from, episodes, format, clip, observationColumn, observationSpace, actionSpace } =
    reference as ByPath;
  const reading = {
    format,
    ...(clip && { clip }),
    ...(observationColumn && { observationColumn }),
    ...(observationSpace && { observationSpace }),
    ...(actionSpace && { actionSpace }),
  };
  const source = { env: isNamed ? env : undefined, environmentOptions };
  const all = await readDemonstrations(from, { ...source, ...(reading as object) });
  return episodes === undefined ? all : firstEpisodes(all, episodes);
}

type ByExpert = Extract<DemonstrationsReference, { expert: string; episodes?: number }>;
type ByPath = Extract<DemonstrationsReference, { from: string }>;

/** Episodes of a trained expert's mode. Their default seed is derived from the run's seed. */
async function demonstrationsOfExpert(
  { expert, episodes = EPISODES, seed }: ByExpert,
  {
    env,
    environmentOptions,
    seed: seedOfRun,
    workers,
    workerTimeout,
    maxEpisodeSteps,
    report,
  }: ReadingContext,
): Promise<Demonstrations> {
  const origin = { expert, seed: seed ?? `${seedOfRun}/demonstrations` };
  // A run on the data alone has no environment to play in: the expert's is.
  const played = isDataId(env) ? expert : env;
  const where = { env: played, environmentOptions, workers, workerTimeout, maxEpisodeSteps };
  const options = { ...where, episodes, seed: origin.seed, deterministic: true };
  const demonstrations = await collect(await loadExpert(expert), options);
  const { expertReturn } = demonstrations.provenance;
  report(`${episodes} episodes of the expert for ${expert}, mean return ${formatNumber(expertReturn)}`);
  const warning = cutWarning(countCut(demonstrations.trajectories), episodes);
  if (warning) report(warning);
  return withOrigin(demonstrations, origin);
}

async function policyOf(reference: PolicyReference, { trust }: ReadingContext): Promise<Policy> {
  if ("policy" in reference) {
    const { policyAt } = await import("./inputs.js");
    return (await policyAt(String(reference.policy), { trust })).policy;
  }
  return loadExpert(String((reference as { expert: string }).expert));
}
