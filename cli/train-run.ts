/** @file What `understudy-rl train <algorithm>` does: words become a run as plain data, which is resolved and started. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { PREFERENCES_OF_RUN } from "../src/datasets/preferences-folder.js";
import { isDataId } from "../src/env/data-set.js";
import { UsageError } from "../src/errors.js";
import { hasNeed, isSatisfied, needsOf } from "../src/learning/define.js";
import { cutWarning } from "../src/rollout/trajectory.js";
import { INTERRUPTED } from "../src/runs/exit-code.js";
import { requireTerminal } from "../src/runs/labellers.js";
import { type FoundAlgorithm, type ResolvedRun, resolve, settle } from "../src/runs/resolve.js";
import { REWARD_FILE } from "../src/runs/run-records.js";
import { listSeeds, type Seed, trainSeeds } from "../src/runs/seeds.js";
import { start } from "../src/runs/start.js";
import { modulesIn, type Trust, trustingWords } from "../src/runs/trust.js";
import { print, warn } from "./command.js";
import type { Values } from "./options.js";
import { printSeeds, seedsExitCode } from "./seeds.js";
import { folderOf, pick, requestFor } from "./train-options.js";
import { wordFor } from "./train-schema.js";

/** Trains with the options that are given, under one seed or under several. */
export const trainWith = (found: FoundAlgorithm, asked: Asked, isOfSeeds: boolean): Promise<void> =>
  isOfSeeds ? runSeeds(found, asked) : runOne(found, asked);

/** The options that are given, and the modules that may be imported besides that of the algorithm. */
interface Asked {
  given: Values;
  trust: Trust;
  /** The command that resumes the run; unset: `train` and the algorithm. */
  command?: string;
}

/** Everything that a run needs, read; a mistake is found here, before anything is written. */
async function load(
  found: FoundAlgorithm,
  { given, trust: named }: Asked,
): Promise<ResolvedRun & { out: string }> {
  const { name } = found.definition;
  const { jobs, seeds } = given;
  const lack = lackOf(found, given);
  if (lack !== undefined && !mayClone(found, given)) {
    // What a resumed run lacks is in its record.
    if (given.resume && given.out !== undefined && !existsSync(String(given.out)))
      throw new UsageError(`there is no run to resume: ${given.out} does not exist`);
    throw lack;
  }
  if (jobs !== undefined && seeds === undefined) {
    throw new UsageError(
      `train ${name}: --jobs is the number of seeds that run at the same time: give --seeds too`,
    );
  }
  const request = requestFor(found, given);
  requireTerminal(request.options);
  const out = await folderOf(found, given);
  // The algorithm has been imported already.
  const trust: Trust = named === true || [...named, ...modulesIn([found.reference])];
  const run = await resolve(given.resume ? { ...request, tuned: false } : request, {
    folder: out,
    report: warn,
    trust,
  });
  if (lack !== undefined && !isDataId(run.config.env)) throw lack;
  run.notes.push(...idleWorkers(run));
  return { ...run, out };
}

/**
 * Whether demonstrations may be enough without a source of labels: they are where nothing acts, which is known when they
 * have been read.
 */
const mayClone = ({ definition }: FoundAlgorithm, given: Values): boolean =>
  hasNeed(definition, "labeller") && given.demonstrations !== undefined;

/** What a run lacks: one alternative of each need; undefined if it has all. */
function lackOf({ definition }: FoundAlgorithm, given: Values): UsageError | undefined {
  for (const need of needsOf(definition)) {
    const others = need.filter((name) => name !== "labeller").map((name) => `--${name}`);
    const isLabelled = others.length < need.length;
    // An algorithm with a labeller refuses a second source of labels itself.
    const hasTwo = !isLabelled && need.filter((name) => given[name] !== undefined).length > 1;
    if (isSatisfied(need, given) && !hasTwo) continue;
    const what = isLabelled
      ? `${[...others, "or --labeller console, files or web"].join(", ")}: a source of labels; without one, --demos with ` +
        "--env data gives its first policy, their clone"
      : `${others.join(" or ")}, one of them: what to learn from`;
    return new UsageError(`train ${definition.name} needs ${what}`);
  }
  return undefined;
}

