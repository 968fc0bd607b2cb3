/** @file The training of encoder and decoder by an evidence bound: its inputs, and all gradient steps as one program. */

import type { FeedbackLayout } from "../../../src/env/wrappers/feedback-view.js";
import type { Metrics } from "../../../src/learning/contract.js";
import { type StepResult, type Trainer, type TrainState, trainer } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { BeliefEncoder } from "../../../src/policies/belief/encoder.js";
import type { Rng } from "../../../src/random/rng.js";
import type { TrialShape } from "../../../src/rollout/trials.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { type DecodedTransition, type Decoder, taskDecoder } from "./decoder.js";
import type { BeliefOptions } from "./options.js";
import { sampleTrials, type TrialBuffer } from "./trial-buffer.js";

/** The inputs of a bound: the networks, a batch of B trials of at most T transitions, and the drawn time steps. */
export interface BoundInputs {
  encoder: BeliefEncoder;
  decoder: Decoder;
  /** Parameters by network: `encoder`, `decoder`, and those of the algorithm. `targets`: of the target network. */
  p: nn.TensorTree;
  targets?: nn.TensorTree;
  /** `[T + 1, B, m]`: the encoder's memories. */
  memories: Tensor;
  /** `[D, B, ·]`: the transitions to decode. */
  decoded: DecodedTransition;
  /** Takes the E drawn time steps of each trial of `[T + 1, B, …]`. */
  atTerms(x: Tensor): Tensor;
  trialWeights: TrialWeights;
  noise: Record<string, Tensor>;
  /** T. */
  steps: number;
}

/**
 * Weights with which means over time steps and trials are the means over trials of each one's mean over its own time
 * steps: 0 in padding, and 1 everywhere where all trials have T steps.
 */
export interface TrialWeights {
  /** `[T + 1, B]`: beliefs. */
  beliefs: Tensor;
  /** `[T, B]`: transitions, or pairs of successive beliefs. */
  transitions: Tensor;
  /** `[E, B]`: drawn beliefs. */
  terms: Tensor;
  /** `[E, D, B]`: transitions decoded from drawn beliefs. */
  errors: Tensor;
  /** `[B]`: the share of T that is no padding. */
  lengths: Tensor;
}

/**
 * The weights of trials of `lengths` `[B]` transitions, in T `steps`. Of a trial with fewer than E beliefs or D
 * transitions, the first rows drawn are those, and the rest are padding.
 */
export function trialWeightsOf(
  lengths: Tensor,
  { steps, terms, decoded }: { steps: number; terms: number; decoded: number },
): TrialWeights {
  const [batch] = lengths.shape as [number];
  /** Rows of which `own` `[B]` are a trial's, of mean 1. */
  const ofMeanOne = (rows: number, own: Tensor) => {
    const row = t.cast(t.reshape(t.arange(rows), [rows, 1]), "float32");
    const counts = t.cast(t.less(t.broadcastTo(row, [rows, batch]), own), "float32");
    return t.mul(counts, t.div(rows, t.minimum(own, rows)));
  };
  const beliefs = t.add(lengths, 1);
  const ofTerms = ofMeanOne(terms, beliefs);
  return {
    beliefs: ofMeanOne(steps + 1, beliefs),
    transitions: ofMeanOne(steps, lengths),
    terms: ofTerms,
    errors: t.mul(t.expandDims(ofTerms, 1), t.expandDims(ofMeanOne(decoded, lengths), 0)),
    lengths: t.div(lengths, steps),
  };
}

/** The bound of an algorithm, and what else it trains. */
export interface Bound {
  /** Parameters besides those of encoder and decoder. */
  parameters?: nn.ParameterTree;
  /** Gradient steps after which the target network is set to the parameters; unset: there is none. */
  targetEvery?: number;
  /** Shapes of the noise of one step, by name: uniform or normal numbers for E terms of B trials. */
  noise: Record<string, { kind: "normal" | "uniform"; width: number }>;
  /** The loss of a batch, and its terms. */
  bound(inputs: BoundInputs): StepResult & { loss: Tensor };
}

/** The trainer of encoder and decoder: all gradient steps after a rollout in one run. */
export function boundTrainer(
  method: Bound & { options: BeliefOptions },
  encoder: BeliefEncoder,
  { observation, action }: FeedbackLayout,
  { steps }: TrialShape,
): Trainer {
  const { options, parameters = {}, noise, targetEvery } = method;
  const { vaeBatch: batch, vaeUpdates, latent } = options;
  const terms = Math.min(options.elboTerms, steps + 1);
  const decodedSteps = Math.min(options.decodedSteps, steps);
  const decoder = taskDecoder({ observation, action, latent }, options.decoder);
  const layout = nn.layoutOf({ encoder: encoder.parameters, decoder: decoder.parameters, ...parameters });
  const widths = [observation, action, 1, observation];
  return trainer({
    layout,
    learningRate: options.vaeLearningRate,
    maxGradientNorm: 1,
    steps: vaeUpdates,
    minibatch: {
      transitions: t.float32([steps, batch, widths.reduce((a, b) => a + b)]),
      lengths: t.float32([batch]),
      terms: t.int32([terms, batch]),
      decoded: t.int32([decodedSteps, batch]),
      ...Object.fromEntries(
        Object.entries(noise).map(([key, { width }]) => [`noise.${key}`, t.float32([terms, batch, width])]),
      ),
      ...(targetEvery && { copies: t.float32([]) }),
    },
    ...(targetEvery && {
      target: (old: Tensor, now: Tensor, { copies }: Record<string, Tensor>) =>
        t.add(old, t.mul(copies, t.sub(now, old))),
    }),
    loss({ parameters: p, targets, minibatch }) {
      const [s, a, r, next] = t.split(minibatch.transitions, widths, -1);
      const pick = (x: Tensor) => ofTrials(x, minibatch.decoded);
      const trees = p as unknown as Record<string, nn.TensorTree>;
      return method.bound({
        encoder,
        decoder,
        p: trees as unknown as nn.TensorTree,
        targets: targets as unknown as nn.TensorTree,
        memories: encoder.memories(trees.encoder, { next, action: a, reward: r }),
        decoded: { observation: pick(s), action: pick(a), reward: pick(r), next: pick(next) },
        atTerms: (x) => ofTrials(x, minibatch.terms),
        trialWeights: trialWeightsOf(minibatch.lengths, { steps, terms, decoded: decodedSteps }),
        noise: Object.fromEntries(Object.keys(noise).map((key) => [key, minibatch[`noise.${key}`]])),
        steps,
      });
    },
  });
}

