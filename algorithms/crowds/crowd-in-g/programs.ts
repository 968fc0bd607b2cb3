/** @file The tensor programs of CrowdInG: the gradient steps of its networks, and what a round evaluates. */

import type { GroupOptions } from "../../../src/learning/gradient-step.js";
import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import type * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import type { ClassifierNetwork } from "../shared/classifier.js";
import { chosen } from "../shared/learner.js";
import type { Generator, Judge } from "./networks.js";

/** Gradient steps in a run. */
export const CHUNK = 16;

interface Parts {
  classifier: { network: ClassifierNetwork; layout: nn.Layout };
  generator: Generator;
  judge: Judge;
  items: number;
  width: number;
  classes: number;
  noise: number;
  minibatchSize: number;
  learningRate: number;
  l2: number;
  clip: number;
  sparsity: number;
}

export function crowdInGPrograms(parts: Parts) {
  const { classifier, generator, judge, items, width, classes, noise, minibatchSize: B } = parts;
  const network = (layout: nn.Layout): GroupOptions => ({
    layout,
    learningRate: parts.learningRate,
    decay: parts.l2,
  });
  const pair = { item: t.int32([B]), annotator: t.int32([B]), label: t.int32([B]) };
  const inputs = t.float32([items, width]);
  const run = { steps: CHUNK, variable: true };
  const pairOf = (shared: Record<string, Tensor>, { item, annotator }: Record<string, Tensor>) => ({
    x: t.gather(shared.inputs, item),
    annotator,
  });
  /** mean (δ − μ) min(G(y) / G₀(y), clip) [Chu & Wang 2021, eq. 8]: `advantage` is δ − μ, `chance` is G₀(y). */
  const counterfactual = (answers: Tensor, { label, chance, advantage }: Record<string, Tensor>) => {
    const ratio = t.div(t.exp(chosen(answers, label)), chance);
    return t.mean(t.mul(advantage, t.minimum(ratio, parts.clip)));
  };
  const logged = { ...pair, noise: t.float32([B, noise]), chance: t.float32([B]), advantage: t.float32([B]) };

  const learnGenerator: Trainer = trainer({
    ...network(generator.layout),
    ...run,
    shared: { inputs },
    minibatch: { ...logged, z: t.float32([B, classes]) },
    loss({ parameters, minibatch, shared }) {
      const answers = generator.answers(parameters, pairOf(shared, minibatch), minibatch.z, minibatch.noise);
      const loss = counterfactual(answers, minibatch);
      return { loss, reported: { loss } };
    },
  });
  const imitateAnswers: Trainer = trainer({
    ...network(generator.layout),
    ...run,
    shared: { inputs },
    minibatch: { ...pair, noise: t.float32([B, noise]), z: t.float32([B, classes]) },
    loss({ parameters, minibatch, shared }) {
      const answers = generator.answers(parameters, pairOf(shared, minibatch), minibatch.z, minibatch.noise);
      return { loss: t.neg(t.mean(chosen(answers, minibatch.label))) };
    },
  });
  const learnClassifier: Trainer = trainer({
    ...network(classifier.layout),
    ...run,
    shared: { inputs, generator: t.float32([generator.layout.size]) },
    minibatch: logged,
    loss({ parameters, minibatch, shared }) {
      const { x, annotator } = pairOf(shared, minibatch);
      const z = t.softmax(classifier.network.logits(parameters as nn.TensorTree, x));
      const tree = generator.layout.unflatten(shared.generator) as nn.TensorTree;
      const loss = counterfactual(generator.answers(tree, { x, annotator }, z, minibatch.noise), minibatch);
      return { loss, reported: { loss } };
    },
  });
  const learnJudge: Trainer = trainer({
    ...network(judge.layout),
    ...run,
    shared: { inputs },
    minibatch: { ...pair, z: t.float32([B, classes]), authentic: t.float32([B]) },
    loss({ parameters, minibatch, shared }) {
      const { label, z, authentic } = minibatch;
      const own = pairOf(shared, minibatch);
      const score = chosen(judge.scores(parameters, own), label);
      const signed = t.mul(score, t.sub(t.mul(authentic, 2), 1));
      const told = t.mean(t.softplus(t.neg(signed)));
      const predicted = t.sum(t.mul(z, judge.predictions(parameters, own, label)), -1);
      const generated = t.sub(1, authentic);
      const information = t.div(t.sum(t.mul(predicted, generated)), t.maximum(t.sum(generated), 1));
      const sparse = t.mul(t.mean(t.square(t.sigmoid(score))), parts.sparsity);
      const right = t.mean(t.cast(t.greater(signed, 0), "float32"));
      return { loss: t.add(t.sub(told, information), sparse), reported: { told, right } };
    },
  });

  const many = { x: t.float32(["pairs", width]), annotator: t.int32(["pairs"]) };
  /** log G of any number of pairs. */
  const generate = t.program(
    {
      ...many,
      parameters: t.float32([generator.layout.size]),
      z: t.float32(["pairs", classes]),
      noise: t.float32(["pairs", noise]),
    },
    ({ parameters, x, annotator, z, noise: epsilon }) => ({
      answers: generator.answers(
        generator.layout.unflatten(parameters) as nn.TensorTree,
        { x, annotator },
        z,
        epsilon,
      ),
    }),
  );
  /** log (1 − D) and Σ_c z_c log Q(c | answer) of any number of answers. */
  const assess = t.program(
    {
      ...many,
      parameters: t.float32([judge.layout.size]),
      label: t.int32(["pairs"]),
      z: t.float32(["pairs", classes]),
    },
    ({ parameters, x, annotator, label, z }) => {
      const tree = judge.layout.unflatten(parameters) as nn.TensorTree;
      const score = chosen(judge.scores(tree, { x, annotator }), label);
      const information = t.sum(t.mul(z, judge.predictions(tree, { x, annotator }, label)), -1);
      return { deceit: t.neg(t.softplus(score)), information };
    },
  );
  return { learnGenerator, imitateAnswers, learnClassifier, learnJudge, generate, assess };
}

export type CrowdInGPrograms = ReturnType<typeof crowdInGPrograms>;
