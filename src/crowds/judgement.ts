/** @file What a fit says of each annotator: how often they are right, with an interval, and what they take for what. */

import type { Agreement } from "./agreement.js";
import { type Annotations, byAnnotator } from "./annotations.js";
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
  /** The median time of an answer (s), of annotators with times. */
  seconds?: number;
  /** Present where the median time is under a third of the median of the annotators' medians. */
  hurries?: true;
  /** Annotators with the same answers to every common item. */
  copies: string[];
}

/** Who takes less than this share of the time of the median annotator is said to hurry. */
const HURRIED = 1 / 3;

/** The annotators, those who are least able first. */
export function judgeAnnotators(
  annotations: Annotations,
  fit: LabelFit,
  { pairs }: Pick<Agreement, "pairs">,
): Judgement[] {
  const { annotators, classes: K, label, seconds, names } = annotations;
  const { labels, posterior, ability } = fit;
  const { start, label: rows, item } = byAnnotator(annotations);
  const mostFrequentError = createErrors(annotations, fit);
  const judged = Array.from({ length: annotators }, (_, l): Judgement => {
    const [own, items] = [rows.subarray(start[l], start[l + 1]), item.subarray(start[l], start[l + 1])];
    let [same, right] = [0, 0];
    for (let p = 0; p < own.length; p++) {
      if (label[own[p]] === labels[items[p]]) same++;
      right += posterior[items[p] * K + label[own[p]]];
    }
    const share = right / own.length;
    return {
      annotator: names.annotators[l],
      labels: own.length,
      agrees: same / own.length,
      right: share,
      ...wilson(share, own.length),
      ...(ability && { ability: ability[l] }),
      ...mostFrequentError(l, own, items),
      ...(seconds && medianOf(Float64Array.from(own, (n) => seconds[n]))),
      copies: [],
    };
  });
  const { seconds: usual = 0 } = medianOf(
    Float64Array.from(judged, (person) => person.seconds ?? Number.NaN),
  );
  for (const person of judged) if (person.seconds! < HURRIED * usual) person.hurries = true;
  for (const { annotators: pair, identical } of pairs) {
    if (!identical) continue;
    judged[pair[0]].copies.push(names.annotators[pair[1]]);
    judged[pair[1]].copies.push(names.annotators[pair[0]]);
  }
  const rank = ({ ability: own, right: share }: Judgement) => own ?? share;
  return judged.sort((a, b) => rank(a) - rank(b));
}

/** The median of those times that are known, if any are. */
function medianOf(times: Float64Array): Pick<Judgement, "seconds"> {
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  if (known.length === 0) return {};
  return { seconds: (known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2 };
}

/** The interval of a share of n, of 95 %. */
function wilson(share: number, n: number): { low: number; high: number } {
  if (!(n > 0)) return { low: 0, high: 1 };
  const z2 = 1.96 ** 2;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n)) * 1.96) / (1 + z2 / n);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** What an annotator, whose labels of items are given, takes for what. Only the answers that occur are counted. */
function createErrors(
  { classes: K, label, names: { classes } }: Annotations,
  { posterior, confusion }: LabelFit,
) {
  /** `[observed, true]`: expected counts of one annotator. */
  const counts = new Float64Array(K * K);
  const totals = new Float64Array(K);
  return (l: number, own: Int32Array, items: Int32Array): Pick<Judgement, "takes"> => {
    totals.fill(0);
    const answers = [...new Set(Array.from(own, (n) => label[n]))].sort((a, b) => a - b);
    for (const y of answers) counts.fill(0, y * K, (y + 1) * K);
    for (let p = 0; p < own.length; p++) {
      for (let k = 0; k < K; k++) {
        const share = posterior[items[p] * K + k];
        counts[label[own[p]] * K + k] += share;
        totals[k] += share;
      }
    }
    let found: Judgement["takes"];
    let most = 0;
    for (let k = 0; k < K; k++) {
      if (totals[k] < 1) continue;
      for (const y of answers) {
        const count = counts[y * K + k];
        if (y === k || count < 0.5 || count <= most) continue;
        most = count;
        const probability = confusion ? confusion[(l * K + k) * K + y] : count / totals[k];
        found = { class: classes[k], for: classes[y], probability };
      }
    }
    return found ? { takes: found } : {};
  };
}
