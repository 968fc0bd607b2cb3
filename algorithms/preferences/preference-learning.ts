/**
 * @file Reinforcement learning from comparisons of segments of the policy's episodes [Christiano et al. 2017] [N §3.5]:
 * show segments, choose which of them to compare, ask, fit a reward (eq. 68), and improve the policy on it.
 *
 * The model of comparisons is in `bradley-terry.ts`, the networks in `reward-ensemble.ts`; showing, choosing and fitting
 * are in `preference-learning/`.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import { referenceTo } from "../../src/config/references.js";
import { type Preferences, preferencesOf } from "../../src/datasets/preferences.js";
import { type ShownSegment, showSegments } from "../../src/datasets/show-segments.js";
import type { Problem, VectorEnvironment } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics, RewardSource, State } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { activationNames } from "../../src/nn/index.js";
import { annotator, annotatorSchema } from "../../src/people/annotator.js";
import type { Labeller } from "../../src/people/labeller.js";
import { createQueryBook, note, openBatch, type QueryBook, settle } from "../../src/people/query-book.js";
import { exchange, waitOptions } from "../../src/people/wait-for-answers.js";
import type { Policy } from "../../src/policies/contract.js";
import { policyRecord } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { spaceWidth } from "../../src/spaces/index.js";
import {
  addAbsorbingBonus,
  discountOf,
  horizonSchema,
  requireDiscount,
  requireHorizon,
} from "../shared/horizon.js";
import { networkOption } from "../shared/networks.js";
import { optimiserConfig, optimiserOf, optimiserSchemaWith } from "../shared/policy-optimiser.js";
import { trustByAgreement } from "./preference-learning/agreement.js";
import { addPrior, EXACT, exactOptimiser, optimiserName } from "./preference-learning/exact.js";
import {
  type Comparison,
  createRewardState,
  fitReward,
  learntRewards,
  type RewardState,
  returnsOf,
} from "./preference-learning/fit.js";
import { choosePairs, drawPairs, queryKinds } from "./preference-learning/queries.js";
import { type RewardEnsemble, rewardEnsemble } from "./reward-ensemble.js";
import { oneSidedWarnings } from "./shared/trust.js";

const preferenceLearningSchema = z.strictObject({
  labeller: z
    .custom<Labeller<"comparison">>(
      (l) => typeof (l as Labeller | undefined)?.label === "function",
      "it must be a labeller, with kind and label()",
    )
    .meta({ type: "labeller" })
    .optional()
    .describe(
      'who compares, such as `consoleLabeller({ asks: "comparison" })`; unset: a synthetic annotator',
    ),
  annotator: annotatorSchema
    .prefault({})
    .describe("without a labeller: the synthetic annotator, which knows the environment's rewards"),
  optimiser: optimiserSchemaWith("exact"),
  horizon: horizonSchema,
  comparisons: count().default(300).describe("number of comparisons of the whole training"),
  rounds: count().default(10).describe("number of rounds in which they are asked"),
  roundSteps: count()
    .default(10_000)
    .describe("environment steps of the optimiser from one round to the next"),
  initialShare: fraction()
    .default(0.1)
    .describe("share of the comparisons that is asked before any learning"),
  schedule: z
    .enum(["hyperbolic", "constant", "inverse-quadratic"])
    .default("hyperbolic")
    .describe("comparisons of round k after the first: in proportion to 1 / (1 + k), 1, or 1 / (1 + k²)"),
  segmentLength: count().default(50).describe("steps of a segment"),
  candidates: count()
    .default(10)
    .describe("number of pairs, for each that is asked, from which it is chosen"),
  query: z
    .enum(queryKinds)
    .default("disagreement")
    .describe(
      "pairs to ask about. disagreement: the members' probabilities differ most; information: the answer tells most " +
        "about the member; entropy: the answer is least certain; coverage: far from each other; random",
    ),
  environments: count().default(4).describe("number of environments in which the policy is shown"),
  exploration: fraction().default(0.05).describe("probability of a random action where the policy is shown"),
  quorum: fraction()
    .default(1)
    .describe(
      "fraction of a round's comparisons that must be closed before learning goes on; others join later",
    ),
  ...waitOptions,
  ensemble: count().default(3).describe("number of reward networks"),
  input: z
    .enum(["pair", "state"])
    .default("pair")
    .describe("what a reward depends on: state and action, or the state"),
  network: networkOption,
  hidden: z.array(count()).default([64, 64]).describe("sizes of the hidden layers of a reward network"),
  activation: z.enum(activationNames).default("tanh").describe("activation of these layers"),
  learningRate: positive().default(1e-3).describe("step size of Adam for the reward"),
  l2: nonNegative().default(1e-4).describe("weight of the L2 penalty ½ ‖θ‖² of the reward"),
  minibatchSize: count().default(32).describe("number of comparisons in a gradient step"),
  epochs: count().default(100).describe("most passes over the comparisons in a round"),
  stopAccuracy: fraction()
    .default(0.97)
    .describe("share of the comparisons that the reward predicts at which the passes of a round end"),
  heldOut: fraction()
    .default(0.1)
    .describe("share of the comparisons that is held out, to measure the reward"),
  lapse: fraction()
    .default(0)
    .describe("ε: probability that an answer is given without a look; half of these are mistakes"),
  annotatorWeights: z
    .enum(["equal", "agreement"])
    .default("equal")
    .describe(
      "weights of the annotators. equal: 1; agreement: by how often they agree with rewards that were fitted without " +
        "their answer, relative to the one who agrees most",
    ),
  reference: z
    .custom<Policy>((p) => typeof (p as Policy | undefined)?.logProb === "function", "it must be a policy")
    .meta({ type: "policy" })
    .optional()
    .describe("policy π₀ near which the learner stays, with klCoefficient"),
  klCoefficient: nonNegative()
    .default(0)
    .describe("weight of log π(a | s) − log π₀(a | s), which is subtracted from the reward"),
});

export type PreferenceLearningOptions = z.input<typeof preferenceLearningSchema>;
type Resolved = z.output<typeof preferenceLearningSchema>;

/** A question's segments, by index. */
interface Indices {
  indices: [left: number, right: number];
  round: number;
}

