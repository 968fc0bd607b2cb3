/**
 * @file DAgger: the expert labels the states that the learner itself visits (Ross, Gordon & Bagnell 2011, algorithm
 * 3.1; Nalisnick, Human-in-the-Loop Machine Learning, §3.2, eq. 52).
 *
 * The expert is a labeller: a policy that answers at once, or a person who takes an hour. Its queries are numbered, and
 * those that are open are part of the state, so that a run can be killed while somebody is thinking about them.
 */

import { z } from "zod";
import { count, fraction, nonNegative } from "../../src/config/options.js";
import type { Problem, VectorEnvironment } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Labeller } from "../../src/people/labeller.js";
import { policyLabeller } from "../../src/people/policy-labeller.js";
import { createQueryBook, note, openBatch, type QueryBook, settle } from "../../src/people/query-book.js";
import { stateOf } from "../../src/people/states.js";
import { exchange } from "../../src/people/wait-for-answers.js";
import type { Policy } from "../../src/policies/contract.js";
import { NetworkPolicy, type ObservationStatistics } from "../../src/policies/index.js";
import { normaliseRows } from "../../src/policies/statistics.js";
import type { Rng } from "../../src/random/rng.js";
import { isIntegral, spaceWidth } from "../../src/spaces/index.js";
import {
  demonstrationsSchema,
  fingerprint,
  requireDemonstrationsOf,
  requireExpertOf,
} from "../shared/demonstrations-option.js";
import { createPairs, type LabelledPairs, pairsOf, statisticsOf } from "../shared/labelled-pairs.js";
import { requireNormalisable } from "../shared/networks.js";
import { cloningOptions } from "./bc.js";
import {
  type Cloner,
  type ClonerState,
  cloneBatches,
  clonerOf,
  createClonerState,
} from "./cloning/supervised.js";
import { fuse, type Member } from "./dagger/fusion.js";
import {
  createLabelStore,
  type LabelStore,
  labelOf,
  labelsOf,
  type OpenQuery,
  type OwnAction,
  takeFresh,
} from "./dagger/labels.js";

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

