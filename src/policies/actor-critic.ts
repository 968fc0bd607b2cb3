/** @file The networks of a policy with an optional critic, as parameters and tensor expressions. */

import { feedbackLayout, feedbackSpace } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import type { Distribution, Layout, Noise, TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import { type ActionScaling, encodedWidth, type Space, spaceWidth } from "../spaces/index.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import { type MaskedInputs, maskedInputs } from "./action-mask.js";
import { featuresOf, type NetworkData } from "./networks/index.js";

/** The architecture of the networks: plain data, saved with the weights. */
export interface ActorCriticSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** "feedback": the networks receive [o, a₋₁, r₋₁, d₋₁] of feedback rows [Duan et al. 2016, §2.2]. Default: observations. */
  view?: "feedback";
  /** Sizes of the hidden layers. `[]`: a linear policy, which is a table over one-hot states. */
  hidden: number[];
  activation: nn.Activation;
  /** Network of features before the hidden layers; unset: the hidden layers receive observations. */
  network?: NetworkData;
  /** Whether box observations are standardised to mean 0 and standard deviation 1; passed on to `network`. */
  standardised?: boolean;
  /** Whether there is a value network, of the same shape as the policy network. */
  critic: boolean;
  /** Whether policy and critic share features, hidden layers and memory. Default: separate. */
  sharedTrunk?: boolean;
  /** Units of a GRU between the hidden layers and the outputs; unset: no memory. */
  recurrentUnits?: number;
  /** Initial log standard deviation of normalised box actions, when it does not depend on the state. Default 0. */
  initialLogStd?: number;
  /**
   * The map from the normalised actions of the Gaussian to those of the box; `actionScaling` derives it from the space.
   * Unset: the identity, as in all files of policies before version 0.2. Squashed actions are scaled by the bounds.
   */
  actionScaling?: ActionScaling;
  /**
   * The distribution of box actions. True: a Gaussian squashed into the bounds, with state-dependent deviation (as in
   * SAC). False: an unbounded Gaussian with one deviation for all states, scaled by `actionScaling`. "mean": the latter
   * with its mean squashed into the bounds (as in TD3 and IQL).
   */
  squashed?: boolean | "mean";
}

type Parameters = ReturnType<typeof declareParameters>["parameters"];

/** The additional inputs of a recurrent network. */
export interface Memory {
  /** `[B, memoryWidth]`, before the first step. */
  state: Tensor;
  /** `[T, B]`, 1: reset the state before that step. If present, observations are sequences `[T, B, w]`. */
  resets?: Tensor;
}

/** The networks' outputs for B rows, or for the T·B rows of sequences, step-major. */
export interface Evaluated {
  distribution: Distribution;
  /** V(s) `[B]`, traced at the first call. */
  value(): Tensor;
  /** `[B, memoryWidth]` after the last step. */
  state(): Tensor;
}

/** The networks: parameters in one flat vector, outputs as tensor expressions of them. */
export interface ActorCritic {
  readonly settings: ActorCriticSettings;
  readonly layout: Layout<Parameters>;
  /** The noise of one sampled action; `shape` excludes the batch. */
  readonly noise: Noise;
  /** The size of the recurrent state of a row; 0 without memory. */
  readonly memoryWidth: number;
  /** π(· | s) and V(s) for observation rows `[B, w]`, or with `memory.resets` for sequences `[T, B, w]`. */
  evaluate(parameters: TensorTree<Parameters>, observations: Tensor, memory?: Memory): Evaluated;
  /** π(· | s) for observation rows `[B, w]`, of networks without memory. */
  distribution(parameters: TensorTree<Parameters>, observations: Tensor): Distribution;
  /** V(s) `[B]` for observation rows `[B, w]`, of networks without memory. */
  value(parameters: TensorTree<Parameters>, observations: Tensor): Tensor;
}

