/**
 * @file The belief policy: acts on observations and on the belief about the task of the trial. One actor–critic for all
 * episodes of the trial, or one for the first episode and another for the rest.
 */

import { standardisation } from "../env/moments.js";
import { feedbackLayout, feedbackSpace } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import type { Categorical, Layout } from "../nn/index.js";
import type { Rng } from "../random/rng.js";
import { type Box, box, clipToBox, type Space } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import * as t from "../tensor/index.js";
import { type ActorCriticSettings, actorCritic } from "./actor-critic.js";
import { beliefEncoder, type EncoderSettings } from "./belief/encoder.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { actionInput, choose } from "./network.js";
import { distributionOutputs, policyMetadata } from "./onnx.js";
import { arraysUnder } from "./parts.js";
import { copyRowsWhere, rowsOf } from "./rows.js";
import { type ObservationStatistics, statisticsFromArrays, statisticsToArrays } from "./statistics.js";

/** The networks: plain data, saved with the weights. */
export interface BeliefSettings {
  encoder: EncoderSettings;
  /** The actor–critics. Their observations are rows [o, d₋₁, belief], see {@link beliefRowSpace}. */
  actor: ActorCriticSettings;
  /** 1, or 2: the first actor–critic acts in the first episode of a trial, the second in all others. */
  actors: 1 | 2;
}

/** The space of rows [o, d₋₁, μ, σ²]: encoded observation, whether an episode has just ended, and belief. */
export function beliefRowSpace({ observationSpace, actionSpace, latent }: EncoderSettings): Box {
  const { observation } = feedbackLayout(observationSpace, actionSpace);
  return box([observation + 1 + 2 * latent], -Infinity, Infinity);
}

/** The result of a step of N rows. */
export interface BeliefStep {
  actions: ActionBatch;
  unclipped: ActionBatch;
  logProbs: Float32Array;
  values: Float32Array;
  /** `[N, m]`: the encoder's memory. */
  memory: Float32Array;
  /** `[N, w]`: the rows [o, d₋₁, belief], raw and as the actor–critic received them. */
  raw: Float32Array;
  seen: Float32Array;
  /** `[N, C]`: q(c | τ:t), with clusters. */
  clusters?: Float32Array;
}

interface Programs {
  encoder: ReturnType<typeof beliefEncoder>;
  actor: ReturnType<typeof actorCritic>;
  /** Actions of the mode (and log-probabilities of all actions, for discrete ones), values, memory and belief. */
  mode: t.Program;
  /** The same with sampled actions, for spaces other than discrete. */
  sample?: t.Program;
  logProb: t.Program;
}

const compiled = new Map<string, Programs>();

function programsOf(settings: BeliefSettings): Programs {
  const key = JSON.stringify(settings);
  const known = compiled.get(key) ?? trace(settings);
  compiled.set(key, known);
  return known;
}

function trace(settings: BeliefSettings): Programs {
  const encoder = beliefEncoder(settings.encoder);
  const actor = actorCritic(settings.actor);
  const { observationSpace, actionSpace } = settings.encoder;
  const { width } = feedbackLayout(observationSpace, actionSpace);
  const rowWidth = beliefRowSpace(settings.encoder).low.length;
  const always = {
    encoder: t.float32([encoder.layout.size]),
    actor: t.float32([actor.layout.size]),
    rows: t.float32(["batch", width]),
    memory: t.float32(["batch", encoder.memoryWidth]),
    mean: t.float32([rowWidth]),
    scale: t.float32([rowWidth]),
    clip: t.float32([]),
  };
  const through = (fed: Record<keyof typeof always, t.Tensor>) => {
    const parameters = {
      encoder: encoder.layout.unflatten(fed.encoder),
      actor: actor.layout.unflatten(fed.actor),
    };
    const { distribution, value, state: _, ...outputs } = forward({ encoder, actor }, parameters, fed);
    return { distribution, outputs: { values: value(), ...outputs } };
  };
  const discrete = actionSpace.kind === "discrete";
  return {
    encoder,
    actor,
    mode: t.program(always, (fed) => {
      const { distribution, outputs } = through(fed);
      if (discrete) return { table: (distribution as Categorical).logProbs, ...outputs };
      const actions = distribution.mode();
      return { actions, logProbs: distribution.logProb(actions), ...outputs };
    }),
    ...(!discrete && {
      sample: t.program({ ...always, noise: t.float32(["batch", ...actor.noise.shape]) }, (fed) => {
        const { distribution, outputs } = through(fed);
        const actions = distribution.sample(fed.noise);
        return { actions, logProbs: distribution.logProb(actions), ...outputs };
      }),
    }),
    logProb: t.program({ ...always, actions: actionInput(actionSpace, "batch") }, (fed) => ({
      logProbs: through(fed).distribution.logProb(fed.actions),
    })),
  };
}

