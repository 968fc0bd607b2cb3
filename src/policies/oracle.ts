/** @file The oracle of clusters: a policy for each true cluster of tasks, a reference that no learner can use. */

import { feedbackLayout } from "../env/wrappers/feedback-view.js";
import { UsageError } from "../errors.js";
import { allocateActions, box, type Space } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import type { ActOptions, ActResult, Policy, PolicyData } from "./contract.js";
import { policiesFromData, policiesToData } from "./parts.js";
import { copyRowsWhere, rowsOf } from "./rows.js";

/** Acts in each row by the policy of the row's true cluster, which its view shows. */
export class OraclePolicy implements Policy {
  readonly view = "cluster";
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  private readonly width: number;

  /** @param policies one for each cluster, each with the feedback view */
  constructor(readonly policies: readonly Policy[]) {
    const [first] = policies;
    if (first === undefined || policies.some(({ view }) => view !== "feedback")) {
      throw new UsageError("an oracle needs one policy with the feedback view for each cluster");
    }
    this.observationSpace = first.observationSpace;
    this.actionSpace = first.actionSpace;
    this.width = feedbackLayout(first.observationSpace, first.actionSpace).width;
  }

  async act(observations: Float32Array, { state, ...options }: ActOptions): Promise<ActResult> {
    const { clusters, rows } = this.split(observations);
    const count = clusters.length;
    const actions = allocateActions(this.actionSpace, count);
    let next: Float32Array | undefined;
    for (const cluster of new Set(clusters)) {
      const own = await this.policyOf(cluster).act(rows, { ...options, state });
      next ??= new Float32Array(own.state!.length);
      const isOwn = (i: number) => clusters[i] === cluster;
      copyRowsWhere(isOwn, count, own.actions, actions);
      copyRowsWhere(isOwn, count, own.state!, next);
    }
    return { actions, state: next };
  }

  async logProb(
    observations: Float32Array,
    actions: ActionBatch,
    state?: Float32Array,
  ): Promise<Float32Array> {
    const { clusters, rows } = this.split(observations);
    const out = new Float32Array(clusters.length);
    for (const cluster of new Set(clusters)) {
      const own = await this.policyOf(cluster).logProb(rows, actions, state);
      copyRowsWhere((i) => clusters[i] === cluster, out.length, own, out);
    }
    return out;
  }

  toData(): PolicyData {
    const { observationSpace, actionSpace } = this;
    const { policies, arrays } = policiesToData(this.policies);
    return { kind: "oracle", settings: { observationSpace, actionSpace, policies }, arrays };
  }

  /** @param restore restores the policy of one cluster */
  static fromData(data: PolicyData, restore: (data: PolicyData) => Policy): OraclePolicy {
    return new OraclePolicy(policiesFromData(data, restore));
  }

  private policyOf(cluster: number): Policy {
    const policy = this.policies[cluster];
    if (policy) return policy;
    throw new UsageError(
      `the oracle has policies for ${this.policies.length} clusters, not for cluster ${cluster}`,
    );
  }

  /** The true cluster of each row, and the feedback rows. */
  private split(observations: Float32Array) {
    const { width } = this;
    const count = rowsOf(box([width + 1], -Infinity, Infinity), observations);
    const rows = new Float32Array(count * width);
    const clusters: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = i * (width + 1);
      rows.set(observations.subarray(at, at + width), i * width);
      clusters.push(observations[at + width]);
    }
    return { rows, clusters };
  }
}
