/** @file Mixtures of best responses: the policy that draws one of them at the start of each episode. */

import type { Policy } from "../../../src/policies/contract.js";
import { loadPolicy, MixturePolicy, policyOfModel } from "../../../src/policies/index.js";
import { mixed } from "../shared/vectors.js";
import type { Responder, Response } from "./responder.js";

/**
 * The mixture of the responses with these weights. On a model it is the stationary policy with the same occupancy: a
 * response contributes to π(a | s) in proportion to its flow through s [Syed, Bowling & Schapire 2008, theorem 2]
 * [Puterman 1994, theorem 6.9.1], or to its weight in states without flow.
 */
export function mixturePolicy(
  { live }: Responder,
  responses: readonly Response[],
  weights: ArrayLike<number>,
): Policy {
  if (!live.exact) {
    const used = responses.flatMap((response, i) =>
      weights[i] > 0 ? [{ response, weight: weights[i] }] : [],
    );
    return new MixturePolicy(
      used.map(({ response }) => loadPolicy(response.policy!)),
      used.map(({ weight }) => weight),
    );
  }
  const { model } = live.exact;
  const { states, actions } = model;
  const table = new Float64Array(states * actions);
  const total = mixed(
    responses.map(({ flow }) => flow!),
    weights,
  );
  for (const [i, { choices, flow }] of responses.entries()) {
    if (weights[i] === 0) continue;
    for (let s = 0; s < states; s++) {
      const share = total[s] > 0 ? (weights[i] * flow![s]) / total[s] : weights[i];
      table[s * actions + choices![s]] += share;
    }
  }
  return policyOfModel(model, normalised(table, actions), live.problem.observationSpace);
}

/** The rows, normalised to sum to 1. Ratios of flows near 0 sum to 1 only approximately. */
function normalised(table: Float64Array, actions: number): Float64Array {
  for (let start = 0; start < table.length; start += actions) {
    let total = 0;
    for (let a = 0; a < actions; a++) total += Math.max(table[start + a], 0);
    for (let a = 0; a < actions; a++)
      table[start + a] = total > 0 ? Math.max(table[start + a], 0) / total : 1 / actions;
  }
  return table;
}
