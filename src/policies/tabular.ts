/** @file Tabular policies: a table of action probabilities over the states of a tabular model. */

import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { argmaxRow, policyTable } from "../mdp/tables.js";
import { type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { rowsOf } from "./rows.js";

/** The observation of each state, for models whose observations are not state indices. */
export interface StateObservations {
  space: Space;
  /** `[states, width]`. */
  rows: Float32Array;
}

/** The observations of a model's states; undefined when they are the state indices. */
export function stateObservations(
  { observations }: TabularModel,
  space: Space,
): StateObservations | undefined {
  const isIndexed = space.kind === "discrete" && observations.every((row, s) => row === s);
  return isIndexed ? undefined : { space, rows: observations };
}

/**
 * The policy of a table of a model, `[states × actions]`, whose actions in terminal states have no effect. Such a state
 * takes the row of a state in play with the same observation, if there is one.
 *
 * @throws as the constructor of `TabularPolicy` does
 */
export function policyOfModel(model: TabularModel, table: ArrayLike<number>, space: Space): TabularPolicy {
  const observed = stateObservations(model, space);
  return new TabularPolicy(model.states, tableOfModel(model, table, observed), observed);
}

/** {@link policyOfModel} for one table or several, `[tables, states × actions]`. */
export function tableOfModel(
  { states, actions, terminal }: TabularModel,
  table: ArrayLike<number>,
  observed: StateObservations | undefined,
): Float64Array {
  if (!observed) return Float64Array.from(table);
  const width = spaceWidth(observed.space);
  const keyOf = (s: number) => observed.rows.subarray(s * width, (s + 1) * width).join();
  const all = Array.from({ length: states }, (_, s) => s);
  const inPlay = new Map(all.filter((s) => !terminal[s]).map((s) => [keyOf(s), s]));
  const filled = Float64Array.from(table);
  for (const s of all) {
    const twin = terminal[s] ? inPlay.get(keyOf(s)) : undefined;
    if (twin === undefined) continue;
    for (let first = 0; first < filled.length; first += states * actions) {
      const from = first + twin * actions;
      filled.copyWithin(first + s * actions, from, from + actions);
    }
  }
  return filled;
}

/** π(a | s) as a table `[states × actions]`. Observations are state indices unless `observed` is given. */
export class TabularPolicy implements Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  private readonly actions: number;
  private readonly table: Float64Array;
  /** The width of an observation. */
  private readonly width: number;
  /** States by observation, when `observed` is given. */
  private readonly stateBy?: Map<string, number>;

  /**
   * @throws UsageError when a row of the table `[states × actions]` is not a distribution, or two states with equal
   *   observations have different action probabilities
   */
  constructor(
    private readonly states: number,
    table: ArrayLike<number>,
    private readonly observed?: StateObservations,
  ) {
    this.actions = table.length / states;
    this.table = policyTable({ states, actions: this.actions }, table);
    this.observationSpace = observed?.space ?? { kind: "discrete", n: states };
    this.actionSpace = { kind: "discrete", n: this.actions };
    this.width = spaceWidth(this.observationSpace);
    if (observed) this.stateBy = this.index(observed);
  }

  async act(observations: Float32Array, { rng, deterministic = false }: ActOptions): Promise<ActResult> {
    const states = this.statesOf(observations);
    const actions = new Int32Array(states.length);
    const logProbs = new Float32Array(states.length);
    for (let i = 0; i < states.length; i++) {
      const row = this.row(states[i]);
      actions[i] = deterministic ? argmaxRow(row, 0, this.actions) : needRng(rng).categorical(row);
      logProbs[i] = Math.log(row[actions[i]]);
    }
    return { actions, logProbs };
  }

  async logProb(observations: Float32Array, actions: ActionBatch): Promise<Float32Array> {
    return Float32Array.from(this.statesOf(observations), (s, i) => Math.log(this.row(s)[actions[i]]));
  }

  async probabilities(observations: Float32Array): Promise<Float64Array> {
    const states = this.statesOf(observations);
    const out = new Float64Array(states.length * this.actions);
    states.forEach((s, i) => {
      out.set(this.row(s), i * this.actions);
    });
    return out;
  }

  toData(): PolicyData {
    const { states, actions, table, width } = this;
    const observed = this.observed;
    const arrays: PolicyData["arrays"] = { table: { shape: [states, actions], data: table } };
    if (observed) arrays.observations = { shape: [states, width], data: observed.rows };
    return { kind: "tabular", settings: observed ? { observationSpace: observed.space } : {}, arrays };
  }

  static fromData({ settings, arrays }: PolicyData): TabularPolicy {
    const { shape, data } = arrays.table;
    const space = settings.observationSpace as Space | undefined;
    const observed = space && { space, rows: arrays.observations.data as Float32Array };
    return new TabularPolicy(shape[0], data, observed);
  }

  private index({ rows }: StateObservations): Map<string, number> {
    const found = new Map<string, number>();
    for (let s = 0; s < this.states; s++) {
      const key = rows.subarray(s * this.width, (s + 1) * this.width).join();
      const other = found.get(key);
      if (other === undefined) found.set(key, s);
      else if (this.row(s).some((p, a) => p !== this.row(other)[a])) {
        throw new UsageError(
          `states ${other} and ${s} have the same observation, [${key}], but different action probabilities: ` +
            "the policy depends on information that is not observed",
        );
      }
    }
    return found;
  }

  private row(state: number): Float64Array {
    return this.table.subarray(state * this.actions, (state + 1) * this.actions);
  }

  private statesOf(observations: Float32Array): Int32Array {
    const { width } = this;
    return Int32Array.from({ length: rowsOf(this.observationSpace, observations) }, (_, i) =>
      this.stateBy
        ? this.lookUp(observations.subarray(i * width, (i + 1) * width).join())
        : this.stateOf(observations[i]),
    );
  }

  private lookUp(key: string): number {
    const state = this.stateBy!.get(key);
    if (state !== undefined) return state;
    throw new UsageError(`observation [${key}] does not belong to a state of this policy`);
  }

  private stateOf(observation: number): number {
    if (Number.isInteger(observation) && observation >= 0 && observation < this.states) return observation;
    throw new UsageError(
      `observation ${observation} is not a state of this policy: states are 0 to ${this.states - 1}`,
    );
  }
}

/** The policy's action probabilities in every state of `model`, `[states × actions]`. */
export async function tabulate(policy: Policy, model: TabularModel): Promise<Float64Array> {
  if (!policy.probabilities) {
    throw new UsageError(
      "an exact comparison needs a policy with action probabilities: discrete actions only",
    );
  }
  return policy.probabilities(model.observations);
}
