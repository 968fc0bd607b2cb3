/**
 * @file DAgger's rollouts (Ross et al. 2011, algorithm 3.1, lines 4–6): the mixture of expert and learner acts, and every
 * state becomes a query to the labeller.
 *
 * Queries are numbered, and open ones are part of the state, so a run can be killed while a person thinks about them.
 */

import type { Problem, VectorEnvironment } from "../../../src/env/contracts.js";
import type { Labeller } from "../../../src/people/labeller.js";
import { note, openBatch, type QueryBook, settle } from "../../../src/people/query-book.js";
import { stateOf } from "../../../src/people/states.js";
import { exchange } from "../../../src/people/wait-for-answers.js";
import type { Policy } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import { type LabelStore, labelOf, labelsOf, type OpenQuery, type OwnAction } from "./labels.js";

/** What a rollout changes. */
export interface RolloutState extends LabelStore {
  round: number;
  /** Times that all environments were stepped in this round. */
  step: number;
  /** Steps in which the learner acted, of all so far. */
  learnerSteps: number;
  /** The queries of the step in progress, `[environments]`, and who acts in each: 1 for the expert. */
  driving?: { firstId: number; byExpert: Uint8Array };
  book: QueryBook<"action", OwnAction>;
  environments: VectorEnvironment;
  mixtureRng: Rng;
  live: { problem: Problem };
}

export interface RolloutOptions {
  labeller: Labeller;
  roundSteps: number;
  quorum: number;
  patience: number;
  signal?: AbortSignal;
}

/**
 * Samples the rest of a round with π_i = β_i π* + (1 − β_i) π̂_i, and has its states labelled.
 *
 * @throws Paused when the signal is aborted or the labeller stops
 */
export async function sampleRound(
  state: RolloutState,
  options: RolloutOptions,
  { learner, beta }: { learner: Policy; beta: number },
): Promise<void> {
  const { environments, mixtureRng: rng } = state;
  for (; state.step < options.roundSteps / environments.count; state.step++) {
    const own = (await learner.act(environments.observations, { rng, deterministic: true })).actions;
    // A run that was stopped while it waited for the expert continues here.
    state.driving ??= noteQueries(state, options.labeller, { own, beta });
    await askDrivingExpert(state, options);
    environments.step(mixtureActions(state, own));
    state.driving = undefined;
  }
  await haveLabelled(state, options);
}

/** Notes a query for the state of every environment, and draws who acts in each. */
function noteQueries(
  { book, environments, mixtureRng, round }: RolloutState,
  labeller: Labeller,
  { own, beta }: { own: ActionBatch; beta: number },
): { firstId: number; byExpert: Uint8Array } {
  const { count, observations, observationSpace, actionSpace } = environments;
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const snapshot = labeller.wantsStates ? environments.getState() : undefined;
  const driving = {
    firstId: book.asked + 1,
    byExpert: Uint8Array.from({ length: count }, () => (mixtureRng.uniform() < beta ? 1 : 0)),
  };
  for (let i = 0; i < count; i++) {
    note(book, {
      observation: observations.slice(i * width, (i + 1) * width),
      own: own.slice(i * actionWidth, (i + 1) * actionWidth),
      round,
      environment: i,
      ...(snapshot !== undefined && { state: stateOf(snapshot, i, count) }),
    });
  }
  return driving;
}

/** Waits for the answers of this step where the expert acts; the other queries can wait for the end of the round. */
async function askDrivingExpert(state: RolloutState, options: RolloutOptions): Promise<void> {
  const { firstId, byExpert } = state.driving!;
  if (!byExpert.includes(1)) return;
  const isUrgent = ({ id }: OpenQuery) => id >= firstId && byExpert[id - firstId] === 1;
  await haveLabelled(state, options, { firstId, isUrgent });
}

/** The expert's action where it acts and has answered, else the learner's own. */
function mixtureActions(state: RolloutState, own: ActionBatch): ActionBatch {
  const { firstId, byExpert } = state.driving!;
  const actionWidth = spaceWidth(state.environments.actionSpace);
  const actions = own.slice();
  for (const [i, isExpert] of byExpert.entries()) {
    const label = isExpert ? labelOf(state, firstId + i) : undefined;
    if (label) actions.set(label, i * actionWidth);
    else state.learnerSteps++;
  }
  return actions;
}

/** Has the urgent queries of a step answered, or else as many of the round as its quorum. */
async function haveLabelled(
  state: RolloutState,
  { labeller, quorum, roundSteps, patience, signal }: RolloutOptions,
  urgent?: { firstId: number; isUrgent: (query: OpenQuery) => boolean },
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
