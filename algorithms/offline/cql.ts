/**
 * @file Conservative Q-learning, CQL(H) on top of SAC [Kumar et al. 2020, eq. 4]: the critics are pushed down on the
 * actions that they value most, and up on those of the data set. The losses of SAC are in `../rl/sac/losses.ts`.
 */

import * as z from "zod";
import { count, nonNegative } from "../../src/config/options.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { groupTrainer } from "../../src/learning/trainer.js";
import type * as nn from "../../src/nn/index.js";
import { actionScaling, type Box, logScale, spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import {
  type SacBatch,
  type SacNetworks,
  type SacParameters,
  type SacStates,
  sacGroups,
  sacLosses,
  sacNetworks,
  targetEntropyOf,
} from "../rl/sac/losses.js";
import { temperatureOptions } from "../rl/sac.js";
import { chosen, normals, transitionInputs, uniformsFor } from "../shared/twin-critics.js";
import { type OfflineState, offlineLearner } from "./shared/learner.js";
import { offlineOptions, tauOption } from "./shared/options.js";

const cqlSchema = z.strictObject({
  ...offlineOptions,
  tau: tauOption,
  alpha: nonNegative().default(5).describe("α, weight of the conservative penalty; 0: SAC on the data set"),
  samples: count()
    .default(10)
    .describe(
      "for actions in a box: number of actions of each kind (random, of the policy, of the policy in the next state) " +
        "by which the penalty is estimated",
    ),
  ...temperatureOptions,
});

export type CqlOptions = z.input<typeof cqlSchema>;

/** CQL from a data set, for discrete actions and actions in a bounded box. */
export const cql = defineAlgorithm({
  name: "cql",
  summary: "conservative Q-learning: offline reinforcement learning with low values outside the data",
  schema: cqlSchema,
  needs: [["demonstrations"]],
  create: (options): Algorithm<OfflineState<SacStates>> =>
    offlineLearner<SacStates>("cql", options, (problem, steps) => {
      const { actionSpace } = problem;
      const { minibatchSize: size, samples, alpha } = options;
      const networks = sacNetworks(problem, options, { name: "cql", other: "bc" });
      const entropyAim = targetEntropyOf(actionSpace, options);
      const noise: Record<string, t.InputSpec> =
        actionSpace.kind === "box"
          ? {
              uniforms: uniformsFor(actionSpace, size),
              policyUniforms: uniformsFor(actionSpace, samples * size),
              actionUniforms: t.float32([samples * size, spaceWidth(actionSpace)]),
            }
          : {};
      return {
        actor: networks.actor,
        noise,
        trainer: groupTrainer({
          groups: sacGroups(networks, options),
          steps,
          variable: true,
          minibatch: { ...transitionInputs(problem, size), ...noise },
          losses({ parameters, targets, minibatch }) {
            const { uniforms, policyUniforms, actionUniforms, ...drawn } = minibatch;
            const batch = { ...(drawn as unknown as SacBatch), ...(uniforms && normals(uniforms)) };
            const trees = {
              actor: parameters.actor,
              critics: parameters.critics,
              targets: targets.critics,
              logTemperature: parameters.temperature.log,
            };
            const { criticLoss, actorLoss, temperatureLoss, entropy } = sacLosses(
              networks,
              trees,
              batch,
              entropyAim,
            );
            const penalty = uniforms
              ? sampledPenalty(networks, trees, batch, {
                  ...normals(policyUniforms),
                  uniforms: actionUniforms,
                })
              : exactPenalty(networks, trees.critics, batch);
            return {
              losses: {
                actor: actorLoss,
                critics: t.add(criticLoss, t.mul(penalty, alpha)),
                temperature: temperatureLoss,
              },
              reported: { criticLoss, penalty, actorLoss, entropy },
            };
          },
        }),
      };
    }),
});

type Pairs = Pick<SacBatch, "observations" | "actions">;

/** Σ_j E[log Σ_a exp Q_j(s, a) − Q_j(s, a of the data)] for discrete actions. */
export function exactPenalty(
  { critics }: SacNetworks,
  parameters: nn.TensorTree,
  { observations, actions }: Pairs,
): Tensor {
  const [first, second] = critics
    .values(parameters, observations)
    .map((q) => t.mean(t.sub(t.logSumExp(q, -1), chosen(q, actions))));
  return t.add(first, second);
}

/** Noise of N actions of each kind for B transitions, sample by sample, `[N · B, d]`. */
export interface PenaltyNoise {
  /** Standard normal noise of the policy's actions in s, and in s′. */
  noise: Tensor;
  nextNoise: Tensor;
  /** On [0, 1): random actions, scaled to the bounds. */
  uniforms: Tensor;
}

/**
 * Σ_j E[log (1 / 3N) Σ_i exp(Q_j(s, a_i)) / p(a_i) − Q_j(s, a of the data)] for actions in a box: the integral of exp Q_j
 * by importance sampling, with N actions each from the uniform distribution, from π(· | s) and from π(· | s′)
 * [Kumar et al. 2020, appendix F]. Densities p are of actions scaled to [−1, 1]. Only the critics have gradients.
 */
export function sampledPenalty(
  { actor, critics }: SacNetworks,
  { actor: p, critics: q }: Pick<SacParameters, "actor" | "critics">,
  { observations, actions, nextObservations }: Pairs & Pick<SacBatch, "nextObservations">,
  { noise, nextNoise, uniforms }: PenaltyNoise,
): Tensor {
  const space = actor.settings.actionSpace as Box;
  const size = observations.shape[0] as number;
  const count = (uniforms.shape[0] as number) / size;
  /** The rows of all transitions, once for each sample. */
  const repeated = (rows: Tensor) => {
    const width = rows.shape[1] as number;
    return t.reshape(t.broadcastTo(rows, [count, size, width]), [count * size, width]);
  };
  const rows = repeated(observations);
  const scale = logScale(actionScaling(space));
  const sampled = (seen: Tensor, drawn: Tensor) => {
    const pi = actor.distribution(p, seen) as nn.TanhGaussian;
    const { action, logProb } = pi.sampleWithLogProb(drawn);
    return { action: t.stopGradient(action), logDensity: t.stopGradient(t.add(logProb, scale)) };
  };
  const random = {
    action: withinBounds(space, uniforms),
    logDensity: -spaceWidth(space) * Math.log(2),
  };
  const kinds = [random, sampled(rows, noise), sampled(repeated(nextObservations), nextNoise)];
  const everywhere = kinds.map(({ action, logDensity }) =>
    critics.values(q, rows, action).map((values) => t.reshape(t.sub(values, logDensity), [count, size])),
  );
  const [first, second] = critics.values(q, observations, actions).map((taken, j) => {
    const corrected = t.concat(
      everywhere.map((values) => values[j]),
      0,
    );
    return t.mean(t.sub(t.sub(t.logSumExp(corrected, 0), Math.log(3 * count)), taken));
  });
  return t.add(first, second);
}

/** Uniforms on [0, 1) `[n, d]` as actions of a bounded box. */
function withinBounds({ low, high }: Box, uniforms: Tensor): Tensor {
  const bound = (values: readonly number[]) => t.constant(Float32Array.from(values), [values.length]);
  return t.add(t.mul(uniforms, bound(high.map((top, k) => top - low[k]))), bound(low));
}
