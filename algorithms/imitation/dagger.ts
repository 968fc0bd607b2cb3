/**
 * @file DAgger: the expert labels the states that the learner visits (Ross, Gordon & Bagnell 2011, algorithm 3.1;
 * Nalisnick, Human-in-the-Loop Machine Learning, §3.2, eq. 52). Lines of the algorithm are numbered as in the paper.
 *
 * The expert is a labeller: a policy that answers at once, or a person. How states are sampled and labelled is in
 * `dagger/rollout.ts`, the data set D in `dagger/labels.ts`, the supervised learning in `cloning/supervised.ts`.
 */

import { z } from "zod";
import { count, fraction, nonNegative } from "../../src/config/options.js";
import { referenceTo } from "../../src/config/references.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Labeller } from "../../src/people/labeller.js";
import { policyLabeller } from "../../src/people/policy-labeller.js";
import { createQueryBook } from "../../src/people/query-book.js";
import type { Policy } from "../../src/policies/contract.js";
import { NetworkPolicy, type ObservationStatistics, policyRecord } from "../../src/policies/index.js";
import { normaliseRows } from "../../src/policies/statistics.js";
import type { Rng } from "../../src/random/rng.js";
import { isIntegral } from "../../src/spaces/index.js";
import { requireExpertOf } from "../shared/demonstrations-option.js";
import { createPairs, type LabelledPairs, pairsOf, statisticsOf } from "../shared/labelled-pairs.js";
import { requireNormalisable } from "../shared/networks.js";
import { cloningOptions } from "./cloning/options.js";
import {
  type Cloner,
  type ClonerState,
  cloneBatches,
  clonerOf,
  createClonerState,
} from "./cloning/supervised.js";
import { fuse, type Member } from "./dagger/fusion.js";
import { createLabelStore, takeFresh } from "./dagger/labels.js";
import { type RolloutState, sampleRound } from "./dagger/rollout.js";
import { imitationOptions, imitationTask } from "./shared/options.js";

const betaSchema = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        kind: z.literal("expert-first").describe("how the probability depends on the round"),
      }),
      z.strictObject({
        kind: z.literal("linear"),
        rounds: count().describe("linear: rounds in which the probability falls from 1 to 0"),
      }),
      z.strictObject({
        kind: z.literal("exponential"),
        factor: fraction().describe(
          "exponential: factor that the probability is multiplied by in each round",
        ),
      }),
      z.strictObject({
        kind: z.literal("constant"),
        value: fraction().describe("constant: the probability in every round"),
      }),
    ],
    "it must be expert-first, linear, exponential or constant",
  )
  .meta({ tag: "kind" });

type Beta = z.output<typeof betaSchema>;

const daggerSchema = z.strictObject({
  expert: z
    .custom<Policy>((p) => typeof (p as Policy | undefined)?.act === "function", "it must be a policy")
    .meta({ type: "policy" })
    .optional()
    .describe("a policy that answers every query at once; instead of a labeller"),
  labeller: z
    .custom<Labeller>(
      (l) => typeof (l as Labeller | undefined)?.label === "function",
      "it must be a labeller, with kind and label()",
    )
    .meta({ type: "labeller" })
    .optional()
    .describe("source of the labels, such as `consoleLabeller()`; instead of an expert"),
  ...imitationOptions,
  demonstrations: imitationOptions.demonstrations.optional().describe("labelled pairs to start from"),
  rounds: count().default(10).describe("rounds of collecting, labelling and fitting"),
  roundSteps: count().default(500).describe("environment steps, and so queries, in a round"),
  environments: count().default(1).describe("environments stepped together; must divide roundSteps"),
  beta: betaSchema
    .default({ kind: "expert-first" })
    .describe(
      "probability that the expert acts in a step of round i, by kind: expert-first, or linear with --beta.rounds, " +
        "exponential with --beta.factor, constant with --beta.value",
    ),
  combine: z
    .enum(["aggregate", "fuse"])
    .default("aggregate")
    .describe("fit one policy to all labels so far, or one to each round's and pool them"),
  quorum: fraction()
    .default(1)
    .describe(
      "share of a round's queries to be closed before the round may end; later answers join a later round",
    ),
  patience: nonNegative().default(0).describe("how long to wait for the rest once there is a quorum (s)"),
  signal: z
    .instanceof(AbortSignal)
    .meta({ type: "AbortSignal" })
    .optional()
    .describe("ends the wait for answers, and the run"),
  epochs: count().default(20).describe("passes over the aggregated pairs, or the round's, in a round"),
  ...cloningOptions,
});

export type DaggerOptions = z.input<typeof daggerSchema>;
type ResolvedOptions = z.output<typeof daggerSchema>;

/** β_i of round i = 0, 1, …: 1 in the first round, unless it is `constant` (Ross et al. 2011, §3.1). */
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

export interface DaggerState extends RolloutState {
  cloner: ClonerState;
  /** Statistics of the observations that were labelled first, where observations are standardised. */
  statistics?: ObservationStatistics;
  /** The policies of the rounds, where they are fused. */
  members: Member[];
  /** The streams of the rounds' policies derive from it. */
  membersRng: Rng;
  live: { derived: true; cloner: Cloner; problem: Problem };
}

