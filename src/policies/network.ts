/** @file A network policy that acts: an actor–critic's programs run on a batch of observations. */

import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import type { Categorical, Distribution } from "../nn/index.js";
import type { Rng } from "../random/rng.js";
import type { ActionBatch, ActOptions, ActResult, Policy, PolicyData } from "../rollout/contracts.js";
import { type Discrete, isIntegral, type Space, spaceWidth } from "../spaces/index.js";
import * as t from "../tensor/index.js";
import { type ActorCritic, type ActorCriticSettings, actorCritic } from "./actor-critic.js";

/** The forward programs of one network shape; every policy of that shape runs the same ones. */
interface ForwardPrograms {
  network: ActorCritic;
  /** Log-probabilities `[B, K]` of discrete actions, with the values: choosing among them is left to `choose`. */
  table?: t.Program;
  /** Actions of any other kind, as a function of noise. */
  sample?: t.Program;
  mode?: t.Program;
  logProb: t.Program;
  value?: t.Program;
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

/** Actions `[B, k]` as the distribution of `space` takes them. */
export function actionInput(space: Space, batch: t.Dim) {
  const shape = space.kind === "discrete" ? [batch] : [batch, spaceWidth(space)];
  return isIntegral(space) ? t.int32(shape) : t.float32(shape);
}

function traceForward(settings: ActorCriticSettings): ForwardPrograms {
  const network = actorCritic(settings);
  const { layout, distribution, value } = network;
  const parameters = t.float32([layout.size]);
  const observations = t.float32(["batch", spaceWidth(settings.observationSpace)]);
  const noise = t.float32(["batch", ...network.noise.shape]);
  const actions = actionInput(settings.actionSpace, "batch");
  /** A program over the parameters, the observations and what else it is given. */
  const forward = <K extends string>(
    extra: Record<K, t.InputSpec>,
    build: (pi: Distribution, given: Record<K, t.Tensor>, values: () => t.Tensor) => Record<string, t.Tensor>,
  ) =>
    t.program({ parameters, observations, ...extra }, (given) => {
      const p = layout.unflatten(given.parameters);
      const pi = distribution(p, given.observations);
      return build(pi, given as Record<K, t.Tensor>, () => value(p, given.observations));
    });
  const acting = (pi: Distribution, chosen: t.Tensor) => ({ actions: chosen, logProbs: pi.logProb(chosen) });
  const withValues = (outputs: Record<string, t.Tensor>, values: () => t.Tensor) =>
    settings.critic ? { ...outputs, values: values() } : outputs;
  const choosing =
    settings.actionSpace.kind === "discrete"
      ? {
          table: forward({}, (pi, _, values) =>
            withValues({ logProbs: (pi as Categorical).logProbs }, values),
          ),
        }
      : {
          sample: forward({ noise }, (pi, given, values) =>
            withValues(acting(pi, pi.sample(given.noise)), values),
          ),
          mode: forward({}, (pi, _, values) => withValues(acting(pi, pi.mode()), values)),
        };
  return {
    network,
    ...choosing,
    logProb: forward({ actions }, (pi, given) => ({ logProbs: pi.logProb(given.actions) })),
    value: settings.critic ? forward({}, (_pi, _given, values) => ({ values: values() })) : undefined,
  };
}

/**
 * Actions from log-probabilities `[B, K]`. Done here because a dozen tiny graph nodes take as long as the networks
 * do on a small batch.
 */
function choose(table: Float32Array, rows: number, rng?: Rng): Pick<ActResult, "actions" | "logProbs"> {
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

/** The choice whose stretch of the cumulative probabilities holds `u`; never one of probability zero. */
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

/** A policy over a flat parameter vector. The vector is used, not copied: a learner's policy follows its updates. */
export class NetworkPolicy implements Policy {
  private readonly programs: ForwardPrograms;
  private noise = new Float32Array(0);
  /** State values `[N]`, where the policy carries a critic. */
  readonly value?: (observations: Float32Array) => Promise<Float32Array>;
  /** Action probabilities `[N, actions]`, where actions are discrete. */
  readonly probabilities?: (observations: Float32Array) => Promise<Float64Array>;

  /** @throws UsageError when the vector does not fit the networks */
  constructor(
    readonly settings: ActorCriticSettings,
    public parameters: Float32Array,
  ) {
    this.programs = forwardPrograms(settings);
    const { size } = this.programs.network.layout;
    if (parameters.length !== size) {
      throw new UsageError(`the networks have ${size} parameters, the vector ${parameters.length}`);
    }
    const { value, table } = this.programs;
    if (value) {
      this.value = async (observations) =>
        (await value.run({ parameters: this.parameters, observations })).values as Float32Array;
    }
    if (table) {
      this.probabilities = async (observations) => {
        const { logProbs } = await table.run({ parameters: this.parameters, observations });
        return normaliseRows(Float64Array.from(logProbs, Math.exp), (settings.actionSpace as Discrete).n);
      };
    }
  }

  get observationSpace(): Space {
    return this.settings.observationSpace;
  }

  get actionSpace(): Space {
    return this.settings.actionSpace;
  }

  async act(observations: Float32Array, { rng, deterministic = false }: ActOptions): Promise<ActResult> {
    const { parameters } = this;
    const { table, sample, mode } = this.programs;
    if (table) {
      const { logProbs, values } = await table.run({ parameters, observations });
      const rows = observations.length / spaceWidth(this.observationSpace);
      const chosen = choose(logProbs as Float32Array, rows, deterministic ? undefined : rng);
      return { ...chosen, values: values as Float32Array | undefined };
    }
    const run = deterministic
      ? mode!.run({ parameters, observations })
      : sample!.run({ parameters, observations, noise: this.drawNoise(observations, rng) });
    return (await run) as unknown as ActResult;
  }

  async logProb(observations: Float32Array, actions: ActionBatch): Promise<Float32Array> {
    const { parameters } = this;
    return (await this.programs.logProb.run({ parameters, observations, actions })).logProbs as Float32Array;
  }

  toData(): PolicyData {
    const views = this.programs.network.layout.views(this.parameters);
    const arrays = Object.fromEntries(
      Object.entries(views).map(([name, { shape, data }]) => [name, { shape: [...shape], data }]),
    );
    return { kind: "network", settings: { ...this.settings }, arrays };
  }

  /** The mode and the log-probabilities or means behind it, for any batch, with the weights inside. */
  toOnnx(): Uint8Array {
    const { layout, distribution } = this.programs.network;
    const observations = t.float32(["batch", spaceWidth(this.observationSpace)]);
    return t
      .program({ observations }, (inputs) => {
        const p = layout.unflatten(t.constant(this.parameters, [layout.size]));
        return { actions: distribution(p, inputs.observations).mode() };
      })
      .toOnnx();
  }

  static fromData({ settings, arrays }: PolicyData): NetworkPolicy {
    const shape = settings as unknown as ActorCriticSettings;
    const { layout } = forwardPrograms(shape).network;
    return new NetworkPolicy(shape, layout.fromNamed(arrays as Parameters<typeof layout.fromNamed>[0]));
  }

  private drawNoise(observations: Float32Array, rng: Rng): Float32Array {
    const { kind, shape } = this.programs.network.noise;
    const rows = observations.length / spaceWidth(this.observationSpace);
    const length = shape.reduce<number>((size, n) => size * (n as number), rows);
    if (this.noise.length !== length) this.noise = new Float32Array(length);
    return kind === "normal" ? rng.fillNormal(this.noise) : rng.fillUniform(this.noise);
  }
}

/** Rows made to sum to 1 in float64, which float32 softmax misses by some 1e-7: exact diagnostics notice. */
function normaliseRows(table: Float64Array, width: number): Float64Array {
  for (let start = 0; start < table.length; start += width) {
    const row = table.subarray(start, start + width);
    const total = row.reduce((sum, p) => sum + p, 0);
    for (let i = 0; i < width; i++) row[i] /= total;
  }
  return table;
}
