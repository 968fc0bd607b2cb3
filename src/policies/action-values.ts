/** @file Ensembles of action value networks Q(s, a), of equal shape, with parameters in one flat vector. */

import type { Layout, TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import { actionScaling, encodedWidth, type Space, spaceWidth } from "../spaces/index.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import { maskedInputs } from "./action-mask.js";
import { encodeObservations } from "./actor-critic.js";
import { featuresOf, type NetworkData } from "./networks/index.js";

export interface ActionValueSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** Sizes of the hidden layers. */
  hidden: number[];
  activation: nn.Activation;
  /**
   * Network of features, which the hidden layers receive together with the action; unset: they receive observations.
   */
  network?: NetworkData;
  /** The number of networks, initialised independently. */
  count: number;
}

/** An ensemble of networks: parameters in one flat vector, outputs as tensor expressions of them. */
export interface ActionValues {
  readonly layout: Layout;
  /**
   * The values of each network for observation rows `[B, w]`. Box actions `[B, d]`: Q(s, a) `[B]`, with actions
   * scaled to [−1, 1]. Discrete actions: Q(s, ·) `[B, n]`.
   */
  values(parameters: TensorTree, observations: Tensor, actions?: Tensor): Tensor[];
}

/** The networks of `settings`, for bounded boxes and discrete actions. */
export function actionValues(settings: ActionValueSettings): ActionValues {
  const { observationSpace, actionSpace, hidden, activation, count } = settings;
  const { space, seen } = maskedInputs({ observationSpace, actionSpace });
  const features = settings.network && featuresOf(settings.network, space);
  const discrete = actionSpace.kind === "discrete";
  const width = features?.width ?? encodedWidth(space);
  const inputs = width + (discrete ? 0 : spaceWidth(actionSpace));
  const network = nn.mlp({ inputs, outputs: discrete ? actionSpace.n : 1, hidden, activation });
  const parameters = { ...(features && { network: features.parameters }), ...network.parameters };
  const names = Array.from({ length: count }, (_, i) => `critic${i}`);
  return {
    layout: nn.layoutOf(Object.fromEntries(names.map((name) => [name, parameters]))),
    values(parameters, observations, actions) {
      const encoded = encodeObservations(space, seen(observations));
      const withActions = (rows: Tensor) =>
        actions && !discrete ? t.concat([rows, toUnit(actionSpace, actions)], 1) : rows;
      const shared = features ? undefined : withActions(encoded);
      return names.map((name) => {
        const p = parameters[name] as TensorTree;
        const rows = shared ?? withActions(features!.apply(p.network as TensorTree, encoded));
        const out = network.apply(p, rows);
        return discrete ? out : t.reshape(out, [-1]);
      });
    },
  };
}

/** Actions `[B, d]` of a bounded box scaled to [−1, 1]. */
export function toUnit(space: Space, actions: Tensor): Tensor {
  const scaling = actionScaling(space);
  if (!scaling) return actions;
  return t.div(t.sub(actions, t.constant(scaling.centre)), t.constant(scaling.halfWidth));
}
