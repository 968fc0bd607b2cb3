/**
 * @file Resolves a requested run to a run that can start: finds the algorithm by name or module, merges tuned settings
 * with the given options, reads and checks references, and completes the config.
 */

import type * as z from "zod";
import { withReward } from "../../algorithms/irl/shared/with-reward.js";
import { algorithmNames, loadDefinition } from "../../algorithms/load.js";
import { merge } from "../config/merge.js";
import {
  type GivenReference,
  isGiven,
  isModulePath,
  isReference,
  type ModuleReference,
  type RewardReference,
} from "../config/references.js";
import type { Demonstrations } from "../datasets/demonstrations.js";
import { type PlayedWith, type Provenance, playedWithIn } from "../datasets/provenance.js";
import { isDataId } from "../env/data-set.js";
import type { EnvironmentSource } from "../env/registry.js";
import { environmentConfig } from "../env/source-options.js";
import { didYouMean, UsageError } from "../errors.js";
import type { Artefact, Learner, PolicyOptimiser, State } from "../learning/contract.js";
import { type AlgorithmDefinition, complete, createFrom, definitionOf } from "../learning/define.js";
import type { RecordOptions } from "../measure/record-episodes.js";
import { diagnosisDefaults, diagnosisOf } from "./diagnosis.js";
import { learntRewardOf } from "./learnt-reward.js";
import { readOptions, recordedOptions, requireUnchanged } from "./live-options.js";
import { measuresDistance } from "./reference-options.js";
import type { Diagnosis, Film } from "./runner.js";
import { environmentRun, type RunSource } from "./source.js";
import { FORMAT, nameOf, type RunConfig, type RunSpec, type specSchema } from "./spec.js";
import { isSamePath, type Trust } from "./trust.js";

export type AnyLearner = Learner<never, Artefact, State>;

/** A requested run: a spec with its defaults, in which objects may replace references. */
export interface RunRequest
  extends Omit<z.output<typeof specSchema>, "algorithm" | "env" | "data" | "diagnose" | "format" | "unit"> {
  algorithm: RunSpec["algorithm"] | AnyLearner;
  env?: EnvironmentSource | ModuleReference | GivenReference;
  data?: unknown;
  diagnose?: z.output<typeof specSchema>["diagnose"] | Diagnosis;
}

/** A run that can start. */
export interface ResolvedRun {
  learner: AnyLearner;
  source: RunSource<unknown, Artefact>;
  config: RunConfig;
  diagnose?: Diagnosis;
  /** What records the policy, if the run has recordings. */
  film?: Film;
  /** Lines to show before the run starts, such as which settings are used. */
  notes: string[];
}

export interface ResolveOptions {
  /** The run's folder, the default place of labellers' files. */
  folder?: string;
  /** Receives a line about collected demonstrations. */
  report?(line: string): void;
  /** The modules that may be imported; by default none. */
  trust?: Trust;
}

/**
 * Resolves a request: reads everything that the run needs.
 *
 * @throws UsageError for an unknown algorithm, option or environment, when there is nothing at a path, when a file has
 * changed since it was recorded, and for an object in a record that was passed in code
 */
export async function resolve(request: RunRequest, options: ResolveOptions = {}): Promise<ResolvedRun> {
  return isLearner(request.algorithm)
    ? resolveLearner(request.algorithm, request, options)
    : resolveDefined(await findAlgorithm(request.algorithm, options.trust), request, options);
}

export const isLearner = (value: unknown): value is AnyLearner =>
  typeof (value as Partial<AnyLearner> | null)?.init === "function" &&
  typeof (value as Partial<AnyLearner>).update === "function";

export interface FoundAlgorithm {
  definition: AlgorithmDefinition;
  reference: string | ModuleReference;
}

/**
 * The definition of an algorithm, by its name in the catalogue or the path of a trusted module.
 *
 * @throws UsageError for an unknown name, with the closest known one, a module that does not define an algorithm, and
 * an algorithm that was passed in code
 */
