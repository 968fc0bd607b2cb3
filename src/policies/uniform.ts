/** @file The uniformly random policy: the zero of normalised scores, and the baseline of learning tests. */

import { allocateActions, type Space, sampleInto, spaceWidth } from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { rowsOf } from "./rows.js";

/** Samples every action from the action space, independently of the observation. */
export class UniformPolicy implements Policy {
  constructor(
    readonly observationSpace: Space,
    readonly actionSpace: Space,
  ) {}

  /** A uniform policy has no mode: `deterministic` changes nothing. */
  async act(observations: Float32Array, { rng }: ActOptions): Promise<ActResult> {
    const rows = rowsOf(this.observationSpace, observations);
    const actions = allocateActions(this.actionSpace, rows);
    const width = spaceWidth(this.actionSpace);
    const drawn = needRng(rng);
    for (let i = 0; i < rows; i++) sampleInto(this.actionSpace, drawn, actions, i * width);
    return { actions };
  }

  /**
   * Log-probabilities (densities) `[N]` for discrete and bounded actions; NaN for unbounded ones, whose samples are not
   * uniform.
   */
  async logProb(_observations: Float32Array, actions: ActionBatch): Promise<Float32Array> {
    return new Float32Array(actions.length / spaceWidth(this.actionSpace)).fill(-logVolume(this.actionSpace));
  }

  toData(): PolicyData {
    const { observationSpace, actionSpace } = this;
    return { kind: "uniform", settings: { observationSpace, actionSpace }, arrays: {} };
  }

  static fromData({ settings }: PolicyData): UniformPolicy {
    return new UniformPolicy(settings.observationSpace as Space, settings.actionSpace as Space);
  }
}

/** Log of the number of actions, or of the volume of a box. */
function logVolume(space: Space): number {
  switch (space.kind) {
    case "discrete":
      return Math.log(space.n);
    case "multi-discrete":
      return space.sizes.reduce((sum, n) => sum + Math.log(n), 0);
    case "multi-binary":
      return space.n * Math.LN2;
    case "box":
      return space.low.reduce((sum, low, i) => sum + Math.log(space.high[i] - low), 0);
    default:
      return Number.NaN;
  }
}
