/**
 * @file Learnt acquisitions and their controls: what is learnt on which data, and what it is compared with on others. All
 * of it was fixed before the first run, and so was the rule: a difference is shown if the 95 % bootstrap interval of the
 * paired difference in the mean of the curve does not hold 0.
 */

import { existsSync } from "node:fs";
import type { ActiveLearningOptions } from "../../algorithms/active/active-learning.js";
import { type AlilOptions, alil } from "../../algorithms/active/alil.js";
import { committee } from "../../algorithms/active/classifiers/committee.js";
import { classifierOf, type MakesClassifier } from "../../algorithms/active/classifiers/option.js";
import { type IaleImitationOptions, ialeImitation } from "../../algorithms/active/iale-imitation.js";
import type { ImitationLearner } from "../../algorithms/active/imitation/learner.js";
import type { Acquisition, Classifier, Embeddings, Model } from "../../src/active/index.js";
import { readLabelled } from "../../src/datasets/labelled/read.js";
import { itemsIn, type LabelledSet, widthOf, withClasses } from "../../src/datasets/labelled.js";
import { createRng } from "../../src/random/rng.js";
import { train } from "../../src/runs/train.js";
import { crc32c } from "../../src/state/crc32c.js";
import { digitsFrom } from "./digits.js";

const mlp = { name: "mlp", hidden: [128], dropout: 0.5, fitSteps: 100 };

export interface Sizes {
  iale: IaleImitationOptions;
  alil: AlilOptions;
  /** Of active learning with what was learnt. */
  options: ActiveLearningOptions;
}

const quick: Sizes = {
  iale: { episodes: 10, budget: 200, classifier: mlp },
  alil: { episodes: 2, budget: 80, classifier: mlp },
  options: { initial: 20, batch: 10, budget: 200, test: 299, classifier: mlp },
};

export interface ImitationPart {
  sizes: Sizes;
  /** The acquisitions that are compared, in this order. */
  names: readonly string[];
  /** The data to learn an acquisition on, and those to use it on; undefined with a message where they are missing. */
  data(paths: {
    digits: string;
    fashion: string;
  }): Promise<{ source: LabelledSet; target: LabelledSet } | undefined>;
}

const learnt = ["iale", "iale, not trained", "iale, random features", "alil"];
const rules = ["random", "margin", "margin@100", "entropy", "core-set", "core-set@100", "bald"];
const experts = ["mc-dropout@100", "ensemble", "ensemble@100"];

export const imitationParts: Readonly<Record<string, ImitationPart>> = {
  learnt: {
    sizes: quick,
    names: [...rules, ...experts, ...learnt],
    async data({ digits: path }) {
      const digits = await digitsFrom(path);
      const order = createRng("halves of the digits").shuffle(
        Int32Array.from({ length: itemsIn(digits) }, (_, i) => i),
      );
      return {
        source: rowsOf(digits, order.slice(0, 898).sort()),
        target: rowsOf(digits, order.slice(898).sort()),
      };
    },
  },
  transfer: {
    sizes: {
      ...quick,
      iale: { ...quick.iale, judge: 100 },
      options: { ...quick.options, test: 600 },
    },
    names: [...rules, ...experts, ...learnt.filter((name) => name !== "alil")],
    async data({ digits, fashion }) {
      if (!existsSync(fashion)) {
        console.log(
          `transfer: left out, because there is no Fashion-MNIST in ${fashion}; give it with --fashion DIR`,
        );
        return undefined;
      }
      const clothes = withClasses(await readLabelled(fashion));
      const first = Int32Array.from({ length: 10_000 }, (_, i) => i);
      return { source: rowsOf(clothes, first), target: upscaled(await digitsFrom(digits)) };
    },
  },
};

/** Some items of a set, with nothing set apart. */
function rowsOf(set: LabelledSet, rows: Int32Array): LabelledSet {
  const width = widthOf(set.shape);
  const features = new Float32Array(rows.length * width);
  for (const [n, i] of rows.entries())
    features.set(set.features.subarray(i * width, (i + 1) * width), n * width);
  return { features, shape: set.shape, classes: set.classes, labels: rows.map((i) => set.labels![i]) };
}

