/**
 * @file DAgger's rollouts [Ross, Gordon & Bagnell 2011, algorithm 3.1, lines 4–6]: the mixture of expert and learner
 * acts, and every state becomes a query to the labeller.
 *
 * Queries are numbered, and open queries are part of the state, so a run can be killed while they wait for answers.
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

/** The part of DAgger's state that a rollout changes. */
export interface RolloutState extends LabelStore {
  round: number;
  /** Steps of each environment so far in this round. */
  step: number;
  /** Number of environment steps, over all rounds, in which the learner acted. */
  learnerSteps: number;
  /** For the step in progress: the query ids `[environments]`, and a flag for each: 1 where the expert acts. */
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
 * Samples the rest of a round with π_i = β_i π* + (1 − β_i) π̂_i, and asks the labeller about its states.
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
    // A run that stopped while it waited for answers continues here.
    state.driving ??= noteQueries(state, options.labeller, { own, beta });
    await askDrivingExpert(state, options);
    environments.step(mixtureActions(state, own));
    state.driving = undefined;
  }
  await haveLabelled(state, options);
}

/** Adds a query for the state of every environment, and draws whether expert or learner acts in each. */
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

/** Waits for the answers where the expert acts in this step. The other queries wait until the end of the round. */
async function askDrivingExpert(state: RolloutState, options: RolloutOptions): Promise<void> {
  const { firstId, byExpert } = state.driving!;
  if (!byExpert.includes(1)) return;
  const isUrgent = ({ id }: OpenQuery) => id >= firstId && byExpert[id - firstId] === 1;
  await haveLabelled(state, options, { firstId, isUrgent });
}

/** The expert's action where the expert acts and has answered, else the learner's action. */
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

/** Asks the labeller and waits for the queries that the current step needs, or else for the quorum of the round. */
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
  const queries = book.open.map(({ own: proposed, ...query }) => ({ ...query, proposed }));
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
