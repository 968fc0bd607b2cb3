/**
 * @file Learnt acquisitions and their controls: what is learnt on which data, and what it is compared with on others. All
 * of it was fixed before the first run, and so was the rule: a difference is shown if the 95 % bootstrap interval of the
 * paired difference in the mean of the curve does not hold 0.
 */

import type { ActiveLearningOptions } from "../../algorithms/active/active-learning.js";
import type { AlilOptions } from "../../algorithms/active/alil.js";
import type { IaleImitationOptions } from "../../algorithms/active/iale-imitation.js";
import { itemsIn, type LabelledSet } from "../../src/datasets/labelled.js";
import { createRng } from "../../src/random/rng.js";
import { digitsFrom } from "./digits.js";
import { firstOf, rowsOf, upscaled } from "./images.js";

const mlp = { name: "mlp", hidden: [128], dropout: 0.5, fitSteps: 100 };

export interface Sizes {
  iale: IaleImitationOptions;
  alil: AlilOptions;
  /** Of active learning with what was learnt. */
  options: ActiveLearningOptions & { classifier: typeof mlp };
}

const quick: Sizes = {
  iale: { episodes: 10, budget: 200, classifier: mlp },
  alil: { episodes: 2, budget: 80, classifier: mlp },
  options: { initial: 20, batch: 10, budget: 200, test: 299, classifier: mlp },
};

const small: Sizes = {
  iale: { episodes: 20, budget: 300, classifier: mlp },
  alil: { episodes: 3, budget: 80, classifier: mlp },
  options: { initial: 20, batch: 10, budget: 300, test: 1000, classifier: mlp },
};

interface Paths {
  digits: string;
  fashion: string;
  mnist?: string;
}

export interface ImitationPart {
  sizes: Sizes;
  /** The acquisitions that are compared, in this order. */
  names: readonly string[];
  /** The part whose policies it uses; by default its own. */
  policies?: string;
  /** The data to learn an acquisition on, and those to use it on; undefined with a message where they are missing. */
  data(paths: Paths): Promise<{ source: LabelledSet; target: LabelledSet } | undefined>;
}

const learnt = ["iale", "iale, not trained", "iale, random features", "alil"];
const rules = ["random", "margin", "margin@100", "entropy", "core-set", "core-set@100", "bald"];
const experts = ["mc-dropout@100", "ensemble", "ensemble@100"];
const allRules = [
  ...[
    "random",
    "margin",
    "margin@100",
    "entropy",
    "entropy@100",
    "core-set",
    "core-set@100",
    "badge",
    "badge@100",
  ],
  ...["bald", "bald@100", "batch-bald@100", "mc-dropout", "mc-dropout@100", "ensemble", "ensemble@100"],
];

/** One half of the digits to learn on, the other to use what was learnt on. */
async function halves({ digits: path }: Paths) {
  const digits = await digitsFrom(path);
  const order = createRng("halves of the digits").shuffle(
    Int32Array.from({ length: itemsIn(digits) }, (_, i) => i),
  );
  return {
    source: rowsOf(digits, order.slice(0, 898).sort()),
    target: rowsOf(digits, order.slice(898).sort()),
  };
}

const clothes = (path: string, count: number) =>
  firstOf(path, count, { name: "Fashion-MNIST", flag: "--fashion" });
const numbers = (path: string | undefined, count: number) =>
  firstOf(path, count, { name: "MNIST", flag: "--mnist" });

/** Two sets, unless one is missing. */
async function bothOf(
  ...sets: [source: Promise<LabelledSet | undefined>, target: Promise<LabelledSet | undefined>]
) {
  const [source, target] = await Promise.all(sets);
  return source && target && { source, target };
}

/** Items to learn on, and to use what was learnt on: 1000 for the test and the pool. */
const [SOURCE, TARGET] = [10_000, 4000];

export const imitationParts: Readonly<Record<string, ImitationPart>> = {
  learnt: { sizes: quick, names: [...rules, ...experts, ...learnt], data: halves },
  transfer: {
    sizes: {
      ...quick,
      iale: { ...quick.iale, judge: 100 },
      options: { ...quick.options, test: 600 },
    },
    names: [...rules, ...experts, ...learnt.filter((name) => name !== "alil")],
    async data({ digits, fashion }) {
      const source = await clothes(fashion, SOURCE);
      return source && { source, target: upscaled(await digitsFrom(digits)) };
    },
  },
  "mnist-to-fashion": {
    sizes: small,
    names: [...allRules, ...learnt],
    data: ({ fashion, mnist }) => bothOf(numbers(mnist, SOURCE), clothes(fashion, TARGET)),
  },
  "fashion-to-mnist": {
    sizes: small,
    names: [...allRules, ...learnt],
    data: ({ fashion, mnist }) => bothOf(clothes(fashion, SOURCE), numbers(mnist, TARGET)),
  },
  ablations: {
    sizes: quick,
    names: [
      ...["random", "margin@100", "iale"],
      ...["iale, coin once an episode", "iale, exponential coin", "iale, judged by 300"],
      ...[
        "iale, random expert",
        "iale, core-set expert",
        "iale, pool mean",
        "iale, pool mean and core-set expert",
      ],
      ...["iale, among 10", "iale, among 50", "iale, among 300"],
    ],
    data: halves,
  },
  ...Object.fromEntries(
    [20, 40].map((batch) => [
      `batch-${batch}`,
      {
        sizes: { ...quick, options: { ...quick.options, batch } },
        names: ["random", "margin@100", "core-set@100", "iale"],
        policies: "ablations",
        data: halves,
      },
    ]),
  ),
};
