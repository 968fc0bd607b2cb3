/** @file What a fit says of each annotator: how often they are right, with an interval, and what they take for what. */

import type { Agreement } from "./agreement.js";
import type { Annotations } from "./annotations.js";
import type { LabelFit } from "./fit.js";

export interface Judgement {
  annotator: string;
  /** Number of labels. */
  labels: number;
  /** The share of labels that are the inferred ones. */
  agrees: number;
  /** The expected share of right labels by the posterior of the items, with its 95 % interval [Wilson 1927]. */
  right: number;
  low: number;
  high: number;
  /** The model's probability of a right answer, of models that have one. */
  ability?: number;
  /** The most frequent error: of true classes with an expected label at least, the likeliest wrong answer. */
  takes?: { class: string; for: string; probability: number };
  /** Annotators with the same answers to every common item. */
  copies: string[];
}

/** The annotators, those who are least able first. */
export function judgeAnnotators(
  { items, annotators, classes: K, itemStart, annotator, label, names }: Annotations,
  { labels, posterior, ability, confusion }: LabelFit,
  { pairs }: Pick<Agreement, "pairs">,
): Judgement[] {
  const [given, same, right] = [
    new Float64Array(annotators),
    new Float64Array(annotators),
    new Float64Array(annotators),
  ];
  /** `[annotators, true, observed]`: expected counts. */
  const counts = new Float64Array(annotators * K * K);
  for (let i = 0; i < items; i++) {
    for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
      const l = annotator[n];
      given[l]++;
      if (label[n] === labels[i]) same[l]++;
      right[l] += posterior[i * K + label[n]];
      for (let k = 0; k < K; k++) counts[(l * K + k) * K + label[n]] += posterior[i * K + k];
    }
  }
  const judged = Array.from({ length: annotators }, (_, l): Judgement => {
    const share = right[l] / given[l];
    return {
      annotator: names.annotators[l],
      labels: given[l],
      agrees: same[l] / given[l],
      right: share,
      ...wilson(share, given[l]),
      ...(ability && { ability: ability[l] }),
      ...worst(counts.subarray(l * K * K, (l + 1) * K * K), confusion?.subarray(l * K * K), names.classes),
      copies: [],
    };
  });
  for (const { annotators: pair, identical } of pairs) {
    if (!identical) continue;
    judged[pair[0]].copies.push(names.annotators[pair[1]]);
    judged[pair[1]].copies.push(names.annotators[pair[0]]);
  }
  const rank = ({ ability: own, right: share }: Judgement) => own ?? share;
  return judged.sort((a, b) => rank(a) - rank(b));
}

/** The interval of a share of n, of 95 %. */
function wilson(share: number, n: number): { low: number; high: number } {
  if (!(n > 0)) return { low: 0, high: 1 };
  const z2 = 1.96 ** 2;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n)) * 1.96) / (1 + z2 / n);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function worst(
  counts: Float64Array,
  matrix: Float64Array | undefined,
  classes: readonly string[],
): Pick<Judgement, "takes"> {
  const K = classes.length;
  let found: Judgement["takes"];
  let most = 0;
  for (let k = 0; k < K; k++) {
    const total = counts.subarray(k * K, (k + 1) * K).reduce((sum, count) => sum + count, 0);
    if (total < 1) continue;
    for (let y = 0; y < K; y++) {
      const at = k * K + y;
      if (y === k || counts[at] < 0.5 || counts[at] <= most) continue;
      most = counts[at];
      found = { class: classes[k], for: classes[y], probability: matrix ? matrix[at] : counts[at] / total };
    }
  }
  return found ? { takes: found } : {};
}
