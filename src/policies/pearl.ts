/**
 * @file The policy of PEARL [Rakelly et al. 2019, algorithm 2]: it acts on the observation and a latent task variable z,
 * which it samples at the start of each episode from the posterior given all earlier steps of the trial.
 */

import type { Activation, TanhGaussian } from "../nn/index.js";
import { encodedWidth } from "../spaces/index.js";
import * as t from "../tensor/index.js";
import { type ActorCritic, actorCritic } from "./actor-critic.js";
import {
  type ContextEncoder,
  type ContextEncoderSettings,
  contextEncoder,
  latentPosterior,
} from "./context-encoder.js";
import type { PolicyData } from "./contract.js";
import { feedbackParts, type LatentKind, LatentPolicy, latentFromData, widerSpace } from "./latent.js";

/** The architecture of the networks: plain data, saved with the weights. */
export interface PearlSettings extends ContextEncoderSettings {
  /** Sizes of the hidden layers of the actor. */
  hidden: number[];
  activation: Activation;
}

export interface PearlNetworks {
  /** π(a | s, z), for rows [s | z]: a Gaussian squashed into the bounds. */
  readonly actor: ActorCritic;
  readonly encoder: ContextEncoder;
}

/** The networks of `settings`. */
export const pearlNetworks = (settings: PearlSettings): PearlNetworks => ({
  actor: actorCritic({
    observationSpace: widerSpace(settings.observationSpace, settings.latent),
    actionSpace: settings.actionSpace,
    hidden: settings.hidden,
    activation: settings.activation,
    critic: false,
    squashed: true,
  }),
  encoder: contextEncoder(settings),
});

/** The state of a row is [Σ 1/σ² | Σ μ/σ² | z | last observation]. */
const pearlKind: LatentKind<"actor" | "encoder", PearlSettings> = {
  kind: "pearl",
  model(settings) {
    const { actor, encoder } = pearlNetworks(settings);
    const { latent, observationSpace } = settings;
    const observation = encodedWidth(observationSpace);
    return {
      layouts: { actor: actor.layout, encoder: encoder.layout },
      memoryWidth: 3 * latent + observation,
      step(parameters, { observations, state, latentNoise }) {
        const { seen, actions, rewards, ended, reached, first } = feedbackParts(settings, observations);
        const [precision, weighted, held, last] = t.split(state, [latent, latent, latent, observation], 1);
        const factors = encoder.factors(parameters.encoder, {
          observations: last,
          actions,
          rewards,
          nextObservations: reached,
        });
        const goesOn = t.sub(1, first);
        const evidence = {
          precision: t.mul(goesOn, t.add(precision, factors.precision)),
          weighted: t.mul(goesOn, t.add(weighted, factors.weighted)),
        };
        const starts = t.greater(t.add(first, ended), 0);
        const z = t.where(starts, latentPosterior(evidence).sample(latentNoise), held);
        const rows = t.concat([seen, z], 1);
        return {
          distribution: actor.distribution(
            parameters.actor as Parameters<ActorCritic["distribution"]>[0],
            rows,
          ) as TanhGaussian,
          state: t.concat([evidence.precision, evidence.weighted, z, seen], 1),
        };
      },
    };
  },
};

/** Its recurrent state has, for each row, the evidence about the task, the current z and the last observation. */
export class PearlPolicy extends LatentPolicy<"actor" | "encoder", PearlSettings> {
  /** @throws UsageError when the vectors do not fit the networks */
  constructor(settings: PearlSettings, parameters: Record<"actor" | "encoder", Float32Array>) {
    super(pearlKind, settings, parameters);
  }

  static fromData(data: PolicyData): PearlPolicy {
    const { settings, parameters } = latentFromData(pearlKind, data);
    return new PearlPolicy(settings, parameters);
  }
}