export async function findAlgorithm(
  algorithm: RunSpec["algorithm"],
  trust: Trust = [],
): Promise<FoundAlgorithm> {
  if (isGiven(algorithm)) {
    throw new UsageError(
      `the algorithm ${algorithm.given} was passed in code and is not in the record: pass it again, as in ` +
        "train(algorithm, { env, folder, resume: true })",
    );
  }
  if (typeof algorithm !== "string" || isModulePath(algorithm)) {
    // Imported on demand, so that browsers do not load modules of Node.js.
    const { definitionIn } = await import("./modules.js");
    return definitionIn(
      typeof algorithm === "string" ? { module: algorithm } : (algorithm as ModuleReference),
      trust,
    );
  }
  const definition = await loadDefinition(algorithm);
  if (definition === undefined) {
    throw new UsageError(`unknown algorithm "${algorithm}"${didYouMean(algorithm, algorithmNames)}`);
  }
  return { definition, reference: algorithm };
}

/**
 * The request with its environment and the settings tuned for it; given options take precedence. Idempotent.
 *
 * @throws UsageError when demonstrations, which record the environment, do not exist
 */
export async function settle<R extends RunRequest>(found: FoundAlgorithm, request: R): Promise<R> {
  const { definition } = found;
  if (definition.source) return request;
  const { env = definition.environment ?? "CartPole-v1", ...where } = await whereOf(request);
  const settings = request.tuned ? await settingsFor(found, env) : undefined;
  return {
    ...request,
    ...where,
    env,
    steps: request.steps ?? settings?.steps,
    options: merge(settings?.options ?? {}, request.options, definition.schema),
  };
}

/** The tuned settings of an algorithm of the catalogue. */
async function settingsFor({ definition, reference }: FoundAlgorithm, env: RunRequest["env"]) {
  const id = idOf(env);
  if (typeof reference !== "string" || id === undefined) return undefined;
  const { loadTuned, tunedIn } = await import("../../algorithms/tuned/load.js");
  return tunedIn(await loadTuned(definition), definition, id);
}

/** Where a run trains and is measured. */
type Where = Pick<RunRequest, "env" | "environmentOptions" | "maxEpisodeSteps">;

/**
 * The environment of a request, with its options. Demonstrations know the environment in which they were recorded, and an
 * expert or a learnt reward in a run folder the one in which it was trained, with its options, which apply unless others
 * are asked for.
 *
 * @throws UsageError for an expert or a reward outside a run folder without an environment
 */
async function whereOf(request: RunRequest): Promise<Where> {
  const { environmentOptions, maxEpisodeSteps, options } = request;
  const {
    expert: imitated,
    teacher,
    demonstrations,
    preferences,
  } = options as Record<string, { expert?: unknown; policy?: unknown }>;
  const expert = imitated ?? teacher;
  const rewarded = request.learntReward?.from;
  const trained = expert?.policy ?? rewarded;
  const recorded =
    preferences !== undefined
      ? await (await import("./compared-with.js")).comparedWith(preferences, request.env !== undefined)
      : ((await recordedWith(demonstrations, request.env !== undefined)) ?? (await rewardedIn(rewarded)));
  const named = typeof expert?.expert === "string" ? expert.expert : undefined;
  const env = request.env ?? recorded?.env ?? named;
  const where = asRecorded({ env, environmentOptions, maxEpisodeSteps }, recorded);
  if (typeof trained !== "string" || (env !== undefined && typeof env !== "string")) return where;
  // A reward that was fitted to comparisons records the environment itself; its run has none.
  if (trained === rewarded && recorded) return where;
  const { environmentOfPolicy } = await import("./inputs.js");
  const asked = { env, environmentOptions: where.environmentOptions };
  return { ...where, ...(await environmentOfPolicy(asked, trained)) };
}

/** The facts about an environment in the record of demonstrations. */
type Recorded = { env: string } & PlayedWith;

/** The environment that a learnt reward records, if it does. */
async function rewardedIn(path: string | undefined): Promise<Recorded | undefined> {
  if (path === undefined) return undefined;
  const { rewardIn } = await import("./inputs.js");
  return (await rewardIn(path)).reward.source;
}

/**
 * The environment of demonstrations, with the options with which it was played, as far as they are known.
 *
 * @param isChosen whether the environment is chosen already, so that only its options matter
 */
