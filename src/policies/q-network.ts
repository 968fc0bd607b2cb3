/** @file A network of action values Q(s, ·) and its ε-greedy policy. */

import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import type { Layout, TensorTree } from "../nn/index.js";
import * as nn from "../nn/index.js";
import {
  type ActionMask,
  actionMaskOf,
  allowedActions,
  type Discrete,
  describeSpace,
  encodedWidth,
  requireAllowedActions,
  type Space,
  spaceWidth,
} from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import { maskedInputs } from "./action-mask.js";
import { encodeObservations } from "./actor-critic.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { featuresOf, type NetworkData } from "./networks/index.js";
import { policyMetadata } from "./onnx.js";
import { rowsOf } from "./rows.js";
import { DirectNetwork } from "./small-batch-forward.js";

/** The architecture of the network: plain data, saved with the weights. */
export interface QNetworkSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** Sizes of the hidden layers. `[]`: a linear network, which is a table over one-hot states. */
  hidden: number[];
  activation: nn.Activation;
  /** Network of features before the hidden layers; unset: the hidden layers receive observations. */
  network?: NetworkData;
  /** Whether there are two last hidden layers, one for V(s) and one for the advantages. */
  duelling: boolean;
}

/** The network: parameters in one flat vector, outputs as tensor expressions of them. */
export interface QNetwork {
  readonly settings: QNetworkSettings;
  readonly layout: Layout;
  /** Q(s, ·) `[B, n]` for observation rows `[B, w]`; −10⁹ for actions that their mask forbids. */
  values(parameters: TensorTree, observations: Tensor): Tensor;
}

/** The network of `settings`. @throws UsageError when the actions are not discrete */
export function qNetwork(settings: QNetworkSettings): QNetwork {
  const { observationSpace, actionSpace, hidden, activation, network, duelling } = settings;
  if (actionSpace.kind !== "discrete") {
    throw new UsageError(`a Q-network needs discrete actions, not ${describeSpace(actionSpace)}`);
  }
  const { space, seen, allowed } = maskedInputs({ observationSpace, actionSpace });
  const features = network && featuresOf(network, space);
  const inputs = features?.width ?? encodedWidth(space);
  const shape = { inputs, outputs: actionSpace.n, hidden, activation };
  const { parameters, apply } = duelling ? duellingNetwork(shape) : nn.mlp(shape);
  return {
    settings,
    layout: nn.layoutOf({ ...(features && { network: features.parameters }), ...parameters }),
    values(p, observations) {
      const encoded = encodeObservations(space, seen(observations));
      const values = apply(p, features ? features.apply(p.network as TensorTree, encoded) : encoded);
      return allowed(values, observations);
    },
  };
}

/**
 * Q(s, a) = V(s) + A(s, a) − mean A(s, ·) [Wang et al. 2016, eq. 9]. Both streams share all layers except the last
 * hidden layer.
 */
function duellingNetwork({
  inputs,
  outputs,
  hidden,
  activation,
}: Pick<nn.MlpOptions, "inputs" | "outputs" | "hidden"> & { activation: nn.Activation }): nn.Module {
  const trunk = nn.hiddenLayers({ inputs, hidden: hidden.slice(0, -1), activation });
  const stream = (outputs: number) =>
    nn.mlp({ inputs: trunk.width, hidden: hidden.slice(-1), outputs, activation });
  const value = stream(1);
  const advantages = stream(outputs);
  return {
    parameters: { trunk: trunk.parameters, value: value.parameters, advantages: advantages.parameters },
    apply(p, x) {
      const features = trunk.apply(p.trunk as TensorTree, x);
      const a = advantages.apply(p.advantages as TensorTree, features);
      const centred = t.sub(a, t.mean(a, -1, { keepDims: true }));
      return t.add(value.apply(p.value as TensorTree, features), centred);
    },
  };
}

interface Compiled {
  network: QNetwork;
  /** Q(s, ·) `[B, n]`. */
  forward: t.Program;
  /** A faster implementation for a few rows, for architectures that have one. */
  direct?: DirectNetwork;
}

const compiled = new Map<string, Compiled>();

/** The network of `settings` and its forward program, traced at the first call and shared afterwards. */
function compile(settings: QNetworkSettings): Compiled {
  const key = JSON.stringify(settings);
  const known = compiled.get(key);
  if (known) return known;
  const network = qNetwork(settings);
  const { layout } = network;
  const inputs = {
    parameters: t.float32([layout.size]),
    observations: t.float32(["batch", spaceWidth(settings.observationSpace)]),
  };
  const forward = t.program(inputs, ({ parameters, observations }) => ({
    values: network.values(layout.unflatten(parameters), observations),
  }));
  const names = [...settings.hidden.map((_, i) => `hidden${i}`), "output"];
  const direct =
    settings.duelling || settings.network ? undefined : DirectNetwork.of(names, settings, layout);
  const made = { network, forward, direct };
  compiled.set(key, made);
  return made;
}

/** The ε-greedy policy of a network's action values; the mode is the first of the best actions. */
export class QPolicy implements Policy {
  private readonly compiled: Compiled;
  private readonly choices: number;
  private readonly everyAction: readonly number[];
  private readonly mask?: ActionMask;

