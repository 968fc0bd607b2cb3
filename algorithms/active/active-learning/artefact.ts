/** @file The classifier that active learning makes, as an artefact. */

import type { Classifier, Model } from "../../../src/active/index.js";
import { widthOf } from "../../../src/datasets/labelled.js";
import { FormatError, UsageError } from "../../../src/errors.js";
import type { Artefact } from "../../../src/learning/contract.js";
import type { ArtefactData } from "../../../src/policies/contract.js";
import { classifierOf, type MakesClassifier } from "../classifiers/option.js";
import { type Standard, scaled } from "./standard.js";

/** A classifier, and the labels that it learnt from. */
export interface ActiveClassifier extends Artefact {
  readonly classes: readonly string[];
  /** The shape of an item. */
  readonly shape: readonly number[];
  /** The probabilities of the classes, `[n, K]`, of features `[n, width]`. */
  predict(features: Float32Array): Promise<Float32Array>;
  /** The items that were asked about and answered, in the order of the questions, and their labels. */
  readonly items: Int32Array;
  readonly labels: Int32Array;
  /** The items of the test. */
  readonly test: Int32Array;
}

export interface ActiveParts
  extends Pick<ActiveClassifier, "classes" | "shape" | "items" | "labels" | "test"> {
  classifier: Classifier;
  /** The resolved option of the classifier. */
  option: Record<string, unknown>;
  /** Whether it had to have samples. */
  needsSamples: boolean;
  /** Unset while there are no labels: all classes are then as probable. */
  model?: Model;
  standard?: Standard;
}

export function activeClassifier(parts: ActiveParts): ActiveClassifier {
  const { classes, shape, items, labels, test, classifier, model, standard, option, needsSamples } = parts;
  const width = widthOf(shape);
  const list = (data: Float32Array | Float64Array | Int32Array) => ({ shape: [data.length], data });
  return {
    ...{ classes, shape, items, labels, test },
    async predict(features) {
      if (features.length % width !== 0) {
        throw new UsageError(
          `the classifier takes items of the shape [${shape.join(", ")}], and ${features.length} features are no whole number`,
        );
      }
      if (!model)
        return new Float32Array((features.length / width) * classes.length).fill(1 / classes.length);
      return classifier.probabilities(model, scaled(features.slice(), standard));
    },
    toData: (): ArtefactData => ({
      kind: "active-classifier",
      settings: { classes, shape, classifier: option, needsSamples },
      arrays: {
        items: list(items),
        labels: list(labels),
        test: list(test),
        ...(standard && { "standard.mean": list(standard.mean), "standard.scale": list(standard.scale) }),
        ...Object.fromEntries(
          Object.entries(model ?? {}).map(([name, data]) => [`model.${name}`, list(data)]),
        ),
      },
    }),
  };
}

/**
 * The classifier in an artefact, as `loadArtefact` reads it from a run folder.
 *
 * @param make what made the classifier, if the option was a function
 * @throws UsageError for another artefact, and for a classifier of a function that is not given; FormatError for arrays
 * that are missing
 */
export function restoreActiveClassifier(
  { kind, settings, arrays }: ArtefactData,
  make?: MakesClassifier,
): ActiveClassifier {
  if (kind !== "active-classifier") {
    throw new UsageError(`the artefact is of the kind ${kind}, not a classifier of active learning`);
  }
  const {
    classes,
    shape,
    classifier: option,
    needsSamples,
  } = settings as {
    classes: string[];
    shape: number[];
    classifier: Record<string, unknown>;
    needsSamples: boolean;
  };
  if ("given" in option && !make) {
    throw new UsageError(
      `the classifier was made by the function ${option.given}: give it again to restore its model`,
    );
  }
  const data = { shape, classes: classes.length };
  const array = (name: string) => {
    if (!arrays[name]) throw new FormatError(`the classifier has no array "${name}"`);
    return arrays[name].data;
  };
  const model = Object.fromEntries(
    Object.keys(arrays)
      .filter((name) => name.startsWith("model."))
      .map((name) => [name.slice("model.".length), arrays[name].data as Float32Array]),
  );
  return activeClassifier({
    ...{ classes, shape, option, needsSamples },
    classifier: make?.(data) ?? classifierOf("restoreActiveClassifier", option as never, data, needsSamples),
    items: array("items") as Int32Array,
    labels: array("labels") as Int32Array,
    test: array("test") as Int32Array,
    ...(Object.keys(model).length > 0 && { model }),
    ...(arrays["standard.mean"] && {
      standard: {
        mean: array("standard.mean") as Float32Array,
        scale: array("standard.scale") as Float32Array,
      },
    }),
  });
}