type Networks = Pick<Programs, "encoder" | "actor">;

/** The parameters of both networks as tensors. */
type Trees = { [K in keyof Networks]: ReturnType<Networks[K]["layout"]["unflatten"]> };

/** One step of rows: parameters, rows, memory, and the standardisation of rows [o, d₋₁, belief]. */
function forward(
  { encoder, actor }: Networks,
  parameters: Trees,
  fed: Record<"rows" | "memory" | "mean" | "scale" | "clip", t.Tensor>,
) {
  const { observationSpace, actionSpace } = encoder.settings;
  const p = parameters.encoder;
  const { parts } = feedbackLayout(observationSpace, actionSpace);
  const [observation, action, reward, ended, next, first] = t.split(fed.rows, [...parts], 1);
  // At the first row of a trial nothing has happened yet: the memory stays as it is, zero.
  const stepped = encoder.step(p, { next, action, reward }, fed.memory);
  const memory = t.add(fed.memory, t.mul(t.sub(1, first), t.sub(stepped, fed.memory)));
  const { belief, clusters } = encoder.belief(p, memory);
  const raw = t.concat([observation, ended, belief], 1);
  const scaled = t.mul(t.sub(raw, fed.mean), fed.scale);
  const seen = t.minimum(t.maximum(scaled, t.neg(fed.clip)), fed.clip);
  const evaluated = actor.evaluate(parameters.actor, seen);
  return { ...evaluated, memory, raw, seen, ...(clusters && { clusters }) };
}

/** A policy that carries a belief through a trial. The vectors are not copied, so a learner's updates apply to it. */
export class BeliefPolicy implements Policy {
  readonly view = "feedback";
  private readonly programs: Programs;

  /**
   * @param encoder the encoder's parameters
   * @param actors the parameters of each actor–critic
   * @param statistics of rows [o, d₋₁, belief], by which they are standardised; not modified
   */
  constructor(
    readonly settings: BeliefSettings,
    public encoder: Float32Array,
    public actors: readonly Float32Array[],
    readonly statistics: ObservationStatistics,
  ) {
    this.programs = programsOf(settings);
  }

  get observationSpace(): Space {
    return this.settings.encoder.observationSpace;
  }

  get actionSpace(): Space {
    return this.settings.encoder.actionSpace;
  }

  /** The size of the encoder's memory of a row. */
  get memoryWidth(): number {
    return this.programs.encoder.memoryWidth;
  }

  /**
   * One step of all rows by actor–critic `actor`.
   *
   * @param rows `[N, width]`, of the feedback view
   * @param memory `[N, m]`
   */
  async step(
    rows: Float32Array,
    memory: Float32Array,
    actor: number,
    { rng, deterministic }: Pick<ActOptions, "rng" | "deterministic">,
  ): Promise<BeliefStep> {
    const { mode, sample } = this.programs;
    const feeds = this.feeds(rows, memory, actor);
    const count = memory.length / this.memoryWidth;
    if (!sample) {
      const { table, ...rest } = await mode.run(feeds);
      const { actions, logProbs } = choose(
        table as Float32Array,
        count,
        deterministic ? undefined : needRng(rng),
      );
      return { ...rest, actions, unclipped: actions, logProbs } as unknown as BeliefStep;
    }
    const result = deterministic
      ? await mode.run(feeds)
      : await sample.run({ ...feeds, noise: this.drawNoise(count, needRng(rng)) });
    const unclipped = result.actions as ActionBatch;
    const { actionSpace } = this;
    const actions =
      actionSpace.kind === "box" ? clipToBox(unclipped as Float32Array, actionSpace) : unclipped;
    return { ...result, actions, unclipped } as unknown as BeliefStep;
  }

