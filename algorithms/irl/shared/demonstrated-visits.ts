/** @file Visit counts of the transitions of a tabular model, and returns, from demonstrations or an expert policy. */

import type { Demonstration, Demonstrations } from "../../../src/datasets/demonstrations.js";
import { stateIndex } from "../../../src/datasets/occupancy.js";
import { demonstratedSteps, sharedOut } from "../../../src/datasets/transitions.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import { discountedFlow, type Entry, policyTable } from "../../../src/mdp/index.js";
import type { Policy } from "../../../src/policies/contract.js";
import { tabulate } from "../../../src/policies/index.js";

export interface VisitOptions {
  discount: number;
  /** Number of steps counted in each episode; unset: all. */
  horizon?: number;
  /**
   * How an episode that a time limit truncated is counted: by its recorded steps alone ("cut"), or extrapolated to the
   * horizon from its recorded steps ("scaled").
   */
  tails?: "cut" | "scaled";
}

/** Weighted means over the demonstrations. */
export interface DemonstratedVisits {
  /** Each demonstrated step: its time, the index of its transition in the model, and γᵗ times its share of the mean. */
  steps: { time: Int32Array; transition: Int32Array; weight: Float64Array };
  /** Discounted count of each transition, `[entries]`: the sum of its steps' weights. */
  visits: Float64Array;
  /** Σ γᵗ rₜ of the recorded rewards. */
  value: number;
  /**
   * Mass at the first states of demonstrations and, negative, at the states where a time limit truncated them. Expected
   * visits from this mass cover the same steps as the demonstrations.
   */
  entries: Entry[];
}

/** Σ γᵗ over a number of steps, which may be infinite if γ < 1. */
export const geometric = (discount: number, steps: number): number =>
  discount === 1 ? steps : (1 - discount ** steps) / (1 - discount);

/**
 * The demonstrations' visits. An episode that terminated, or whose last state is terminal in the model, stays in an absorbing state, whose features are 0, until the
 * horizon. If only some steps of an episode are demonstrated, their weights are scaled up to those of the whole
 * episode.
 *
 * @throws UsageError for an observation of no state, states with equal observations, or a step or an end that is not in
 *   the model
 */
export function demonstratedVisits(
  model: TabularModel,
  { env, trajectories }: Demonstrations,
  { discount, horizon = Infinity, tails = "cut" }: VisitOptions,
): DemonstratedVisits {
  const { terminal } = model;
  const index = stateIndex(model);
  const times: number[] = [];
  const transitions: number[] = [];
  const weights: number[] = [];
  const entries: Entry[] = [];
  // An episode without a demonstrated step within the horizon has weight 0.
  const counts = (episode: Demonstration) => demonstratedSteps(episode).some((t) => t < horizon);
  const total = trajectories.reduce((sum, episode) => sum + (counts(episode) ? (episode.weight ?? 1) : 0), 0);
  if (total === 0) {
    throw new UsageError(
      `the demonstrations of ${env} have weight 0, or no step within the horizon; give others`,
    );
  }
  let value = 0;
  for (const [episode, trajectory] of trajectories.entries()) {
    if (!counts(trajectory)) continue;
    const { observations, actions: chosen, rewards, terminated, weight: share = 1 } = trajectory;
    const mass = share / total;
    const length = Math.min(rewards.length, horizon);
    const path = index.statesOf(observations);
    // Files that do not record how episodes ended leave it to the model, whose terminal states end them.
    const ended = length === rewards.length && (terminated || terminal[path[length]] === 1);
    if (ended && !terminal[path[length]]) {
      throw new UsageError(
        `demonstrations of ${env}: episode ${episode} ends in state ${path[length]}, which is not terminal in the model`,
      );
    }
    const kept = demonstratedSteps(trajectory).filter((t) => t < length);
    const cut = !ended && length < horizon;
    const recorded = geometric(discount, length);
    const counted = cut && tails === "scaled" ? geometric(discount, horizon) : recorded;
    const stepWeights = sharedOut(mass * counted, kept, discount);
    for (const [i, t] of kept.entries()) {
      const transition = transitionOf(model, path[t], chosen[t], path[t + 1]);
      if (transition < 0) {
        throw new UsageError(
          `demonstrations of ${env}: episode ${episode}, step ${t} goes from state ${path[t]} by action ${chosen[t]} ` +
            `to state ${path[t + 1]}, which has probability 0 in the model`,
        );
      }
      times.push(t);
      transitions.push(transition);
      weights.push(stepWeights[i]);
    }
    // The return includes the rewards of all steps, not only of the demonstrated ones.
    for (let t = 0; t < length; t++) value += (mass * counted * discount ** t * rewards[t]) / recorded;
    entries.push({ time: 0, state: path[0], mass });
    if (cut && tails === "cut") entries.push({ time: length, state: path[length], mass: -mass });
  }
  const visits = new Float64Array(model.next.length);
  for (const [i, transition] of transitions.entries()) visits[transition] += weights[i];
  const steps = {
    time: Int32Array.from(times),
    transition: Int32Array.from(transitions),
    weight: Float64Array.from(weights),
  };
  return { steps, visits, value, entries };
}

