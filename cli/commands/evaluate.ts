/** @file `understudy-rl evaluate <policy>`: estimates the mean return of a policy, or of each episode of its trials. */

import * as z from "zod";
import { tasksOption } from "../../algorithms/meta/shared/trials.js";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { type Demonstrations, splitEpisodes } from "../../src/datasets/demonstrations.js";
import { readDemonstrations } from "../../src/datasets/read-demonstrations.js";
import { isDataId } from "../../src/env/data-set.js";
import type { ProblemOptions } from "../../src/env/problem.js";
import { problemOf } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import { evaluate, evaluateSchema } from "../../src/measure/evaluate.js";
import { type DataEvaluation, evaluateOnData } from "../../src/measure/evaluate-on-data.js";
import { evaluateTrials, stepsToInfer, type TrialsEvaluation } from "../../src/measure/evaluate-trials.js";
import type { Policy } from "../../src/policies/contract.js";
import type { ActingPolicy, Actor } from "../../src/policies/controller.js";
import { createRng } from "../../src/random/rng.js";
import { formatEstimate, formatNumber } from "../../src/report/format.js";
import { taskSet } from "../../src/rollout/task-set.js";
import { cutWarning } from "../../src/rollout/trajectory.js";
import { heldOutOf } from "../../src/runs/held-out.js";
import { actorAt, environmentFor, type PolicyOnDisk } from "../../src/runs/inputs.js";
import { type Command, print, printJson, warn } from "../command.js";
import { actorPath, environmentFields, json, problemFields, seed } from "../fields.js";
import { table } from "../table.js";

const { episodes, deterministic } = evaluateSchema.shape;

const schema = z.strictObject({
  policy: actorPath,
  ...environmentFields,
  ...problemFields,
  episodes,
  trials: count()
    .optional()
    .describe(
      "in a task family, instead of --episodes: number of trials, each of a test task of the run or, outside a run, of a " +
        "task of the family; a row for each episode of the trial",
    ),
  demonstrations: z
    .string()
    .optional()
    .describe(
      "instead of episodes in an environment: demonstrations, on whose actions the policy is evaluated; of a run that " +
        "learnt from a data set alone, by default the episodes that it held out",
    )
    .meta({ alias: "demos" }),
  heldOut: fraction()
    .optional()
    .describe(
      "of --demonstrations: the fraction of the episodes to evaluate on, drawn by --seed; unset: all",
    ),
  seed,
  deterministic,
  json,
});

export const evaluateCommand: Command<typeof schema> = {
  name: "evaluate",
  schema,
  positionals: ["policy"],
  examples: [
    "evaluate runs/ppo-CartPole-v1-0 --episodes 100",
    "evaluate expert --env Pendulum-v1",
    "evaluate runs/milet-PointGoal-v0-0 --trials 32",
    "evaluate runs/bc-data-pusht-0 --demos demos/pusht-test",
  ],

  async run({ policy: path, episodes, trials, seed, deterministic, json, ...rest }, given, trust) {
    const { workers, workerTimeout, maxEpisodeSteps, demonstrations, heldOut, ...asked } = rest;
    if (trials !== undefined && given.episodes !== undefined) {
      throw new UsageError(
        "evaluate: give either --episodes or --trials; the environment says how many episodes a trial has",
      );
    }
    const { policy, run } = await actorAt(path, { env: asked.env, trust });
    if (demonstrations !== undefined || (asked.env === undefined && isDataId(run?.env))) {
      const data =
        demonstrations === undefined
          ? await heldOutOf(path, trust)
          : await shareOf(await readDemonstrations(demonstrations, asked), heldOut, seed);
      const result = await evaluateOnData(policy as Policy, data, { rng: createRng(seed) });
      if (json) printJson({ policy: path, data: data.env, seed, ...result });
      else print(dataText(path, data.env, result));
      return;
    }
    const where = await environmentFor(asked, run, trust);
    const played = { workers, workerTimeout, maxEpisodeSteps };
    const how = { ...where, ...played, seed, deterministic };
    if (trials !== undefined) {
      const result = await evaluateTrials(policy, {
        ...how,
        trials,
        tasks: await testTasks(how, trials, run),
      });
      if (json) printJson({ policy: path, ...where, seed, deterministic, ...result });
      else print(trialsText(path, where.env, result));
      return;
    }
    const result = await evaluate(policy, { ...how, episodes });
    warn(cutWarning(result.truncatedByLimit, episodes));
    warn(adapting(policy));
    if (json) {
      printJson({ policy: path, ...where, seed, deterministic, ...result });
      return;
    }
    const { mean: value, std, iqm, interval, returns } = result;
    const [low, high] = interval;
    print(
      table(
        ["policy", "environment", "episodes", "mean return [95 %]", "std", "IQM"],
        [
          [
            path,
            where.env,
            returns.length,
            formatEstimate({ value, low, high }),
            ...[std, iqm].map((x) => formatNumber(x)),
          ],
        ],
      ),
    );
  },
};

