/**
 * @file IALE [Löffler & Mutschler 2022]: a policy that chooses items for labels imitates, at each step of active learning,
 * the acquisition whose batch helps most. States are eq. 2 there, and the loss is eq. 3 with its sign set right.
 *
 * Where paper and published code differ, this follows the paper: 100 items judge, a coin is thrown at each step, and every
 * fit starts from fresh weights.
 */

import * as z from "zod";
import { type Acquisition, committeeScores, queryByCommittee, scored } from "../../src/active/index.js";
import { count } from "../../src/config/options.js";
import { didYouMean, UsageError } from "../../src/errors.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import { concatenated } from "../../src/state/concatenated.js";
import { committee } from "./classifiers/committee.js";
import { type ImitationLearner, imitationLearner, type Scene, type Teacher } from "./imitation/learner.js";
import { imitationFields } from "./imitation/options.js";
import { acquisitionNames, acquisitionOf, requireAbilities } from "./shared/acquisition-option.js";
import { labelledSource } from "./shared/labelled-source.js";

const OWN = ["mc-dropout", "ensemble"] as const;

const ialeSchema = z.strictObject({
  experts: z
    .array(z.string())
    .min(1)
    .default([...OWN])
    .describe(
      "acquisitions of which the best is imitated: mc-dropout and ensemble by their variation ratio, or any of activeLearning",
    ),
  members: count().min(2).default(5).describe("models of the expert ensemble"),
  batch: count().default(10).describe("items that are labelled in a step"),
  subPool: count()
    .default(100)
    .describe("candidates that are drawn at random at each step, for experts and policy"),
  ...imitationFields({
    features: ["labelledMean", "labelShares", "predictedShares", "embedding", "prediction"],
    episodes: 100,
  }),
});

export type IaleImitationOptions = z.input<typeof ialeSchema>;

/** A policy of acquisition, learnt from the best of several acquisitions. */
export const ialeImitation = defineAlgorithm({
  name: "ialeImitation",
  summary:
    "a policy that chooses items for labels, by imitating the best of several acquisitions at each step",
  schema: ialeSchema,
  source: { ...labelledSource, evaluate: undefined },
  create: (options): ImitationLearner =>
    imitationLearner("ialeImitation", options, bestOf("ialeImitation", options)),
});

type Expert = Pick<Acquisition, "name" | "needs"> & { select(scene: Scene, rng: Rng): Promise<Int32Array> };

/** Teaches what the best of several experts chooses, by the accuracy after its choice is labelled: lines 8 to 13. */
function bestOf(
  what: string,
  { experts: names, members, batch, subPool }: z.output<typeof ialeSchema>,
): Teacher {
  const experts = names.map((name) => expertNamed(what, name, members));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${what}: the expert "${twice}" is there twice`);
  return {
    sizes: { batch, subPool, names: { batch: "batch", subPool: "subPool" } },
    output: "sigmoid",
    drawsByItem: false,
    rivals: names,
    check(classifier, classes) {
      for (const expert of experts) requireAbilities(what, expert, classifier, classes);
    },
    async show(scene) {
      const choices: Int32Array[] = [];
      for (const [i, expert] of experts.entries()) {
        // In the order of their numbers: the same items give the same fit, whoever chose them.
        choices.push((await expert.select(scene, scene.rng.stream(names[i]))).sort());
      }
      const accuracies: number[] = [];
      for (const [i, items] of choices.entries()) {
        const same = choices.findIndex((other) => other.join() === items.join());
        accuracies.push(same < i ? accuracies[same] : (await scene.judged(items)).accuracy);
      }
      const best = bestInOrder(accuracies, scene.rng.stream("ties"));
      return { items: choices[best], best, metrics: { best, bestAccuracy: accuracies[best] } };
    },
  };
}

/** The place of the largest value; of equal ones, the first in an order that chance gives. */
export function bestInOrder(values: readonly number[], rng: Rng): number {
  const order = rng.shuffle(values.map((_, i) => i));
  return order.reduce((best, i) => (values[i] > values[best] ? i : best), order[0]);
}

/** @throws UsageError for a name that is none */
function expertNamed(what: string, name: string, members: number): Expert {
  if (name === "ensemble") return ensemble(members);
  const known = [...OWN, ...acquisitionNames];
  if (name !== "mc-dropout" && !known.includes(name.replace(/@\d+$/, ""))) {
    throw new UsageError(`${what}: unknown expert "${name}"${didYouMean(name, known)}`);
  }
  // Predictions under dropout masks vote [eq. 4 and 5].
  const acquisition = name === "mc-dropout" ? queryByCommittee("variation") : acquisitionOf(what, name);
  return {
    name,
    needs: acquisition.needs,
    select: ({ view, size }, rng) => acquisition.select(view, size, rng),
  };
}

/** Models from other weights vote [eq. 5]; the model of the step is one of them. */
const ensemble = (members: number): Expert => ({
  name: "ensemble",
  needs: [],
  async select({ view, classifier, examples, inputs, size }, rng) {
    const others = committee(classifier, { members: members - 1, bootstrap: false });
    const model = await others.fit(examples, rng.stream("fit"));
    const { data } = await others.samples!(model, inputs(view.candidates), rng);
    const all = concatenated(Float32Array, [
      Float32Array.from(await view.probabilities()),
      Float32Array.from(data),
    ]);
    const votes = scored("ensemble", [], async () =>
      committeeScores({ count: members, data: all }, view.classes, "variation"),
    );
    return votes.select(view, size, rng);
  },
});
