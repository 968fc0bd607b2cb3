/** @file A network policy with an optional critic, as parameters and tensor expressions. */

import { UsageError } from "../errors.js";
import type { Distribution, Layout, Noise, TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import { encodedWidth, type Space, spaceWidth } from "../spaces/index.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";

/** What decides the shape of the networks: plain data, saved with the weights. */
export interface ActorCriticSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** Sizes of the hidden layers; none gives a linear policy, which over one-hot states is a table. */
  hidden: number[];
  activation: nn.Activation;
  /** Whether a value network of the same shape stands beside the policy network. */
  critic: boolean;
}

type Parameters = ReturnType<typeof declareParameters>["parameters"];

/** The networks of one setting: parameters in one flat vector, outputs as expressions over them. */
export interface ActorCritic {
  readonly settings: ActorCriticSettings;
  readonly layout: Layout<Parameters>;
  /** The random numbers that one sampled action takes; `shape` is without the batch. */
  readonly noise: Noise;
  /** π(· | s) for observation rows `[B, w]`. */
  distribution(parameters: TensorTree<Parameters>, observations: Tensor): Distribution;
  /** V(s) `[B]` for observation rows `[B, w]`. */
  value(parameters: TensorTree<Parameters>, observations: Tensor): Tensor;
}

/** The actor–critic of `settings`. @throws UsageError when no policy of ours has such actions */
export function actorCritic(settings: ActorCriticSettings): ActorCritic {
  const { parameters, actor, critic, head } = declareParameters(settings);
  const encode = (observations: Tensor) => encodeObservations(settings.observationSpace, observations);
  return {
    settings,
    layout: nn.layoutOf(parameters),
    noise: head.noise,
    distribution: (p, observations) => head.distribution(actor.apply(p.actor, encode(observations)), p.head),
    value: (p, observations) => t.reshape(critic.apply(p.critic, encode(observations)), [-1]),
  };
}

function declareParameters(settings: ActorCriticSettings) {
  const { observationSpace, actionSpace, hidden, activation } = settings;
  const inputs = encodedWidth(observationSpace);
  const head = actionHead(actionSpace);
  // A small last layer starts the policy near uniform (Andrychowicz et al. 2021, §3.2).
  const actor = nn.mlp({ inputs, outputs: head.outputs, hidden, activation, outputGain: 0.01 });
  const critic = nn.mlp({ inputs, outputs: 1, hidden, activation, outputGain: 1 });
  const parameters = {
    actor: actor.parameters,
    head: head.parameters,
    critic: settings.critic ? critic.parameters : {},
  };
  return {
    parameters: parameters as typeof parameters & { critic: typeof critic.parameters },
    actor,
    critic,
    head,
  };
}

/** How a network's outputs become a distribution over the actions of a space. */
interface ActionHead {
  outputs: number;
  parameters: nn.ParameterTree;
  noise: Noise;
  distribution(outputs: Tensor, parameters: TensorTree): Distribution;
}

function actionHead(space: Space): ActionHead {
  const withoutParameters = (
    outputs: number,
    choices: number[],
    distribution: ActionHead["distribution"],
  ): ActionHead => ({ outputs, parameters: {}, noise: { kind: "uniform", shape: choices }, distribution });
  switch (space.kind) {
    case "discrete":
      return withoutParameters(space.n, [], (logits) => nn.categorical(logits));
    case "multi-discrete": {
      const options = encodedWidth(space);
      return withoutParameters(options, [space.sizes.length], (logits) =>
        nn.multiCategorical(logits, space.sizes),
      );
    }
    case "multi-binary":
      return withoutParameters(space.n, [space.n], (logits) => nn.bernoulli(logits));
    case "box": {
      const width = spaceWidth(space);
      return {
        outputs: width,
        parameters: { logStd: { shape: [width], initialise: nn.initialisers.zeros } },
        noise: { kind: "normal", shape: [width] },
        distribution: (mean, p) => nn.diagonalGaussian(mean, p.logStd as Tensor),
      };
    }
    default:
      throw new UsageError(
        `a network policy cannot act in a ${space.kind} action space; flatten it to a vector first`,
      );
  }
}

/** Rows as they come from a vector environment `[B, w]`, with their discrete parts one-hot: `[B, encodedWidth]`. */
function encodeObservations(space: Space, rows: Tensor): Tensor {
  const oneHot = (column: Tensor, n: number) => t.oneHot(t.reshape(t.cast(column, "int32"), [-1]), n);
  const columns = (widths: number[]) => (widths.length === 1 ? [rows] : t.split(rows, widths, 1));
  switch (space.kind) {
    case "box":
    case "multi-binary":
      return rows;
    case "discrete":
      return oneHot(rows, space.n);
    case "multi-discrete":
      return t.concat(
        columns(space.sizes.map(() => 1)).map((column, i) => oneHot(column, space.sizes[i])),
        1,
      );
    default: {
      const parts = Object.values(space.spaces);
      const encoded = columns(parts.map(spaceWidth)).map((column, i) => encodeObservations(parts[i], column));
      return t.concat(encoded, 1);
    }
  }
}
