/** @file Sections of reports about annotators: the confusion matrices of the crowd and of single annotators. */

import type { HeatmapPanel, HeatmapSection } from "./types.js";

export interface Confusions {
  classes: readonly string[];
  annotators: readonly string[];
  /** `[annotators, true, observed]` */
  confusion: ArrayLike<number>;
  /** `[true, observed]`: a matrix of the whole crowd, or one that annotators share. */
  common?: ArrayLike<number>;
  /** Number of labels of each annotator; unset: alike. */
  labels?: ArrayLike<number>;
}

/** The most matrices that are drawn: those of the annotators with the most labels. */
const MOST = 12;

/** Confusion matrices, a row a true class and a column an answer; undefined where there are none. */
export function confusionSection({
  classes,
  annotators,
  confusion,
  common,
  labels,
}: Confusions): HeatmapSection | undefined {
  const K = classes.length;
  if (annotators.length === 0 && !common) return undefined;
  const panel = (title: string, values: ArrayLike<number>): HeatmapPanel => ({
    title,
    ...{ rows: K, columns: K, values },
    labels: Array.from({ length: K * K }, (_, at) =>
      Math.floor(at / K) === at % K ? classes[at % K].slice(0, 3) : undefined,
    ),
  });
  const chosen = annotators
    .map((_, l) => l)
    .sort((a, b) => (labels ? labels[b] - labels[a] : 0))
    .slice(0, MOST);
  const panels = chosen.map((l) =>
    panel(
      annotators[l],
      Array.from({ length: K * K }, (_, at) => confusion[l * K * K + at]),
    ),
  );
  const few = annotators.length > MOST ? `, of the ${MOST} with the most labels` : "";
  return {
    kind: "heatmap",
    title: "Confusion matrices",
    reading: `A row is a true class (${classes.join(", ")}), a column an answer${few}.`,
    caption:
      "The diagonal holds the right answers. The names are those of the classes, cut to three letters.",
    unit: "probability of the answer",
    panels: [...(common ? [panel("all annotators", common)] : []), ...panels],
  };
}
