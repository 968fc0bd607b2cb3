/**
 * @file Distribution matching on a tabular model: the divergence between the expert's occupancy and the learner's, and
 * its gradient, without sampling. `distributionMatching` uses it with `estimator: "exact"`.
 *
 * For `divergence: "kl"` it is the likelihood that factorises over states and actions [Englert et al. 2013]
 * [N §3.3, eq. 55], with the learner's true state marginal in the place of the density q: KL(d_E(s, a) ‖ d(s, a)) is
 * E_E[log π_E(a | s) − log π(a | s)], which behaviour cloning minimises, plus KL(d_E(s) ‖ d(s)).
 */

import type { Demonstration } from "../../../src/datasets/demonstrations.js";
import { demonstratedOccupancy } from "../../../src/datasets/occupancy.js";
import {
  type DivergenceKind,
  divergence,
  divergenceSlope,
  kullbackLeibler,
} from "../../../src/diagnostics/index.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import { occupancyGradient } from "../../../src/mdp/index.js";
import { softmaxInPlace } from "../../../src/mdp/tables.js";
import { policyOfModel, type TabularPolicy } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import type { Space } from "../../../src/spaces/index.js";

export interface ExactMatchingOptions {
  divergence: DivergenceKind;
  updates: number;
  learningRate: number;
  smoothing: number;
  features?: readonly (readonly number[])[];
}

export interface ExactMatchingState {
  updates: number;
  /** Parameters of the logits, `[features × actions]`. */
  weights: Float64Array;
  /** Adam's two moments. */
  moments: [Float64Array, Float64Array];
  live: {
    derived: true;
    model: TabularModel;
    observationSpace: Space;
    /** The expert's occupancy, `[states × actions]`. */
    target: Float64Array;
    /** Features `[states × features]`; absent where each state has its own logits. */
    features?: Float64Array;
  };
}

/** Deviation of the initial parameters. It breaks ties between modes, midway between which the gradient is 0. */
const INITIAL_SCALE = 0.01;

/**
 * @throws UsageError without a model, for states with equal observations, or features that are not one row for each
 * state.
 */
export function createExactMatching(
  { id, model, observationSpace }: Problem,
  trajectories: readonly Demonstration[],
  { divergence, smoothing, features }: ExactMatchingOptions,
  rng: Rng,
): ExactMatchingState {
  if (!model) {
    throw new UsageError(
      `distributionMatching: ${id} has no exact model; set estimator to "density-ratio" to learn from samples`,
    );
  }
  const { states, actions } = model;
  const width = features?.[0]?.length ?? states;
  if (features && (features.length !== states || features.some((row) => row.length !== width))) {
    throw new UsageError(
      `distributionMatching: features must be ${states} rows of one length, a row for each state of ${id}`,
    );
  }
  const size = width * actions;
  const target = demonstratedOccupancy(model, trajectories);
  return {
    updates: 0,
    weights: rng.fillNormal(new Float64Array(size)).map((x) => INITIAL_SCALE * x),
    moments: [new Float64Array(size), new Float64Array(size)],
    live: {
      derived: true,
      model,
      observationSpace,
      target: divergence === "reverse-kl" ? smoothed(model, target, smoothing) : target,
      features: features && Float64Array.from(features.flat()),
    },
  };
}

/** The occupancy with a fraction ε of its mass spread evenly over all reachable pairs, so that log p is finite. */
function smoothed({ actions, terminal }: TabularModel, target: Float64Array, share: number): Float64Array {
  const counts = (pair: number) => terminal[Math.floor(pair / actions)] === 0 || pair % actions === 0;
  const pairs = target.reduce((sum, _, pair) => sum + Number(counts(pair)), 0);
  return target.map((p, pair) => (counts(pair) ? (1 - share) * p + share / pairs : 0));
}

/** π = softmax(φ(s)ᵀ W) as a table, `[states × actions]`. */
function policyTableOf({ weights, live: { model, features } }: ExactMatchingState): Float64Array {
  const { states, actions } = model;
  const table = features ? new Float64Array(states * actions) : weights.slice();
  if (features) {
    const width = features.length / states;
    for (let s = 0; s < states; s++) {
      for (let j = 0; j < width; j++) {
        const x = features[s * width + j];
        if (x === 0) continue;
        for (let a = 0; a < actions; a++) table[s * actions + a] += x * weights[j * actions + a];
      }
    }
  }
  for (let s = 0; s < states; s++) softmaxInPlace(table, s * actions, actions);
  return table;
}

/** The divergence at the current parameters, and its gradient `[features × actions]`. */
export function matchingGradient(state: ExactMatchingState, kind: DivergenceKind) {
  const { model, target, features } = state.live;
  const { states, actions } = model;
  const matched = occupancyGradient(model, policyTableOf(state), (d) => ({
    value: divergence(kind, target, d),
    // Unreachable pairs have occupancy 0 and a derivative that may be infinite: skip them.
    slope: d.map((q, pair) => (q === 0 ? 0 : divergenceSlope(kind, target[pair], q))),
  }));
  if (!features) return matched;
  const width = features.length / states;
  const gradient = new Float64Array(width * actions);
  for (let s = 0; s < states; s++) {
    for (let j = 0; j < width; j++) {
      const x = features[s * width + j];
      if (x === 0) continue;
      for (let a = 0; a < actions; a++) gradient[j * actions + a] += x * matched.gradient[s * actions + a];
    }
  }
  return { ...matched, gradient };
}

/** One step of Adam [Kingma & Ba 2015] down the divergence, with a step size that decreases to 0 over the run. */
export function updateExactMatching(state: ExactMatchingState, options: ExactMatchingOptions): Metrics {
  const { weights, moments, live } = state;
  const { value, gradient, occupancy } = matchingGradient(state, options.divergence);
  const [first, second] = moments;
  const left = Math.max(0, 1 - state.updates / options.updates);
  const step = ++state.updates;
  const rate = (options.learningRate * left * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
  for (let i = 0; i < weights.length; i++) {
    first[i] = 0.9 * first[i] + 0.1 * gradient[i];
    second[i] = 0.999 * second[i] + 0.001 * gradient[i] ** 2;
    weights[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + 1e-12);
  }
  const metrics = { steps: state.updates, divergence: value };
  if (options.divergence !== "kl") return metrics;
  const { states, actions } = live.model;
  const stateKl = kullbackLeibler(
    marginals(live.target, states, actions),
    marginals(occupancy, states, actions),
  );
  return { ...metrics, stateKl, actionKl: value - stateKl };
}

/** d(s) = Σ d(s, a), `[states]`. */
function marginals(pairs: Float64Array, states: number, actions: number): Float64Array {
  return Float64Array.from({ length: states }, (_, s) =>
    pairs.subarray(s * actions, (s + 1) * actions).reduce((sum, p) => sum + p, 0),
  );
}

export function exactlyMatchedPolicy(state: ExactMatchingState): TabularPolicy {
  const { model, observationSpace } = state.live;
  return policyOfModel(model, policyTableOf(state), observationSpace);
}
