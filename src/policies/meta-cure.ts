/**
 * @file The policy of MetaCURE [Zhang et al. 2021]: one actor explores in the first episode of a trial, given the belief
 * about a latent task variable z; another acts in the other episodes, given a sample of z.
 */

import type { Activation, TanhGaussian, TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import { encodedWidth } from "../spaces/index.js";
import * as t from "../tensor/index.js";
import { type ActorCritic, actorCritic } from "./actor-critic.js";
import type { EncodedTransitions } from "./context-encoder.js";
import type { PolicyData } from "./contract.js";
import {
  feedbackParts,
  type LatentKind,
  LatentPolicy,
  type LatentSettings,
  latentFromData,
  widerSpace,
} from "./latent.js";

/** The architecture of the networks: plain data, saved with the weights. */
export interface MetaCureSettings extends LatentSettings {
  /** Sizes of the hidden layers of both actors. */
  hidden: number[];
  activation: Activation;
  /** Sizes of the hidden layers of the encoder before its GRU, with activation relu. */
  encoderHidden: number[];
  encoderUnits: number;
}

/** q(z | τ:t) from the steps of an episode in order, by a GRU. */
export interface SequenceEncoder {
  readonly layout: nn.Layout;
  /** The memory `[B, U]` after a transition. */
  step(parameters: TensorTree, transitions: EncodedTransitions, memory: t.Tensor): t.Tensor;
  /** The memories before and after each of T transitions `[T, B, ...]`, from an empty one: `[T + 1, B, U]`. */
  sequence(parameters: TensorTree, transitions: EncodedTransitions): t.Tensor;
  /** The belief of a memory: a Gaussian `[..., L]`. */
  belief(parameters: TensorTree, memory: t.Tensor): nn.DiagonalGaussian;
}

/** The smallest variance of a belief. */
const LEAST_VARIANCE = 1e-7;

function sequenceEncoder(settings: MetaCureSettings): SequenceEncoder {
  const { observationSpace, actionSpace, encoderHidden: hidden, encoderUnits: units, latent } = settings;
  const inputs = 2 * encodedWidth(observationSpace) + encodedWidth(actionSpace) + 1;
  const layers = nn.hiddenLayers({ inputs, hidden, activation: "relu" });
  const gru = nn.gru({ inputs: layers.width, units });
  const head = nn.dense(units, 2 * latent);
  const tree = { layers: layers.parameters, gru: gru.parameters, head: head.parameters };
  const of = (p: TensorTree) => p as TensorTree<typeof tree>;
  const embed = (p: TensorTree, x: EncodedTransitions) =>
    layers.apply(of(p).layers, t.concat([x.observations, x.actions, x.rewards, x.nextObservations!], -1));
  return {
    layout: nn.layoutOf(tree),
    step: (p, transitions, memory) => gru.step(of(p).gru, embed(p, transitions), memory),
    sequence(p, transitions) {
      const xs = embed(p, transitions);
      const none = t.zeros([xs.shape[1] as number, units]);
      const { states } = gru.sequence(of(p).gru, xs, none);
      return t.concat([t.expandDims(none, 0), states], 0);
    },
    belief(p, memory) {
      const [mean, raw] = t.split(head.apply(of(p).head, memory), [latent, latent], -1);
      const variance = t.maximum(t.softplus(raw), LEAST_VARIANCE);
      return nn.diagonalGaussian(mean, t.mul(t.log(variance), 0.5));
    },
  };
}

export interface MetaCureNetworks {
  /** π(a | s, z), for rows [s | z]. */
  readonly actor: ActorCritic;
  /** π_exp(a | s, μ, σ²), for rows [s | μ | σ²]. */
  readonly explorer: ActorCritic;
  readonly encoder: SequenceEncoder;
}

/** The networks of `settings`. */
export function metaCureNetworks(settings: MetaCureSettings): MetaCureNetworks {
  const { observationSpace, actionSpace, latent, hidden, activation } = settings;
  const squashed = (extra: number) =>
    actorCritic({
      observationSpace: widerSpace(observationSpace, extra),
      ...{ actionSpace, hidden, activation, critic: false, squashed: true },
    });
  return { actor: squashed(latent), explorer: squashed(2 * latent), encoder: sequenceEncoder(settings) };
}

/** A belief as inputs of the explorer, [μ | σ²] `[..., 2 L]`. */
export const beliefInputs = ({ mean, logStd }: nn.DiagonalGaussian): t.Tensor =>
  t.concat([mean, t.exp(t.mul(logStd, 2))], -1);

type Names = "actor" | "explorer" | "encoder";

/** The state of a row is [memory | z | last observation | 1 after the first episode]. */
const metaCureKind: LatentKind<Names, MetaCureSettings> = {
  kind: "meta-cure",
  model(settings) {
    const { actor, explorer, encoder } = metaCureNetworks(settings);
    const { latent, observationSpace, actionSpace, encoderUnits: units } = settings;
    const observation = encodedWidth(observationSpace);
    const base = (network: ActorCritic, parameters: TensorTree, rows: t.Tensor) => {
      const p = parameters as Parameters<ActorCritic["distribution"]>[0];
      return (network.distribution(p, rows) as TanhGaussian).base;
    };
    return {
      layouts: { actor: actor.layout, explorer: explorer.layout, encoder: encoder.layout },
      memoryWidth: units + latent + observation + 1,
      step(parameters, { observations, state, latentNoise }) {
        const { seen, actions, rewards, ended, reached, first } = feedbackParts(settings, observations);
        const [before, held, last, knew] = t.split(state, [units, latent, observation, 1], 1);
        const transitions = { observations: last, actions, rewards, nextObservations: reached };
        const goesOn = t.sub(1, first);
        // The encoder has learnt first episodes only: after them the belief stays.
        const updated = encoder.step(parameters.encoder, transitions, before);
        const memory = t.mul(goesOn, t.where(t.greater(knew, 0), before, updated));
        const knows = t.mul(goesOn, t.maximum(knew, ended));
        const belief = encoder.belief(parameters.encoder, memory);
        const starts = t.greater(t.add(first, ended), 0);
        const z = t.where(starts, belief.sample(latentNoise), held);
        const exploring = base(explorer, parameters.explorer, t.concat([seen, beliefInputs(belief)], 1));
        const exploiting = base(actor, parameters.actor, t.concat([seen, z], 1));
        const chosen = (name: "mean" | "logStd") =>
          t.where(t.greater(knows, 0), exploiting[name], exploring[name]);
        return {
          distribution: nn.tanhGaussian(chosen("mean"), chosen("logStd"), actionSpace as nn.Bounds),
          state: t.concat([memory, z, seen, knows], 1),
        };
      },
    };
  },
};

/** Its recurrent state has, for each row, the encoder's memory, the current z and the last observation. */
export class MetaCurePolicy extends LatentPolicy<Names, MetaCureSettings> {
  /** @throws UsageError when the vectors do not fit the networks */
  constructor(settings: MetaCureSettings, parameters: Record<Names, Float32Array>) {
    super(metaCureKind, settings, parameters);
  }

  static fromData(data: PolicyData): MetaCurePolicy {
    const { settings, parameters } = latentFromData(metaCureKind, data);
    return new MetaCurePolicy(settings, parameters);
  }
}
