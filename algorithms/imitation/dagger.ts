/**
 * @file DAgger: the expert labels the states that the learner visits [Ross, Gordon & Bagnell 2011, algorithm 3.1]
 * [N §3.2, eq. 52]. Lines of the algorithm are numbered as in the paper.
 *
 * The expert is a labeller: a policy, which answers at once, or a person. Sampling and labelling are in
 * `dagger/rollout.ts`, the data set D in `dagger/labels.ts`, the supervised learning in `cloning/supervised.ts`.
 */

import * as z from "zod";
import { count, fraction } from "../../src/config/options.js";
import { referenceTo } from "../../src/config/references.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Labeller } from "../../src/people/labeller.js";
import { policyLabeller } from "../../src/people/policy-labeller.js";
import { createQueryBook } from "../../src/people/query-book.js";
import { waitOptions } from "../../src/people/wait-for-answers.js";
import type { Policy } from "../../src/policies/contract.js";
import {
  type NetworkData,
  NetworkPolicy,
  type ObservationStatistics,
  policyRecord,
} from "../../src/policies/index.js";
import { normaliseRows } from "../../src/policies/statistics.js";
import type { Rng } from "../../src/random/rng.js";
import { type ActionScaling, isIntegral } from "../../src/spaces/index.js";
import { requireExpertOf } from "../shared/demonstrations-option.js";
import {
  createPairs,
  type LabelledPairs,
  pairsOf,
  scalingOf,
  statisticsOf,
} from "../shared/labelled-pairs.js";
import { requireNormalisable } from "../shared/networks.js";
import { cloningOptions, epochsSchema, passesOf } from "./cloning/options.js";
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
        kind: z.literal("expert-first").describe("schedule of the probability over the rounds"),
      }),
      z.strictObject({
        kind: z.literal("linear"),
        rounds: count().describe("linear: number of rounds in which the probability decreases from 1 to 0"),
      }),
      z.strictObject({
        kind: z.literal("exponential"),
        factor: fraction().describe(
          "exponential: factor by which the probability is multiplied in each round",
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
    .describe("expert policy, which answers every query at once; give it or a labeller"),
  labeller: z
    .custom<Labeller>(
      (l) => typeof (l as Labeller | undefined)?.label === "function",
      "it must be a labeller, with kind and label()",
    )
    .meta({ type: "labeller" })
    .optional()
    .describe("source of the labels, such as `consoleLabeller()`; give it or an expert"),
  ...imitationOptions,
  demonstrations: imitationOptions.demonstrations
    .optional()
    .describe("demonstrations to start from; unset: none"),
  rounds: count().default(10).describe("number of rounds of sampling, labelling and fitting"),
  roundSteps: count().default(500).describe("environment steps in a round; each step is one query"),
  environments: count()
    .default(1)
    .describe("number of environments stepped in parallel; must divide roundSteps"),
  beta: betaSchema
    .default({ kind: "expert-first" })
    .describe(
      "probability β that the expert acts in a step: expert-first (1 in round 1, then 0), linear with --beta.rounds, " +
        "exponential with --beta.factor, or constant with --beta.value",
    ),
  combine: z
    .enum(["aggregate", "fuse"])
    .default("aggregate")
    .describe(
      "aggregate: fit one policy to all labels; fuse: fit one policy to each round's labels and pool them",
    ),
  quorum: fraction()
    .default(1)
    .describe(
      "fraction of a round's queries that must be closed before the round ends; later answers join a later round",
    ),
  ...waitOptions,
  annotatorWeights: z
    .enum(["equal", "agreement"])
    .default("equal")
    .describe(
      "weights of the labels of several people. equal: 1; agreement: by how often they agree with the learner, which was " +
        "fitted before they answered, relative to the one who agrees most",
    ),
  epochs: epochsSchema
    .default(20)
    .describe(
      "number of passes over the pairs in a round; or the number of gradient steps, --epochs.updates",
    ),
  ...cloningOptions,
});

export type DaggerOptions = z.input<typeof daggerSchema>;
type ResolvedOptions = z.output<typeof daggerSchema>;

const NO_LABELS =
  "dagger: give either an expert, which is a policy, or a labeller to answer the queries, and not both; without one, " +
  'demonstrations and env "data" give the first policy, their clone';

/** β_i of round i = 0, 1, …: 1 in the first round, except for `constant` [Ross, Gordon & Bagnell 2011, §3.1]. */
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
  /** Statistics of the first labelled observations, which standardise all; absent without standardisation. */
  statistics?: ObservationStatistics;
  /** The policies of the rounds, with `combine: "fuse"`; else empty. */
  members: Member[];
  /** The random streams of the rounds' policies derive from this one. */
  membersRng: Rng;
  /** Scaling of box actions by the first labels, where their bounds give none; absent before them. */
  scaling?: ActionScaling;
  live: { derived: true; clonerWith(scaling?: ActionScaling): Cloner; problem: Problem };
}