async function recordedWith(demonstrations: unknown, isChosen: boolean): Promise<Recorded | undefined> {
  const { expert, from, observationSpace, actionSpace } = (demonstrations ?? {}) as Partial<
    Record<"expert" | "from" | "observationSpace" | "actionSpace", string>
  >;
  if (expert !== undefined) return { env: expert };
  if (from !== undefined && (observationSpace ?? actionSpace) !== undefined) return { env: "data" };
  if (from !== undefined) {
    const { environmentOfDemonstrations, recordedEnvironment } = await import("./inputs.js");
    return isChosen ? recordedEnvironment(from) : environmentOfDemonstrations(from);
  }
  if (demonstrations === undefined || isReference(demonstrations)) return undefined;
  const live = demonstrations as Demonstrations;
  return { env: live.env, ...playedWithIn(live) };
}

/** Options that are not asked for are those of the demonstrations, if they are of the same environment. */
function asRecorded(
  { env, environmentOptions, maxEpisodeSteps }: Where,
  recorded: Recorded | undefined,
): Where {
  const id = idOf(env);
  if (recorded?.env === undefined || id === undefined || !isSamePath(id, recorded.env)) {
    return { env, environmentOptions, maxEpisodeSteps };
  }
  const { options = {} } = env as { options?: Record<string, unknown> };
  return {
    env,
    environmentOptions: { ...recorded.environmentOptions, ...options, ...environmentOptions },
    maxEpisodeSteps: maxEpisodeSteps ?? recorded.maxEpisodeSteps,
  };
}

const idOf = (env: RunRequest["env"]): string | undefined =>
  typeof env === "string" ? env : (env as { id?: string } | undefined)?.id;

async function resolveDefined(
  found: FoundAlgorithm,
  asked: RunRequest,
  { folder, report = () => {}, trust = [] }: ResolveOptions,
): Promise<ResolvedRun> {
  const { definition, reference } = found;
  const where = await whereOf(asked);
  const request = await settle(found, { ...asked, ...where });
  const environment = definition.source ? undefined : await openEnvironment(request.env!, trust);
  const context = {
    ...request,
    env: environment?.id ?? "",
    isNamed: where.env !== undefined,
    folder,
    asks: definition.asks,
    report,
    trust,
  };
  const options = await readOptions(definition.name, request.options, context);
  const given = request.learntReward && (await learntRewardOf(definition, request.learntReward));
  const own = createFrom(definition, given ? { ...definition.withLearntRewards, ...options } : options);
  const learner = (given ? withReward(own as PolicyOptimiser, given.reward) : own) as AnyLearner;
  const imitated = options.expert ?? options.demonstrations;
  const run = await assemble({
    learner,
    algorithm: reference,
    isNamed: true,
    definition,
    environment,
    request,
    learntReward: given?.reference,
    imitated,
  });
  requireUnchanged(request.options, run.config.options);
  const { expertReturn, inferred }: Partial<Provenance> =
    (imitated as Partial<Demonstrations> | undefined)?.provenance ?? {};
  if (inferred) {
    const { inferenceNotes } = await import("../datasets/formats/infer-spaces.js");
    run.notes.push(...inferenceNotes(imitated as Demonstrations, inferred));
  }
  if (run.diagnose && Number.isNaN(expertReturn)) {
    run.notes.push(
      "the demonstrations have no rewards: the expert's return is unknown, so there are no scores",
    );
  }
  const isTuned = request.tuned && (await settingsFor(found, request.env)) !== undefined;
  if (isTuned) {
    const { describeTunedIn, loadTuned } = await import("../../algorithms/tuned/load.js");
    const table = await loadTuned(definition);
    run.notes.push(describeTunedIn(table, definition, idOf(request.env)!, learner.options));
  }
  return run;
}

async function resolveLearner(
  given: AnyLearner,
  asked: RunRequest,
  { trust = [] }: ResolveOptions,
): Promise<ResolvedRun> {
  if (asked.learntReward) {
    throw new UsageError(
      `${given.name} is a learner already: give it the reward in code, as in train(withReward(learner, reward), …)`,
    );
  }
  const { demonstrations } = given.options as { demonstrations?: Recorded };
  // Without an environment and without data, a learner learns from its own data set.
  const env = asked.env ?? (asked.data === undefined ? "data" : undefined);
  const request = { ...asked, ...asRecorded({ ...asked, env }, demonstrations) };
  const definition = definitionOf(given);
  const isOurs = definition !== undefined && (await loadDefinition(definition.name)) === definition;
  return assemble({
    learner: complete(given) as AnyLearner,
    algorithm: isOurs ? given.name : { given: given.name },
    isNamed: false,
    definition,
    environment: request.data === undefined ? await openEnvironment(request.env!, trust) : undefined,
    request,
  });
}

