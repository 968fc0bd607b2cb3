/**
 * @file ALIL [Liu et al. 2018]: a policy that chooses one item for a label imitates an expert that looks ahead: it tries
 * the label of every candidate, and takes the one after which the loss on held-out items is lowest. Sizes are those of
 * [Löffler & Mutschler 2022, §4].
 */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { bestInOrder } from "./iale-imitation.js";
import { type ImitationLearner, imitationLearner, type Teacher } from "./imitation/learner.js";
import { imitationFields } from "./imitation/options.js";
import { labelledSource } from "./shared/labelled-source.js";

const alilSchema = z.strictObject({
  candidates: count()
    .default(10)
    .describe(
      "items that are drawn at random at each step, one of which is labelled; each costs the expert a fit",
    ),
  ...imitationFields({
    features: ["labelledMean", "labelShares", "embedding", "probabilities"],
    episodes: 20,
  }),
});

export type AlilOptions = z.input<typeof alilSchema>;

/** A policy of acquisition, learnt from an expert that tries each candidate. */
export const alil = defineAlgorithm({
  name: "alil",
  summary:
    "a policy that chooses items for labels one by one, by imitating an expert that tries each candidate",
  schema: alilSchema,
  source: { ...labelledSource, evaluate: undefined },
  create: (options): ImitationLearner => imitationLearner("alil", options, lookAhead(options.candidates)),
});

const lookAhead = (candidates: number): Teacher => ({
  sizes: { batch: 1, subPool: candidates, names: { subPool: "candidates" } },
  output: "softmax",
  drawsByItem: true,
  rivals: [],
  async show({ view, judged, rng }) {
    const losses: number[] = [];
    for (const item of view.candidates) losses.push((await judged(Int32Array.of(item))).logLoss);
    const best = bestInOrder(
      losses.map((loss) => -loss),
      rng.stream("ties"),
    );
    return { items: view.candidates.slice(best, best + 1), metrics: { bestLoss: losses[best] } };
  },
});
