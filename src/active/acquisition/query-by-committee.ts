/** @file Query by committee [Seung et al. 1992; N §2.4]: items about which models disagree, in four measures. */

import { argmaxRow } from "../../mdp/tables.js";
import type { Acquisition, Samples } from "../contract.js";
import { baldScores } from "./bald.js";
import { entropyAt } from "./entropy.js";
import { scored } from "./scored.js";

/**
 * How disagreement is measured, with v_k votes for class k of S:
 * - `vote`: ordered pairs that disagree, Σ_{c≠j} 1[ŷ_c ≠ ŷ_j] = S² − Σ_k v_k² [N §2.4];
 * - `vote-entropy`: the entropy of v / S [Dagan & Engelson 1995];
 * - `variation`: 1 − max_k v_k / S [Löffler & Mutschler 2022, eq. 5];
 * - `kl`: the mean of KL(P^s ‖ P) [McCallum & Nigam 1998], which is BALD.
 */
export const disagreements = ["vote", "vote-entropy", "variation", "kl"] as const;
export type Disagreement = (typeof disagreements)[number];

/** Disagreement about each item, of samples `[count, n, K]`. A vote is for the first of equally probable classes. */
export function committeeScores(samples: Samples, classes: number, measure: Disagreement): Float64Array {
  if (measure === "kl") return baldScores(samples, classes);
  const { count, data } = samples;
  const items = data.length / count / classes;
  const votes = new Float64Array(classes);
  return Float64Array.from({ length: items }, (_, i) => {
    votes.fill(0);
    for (let s = 0; s < count; s++) {
      votes[argmaxRow(data, (s * items + i) * classes, classes)]++;
    }
    if (measure === "vote") return count ** 2 - votes.reduce((sum, v) => sum + v * v, 0);
    if (measure === "variation") return 1 - votes.reduce((a, b) => Math.max(a, b), 0) / count;
    return entropyAt(
      votes.map((v) => v / count),
      0,
      classes,
    );
  });
}

export const queryByCommittee = (measure: Disagreement = "vote-entropy"): Acquisition =>
  scored("queryByCommittee", ["samples"], async (pool) =>
    committeeScores(await pool.samples(), pool.classes, measure),
  );
