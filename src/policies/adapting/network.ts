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

/** The architecture: plain data, saved with the weights. The fields are those of `ActorCriticSettings`. */
export interface AdaptingNetworkSettings {
  observationSpace: Space;
  actionSpace: Space;
  hidden: number[];
  activation: nn.Activation;
  initialLogStd?: number;
  actionScaling?: ActionScaling;
}

type Parameters = ReturnType<typeof declareParameters>["parameters"];

export interface AdaptingNetwork {
  readonly settings: AdaptingNetworkSettings;
  readonly layout: Layout<Parameters>;
  /** The noise of one sampled action; `shape` excludes the batch. */
  readonly noise: Noise;
  /** π(· | s) `[M, B]` of M tasks, for their parameters `[M, size]` and encoded observations `[M, B, w]`. */
  evaluate(parameters: Tensor, observations: Tensor): Distribution;
}

/** The networks of `settings`. @throws UsageError for action spaces that network policies do not support */
export function adaptingNetwork(settings: AdaptingNetworkSettings): AdaptingNetwork {
  const { parameters, head } = declareParameters(settings);
  const layout = nn.layoutOf(parameters);
  const activate = nn.activation(settings.activation);
  return {
    settings,
    layout,
    noise: head.noise,
    evaluate(vectors, observations) {
      const p = layout.unflattenRows(vectors);
      const features = settings.hidden.reduce(
        (x, _, l) => activate(affine(p.actor[`hidden${l}`] as Dense, x)),
        observations,
      );
      // The parameters of the head, such as deviations, are the same for all rows of a task.
      const shared = Object.entries(p.head).map(([name, x]) => [name, t.expandDims(x as Tensor, 1)]);
      return head.distribution(affine(p.actor.output, features), Object.fromEntries(shared));
    },
  };
}

type Dense = TensorTree<nn.DenseParameters>;

/** x W + b of M tasks: `[M, B, inputs]` to `[M, B, outputs]`. */
const affine = ({ weight, bias }: Dense, x: Tensor): Tensor =>
  t.add(t.matmul(x, weight), t.expandDims(bias, 1));

function declareParameters(settings: AdaptingNetworkSettings) {
  const { observationSpace, actionSpace, hidden, activation } = settings;
  const layers = nn.hiddenLayers({ inputs: encodedWidth(observationSpace), hidden, activation });
  const head = actionHead(actionSpace, settings);
  const output = nn.dense(layers.width, head.outputs, { weight: nn.initialisers.orthogonal(0.01) });
  const parameters = {
    actor: { ...layers.parameters, output: output.parameters },
    head: head.parameters,
  };
  return {
    parameters: parameters as {
      actor: nn.ParameterTree & { output: nn.DenseParameters };
      head: nn.ParameterTree;
    },
    head,
  };
}
