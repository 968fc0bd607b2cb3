/** @file A pool and a model as an acquisition sees them. What is asked for twice is computed once. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import type { Ability, Classifier, Model, PoolView } from "./contract.js";

/** What a pool is seen through. */
export interface Seen {
  classifier: Classifier;
  model: Model;
  classes: number;
  labelled: Int32Array;
  /** `[labelled, K]` */
  targets: Float32Array;
  /** The features of items, `[items, width]`. */
  features(items: Int32Array): Float32Array;
  /** The stream of dropout masks. */
  rng: Rng;
}

/**
 * @param candidates the items that may be asked about
 * @throws UsageError in its functions, for what the classifier does not have, and for probabilities that are none
 */
export function poolView(seen: Seen, candidates: Int32Array): PoolView {
  const { classifier, model, classes, labelled, targets } = seen;
  const once = <T>(compute: () => Promise<T>): (() => Promise<T>) => {
    let value: Promise<T> | undefined;
    return () => {
      value ??= compute();
      return value;
    };
  };
  const features = (items: Int32Array) => seen.features(items);
  const checked = (p: ArrayLike<number>, items: Int32Array) =>
    requireProbabilities(p, { items, classes, name: classifier.name });
  return {
    classes,
    candidates,
    labelled,
    labelledTargets: targets,
    probabilities: once(async () =>
      checked(await classifier.probabilities(model, features(candidates)), candidates),
    ),
    samples: once(async () => {
      const samples = await required(classifier, "samples").call(
        classifier,
        model,
        features(candidates),
        seen.rng.stream("masks"),
      );
      for (let s = 0; s < samples.count; s++) {
        checked(
          slice(samples.data, s * candidates.length * classes, candidates.length * classes),
          candidates,
        );
      }
      return samples;
    }),
    embeddings: once(async () =>
      required(classifier, "embeddings").call(classifier, model, features(candidates)),
    ),
    labelledEmbeddings: once(async () =>
      required(classifier, "embeddings").call(classifier, model, features(labelled)),
    ),
    labelledProbabilities: once(async () =>
      checked(await classifier.probabilities(model, features(labelled)), labelled),
    ),
    async updated(item, label, at) {
      const update = required(classifier, "updated");
      const after = update.call(classifier, model, features(Int32Array.of(item)), label);
      return classifier.probabilities(after, features(at));
    },
    restrictedTo: (fewer) => poolView(seen, fewer),
  };
}

const slice = (data: ArrayLike<number>, from: number, length: number): ArrayLike<number> =>
  ArrayBuffer.isView(data)
    ? (data as Float32Array).subarray(from, from + length)
    : Array.from(data).slice(from, from + length);

function required<A extends Ability>(classifier: Classifier, ability: A): NonNullable<Classifier[A]> {
  const found = classifier[ability];
  if (!found) throw new UsageError(`the classifier ${classifier.name} has no ${ability}`);
  return found as NonNullable<Classifier[A]>;
}

/** @throws UsageError naming the item and the classifier, for what is no probability */
function requireProbabilities(
  p: ArrayLike<number>,
  { items, classes, name }: { items: Int32Array; classes: number; name: string },
): ArrayLike<number> {
  if (p.length !== items.length * classes) {
    throw new UsageError(
      `the classifier ${name} gave ${p.length} probabilities for ${items.length} items of ${classes} classes`,
    );
  }
  for (let n = 0; n < p.length; n++) {
    if (p[n] >= 0 && p[n] <= 1 + 1e-5) continue;
    const [row, k] = [Math.floor(n / classes), n % classes];
    throw new UsageError(
      `the classifier ${name} gave item ${items[row]} the probability ${p[n]} of class ${k}; it must be from 0 to 1`,
    );
  }
  return p;
}
