/** @file The networks of MetaCURE: those of the policy, critics for both actors, and the two predictors. */

import type { Problem } from "../../../src/env/contracts.js";
import * as nn from "../../../src/nn/index.js";
import { type ActionValues, actionValues } from "../../../src/policies/action-values.js";
import {
  type MetaCureNetworks,
  type MetaCureSettings,
  metaCureNetworks,
} from "../../../src/policies/index.js";
import { widerSpace } from "../../../src/policies/latent.js";
import { encodedWidth } from "../../../src/spaces/index.js";
import type { Tensor } from "../../../src/tensor/index.js";
import type { ResolvedMetaCureOptions } from "../meta-cure.js";

/** A network of predictions of a transition: its reward and, if `predictNext`, its next observation. */
interface Predictor {
  readonly layout: nn.Layout;
  apply(parameters: nn.TensorTree, x: Tensor): Tensor;
}

/** The networks of the policy and what trains them. */
export interface MetaCureLearnt extends MetaCureNetworks {
  readonly settings: MetaCureSettings;
  /** Q(s, a, z). */
  readonly critics: ActionValues;
  /** Q_exp(s, a, μ, σ²). */
  readonly explorerCritics: ActionValues;
  /** Predicts from [μ | σ² | s | a]. */
  readonly decoder: Predictor;
  /** Predicts from [one-hot of the training task | s | a]. */
  readonly informed: Predictor;
  /** Number of training tasks. */
  readonly tasks: number;
}

export function learntNetworks(
  { observationSpace, actionSpace }: Pick<Problem, "observationSpace" | "actionSpace">,
  options: Pick<
    ResolvedMetaCureOptions,
    "hidden" | "activation" | "encoderHidden" | "encoderUnits" | "latent" | "decoderHidden" | "predictNext"
  >,
  tasks: number,
): MetaCureLearnt {
  const { hidden, activation, encoderHidden, encoderUnits, latent, decoderHidden, predictNext } = options;
  const settings = {
    ...{ observationSpace, actionSpace, hidden, activation },
    ...{ encoderHidden, encoderUnits, latent },
  };
  const valuesOf = (extra: number) =>
    actionValues({
      observationSpace: widerSpace(observationSpace, extra),
      ...{ actionSpace, hidden, activation, count: 2 },
    });
  const observation = encodedWidth(observationSpace);
  const predictor = (extra: number): Predictor => {
    const inputs = extra + observation + encodedWidth(actionSpace);
    const outputs = 1 + (predictNext ? observation : 0);
    const network = nn.mlp({ inputs, hidden: decoderHidden, outputs, activation: "relu" });
    return { layout: nn.layoutOf(network.parameters), apply: network.apply };
  };
  return {
    settings,
    tasks,
    ...metaCureNetworks(settings),
    critics: valuesOf(latent),
    explorerCritics: valuesOf(2 * latent),
    decoder: predictor(2 * latent),
    informed: predictor(tasks),
  };
}