/** That threads have no work, where it is so: they share out environments, of which the algorithm may have one. */
function idleWorkers({ config: { workers, options } }: ResolvedRun): string[] {
  const [flag, { environments }] =
    "environments" in options
      ? ["--environments", options]
      : ["--optimiser.environments", (options.optimiser ?? {}) as Values];
  if (workers === 0 || environments !== 1) return [];
  return [`note: --workers ${workers} has no effect on training with 1 environment; raise ${flag}`];
}

/** What `--print-config` prints: the whole config where all that is needed is given, else the options by name. */
export async function printed(
  found: FoundAlgorithm,
  { options, own, ...asked }: Asked & { options: Values; own: string[] },
): Promise<Values> {
  const { given } = asked;
  const hasAll =
    mayClone(found, given) || needsOf(found.definition).every((need) => isSatisfied(need, given));
  const start = pick(options, ["seeds", "jobs", "resume"]);
  if (hasAll) {
    const { config, out } = await load(found, asked);
    return { ...config, ...start, out };
  }
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !own.includes(name)));
  return { algorithm: found.reference, options: pick(options, own), ...rest };
}

async function runOne(found: FoundAlgorithm, asked: Asked): Promise<void> {
  const word = wordFor(found.reference);
  const { given, command = `train ${word}` } = asked;
  const { out: folder, ...run } = await load(found, asked);
  const { config, source } = run;
  const result = await start(run, {
    folder,
    resume: given.resume === true,
    progress: process.stderr,
    handleInterrupt: true,
  });
  result.close();
  const cut = result.evaluations.reduce(
    (sum, { truncatedByLimit = 0, gapTruncatedByLimit = 0 }) => sum + truncatedByLimit + gapTruncatedByLimit,
    0,
  );
  warn(cutWarning(cut));
  if (result.unsaveable) warn(`note: ${result.unsaveable}`);
  if (result.interrupted) {
    const next = result.unsaveable
      ? "the policy so far is kept"
      : `resume with: npx understudy-rl ${command} --resume --out ${folder}${trustingWords(config, true)}`;
    warn(`interrupted at step ${result.steps}; ${next}`);
    process.exitCode = INTERRUPTED;
    return;
  }
  print(`${found.definition.name} on ${source.id}: ${result.steps} ${config.unit}`);
  print(`run folder  ${folder}`);
  if (result.reward?.toData) print(`reward      ${join(folder, REWARD_FILE)}`);
  if (existsSync(join(folder, PREFERENCES_OF_RUN))) print(`preferences ${join(folder, PREFERENCES_OF_RUN)}`);
  print(`report      ${join(folder, "report.html")}`);
  // Without an environment, only held-out episodes evaluate a policy.
  if (config.data === undefined && (!isDataId(config.env) || run.learner.heldOut)) {
    print(`next        npx understudy-rl evaluate ${folder}${trustingWords(config)}`);
  } else if (config.data !== undefined && result.reward?.toData) {
    print(`next        npx understudy-rl train ppo --reward ${folder}`);
  }
}

async function runSeeds(found: FoundAlgorithm, asked: Asked): Promise<void> {
  const { given, trust } = asked;
  const { notes, out: folder } = await load(found, asked);
  for (const note of notes) warn(note);
  const { seed, ...request } = await settle(found, requestFor(found, given));
  const summary = await trainSeeds(
    // All that was tuned is among the options already.
    { ...request, tuned: false } as Parameters<typeof trainSeeds>[0],
    {
      seeds: listSeeds(given.seeds as number | Seed[], seed),
      jobs: given.jobs as number | undefined,
      folder,
      resume: given.resume === true,
      trust: trust === true || [...trust],
      progress: process.stderr,
      handleInterrupt: true,
    },
  );
  printSeeds(summary, folder);
  process.exitCode = seedsExitCode(summary);
}
