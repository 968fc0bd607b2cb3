/**
 * @file Maximum causal entropy inverse reinforcement learning [Ziebart, Bagnell & Dey 2010]
 * [Ziebart 2010, chapters 5 and 9] [N §3.4].
 *
 * The model of the expert is π(a | s) = exp(Q(s, a) − V(s)) with the soft values of the unknown reward. It is the
 * policy of greatest causal entropy that matches the demonstrated feature expectations. ([N] writes π ∝ Q; the standard
 * result is π ∝ exp Q.) The learnt reward R(s) = Φᵀψ(s) maximises the mean log-likelihood L of the demonstrations. Each
 * round:
 *
 *   1. Compute the reward of every transition from the parameters Φ.
 *   2. Compute Q, V and π by the soft Bellman equation [Ziebart 2010, algorithm 9.1].
 *   3. Compute the expected discounted count of every transition under π.
 *   4. Compute L, and its derivative in the reward of every transition.
 *   5. Compute ∇L by the chain rule, and take one step of the optimiser.
 *
 * Steps 2 to 4 are in this file. Steps 1 and 5, common to all likelihoods, are in `entropy/likelihood-ascent.ts`. The
 * option `objective` selects L. "moments": L is the demonstrated reward minus V at the starts, and the derivative is
 * demonstrated minus expected counts [N §3.4, eq. 66–67], which are equal at the optimum. "actions": L is
 * Σ γᵗ log π(aₜ | sₜ), which does not depend on the random outcomes, and step 3 propagates the derivative in Q back
 * through the Bellman equation.
 *
 * With a `horizon` the policy depends on the time, and an episode that ends early stays in an absorbing state of reward
 * 0. Without a horizon the future is discounted and the policy is stationary. An `optimiser` replaces the model by
 * samples (`entropy/sampled-ascent.ts`).
 */

import * as z from "zod";
import type { TabularModel } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { PolicyOptimiser, State } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { discountedFlow, horizonFlow, softFiniteHorizon, softValueIteration } from "../../src/mdp/index.js";
import { maxNorm } from "../../src/mdp/model.js";
import { type LikelihoodModel, likelihoodAscent, type WarmStart } from "./entropy/likelihood-ascent.js";
import { entropyOptions } from "./entropy/options.js";
import { sampledAscent } from "./entropy/sampled-ascent.js";
import { actionScore, pairVisits, spreadPairs, stepsByTime } from "./max-causal-ent-irl/pairs.js";
import type { InverseAlgorithm } from "./shared/contract.js";
import type { DemonstratedVisits } from "./shared/demonstrated-visits.js";
import { withLearner } from "./shared/options.js";
import { difference, dot } from "./shared/vectors.js";

export const maxCausalEntIrlSchema = z.strictObject({
  ...entropyOptions,
  objective: z
    .enum(["moments", "actions"])
    .default("actions")
    .describe(
      "with an exact model. moments: match the demonstrated feature expectations; " +
        "actions: maximise the likelihood of the demonstrated actions in their states",
    ),
});

export type MaxCausalEntIrlOptions = z.input<typeof maxCausalEntIrlSchema>;

type Objective = z.output<typeof maxCausalEntIrlSchema>["objective"];

/** Maximum causal entropy IRL. The default discount is the model's own, the optimiser's, or 1 with a horizon. */
export const maxCausalEntIrl = defineAlgorithm({
  name: "maxCausalEntIrl",
  summary: "maximum causal entropy inverse RL: the maximum-likelihood reward, for stochastic dynamics",
  schema: maxCausalEntIrlSchema,
  needs: [["demonstrations", "expert"]],
  create(parsed): InverseAlgorithm<State> {
    const options = withLearner("maxCausalEntIrl", parsed);
    const { learner, objective } = options;
    if (learner) {
      requireSoft("maxCausalEntIrl", learner);
      return sampledAscent("maxCausalEntIrl", options, { learner });
    }
    return likelihoodAscent("maxCausalEntIrl", options, {
      horizon: () => options.horizon,
      likelihood: (model, demonstrated, { horizon, discount }) =>
        horizon === undefined
          ? causalDiscounted(model, demonstrated, objective, { discount })
          : causalHorizon(model, demonstrated, objective, { horizon, discount }),
    });
  },
});

/**
 * Checks that the optimiser's policy is π = exp(Q − V), because sampled feature counts are those of its policy.
 *
 * @throws UsageError for a learner whose abilities exclude it
 */
function requireSoft(name: string, { name: learner, abilities, options }: PolicyOptimiser): void {
  // For a learner without declared abilities the user is responsible.
  if (abilities?.soft ?? true) return;
  const { temperature } = options;
  const what = temperature === undefined ? learner : `${learner} at temperature "${temperature}"`;
  throw new UsageError(
    `${name}: the optimiser must maximise reward and entropy at a temperature of 1, and ${what} does not; ` +
      'use sac({ temperature: 1 }), on a command line "--optimiser.algorithm sac --optimiser.temperature 1"',
  );
}

/** Error of values and flows, relative to their largest possible size. */
const ACCURACY = 1e-9;

