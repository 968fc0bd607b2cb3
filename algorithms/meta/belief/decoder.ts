/**
 * @file The decoders of a latent task: the reward and, if the dynamics vary, the next observation
 * [Zintgraf et al. 2020, eq. 8].
 */

import { UsageError } from "../../../src/errors.js";
import type { TensorTree } from "../../../src/nn/index.js";
import * as nn from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";

/** Encoded transitions `[D, B, ·]`. */
export interface DecodedTransition {
  observation: Tensor;
  action: Tensor;
  reward: Tensor;
  next: Tensor;
}

export interface DecoderOptions {
  hidden: number[];
  reward: "squared" | "bernoulli";
  state: boolean;
}

export type Decoder = ReturnType<typeof taskDecoder>;

/**
 * The decoders for transitions of these widths.
 *
 * Reward "squared": r̂(z, s, a, s′), error (r̂ − r)². Reward "bernoulli": the probability of r = 1 in each next observation
 * s′, which is one-hot, from z alone; error: the negative log-likelihood.
 */
export function taskDecoder(
  sizes: { observation: number; action: number; latent: number },
  { hidden, reward, state }: DecoderOptions,
) {
  const { observation, action, latent } = sizes;
  const [first, ...rest] = hidden;
  const head = (outputs: number) => nn.mlp({ inputs: first, hidden: rest, outputs, activation: "relu" });
  const bernoulli = nn.mlp({ inputs: latent, hidden, outputs: observation, activation: "relu" });
  const rewardHead = head(1);
  const stateHead = head(observation);
  const branch = (inputs: number, output: nn.Module) => ({
    latent: nn.dense(latent, first).parameters,
    transition: nn.dense(inputs, first).parameters,
    output: output.parameters,
  });
  const parameters = {
    ...(reward === "bernoulli"
      ? { reward: bernoulli.parameters }
      : { reward: branch(2 * observation + action, rewardHead) }),
    ...(state && { state: branch(observation + action, stateHead) }),
  } as unknown as nn.ParameterTree;

  /** relu(W_z z + W_x x), each product computed once, `[E, D, B, first]`, and the layers after it. */
  const decode = (p: TensorTree, output: nn.Module, z: Tensor, x: Tensor): Tensor => {
    const linear = (name: string, input: Tensor) => {
      const { weight, bias } = p[name] as TensorTree<nn.DenseParameters>;
      return t.linear(input, weight, bias);
    };
    const sum = t.add(t.expandDims(linear("latent", z), 1), t.expandDims(linear("transition", x), 0));
    return output.apply(p.output as TensorTree, t.relu(sum));
  };

  return {
    parameters,
    /**
     * Errors of latent samples z `[E, B, latent]` on D transitions of each trial, means over E, D and B: of the reward,
     * and of the next observation per entry. Each error counts by its weight `[E, D, B]`.
     */
    errors(
      p: TensorTree,
      z: Tensor,
      x: DecodedTransition,
      weights: Tensor,
    ): { reward: Tensor; state?: Tensor } {
      const tree = (name: string) => p[name] as TensorTree;
      const rewardError = reward === "bernoulli" ? bernoulliError : squaredError;
      return {
        reward: t.mean(t.mul(rewardError(tree("reward"), z, x), weights)),
        ...(state && {
          state: t.mean(
            t.mul(
              t.square(
                t.sub(
                  decode(tree("state"), stateHead, z, t.concat([x.observation, x.action], -1)),
                  t.expandDims(x.next, 0),
                ),
              ),
              t.expandDims(weights, -1),
            ),
          ),
        }),
      };
    },
  };

  /** (r̂ − r)², `[E, D, B]`. */
  function squaredError(p: TensorTree, z: Tensor, x: DecodedTransition): Tensor {
    const predicted = decode(p, rewardHead, z, t.concat([x.observation, x.action, x.next], -1));
    return t.squeeze(t.square(t.sub(predicted, t.expandDims(x.reward, 0))), -1);
  }

  /** −log p(r = 1 | z, s′) where r = 1, and −log p(r ≠ 1 | z, s′) elsewhere, `[E, D, B]`. */
  function bernoulliError(p: TensorTree, z: Tensor, x: DecodedTransition): Tensor {
    const logits = t.expandDims(bernoulli.apply(p, z), 1);
    const logit = t.sum(t.mul(logits, t.expandDims(x.next, 0)), -1);
    const hit = t.expandDims(t.cast(t.greater(t.squeeze(x.reward, -1), 1 - 1e-6), "float32"), 0);
    return t.sub(t.softplus(logit), t.mul(hit, logit));
  }
}

/** @throws UsageError for rewards that are not of two values with 1 as the larger: they have no Bernoulli decoder */
export function requireBernoulli(name: string, rewards: ArrayLike<number>, seen: Set<number>): void {
  for (let k = 0; k < rewards.length; k++) {
    if (seen.has(rewards[k])) continue;
    seen.add(rewards[k]);
    if (rewards[k] <= 1 && seen.size <= 2) continue;
    throw new UsageError(
      `${name}: decoder.reward "bernoulli" predicts whether the reward is 1, for environments with two rewards, but ` +
        `this one paid ${[...seen].join(", ")}: use "squared"`,
    );
  }
}
