/** @file The policy that is fine-tuned: a copy of a network policy, or a new network. */

import type { Problem } from "../../../src/env/contracts.js";
import { requireSpaces } from "../../../src/env/problem.js";
import { UsageError } from "../../../src/errors.js";
import type { Activation } from "../../../src/nn/index.js";
import { type Policy, requireObserver } from "../../../src/policies/contract.js";
import {
  type ActorCritic,
  actorCritic,
  type NetworkData,
  NetworkPolicy,
  type ObservationStatistics,
  UniformPolicy,
} from "../../../src/policies/index.js";
import { actionScaling } from "../../../src/spaces/index.js";
import { networkSettings } from "../../shared/networks.js";

export interface Student {
  network: ActorCritic;
  /** The parameters to start from; unset: new ones. */
  parameters?: Float32Array;
  /** The statistics that standardise observations. */
  statistics?: ObservationStatistics;
}

/**
 * The networks to train.
 *
 * @param start the policy to start from
 * @throws UsageError for a policy of other spaces, with memory, or without networks whose densities have a gradient
 */
export function studentOf(
  name: string,
  problem: Problem,
  start: Policy | undefined,
  options: { hidden: number[]; activation: Activation; network?: NetworkData },
): Student {
  const { observationSpace, actionSpace } = problem;
  if (start === undefined) {
    const settings = networkSettings(options, problem);
    const scaling = actionScaling(actionSpace);
    return {
      network: actorCritic({
        ...{ observationSpace, actionSpace },
        ...settings,
        critic: false,
        actionScaling: scaling,
      }),
    };
  }
  requirePolicy(name, "the policy to start from", start, problem);
  if (!(start instanceof NetworkPolicy)) {
    throw new UsageError(
      `${name}: the policy to start from is of kind "${start.toData().kind}"; only policies of kind "network", such as ` +
        "those of bc and ppo, can be trained further",
    );
  }
  const { settings, parameters, statistics } = start;
  return { network: actorCritic(settings), parameters: parameters.slice(), statistics };
}

/** @throws UsageError for a policy of other spaces, or with memory */
export function requirePolicy(name: string, what: string, policy: Policy, problem: Problem): void {
  requireSpaces(`${name}: ${what}`, policy, problem, "bounds too");
  requireObserver(`${name}: ${what}`, policy, "give one that acts on observations alone");
  const { memoryWidth = 0 } = policy as { memoryWidth?: number };
  if (memoryWidth > 0) {
    throw new UsageError(
      `${name}: ${what} has memory, so its probabilities in a segment depend on what was before; give one without ` +
        "(recurrentUnits unset)",
    );
  }
}

/** The policy of a student with these parameters, which are not copied. */
export const policyOfStudent = (
  { network: { settings }, statistics }: Student,
  parameters: Float32Array,
): NetworkPolicy => new NetworkPolicy(settings, parameters, statistics);

/** π₀: a policy, the uniform one, or none, whose log-probabilities count as 0. */
export type Reference = Policy | "uniform" | "none";

export const referencePolicy = (
  reference: Reference,
  { observationSpace, actionSpace }: Problem,
): Policy | undefined => {
  if (reference === "none") return undefined;
  return reference === "uniform" ? new UniformPolicy(observationSpace, actionSpace) : reference;
};
