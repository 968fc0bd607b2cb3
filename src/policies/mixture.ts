/**
 * @file Mixtures of policies: at the start of each episode one of several policies is drawn, and it acts to the end
 * [Abbeel & Ng 2004, §3]. Values, feature expectations and other quantities linear in the occupancy measure are the
 * weighted means of those of the policies.
 */

import { UsageError } from "../errors.js";
import { allocateActions, type Space, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import {
  type ActOptions,
  type ActResult,
  needRng,
  type Policy,
  type PolicyData,
  requireObserver,
} from "./contract.js";
import { policiesFromData, policiesToData } from "./parts.js";
import { rowsOf } from "./rows.js";

/** A mixture of policies. Its state `[N, 1]` is the number of the drawn policy, from 1 on; 0 before the first step. */
export class MixturePolicy implements Policy {
  readonly observationSpace: Space;
  readonly actionSpace: Space;

  /**
   * @param weights one probability per policy, with sum 1
   * @throws UsageError when the weights are not such probabilities
   */
  constructor(
    private readonly policies: readonly Policy[],
    private readonly weights: ArrayLike<number>,
  ) {
    for (const policy of policies) {
      requireObserver("a policy of a mixture", policy, "mix policies without memory");
    }
    const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
    if (policies.length === 0 || weights.length !== policies.length || !(Math.abs(total - 1) < 1e-6)) {
      throw new UsageError(
        `a mixture of ${policies.length} policies needs as many weights with sum 1, not ${weights.length} with sum ${total}`,
      );
    }
    [{ observationSpace: this.observationSpace, actionSpace: this.actionSpace }] = policies;
  }

  async act(observations: Float32Array, { rng, deterministic, state }: ActOptions): Promise<ActResult> {
    const count = rowsOf(this.observationSpace, observations);
    const drawn = state?.slice() ?? new Float32Array(count);
    for (let i = 0; i < count; i++) if (drawn[i] === 0) drawn[i] = 1 + needRng(rng).categorical(this.weights);
    const actions = allocateActions(this.actionSpace, count);
    await this.each(drawn, async (policy, rows) => {
      const result = await policy.act(this.rowsOf(observations, rows), { rng, deterministic });
      if (result.state) throw new UsageError("the policies of a mixture must have no memory of their own");
      scatter(result.actions, rows, actions);
    });
    return { actions, state: drawn };
  }

  async logProb(
    observations: Float32Array,
    actions: ActionBatch,
    state?: Float32Array,
  ): Promise<Float32Array> {
    const count = rowsOf(this.observationSpace, observations);
    const all = await Promise.all(this.policies.map((policy) => policy.logProb(observations, actions)));
    return Float32Array.from({ length: count }, (_, i) => {
      const drawn = state?.[i] ?? 0;
      if (drawn > 0) return all[drawn - 1][i];
      return Math.log(all.reduce((sum, logProbs, k) => sum + this.weights[k] * Math.exp(logProbs[i]), 0));
    });
  }

  toData(): PolicyData {
    const { policies, arrays } = policiesToData(this.policies);
    return { kind: "mixture", settings: { weights: Array.from(this.weights), policies }, arrays };
  }

  /** @param restore creates a policy from its data. */
  static fromData(data: PolicyData, restore: (data: PolicyData) => Policy): MixturePolicy {
    const { weights } = data.settings as { weights: number[] };
    return new MixturePolicy(policiesFromData(data, restore), weights);
  }

  /** Calls `run` once for each drawn policy, with the rows in which it acts. */
  private async each(drawn: Float32Array, run: (policy: Policy, rows: number[]) => Promise<void>) {
    for (const [k, policy] of this.policies.entries()) {
      const rows = [...drawn.keys()].filter((i) => drawn[i] === k + 1);
      if (rows.length > 0) await run(policy, rows);
    }
  }

  private rowsOf(observations: Float32Array, rows: readonly number[]): Float32Array {
    const width = spaceWidth(this.observationSpace);
    const out = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) {
      out.set(observations.subarray(row * width, (row + 1) * width), i * width);
    }
    return out;
  }
}

function scatter(from: ActionBatch, rows: readonly number[], into: ActionBatch): void {
  const width = from.length / rows.length;
  for (const [i, row] of rows.entries()) into.set(from.subarray(i * width, (i + 1) * width), row * width);
}
