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

/** The inputs of a bound: the networks, a batch of B trials of T transitions, and the drawn time steps. */
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
  /** Takes the E drawn time steps of `[T + 1, …]`. */
  atTerms(x: Tensor): Tensor;
  noise: Record<string, Tensor>;
  /** T. */
  steps: number;
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
      terms: t.int32([terms]),
      decoded: t.int32([decodedSteps]),
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
      const pick = (x: Tensor) => t.gather(x, minibatch.decoded, 0);
      const trees = p as unknown as Record<string, nn.TensorTree>;
      return method.bound({
        encoder,
        decoder,
        p: trees as unknown as nn.TensorTree,
        targets: targets as unknown as nn.TensorTree,
        memories: encoder.memories(trees.encoder, { next, action: a, reward: r }),
        decoded: { observation: pick(s), action: pick(a), reward: pick(r), next: pick(next) },
        atTerms: (x) => t.gather(x, minibatch.terms, 0),
        noise: Object.fromEntries(Object.keys(noise).map((key) => [key, minibatch[`noise.${key}`]])),
        steps,
      });
    },
  });
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
  const drawn = {
    terms: new Int32Array(vaeUpdates * terms),
    decoded: new Int32Array(vaeUpdates * decodedSteps),
  };
  for (let k = 0; k < vaeUpdates; k++) {
    sampleTrials(buffer, batch, steps, batchRng, transitions.subarray(k * size, (k + 1) * size));
    drawSteps(drawn.terms.subarray(k * terms, (k + 1) * terms), steps + 1, batchRng);
    drawSteps(drawn.decoded.subarray(k * decodedSteps, (k + 1) * decodedSteps), steps, batchRng);
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
  const { means } = await live.vae.run(vae, { ...feeds, ...drawn, ...copies });
  return means;
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
