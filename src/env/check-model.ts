/** @file Checks tabular models from users: shapes, ranges, probabilities and finiteness, before anything is computed. */

import { UsageError } from "../errors.js";
import { describeSpace, spaceWidth } from "../spaces/index.js";
import type { Environment, TabularModel } from "./contracts.js";

/** The largest difference of a sum of probabilities from 1. */
export const SUM_TOLERANCE = 1e-6;

/** The largest number of state–action pairs, and of outcomes, of a model. */
const MOST_PAIRS = 2 ** 26;
export const MOST_OUTCOMES = 2 ** 27;

/** @throws UsageError unless a model with these numbers of states and actions fits into memory */
export function requireModelSize(what: string, states: number, actions: number): void {
  for (const [name, value] of Object.entries({ states, actions })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new UsageError(`${what}: ${name} must be at least 1 and an integer, not ${value}`);
    }
  }
  if (states * actions > MOST_PAIRS) {
    throw new UsageError(
      `${what}: ${states} states × ${actions} actions are ${states * actions} pairs; at most ${MOST_PAIRS} fit`,
    );
  }
}

/** The transition structures that are checked already, by their array of next states. */
const checked = new WeakMap<
  Int32Array,
  Pick<TabularModel, "rowStart" | "probability" | "terminal" | "actions">
>();

/**
 * Checks a model, except its discount, which finite horizons do not use. A transition structure that several models
 * share is checked once; rewards are checked at each call.
 *
 * @param what the subject of the message
 * @throws UsageError naming the array, the state, the action and the value
 */
export function requireModel(model: TabularModel, what = "the tabular model"): void {
  const { next, rowStart, probability, terminal, actions, reward, initial } = model;
  const known = checked.get(next);
  const isKnown =
    known?.rowStart === rowStart &&
    known.probability === probability &&
    known.terminal === terminal &&
    known.actions === actions;
  if (!isKnown) {
    requireArrays(model, what);
    requireOutcomes(model, what);
    checked.set(next, { rowStart, probability, terminal, actions });
  }
  requireLength(what, "reward", reward, next.length);
  for (let e = 0; e < reward.length; e++) {
    if (Number.isFinite(reward[e])) continue;
    throw new UsageError(`${what}: ${placeOf(model, e)}: the reward is ${reward[e]}, not a finite number`);
  }
  requireDistribution(what, initial, model.states);
}

/**
 * Checks a model where an environment hands it over: all of it, and that it belongs to these spaces.
 *
 * @throws UsageError naming the environment, and the part of the model that is wrong
 */
export function environmentModel(
  { id, observationSpace, actionSpace }: Pick<Environment, "id" | "observationSpace" | "actionSpace">,
  model: TabularModel,
): TabularModel {
  const what = `${id}: model()`;
  requireModel(model, what);
  requireDiscount(model.discount, what);
  const { states, actions, observations, terminal, rowStart, reward } = model;
  const width = observations.length / states;
  if (width !== spaceWidth(observationSpace)) {
    const has = `${describeSpace(observationSpace)} has ${spaceWidth(observationSpace)}`;
    throw new UsageError(`${what}: its observations have ${width} numbers per state, but ${has}`);
  }
  if (actionSpace.kind !== "discrete" || actionSpace.n !== actions) {
    throw new UsageError(
      `${what}: it has ${actions} actions, but the actions are ${describeSpace(actionSpace)}`,
    );
  }
  for (let s = 0; s < states; s++) {
    for (let e = rowStart[s * actions]; terminal[s] && e < rowStart[(s + 1) * actions]; e++) {
      if (reward[e] === 0) continue;
      throw new UsageError(`${what}: state ${s} is terminal, so its reward must be 0, not ${reward[e]}`);
    }
  }
  return model;
}

/** @throws UsageError unless the discount of a model without a horizon is in [0, 1) */
export function requireDiscount(discount: number, what = "the tabular model"): void {
  if (discount >= 0 && discount < 1) return;
  throw new UsageError(`${what}: discount must be in [0, 1), not ${discount}`);
}

/** @throws UsageError unless `initial` is a distribution over the states, within {@link SUM_TOLERANCE} */
export function requireDistribution(what: string, initial: ArrayLike<number>, states: number): void {
  requireLength(what, "initial", initial, states);
  let sum = 0;
  let isValid = true;
  for (let s = 0; s < initial.length; s++) {
    sum += initial[s];
    isValid &&= initial[s] >= 0;
  }
  if (isValid && Math.abs(sum - 1) <= SUM_TOLERANCE) return;
  throw new UsageError(`${what}: initial must be probabilities that sum to 1; they sum to ${sum}`);
}

function requireArrays(
  { states, actions, rowStart, next, probability, terminal, observations }: TabularModel,
  what: string,
) {
  requireModelSize(what, states, actions);
  requireLength(what, "rowStart", rowStart, states * actions + 1);
  requireLength(what, "next", next, rowStart[states * actions]);
  requireLength(what, "probability", probability, next.length);
  requireLength(what, "terminal", terminal, states);
  if (!observations || observations.length === 0 || observations.length % states !== 0) {
    throw new UsageError(
      `${what}: observations have ${observations?.length ?? 0} numbers, which is not a multiple of the ${states} states`,
    );
  }
}

function requireLength(
  what: string,
  name: string,
  array: ArrayLike<number> | undefined,
  length: number,
): void {
  if (array?.length === length) return;
  throw new UsageError(`${what}: ${name} must have ${length} entries, not ${array?.length ?? "none"}`);
}

/** Checks the outcomes of every pair: at least one, with next states in range and probabilities of sum 1. */
function requireOutcomes(
  { states, actions, rowStart, next, probability, terminal }: TabularModel,
  what: string,
) {
  if (rowStart[0] !== 0) throw new UsageError(`${what}: rowStart must begin with 0, not ${rowStart[0]}`);
  for (let pair = 0; pair < states * actions; pair++) {
    const s = Math.floor(pair / actions);
    const where = () => `${what}: state ${s}, action ${pair % actions}`;
    if (!(rowStart[pair + 1] > rowStart[pair])) {
      throw new UsageError(
        `${where()}: it has no outcomes: rowStart goes from ${rowStart[pair]} to ${rowStart[pair + 1]}`,
      );
    }
    let sum = 0;
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
      if (!(next[e] >= 0 && next[e] < states && Number.isInteger(next[e]))) {
        throw new UsageError(`${where()}: next state ${next[e]} is not in 0 … ${states - 1}`);
      }
      if (!(probability[e] >= 0 && probability[e] <= 1 + SUM_TOLERANCE)) {
        throw new UsageError(
          `${where()}: probability ${probability[e]} of state ${next[e]} is not in [0, 1]`,
        );
      }
      if (terminal[s] && next[e] !== s && probability[e] > 0) {
        throw new UsageError(
          `${where()}: the state is terminal, so its next state must be ${s}, not ${next[e]}`,
        );
      }
      sum += probability[e];
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw new UsageError(`${where()}: the probabilities of its outcomes sum to ${sum}, not 1`);
    }
  }
}

/** The state and action of entry `e`, for messages. */
function placeOf({ rowStart, actions }: TabularModel, e: number): string {
  let pair = 0;
  for (; rowStart[pair + 1] <= e; pair++);
  return `state ${Math.floor(pair / actions)}, action ${pair % actions}`;
}
