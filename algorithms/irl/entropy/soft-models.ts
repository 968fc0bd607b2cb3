/**
 * @file How likely demonstrations are under a reward on a tabular model, by what maximum entropy makes of it, and how that
 * changes with the reward of each transition.
 *
 * Matching moments, a demonstration's log-likelihood is its reward less the log-partition function of its start, plus
 * that of where the clock cut it off, if it did; the slope is how often a transition was demonstrated less how often it
 * is expected (notes, §3.4, eq. 66). Judged by its actions, it is Σ γᵗ log π(aₜ | sₜ), where the luck of the outcomes does
 * not count, and the slope is that of the soft values, carried back through Bellman's equation.
 */

import type { TabularModel } from "../../../src/env/contracts.js";
import {
  discountedFlow,
  type Entry,
  horizonFlow,
  softFiniteHorizon,
  softValueIteration,
  trajectoryDistribution,
  trajectoryFlow,
} from "../../../src/mdp/index.js";
import { maxNorm } from "../../../src/mdp/value-iteration.js";
import type { Demonstrated } from "../shared/demonstrations-on-model.js";
import { dot } from "../shared/optimise.js";

/** Where iterative solvers may start: the solution of rewards that are nearly the same. */
export interface Warmth {
  /** `[states]`. */
  values: Float64Array;
  /** `[states]`. */
  flow: Float64Array;
}

/** A reward as the demonstrations see it. */
export interface Likelihood {
  /** Mean over the demonstrations, in nats. */
  logLikelihood: number;
  /** Its slope in the reward of each transition, `[entries]`. */
  slope: Float64Array;
  /** π, `[states × actions]`, or with a horizon `[T, states × actions]`. */
  policy: Float64Array;
  warmth?: Warmth;
}

/** What demonstrations say of rewards `[entries]`. */
export interface SoftModel {
  likelihood(reward: Float64Array, warmth?: Warmth): Likelihood;
  /** How often the policy makes each transition, from the demonstrated starts to the demonstrated cuts, `[entries]`. */
  visits(policy: Float64Array, warmth?: Warmth): Float64Array;
}

/** Whether features are to be as demonstrated, or actions likely in the states demonstrated. */
export type Objective = "moments" | "actions";

/** Errors of values and flows, relative to the largest that there could be. */
const ACCURACY = 1e-9;

/** Causal entropy, discounted, for ever: a stationary policy (Ziebart 2010; Bloem & Bambos 2014). */
export function causalDiscounted(
  model: TabularModel,
  shown: Demonstrated,
  objective: Objective,
  { discount, accuracy = ACCURACY }: { discount: number; accuracy?: number },
): SoftModel {
  const { states, actions, rowStart, next, probability, terminal } = model;
  const discounted = { ...model, discount };
  const source = new Float64Array(states);
  for (const { time, state, mass } of shown.entries) source[state] += mass * discount ** time;
  const taken = pairVisits(model, shown.visits);

  const solve = (reward: Float64Array, warmth?: Warmth) => {
    const largest = (maxNorm(reward) + Math.log(actions)) / (1 - discount);
    return softValueIteration(
      { ...discounted, reward },
      { guess: warmth?.values, tolerance: Math.max(accuracy * largest, Number.MIN_VALUE) },
    );
  };
  const flowOf = (policy: Float64Array, from: Float64Array, guess?: Float64Array) =>
    discountedFlow(discounted, policy, from, { guess, tolerance: accuracy });
  const spread = (pairs: Float64Array) => spreadPairs(model, pairs);

  return {
    visits: (policy, warmth) => {
      const flow = flowOf(policy, source, objective === "moments" ? warmth?.flow : undefined);
      return spread(policy.map((p, pair) => p * flow[Math.floor(pair / actions)]));
    },
    likelihood(reward, warmth) {
      const { values, q, policy } = solve(reward, warmth);
      if (objective === "moments") {
        const flow = flowOf(policy, source, warmth?.flow);
        const expected = spread(policy.map((p, pair) => p * flow[Math.floor(pair / actions)]));
        return {
          logLikelihood: dot(shown.visits, reward) - dot(source, values),
          slope: shown.visits.map((x, e) => x - expected[e]),
          policy,
          warmth: { values, flow },
        };
      }
      let logLikelihood = 0;
      const surprise = surpriseOf(model, taken, policy);
      const owed = new Float64Array(states);
      for (let pair = 0; pair < taken.length; pair++) {
        const s = Math.floor(pair / actions);
        if (terminal[s]) continue;
        if (taken[pair] > 0) logLikelihood += taken[pair] * (q[pair] - values[s]);
        for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
          if (!terminal[next[e]]) owed[next[e]] += discount * probability[e] * surprise[pair];
        }
      }
      const flow = flowOf(policy, owed, warmth?.flow);
      const slope = spread(surprise.map((x, pair) => x + policy[pair] * flow[Math.floor(pair / actions)]));
      return { logLikelihood, slope, policy, warmth: { values, flow } };
    },
  };
}