  /** State rows are [memory, episode], where `episode` counts the episodes of the trial that have ended. */
  async act(observations: Float32Array, { state, ...options }: ActOptions): Promise<ActResult> {
    const { rows, memory, episodes } = this.split(observations, state);
    const next = new Float32Array(rows * (this.memoryWidth + 1));
    const merged: Partial<Record<keyof BeliefStep, ActionBatch>> = {};
    for (const actor of this.actorsOf(episodes)) {
      const chosen = await this.step(observations, memory, actor, options);
      const own = (i: number) => this.actorAt(episodes[i]) === actor;
      for (const [key, from] of Object.entries(chosen) as [keyof BeliefStep, ActionBatch][]) {
        merged[key] ??= from.slice();
        copyRowsWhere(own, rows, from, merged[key]);
      }
    }
    for (let i = 0; i < rows; i++) {
      const width = this.memoryWidth;
      next.set(merged.memory!.subarray(i * width, (i + 1) * width), i * (width + 1));
      next[(i + 1) * (width + 1) - 1] = episodes[i];
    }
    const { actions, unclipped, logProbs, values, clusters } = merged as unknown as BeliefStep;
    return {
      actions,
      ...(this.actionSpace.kind === "box" && { unclipped: unclipped as Float32Array }),
      logProbs,
      values,
      state: next,
      ...(clusters && { clusters }),
    };
  }

  async logProb(
    observations: Float32Array,
    actions: ActionBatch,
    state?: Float32Array,
  ): Promise<Float32Array> {
    return this.byActor(observations, state, async (feeds) => {
      return (await this.programs.logProb.run({ ...feeds, actions })).logProbs as Float32Array;
    });
  }

  /** State values `[N]` of the rows' actor–critics. */
  async value(observations: Float32Array, state?: Float32Array): Promise<Float32Array> {
    return this.byActor(observations, state, async (feeds) => {
      return (await this.programs.mode.run(feeds)).values as Float32Array;
    });
  }

  toData(): PolicyData {
    const { encoder, actor } = this.programs;
    const named = (layout: typeof encoder.layout, vector: Float32Array, prefix: string) =>
      Object.entries(layout.views(vector)).map(([name, { shape, data }]) => [
        `${prefix}.${name}`,
        { shape: [...shape], data },
      ]);
    const { count } = this.statistics.moments;
    return {
      kind: "belief",
      settings: {
        observationSpace: this.observationSpace,
        actionSpace: this.actionSpace,
        ...this.settings,
        normalised: { count, clip: this.statistics.clip },
      },
      arrays: {
        ...Object.fromEntries(named(encoder.layout, this.encoder, "encoder")),
        ...Object.fromEntries(
          this.actors.flatMap((vector, k) => named(actor.layout as never, vector, `actor${k}`)),
        ),
        ...statisticsToArrays(this.statistics),
      },
    };
  }

  static fromData({ settings, arrays }: PolicyData): BeliefPolicy {
    const { encoder, actor, actors, normalised } = settings as unknown as BeliefSettings & {
      normalised: { count: number; clip: number };
    };
    const shape = { encoder, actor, actors };
    const width = beliefRowSpace(encoder).low.length;
    const { statistics, others } = statisticsFromArrays(arrays, width, normalised);
    const under = (part: string) => arraysUnder(part, others) as Parameters<Layout["fromNamed"]>[0];
    const weights = beliefEncoder(encoder).layout.fromNamed(under("encoder"));
    const { layout } = actorCritic(actor);
    const vectors = Array.from({ length: actors }, (_, k) => layout.fromNamed(under(`actor${k}`)));
    return new BeliefPolicy(shape, weights, vectors, statistics);
  }

