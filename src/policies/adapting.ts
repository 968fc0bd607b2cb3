/**
 * @file The adapting policy: within a trial, it takes gradient steps on the episodes that it has played
 * [Finn, Abbeel & Levine 2017; Rothfuss et al. 2019].
 */

import { type FeedbackLayout, feedbackLayout } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import { allocateActions, clipToBox, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { concatenated } from "../state/concatenated.js";
import type { ProgramArray } from "../tensor/index.js";
import { rowSpace } from "./actor-critic.js";
import { episodeAdvantages, lastSteps } from "./adapting/advantages.js";
import { TrialMemory } from "./adapting/memory.js";
import { type AdaptingNetwork, type AdaptingNetworkSettings, adaptingNetwork } from "./adapting/network.js";
import {
  actingPrograms,
  drawNoise,
  forNetwork,
  innerStepProgram,
  modulationProgram,
} from "./adapting/programs.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { rowsOf } from "./rows.js";

/** How the policy adapts in a trial. */
export interface Adaptation {
  /** Inner steps of a trial, S. */
  innerSteps: number;
  /** Step size of an inner step, α; 0: the policy never changes. */
  innerRate: number;
  /** Episodes before each inner step, K. */
  episodes: number;
  /** Largest number of steps of these episodes, H. */
  horizon: number;
  discount: number;
  gaeLambda: number;
}

export interface AdaptingSettings extends AdaptingNetworkSettings, Adaptation {}

/**
 * A policy that starts each trial with the same parameters θ. After K episodes it takes a step along the policy gradient
 * of these episodes, S times; then it keeps its parameters to the end of the trial. Its state `[N, m]` holds the episodes
 * of the trial and the adapted parameters.
 *
 * In the episodes that it learns from it always samples its actions, because the mode has no policy gradient;
 * `deterministic` applies to the episodes after the last inner step.
 */
export class AdaptingPolicy implements Policy {
  readonly view = "feedback";
  private readonly network: AdaptingNetwork;
  private readonly layout: FeedbackLayout;
  private readonly memory: TrialMemory;

  /**
   * @param parameters θ, flat; not copied
   * @throws UsageError when the vector does not fit the networks
   */
  constructor(
    readonly settings: AdaptingSettings,
    readonly parameters: Float32Array,
  ) {
    const { observationSpace, actionSpace, episodes, horizon } = settings;
    this.network = adaptingNetwork(settings);
    const { layout, adapted, modulationSize } = this.network;
    const { size } = layout;
    if (parameters.length !== size) {
      throw new UsageError(`the networks have ${size} parameters, but the vector has ${parameters.length}`);
    }
    this.layout = feedbackLayout(observationSpace, actionSpace);
    const { observation } = this.layout;
    const action = spaceWidth(actionSpace);
    this.memory = new TrialMemory({
      ...{ episodes, horizon, observation, action },
      ...{ parameters: adapted.size, modulation: modulationSize },
    });
  }

  get observationSpace(): Space {
    return this.settings.observationSpace;
  }

  get actionSpace(): Space {
    return this.settings.actionSpace;
  }

  async act(rows: Float32Array, { rng, deterministic = false, state }: ActOptions): Promise<ActResult> {
    const { actionSpace, memory, network } = this;
    const { next, now } = await this.advanced(rows, state);
    const learning = now.map((row) => memory.innerSteps(row) < this.settings.innerSteps);
    const greedy = now.map((_, i) => deterministic && !learning[i]);
    const noise = drawNoise(network, now.length, greedy.every(Boolean) ? undefined : needRng(rng));
    const { act } = actingPrograms(network, 1);
    const result = await act.run({
      ...this.feeds(rows, now),
      noise,
      greedy: Float32Array.from(greedy, Number),
    });
    const actions = result.actions as ActionBatch;
    const width = spaceWidth(actionSpace);
    for (const [i, row] of now.entries()) {
      if (!learning[i]) continue;
      if (memory.isFull(row)) {
        throw new UsageError(
          `the policy learns from episodes of at most ${this.settings.horizon} steps, but one goes on: set the ` +
            `environment's option maxEpisodeSteps to ${this.settings.horizon}`,
        );
      }
      memory.act(row, this.observation(rows, i), actions.subarray(i * width, (i + 1) * width));
    }
    const shared = { logProbs: result.logProbs as Float32Array, state: next };
    if (actionSpace.kind !== "box") return { actions, ...shared };
    const unclipped = actions as Float32Array;
    return { actions: clipToBox(unclipped, actionSpace), unclipped, ...shared };
  }

  async logProb(rows: Float32Array, actions: ActionBatch, state?: Float32Array): Promise<Float32Array> {
    const { now } = await this.advanced(rows, state);
    const { logProb } = actingPrograms(this.network, 1);
    return (await logProb.run({ ...this.feeds(rows, now), actions })).logProbs as Float32Array;
  }

  toData(): PolicyData {
    const views = this.network.layout.views(this.parameters);
    const arrays = Object.entries(views).map(([name, { shape, data }]) => [
      name,
      { shape: [...shape], data },
    ]);
    return { kind: "adapting", settings: { ...this.settings }, arrays: Object.fromEntries(arrays) };
  }

  static fromData({ settings, arrays }: PolicyData): AdaptingPolicy {
    const shape = settings as unknown as AdaptingSettings;
    const { layout } = adaptingNetwork(shape);
    return new AdaptingPolicy(shape, layout.fromNamed(arrays as Parameters<typeof layout.fromNamed>[0]));
  }

  /** The state after the feedback in `rows`, with the inner steps that are due, and its rows as views. */
  private async advanced(rows: Float32Array, state?: Float32Array) {
    const count = rowsOf(rowSpace({ ...this.settings, view: "feedback" }), rows);
    const { memory, layout, settings } = this;
    const next = state?.slice() ?? new Float32Array(count * memory.width);
    const now = Array.from({ length: count }, (_, i) => memory.row(next, i));
    const due = now.filter((row, i) => {
      const feedback = rows.subarray(i * layout.width, (i + 1) * layout.width);
      if (feedback[layout.width - 1] === 1) row.fill(0);
      return memory.innerSteps(row) < settings.innerSteps && memory.observe(row, feedback, layout);
    });
    if (due.length > 0) await this.adapt(due);
    return { next, now };
  }

  /** An inner step of each memory. */
  private async adapt(due: readonly Float32Array[]): Promise<void> {
    const { memory, network, settings } = this;
    const { episodes, horizon, innerRate } = settings;
    const played = due.map((row) => memory.episodes(row));
    const estimated = played.map((rollouts) => episodeAdvantages(rollouts, settings));
    const actions = allocateActions(this.actionSpace, due.length * episodes * horizon);
    for (const [i, { actions: taken }] of played.entries()) actions.set(taken, i * taken.length);
    const observations = joined(played.map((rollouts) => rollouts.observations));
    const feeds = {
      ...{ observations, actions },
      ...this.adaptedTo(due),
      advantages: joined(estimated.map(({ advantages }) => advantages)),
      shares: joined(estimated.map(({ shares }) => shares)),
    };
    const { adapted } = await innerStepProgram(network, episodes * horizon, innerRate).run(feeds);
    if (network.modulationSize > 0) await this.modulate(due, observations, actions);
    const { size } = network.adapted;
    for (const [i, row] of due.entries()) {
      memory.adapt(row, (adapted as Float32Array).subarray(i * size, (i + 1) * size));
    }
  }

  /** Stores the modulation of memories whose first inner step is taken. */
  private async modulate(
    due: readonly Float32Array[],
    observations: Float32Array,
    actions: ActionBatch,
  ): Promise<void> {
    const { memory, network } = this;
    const played = due.map((row) => memory.episodes(row));
    const { modulation } = await modulationProgram(network, this.settings).run({
      shared: this.parameters,
      ...{ observations, actions },
      rewards: joined(played.map(({ rewards }) => Float32Array.from(rewards))),
      lasts: joined(played.map(lastSteps)),
    });
    const size = network.modulationSize;
    for (const [i, row] of due.entries()) {
      if (memory.innerSteps(row) > 0) continue;
      memory.modulation(row).set((modulation as Float32Array).subarray(i * size, (i + 1) * size));
    }
  }

  private current(row: Float32Array): Float32Array {
    if (this.memory.innerSteps(row) > 0) return this.memory.parameters(row);
    return this.parameters.subarray(0, this.network.adapted.size);
  }

  /** Parameters and, for modulated networks, the modulation of each memory. */
  private adaptedTo(rows: readonly Float32Array[]): Record<string, ProgramArray> {
    return forNetwork(this.network, {
      parameters: joined(rows.map((row) => this.current(row))),
      modulation: joined(rows.map((row) => this.memory.modulation(row))),
    });
  }

  /** The inputs of the programs: parameters and encoded observation of each row. */
  private feeds(rows: Float32Array, now: readonly Float32Array[]): Record<string, ProgramArray> {
    return {
      ...this.adaptedTo(now),
      observations: joined(now.map((_, i) => this.observation(rows, i))),
    };
  }

  private observation(rows: Float32Array, i: number): Float32Array {
    const start = i * this.layout.width;
    return rows.subarray(start, start + this.layout.observation);
  }
}

/** The arrays, one after the other. */
const joined = (arrays: readonly Float32Array[]): Float32Array => concatenated(Float32Array, arrays);