/** DAgger, for discrete, multi-discrete and continuous actions. */
export const dagger = defineAlgorithm({
  name: "dagger",
  summary: "dataset aggregation: an expert labels the states that the learner visits",
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
    const canOnlyClone = given !== undefined && expert === undefined && options.labeller === undefined;
    if (!canOnlyClone && (expert === undefined) === (options.labeller === undefined))
      throw new UsageError(NO_LABELS);
    if (roundSteps % copies !== 0) {
      throw new UsageError(
        `dagger: the ${copies} environments must divide the ${roundSteps} steps of a round`,
      );
    }
    requireMergeable(options.network);
    function requireMergeable(network?: NetworkData): void {
      if (options.combine !== "fuse" || !network) return;
      throw new UsageError(
        `dagger: combine "fuse" cannot merge policies with the network "${network.kind}"; use combine "aggregate"`,
      );
    }
    const labeller = options.labeller ?? (expert && policyLabeller(expert));
    const task = given && imitationTask("dagger", { ...options, demonstrations: given });
    const demonstrations = task?.demonstrations;
    return {
      name: "dagger",
      options: {
        ...rest,
        ...(expert
          ? { expert: policyRecord(expert) }
          : labeller && { labeller: referenceTo(labeller, "labeller", { kind: labeller.kind }) }),
        ...{ ...task?.record, rounds, roundSteps, environments: copies },
      },
      unit: "environment steps",
      defaultSteps: rounds * roundSteps,
      dataSet: demonstrations,

      // 1: Initialise D ← ∅, or the demonstrations.  2: Initialise π̂_1 to any policy.
      async init(problem: Problem, rng: Rng): Promise<DaggerState> {
        if (options.normaliseObservations) requireNormalisable("dagger", problem);
        task?.requireProblem(problem);
        if (expert) requireExpertOf("dagger", problem, expert);
        if (!problem.isData && labeller === undefined) throw new UsageError(NO_LABELS);
        const capacity = rounds * roundSteps;
        const pairs = demonstrations
          ? pairsOf(demonstrations.trajectories, demonstrations, capacity)
          : createPairs(problem, capacity);
        const isTrusting = options.annotatorWeights === "agreement";
        const isWeighted = isTrusting || pairs.weights !== undefined;
        const clonerWith = (scaling?: ActionScaling) =>
          clonerOf(problem, { ...options, scaling }, isWeighted);
        // Images have a network by default.
        requireMergeable(clonerWith().network.settings.network);
        return {
          round: 0,
          step: 0,
          learnerSteps: 0,
          book: createQueryBook(),
          ...createLabelStore(pairs, pairs.count + capacity, isTrusting),
          cloner: createClonerState(clonerWith(), rng),
          members: [],
          // A data set has none, and no round that would step them.
          environments: problem.isData
            ? (undefined as never)
            : await problem.vector(copies, rng.stream("environments")),
          mixtureRng: rng.stream("mixture"),
          membersRng: rng.stream("members"),
          live: { derived: true, clonerWith, problem },
        };
      },

      /**
       * 3: for i = 1 to N do. Each call is one round.
       *
       * @throws Paused when the signal is aborted or the labeller stops; call again, also after a restore, to continue
       */
      async update(state: DaggerState): Promise<Metrics> {
        const { pairs } = state;
        // Demonstrations are the data of round 0, and π̂_1 is their clone.
        if (state.round === 0 && demonstrations && state.cloner.steps === 0) {
          const loss = await fitPolicy(state, options, pairs);
          // In a data set nothing acts, so that this is the only round: its steps are the demonstrated ones.
          if (state.live.problem.isData) return { steps: pairs.count, round: 0, loss };
        }
        // 4: Let π_i = β_i π* + (1 − β_i) π̂_i.  5: Sample T steps with π_i.
        // 6: Label the visited states: D_i = {(s, π*(s))}.
        const beta = betaOf(options.beta, demonstrations ? state.round + 1 : state.round);
        await sampleRound(state, { ...options, labeller: labeller! }, { learner: policyOf(state), beta });
        // 7: Aggregate D ← D ∪ D_i.
        const { added, meanDifference } = takeFresh(
          state,
          state.live.problem,
          state.cloner.steps > 0 || state.members.length > 0,
        );
        // 8: Train π̂_(i+1) on D.
        const loss = await fitPolicy(state, options, options.combine === "fuse" ? added : pairs);
        state.round++;
        state.step = 0;
        const { crowd } = state;
        const leastTrust = crowd && Math.min(1, ...crowd.people.map(({ weight }) => weight));
        return {
          ...roundMetrics(state, roundSteps, meanDifference),
          ...{ loss, beta, ...(leastTrust !== undefined && { leastTrust }) },
        };
      },

      policy: policyOf,
      done: ({ round, cloner, live }) =>
        round >= rounds || (live.problem.isData === true && cloner.steps > 0),
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
    /** Fraction of discrete actions that differ, or the root mean square distance of continuous actions. */
    disagreement: isIntegral(live.problem.actionSpace) ? difference : Math.sqrt(difference),
  };
}

// 10: Return π̂_(N+1), or the pool of the rounds' policies. The runner keeps the best policy.
function policyOf({ live, cloner, members, statistics, scaling }: DaggerState): NetworkPolicy {
  const { settings } = live.clonerWith(scaling).network;
  return members.length > 0
    ? fuse(settings, members, statistics)
    : new NetworkPolicy(settings, cloner.parameters, statistics);
}

/** The number of passes in a round. With "aggregate" a pass of round k reads the labels of k rounds. */
function passesOfRound({ combine, epochs, minibatchSize, rounds, roundSteps }: ResolvedOptions): number {
  const labels = rounds * roundSteps;
  return passesOf(epochs, combine === "fuse" ? labels : (labels * (rounds + 1)) / 2, minibatchSize);
}

/** The pairs with standardised observations, or as they are without statistics. */
const normalised = (pairs: LabelledPairs, statistics: ObservationStatistics | undefined): LabelledPairs =>
  statistics ? { ...pairs, observations: normaliseRows(statistics, pairs.observations) } : pairs;

/** Fits the policy to the pairs or, with `combine: "fuse"`, a new member of the pool. Returns the mean loss. */
async function fitPolicy(
  state: DaggerState,
  options: ResolvedOptions,
  labelled: LabelledPairs,
): Promise<number> {
  if (labelled.count === 0) return 0;
  const { combine, minibatchSize, normaliseObservations } = options;
  const { clonerWith, problem } = state.live;
  if (normaliseObservations) state.statistics ??= statisticsOf(labelled, problem);
  const scaling = state.scaling ?? scalingOf(labelled, problem);
  if (scaling) state.scaling = scaling;
  const cloner = clonerWith(scaling);
  const pairs = normalised(labelled, state.statistics);
  const updates = passesOfRound(options) * Math.ceil(pairs.count / minibatchSize);
  if (combine === "aggregate") return (await cloneBatches(cloner, state.cloner, pairs, updates)).loss;
  const member = createClonerState(cloner, state.membersRng.stream("member", state.members.length));
  const { loss } = await cloneBatches(cloner, member, pairs, updates);
  state.members.push({ parameters: member.parameters, weight: pairs.count });
  state.cloner.steps += updates;
  return loss;
}