/** Of `x` `[T, B, …]`, the time steps `[K, B]` of each trial. */
function ofTrials(x: Tensor, times: Tensor): Tensor {
  const [steps, batch, ...rest] = x.shape as number[];
  const rows = t.reshape(x, [steps * batch, ...rest]);
  return t.gather(rows, t.add(t.mul(times, batch), t.arange(batch)), 0);
}

/** What `trainEncoder` reads and changes. */
interface Encoding {
  vae: TrainState;
  buffer: TrialBuffer;
  batchRng: Rng;
  live: {
    shape: TrialShape;
    vae: Trainer;
    /** Buffers of the inputs, created at the first call. */
    batch: Record<string, Float32Array>;
  };
}

/** All gradient steps after a rollout, on trials drawn from the buffer. Returns the means of the terms. */
export async function trainEncoder(
  { options, noise, targetEvery }: Bound & { options: BeliefOptions },
  state: Encoding,
): Promise<Metrics> {
  const { live, buffer, batchRng, vae } = state;
  const { steps } = live.shape;
  const { vaeBatch: batch, vaeUpdates } = options;
  const width = buffer.transitions.length / (buffer.capacity * steps);
  const terms = Math.min(options.elboTerms, steps + 1);
  const decodedSteps = Math.min(options.decodedSteps, steps);
  const size = steps * batch * width;
  const feeds = live.batch;
  const floats = (key: string, length: number) => {
    feeds[key] ??= new Float32Array(length);
    return feeds[key];
  };
  const transitions = floats("transitions", vaeUpdates * size);
  const lengths = new Int32Array(vaeUpdates * batch);
  const drawn = {
    terms: new Int32Array(vaeUpdates * terms * batch),
    decoded: new Int32Array(vaeUpdates * decodedSteps * batch),
  };
  const update = <A extends Float32Array | Int32Array>(all: A, k: number) =>
    all.subarray((k * all.length) / vaeUpdates, ((k + 1) * all.length) / vaeUpdates) as A;
  for (let k = 0; k < vaeUpdates; k++) {
    const own = update(lengths, k);
    sampleTrials(buffer, steps, batchRng, update(transitions, k), own);
    drawTimes(
      update(drawn.terms, k),
      own.map((n) => n + 1),
      steps + 1,
      batchRng,
    );
    drawTimes(update(drawn.decoded, k), own, steps, batchRng);
  }
  for (const [key, { kind, width }] of Object.entries(noise)) {
    const out = floats(`noise.${key}`, vaeUpdates * terms * batch * width);
    if (kind === "normal") batchRng.fillNormal(out);
    else batchRng.fillUniform(out);
  }
  const copies: Record<string, Float32Array> = targetEvery
    ? {
        copies: Float32Array.from({ length: vaeUpdates }, (_, k) =>
          Number((vae.steps + k) % targetEvery === 0),
        ),
      }
    : {};
  const { means } = await live.vae.run(vae, {
    ...feeds,
    ...drawn,
    lengths: Float32Array.from(lengths),
    ...copies,
  });
  return means;
}

/**
 * Time steps `[K, B]` of each of B trials: the same for all trials of `total` time steps, and for a shorter one some of its
 * own, as many as it has and then 0, which counts as padding.
 */
function drawTimes(out: Int32Array, own: Int32Array, total: number, rng: Rng): void {
  const batch = own.length;
  const shared = new Int32Array(out.length / batch);
  drawSteps(shared, total, rng);
  for (let b = 0; b < batch; b++) {
    const times = own[b] === total ? shared : new Int32Array(Math.min(shared.length, own[b]));
    if (times !== shared) drawSteps(times, own[b], rng);
    for (let k = 0; k < times.length; k++) out[k * batch + b] = times[k];
  }
}

/** Different time steps, drawn uniformly among `total`, in ascending order. */
function drawSteps(out: Int32Array, total: number, rng: Rng): void {
  const all = Int32Array.from({ length: total }, (_, k) => k);
  for (let k = 0; k < out.length; k++) {
    const j = k + rng.integer(total - k);
    const kept = all[j];
    all[j] = all[k];
    all[k] = kept;
    out[k] = kept;
  }
  out.sort();
}
