/** @file New labels for a fit that is there: the annotations together, and a warm start of Dawid and Skene's model. */

import { type Annotations, AnnotationsBuilder } from "./annotations.js";
import { type DawidSkeneFit, type DawidSkeneOptions, fitFromConfusion } from "./dawid-skene.js";

/**
 * All labels of both. Items, annotators and classes of the first keep their numbers, and new ones follow; a class that is
 * only in the second one comes last.
 */
export function joinAnnotations(first: Annotations, second: Annotations): Annotations {
  const builder = new AnnotationsBuilder();
  const classes = [...new Set([...first.names.classes, ...second.names.classes])];
  const truth = new Map<string, string>();
  for (const { items, itemStart, annotator, label, truth: known, names, ...rest } of [first, second]) {
    for (let i = 0; i < items; i++) {
      for (let n = itemStart[i]; n < itemStart[i + 1]; n++) {
        const by = names.annotators[annotator[n]];
        const seconds = rest.seconds?.[n] ?? Number.NaN;
        builder.add(names.items[i], by, names.classes[label[n]], {
          weight: rest.weight?.[n],
          ...(!Number.isNaN(seconds) && { seconds }),
        });
      }
      if (known && known[i] >= 0) truth.set(names.items[i], names.classes[known[i]]);
    }
  }
  // Without the times of the answers, those that only look alike would count as duplicates.
  const { duplicates, ...joined } = builder.finish({ classes, truth });
  return joined;
}

/**
 * A fit of Dawid and Skene's model with new labels, from the confusion matrices of the fit before: three iterations by
 * default, in place of some tens. New annotators start with the matrix that the pseudo-counts give.
 *
 * @param before the annotations and their fit
 * @throws UsageError for invalid options
 */
export function updateDawidSkene(
  before: { readonly annotations: Annotations; readonly fit: DawidSkeneFit },
  more: Annotations,
  options: DawidSkeneOptions = {},
): { annotations: Annotations; fit: DawidSkeneFit } {
  const annotations = joinAnnotations(before.annotations, more);
  const { classes: K, names } = annotations;
  const { names: old, classes: oldK } = before.annotations;
  const numbers = new Map(old.annotators.map((name, l) => [name, l]));
  /** The matrix of an annotator, with rows and columns of new classes empty; undefined for a new annotator. */
  const confusionOf = (l: number): Float64Array | undefined => {
    const own = numbers.get(names.annotators[l]);
    if (own === undefined || K !== oldK) return undefined;
    return before.fit.confusion.subarray(own * K * K, (own + 1) * K * K);
  };
  const prior = K === oldK ? before.fit.prior : undefined;
  return {
    annotations,
    fit: fitFromConfusion(annotations, confusionOf, prior, { iterations: 3, ...options }),
  };
}
