/** @file Compares a learner with an expert: exactly when the environment has a tabular model, and from samples. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import { type ExactDiagnostics, exactDiagnostics } from "../diagnostics/exact.js";
import { type SampledDiagnostics, sampledDiagnostics } from "../diagnostics/sampled.js";
import type { Problem } from "../env/contracts.js";
import { problemOf } from "../env/problem.js";
import {
  environmentOption,
  environmentOptionsOption,
  problemOptions,
  seedOption,
  signalOption,
} from "../env/source-options.js";
import { greedyTable } from "../mdp/tables.js";
import { summedOverTime, unrolled } from "../mdp/unrolled.js";
import type { Policy } from "../policies/contract.js";
import { TimeIndexedPolicy, tabulate } from "../policies/index.js";
import { createRng } from "../random/rng.js";
import { requireComparable, requirePolicy } from "./checks.js";

/** The largest number of (state, time) pairs in an exact comparison of time-dependent policies. */
const MOST_TIMED_STATES = 1e5;

export const compareSchema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  ...problemOptions(),
  seed: seedOption(),
  episodes: count().default(50).describe("number of episodes of each policy in the sampled comparison"),
  deterministic: z
    .boolean()
    .default(true)
    .describe(
      "whether to compare the modes of the policies, as `evaluate` and proposition 3.1 do; false: the policies sample actions",
    ),
  branchPoints: z
    .int()
    .nonnegative()
    .default(30)
    .describe(
      "approximate number of branch points per episode of the learner, for the performance difference lemma; 0: leave it out of the sampled comparison",
    ),
  sampled: z
    .boolean()
    .default(true)
    .describe("whether to run episodes; false: only the exact comparison of a tabular model"),
  signal: signalOption().describe("signal that ends the sampled comparison with an error, its reason"),
});

export type CompareOptions = z.input<typeof compareSchema> & { sampled?: true };

export interface Comparison {
  /**
   * The exact comparison. Present when the environment has a tabular model and both policies have action probabilities
   * per state or, for a `TimeIndexedPolicy`, per state and time (at most 100 000 pairs; larger problems are only
   * sampled).
   */
  exact?: ExactDiagnostics;
  sampled: SampledDiagnostics;
}

/**
 * Compares a learner with an expert.
 * @throws UsageError for an unknown option or environment, a policy of other spaces, or one that adapts to its task.
 */
export async function compare(expert: Policy, learner: Policy, options: CompareOptions): Promise<Comparison>;
export async function compare(
  expert: Policy,
  learner: Policy,
  options: Omit<CompareOptions, "sampled"> & { sampled: false },
): Promise<Pick<Comparison, "exact">>;
export async function compare(
  expert: Policy,
  learner: Policy,
  given: z.input<typeof compareSchema>,
): Promise<Partial<Comparison>> {
  const options = resolveOptions("compare", compareSchema, given);
  const { env, environmentOptions, workers, workerTimeout, maxEpisodeSteps, seed, sampled, ...sampling } =
    options;
  const problem = await problemOf(env, environmentOptions, { workers, workerTimeout, maxEpisodeSteps });
  requirePolicy("compare: the expert", expert, problem);
  requirePolicy("compare: the learner", learner, problem);
  requireComparable("compare: the expert", expert);
  requireComparable("compare: the learner", learner);
  const rng = createRng(seed);
  return {
    exact: await compareExactly(expert, learner, problem, options.deterministic),
    ...(sampled && { sampled: await sampledDiagnostics(expert, learner, problem, { ...sampling, rng }) }),
  };
}

/** The exact comparison; undefined when none is possible. */
export async function compareExactly(
  expert: Policy,
  learner: Policy,
  { model }: Problem,
  deterministic: boolean,
): Promise<ExactDiagnostics | undefined> {
  if (!model || !isTabulated(expert) || !isTabulated(learner)) return undefined;
  const times = Math.max(...[expert, learner].map((p) => (p instanceof TimeIndexedPolicy ? p.horizon : 1)));
  if (times > 1 && times * model.states > MOST_TIMED_STATES) return undefined;
  const table = async (policy: Policy) => {
    const probabilities = await tabulate(policy, model);
    return deterministic ? greedyTable(model, probabilities) : probabilities;
  };
  const tables = async (policy: Policy) => {
    const pairs = model.states * model.actions;
    const all = new Float64Array(times * pairs);
    const always = policy instanceof TimeIndexedPolicy ? undefined : await table(policy);
    for (let t = 0; t < times; t++) {
      all.set(always ?? (await table((policy as TimeIndexedPolicy).at(t))), t * pairs);
    }
    return all;
  };
  const [ofExpert, ofLearner] = [await tables(expert), await tables(learner)];
  if (times === 1) return exactDiagnostics(model, ofExpert, ofLearner);
  return withoutTime(exactDiagnostics(unrolled(model, times), ofExpert, ofLearner), model.states);
}

const isTabulated = (policy: Policy) =>
  policy.probabilities !== undefined || policy instanceof TimeIndexedPolicy;

/** Sums quantities per (state, time) over time, to quantities per state. */
function withoutTime(exact: ExactDiagnostics, states: number): ExactDiagnostics {
  const { forward, reverse } = exact;
  const summed = (perState: Float64Array) => summedOverTime(perState, states);
  return {
    ...exact,
    forward: { ...forward, perState: summed(forward.perState) },
    reverse: { ...reverse, perState: summed(reverse.perState) },
    states: { expert: summed(exact.states.expert), learner: summed(exact.states.learner) },
  };
}
