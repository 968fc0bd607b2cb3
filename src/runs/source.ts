/** @file The source of a run: an environment, or the data set of a learner without an environment. */

import type { DataReference, GivenReference, ModuleReference } from "../config/references.js";
import type { Problem, Task, VectorEnvironment } from "../env/contracts.js";
import { type ProblemOptions, problemOf } from "../env/problem.js";
import type { EnvironmentSource } from "../env/registry.js";
import { environmentConfig } from "../env/source-options.js";
import type { Algorithm, Artefact, Metrics, State } from "../learning/contract.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";

export interface RunSource<Source, A extends Artefact> {
  /** The name in titles and messages, such as `CartPole-v1`. */
  readonly id: string;
  /** The argument of the learner's `init`. */
  readonly value: Source;
  /**
   * Evaluates an artefact, of a learner in the state `state`. All randomness is drawn from `rng`. Without it, runs have
   * no evaluations.
   */
  evaluate?(artefact: A, episodes: number, rng: Rng, state: State): Promise<Metrics>;
  /** The metric of evaluations by which the best artefact is chosen; larger is better. */
  readonly criterion?: string;
  /** Closes the environments that the learner has opened. */
  close(): void;
}

/** A source, and its entries in the run's config. */
export interface OpenedSource {
  source: RunSource<unknown, Artefact>;
  record: {
    env?: string | ModuleReference | GivenReference;
    environmentOptions: Record<string, unknown>;
    data?: DataReference;
  };
}

/** @throws UsageError for an unknown environment, or options that its schema refuses */
export async function environmentRun(
  { source: env, reference }: { source: EnvironmentSource; reference?: string | ModuleReference },
  options: ProblemOptions & { environmentOptions: Record<string, unknown> },
  testTasks?: Algorithm["testTasks"],
): Promise<OpenedSource> {
  const { environmentOptions, workers, workerTimeout, maxEpisodeSteps } = options;
  const problem = await problemOf(env, environmentOptions, { workers, workerTimeout, maxEpisodeSteps });
  return {
    source: environmentSource(problem, testTasks) as RunSource<unknown, Artefact>,
    record: {
      env: reference ?? { given: problem.id },
      environmentOptions: environmentConfig(env, environmentOptions),
    },
  };
}

/**
 * An environment as a source. Evaluations run whole episodes of the policy's mode in fresh environments or, for a learner
 * with test tasks, one trial of each.
 */
export function environmentSource(
  problem: Problem,
  testTasks?: Algorithm["testTasks"],
): RunSource<Problem, Policy> {
  const opened: VectorEnvironment[] = [];
  let tasks: readonly Task[] | undefined;
  return {
    id: problem.id,
    value: {
      ...problem,
      async vector(count, rng) {
        const vector = await problem.vector(count, rng);
        opened.push(vector);
        return vector;
      },
    },
    criterion: "mean",
    async evaluate(policy, episodes, rng) {
      if (testTasks && problem.family) {
        tasks ??= testTasks(problem.family.tasks);
        return trialMetrics(problem, policy, tasks, rng);
      }
      // Imported on demand: most runs in a page have no evaluations.
      const { evaluateOn } = await import("../measure/evaluate.js");
      const evaluation = await evaluateOn(problem, policy, { episodes, rng });
      const { mean, std, iqm, interval, lengths, truncatedByLimit } = evaluation;
      const length = lengths.reduce((sum, steps) => sum + steps, 0) / episodes;
      const cut = truncatedByLimit > 0 && { truncatedByLimit };
      return { mean, std, iqm, low: interval[0], high: interval[1], length, episodes, ...cut };
    },
    close() {
      for (const vector of opened.splice(0)) vector.close();
    },
  };
}

/**
 * Metrics of trials of test tasks: those of the last episode of the trial, in which a task is solved; the mean return of
 * each episode, `episode1` and so on; and after the last step of the first episode, `nmi` of the inferred clusters.
 */
async function trialMetrics(
  problem: Problem,
  policy: Policy,
  tasks: readonly Task[],
  rng: Rng,
): Promise<Metrics> {
  const { evaluateTrialsOn } = await import("../measure/evaluate-trials.js");
  const { std } = await import("../diagnostics/statistics.js");
  const evaluation = await evaluateTrialsOn(problem, policy, { tasks, rng });
  const { mean, iqm, intervals, nmi, returns } = evaluation;
  const last = mean.length - 1;
  return {
    mean: mean[last],
    std: std(returns.map((trial) => trial[last])),
    iqm: iqm[last],
    low: intervals[last][0],
    high: intervals[last][1],
    ...Object.fromEntries(mean.map((value, k) => [`episode${k + 1}`, value])),
    ...(nmi && { nmi: nmi[nmi.length - 1] }),
    trials: returns.length,
  };
}