export interface PreferenceLearningState {
  /** The policy optimiser's state. */
  optimiser: State;
  reward: RewardState;
  /** Of the segments, in order of showing. */
  segments: ShownSegment[];
  book: QueryBook<"comparison", Indices>;
  comparisons: Comparison[];
  /** The weights of the annotators at the last fit. */
  trust: Record<string, number>;
  /** Rounds so far, and whether the comparisons of the next one have been chosen. */
  round: number;
  isAsking: boolean;
  /** Environment steps of the optimiser, and those of showing. */
  learnerSteps: number;
  shownSteps: number;
  environments: VectorEnvironment;
  showRng: Rng;
  pairRng: Rng;
  /** Metrics of the last fit. */
  fitted: Metrics;
  live: { derived: true; ensemble: RewardEnsemble; problem: Problem };
}

/** A learner of a policy and of a reward. */
export interface PreferenceLearner extends Algorithm<PreferenceLearningState> {
  /** The reward learnt so far, as a function of transitions alone. */
  reward(state: PreferenceLearningState): RewardSource;
  /** The segments shown and the answers so far, which `savePreferences` writes to a folder. Ties are "equal". */
  preferences(state: PreferenceLearningState): Preferences;
}

/** Preference learning, with any policy optimiser. */
export const preferenceLearning = defineAlgorithm({
  name: "preferenceLearning",
  summary: "reinforcement learning from comparisons: people say which of two segments is better",
  schema: preferenceLearningSchema,
  asks: "comparison",
  optimiser: "ppo",
  create(options): PreferenceLearner {
    const { labeller: given, annotator: synthetic, signal: _, reference, ...rest } = options;
    // The return of the absorbing state is large where few segments end.
    const isExact = optimiserName(options.optimiser) === EXACT;
    const optimiser = isExact
      ? exactOptimiser(options)
      : optimiserOf("preferenceLearning", options.optimiser, { normaliseRewards: true });
    const labeller = given ?? annotator(synthetic);
    const discount = discountOf(optimiser);
    requireOptimiser(options, optimiser, isExact);
    if (!isExact) requireDiscount("preferenceLearning", options.horizon, discount, optimiser.name);
    const perRound = comparisonsByRound(options);

    /** Chooses the comparisons of a round: shows the policy, and takes the pairs that are worth most. */
    async function choose(state: PreferenceLearningState): Promise<void> {
      const { live, reward, segments, book, round } = state;
      const { ensemble, problem } = live;
      const wanted = perRound[round];
      if (wanted === 0) return;
      const first = segments.length;
      const shown = await showSegments(
        optimiser.policy(state.optimiser),
        state.environments,
        {
          count: segmentsFor(wanted, options.candidates),
          segmentLength: options.segmentLength,
          exploration: options.exploration,
          withSnapshots: labeller.wantsStates === true,
        },
        state.showRng,
      );
      state.shownSteps += shown.steps;
      const candidates = drawPairs(shown.segments.length, wanted * options.candidates, state.pairRng);
      // Before the first fit the members know nothing, so any pairs are as good.
      const isBlind = state.comparisons.length === 0 && options.query !== "coverage";
      const returns = await returnsOf(reward, ensemble, problem, shown.segments, options);
      const width = spaceWidth(problem.observationSpace);
      const places = shown.segments.map(({ observations }) => observations.subarray(0, width));
      const pairs = choosePairs(isBlind ? "random" : options.query, candidates, wanted, returns, places);
      for (const [left, right] of pairs) {
        const subject = { left: shown.segments[left], right: shown.segments[right] };
        note(book, { ...subject, indices: [first + left, first + right], round });
      }
      segments.push(...shown.segments);
      openBatch(book, 1, () => true);
    }

    /** @throws Paused when the signal is aborted or the labeller takes a break */
    async function ask(state: PreferenceLearningState): Promise<void> {
      const { book, live, round } = state;
      if (book.open.length === 0) return;
      const { id: env, observationSpace, actionSpace } = live.problem;
      const context = { env, observationSpace, actionSpace };
      const queries = book.open.map(({ indices: _, round: __, ...query }) => query);
      const openOfRound = () => book.open.filter((question) => question.round === round).length;
      const kind = "comparison" as const;
      await exchange(
        labeller,
        { ...context, kind, asked: book.asked, queries },
        {
          receive: (answers) =>
            settle(book, answers, { kind, context, labeller: labeller.kind }, repliesOf(state)),
          isDone: () => book.open.length === 0,
          // Nothing is learnt before the first answer, even if none of a round is waited for.
          isEnough: () =>
            openOfRound() <= (1 - options.quorum) * perRound[round] && state.comparisons.some(isDecided),
          patience: options.patience,
          signal: options.signal,
        },
      );
      state.comparisons.sort((a, b) => a.id - b.id);
    }

    /** Fits the reward, and again where annotators then count otherwise. */
    async function refit(state: PreferenceLearningState): Promise<Metrics> {
      const { reward, segments, comparisons } = state;
      const { ensemble, problem } = state.live;
      const fitted = () => fitReward(reward, ensemble, problem, state, options);
      const first = await fitted();
      if (options.annotatorWeights === "equal") return first;
      const returns = await returnsOf(reward, ensemble, problem, segments, options);
      state.trust = trustByAgreement(comparisons, returns, reward, options);
      const weights = Object.values(state.trust);
      return { ...(await fitted()), leastTrust: Math.min(1, ...weights) };
    }

    const rewardOf =
      (state: PreferenceLearningState): RewardSource =>
      async (transitions) => {
        requireHorizon("preferenceLearning", options.horizon, transitions);
        const { ensemble, problem } = state.live;
        const { rewards, absorbing } = await learntRewards(state.reward, ensemble, problem, transitions);
        if (options.horizon === "absorbing") {
          const gamma = (isExact && problem.model?.discount) || discount;
          addAbsorbingBonus(rewards, transitions.terminated, absorbing, gamma);
        }
        return rewards;
      };

    return {
      name: "preferenceLearning",
      options: {
        ...rest,
        ...(given
          ? { labeller: referenceTo(given, "labeller", { kind: given.kind }) }
          : { annotator: synthetic }),
        ...(reference && { reference: policyRecord(reference) }),
        optimiser: isExact ? EXACT : optimiserConfig(optimiser),
      },
      unit: isExact ? "rounds" : optimiser.unit,
      defaultSteps: isExact ? options.rounds : optimiser.defaultSteps,

      async init(problem, rng): Promise<PreferenceLearningState> {
        const ensemble = rewardEnsemble(problem, options);
        return {
          optimiser: await optimiser.init(problem, rng.stream("optimiser")),
          reward: createRewardState(ensemble, problem, options.ensemble, rng.stream("reward")),
          segments: [],
          book: createQueryBook(),
          comparisons: [],
          trust: {},
          round: 0,
          isAsking: false,
          learnerSteps: 0,
          shownSteps: 0,
          environments: await problem.vector(options.environments, rng.stream("showing")),
          showRng: rng.stream("show"),
          pairRng: rng.stream("pairs"),
          fitted: {},
          live: { derived: true, ensemble, problem },
        };
      },

      /**
       * One iteration of the optimiser, after a round of comparisons where one is due.
       *
       * @throws Paused when the signal is aborted or the labeller stops; call again, also after a restore, to continue
       */
      async update(state): Promise<Metrics> {
        if (state.round < perRound.length && state.learnerSteps >= state.round * options.roundSteps) {
          if (!state.isAsking) await choose(state);
          state.isAsking = true;
          await ask(state);
          requireAnswers(state);
          state.fitted = await refit(state);
          state.isAsking = false;
          state.round++;
        }
        let [learnt, kl] = [0, 0];
        const reward = rewardOf(state);
        const isNear = options.klCoefficient > 0 && !isExact;
        const policy = isNear ? optimiser.policy(state.optimiser) : undefined;
        const metrics = await optimiser.update(state.optimiser, async (transitions) => {
          const rewards = Float64Array.from(await reward(transitions));
          learnt = rewards.reduce((sum, x) => sum + x, 0) / rewards.length;
          if (policy && reference) {
            const { observations, actions } = transitions;
            const [own, prior] = [
              await policy.logProb(observations, actions),
              await reference.logProb(observations, actions),
            ];
            const ratios = own.map((x, i) => x - prior[i]);
            kl = ratios.reduce((sum, x) => sum + x, 0) / ratios.length;
            for (const [i, ratio] of ratios.entries()) rewards[i] -= options.klCoefficient * ratio;
          }
          if (isExact && reference) await addPrior(rewards, reference, transitions, options.klCoefficient);
          return rewards;
        });
        // The exact optimum is reached at once, so every iteration is a round.
        state.learnerSteps = isExact ? state.round * options.roundSteps : metrics.steps;
        const { answered, skipped, open } = state.book;
        return {
          ...metrics,
          steps: isExact ? state.round : state.learnerSteps + state.shownSteps,
          round: state.round,
          comparisons: state.book.asked,
          answered,
          skipped,
          open: open.length,
          ...state.fitted,
          learntReward: learnt,
          ...(policy && { kl }),
        };
      },

      policy: (state) => optimiser.policy(state.optimiser),
      outcome(state) {
        const { answered, skipped, open } = state.book;
        const counts = [
          `the reward learnt from ${answered} answers`,
          ...(skipped > 0 ? [`${skipped} were skipped`] : []),
          ...(open.length > 0 ? [`${open.length} questions are still open`] : []),
        ];
        return [counts.join(", "), ...oneSidedWarnings(preferencesIn(state))].join("; ");
      },
      done: isExact
        ? (state) => state.round >= perRound.length
        : optimiser.done && ((state) => optimiser.done!(state.optimiser)),
      reward: rewardOf,
      preferences: preferencesIn,
    };
  },
});