/** The index of a transition among the model's entries, or −1. */
function transitionOf(
  { actions, rowStart, next }: TabularModel,
  from: number,
  action: number,
  to: number,
): number {
  const pair = from * actions + action;
  for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) if (next[e] === to) return e;
  return -1;
}

/**
 * The exact expectation of `demonstratedVisits` over episodes of a policy `table [states × actions]`. With a horizon
 * `steps` lists every possible step; without one it is empty, because nothing depends on the time.
 */
export function expectedVisits(
  model: TabularModel,
  table: Float64Array,
  { discount, horizon }: Pick<VisitOptions, "discount" | "horizon">,
): DemonstratedVisits {
  const { states, actions, initial, rowStart, next, probability, reward } = model;
  const policy = policyTable(model, table);
  const visits = new Float64Array(next.length);
  const times: number[] = [];
  const transitions: number[] = [];
  const weights: number[] = [];
  /** Adds one step from the mass in the states to the counts. Returns the mass of the next states. */
  const move = (mass: Float64Array, weight: number, time?: number): Float64Array => {
    const then = new Float64Array(states);
    for (let pair = 0; pair < states * actions; pair++) {
      const taken = mass[Math.floor(pair / actions)] * policy[pair];
      if (taken === 0) continue;
      for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
        const moved = taken * probability[e];
        visits[e] += weight * moved;
        then[next[e]] += moved;
        if (time === undefined) continue;
        times.push(time);
        transitions.push(e);
        weights.push(weight * moved);
      }
    }
    return then;
  };
  if (horizon === undefined) move(discountedFlow({ ...model, discount }, policy, initial), 1);
  else for (let t = 0, mass = initial; t < horizon; t++) mass = move(mass, discount ** t, t);
  return {
    steps: {
      time: Int32Array.from(times),
      transition: Int32Array.from(transitions),
      weight: Float64Array.from(weights),
    },
    visits,
    value: visits.reduce((sum, x, e) => sum + x * reward[e], 0),
    entries: [...initial.keys()].flatMap((state) =>
      initial[state] > 0 ? [{ time: 0, state, mass: initial[state] }] : [],
    ),
  };
}

/** The visits of the demonstrations or of the expert policy. */
export const visitsOfExpert = async (
  model: TabularModel,
  { demonstrations, expert }: { demonstrations?: Demonstrations; expert?: Policy },
  options: VisitOptions,
): Promise<DemonstratedVisits> =>
  demonstrations
    ? demonstratedVisits(model, demonstrations, options)
    : expectedVisits(model, await tabulate(expert!, model), options);
