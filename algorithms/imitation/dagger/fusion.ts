/**
 * @file Fusion of the policies that DAgger fits to single rounds. [N §3.2] names no method; this is the logarithmic
 * pool [Genest & Zidek 1986, §2.2]:
 *
 *     π(a | s) ∝ Π_m π_m(a | s)^w_m,   Σ_m w_m = 1.
 *
 * The pool's logits, means and log deviations are weighted means of the members'. The pool is therefore one network:
 * its hidden layers concatenate the members' layers, and its output layer sums their weighted outputs. For Gaussians
 * with equal deviations the pool has a single mode at the weighted mean; a mixture could have one mode for each member.
 */

import {
  type ActorCriticSettings,
  actorCritic,
  NetworkPolicy,
  type ObservationStatistics,
} from "../../../src/policies/index.js";

export interface Member {
  parameters: Float32Array;
  /** Weight in the pool before normalisation: the number of labels that the member was fitted to. */
  weight: number;
}

/**
 * The pool of members as one policy.
 *
 * @param settings of each member's network, without critic and memory.
 * @param statistics that standardise observations, the same for all members.
 */
export function fuse(
  settings: ActorCriticSettings,
  members: readonly Member[],
  statistics?: ObservationStatistics,
): NetworkPolicy {
  const wide = { ...settings, hidden: settings.hidden.map((units) => units * members.length) };
  const single = actorCritic(settings).layout;
  const { entries, size } = actorCritic(wide).layout;
  const total = members.reduce((sum, { weight }) => sum + weight, 0);
  const fused = new Float32Array(size);
  for (const [e, { name, shape, offset }] of entries.entries()) {
    const own = single.entries[e];
    // A weight matrix is [inputs, outputs]; a bias or a deviation is one row of outputs.
    const [rows, columns] = own.shape.length === 2 ? own.shape : [1, own.shape[0]];
    const wideColumns = shape.at(-1)!;
    const isSeparate = name.includes("hidden");
    const rowsApart = shape.length === 2 && shape[0] > rows ? rows : 0;
    for (const [m, { parameters, weight }] of members.entries()) {
      const share = isSeparate ? 1 : weight / total;
      const firstColumn = isSeparate ? m * columns : 0;
      for (let i = 0; i < rows; i++) {
        const to = offset + (m * rowsApart + i) * wideColumns + firstColumn;
        const from = own.offset + i * columns;
        for (let j = 0; j < columns; j++) fused[to + j] += share * parameters[from + j];
      }
    }
  }
  return new NetworkPolicy(wide, fused, statistics);
}