/** The actor–critic of `settings`. @throws UsageError for action spaces that network policies do not support */
export function actorCritic(settings: ActorCriticSettings): ActorCritic {
  const inputs = inputsOf(settings);
  const { parameters, trunk, actorOutput, criticOutput, head } = declareParameters(settings, inputs.space);
  const { sharedTrunk = false, recurrentUnits = 0, critic } = settings;
  const memories = critic && !sharedTrunk ? 2 : 1;

  const evaluate: ActorCritic["evaluate"] = (p, observations, memory) => {
    const sequences = memory?.resets && observations.shape.slice(0, 2);
    const rows = sequences ? t.reshape(observations, [-1, observations.shape[2]]) : observations;
    const encoded = encodeInputs(settings, inputs, rows);
    if (recurrentUnits > 0 && !memory)
      throw new Error("recurrent networks must be evaluated with their memory");
    const states = memory && t.split(memory.state, new Array<number>(memories).fill(recurrentUnits), 1);
    const through = (weights: TensorTree, i: number) =>
      trunk.apply(weights, encoded, sequences, states && { state: states[i], resets: memory?.resets });
    const acting = through(sharedTrunk ? p.trunk : p.actor, 0);
    const valuing = lazily(() => (sharedTrunk ? acting : through(p.critic, 1)));
    const outputs = inputs.allowed(actorOutput.apply(p.actor.output, acting.features), rows);
    return {
      distribution: head.distribution(outputs, p.head),
      value: () => t.reshape(criticOutput.apply(p.critic.output, valuing().features), [-1]),
      state: () => (memories === 1 ? acting.state! : t.concat([acting.state!, valuing().state!], 1)),
    };
  };
  return {
    settings,
    layout: nn.layoutOf(parameters),
    noise: head.noise,
    memoryWidth: memories * recurrentUnits,
    evaluate,
    distribution: (p, observations) => evaluate(p, observations).distribution,
    value: (p, observations) => evaluate(p, observations).value(),
  };
}

/** The value of `make`, computed at the first call, so that unused outputs are not traced. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** @param seen the space of observations without their action mask */
function declareParameters(settings: ActorCriticSettings, seen: Space) {
  const { actionSpace, critic, sharedTrunk = false } = settings;
  const trunk = trunkOf({ ...settings, observationSpace: seen });
  const head = actionHead(actionSpace, settings);
  // A small last layer starts the policy near uniform [Andrychowicz et al. 2021, §3.2].
  const actorOutput = nn.dense(trunk.width, head.outputs, { weight: nn.initialisers.orthogonal(0.01) });
  const criticOutput = nn.dense(trunk.width, 1, { weight: nn.initialisers.orthogonal(1) });
  const own = sharedTrunk ? {} : trunk.parameters;
  const parameters = {
    ...(sharedTrunk ? { trunk: trunk.parameters } : {}),
    actor: { ...own, output: actorOutput.parameters },
    head: head.parameters,
    critic: critic ? { ...own, output: criticOutput.parameters } : {},
  };
  type Output = nn.ParameterTree & { output: nn.DenseParameters };
  return {
    parameters: parameters as {
      trunk: nn.ParameterTree;
      actor: Output;
      head: nn.ParameterTree;
      critic: Output;
    },
    trunk,
    actorOutput,
    criticOutput,
    head,
  };
}

/** The layers between observations and outputs: optional network of features, hidden layers, optional GRU. */
function trunkOf({
  observationSpace,
  hidden,
  activation,
  network,
  standardised,
  recurrentUnits,
  ...inputSpaces
}: ActorCriticSettings) {
  if (network && inputSpaces.view)
    throw new UsageError("a policy on feedback rows has no network of features");
  const features = network && featuresOf(network, observationSpace, { standardised });
  const inputs = features?.width ?? inputWidth({ observationSpace, ...inputSpaces });
  const layers = nn.hiddenLayers({ inputs, hidden, activation });
  const gru = recurrentUnits ? nn.gru({ inputs: layers.width, units: recurrentUnits }) : undefined;
  return {
    parameters: {
      ...(features && { network: features.parameters }),
      ...layers.parameters,
      ...(gru && { gru: gru.parameters }),
    } as nn.ParameterTree,
    /** The number of features. */
    width: recurrentUnits ?? layers.width,
    /**
     * Features of encoded rows `[B, w]`, or of the T·B rows of sequences whose [T, B] is given: `[B, width]` or
     * `[T·B, width]`, and the memory after them.
     */
    apply(
      p: TensorTree,
      encoded: Tensor,
      sequences?: t.Shape,
      memory?: Memory,
    ): { features: Tensor; state?: Tensor } {
      const rows = features ? features.apply(p.network as TensorTree, encoded) : encoded;
      const x = sequences ? t.reshape(rows, [...sequences, inputs]) : rows;
      const out = layers.apply(p, x);
      if (!gru || !memory) return { features: out };
      const weights = p.gru as TensorTree<nn.GruParameters>;
      if (!memory.resets) {
        const state = gru.step(weights, out, memory.state);
        return { features: state, state };
      }
      const { states, last } = gru.sequence(weights, out, memory.state, memory.resets);
      return { features: t.reshape(states, [-1, gru.units]), state: last };
    },
  };
}