/** What was shown and answered, as a data set. Ties are "equal". */
function preferencesIn({ segments, comparisons, live: { problem } }: PreferenceLearningState): Preferences {
  const choiceOf = (target: number) => (target === 0.5 ? "equal" : target > 0.5 ? "left" : "right");
  const rows = comparisons.map(
    ({ target, ...comparison }) => ({ ...comparison, choice: choiceOf(target) }) as const,
  );
  return preferencesOf(segments, rows, { ...problem, env: problem.id });
}

/** Segments from which the pairs of a round are drawn: two for each comparison, and enough for all candidates. */
const segmentsFor = (comparisons: number, candidates: number): number =>
  Math.max(2 * comparisons, Math.ceil(Math.sqrt(2 * comparisons * candidates)) + 1);

/** The comparisons of each round: the first share, and the rest by the schedule, rounded so that the sum is right. */
export function comparisonsByRound({
  comparisons,
  rounds,
  initialShare,
  schedule,
}: Pick<Resolved, "comparisons" | "rounds" | "initialShare" | "schedule">): number[] {
  const first = rounds === 1 ? comparisons : Math.max(1, Math.round(initialShare * comparisons));
  const weights = Array.from({ length: rounds - 1 }, (_, k) =>
    schedule === "constant" ? 1 : schedule === "hyperbolic" ? 1 / (k + 2) : 1 / (1 + (k + 1) ** 2),
  );
  const total = weights.reduce((sum, x) => sum + x, 0);
  const found = [first];
  let [share, given] = [0, 0];
  for (const weight of weights) {
    share += weight;
    const upTo = Math.round(((comparisons - first) * share) / total);
    found.push(upTo - given);
    given = upTo;
  }
  return found;
}

