/** @file Networks of transitions: of states, or of states and actions, with the network of images or of the user before. */

import * as nn from "../../src/nn/index.js";
import { defaultNetwork, featuresOf, type NetworkData } from "../../src/policies/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { type Features, featureWidths, type Spaces } from "./transition-features.js";

export interface TransitionNetworkOptions {
  hidden: readonly number[];
  activation: nn.Activation;
  /** From observations to features; unset: that of images, or none. */
  network?: NetworkData;
  /** Whether observations are standardised before. */
  normaliseObservations?: boolean;
  /** Scale of the last layer's first weights. */
  outputGain?: number;
}

/** A network with one output for each row of states, or of state–action pairs. */
export function transitionNetwork(
  spaces: Spaces,
  reads: "state" | "pair",
  options: TransitionNetworkOptions,
) {
  const { state, action } = featureWidths(spaces);
  const { hidden, activation, normaliseObservations: standardised, outputGain } = options;
  const chosen = options.network ?? defaultNetwork(spaces.observationSpace);
  const features = chosen && featuresOf(chosen, spaces.observationSpace, { standardised });
  const seen = features ? features.width + 1 : state;
  const inputs = reads === "state" ? seen : seen + action;
  const mlp = nn.mlp({
    inputs,
    hidden,
    activation,
    outputs: 1,
    ...(outputGain !== undefined && { outputGain }),
  });
  /** Replaces the observation by the user network's features; the absorbing flag stays the last column. */
  const seenAs = (p: nn.TensorTree, x: Tensor): Tensor => {
    if (!features) return x;
    const [observation, absorbing] = t.split(x, [state - 1, 1], 1);
    return t.concat([features.apply(p.network as nn.TensorTree, observation), absorbing], 1);
  };
  return {
    parameters: { ...(features && { network: features.parameters }), ...mlp.parameters },
    apply(p: nn.TensorTree, { state, action }: Pick<Features, "state" | "action">) {
      const x = seenAs(p, state);
      return t.reshape(mlp.apply(p, reads === "state" ? x : t.concat([x, action], 1)), [-1]);
    },
  };
}
