/**
 * @file From a run as it was asked for to a run that can start: the algorithm by its name or module, the settings tuned for
 * the environment under what is given, references read and checked, and the config in which nothing is left open.
 */

import type { z } from "zod";
import { algorithmNames, loadDefinition } from "../../algorithms/load.js";
import { merge } from "../config/merge.js";
import {
  type GivenReference,
  isGiven,
  isModulePath,
  isReference,
  type ModuleReference,
} from "../config/references.js";
import type { EnvironmentSource } from "../env/registry.js";
import { didYouMean, UsageError } from "../errors.js";
import type { Artefact, Learner, State } from "../learning/contract.js";
import { type AlgorithmDefinition, complete, createFrom, definitionOf } from "../learning/define.js";
import { dataRun } from "./data-source.js";
import { diagnosisDefaults, diagnosisOf } from "./diagnosis.js";
import { readOptions, recordedOptions, requireUnchanged } from "./live-options.js";
import { measuresDistance } from "./reference-options.js";
import type { Diagnosis } from "./runner.js";
import { environmentRun, type RunSource } from "./source.js";
import { FORMAT, type RunConfig, type RunSpec, type specSchema } from "./spec.js";

export type AnyLearner = Learner<never, Artefact, State>;

/** A run as it is asked for: a spec with its defaults, in which objects may stand where a spec has references. */
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
  /** Lines to show before the run starts, such as which settings are used. */
  notes: string[];
}

export interface ResolveOptions {
  /** The run's folder, where labellers keep their files unless a reference says where. */
  folder?: string;
  /** Receives a line about what was collected on the way. */
  report?(line: string): void;
}

/**
 * Reads all that a run needs.
 *
 * @throws UsageError for an unknown algorithm, option or environment, when there is nothing at a path, when what is there
 * has changed since it was recorded, and for an object of a record that only code can give again
 */
export async function resolve(request: RunRequest, options: ResolveOptions = {}): Promise<ResolvedRun> {
  return isLearner(request.algorithm)
    ? resolveLearner(request.algorithm, request)
    : resolveDefined(await findAlgorithm(request.algorithm), request, options);
}

export const isLearner = (value: unknown): value is AnyLearner =>
  typeof (value as Partial<AnyLearner> | null)?.init === "function" &&
  typeof (value as Partial<AnyLearner>).update === "function";

export interface FoundAlgorithm {
  definition: AlgorithmDefinition;
  reference: string | ModuleReference;
}

/**
 * The definition of an algorithm, by its name in the catalogue or the path of a module.
 *
 * @throws UsageError for a name that is none, with the nearest that is one, a module that does not define an algorithm,
 * and an algorithm that was given in code
 */
export async function findAlgorithm(algorithm: RunSpec["algorithm"]): Promise<FoundAlgorithm> {
  if (isGiven(algorithm)) {
    throw new UsageError(
      `the algorithm ${algorithm.given} was given in code, which a record cannot hold: give it again, as in ` +
        "train(algorithm, { env, folder, resume: true })",
    );
  }
  if (typeof algorithm !== "string" || isModulePath(algorithm)) {
    // Loaded only when asked for, so that a browser never meets the modules of Node.js.
    const { definitionIn } = await import("./modules.js");
    return definitionIn(
      typeof algorithm === "string" ? { module: algorithm } : (algorithm as ModuleReference),
    );
  }
  const definition = await loadDefinition(algorithm);
  if (definition === undefined) {
    throw new UsageError(`unknown algorithm "${algorithm}"${didYouMean(algorithm, algorithmNames)}`);
  }
  return { definition, reference: algorithm };
}

/**
 * The request with its environment named and the settings tuned for it under what is given. Doing it twice changes nothing.
 *
 * @throws UsageError when demonstrations that should name the environment are not there
 */
export async function settle<R extends RunRequest>(found: FoundAlgorithm, request: R): Promise<R> {
  const { definition } = found;
  if (definition.source) return request;
  const env = (await environmentOf(request)) ?? definition.environment ?? "CartPole-v1";
  const settings = request.tuned ? await settingsFor(found, env) : undefined;
  return {
    ...request,
    env,
    steps: request.steps ?? settings?.steps,
    options: merge(settings?.options ?? {}, request.options, definition.schema),
  };
}

/** What is tuned of an algorithm of the catalogue. */
async function settingsFor({ definition, reference }: FoundAlgorithm, env: RunRequest["env"]) {
  const id = idOf(env);
  if (typeof reference !== "string" || id === undefined) return undefined;
  const { tunedFor } = await import("../../algorithms/tuned/index.js");
  return tunedFor(definition, id);
}

/** The environment that a request names: by itself, or by what is learnt from; nothing where it names none. */
async function environmentOf({ env, options }: RunRequest): Promise<RunRequest["env"]> {
  if (env !== undefined) return env;
  const { demonstrations, expert } = options as Record<string, Partial<Record<string, string>> | undefined>;
  if (demonstrations?.expert !== undefined) return demonstrations.expert;
  if (demonstrations?.from !== undefined) {
    const { environmentOfDemonstrations } = await import("./inputs.js");
    return environmentOfDemonstrations(demonstrations.from);
  }
  if (demonstrations !== undefined && !isReference(demonstrations)) return demonstrations.env;
  return typeof expert?.expert === "string" ? expert.expert : undefined;
}

