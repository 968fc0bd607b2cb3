/** @file The network policy: runs the programs of an actor–critic on batches of observations. */

import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import type { Categorical, Distribution, TanhGaussian } from "../nn/index.js";
import type { Rng } from "../random/rng.js";
import {
  type ActionMask,
  actionMaskOf,
  clipToBox,
  type Discrete,
  isIntegral,
  requireAllowedActions,
  type Space,
  spaceWidth,
} from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import * as t from "../tensor/index.js";
import {
  type ActorCritic,
  type ActorCriticSettings,
  actorCritic,
  type Evaluated,
  rowSpace,
} from "./actor-critic.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { distributionOutputs, policyMetadata } from "./onnx.js";
import { rowsOf } from "./rows.js";
import { DirectActor } from "./small-batch-forward.js";
import {
  normalisedRows,
  normaliseRows,
  type ObservationStatistics,
  statisticsFromArrays,
  statisticsToArrays,
} from "./statistics.js";

/** The forward programs of one architecture, shared by all policies of that architecture. */
interface ForwardPrograms {
  network: ActorCritic;
  /** Log-probabilities `[B, K]` of discrete actions, from which `choose` samples. */
  table?: t.Program;
  /** Actions of other spaces, computed from noise. */
  sample?: t.Program;
  mode?: t.Program;
  logProb: t.Program;
  value?: t.Program;
  /** A faster implementation for a few rows, for architectures that have one. */
  direct?: DirectActor;
}

const compiled = new Map<string, ForwardPrograms>();

/** The programs for `settings`, traced at the first call and shared afterwards. */
function forwardPrograms(settings: ActorCriticSettings): ForwardPrograms {
  const key = JSON.stringify(settings);
  const known = compiled.get(key);
  if (known) return known;
  const programs = traceForward(settings);
  compiled.set(key, programs);
  return programs;
}

/** Actions `[B, k]` in the shape that the distribution of `space` takes. */
export function actionInput(space: Space, batch: t.Dim) {
  const shape = space.kind === "discrete" ? [batch] : [batch, spaceWidth(space)];
  return isIntegral(space) ? t.int32(shape) : t.float32(shape);
}

function traceForward(settings: ActorCriticSettings): ForwardPrograms {
  const network = actorCritic(settings);
  const { layout, memoryWidth } = network;
  const noise = t.float32(["batch", ...network.noise.shape]);
  const actions = actionInput(settings.actionSpace, "batch");
  const always = {
    parameters: t.float32([layout.size]),
    observations: t.float32(["batch", spaceWidth(rowSpace(settings))]),
    ...(memoryWidth > 0 ? { state: t.float32(["batch", memoryWidth]) } : {}),
  };
  /** A program of the parameters, the observations, the memory and further inputs. */
  const forward = <K extends string>(
    extra: Record<K, t.InputSpec>,
    build: (evaluated: Evaluated, inputs: Record<K, t.Tensor>) => Record<string, t.Tensor>,
  ) =>
    t.program({ ...always, ...extra }, (inputs) => {
      const p = layout.unflatten(inputs.parameters);
      const memory = memoryWidth > 0 ? { state: inputs.state } : undefined;
      return build(network.evaluate(p, inputs.observations, memory), inputs as Record<K, t.Tensor>);
    });
  const acting = (pi: Distribution, chosen: t.Tensor) => ({ actions: chosen, logProbs: pi.logProb(chosen) });
  const sampling = (pi: Distribution, noise: t.Tensor) => {
    if (pi.kind !== "tanh-gaussian") return acting(pi, pi.sample(noise));
    const { action, logProb } = (pi as TanhGaussian).sampleWithLogProb(noise);
    return { actions: action, logProbs: logProb };
  };
  /**
   * Recurrent policies return the new state (and value) with each action; for others, values are computed later in one
   * batch.
   */
  const remembering = (outputs: Record<string, t.Tensor>, { state, value }: Evaluated) => ({
    ...outputs,
    ...(memoryWidth > 0 ? { state: state() } : {}),
    ...(memoryWidth > 0 && settings.critic ? { values: value() } : {}),
  });
  const choosing =
    settings.actionSpace.kind === "discrete"
      ? {
          table: forward({}, (out) =>
            remembering({ logProbs: (out.distribution as Categorical).logProbs }, out),
          ),
        }
      : {
          sample: forward({ noise }, (out, inputs) =>
            remembering(sampling(out.distribution, inputs.noise), out),
          ),
          mode: forward({}, (out) => remembering(acting(out.distribution, out.distribution.mode()), out)),
        };
  return {
    network,
    ...choosing,
    logProb: forward({ actions }, ({ distribution }, inputs) => ({
      logProbs: distribution.logProb(inputs.actions),
    })),
    value: settings.critic ? forward({}, ({ value }) => ({ values: value() })) : undefined,
    direct: DirectActor.of(settings, layout),
  };
}

