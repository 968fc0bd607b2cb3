/** @file Measures of learning curves and of what was bought. */

/** A curve: accuracy (or another measure that should be large) after so many labels, by rising labels. */
export interface Curve {
  readonly labels: readonly number[];
  readonly values: readonly number[];
}

/** The area under a curve divided by its range of labels: its mean value, by trapezoids. */
export function areaUnder({ labels, values }: Curve): number {
  if (labels.length < 2) return values[0] ?? Number.NaN;
  let area = 0;
  for (let i = 1; i < labels.length; i++)
    area += ((labels[i] - labels[i - 1]) * (values[i] + values[i - 1])) / 2;
  return area / (labels[labels.length - 1] - labels[0]);
}

/**
 * Deficiency Σ_t (A − A_t) / Σ_t (A − A_t^rand), where A is the last value of random sampling [Baram et al. 2004]: below 1
 * where the curve is better than random sampling.
 */
export function deficiency(curve: Curve, random: Curve): number {
  const end = random.values[random.values.length - 1];
  const missing = ({ values }: Curve) => values.reduce((sum, value) => sum + end - value, 0);
  return missing(curve) / missing(random);
}

/** The labels at which a curve first reaches a value, between two points by a line; undefined if it does not. */
export function labelsToReach({ labels, values }: Curve, value: number): number | undefined {
  const at = values.findIndex((own) => own >= value);
  if (at <= 0) return at < 0 ? undefined : labels[0];
  const share = (value - values[at - 1]) / (values[at] - values[at - 1]);
  return labels[at - 1] + share * (labels[at] - labels[at - 1]);
}

/** |A ∩ B| / |A ∪ B| of two selections [Jaccard 1912]; 1 for two empty ones. */
export function overlap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [first, second] = [new Set(Array.from(a)), new Set(Array.from(b))];
  const shared = [...first].filter((item) => second.has(item)).length;
  const all = first.size + second.size - shared;
  return all === 0 ? 1 : shared / all;
}

/** The entropy of the shares of classes divided by log K: 1 where as many of each were bought. */
export function classBalance(labels: Int32Array, classes: number): number {
  const counts = new Float64Array(classes);
  for (const y of labels) if (y >= 0) counts[y]++;
  const all = counts.reduce((a, b) => a + b, 0);
  return (
    counts.reduce((sum, n) => (n > 0 ? sum - (n / all) * Math.log(n / all) : sum), 0) / Math.log(classes)
  );
}

/** Cohen's kappa of two lists of classes: 1 if they are the same, 0 if they agree as by chance. */
export function kappaOf(one: Int32Array, other: Int32Array, classes: number): number {
  const [a, b] = [new Float64Array(classes), new Float64Array(classes)];
  let agreed = 0;
  for (let i = 0; i < one.length; i++) {
    a[one[i]]++;
    b[other[i]]++;
    if (one[i] === other[i]) agreed++;
  }
  const n = one.length;
  if (agreed === n) return 1;
  const chance = a.reduce((sum, count, k) => sum + (count / n) * (b[k] / n), 0);
  return (agreed / n - chance) / (1 - chance);
}
