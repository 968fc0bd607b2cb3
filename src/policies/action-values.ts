/** @file Networks for action values, Q(s, a): several of one shape side by side, in one flat vector. */

import type { Layout, TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import { encodedWidth, type Space, spaceWidth } from "../spaces/index.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import { encodeObservations } from "./actor-critic.js";
import { featuresOf, type NetworkData } from "./networks/index.js";

export interface ActionValueSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** Sizes of the hidden layers. */
  hidden: number[];
  activation: nn.Activation;
  /** Features of observations, beside which the hidden layers see the action; unset, they see the observations. */
  network?: NetworkData;
  /** How many networks, independently initialised. */
  count: number;
}

/** The networks of one setting: parameters in one flat vector, outputs as expressions over them. */
export interface ActionValues {
  readonly layout: Layout;
  /**
   * Each network's Q(s, ·) for observation rows `[B, w]`: `[B]` of the given actions `[B, d]` in a box, which the
   * networks see scaled to [−1, 1]; `[B, n]` of all actions of a discrete space.
   */
  values(parameters: TensorTree, observations: Tensor, actions?: Tensor): Tensor[];
}

/** Action values of bounded boxes and discrete spaces. */
export function actionValues(settings: ActionValueSettings): ActionValues {
  const { observationSpace, actionSpace, hidden, activation, count } = settings;
  const features = settings.network && featuresOf(settings.network, observationSpace);
  const discrete = actionSpace.kind === "discrete";
  const width = features?.width ?? encodedWidth(observationSpace);
  const inputs = width + (discrete ? 0 : spaceWidth(actionSpace));
  const network = nn.mlp({ inputs, outputs: discrete ? actionSpace.n : 1, hidden, activation });
  const parameters = { ...(features && { network: features.parameters }), ...network.parameters };
  const names = Array.from({ length: count }, (_, i) => `critic${i}`);
  return {
    layout: nn.layoutOf(Object.fromEntries(names.map((name) => [name, parameters]))),
    values(parameters, observations, actions) {
      const encoded = encodeObservations(observationSpace, observations);
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
function toUnit(space: Space, actions: Tensor): Tensor {
  if (space.kind !== "box") return actions;
  const { low, high } = space;
  if (low.every((l) => l === -1) && high.every((h) => h === 1)) return actions;
  const halfWidths = low.map((l, i) => (high[i] - l) / 2);
  const centres = low.map((l, i) => (high[i] + l) / 2);
  return t.div(t.sub(actions, t.constant(centres)), t.constant(halfWidths));
}