interface OpenedEnvironment {
  /** The id, if it has one. */
  id?: string;
  /** Whether there is none, and the learner's data set takes its place. */
  isData?: boolean;
  source: EnvironmentSource;
  /** The reference in a run's config; undefined for a function. */
  reference?: string | ModuleReference;
}

async function openEnvironment(
  env: NonNullable<RunRequest["env"]>,
  trust: Trust,
): Promise<OpenedEnvironment> {
  if (isReference(env) || (typeof env === "string" && (isModulePath(env) || env.startsWith("gymnasium:")))) {
    const { environmentNamed } = await import("./inputs.js");
    const { id, reference } = await environmentNamed(env as string | ModuleReference | GivenReference, trust);
    return { id, source: id, reference };
  }
  const id = idOf(env as EnvironmentSource);
  if (isDataId(id)) return { id, isData: true, source: id };
  return { id, source: env as EnvironmentSource, reference: id };
}

interface Parts {
  learner: AnyLearner;
  algorithm: RunConfig["algorithm"];
  /** Whether the learner was created from its definition here, so that `imitated` is known. */
  isNamed: boolean;
  definition?: AlgorithmDefinition;
  environment?: OpenedEnvironment;
  request: RunRequest;
  /** The reward that the learner maximises, if it is not the environment's. */
  learntReward?: RewardReference;
  /** The expert or the demonstrations that are imitated, for diagnostics. */
  imitated?: unknown;
}

/** The default diagnostics. For an algorithm passed as an object they are disabled, as its expert is not known. */
function diagnosisByDefault({ definition, isNamed }: Parts) {
  if (definition === undefined || !measuresDistance(definition)) return undefined;
  return isNamed ? diagnosisDefaults() : { ...diagnosisDefaults(), share: 0 };
}

/** The run of a learner: its source, and its config with every default filled in. */
async function assemble(parts: Parts): Promise<ResolvedRun> {
  const { learner, request, environment, definition } = parts;
  const { workers, workerTimeout, maxEpisodeSteps, environmentOptions, seed, evaluate, record, stop, sinks } =
    request;
  const steps = request.steps ?? learner.defaultSteps;
  const every = (asked: { every?: number }) => asked.every ?? Math.ceil(steps / 10);
  const diagnose = request.diagnose ?? (environment?.isData ? undefined : diagnosisByDefault(parts));
  const opened = environment?.isData
    ? (await import("./demonstrations-source.js")).demonstrationsRun(learner, evaluate !== undefined)
    : environment
      ? await environmentRun(environment, request, learner.testTasks)
      : await (await import("./data-source.js")).dataRun(learner.name, definition?.source, request.data);
  const config: RunConfig = {
    format: FORMAT,
    algorithm: parts.algorithm,
    options: await recordedOptions(learner.options),
    ...opened.record,
    ...(parts.learntReward && { learntReward: parts.learntReward }),
    seed,
    steps,
    unit: learner.unit,
    tuned: false,
    evaluate,
    ...(record && { record }),
    ...(stop && { stop: requireEvaluated(learner.name, stop, request) }),
    ...(diagnose && !("measure" in diagnose) && { diagnose: { ...diagnose, every: every(diagnose) } }),
    checkpoint: { ...request.checkpoint, every: every(request.checkpoint) },
    sinks,
    workers,
    workerTimeout,
    ...(maxEpisodeSteps !== undefined && { maxEpisodeSteps }),
  };
  const played = { environmentOptions, workers, workerTimeout, maxEpisodeSteps };
  const where = environment && !environment.isData && { env: environment.source, ...played };
  return {
    learner,
    source: opened.source,
    config,
    ...(record && { film: await filmOf(learner.name, record.episodes, where || undefined) }),
    diagnose:
      diagnose &&
      diagnosisOf(learner.name, diagnose, parts.imitated, {
        every: every(diagnose),
        where: where || undefined,
      }),
    notes: [
      ...(environment && !environment.isData
        ? [...otherEnvironment(config.options, opened.source.id), ...otherOptions(config)]
        : []),
      ...(learner.notes ?? []),
    ],
  };
}

