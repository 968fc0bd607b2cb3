/**
 * @file How far each annotator of a run is trusted: by agreement with rewards that were fitted without the answer. Most
 * questions of a run are answered by one person, so annotators cannot be compared with each other directly; what all of
 * them taught stands for the others, as in [Raykar et al. 2010].
 */

import { bootstrapCounts } from "../shared/bootstrap.js";
import type { Trust } from "../shared/trust.js";
import { type Comparison, type FitOptions, isHeldOut, type RewardState } from "./fit.js";

/** Answers with the mean agreement of all that each annotator starts with. */
const SMOOTHING = 4;

/**
 * The weights of the annotators, relative to the one who agrees most: max(0, 2 a − 1), with a the share of answers in which
 * a member agrees that has not seen them: because they are held out, or not in its bootstrap sample. The weights are 1
 * where nobody agrees more than by chance.
 *
 * @param returns the members' returns of each segment, `[M][segments]`
 */
export function trustByAgreement(
  comparisons: readonly Comparison[],
  returns: readonly ArrayLike<number>[],
  state: Pick<RewardState, "sampleRng">,
  { heldOut, ensemble }: Pick<FitOptions, "heldOut" | "ensemble">,
): Trust {
  const tallies = new Map<string, { answers: number; agreed: number }>();
  const all = { answers: 0, agreed: 0 };
  for (const comparison of comparisons) {
    const { id, left, right, target, annotator } = comparison;
    if (annotator === undefined || target === 0.5) continue;
    const own = tallies.get(annotator) ?? { answers: 0, agreed: 0 };
    tallies.set(annotator, own);
    const isAside = isHeldOut(comparison, state, heldOut);
    const counts = bootstrapCounts(state.sampleRng, id, ensemble);
    const unseen = returns.filter((_, m) => isAside || counts[m] === 0);
    if (unseen.length === 0) continue;
    const agreeing = unseen.filter((of) => of[left] > of[right] === target > 0.5);
    for (const tally of [own, all]) {
      tally.answers++;
      tally.agreed += agreeing.length / unseen.length;
    }
  }
  const usual = all.answers > 0 ? all.agreed / all.answers : 0.5;
  const excess = [...tallies].map(([name, { answers, agreed }]) => {
    const share = (agreed + SMOOTHING * usual) / (answers + SMOOTHING);
    return [name, Math.max(0, 2 * share - 1)] as const;
  });
  const most = Math.max(...excess.map(([, x]) => x));
  return Object.fromEntries(excess.map(([name, x]) => [name, most > 0 ? x / most : 1]));
}
