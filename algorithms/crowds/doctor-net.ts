/**
 * @file Doctor Net [Guan et al. 2018]: a head for each annotator on shared layers, each learning to answer as they do, and
 * weights by which the heads are averaged.
 */

import * as z from "zod";
import { defineAlgorithm } from "../../src/learning/define.js";
import type * as nn from "../../src/nn/index.js";
import * as t from "../../src/tensor/index.js";
import { doctorNetwork } from "./doctor-net/network.js";
import {
  type Crowd,
  type CrowdLearner,
  type CrowdMethod,
  chosen,
  crowdLearner,
  itemsSource,
  meanOver,
} from "./shared/learner.js";
import { classifierOptions } from "./shared/options.js";

const doctorNetSchema = z.strictObject(classifierOptions);

export type DoctorNetOptions = z.input<typeof doctorNetSchema>;

/** A network that models each annotator, and averages their models by weights. */
export const doctorNet = defineAlgorithm({
  name: "doctorNet",
  summary: "a head for each annotator on shared layers, and the weights of their mean",
  schema: doctorNetSchema,
  needs: [["annotations"]],
  source: itemsSource,
  create: (options): CrowdLearner =>
    crowdLearner("doctorNet", options, (crowd) => doctorNetMethod(crowd, options)),
});

/**
 * The loss of a label by l is −log softmax(head_l)_y, and that of the weights −log of the weighted mean of the heads of
 * all others, which the weights alone descend. Guan et al. train the weights after the heads; as neither loss moves the
 * parameters of the other, they are trained at the same time here.
 */
export function doctorNetMethod(
  { annotations: { annotators, classes }, width }: Crowd,
  { hidden, dropout }: Pick<z.output<typeof doctorNetSchema>, "hidden" | "dropout">,
): CrowdMethod {
  const network = doctorNetwork({ inputs: width, hidden, outputs: classes, dropout, annotators });
  return {
    examples: "labels",
    network,
    loss({ classifier }, examples) {
      const { x, uniforms, annotator, label } = examples;
      const tree = classifier as nn.TensorTree;
      const heads = network.heads(tree, x, uniforms);
      const own = chosen(network.ownLog(heads, annotator), label);
      const others = chosen(network.meanLog(tree, t.stopGradient(heads), annotator), label);
      const [headLoss, averagingLoss] = [own, others].map((logs) => t.neg(meanOver(logs, examples)));
      return { loss: t.add(headLoss, averagingLoss), reported: { headLoss, averagingLoss } };
    },
    answers: ({ classifier }, { x, annotator }) =>
      network.ownLog(network.heads(classifier as nn.TensorTree, x), annotator),
  };
}