/** The conversion of a network's outputs to a distribution over actions. */
export interface ActionHead {
  outputs: number;
  parameters: nn.ParameterTree;
  noise: Noise;
  distribution(outputs: Tensor, parameters: TensorTree): Distribution;
}

/** The range of log standard deviations of a squashed Gaussian, as in the code of [Haarnoja et al. 2018a]. */
const LOG_STD_RANGE = [-20, 2] as const;

/** The head of a network of actions in `space`. @throws UsageError for spaces that network policies do not support */
export function actionHead(
  space: Space,
  {
    squashed = false,
    initialLogStd = 0,
    actionScaling,
  }: Pick<ActorCriticSettings, "squashed" | "initialLogStd" | "actionScaling">,
): ActionHead {
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
      if (squashed === true) {
        return {
          outputs: 2 * width,
          parameters: {},
          noise: { kind: "normal", shape: [width] },
          distribution(outputs) {
            const [mean, logStd] = t.split(outputs, [width, width], -1);
            return nn.tanhGaussian(mean, t.clip(logStd, ...LOG_STD_RANGE), space);
          },
        };
      }
      return {
        outputs: width,
        parameters: { logStd: { shape: [width], initialise: nn.initialisers.constant(initialLogStd) } },
        noise: { kind: "normal", shape: [width] },
        distribution(outputs, p) {
          const mean = squashed === "mean" ? t.tanh(outputs) : outputs;
          const normalised = nn.diagonalGaussian(mean, p.logStd as Tensor);
          if (!actionScaling) return normalised;
          return nn.affine(normalised, { shift: actionScaling.centre, scale: actionScaling.halfWidth });
        },
      };
    }
    default:
      throw new UsageError(
        `a network policy does not support a ${space.kind} action space; flatten it to a vector first`,
      );
  }
}

type Inputs = Pick<ActorCriticSettings, "observationSpace" | "actionSpace" | "view">;

/** The space of the observation rows of a policy: of the environment, or of its feedback view. */
export const rowSpace = ({ observationSpace, actionSpace, view }: Inputs): Space =>
  view ? feedbackSpace(observationSpace, actionSpace) : observationSpace;

/** Sizes of the parts of feedback rows: [o, a₋₁, r₋₁, d₋₁], which the networks receive, and the rest. */
function feedbackParts({ observationSpace, actionSpace }: Inputs): [received: number, rest: number] {
  const { parts, width } = feedbackLayout(observationSpace, actionSpace);
  const received = parts.slice(0, 4).reduce((a, b) => a + b);
  return [received, width - received];
}

/** The number of inputs of the first layer. */
const inputWidth = (settings: Inputs): number =>
  settings.view ? feedbackParts(settings)[0] : encodedWidth(settings.observationSpace);

/**
 * The action mask in observations, and what is left of them.
 *
 * @throws UsageError for masks in feedback rows, which such policies would not honour
 */
function inputsOf(settings: Inputs): MaskedInputs {
  const inputs = maskedInputs(settings);
  if (!settings.view || !inputs.mask) return inputs;
  throw new UsageError(
    `observations have the action mask ${inputs.mask.name}, which a policy that adapts to its task does not honour`,
  );
}

/** Observation rows as inputs of the first layer, `[B, inputWidth]`. */
const encodeInputs = (settings: Inputs, inputs: MaskedInputs, rows: Tensor): Tensor =>
  settings.view
    ? t.split(rows, feedbackParts(settings), 1)[0]
    : encodeObservations(inputs.space, inputs.seen(rows));

/** Converts rows of a vector environment `[B, w]` to `[B, encodedWidth]`, with discrete parts one-hot. */
export function encodeObservations(space: Space, rows: Tensor): Tensor {
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
