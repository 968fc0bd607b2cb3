/**
 * @file The modulation of a policy by its first episodes in a task: factors of the hidden units, from a recurrent network
 * over the episodes [Vuorio et al. 2019].
 */

import type { ParameterTree, TensorTree } from "../../nn/index.js";
import * as nn from "../../nn/index.js";
import { type ActionScaling, encodedWidth, type Space } from "../../spaces/index.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { encodeObservations } from "../actor-critic.js";

/** K episodes of H steps of each of M tasks, padded. */
export interface ModulatingEpisodes {
  /** `[M, K · H, w]`, encoded. */
  observations: Tensor;
  /** `[M, K · H]`, or `[M, K · H, k]`. */
  actions: Tensor;
  /** `[M, K · H]`. */
  rewards: Tensor;
  /** `[M, K · H]`: 1 at the last step of each episode, else 0. */
  lasts: Tensor;
}

export interface Modulation {
  readonly parameters: ParameterTree;
  /** The changes γ of the factors 1 + γ of the hidden units, `[M, outputs]`, from K episodes of each task. */
  apply(parameters: TensorTree, episodes: ModulatingEpisodes, perTask: number): Tensor;
}

interface ModulationOptions {
  observationSpace: Space;
  actionSpace: Space;
  actionScaling?: ActionScaling;
  /** Units of the GRU and of the layers after it. */
  units: number;
  /** Number of hidden units to modulate. */
  outputs: number;
}

/**
 * A GRU over (o, a, r) of each episode; two layers; the mean over the episodes of a task; two layers; and a linear layer,
 * which starts near 0, so that training starts with an unmodulated policy.
 */
export function modulationOf(options: ModulationOptions): Modulation {
  const { observationSpace, actionSpace, units, outputs } = options;
  const inputs = encodedWidth(observationSpace) + encodedWidth(actionSpace) + 1;
  const gru = nn.gru({ inputs, units });
  const layers = { inputs: units, hidden: [units], outputs: units, activation: "relu" } as const;
  const [each, all] = [nn.mlp(layers), nn.mlp(layers)];
  const output = nn.dense(units, outputs, { weight: nn.initialisers.orthogonal(0.01) });
  return {
    parameters: {
      gru: gru.parameters,
      each: each.parameters,
      all: all.parameters,
      output: output.parameters,
    },
    apply(parameters, { observations, actions, rewards, lasts }, perTask) {
      const p = parameters as {
        gru: TensorTree<nn.GruParameters>;
        each: TensorTree;
        all: TensorTree;
        output: TensorTree<nn.DenseParameters>;
      };
      const horizon = (rewards.shape[1] as number) / perTask;
      const sequences = (x: Tensor, width: number) =>
        t.transpose(t.reshape(x, [-1, horizon, width]), [1, 0, 2]);
      const xs = t.concat(
        [
          sequences(observations, encodedWidth(observationSpace)),
          sequences(executed(options, actions), encodedWidth(actionSpace)),
          sequences(rewards, 1),
        ],
        2,
      );
      const ends = sequences(lasts, 1);
      const start = t.mul(t.gather(ends, t.constant(0, [], "int32")), t.zeros([1, units]));
      const { states } = gru.sequence(p.gru, xs, start);
      // The state after the last step of each episode, not after the padding.
      const embedded = each.apply(p.each, t.sum(t.mul(states, ends), 0));
      const mean = t.mean(t.reshape(embedded, [-1, perTask, units]), 1);
      return output.apply(p.output, all.apply(p.all, mean));
    },
  };
}

/** Encoded actions as executed, clipped to the bounds of a box and scaled to ±1: `[rows, width]`. */
function executed({ actionSpace, actionScaling }: ModulationOptions, actions: Tensor): Tensor {
  if (actionSpace.kind !== "box") {
    const columns = actionSpace.kind === "discrete" ? 1 : (actions.shape[2] as number);
    return encodeObservations(actionSpace, t.reshape(t.cast(actions, "float32"), [-1, columns]));
  }
  const entries = (values: readonly number[]) => t.constant(Float32Array.from(values), [values.length]);
  const clipped = t.minimum(t.maximum(actions, entries(actionSpace.low)), entries(actionSpace.high));
  if (!actionScaling) return clipped;
  const { centre, halfWidth } = actionScaling;
  return t.div(t.sub(clipped, entries(centre)), entries(halfWidth));
}
