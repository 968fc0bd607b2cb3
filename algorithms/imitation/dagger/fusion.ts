/**
 * @file DAgger's policies of the single rounds, fused into one; [N §3.2] leaves open how. They are pooled
 * logarithmically [Genest & Zidek 1986, §2.2]:
 *
 *     π(a | s) ∝ Π_m π_m(a | s)^w_m,   Σ_m w_m = 1.
 *
 * Logits, means and log deviations are then weighted means of the members', so that the pool is a network of the same
 * kind: the members' hidden layers side by side, their output layers on top of one another. For Gaussians of a common
 * deviation its mean is the mean of the means, where a mixture would have a mode for each member.
 */

import {
  type ActorCriticSettings,
  actorCritic,
  NetworkPolicy,
  type ObservationStatistics,
} from "../../../src/policies/index.js";

export interface Member {
  parameters: Float32Array;
  /** How much it counts beside the others: the labels that it was fitted to. */
  weight: number;
}

/** The pool of members that have the networks of `settings`, which are without critic and memory, on the same statistics. */
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
    // A weight is [inputs, outputs], a bias or a deviation a row of outputs.
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
