/** @file The source of a run: an environment, or the data set of a learner without an environment. */

import type { DataReference, GivenReference, ModuleReference } from "../config/references.js";
import type { Problem, VectorEnvironment } from "../env/contracts.js";
import { type ProblemOptions, problemOf } from "../env/problem.js";
import type { EnvironmentSource } from "../env/registry.js";
import { environmentConfig } from "../env/source-options.js";
import type { Artefact, Metrics } from "../learning/contract.js";
import { evaluateOn } from "../measure/evaluate.js";
import type { Policy } from "../policies/contract.js";
import type { Rng } from "../random/rng.js";

export interface RunSource<Source, A extends Artefact> {
  /** The name in titles and messages, such as `CartPole-v1`. */
  readonly id: string;
  /** The argument of the learner's `init`. */
  readonly value: Source;
  /** Evaluates an artefact. All randomness is drawn from `rng`. Without it, runs have no evaluations. */
  evaluate?(artefact: A, episodes: number, rng: Rng): Promise<Metrics>;
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
): Promise<OpenedSource> {
  const { environmentOptions, workers, workerTimeout, maxEpisodeSteps } = options;
  const problem = await problemOf(env, environmentOptions, { workers, workerTimeout, maxEpisodeSteps });
  return {
    source: environmentSource(problem) as RunSource<unknown, Artefact>,
    record: {
      env: reference ?? { given: problem.id },
      environmentOptions: environmentConfig(env, environmentOptions),
    },
  };
}

/** An environment as a source. Evaluations run whole episodes of the policy's mode in fresh environments. */
export function environmentSource(problem: Problem): RunSource<Problem, Policy> {
  const opened: VectorEnvironment[] = [];
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
