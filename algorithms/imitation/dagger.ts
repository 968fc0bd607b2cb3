/**
 * @file DAgger: the expert labels the states that the learner itself visits (Ross, Gordon & Bagnell 2011, algorithm
 * 3.1; Nalisnick, Human-in-the-Loop Machine Learning, §3.2, eq. 52).
 */

import { z } from "zod";
import { count, fraction, resolveOptions } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { NetworkPolicy } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { Algorithm, Metrics, Policy, Problem, VectorEnvironment } from "../../src/rollout/contracts.js";
import { cloningOptions, demonstrationsSchema, fingerprint, matchSpaces } from "./bc.js";
import { type Cloner, type ClonerState, cloneBatches, clonerOf, createClonerState } from "./cloner.js";
import { appendPairs, createPairs, type LabelledPairs, pairsOf } from "./pairs.js";

const betaSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("expert-first") }),
  z.strictObject({ kind: z.literal("linear"), rounds: count() }),
  z.strictObject({ kind: z.literal("exponential"), factor: fraction() }),
  z.strictObject({ kind: z.literal("constant"), value: fraction() }),
]);

type Beta = z.output<typeof betaSchema>;

export const daggerSchema = z.strictObject({
  expert: z.custom<Policy>(
    (p) => typeof (p as Policy | undefined)?.act === "function",
    "it must be a policy",
  ),
  demonstrations: demonstrationsSchema.optional().describe("labelled pairs to start from"),
  rounds: count().default(10).describe("rounds of collecting, labelling and fitting"),
  roundSteps: count().default(500).describe("environment steps, and so expert labels, in a round"),
  environments: count().default(1).describe("environments stepped together; must divide roundSteps"),
  beta: betaSchema
    .default({ kind: "expert-first" })
    .describe(
      "chance that the expert drives a step of round i: 1 at first; linear, exponential or none later",
    ),
  epochs: count().default(20).describe("passes over the aggregated pairs in a round"),
  ...cloningOptions,
});

export type DaggerOptions = z.input<typeof daggerSchema>;

/** β of round 0, 1, …: the first round is the expert's, unless it is `constant` (Ross et al. 2011, §3.1). */
export function betaOf(beta: Beta, round: number): number {
  switch (beta.kind) {
    case "expert-first":
      return round === 0 ? 1 : 0;
    case "linear":
      return Math.max(0, 1 - round / beta.rounds);
    case "exponential":
      return beta.factor ** round;
    case "constant":
      return beta.value;
  }
}

export interface DaggerState {
  round: number;
  /** Labels asked of the expert so far, which is also the number of environment steps. */
  queries: number;
  /** Steps that the learner drove. */
  learnerSteps: number;
  pairs: LabelledPairs;
  cloner: ClonerState;
  environments: VectorEnvironment;
  mixtureRng: Rng;
  live: { derived: true; cloner: Cloner };
}

/** DAgger with an expert policy, aggregating every round's labels. */
export function dagger(input: DaggerOptions): Algorithm<DaggerState> {
  const options = resolveOptions("dagger", daggerSchema, input);
  const { expert, demonstrations, rounds, roundSteps, epochs, minibatchSize, environments: copies } = options;
  if (roundSteps % copies !== 0) {
    throw new UsageError(`dagger: ${copies} environments do not divide the ${roundSteps} steps of a round`);
  }
  return {
    name: "dagger",
    options: {
      ...options,
      expert: expert.toData().kind,
      demonstrations:
        demonstrations && fingerprint(demonstrations, pairsOf(demonstrations.trajectories, demonstrations)),
    },
    unit: "environment steps",
    defaultSteps: rounds * roundSteps,

    async init(problem: Problem, rng: Rng): Promise<DaggerState> {
      if (demonstrations) matchSpaces("dagger", problem, demonstrations);
      const { observationSpace, actionSpace } = expert;
      matchSpaces("dagger", problem, { env: "the expert's environment", observationSpace, actionSpace });
      const capacity = rounds * roundSteps;
      const cloner = clonerOf(problem, options);
      return {
        round: 0,
        queries: 0,
        learnerSteps: 0,
        pairs: demonstrations
          ? pairsOf(demonstrations.trajectories, demonstrations, capacity)
          : createPairs(problem, capacity),
        cloner: createClonerState(cloner, rng),
        environments: await problem.vector(copies, rng.stream("environments")),
        mixtureRng: rng.stream("mixture"),
        live: { derived: true, cloner },
      };
    },

    /** One round: act with the mixture, label every state, fit the aggregate. */
    async update(state: DaggerState): Promise<Metrics> {
      const { cloner } = state.live;
      const fitAggregate = () =>
        cloneBatches(
          cloner,
          state.cloner,
          state.pairs,
          epochs * Math.ceil(state.pairs.count / minibatchSize),
        );
      // The first learner is the clone of the demonstrations, where there are some: they stand for round 0.
      if (state.round === 0 && demonstrations) await fitAggregate();
      const beta = betaOf(options.beta, demonstrations ? state.round + 1 : state.round);
      const disagreements = await collectLabels(state, expert, roundSteps / copies, beta);
      state.queries += roundSteps;
      state.round++;
      const { loss } = await fitAggregate();
      return {
        steps: state.queries,
        round: state.round,
        loss,
        beta,
        expertQueries: state.queries,
        learnerShare: state.learnerSteps / state.queries,
        disagreement: disagreements / roundSteps,
      };
    },

    policy: policyOf,
    done: (state) => state.round >= rounds,
  };
}

const policyOf = ({ live, cloner }: DaggerState) =>
  new NetworkPolicy(live.cloner.network.settings, cloner.parameters);

/**
 * Steps the environments with the mixture of expert and learner and stores the expert's label of every state,
 * whoever acted. Returns in how many states the learner would have done something else.
 */
async function collectLabels(
  state: DaggerState,
  expert: Policy,
  steps: number,
  beta: number,
): Promise<number> {
  const { environments, mixtureRng: rng } = state;
  const learner = policyOf(state);
  let disagreements = 0;
  for (let step = 0; step < steps; step++) {
    const { observations, count } = environments;
    const labels = (await expert.act(observations, { rng, deterministic: true })).actions;
    const own = (await learner.act(observations, { rng, deterministic: true })).actions;
    appendPairs(state.pairs, observations, labels, count);
    const width = labels.length / count;
    const actions = own.slice();
    for (let i = 0; i < count; i++) {
      const label = labels.subarray(i * width, (i + 1) * width);
      if (label.some((x, j) => x !== own[i * width + j])) disagreements++;
      if (rng.uniform() < beta) actions.set(label, i * width);
      else state.learnerSteps++;
    }
    environments.step(actions);
  }
  return disagreements;
}
