/**
 * @file The belief policy: acts on observations and on the belief about the task of the trial. One actor–critic for all
 * episodes of the trial, or one for the first episode and another for the rest.
 */

import { standardisation } from "../env/moments.js";
import { feedbackLayout, feedbackSpace } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import type { Layout } from "../nn/index.js";
import type { Rng } from "../random/rng.js";
import { clipToBox, type Space } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import * as t from "../tensor/index.js";
import { actorCritic } from "./actor-critic.js";
import { beliefEncoder } from "./belief/encoder.js";
import {
  type BeliefPrograms,
  type BeliefSettings,
  beliefPrograms,
  beliefRowSpace,
  modeExpression,
} from "./belief/programs.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { choose } from "./network.js";
import { distributionOutputs, policyMetadata } from "./onnx.js";
import { arraysUnder } from "./parts.js";
import { copyRowsWhere, rowsOf } from "./rows.js";
import { type ObservationStatistics, statisticsFromArrays, statisticsToArrays } from "./statistics.js";

export { type BeliefSettings, beliefRowSpace };

/** The result of a step of N rows. */
export interface BeliefStep {
  actions: ActionBatch;
  unclipped: ActionBatch;
  logProbs: Float32Array;
  /** `[N, m]`: the encoder's memory. */
  memory: Float32Array;
  /** `[N, w]`: the rows [o, d₋₁, belief], raw and as the actor–critic received them. */
  raw: Float32Array;
  seen: Float32Array;
  /** `[N, C]`: q(c | τ:t), with clusters. */
  clusters?: Float32Array;
}

/** A policy that carries a belief through a trial. The vectors are not copied, and must not change. */
export class BeliefPolicy implements Policy {
  readonly view = "feedback";
  private readonly programs: BeliefPrograms;
  private weights: Promise<Float32Array> | undefined;

  /**
   * @param encoder the encoder's parameters
   * @param actors the parameters of each actor–critic
   * @param statistics of rows [o, d₋₁, belief], by which they are standardised; not modified
   */
  constructor(
    readonly settings: BeliefSettings,
    readonly encoder: Float32Array,
    readonly actors: readonly Float32Array[],
    readonly statistics: ObservationStatistics,
  ) {
    this.programs = beliefPrograms(settings, statistics.clip);
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
    const feeds = await this.feeds(rows, memory, actor);
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

  /** State values `[N]` of actor–critic `actor` for rows [o, d₋₁, belief] as it received them in steps. */
  async values(seen: Float32Array, actor: number): Promise<Float32Array> {
    const { values } = await this.programs.value.run({ actor: this.actors[actor], seen });
    return values as Float32Array;
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
    const { actions, unclipped, logProbs, clusters } = merged as unknown as BeliefStep;
    return {
      actions,
      ...(this.actionSpace.kind === "box" && { unclipped: unclipped as Float32Array }),
      logProbs,
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
    return this.byActor(observations, state, async (feeds, actor) => {
      return this.values((await this.programs.mode.run(feeds)).seen as Float32Array, actor);
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
    const { mean, scale } = standardisation(this.statistics.moments);
    const constant = (values: Float32Array) => t.constant(values, [values.length]);
    return t
      .program(inputs, ({ observations, state }) => {
        const { distribution, values, memory } = modeExpression(
          { encoder, actor },
          { encoder: this.encoder, actor: this.actors[0] },
          {
            ...{ rows: observations, memory: state, clip: this.statistics.clip },
            ...{ mean: constant(mean), scale: constant(scale) },
          },
        );
        return {
          actions: distribution.mode(),
          ...distributionOutputs(distribution),
          values,
          state: memory,
        };
      })
      .toOnnx(policyMetadata({ kind: "belief", ...this.settings.encoder }));
  }

  private async feeds(
    rows: Float32Array,
    memory: Float32Array,
    actor: number,
  ): Promise<Record<string, t.ProgramArray>> {
    const { join, acting } = this.programs;
    this.weights ??= join.run({ encoder: this.encoder }).then(({ weights }) => weights as Float32Array);
    const { mean, scale } = standardisation(this.statistics.moments);
    const weights = await this.weights;
    return { weights, actor: this.actors[actor].subarray(0, acting), rows, memory, mean, scale };
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
    run: (feeds: Record<string, t.ProgramArray>, actor: number) => Promise<Float32Array>,
  ): Promise<Float32Array> {
    const { rows, memory, episodes } = this.split(observations, state);
    const out = new Float32Array(rows);
    for (const actor of this.actorsOf(episodes)) {
      const values = await run(await this.feeds(observations, memory, actor), actor);
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