/**
 * What records a policy.
 *
 * @throws UsageError for an environment that draws nothing, and for a run on a data set
 */
async function filmOf(
  learner: string,
  episodes: number,
  where:
    | (Pick<RecordOptions, "env" | "maxEpisodeSteps"> & Pick<RunRequest, "environmentOptions">)
    | undefined,
): Promise<Film> {
  if (!where) throw new UsageError(`${learner} learns from a data set: there is no environment to record in`);
  const { requirePictures } = await import("../measure/record-episodes.js");
  await requirePictures(where.env, where.environmentOptions);
  return async (policy, seed, title) => {
    const { recordEpisodes } = await import("../measure/record-episodes.js");
    const { defaultRate, episodeDocument } = await import("./episode-document.js");
    const { env, environmentOptions, maxEpisodeSteps } = where;
    const recorded = await recordEpisodes(policy, {
      env,
      environmentOptions,
      maxEpisodeSteps,
      episodes,
      seed,
    });
    return episodeDocument(recorded, { title, rate: await defaultRate(where) });
  };
}

/** @throws UsageError for a return to stop at in a run that has no evaluated returns */
function requireEvaluated<S>(learner: string, stop: S, { evaluate, data, env }: RunRequest): S {
  if (data !== undefined || isDataId(env)) {
    throw new UsageError(
      `${learner} learns from a data set and has no returns: end the run with onEvaluation instead of stop.return`,
    );
  }
  if (evaluate) return stop;
  throw new UsageError(
    "stop.return is compared with evaluated returns: set evaluate.every too, such as to a twentieth of the steps",
  );
}

/** A note on demonstrations of another environment than that of the run, whose spaces are the same. */
function otherEnvironment({ demonstrations }: RunConfig["options"], id: string): string[] {
  const { env } = (demonstrations ?? {}) as { env?: string };
  // Demonstrations may have been collected in another working folder, from which the path of a module differs.
  const plain = (name: string) => {
    const word = name.replace(/^gymnasium:/, "");
    return isModulePath(word) ? word.replace(/^.*[/\\]/, "./") : word;
  };
  if (env === undefined || isSamePath(plain(env), plain(id))) return [];
  return [`note: the demonstrations are of ${env}, but the run is on ${id}, whose spaces are the same`];
}

/** A note on demonstrations that were recorded with other options of the environment, or with unusual ones. */
function otherOptions(config: RunConfig): string[] {
  const { env, environmentOptions, maxEpisodeSteps } = (config.options.demonstrations ??
    {}) as Partial<Recorded>;
  if (env === undefined || config.env === undefined || isGiven(config.env)) return [];
  const id = nameOf(config.env);
  if (!isSamePath(id, env)) return [];
  const recorded = {
    ...environmentOptions,
    ...(maxEpisodeSteps && { "--max-episode-steps": maxEpisodeSteps }),
  };
  const present = { ...config.environmentOptions, "--max-episode-steps": config.maxEpisodeSteps };
  const usual: Record<string, unknown> = environmentConfig(id, {});
  const differ = (name: string, one: Record<string, unknown>, other: Record<string, unknown>) =>
    JSON.stringify(one[name]) !== JSON.stringify(other[name]);
  const listed = (names: string[], values: Record<string, unknown>) =>
    names.map((name) => `${name} ${JSON.stringify(values[name] ?? null)}`).join(", ");
  const names = Object.keys(recorded);
  const others = names.filter((name) => differ(name, recorded, present));
  if (others.length > 0) {
    return [
      `note: the demonstrations were recorded with ${listed(others, recorded)}, but the run has ${listed(others, present)}`,
    ];
  }
  const unusual = names.filter((name) => differ(name, recorded, usual));
  return unusual.length > 0
    ? [`the environment is that of the demonstrations: ${listed(unusual, recorded)}`]
    : [];
}
