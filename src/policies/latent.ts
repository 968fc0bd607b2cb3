/**
 * @file Policies that act on a sample z of a latent task variable, which they draw at the start of each episode of a
 * trial: the part that PEARL and MetaCURE share.
 */

import { feedbackLayout, feedbackSpace } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import type * as nn from "../nn/index.js";
import type { NamedArray, TanhGaussian, TensorTree } from "../nn/index.js";
import type { Rng } from "../random/rng.js";
import { box, encodedWidth, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import * as t from "../tensor/index.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { actionInput } from "./network.js";
import { distributionOutputs, policyMetadata } from "./onnx.js";
import { arraysUnder } from "./parts.js";
import { rowsOf } from "./rows.js";

/** The part of the settings that all such policies have. */
export interface LatentSettings {
  observationSpace: Space;
  actionSpace: Space;
  /** The size L of z. */
  latent: number;
}

/** The inputs of a step: feedback rows `[B, w]`, the state before it `[B, m]`, and standard normal noise `[B, L]`. */
export type StepInputs = Record<"observations" | "state" | "latentNoise", t.Tensor>;

/** The networks of a policy, and its step as tensors. */
export interface LatentModel<N extends string> {
  readonly layouts: Readonly<Record<N, nn.Layout>>;
  /** The size m of the recurrent state of a row. */
  readonly memoryWidth: number;
  /** The distribution of actions, and the state after the step. */
  step(
    parameters: Record<N, TensorTree>,
    inputs: StepInputs,
  ): { distribution: TanhGaussian; state: t.Tensor };
}

/** A kind of policy: its name, and the model of its settings. */
export interface LatentKind<N extends string, S extends LatentSettings> {
  readonly kind: string;
  model(settings: S): LatentModel<N>;
}

/** The space of rows of an observation, encoded, and `extra` further numbers. */
export const widerSpace = (observationSpace: Space, extra: number) =>
  box([encodedWidth(observationSpace) + extra], -Infinity, Infinity);

/** The parts of feedback rows `[B, w]`. */
export function feedbackParts({ observationSpace, actionSpace }: LatentSettings, rows: t.Tensor) {
  const { parts } = feedbackLayout(observationSpace, actionSpace);
  const [seen, actions, rewards, ended, reached, first] = t.split(rows, parts, 1);
  return { seen, actions, rewards, ended, reached, first };
}

interface Compiled<N extends string> {
  model: LatentModel<N>;
  sample: t.Program;
  mode: t.Program;
  logProb: t.Program;
}

const compiled = new Map<string, Compiled<string>>();

/** The programs of such settings, traced at the first call and shared afterwards. */
function compile<N extends string, S extends LatentSettings>(
  { kind, model: modelOf }: LatentKind<N, S>,
  settings: S,
): Compiled<N> {
  const key = JSON.stringify([kind, settings]);
  const known = compiled.get(key);
  if (known) return known as Compiled<N>;
  const model = modelOf(settings);
  const names = Object.keys(model.layouts) as N[];
  const vectors = Object.fromEntries(names.map((name) => [name, t.float32([model.layouts[name].size])]));
  const forward = (
    extra: Record<string, t.InputSpec>,
    build: (out: ReturnType<typeof model.step>, inputs: Record<string, t.Tensor>) => Record<string, t.Tensor>,
  ) =>
    t.program({ ...vectors, ...stepInputs(model, settings), ...extra }, (inputs) =>
      build(model.step(trees(model, inputs), inputs as StepInputs), inputs),
    );
  const { actionSpace } = settings;
  const programs: Compiled<N> = {
    model,
    sample: forward({ noise: t.float32(["batch", spaceWidth(actionSpace)]) }, (out, { noise }) => {
      const { action, logProb } = out.distribution.sampleWithLogProb(noise);
      return { actions: action, logProbs: logProb, state: out.state };
    }),
    mode: forward({}, ({ distribution, state }) => {
      const actions = distribution.mode();
      return { actions, logProbs: distribution.logProb(actions), state };
    }),
    logProb: forward({ actions: actionInput(actionSpace, "batch") }, ({ distribution }, { actions }) => ({
      logProbs: distribution.logProb(actions),
    })),
  };
  compiled.set(key, programs as Compiled<string>);
  return programs;
}

/** A tree for each of the model's networks. */
function treesBy<N extends string>(
  { layouts }: LatentModel<N>,
  treeOf: (layout: nn.Layout, name: N) => TensorTree,
): Record<N, TensorTree> {
  const names = Object.keys(layouts) as N[];
  return Object.fromEntries(names.map((name) => [name, treeOf(layouts[name], name)])) as Record<
    N,
    TensorTree
  >;
}

/** The trees of the model's flat vectors. */
const trees = <N extends string>(model: LatentModel<N>, vectors: Readonly<Record<string, t.Tensor>>) =>
  treesBy(model, (layout, name) => layout.unflatten(vectors[name]));

const stepInputs = (
  model: LatentModel<string>,
  { observationSpace, actionSpace, latent }: LatentSettings,
) => ({
  observations: t.float32(["batch", feedbackLayout(observationSpace, actionSpace).width]),
  state: t.float32(["batch", model.memoryWidth]),
  latentNoise: t.float32(["batch", latent]),
});

/**
 * A policy that adapts to the task of a trial. z is sampled also in deterministic acting, because what the policy does
 * depends on it.
 */
export class LatentPolicy<N extends string, S extends LatentSettings> implements Policy {
  readonly view = "feedback";
  private readonly compiled: Compiled<N>;

  /**
   * @param parameters flat vectors, not copied, so a learner's updates apply to its policy
   * @throws UsageError when the vectors do not fit the networks
   */
  constructor(
    private readonly of: LatentKind<N, S>,
    readonly settings: S,
    public parameters: Readonly<Record<N, Float32Array>>,
  ) {
    this.compiled = compile(of, settings);
    for (const [name, { size }] of Object.entries<nn.Layout>(this.compiled.model.layouts)) {
      const { length } = parameters[name as N];
      if (length === size) continue;
      throw new UsageError(`the ${name} has ${size} parameters, but the vector has ${length}`);
    }
  }

  get observationSpace(): Space {
    return this.settings.observationSpace;
  }

  get actionSpace(): Space {
    return this.settings.actionSpace;
  }

  /** The size of the recurrent state of a row. */
  get memoryWidth(): number {
    return this.compiled.model.memoryWidth;
  }

  async act(observations: Float32Array, { rng, deterministic, state }: ActOptions): Promise<ActResult> {
    const { sample, mode } = this.compiled;
    const feeds = this.feeds(observations, state, rng);
    if (deterministic) return (await mode.run(feeds)) as unknown as ActResult;
    const noise = new Float32Array(this.rows(observations) * spaceWidth(this.actionSpace));
    needRng(rng).fillNormal(noise);
    return (await sample.run({ ...feeds, noise })) as unknown as ActResult;
  }

  /** log π(a | s, z). In a row that starts an episode, z is not sampled yet and stands at the mean of its posterior. */
  async logProb(
    observations: Float32Array,
    actions: ActionBatch,
    state?: Float32Array,
  ): Promise<Float32Array> {
    const feeds = this.feeds(observations, state);
    return (await this.compiled.logProb.run({ ...feeds, actions })).logProbs as Float32Array;
  }

  toData(): PolicyData {
    const { layouts } = this.compiled.model;
    const named = (name: N) => Object.entries<NamedArray>(layouts[name].views(this.parameters[name]));
    const names = Object.keys(layouts) as N[];
    const arrays = names.flatMap((name) =>
      named(name).map(([key, { shape, data }]) => [`${name}.${key}`, { shape: [...shape], data }]),
    );
    return {
      kind: this.of.kind,
      settings: { ...(this.settings as object) },
      arrays: Object.fromEntries(arrays),
    };
  }

  /**
   * An ONNX model of one step with the mode of the actions, for any batch size, with the weights included. Inputs are
   * feedback rows, `state` and standard normal `latentNoise` `[B, L]` for z; outputs are actions and `state_out`.
   */
  toOnnx(): Uint8Array {
    const { model } = this.compiled;
    return t
      .program(stepInputs(model, this.settings), (inputs) => {
        const constants = treesBy(model, (layout, name) =>
          layout.constants(this.parameters[name], `${name}.`),
        );
        const { distribution, state } = model.step(constants, inputs as StepInputs);
        return { actions: distribution.mode(), ...distributionOutputs(distribution), state };
      })
      .toOnnx(policyMetadata({ kind: this.of.kind, ...this.settings }));
  }

  /** The number of rows N in feedback rows `[N, w]`. */
  private rows(observations: Float32Array): number {
    return rowsOf(feedbackSpace(this.observationSpace, this.actionSpace), observations);
  }

  /** The common inputs of the programs. Without `rng`, z is at the mean of its posterior. */
  private feeds(
    observations: Float32Array,
    state: Float32Array | undefined,
    rng?: Rng,
  ): Record<string, t.ProgramArray> {
    const rows = this.rows(observations);
    return {
      ...this.parameters,
      observations,
      state: state ?? new Float32Array(rows * this.memoryWidth),
      latentNoise: this.drawLatentNoise(observations, rows, rng),
    };
  }

  /** Noise for z in rows that start an episode; elsewhere z is not sampled, and no number is drawn. */
  private drawLatentNoise(observations: Float32Array, rows: number, rng?: Rng): Float32Array {
    const { latent } = this.settings;
    // Not kept for the next call: several may run at the same time.
    const noise = new Float32Array(rows * latent);
    const { parts, width } = feedbackLayout(this.observationSpace, this.actionSpace);
    const ended = parts[0] + parts[1] + parts[2];
    if (!rng) return noise;
    for (let i = 0; i < rows; i++) {
      const starts = observations[i * width + ended] + observations[(i + 1) * width - 1] > 0;
      if (starts) for (let k = 0; k < latent; k++) noise[i * latent + k] = rng.normal();
    }
    return noise;
  }
}

/**
 * The settings and the flat vectors of such a policy, from its data.
 *
 * @throws UsageError for missing, unknown or misshapen weights
 */
export function latentFromData<N extends string, S extends LatentSettings>(
  { model }: LatentKind<N, S>,
  { settings, arrays }: PolicyData,
): { settings: S; parameters: Record<N, Float32Array> } {
  const shape = settings as unknown as S;
  // The layouts take no memory, unlike the programs: the weights are checked before these are traced.
  const { layouts } = model(shape);
  const vectors = Object.entries<nn.Layout>(layouts).map(([name, layout]) => [
    name,
    layout.fromNamed(arraysUnder(name, arrays)),
  ]);
  return { settings: shape, parameters: Object.fromEntries(vectors) as Record<N, Float32Array> };
}
