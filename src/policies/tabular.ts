/** @file Policies over the states of a tabular model: a table of action probabilities. */

import { UsageError } from "../errors.js";
import { argmaxRow, policyTable } from "../mdp/tables.js";
import type {
  ActionBatch,
  ActOptions,
  ActResult,
  Policy,
  PolicyData,
  TabularModel,
} from "../rollout/contracts.js";
import type { Space } from "../spaces/index.js";

/** π(a | s) as a table `[states × actions]`; observations are state indices, as every tabular environment gives. */
export class TabularPolicy implements Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  private readonly actions: number;

  private readonly table: Float64Array;

  /** @throws UsageError when the table `[states × actions]` does not hold a distribution in every state */
  constructor(
    private readonly states: number,
    table: ArrayLike<number>,
  ) {
    this.actions = table.length / states;
    this.table = policyTable({ states, actions: this.actions }, table);
    this.observationSpace = { kind: "discrete", n: states };
    this.actionSpace = { kind: "discrete", n: this.actions };
  }

  async act(observations: Float32Array, { rng, deterministic = false }: ActOptions): Promise<ActResult> {
    const actions = new Int32Array(observations.length);
    const logProbs = new Float32Array(observations.length);
    for (let i = 0; i < observations.length; i++) {
      const row = this.row(this.stateOf(observations[i]));
      actions[i] = deterministic ? argmaxRow(row, 0, this.actions) : rng.categorical(row);
      logProbs[i] = Math.log(row[actions[i]]);
    }
    return { actions, logProbs };
  }

  async logProb(observations: Float32Array, actions: ActionBatch): Promise<Float32Array> {
    return Float32Array.from(observations, (s, i) => Math.log(this.row(this.stateOf(s))[actions[i]]));
  }

  async probabilities(observations: Float32Array): Promise<Float64Array> {
    const out = new Float64Array(observations.length * this.actions);
    observations.forEach((s, i) => {
      out.set(this.row(this.stateOf(s)), i * this.actions);
    });
    return out;
  }

  toData(): PolicyData {
    const arrays = { table: { shape: [this.states, this.actions], data: this.table } };
    return { kind: "tabular", settings: {}, arrays };
  }

  static fromData({ arrays }: PolicyData): TabularPolicy {
    const { shape, data } = arrays.table;
    return new TabularPolicy(shape[0], data);
  }

  private row(state: number): Float64Array {
    return this.table.subarray(state * this.actions, (state + 1) * this.actions);
  }

  private stateOf(observation: number): number {
    if (Number.isInteger(observation) && observation >= 0 && observation < this.states) return observation;
    throw new UsageError(
      `observation ${observation} is not a state of this policy: it knows 0 to ${this.states - 1}`,
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
