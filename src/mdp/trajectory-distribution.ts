/**
 * @file The maximum-entropy distribution over trajectories [Ziebart, Maas, Bagnell & Dey 2008, eq. 4] [N §3.4, eq. 65]:
 *
 *   P(τ | s₀) ∝ Π p(sₜ₊₁ | sₜ, aₜ) exp Σ γᵗ r(sₜ, aₜ, sₜ₊₁)
 *
 * With random outcomes, this distribution prefers lucky ones: it weights outcomes by their rewards, which no policy can
 * do. The steps are numbered as in algorithm 1 of the paper. The forward pass of the paper uses p, which is an
 * approximation; this one is exact.
 */

import { requireModel } from "../env/check-model.js";
import type { TabularModel } from "../env/contracts.js";
import { type HorizonOptions, requireHorizon } from "./finite-horizon.js";
import { requireFinite } from "./model.js";
import { byTime, type Entry, type SoftHorizonSolution } from "./soft-finite-horizon.js";

/**
 * The backward pass, steps 1 to 3: log Zₜ(s), the log-sum of the weights of all continuations from s at time t (row T
 * is 0), and the probability of each action, π(a | s, t) = Zₜ(s, a) / Zₜ(s). Rewards are discounted to time 0. A
 * terminal state has one continuation.
 *
 * @throws UsageError unless the horizon is a positive integer.
 */
export function trajectoryDistribution(
  model: TabularModel,
  { horizon, discount = 1 }: HorizonOptions,
): SoftHorizonSolution {
  requireHorizon(horizon);
  requireModel(model);
  const { states, actions, terminal, rowStart, next, probability, reward } = model;
  const pairs = states * actions;
  // 1. log Z_T = 0.
  const values = new Float64Array((horizon + 1) * states);
  const policy = new Float64Array(horizon * pairs);
  for (let t = horizon - 1; t >= 0; t--) {
    const weight = discount ** t;
    const after = (t + 1) * states;
    for (let s = 0; s < states; s++) {
      const table = t * pairs + s * actions;
      if (terminal[s]) {
        policy.fill(1 / actions, table, table + actions);
        continue;
      }
      // 2. Zₜ(s, a) and Zₜ(s), relative to the largest weight.
      const [from, to] = [rowStart[s * actions], rowStart[(s + 1) * actions]];
      let largest = -Infinity;
      for (let e = from; e < to; e++)
        largest = Math.max(largest, weight * reward[e] + values[after + next[e]]);
      let sum = 0;
      for (let a = 0; a < actions; a++) {
        let total = 0;
        for (let e = rowStart[s * actions + a]; e < rowStart[s * actions + a + 1]; e++) {
          total += probability[e] * Math.exp(weight * reward[e] + values[after + next[e]] - largest);
        }
        policy[table + a] = total;
        sum += total;
      }
      // 3. π(a | s, t).
      for (let a = 0; a < actions; a++) policy[table + a] /= sum;
      values[t * states + s] = largest + Math.log(sum);
    }
  }
  requireFinite(values);
  return { values, policy };
}

/**
 * The forward pass, steps 4 to 6: expected discounted counts of the transitions, Σ γᵗ P(sₜ, aₜ, sₜ₊₁), `[entries]`, of
 * trajectories that start with the mass of `entries`. An outcome has probability p(s′ | s, a) exp(γᵗ r + log Zₜ₊₁(s′) −
 * log Zₜ(s, a)), which differs from p.
 *
 * @param values log Z, as `trajectoryDistribution` returns it.
 */
export function trajectoryFlow(
  model: TabularModel,
  values: Float64Array,
  entries: readonly Entry[],
  { horizon, discount = 1 }: HorizonOptions,
): Float64Array {
  const { states, actions, terminal, rowStart, next, probability, reward } = model;
  const visits = new Float64Array(next.length);
  const entering = byTime(entries);
  let now = new Float64Array(states);
  let then = new Float64Array(states);
  for (let t = 0, weight = 1; t < horizon; t++, weight *= discount) {
    // 4. The mass that starts at time t.
    for (const { state, mass } of entering.get(t) ?? []) now[state] += mass;
    then.fill(0);
    const after = (t + 1) * states;
    for (let s = 0; s < states; s++) {
      if (now[s] === 0) continue;
      const value = values[t * states + s];
      for (let e = rowStart[s * actions]; e < rowStart[(s + 1) * actions]; e++) {
        const share = terminal[s]
          ? probability[e] / actions
          : probability[e] * Math.exp(weight * reward[e] + values[after + next[e]] - value);
        // 5. and 6. Move the mass to the next states, and sum over the times.
        const moved = now[s] * share;
        visits[e] += weight * moved;
        then[next[e]] += moved;
      }
    }
    [now, then] = [then, now];
  }
  return visits;
}