/** DAgger, for discrete, multi-discrete and continuous actions. */
export const dagger = defineAlgorithm({
  name: "dagger",
  summary: "an expert labels the states that the learner visits",
  schema: daggerSchema,
  needs: [["expert", "labeller"]],
  create(options): Algorithm<DaggerState> {
    const {
      expert,
      demonstrations: given,
      rounds,
      roundSteps,
      environments: copies,
      signal: _,
      ...rest
    } = options;
    if ((expert === undefined) === (options.labeller === undefined)) {
      throw new UsageError(
        "dagger: give either an expert, which is a policy, or a labeller to answer the queries, and not both",
      );
    }
    if (roundSteps % copies !== 0) {
      throw new UsageError(`dagger: ${copies} environments do not divide the ${roundSteps} steps of a round`);
    }
    if (options.combine === "fuse" && options.network) {
      throw new UsageError(
        `dagger: combine "fuse" merges hidden layers alone, and network "${options.network.kind}" lies ahead of them; ` +
          'use combine "aggregate"',
      );
    }
    const labeller = options.labeller ?? policyLabeller(expert!);
    const task = given && imitationTask("dagger", { ...options, demonstrations: given });
    const demonstrations = task?.demonstrations;
    return {
      name: "dagger",
      options: {
        ...rest,
        ...(expert
          ? { expert: policyRecord(expert) }
          : { labeller: referenceTo(labeller, "labeller", { kind: labeller.kind }) }),
        ...{ ...task?.record, rounds, roundSteps, environments: copies },
      },
      unit: "environment steps",
      defaultSteps: rounds * roundSteps,

      // 1: Initialise D ← ∅, or the demonstrations.  2: Initialise π̂_1 to any policy.
      async init(problem: Problem, rng: Rng): Promise<DaggerState> {
        if (options.normaliseObservations) requireNormalisable("dagger", problem);
        task?.requireProblem(problem);
        if (expert) requireExpertOf("dagger", problem, expert);
        const capacity = rounds * roundSteps;
        const pairs = demonstrations
          ? pairsOf(demonstrations.trajectories, demonstrations, capacity)
          : createPairs(problem, capacity);
        const cloner = clonerOf(problem, options, pairs.weights !== undefined);
        return {
          round: 0,
          step: 0,
          learnerSteps: 0,
          book: createQueryBook(),
          ...createLabelStore(pairs, pairs.count + capacity),
          cloner: createClonerState(cloner, rng),
          members: [],
          environments: await problem.vector(copies, rng.stream("environments")),
          mixtureRng: rng.stream("mixture"),
          membersRng: rng.stream("members"),
          live: { derived: true, cloner, problem },
        };
      },

      /**
       * 3: for i = 1 to N do: one round.
       *
       * @throws Paused when the signal is aborted or the labeller stops: call again, then or after a restore, to continue
       */
      async update(state: DaggerState): Promise<Metrics> {
        const { pairs } = state;
        // Where there are demonstrations they stand for round 0, and π̂_1 is their clone.
        if (state.round === 0 && demonstrations && state.cloner.steps === 0) {
          await fitPolicy(state, options, pairs);
        }
        // 4: Let π_i = β_i π* + (1 − β_i) π̂_i.  5: Sample T steps with π_i.  6: Label the visited states: D_i = {(s, π*(s))}.
        const beta = betaOf(options.beta, demonstrations ? state.round + 1 : state.round);
        await sampleRound(state, { ...options, labeller }, { learner: policyOf(state), beta });
        // 7: Aggregate D ← D ∪ D_i.
        const { added, meanDifference } = takeFresh(state, state.live.problem);
        // 8: Train π̂_(i+1) on D.
        const loss = await fitPolicy(state, options, options.combine === "fuse" ? added : pairs);
        state.round++;
        state.step = 0;
        return { ...roundMetrics(state, roundSteps, meanDifference), loss, beta };
      },

      policy: policyOf,
      done: (state) => state.round >= rounds,
    };
  },
});

function roundMetrics(
  { round, book, learnerSteps, live }: DaggerState,
  roundSteps: number,
  difference: number,
) {
  const { asked, answered, skipped, withdrawn, open } = book;
  const steps = round * roundSteps;
  return {
    steps,
    round,
    expertQueries: asked,
    answered,
    skipped,
    withdrawn,
    outstanding: open.length,
    learnerShare: learnerSteps / steps,
    /** Of choices the share that differs, of continuous actions the root mean square distance. */
    disagreement: isIntegral(live.problem.actionSpace) ? difference : Math.sqrt(difference),
  };
}

// 10: Return π̂_(N+1), or the pool of the rounds' policies. The runner keeps the best one.
function policyOf({ live, cloner, members, statistics }: DaggerState): NetworkPolicy {
  const { settings } = live.cloner.network;
  return members.length > 0
    ? fuse(settings, members, statistics)
    : new NetworkPolicy(settings, cloner.parameters, statistics);
}

/** Pairs as the networks see them. */
const normalised = (pairs: LabelledPairs, statistics: ObservationStatistics | undefined): LabelledPairs =>
  statistics ? { ...pairs, observations: normaliseRows(statistics, pairs.observations) } : pairs;

/** Fits the one policy to all pairs, or a new member of the pool to the round's. Returns the mean loss. */
async function fitPolicy(
  state: DaggerState,
  { combine, epochs, minibatchSize, normaliseObservations }: ResolvedOptions,
  labelled: LabelledPairs,
): Promise<number> {
  if (labelled.count === 0) return 0;
  const { cloner, problem } = state.live;
  if (normaliseObservations) state.statistics ??= statisticsOf(labelled, problem);
  const pairs = normalised(labelled, state.statistics);
  const updates = epochs * Math.ceil(pairs.count / minibatchSize);
  if (combine === "aggregate") return (await cloneBatches(cloner, state.cloner, pairs, updates)).loss;
  const member = createClonerState(cloner, state.membersRng.stream("member", state.members.length));
  const { loss } = await cloneBatches(cloner, member, pairs, updates);
  state.members.push({ parameters: member.parameters, weight: pairs.count });
  state.cloner.steps += updates;
  return loss;
}
