/** @file The gradient steps of fine-tuning: minibatches of pairs of segments, under any of the losses. */

import type { Metrics } from "../../../src/learning/contract.js";
import { type Trainer, type TrainState, trainer } from "../../../src/learning/trainer.js";
import { actionInput } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { createPass, nextIndex, type Pass } from "../../../src/rollout/epochs.js";
import { isIntegral, spaceWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { margin, type PairLoss, type Side } from "./losses.js";
import type { Pair, SegmentArrays } from "./rows.js";
import type { Student } from "./student.js";

export interface TunerOptions {
  /** Pairs of a gradient step, P. */
  minibatchSize: number;
  learningRate: number;
  l2: number;
  /** Steps of the longest segment, L. */
  length: number;
}

/** What checkpoints keep. */
export interface TunerState extends TrainState, Pass {}

/** Gradient steps in one run of the program. */
const CHUNK = 16;

export function tunerOf(student: Student, options: TunerOptions, pairLoss: PairLoss): Trainer {
  const { network } = student;
  const { observationSpace, actionSpace } = network.settings;
  const { minibatchSize: pairs, length } = options;
  const actionShape = actionInput(actionSpace, 2 * pairs * length).shape;
  const actions = (isIntegral(actionSpace) ? t.int32 : t.float32)([
    "segments",
    length * spaceWidth(actionSpace),
  ]);
  return trainer({
    layout: network.layout,
    learningRate: options.learningRate,
    decay: options.l2,
    steps: CHUNK,
    variable: true,
    shared: {
      observations: t.float32(["segments", length * spaceWidth(observationSpace)]),
      actions,
      discounts: t.float32(["segments", length]),
      references: t.float32(["segments"]),
    },
    minibatch: {
      // The first segments, and then the second ones.
      segments: t.int32([2 * pairs]),
      targets: t.float32([pairs]),
      weights: t.float32([pairs]),
    },
    loss({ parameters, shared, minibatch: { segments, targets, weights } }) {
      const rows = (x: Tensor, shape: readonly t.InputSpec["shape"][number][]) =>
        t.reshape(t.gather(x, segments), shape as number[]);
      const width = spaceWidth(observationSpace);
      const pi = network.distribution(parameters, rows(shared.observations, [2 * pairs * length, width]));
      const logProbs = t.reshape(pi.logProb(rows(shared.actions, actionShape)), [2 * pairs, length]);
      const discounts = rows(shared.discounts, [2 * pairs, length]);
      const inside = t.cast(t.greater(discounts, 0), "float32");
      const sums = t.sum(t.mul(logProbs, discounts), -1);
      const means = t.div(t.sum(t.mul(logProbs, inside), -1), t.sum(inside, -1));
      const [first, second] = sides(pairs, sums, means, rows(shared.references, [2 * pairs]));
      const loss = t.mean(t.mul(weights, pairLoss(first, second, targets)));
      // Pairs of which neither is better have no winner.
      const decided = t.mul(weights, t.abs(t.sub(t.mul(targets, 2), 1)));
      const share = t.maximum(t.mean(decided), 1e-6);
      const mean = (x: Tensor) => t.div(t.mean(t.mul(decided, x)), share);
      const ahead = margin(first, second);
      const reported = {
        loss,
        chosen: mean(first.sum),
        rejected: mean(second.sum),
        margin: mean(ahead),
        accuracy: mean(t.cast(t.greater(ahead, 0), "float32")),
      };
      return { loss, reported };
    },
  });
}

function sides(pairs: number, ...columns: [sums: Tensor, means: Tensor, references: Tensor]): Side[] {
  const [sums, means, references] = columns.map((x) => t.split(x, [pairs, pairs], 0));
  return [0, 1].map((k) => ({ sum: sums[k], mean: means[k], reference: references[k] }));
}

/** The state before the first step: the student's parameters, or new ones. */
export function createTunerState(tuner: Trainer, student: Student, rng: Rng): TunerState {
  const fresh = tuner.initialise(rng.stream("parameters"));
  const { parameters = fresh.parameters } = student;
  return { ...fresh, parameters: parameters.slice(), ...createPass(rng.stream("minibatches")) };
}

/** Takes `updates` gradient steps on minibatches of the pairs. A minibatch may cross the boundary of two passes. */
export async function tune(
  tuner: Trainer,
  state: TunerState,
  arrays: SegmentArrays,
  pairs: readonly Pair[],
  { minibatchSize, updates }: { minibatchSize: number; updates: number },
): Promise<Metrics> {
  const segments = new Int32Array(CHUNK * 2 * minibatchSize);
  const targets = new Float32Array(CHUNK * minibatchSize);
  const weights = new Float32Array(CHUNK * minibatchSize);
  const totals: Metrics = {};
  for (let done = 0; done < updates; done += CHUNK) {
    const active = Math.min(CHUNK, updates - done);
    for (let k = 0; k < active * minibatchSize; k++) {
      const [step, row] = [Math.floor(k / minibatchSize), k % minibatchSize];
      const { first, second, target, weight } = pairs[nextIndex(state, pairs.length)];
      segments[2 * step * minibatchSize + row] = first;
      segments[(2 * step + 1) * minibatchSize + row] = second;
      targets[k] = target;
      weights[k] = weight;
    }
    const { means } = await tuner.run(state, { ...arrays, segments, targets, weights }, active);
    for (const [name, x] of Object.entries(means)) totals[name] = (totals[name] ?? 0) + x * active;
  }
  return Object.fromEntries(Object.entries(totals).map(([name, x]) => [name, x / updates]));
}