const idOf = (env: RunRequest["env"]): string | undefined =>
  typeof env === "string" ? env : (env as { id?: string } | undefined)?.id;

async function resolveDefined(
  found: FoundAlgorithm,
  asked: RunRequest,
  { folder, report = () => {} }: ResolveOptions,
): Promise<ResolvedRun> {
  const { definition, reference } = found;
  const request = await settle(found, asked);
  const environment = definition.source ? undefined : await openEnvironment(request.env!);
  const context = {
    ...request,
    env: environment?.id ?? "",
    isNamed: (await environmentOf(asked)) !== undefined,
    folder,
    report,
  };
  const options = await readOptions(definition.name, request.options, context);
  const learner = createFrom(definition, options) as AnyLearner;
  const shown = options.expert ?? options.demonstrations;
  const run = await assemble({
    learner,
    algorithm: reference,
    isNamed: true,
    definition,
    environment,
    request,
    shown,
  });
  requireUnchanged(request.options, run.config.options);
  const isTuned = request.tuned && (await settingsFor(found, request.env)) !== undefined;
  if (isTuned) {
    const { describeTunedFor } = await import("../../algorithms/tuned/index.js");
    run.notes.push(describeTunedFor(definition, idOf(request.env)!, learner.options));
  }
  return run;
}

async function resolveLearner(given: AnyLearner, request: RunRequest): Promise<ResolvedRun> {
  const definition = definitionOf(given);
  const isOurs = definition !== undefined && (await loadDefinition(definition.name)) === definition;
  return assemble({
    learner: complete(given) as AnyLearner,
    algorithm: isOurs ? given.name : { given: given.name },
    isNamed: false,
    definition,
    environment: request.data === undefined ? await openEnvironment(request.env!) : undefined,
    request,
  });
}

interface OpenedEnvironment {
  /** Where it has one. */
  id?: string;
  source: EnvironmentSource;
  /** As a run records it; nothing for a function. */
  reference?: string | ModuleReference;
}

async function openEnvironment(env: NonNullable<RunRequest["env"]>): Promise<OpenedEnvironment> {
  if (isReference(env) || (typeof env === "string" && (isModulePath(env) || env.startsWith("gymnasium:")))) {
    const { environmentNamed } = await import("./inputs.js");
    const { id, reference } = await environmentNamed(env as string | ModuleReference | GivenReference);
    return { id, source: id, reference };
  }
  const id = idOf(env as EnvironmentSource);
  return { id, source: env as EnvironmentSource, reference: id };
}

interface Parts {
  learner: AnyLearner;
  algorithm: RunConfig["algorithm"];
  /** Whether it was made from its definition here, so that what it imitates is known. */
  isNamed: boolean;
  definition?: AlgorithmDefinition;
  environment?: OpenedEnvironment;
  request: RunRequest;
  /** The expert or the demonstrations that are imitated, to measure the distance from. */
  shown?: unknown;
}

/** Of an algorithm that was given as an object, nothing says from whom the distance would be measured. */
function diagnosisByDefault({ definition, isNamed }: Parts) {
  if (definition === undefined || !measuresDistance(definition)) return undefined;
  return isNamed ? diagnosisDefaults() : { ...diagnosisDefaults(), share: 0 };
}

/** The run of a learner: its source, and its config with every default filled in. */
async function assemble(parts: Parts): Promise<ResolvedRun> {
  const { learner, request, environment, definition } = parts;
  const { workers, workerTimeout, environmentOptions, seed, evaluate, sinks } = request;
  const steps = request.steps ?? learner.defaultSteps;
  const every = (asked: { every?: number }) => asked.every ?? Math.ceil(steps / 10);
  const diagnose = request.diagnose ?? diagnosisByDefault(parts);
  const opened = environment
    ? await environmentRun(environment, request)
    : await dataRun(learner.name, definition?.source, request.data);
  const config: RunConfig = {
    format: FORMAT,
    algorithm: parts.algorithm,
    options: await recordedOptions(learner.options),
    ...opened.record,
    seed,
    steps,
    unit: learner.unit,
    tuned: false,
    evaluate,
    ...(diagnose && !("measure" in diagnose) && { diagnose: { ...diagnose, every: every(diagnose) } }),
    checkpoint: { ...request.checkpoint, every: every(request.checkpoint) },
    sinks,
    workers,
    workerTimeout,
  };
  const where = environment && { env: environment.source, environmentOptions, workers, workerTimeout };
  return {
    learner,
    source: opened.source,
    config,
    diagnose: diagnose && diagnosisOf(learner.name, diagnose, parts.shown, { every: every(diagnose), where }),
    notes: [],
  };
}