/** How answers change the comparisons. */
const repliesOf = (state: PreferenceLearningState) => ({
  add(
    { id, indices: [left, right] }: { id: number } & Indices,
    { choice, annotator: by, seconds }: { choice: string; annotator?: string; seconds?: number },
  ) {
    const target = choice === "left" ? 1 : choice === "right" ? 0 : 0.5;
    state.comparisons.push({
      ...{ id, left, right, target },
      ...(by !== undefined && { annotator: by }),
      ...(seconds !== undefined && { seconds }),
    });
  },
  remove(id: number): boolean {
    const at = state.comparisons.findIndex((comparison) => comparison.id === id);
    if (at >= 0) state.comparisons.splice(at, 1);
    return at >= 0;
  },
});

const isDecided = ({ target }: Comparison): boolean => target !== 0.5;

/** @throws UsageError when no comparison of a finished round says anything about the reward */
function requireAnswers({ comparisons, book }: PreferenceLearningState): void {
  if (comparisons.some(isDecided) || book.open.length > 0) return;
  const { answered, skipped } = book;
  throw new UsageError(
    `preferenceLearning: none of ${book.asked} comparisons tells which segment is better (${answered} equal, ${skipped} ` +
      "skipped), so there is no reward to learn: show longer segments (segmentLength) or ask somebody else",
  );
}

/** @throws UsageError where the optimiser, or its policy, cannot be used here */
function requireOptimiser(
  { klCoefficient, reference }: Resolved,
  optimiser: Algorithm,
  isExact: boolean,
): void {
  const { name, abilities } = optimiser;
  if (abilities?.memory) {
    throw new UsageError(
      `preferenceLearning: ${name} has a policy with memory; set recurrentUnits to undefined`,
    );
  }
  if (klCoefficient > 0 !== (reference !== undefined)) {
    throw new UsageError("preferenceLearning: give klCoefficient and reference together, or neither");
  }
  if (klCoefficient > 0 && !isExact && (abilities?.replay || !abilities?.density)) {
    throw new UsageError(
      `preferenceLearning: klCoefficient needs an optimiser that learns from its own samples and has densities, such as ` +
        `ppo; ${name} does not`,
    );
  }
}
