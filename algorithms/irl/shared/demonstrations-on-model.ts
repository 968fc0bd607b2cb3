/** @file Demonstrations on a tabular model: how often they come where, and what they earn. */

import type { Demonstration, Demonstrations } from "../../../src/datasets/demonstrations.js";
import { stateIndex } from "../../../src/datasets/occupancy.js";
import { demonstratedSteps, sharedOut } from "../../../src/datasets/transitions.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import { discountedFlow, type Entry, policyTable } from "../../../src/mdp/index.js";

export interface DemonstratedOptions {
  discount: number;
  /** Steps beyond it are left out; none by default. */
  horizon?: number;
  /**
   * What becomes of an episode that the clock cut off: only what was seen of it counts ("cut"), or the rest is taken to
   * have gone on like what was seen ("scaled").
   */
  tails?: "cut" | "scaled";
}

/** Means over the demonstrations, by their weights. */
export interface Demonstrated {
  /** Every step that counts: when it was made, which transition of the model it is, and γᵗ times its share of the mean. */
  steps: { time: Int32Array; transition: Int32Array; worth: Float64Array };
  /** How often each transition is made: Σ of the steps' worths, `[entries]`. */
  visits: Float64Array;
  /** Σ γᵗ rₜ of the rewards that were recorded. */
  value: number;
  /**
   * Where demonstrations begin and, as negative mass, where the clock cut them off. A model that is asked what it makes
   * of this mass is compared with the steps that were seen, and not with an end that there was not.
   */
  entries: Entry[];
}

/** Σ γᵗ over so many steps, which may be infinitely many where γ < 1. */
export const geometric = (discount: number, steps: number): number =>
  discount === 1 ? steps : (1 - discount ** steps) / (1 - discount);

/**
 * What the demonstrations visit. An episode that has ended stays in an absorbing state, whose features are 0, to the end
 * of the horizon. Where only some of an episode's steps are demonstrated, they stand for all of it.
 *
 * @throws UsageError for an observation of no state, states that look alike, or a step or an end that the model has not.
 */
export function demonstrated(
  model: TabularModel,
  { env, trajectories }: Demonstrations,
  { discount, horizon = Infinity, tails = "cut" }: DemonstratedOptions,
): Demonstrated {
  const { terminal } = model;
  const index = stateIndex(model);
  const times: number[] = [];
  const transitions: number[] = [];
  const worth: number[] = [];
  const entries: Entry[] = [];
  // What says nothing within the horizon has no share.
  const speaks = (shown: Demonstration) => demonstratedSteps(shown).some((t) => t < horizon);
  const total = trajectories.reduce((sum, shown) => sum + (speaks(shown) ? (shown.weight ?? 1) : 0), 0);
  if (total === 0) {
    throw new UsageError(`the demonstrations of ${env} say nothing: they have weight 0, or no step in time`);
  }
  let value = 0;
  for (const [episode, trajectory] of trajectories.entries()) {
    if (!speaks(trajectory)) continue;
    const { observations, actions: chosen, rewards, terminated, weight = 1 } = trajectory;
    const mass = weight / total;
    const length = Math.min(rewards.length, horizon);
    const path = index.statesOf(observations);
    const ended = terminated && length === rewards.length;
    if (ended && !terminal[path[length]]) {
      throw new UsageError(
        `demonstrations of ${env}: episode ${episode} ends in state ${path[length]}, where the model goes on`,
      );
    }
    const kept = demonstratedSteps(trajectory).filter((t) => t < length);
    const cut = !ended && length < horizon;
    const seen = geometric(discount, length);
    const counted = cut && tails === "scaled" ? geometric(discount, horizon) : seen;
    const worths = sharedOut(mass * counted, kept, discount);
    for (const [i, t] of kept.entries()) {
      const transition = transitionOf(model, path[t], chosen[t], path[t + 1]);
      if (transition < 0) {
        throw new UsageError(
          `demonstrations of ${env}: episode ${episode}, step ${t} goes from state ${path[t]} by action ${chosen[t]} ` +
            `to state ${path[t + 1]}, which cannot happen in the model`,
        );
      }
      times.push(t);
      transitions.push(transition);
      worth.push(worths[i]);
    }
    // Rewards are known of all steps, and not to be learnt from.
    for (let t = 0; t < length; t++) value += (mass * counted * discount ** t * rewards[t]) / seen;
    entries.push({ time: 0, state: path[0], mass });
    if (cut && tails === "cut") entries.push({ time: length, state: path[length], mass: -mass });
  }
  const visits = new Float64Array(model.next.length);
  for (const [i, transition] of transitions.entries()) visits[transition] += worth[i];
  const steps = {
    time: Int32Array.from(times),
    transition: Int32Array.from(transitions),
    worth: Float64Array.from(worth),
  };
  return { steps, visits, value, entries };
}

/** The number of a transition among the model's entries, or −1. */
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
 * What infinitely many demonstrations of a policy `table [states × actions]` would show: its expectations, exactly. Over
 * a horizon every step that can happen is in `steps`; without one there are none, as time does not matter.
 */
export function expectedDemonstrations(
  model: TabularModel,
  table: Float64Array,
  { discount, horizon }: Pick<DemonstratedOptions, "discount" | "horizon">,
): Demonstrated {
  const { states, actions, initial, rowStart, next, probability, reward } = model;
  const policy = policyTable(model, table);
  const visits = new Float64Array(next.length);
  const times: number[] = [];
  const transitions: number[] = [];
  const worths: number[] = [];
  /** Makes all steps from the mass in the states; gives the mass they lead to. */
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
        worths.push(weight * moved);
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
      worth: Float64Array.from(worths),
    },
    visits,
    value: visits.reduce((sum, x, e) => sum + x * reward[e], 0),
    entries: [...initial.keys()].flatMap((state) =>
      initial[state] > 0 ? [{ time: 0, state, mass: initial[state] }] : [],
    ),
  };
}