  /**
   * @param parameters not copied, so a learner's updates apply to its policy
   * @param exploration ε, the fraction of uniformly random actions
   * @throws UsageError when the vector does not fit the network
   */
  constructor(
    readonly settings: QNetworkSettings,
    public parameters: Float32Array,
    public exploration = 0,
  ) {
    this.compiled = compile(settings);
    this.choices = (settings.actionSpace as Discrete).n;
    this.everyAction = Array.from({ length: this.choices }, (_, a) => a);
    this.mask = actionMaskOf(settings);
    const { size } = this.compiled.network.layout;
    if (parameters.length !== size) {
      throw new UsageError(`the network has ${size} parameters, but the vector has ${parameters.length}`);
    }
  }

  get observationSpace(): Space {
    return this.settings.observationSpace;
  }

  get actionSpace(): Space {
    return this.settings.actionSpace;
  }

  /** The action values Q(s, ·) `[N, n]`. */
  async actionValues(observations: Float32Array): Promise<Float32Array> {
    const { forward, direct } = this.compiled;
    const { parameters, choices } = this;
    const rows = rowsOf(this.observationSpace, observations);
    if (!direct?.suits(rows)) {
      return (await forward.run({ parameters, observations })).values as Float32Array;
    }
    const values = new Float32Array(rows * choices);
    for (let i = 0; i < rows; i++) values.set(direct.outputs(parameters, observations, i), i * choices);
    return values;
  }

  async act(observations: Float32Array, { rng, deterministic = false }: ActOptions): Promise<ActResult> {
    const { choices } = this;
    const actions = new Int32Array(rowsOf(this.observationSpace, observations)).fill(-1);
    if (this.mask) requireAllowedActions(this.mask, observations);
    const epsilon = deterministic ? 0 : this.exploration;
    if (epsilon > 0) {
      const drawn = needRng(rng);
      for (let i = 0; i < actions.length; i++) {
        if (drawn.uniform() >= epsilon) continue;
        const allowed = this.allowedIn(observations, i);
        actions[i] = allowed[drawn.integer(allowed.length)];
      }
    }
    if (actions.includes(-1)) {
      const values = await this.actionValues(observations);
      for (let i = 0; i < actions.length; i++) {
        if (actions[i] < 0) actions[i] = argmaxRow(values, i * choices, choices);
      }
    }
    return { actions };
  }

  async probabilities(observations: Float32Array): Promise<Float64Array> {
    const { choices, exploration } = this;
    const values = await this.actionValues(observations);
    const table = new Float64Array(values.length);
    for (let start = 0; start < table.length; start += choices) {
      const allowed = this.allowedIn(observations, start / choices);
      for (const a of allowed) table[start + a] = exploration / allowed.length;
      table[start + argmaxRow(values, start, choices)] += 1 - exploration;
    }
    return table;
  }

  async logProb(observations: Float32Array, actions: ActionBatch): Promise<Float32Array> {
    const table = await this.probabilities(observations);
    return Float32Array.from(actions, (a, i) => Math.log(table[i * this.choices + a]));
  }

  /** The state values Σ_a π(a | s) Q(s, a), `[N]`. */
  async value(observations: Float32Array): Promise<Float32Array> {
    const { choices, exploration } = this;
    const values = await this.actionValues(observations);
    return Float32Array.from({ length: values.length / choices }, (_, i) => {
      const row = values.subarray(i * choices, (i + 1) * choices);
      const allowed = this.allowedIn(observations, i);
      const mean = allowed.reduce((sum, a) => sum + row[a], 0) / allowed.length;
      return (1 - exploration) * row[argmaxRow(row, 0, choices)] + exploration * mean;
    });
  }

  /** The actions that the mask of row i allows: all, where there is no mask or none is allowed. */
  private allowedIn(observations: Float32Array, i: number): readonly number[] {
    return (this.mask && allowedActions(this.mask, observations, i)) ?? this.everyAction;
  }

  toData(): PolicyData {
    const views = this.compiled.network.layout.views(this.parameters);
    const arrays = Object.fromEntries(
      Object.entries(views).map(([name, { shape, data }]) => [name, { shape: [...shape], data }]),
    );
    return { kind: "q-network", settings: { ...this.settings, exploration: this.exploration }, arrays };
  }

  /** An ONNX model of the best `actions` and all `actionValues`, for any batch size, with the weights included. */
  toOnnx(): Uint8Array {
    const { layout, values } = this.compiled.network;
    const observations = t.float32(["batch", spaceWidth(this.observationSpace)]);
    return t
      .program({ observations }, (inputs) => {
        const q = values(layout.constants(this.parameters), inputs.observations);
        return { actions: t.argmax(q, -1), actionValues: q };
      })
      .toOnnx(policyMetadata({ kind: "q-network", ...this.settings }));
  }

  static fromData({ settings, arrays }: PolicyData): QPolicy {
    const { exploration, ...shape } = settings as unknown as QNetworkSettings & { exploration: number };
    // The layout takes no memory, unlike the program: the weights are checked before this is traced.
    const { layout } = qNetwork(shape);
    const parameters = layout.fromNamed(arrays as Parameters<typeof layout.fromNamed>[0]);
    return new QPolicy(shape, parameters, exploration);
  }
}
