/** @file Time-dependent tabular policies, which are optimal for finite horizons. */

import { type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { ActOptions, ActResult, Policy, PolicyData } from "./contract.js";
import { rowsOf } from "./rows.js";
import { type StateObservations, TabularPolicy } from "./tabular.js";

/**
 * π(a | s, t): one table per time. Its state `[N, 1]` is the number of steps since the start of the episode. From
 * time T on, the last table is used.
 */
export class TimeIndexedPolicy implements Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  private readonly policies: readonly TabularPolicy[];

  /**
   * @param tables `[T, states × actions]`
   * @throws UsageError when a table is not a distribution in every state.
   */
  constructor(states: number, horizon: number, tables: Float64Array, observed?: StateObservations) {
    const pairs = tables.length / horizon;
    this.policies = Array.from(
      { length: horizon },
      (_, t) => new TabularPolicy(states, tables.subarray(t * pairs, (t + 1) * pairs), observed),
    );
    const [{ observationSpace, actionSpace }] = this.policies;
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
  }

  async act(observations: Float32Array, options: ActOptions): Promise<ActResult> {
    const width = spaceWidth(this.observationSpace);
    const count = rowsOf(this.observationSpace, observations);
    const times = options.state ?? new Float32Array(count);
    const actions = new Int32Array(count);
    const logProbs = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const result = await this.at(times[i]).act(observations.subarray(i * width, (i + 1) * width), options);
      actions[i] = result.actions[0];
      logProbs[i] = result.logProbs![0];
    }
    return { actions, logProbs, state: times.map((t) => t + 1) };
  }

  async logProb(
    observations: Float32Array,
    actions: ActionBatch,
    state?: Float32Array,
  ): Promise<Float32Array> {
    const width = spaceWidth(this.observationSpace);
    const out = new Float32Array(actions.length);
    for (let i = 0; i < out.length; i++) {
      const row = observations.subarray(i * width, (i + 1) * width);
      [out[i]] = await this.at(state?.[i] ?? 0).logProb(row, actions.subarray(i, i + 1));
    }
    return out;
  }

  toData(): PolicyData {
    const [first, ...others] = this.policies.map((policy) => policy.toData());
    const { shape, data } = first.arrays.table;
    const tables = new Float64Array(this.policies.length * data.length);
    for (const [t, { arrays }] of [first, ...others].entries())
      tables.set(arrays.table.data, t * data.length);
    const table = { shape: [this.policies.length, ...shape], data: tables };
    return { ...first, kind: "time-indexed", arrays: { ...first.arrays, table } };
  }

  static fromData({ settings, arrays }: PolicyData): TimeIndexedPolicy {
    const [horizon, states] = arrays.table.shape;
    const space = settings.observationSpace as Space | undefined;
    const observed = space && { space, rows: arrays.observations.data as Float32Array };
    return new TimeIndexedPolicy(states, horizon, arrays.table.data as Float64Array, observed);
  }

  /** The number of tables T. */
  get horizon(): number {
    return this.policies.length;
  }

  /** The policy at a time; the last one for times ≥ T. */
  at(time: number): TabularPolicy {
    return this.policies[Math.min(time, this.policies.length - 1)];
  }
}