/** Causal entropy over so many steps: time-indexed policies (Ziebart 2010, algorithm 9.1). */
export function causalHorizon(
  model: TabularModel,
  shown: Demonstrated,
  objective: Objective,
  { horizon, discount }: { horizon: number; discount: number },
): SoftModel {
  const { states, actions, rowStart, next, probability, terminal } = model;
  const pairs = states * actions;
  const visits = (policy: Float64Array) => horizonFlow(model, policy, shown.entries, { horizon, discount });
  const byTime = stepsByTime(model, shown, horizon);
  return {
    visits,
    likelihood(reward) {
      const { values, policy } = softFiniteHorizon({ ...model, reward }, { horizon, discount });
      if (objective === "moments") {
        const expected = visits(policy);
        const worth = ({ time, state, mass }: Entry) =>
          mass * discount ** time * values[time * states + state];
        return {
          logLikelihood:
            dot(shown.visits, reward) - shown.entries.reduce((sum, entry) => sum + worth(entry), 0),
          slope: shown.visits.map((x, e) => x - expected[e]),
          policy,
        };
      }
      let logLikelihood = 0;
      const total = new Float64Array(pairs);
      let owed = new Float64Array(states);
      for (let t = 0; t < horizon; t++) {
        const table = policy.subarray(t * pairs, (t + 1) * pairs);
        const taken = new Float64Array(pairs);
        for (const { pair, worth } of byTime[t]) {
          taken[pair] += worth;
          logLikelihood += worth * Math.log(table[pair]);
        }
        const surprise = surpriseOf(model, taken, table);
        const then = new Float64Array(states);
        for (let s = 0; s < states; s++) {
          if (terminal[s]) continue;
          for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
            const weight = surprise[pair] + table[pair] * owed[s];
            total[pair] += weight;
            for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
              then[next[e]] += discount * probability[e] * weight;
            }
          }
        }
        owed = then;
      }
      return { logLikelihood, slope: spreadPairs(model, total), policy };
    },
  };
}

/** Entropy of whole trajectories (Ziebart et al. 2008). What they visit is not what the policy visits. */
export function trajectories(
  model: TabularModel,
  shown: Demonstrated,
  { horizon, discount }: { horizon: number; discount: number },
): SoftModel {
  const { entries } = shown;
  return {
    visits: (policy) => horizonFlow(model, policy, entries, { horizon, discount }),
    likelihood(reward) {
      const rewarded = { ...model, reward };
      const { values, policy } = trajectoryDistribution(rewarded, { horizon, discount });
      const expected = trajectoryFlow(rewarded, values, entries, { horizon, discount });
      const worth = ({ time, state, mass }: Entry) => mass * values[time * model.states + state];
      return {
        logLikelihood: dot(shown.visits, reward) - entries.reduce((sum, entry) => sum + worth(entry), 0),
        slope: shown.visits.map((x, e) => x - expected[e]),
        policy,
      };
    },
  };
}

/** How often each pair is taken, `[states × actions]`, from visits `[entries]`. */
function pairVisits({ states, actions, rowStart }: TabularModel, visits: Float64Array): Float64Array {
  const taken = new Float64Array(states * actions);
  for (let pair = 0; pair < taken.length; pair++) {
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) taken[pair] += visits[e];
  }
  return taken;
}

/** The transpose: what is taken `[states × actions]`, spread over its outcomes by their odds, `[entries]`. */
function spreadPairs({ rowStart, probability }: TabularModel, pairs: Float64Array): Float64Array {
  const visits = new Float64Array(probability.length);
  for (let pair = 0; pair < pairs.length; pair++) {
    for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) visits[e] = pairs[pair] * probability[e];
  }
  return visits;
}

/** ∂ Σ n(s, a) (Q(s, a) − V(s)) / ∂Q where V = log Σ exp Q: n(s, a) − n(s) π(a | s), `[states × actions]`. */
function surpriseOf(
  { states, actions }: TabularModel,
  taken: Float64Array,
  policy: Float64Array,
): Float64Array {
  const surprise = new Float64Array(taken.length);
  for (let s = 0; s < states; s++) {
    let visits = 0;
    for (let pair = s * actions; pair < (s + 1) * actions; pair++) visits += taken[pair];
    if (visits === 0) continue;
    for (let pair = s * actions; pair < (s + 1) * actions; pair++) {
      surprise[pair] = taken[pair] - visits * policy[pair];
    }
  }
  return surprise;
}

function stepsByTime(
  { rowStart, actions, terminal }: TabularModel,
  { steps }: Demonstrated,
  horizon: number,
) {
  const byTime: { pair: number; worth: number }[][] = Array.from({ length: horizon }, () => []);
  const pairOf = new Int32Array(rowStart[rowStart.length - 1]);
  for (let pair = 0; pair + 1 < rowStart.length; pair++)
    pairOf.fill(pair, rowStart[pair], rowStart[pair + 1]);
  for (const [i, t] of steps.time.entries()) {
    const pair = pairOf[steps.transition[i]];
    // After the end nothing is chosen.
    if (!terminal[Math.floor(pair / actions)]) byTime[t].push({ pair, worth: steps.worth[i] });
  }
  return byTime;
}
