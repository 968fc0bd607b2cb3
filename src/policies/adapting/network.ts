/**
 * @file Networks of a policy whose parameters differ from task to task: those of M tasks are the rows of a matrix, and one
 * expression evaluates all of them.
 */

import type { Distribution, Layout, Noise, TensorTree } from "../../nn/index.js";
import * as nn from "../../nn/index.js";
import { type ActionScaling, encodedWidth, type Space } from "../../spaces/index.js";
import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { actionHead } from "../actor-critic.js";
import { type ModulatingEpisodes, modulationOf } from "./modulation.js";

/** The architecture: plain data, saved with the weights. The fields are those of `ActorCriticSettings`. */
export interface AdaptingNetworkSettings {
  observationSpace: Space;
  actionSpace: Space;
  hidden: number[];
  activation: nn.Activation;
  initialLogStd?: number;
  actionScaling?: ActionScaling;
  /** Units of the network that modulates the hidden units; unset: they are not modulated. */
  modulationUnits?: number;
}

export interface AdaptingNetwork {
  readonly settings: AdaptingNetworkSettings;
  /** All parameters: those that each task adapts come first, then those of the modulation, which tasks share. */
  readonly layout: Layout;
  /** The parameters that each task adapts. */
  readonly adapted: Layout;
  /** The noise of one sampled action; `shape` excludes the batch. */
  readonly noise: Noise;
  /** Numbers of a modulation: the hidden units, or 0 for networks that are not modulated. */
  readonly modulationSize: number;
  /**
   * π(· | s) `[M, B]` of M tasks, for their adapted parameters `[M, adapted.size]`, encoded observations `[M, B, w]`, and
   * changes γ `[M, modulationSize]` of the factors 1 + γ of the hidden units, before their activation.
   */
  evaluate(parameters: Tensor, observations: Tensor, modulation?: Tensor): Distribution;
  /** γ of each task, from all parameters `[layout.size]` and `perTask` episodes of each task. */
  modulate(parameters: Tensor, episodes: ModulatingEpisodes, perTask: number): Tensor;
}

/** The networks of `settings`. @throws UsageError for action spaces that network policies do not support */
export function adaptingNetwork(settings: AdaptingNetworkSettings): AdaptingNetwork {
  const { observationSpace, actionSpace, hidden, activation, modulationUnits } = settings;
  const trunk = nn.hiddenLayers({ inputs: encodedWidth(observationSpace), hidden, activation });
  const head = actionHead(actionSpace, settings);
  const output = nn.dense(trunk.width, head.outputs, { weight: nn.initialisers.orthogonal(0.01) });
  const policy = {
    actor: { ...trunk.parameters, output: output.parameters },
    head: head.parameters,
  } as { actor: nn.ParameterTree & { output: nn.DenseParameters }; head: nn.ParameterTree };
  const adapted = nn.layoutOf(policy);
  const activate = nn.activation(activation);
  const modulation =
    modulationUnits === undefined
      ? undefined
      : modulationOf({ ...settings, units: modulationUnits, outputs: hidden.reduce((a, b) => a + b, 0) });
  const layout: Layout = nn.layoutOf({ ...policy, ...(modulation && { modulation: modulation.parameters }) });
  return {
    settings,
    layout,
    adapted,
    noise: head.noise,
    modulationSize: modulation ? hidden.reduce((a, b) => a + b, 0) : 0,
    evaluate(vectors, observations, changes) {
      const p = adapted.unflattenRows(vectors);
      const factors = changes && t.split(t.add(changes, 1), hidden, 1).map((row) => t.expandDims(row, 1));
      const features = hidden.reduce((x, _, l) => {
        const sums = affine(p.actor[`hidden${l}`] as Dense, x);
        return activate(factors ? t.mul(sums, factors[l]) : sums);
      }, observations);
      // The parameters of the head, such as deviations, are the same for all rows of a task.
      const shared = Object.entries(p.head).map(([name, x]) => [name, t.expandDims(x as Tensor, 1)]);
      return head.distribution(affine(p.actor.output, features), Object.fromEntries(shared));
    },
    modulate(parameters, episodes, perTask) {
      if (!modulation) throw new Error("these networks are not modulated");
      const { modulation: own } = layout.unflatten(parameters) as { modulation: TensorTree };
      return modulation.apply(own, episodes, perTask);
    },
  };
}

type Dense = TensorTree<nn.DenseParameters>;

/** x W + b of M tasks: `[M, B, inputs]` to `[M, B, outputs]`. */
const affine = ({ weight, bias }: Dense, x: Tensor): Tensor =>
  t.add(t.matmul(x, weight), t.expandDims(bias, 1));