  /**
   * An ONNX model of the mode of one step, for any batch size, with weights and statistics included: inputs are feedback
   * rows `observations` and the encoder's memory `state`; the next memory is `state_out`.
   *
   * @throws UsageError for a policy with two actor–critics: which of them acts depends on the episode
   */
  toOnnx(): Uint8Array {
    if (this.actors.length > 1) {
      throw new UsageError(
        "a policy with an actor for the first episode and another for the rest has no single ONNX model",
      );
    }
    const { encoder, actor } = this.programs;
    const inputs = {
      observations: t.float32(["batch", feedbackLayout(this.observationSpace, this.actionSpace).width]),
      state: t.float32(["batch", encoder.memoryWidth]),
    };
    const { mean, scale, clip } = this.standardisation();
    const constant = (values: Float32Array) => t.constant(values, [values.length]);
    return t
      .program(inputs, ({ observations, state }) => {
        const { distribution, value, memory } = forward(
          { encoder, actor },
          {
            encoder: encoder.layout.constants(this.encoder, "encoder."),
            actor: actor.layout.constants(this.actors[0], "actor."),
          },
          {
            rows: observations,
            memory: state,
            mean: constant(mean),
            scale: constant(scale),
            clip: t.constant(clip, []),
          },
        );
        return {
          actions: distribution.mode(),
          ...distributionOutputs(distribution),
          values: value(),
          state: memory,
        };
      })
      .toOnnx(policyMetadata({ kind: "belief", ...this.settings.encoder }));
  }

  private standardisation() {
    const { moments, clip } = this.statistics;
    return { ...standardisation(moments), clip: Float32Array.of(clip) };
  }

  private feeds(rows: Float32Array, memory: Float32Array, actor: number): Record<string, t.ProgramArray> {
    return { encoder: this.encoder, actor: this.actors[actor], rows, memory, ...this.standardisation() };
  }

  private actorAt(episode: number): number {
    return episode > 0 ? this.actors.length - 1 : 0;
  }

  /** The actor–critics that some row needs. */
  private actorsOf(episodes: Float32Array): Set<number> {
    return new Set(Array.from(episodes, (episode) => this.actorAt(episode)));
  }

  /** The encoder's memory of each row, and the episode that it is in. */
  private split(observations: Float32Array, state?: Float32Array) {
    const { observationSpace, actionSpace, memoryWidth } = this;
    const rows = rowsOf(feedbackSpace(observationSpace, actionSpace), observations);
    const { parts, width } = feedbackLayout(observationSpace, actionSpace);
    const ended = parts[0] + parts[1] + parts[2];
    const memory = new Float32Array(rows * memoryWidth);
    const episodes = new Float32Array(rows);
    for (let i = 0; i < rows; i++) {
      const at = i * (memoryWidth + 1);
      if (state) memory.set(state.subarray(at, at + memoryWidth), i * memoryWidth);
      episodes[i] = (state?.[at + memoryWidth] ?? 0) + observations[i * width + ended];
    }
    return { rows, memory, episodes };
  }

  private async byActor(
    observations: Float32Array,
    state: Float32Array | undefined,
    run: (feeds: Record<string, t.ProgramArray>) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const { rows, memory, episodes } = this.split(observations, state);
    const out = new Float32Array(rows);
    for (const actor of this.actorsOf(episodes)) {
      const values = await run(this.feeds(observations, memory, actor));
      copyRowsWhere((i) => this.actorAt(episodes[i]) === actor, rows, values, out);
    }
    return out;
  }

  private drawNoise(rows: number, rng: Rng): Float32Array {
    const { kind, shape } = this.programs.actor.noise;
    const length = shape.reduce<number>((size, n) => size * (n as number), rows);
    // Not kept for the next call: several may run at the same time.
    const noise = new Float32Array(length);
    return kind === "normal" ? rng.fillNormal(noise) : rng.fillUniform(noise);
  }
}