/**
 * Samples actions from log-probabilities `[B, K]`. In plain code, because on small batches the dozen graph nodes for
 * sampling take as long as the networks.
 */
export function choose(
  table: Float32Array,
  rows: number,
  rng?: Rng,
): Pick<ActResult, "actions" | "logProbs"> {
  const choices = table.length / rows;
  const actions = new Int32Array(rows);
  const logProbs = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const start = i * choices;
    const a = rng ? sampleRow(table, start, choices, rng.uniform()) : argmaxRow(table, start, choices);
    actions[i] = a;
    logProbs[i] = table[start + a];
  }
  return { actions, logProbs };
}

/** The choice whose interval of cumulative probabilities contains `u`; never a choice of probability zero. */
function sampleRow(table: Float32Array, start: number, choices: number, u: number): number {
  let last = 0;
  let left = u;
  for (let a = 0; a < choices; a++) {
    const p = Math.exp(table[start + a]);
    if (p === 0) continue;
    last = a;
    left -= p;
    if (left < 0) break;
  }
  return last;
}

/** A policy with a flat parameter vector. The vector is not copied, so a learner's updates apply to its policy. */
export class NetworkPolicy implements Policy {
  private readonly programs: ForwardPrograms;
  private readonly mask?: ActionMask;
  /** State values `[N]`, for policies with a critic. */
  readonly value?: (observations: Float32Array, state?: Float32Array) => Promise<Float32Array>;
  /** Action probabilities `[N, actions]`, for discrete actions without recurrent state. */
  readonly probabilities?: (observations: Float32Array) => Promise<Float64Array>;

  /**
   * @param statistics of observations, when the networks receive them normalised; not modified
   * @throws UsageError when the vector does not fit the networks
   */
  constructor(
    readonly settings: ActorCriticSettings,
    public parameters: Float32Array,
    readonly statistics?: ObservationStatistics,
  ) {
    this.programs = forwardPrograms(settings);
    this.mask = actionMaskOf(settings);
    const { size } = this.programs.network.layout;
    if (parameters.length !== size) {
      throw new UsageError(`the networks have ${size} parameters, but the vector has ${parameters.length}`);
    }
    const { value, table, network } = this.programs;
    if (value) {
      this.value = async (observations, state) =>
        (await value.run(this.feeds(observations, state))).values as Float32Array;
    }
    if (table && network.memoryWidth === 0) {
      this.probabilities = async (observations) => {
        const { logProbs } = await table.run(this.feeds(observations));
        return sumToOne(Float64Array.from(logProbs, Math.exp), (settings.actionSpace as Discrete).n);
      };
    }
  }

  get observationSpace(): Space {
    return this.settings.observationSpace;
  }

  get actionSpace(): Space {
    return this.settings.actionSpace;
  }

  get view(): "feedback" | undefined {
    return this.settings.view;
  }

  /** The size of the recurrent state of a row; 0 for a policy without memory. */
  get memoryWidth(): number {
    return this.programs.network.memoryWidth;
  }

  async act(observations: Float32Array, options: ActOptions): Promise<ActResult> {
    const result = await this.choose(observations, options);
    const { actionSpace } = this;
    if (actionSpace.kind !== "box" || this.settings.squashed === true) return result;
    const unclipped = result.actions as Float32Array;
    return { ...result, actions: clipToBox(unclipped, actionSpace), unclipped };
  }

  async logProb(
    observations: Float32Array,
    actions: ActionBatch,
    state?: Float32Array,
  ): Promise<Float32Array> {
    const feeds = { ...this.feeds(observations, state), actions };
    return (await this.programs.logProb.run(feeds)).logProbs as Float32Array;
  }

  toData(): PolicyData {
    const views = this.programs.network.layout.views(this.parameters);
    const arrays: PolicyData["arrays"] = Object.fromEntries(
      Object.entries(views).map(([name, { shape, data }]) => [name, { shape: [...shape], data }]),
    );
    const { statistics } = this;
    if (!statistics) return { kind: "network", settings: { ...this.settings }, arrays };
    const normalised = { count: statistics.moments.count, clip: statistics.clip };
    return {
      kind: "network",
      settings: { ...this.settings, normalised },
      arrays: { ...arrays, ...statisticsToArrays(statistics) },
    };
  }