export const daggerSchema = z.strictObject({
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
  demonstrations: demonstrationsSchema.optional().describe("labelled pairs to start from"),
  rounds: count().default(10).describe("rounds of collecting, labelling and fitting"),
  roundSteps: count().default(500).describe("environment steps, and so queries, in a round"),
  environments: count().default(1).describe("environments stepped together; must divide roundSteps"),
  beta: betaSchema
    .default({ kind: "expert-first" })
    .describe(
      "chance that the expert drives a step of round i, by kind: expert-first, or linear with --beta.rounds, " +
        "exponential with --beta.factor, constant with --beta.value",
    ),
  combine: z
    .enum(["aggregate", "fuse"])
    .default("aggregate")
    .describe("fit one policy to all labels so far, or one to each round's and pool them"),
  quorum: fraction()
    .default(1)
    .describe(
      "share of a round's queries to be closed before it may go on; later answers join a later round",
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

export interface DaggerState extends LabelStore {
  round: number;
  /** Times that all environments were stepped in this round. */
  step: number;
  /** Steps that the learner drove, of all so far. */
  learnerSteps: number;
  /** The queries of the step in progress, `[environments]`, with whom each is driven by: 1 for the expert. */
  driving?: { firstId: number; byExpert: Uint8Array };
  book: QueryBook<"action", OwnAction>;
  cloner: ClonerState;
  /** Of the observations that were labelled first, where they are normalised. */
  statistics?: ObservationStatistics;
  /** The policies of the rounds, where they are fused. */
  members: Member[];
  environments: VectorEnvironment;
  mixtureRng: Rng;
  /** Streams of the rounds' own policies derive from it. */
  membersRng: Rng;
  live: { derived: true; cloner: Cloner; problem: Problem };
}

/** DAgger, for discrete, multi-discrete and continuous actions. */
export const dagger = defineAlgorithm({
  name: "dagger",
  summary: "an expert labels the states that the learner visits",
  schema: daggerSchema,
  needs: ["expert"],
  create(options): Algorithm<DaggerState> {
    const { expert, demonstrations, rounds, roundSteps, environments: copies, signal: _, ...rest } = options;
    if ((expert === undefined) === (options.labeller === undefined)) {
      throw new UsageError(
        "dagger: somebody has to label: give either an expert, which is a policy, or a labeller, and not both",
      );
    }
    if (roundSteps % copies !== 0) {
      throw new UsageError(`dagger: ${copies} environments do not divide the ${roundSteps} steps of a round`);
    }
    const labeller = options.labeller ?? policyLabeller(expert!);
    const shown = demonstrations && fingerprint(demonstrations);
    return {
      name: "dagger",
      options: {
        ...rest,
        ...(expert ? { expert: { kind: expert.toData().kind } } : { labeller: labeller.kind }),
        ...{ demonstrations: shown, rounds, roundSteps, environments: copies },
      },
      unit: "environment steps",
      defaultSteps: rounds * roundSteps,

      async init(problem: Problem, rng: Rng): Promise<DaggerState> {
        if (options.normaliseObservations) requireNormalisable("dagger", problem);
        if (demonstrations) requireDemonstrationsOf("dagger", problem, demonstrations);
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
       * One round: act with the mixture, have every state labelled, fit the labels.
       *
       * @throws Paused when the signal is aborted or the labeller stops: call again, then or after a restore, to go on
       */
      async update(state: DaggerState): Promise<Metrics> {
        const { book, pairs } = state;
        // The first learner is the clone of the demonstrations, where there are some: they stand for round 0.
        if (state.round === 0 && demonstrations && state.cloner.steps === 0) {
          await fitPolicy(state, options, pairs);
        }
        const beta = betaOf(options.beta, demonstrations ? state.round + 1 : state.round);
        await rollOut(state, { labeller, options, beta });
        await haveLabelled(state, labeller, options);

        const { added, meanDifference } = takeFresh(state, state.live.problem);
        const loss = await fitPolicy(state, options, options.combine === "fuse" ? added : pairs);
        state.round++;
        state.step = 0;
        const steps = state.round * roundSteps;
        const { answered, skipped, withdrawn, open } = book;
        return {
          steps,
          round: state.round,
          loss,
          beta,
          expertQueries: book.asked,
          answered,
          skipped,
          withdrawn,
          outstanding: open.length,
          learnerShare: state.learnerSteps / steps,
          disagreement: isIntegral(state.live.problem.actionSpace)
            ? meanDifference
            : Math.sqrt(meanDifference),
        };
      },

      policy: policyOf,
      done: (state) => state.round >= rounds,
    };
  },
});

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

/**
 * Steps the environments with the mixture of expert and learner, and notes a query for every state, whoever acted. Only
 * where the expert drives is its answer waited for; the learner drives where there will be none.
 */
async function rollOut(
  state: DaggerState,
  { labeller, options, beta }: { labeller: Labeller; options: ResolvedOptions; beta: number },
): Promise<void> {
  const { environments, mixtureRng: rng, book } = state;
  const { count: copies } = environments;
  const learner = policyOf(state);
  const width = spaceWidth(environments.observationSpace);
  const actionWidth = spaceWidth(environments.actionSpace);
  for (; state.step < options.roundSteps / copies; state.step++) {
    const { observations } = environments;
    const own = (await learner.act(observations, { rng, deterministic: true })).actions;
    // A run that was stopped while the expert was thinking goes on from here.
    if (!state.driving) {
      const snapshot = labeller.wantsStates ? environments.getState() : undefined;
      state.driving = {
        firstId: book.asked + 1,
        byExpert: Uint8Array.from({ length: copies }, () => (rng.uniform() < beta ? 1 : 0)),
      };
      for (let i = 0; i < copies; i++) {
        note(book, {
          observation: observations.slice(i * width, (i + 1) * width),
          own: own.slice(i * actionWidth, (i + 1) * actionWidth),
          round: state.round,
          environment: i,
          ...(snapshot !== undefined && { state: stateOf(snapshot, i, copies) }),
        });
      }
    }
    const { firstId, byExpert } = state.driving;
    const isUrgent = ({ id }: { id: number }) => id >= firstId && byExpert[id - firstId] === 1;
    if (byExpert.includes(1))
      await haveLabelled(state, labeller, { ...options, urgent: { firstId, isUrgent } });
    const actions = own.slice();
    for (let i = 0; i < copies; i++) {
      const label = byExpert[i] ? labelOf(state, firstId + i) : undefined;
      if (label) actions.set(label, i * actionWidth);
      else state.learnerSteps++;
    }
    environments.step(actions);
    state.driving = undefined;
  }
}

/** Has queries answered: the urgent ones of a step, all of them, or else as many as make a quorum of the round. */
async function haveLabelled(
  state: DaggerState,
  labeller: Labeller,
  {
    urgent,
    quorum,
    roundSteps,
    patience,
    signal,
  }: Pick<ResolvedOptions, "quorum" | "roundSteps" | "patience" | "signal"> & {
    urgent?: { firstId: number; isUrgent: (query: OpenQuery) => boolean };
  },
): Promise<void> {
  const { book } = state;
  const { id: env, observationSpace, actionSpace } = state.live.problem;
  const context = { env, observationSpace, actionSpace };
  const isAsked = urgent?.isUrgent ?? (() => true);
  openBatch(book, urgent?.firstId ?? 1, isAsked);
  if (book.open.length === 0) return;
  const queries = book.open.map(({ own: _, ...query }) => query);
  const openOfRound = () => book.open.filter(({ round }) => round === state.round).length;
  const into = labelsOf(state, state.live.problem);
  await exchange(
    labeller,
    { ...context, kind: "action", asked: book.asked, queries },
    {
      receive: (answers) => settle(book, answers, { kind: "action", context, labeller: labeller.kind }, into),
      isDone: () => !book.open.some(isAsked),
      isEnough: () => !urgent && openOfRound() <= Math.floor((1 - quorum) * roundSteps + 1e-9),
      patience,
      signal,
    },
  );
}