/** The held-out share of demonstrations, as `splitEpisodes` draws it; all without a share. */
const shareOf = (all: Demonstrations, share: number | undefined, seed: number | string) =>
  share === undefined ? all : splitEpisodes(all, share, createRng(seed).stream("held-out")).heldOut;

function dataText(path: string, data: string, { intervals, ...found }: DataEvaluation): string {
  const { logLikelihood, actionError, accuracy, episodes, pairs } = found;
  const estimate = (name: "logLikelihood" | "actionError" | "accuracy", value: number) => {
    const [low, high] = intervals[name]!;
    return formatEstimate({ value, low, high });
  };
  const [what, closeness] =
    accuracy === undefined
      ? ["action error [95 %]", estimate("actionError", actionError!)]
      : ["accuracy [95 %]", estimate("accuracy", accuracy)];
  return table(
    ["policy", "data", "episodes", "pairs", "log-likelihood [95 %]", what],
    [[path, data, episodes, pairs, estimate("logLikelihood", logLikelihood), closeness]],
  );
}

/**
 * `trials` test tasks of a run, which are never training tasks; undefined for a policy outside a run, or of a learner
 * without tasks.
 */
async function testTasks(
  how: { env: string; environmentOptions: Record<string, unknown> } & ProblemOptions,
  trials: number,
  run: PolicyOnDisk["run"],
) {
  if (run?.options?.tasks === undefined) return undefined;
  const { family } = await problemOf(how.env, how.environmentOptions, how);
  const tasks = resolveOptions("evaluate: the run", tasksOption.unwrap(), run.options.tasks);
  return family && taskSet(family.tasks, { ...tasks, test: trials }).test;
}

/** What the mean over episodes leaves out of a policy that adapts to a task. */
const adapting = (policy: Actor) =>
  (policy as ActingPolicy).view !== undefined
    ? "note: this policy adapts to its task from episode to episode; --trials 32 shows the return of each episode"
    : undefined;

/** A row for each episode of the trial, and what the policy found out about clusters. */
function trialsText(
  path: string,
  env: string,
  { returns, mean, iqm, intervals, ...found }: TrialsEvaluation,
) {
  const rows = mean.map((value, k) => {
    const [low, high] = intervals[k];
    return [path, env, k + 1, returns.length, formatEstimate({ value, low, high }), formatNumber(iqm[k])];
  });
  const header = ["policy", "environment", "episode", "trials", "mean return [95 %]", "IQM"];
  return [table(header, rows), ...clusterLines(found)].join("\n");
}

function clusterLines({ nmi, nmiCeiling }: Pick<TrialsEvaluation, "nmi" | "nmiCeiling">): string[] {
  if (!nmi) return [];
  const steps = stepsToInfer(nmi);
  return [
    "",
    table(
      ["agreement of inferred and true clusters (NMI)", ""],
      [
        ["after the first episode", formatNumber(nmi[nmi.length - 1])],
        ["largest, in the first episode", formatNumber(Math.max(...nmi))],
        ["steps until 95 % of the largest", formatNumber(steps)],
        ["of a perfect reader of these tasks", formatNumber(nmiCeiling!)],
      ],
    ),
  ];
}
