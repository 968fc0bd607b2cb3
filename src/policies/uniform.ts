/** @file The uniformly random policy: the zero of normalised scores, and the baseline of learning tests. */

import {
  type ActionMask,
  actionMaskOf,
  allocateActions,
  allowedOptions,
  requireAllowedActions,
  type Space,
  sampleInto,
  spaceWidth,
} from "../spaces/index.js";
import type { ActionBatch } from "../spaces/values.js";
import { type ActOptions, type ActResult, needRng, type Policy, type PolicyData } from "./contract.js";
import { rowsOf } from "./rows.js";

/** Samples actions from the action space, or from those that the action mask of the observation allows. */
export class UniformPolicy implements Policy {
  private readonly mask?: ActionMask;

  constructor(
    readonly observationSpace: Space,
    readonly actionSpace: Space,
  ) {
    this.mask = actionMaskOf({ observationSpace, actionSpace });
  }

  /** A uniform policy has no mode: `deterministic` changes nothing. */
  async act(observations: Float32Array, { rng }: ActOptions): Promise<ActResult> {
    const rows = rowsOf(this.observationSpace, observations);
    const actions = allocateActions(this.actionSpace, rows);
    const width = spaceWidth(this.actionSpace);
    const drawn = needRng(rng);
    if (this.mask) requireAllowedActions(this.mask, observations);
    for (let i = 0; i < rows; i++) {
      if (!this.mask) sampleInto(this.actionSpace, drawn, actions, i * width);
      else
        for (const [k, options] of this.optionsIn(observations, i).entries())
          actions[i * width + k] = options[drawn.integer(options.length)];
    }
    return { actions };
  }

  /**
   * Log-probabilities (densities) `[N]` for discrete and bounded actions; NaN for unbounded ones, whose samples are not
   * uniform.
   */
  async logProb(observations: Float32Array, actions: ActionBatch): Promise<Float32Array> {
    const width = spaceWidth(this.actionSpace);
    const logProbs = new Float32Array(actions.length / width).fill(-logVolume(this.actionSpace));
    if (!this.mask) return logProbs;
    return logProbs.map((_, i) =>
      this.optionsIn(observations, i).reduce(
        (sum, options, k) =>
          sum + (options.includes(actions[i * width + k]) ? -Math.log(options.length) : -Infinity),
        0,
      ),
    );
  }

  private optionsIn(observations: Float32Array, i: number): number[][] {
    const { sizes, offset, row } = this.mask!;
    return allowedOptions(sizes, observations, i * row + offset);
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