/** Images of 8 × 8 pixels as 28 × 28 ones, bilinear, with the range 0 to 255 of Fashion-MNIST. */
function upscaled(set: LabelledSet): LabelledSet {
  const [items, side] = [itemsIn(set), 28];
  const features = new Float32Array(items * side * side);
  const places = Array.from({ length: side }, (_, n) =>
    Math.min(6.999, Math.max(0, ((n + 0.5) * 8) / side - 0.5)),
  );
  for (let i = 0; i < items; i++) {
    for (const [r, y] of places.entries()) {
      for (const [c, x] of places.entries()) {
        const [top, left] = [Math.floor(y), Math.floor(x)];
        const at = (dy: number, dx: number) => set.features[i * 64 + (top + dy) * 8 + left + dx];
        const [fy, fx] = [y - top, x - left];
        const above = (1 - fx) * at(0, 0) + fx * at(0, 1);
        const below = (1 - fx) * at(1, 0) + fx * at(1, 1);
        features[(i * side + r) * side + c] = 255 * ((1 - fy) * above + fy * below);
      }
    }
  }
  return { ...set, features, shape: [1, side, side] };
}

/** A classifier whose embeddings are random numbers, which depend on the item and the model alone. */
const withNoise: MakesClassifier = (data) => {
  const one = classifierOf("experiment", mlp, data, false);
  const width = widthOf(data.shape);
  return {
    ...one,
    name: "mlp with random embeddings",
    async embeddings(model: Model, features: Float32Array): Promise<Embeddings> {
      const e = one.embeddingWidth!;
      const out = new Float32Array((features.length / width) * e);
      for (let i = 0; i < features.length / width; i++) {
        const row = new Uint8Array(features.slice(i * width, (i + 1) * width).buffer);
        createRng(`${crc32c(row)} ${model.parameters[0]}`).fillNormal(out.subarray(i * e, (i + 1) * e));
      }
      return { width: e, data: out };
    },
  };
};

/** A committee that only chooses: the accuracy is that of its first member, as of the other acquisitions. */
const choosingCommittee: MakesClassifier = (data) => {
  const one = classifierOf("experiment", mlp, data, false);
  const first = (model: Model): Model =>
    Object.fromEntries(
      Object.entries(model)
        .filter(([name]) => name.startsWith("member0."))
        .map(([name, array]) => [name.slice("member0.".length), array]),
    );
  const all = committee(one, { members: 5, bootstrap: false });
  const probabilities: Classifier["probabilities"] = (model, features) =>
    one.probabilities(first(model), features);
  return { ...all, probabilities };
};

/**
 * The acquisition with this name, and options that go with it. All seeds use one policy of each kind, as in the paper; it
 * is learnt in a run folder, so that what was learnt stays, and a run that was stopped goes on.
 */
export async function ruleOf(
  name: string,
  { sizes, source, folder }: { sizes: Sizes; source: LabelledSet; folder: string },
): Promise<{
  acquisition: NonNullable<ActiveLearningOptions["acquisition"]>;
  options: ActiveLearningOptions;
}> {
  const { options } = sizes;
  const policyOf = async (learner: ImitationLearner, what: string): Promise<Acquisition> => {
    const path = `${folder}/${what}-0`;
    const settings = { data: source, seed: 0, folder: path, resume: existsSync(`${path}/config.json`) };
    return train(learner, { ...settings, progress: process.stderr });
  };
  const variation = { name: "query-by-committee", disagreement: "variation" };
  const noisy = {
    ...sizes.iale,
    // What is random does not get better with more of it.
    episodes: 3,
    classifier: withNoise,
    features: ["labelledMean" as const, "embedding" as const],
  };
  switch (name) {
    case "mc-dropout@100":
      return { acquisition: { ...variation, subPool: 100 }, options };
    case "ensemble":
      return { acquisition: variation, options: { ...options, classifier: choosingCommittee } };
    case "ensemble@100":
      return {
        acquisition: { ...variation, subPool: 100 },
        options: { ...options, classifier: choosingCommittee },
      };
    case "iale":
      return { acquisition: await policyOf(ialeImitation(sizes.iale), "iale"), options };
    case "iale, not trained": {
      const learner = ialeImitation(sizes.iale);
      return { acquisition: learner.artefact(await learner.init(source, createRng(0))), options };
    }
    case "iale, random features":
      return {
        acquisition: await policyOf(ialeImitation(noisy), "iale-noise"),
        options: { ...options, classifier: withNoise },
      };
    case "alil":
      return { acquisition: await policyOf(alil(sizes.alil), "alil"), options };
    default:
      return { acquisition: name, options };
  }
}