  /**
   * An ONNX model of the policy, for any batch size, with weights and statistics included. Its outputs are the mode
   * (`actions`), `logProbs` or `deviation` of the distribution, and with a critic `values`. A recurrent policy has the
   * input `state` and the output `state_out`.
   */
  toOnnx(): Uint8Array {
    const { layout, evaluate, memoryWidth } = this.programs.network;
    const inputs = {
      observations: t.float32(["batch", spaceWidth(rowSpace(this.settings))]),
      ...(memoryWidth > 0 ? { state: t.float32(["batch", memoryWidth]) } : {}),
    };
    return t
      .program(inputs, ({ observations, state }) => {
        const seen = this.statistics ? normalisedRows(this.statistics, observations) : observations;
        const out = evaluate(layout.constants(this.parameters), seen, state && { state });
        return {
          actions: this.clippedExpression(out.distribution.mode()),
          ...distributionOutputs(out.distribution),
          ...(this.settings.critic && { values: out.value() }),
          ...(state ? { state: out.state() } : {}),
        };
      })
      .toOnnx(policyMetadata({ kind: "network", ...this.settings, statistics: this.statistics }));
  }

  static fromData({ settings, arrays }: PolicyData): NetworkPolicy {
    const { normalised, ...rest } = settings as { normalised?: { count: number; clip: number } };
    const shape = rest as unknown as ActorCriticSettings;
    // The layout takes no memory, unlike the programs: the weights are checked before these are traced.
    const { layout } = actorCritic(shape);
    const width = spaceWidth(rowSpace(shape));
    const { statistics, others } = normalised
      ? statisticsFromArrays(arrays, width, normalised)
      : { statistics: undefined, others: arrays };
    const weights = layout.fromNamed(others as Parameters<typeof layout.fromNamed>[0]);
    return new NetworkPolicy(shape, weights, statistics);
  }

  /** The common inputs of the programs. Without `state`, the recurrent state is zero, as at the start of an episode. */
  private feeds(observations: Float32Array, state?: Float32Array): Record<string, t.ProgramArray> {
    const { parameters, memoryWidth } = this;
    const rows = rowsOf(rowSpace(this.settings), observations);
    const seen = this.normalise(observations);
    if (memoryWidth === 0) return { parameters, observations: seen };
    const memory = state ?? new Float32Array(rows * memoryWidth);
    return { parameters, observations: seen, state: memory };
  }

  /** The observations, normalised if the policy has statistics. */
  private normalise(observations: Float32Array): Float32Array {
    return this.statistics ? normaliseRows(this.statistics, observations) : observations;
  }

  /** Actions clipped to the bounds of a box, as `act` returns them. */
  private clippedExpression(actions: t.Tensor): t.Tensor {
    const { actionSpace } = this;
    if (actionSpace.kind !== "box" || this.settings.squashed === true) return actions;
    const bound = (values: readonly number[]) => t.constant(Float32Array.from(values), [values.length]);
    return t.minimum(t.maximum(actions, bound(actionSpace.low)), bound(actionSpace.high));
  }

  /** Like `act`, but box actions are not clipped. */
  private async choose(
    observations: Float32Array,
    { rng, deterministic, state }: ActOptions,
  ): Promise<ActResult> {
    const { table, sample, mode, direct } = this.programs;
    const { parameters } = this;
    const rows = rowsOf(rowSpace(this.settings), observations);
    if (this.mask) requireAllowedActions(this.mask, observations);
    const noise = () => this.drawNoise(rows, needRng(rng));
    if (direct?.suits(rows)) {
      const seen = this.normalise(observations);
      if (!table) return direct.gaussian(parameters, seen, deterministic ? undefined : noise());
      return choose(direct.table(parameters, seen), rows, deterministic ? undefined : needRng(rng));
    }
    const feeds = this.feeds(observations, state);
    if (table) {
      const { logProbs, ...remembered } = await table.run(feeds);
      const chosen = choose(logProbs as Float32Array, rows, deterministic ? undefined : needRng(rng));
      return { ...chosen, ...(remembered as Pick<ActResult, "values" | "state">) };
    }
    const run = deterministic ? mode!.run(feeds) : sample!.run({ ...feeds, noise: noise() });
    return (await run) as unknown as ActResult;
  }

  private drawNoise(rows: number, rng: Rng): Float32Array {
    const { kind, shape } = this.programs.network.noise;
    const length = shape.reduce<number>((size, n) => size * (n as number), rows);
    // Not kept for the next call: several may run at the same time.
    const noise = new Float32Array(length);
    return kind === "normal" ? rng.fillNormal(noise) : rng.fillUniform(noise);
  }
}

/** Rows normalised to sum 1 in float64; float32 softmax deviates by about 1e-7, which exact diagnostics would show. */
function sumToOne(table: Float64Array, width: number): Float64Array {
  for (let start = 0; start < table.length; start += width) {
    const row = table.subarray(start, start + width);
    const total = row.reduce((sum, p) => sum + p, 0);
    for (let i = 0; i < width; i++) row[i] /= total;
  }
  return table;
}