/** The likelihood over an infinite, discounted future: a stationary policy [Ziebart 2010] [Bloem & Bambos 2014]. */
export function causalDiscounted(
  model: TabularModel,
  demonstrated: DemonstratedVisits,
  objective: Objective,
  { discount, accuracy = ACCURACY }: { discount: number; accuracy?: number },
): LikelihoodModel {
  const { states, actions, rowStart, next, probability, terminal } = model;
  const discounted = { ...model, discount };
  const starts = new Float64Array(states);
  for (const { time, state, mass } of demonstrated.entries) starts[state] += mass * discount ** time;
  const taken = pairVisits(model, demonstrated.visits);

  const solve = (reward: Float64Array, guess?: Float64Array) => {
    const largest = (maxNorm(reward) + Math.log(actions)) / (1 - discount);
    const tolerance = Math.max(accuracy * largest, Number.MIN_VALUE);
    return softValueIteration({ ...discounted, reward }, { guess, tolerance });
  };
  const flowOf = (policy: Float64Array, from: Float64Array, guess?: Float64Array) =>
    discountedFlow(discounted, policy, from, { guess, tolerance: accuracy });
  const visitsOf = (policy: Float64Array, flow: Float64Array) =>
    spreadPairs(
      model,
      policy.map((p, pair) => p * flow[Math.floor(pair / actions)]),
    );

  return {
    visits: (policy, warmStart) =>
      visitsOf(policy, flowOf(policy, starts, objective === "moments" ? warmStart?.flow : undefined)),
    evaluate(reward: Float64Array, warmStart?: WarmStart) {
      const { values, q, policy } = solve(reward, warmStart?.values);
      if (objective === "moments") {
        const flow = flowOf(policy, starts, warmStart?.flow);
        return {
          logLikelihood: dot(demonstrated.visits, reward) - dot(starts, values),
          slope: difference(demonstrated.visits, visitsOf(policy, flow)),
          policy,
          warmStart: { values, flow },
        };
      }
      let logLikelihood = 0;
      const score = actionScore(model, taken, policy);
      // Direct part of ∂L / ∂V in each state. The flow from it adds the part through the values of later states.
      const direct = new Float64Array(states);
      for (let pair = 0; pair < taken.length; pair++) {
        const s = Math.floor(pair / actions);
        if (taken[pair] > 0) logLikelihood += taken[pair] * (q[pair] - values[s]);
        for (let e = rowStart[pair]; e < rowStart[pair + 1]; e++) {
          if (!terminal[next[e]]) direct[next[e]] += discount * probability[e] * score[pair];
        }
      }
      const flow = flowOf(policy, direct, warmStart?.flow);
      const slopeOfQ = score.map((x, pair) => x + policy[pair] * flow[Math.floor(pair / actions)]);
      return { logLikelihood, slope: spreadPairs(model, slopeOfQ), policy, warmStart: { values, flow } };
    },
  };
}

/** The likelihood over a number of steps, with a time-indexed policy [Ziebart 2010, algorithm 9.1]. */
export function causalHorizon(
  model: TabularModel,
  demonstrated: DemonstratedVisits,
  objective: Objective,
  { horizon, discount }: { horizon: number; discount: number },
): LikelihoodModel {
  const { states, actions, rowStart, next, probability, terminal } = model;
  const { entries } = demonstrated;
  const pairs = states * actions;
  const visits = (policy: Float64Array) => horizonFlow(model, policy, entries, { horizon, discount });
  const byTime = stepsByTime(model, demonstrated, horizon);
  const discounted = probability.map((p) => discount * p);
  return {
    visits,
    evaluate(reward) {
      const { values, policy } = softFiniteHorizon({ ...model, reward }, { horizon, discount });
      if (objective === "moments") {
        const startValue = entries.reduce(
          (sum, { time, state, mass }) => sum + mass * discount ** time * values[time * states + state],
          0,
        );
        return {
          logLikelihood: dot(demonstrated.visits, reward) - startValue,
          slope: difference(demonstrated.visits, visits(policy)),
          policy,
        };
      }
      let logLikelihood = 0;
      const slopeOfQ = new Float64Array(pairs);
      const taken = new Float64Array(pairs);
      // ∂L / ∂V at time t, through the actions at earlier times, and at time t + 1.
      let slopeOfV = new Float64Array(states);
      let later = new Float64Array(states);
      // Local variables, because the loop takes most of the time of a round.
      const [starts, to, weights, ended] = [rowStart, next, discounted, terminal];
      for (let t = 0; t < horizon; t++) {
        const table = policy.subarray(t * pairs, (t + 1) * pairs);
        for (const { pair, weight } of byTime[t]) {
          taken[pair] += weight;
          logLikelihood += weight * Math.log(table[pair]);
        }
        later.fill(0);
        for (let s = 0, first = 0; s < states; s++, first += actions) {
          if (ended[s]) continue;
          let visits = 0;
          for (let pair = first; pair < first + actions; pair++) visits += taken[pair];
          for (let pair = first; pair < first + actions; pair++) {
            // The score of `actionScore`, and the part through the value.
            const slope = taken[pair] - visits * table[pair] + table[pair] * slopeOfV[s];
            slopeOfQ[pair] += slope;
            const end = starts[pair + 1];
            for (let e = starts[pair]; e < end; e++) later[to[e]] += weights[e] * slope;
          }
        }
        for (const { pair } of byTime[t]) taken[pair] = 0;
        [slopeOfV, later] = [later, slopeOfV];
      }
      return { logLikelihood, slope: spreadPairs(model, slopeOfQ), policy };
    },
  };
}
