/** @file The option `demonstrations`, which imitation and inverse RL take: its schema, its record and its checks. */

import * as z from "zod";
import { referenceTo } from "../../src/config/references.js";
import {
  type Demonstration,
  type Demonstrations,
  requireDemonstrations,
} from "../../src/datasets/demonstrations.js";
import { playedWithIn } from "../../src/datasets/provenance.js";
import {
  countPairs,
  demonstratedRuns,
  demonstratedSteps,
  episodeWeights,
} from "../../src/datasets/transitions.js";
import type { Problem } from "../../src/env/contracts.js";
import { requireSpaces } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import type { Policy } from "../../src/policies/contract.js";
import { actionMaskOf, allocateActions, isAllowed, spaceWidth } from "../../src/spaces/index.js";
import { crc32c } from "../../src/state/crc32c.js";

export const demonstrationsSchema = z
  .custom<Demonstrations>(
    (value) => Array.isArray((value as Partial<Demonstrations> | null | undefined)?.trajectories),
    "it must be demonstrations with trajectories, as collect and demonstrationsOf return them",
  )
  .overwrite((demonstrations) => {
    // The predicate above reports what has no trajectories.
    if (Array.isArray(demonstrations?.trajectories)) requireDemonstrations(demonstrations);
    return demonstrations;
  })
  .meta({ type: "demonstrations" })
  .describe("demonstrations of the expert, as `collect` and `loadDemonstrations` return them");

/**
 * The record of demonstrations in a run, by which a resumed run detects different demonstrations. It holds checksums of
 * the observations, the actions, the ends of the episodes and, where they differ, the weights. They equal the checksums
 * of contiguous arrays of all pairs, but are computed without copying the pairs.
 *
 * @param options `rewards`: also a checksum of the rewards, for what learns from them
 * @throws UsageError when no action is demonstrated
 */
export function fingerprint(
  demonstrations: Demonstrations,
  { rewards: withRewards = false } = {},
): Record<string, unknown> {
  const { env, trajectories, observationSpace, actionSpace } = demonstrations;
  const pairs = countPairs(trajectories);
  if (pairs === 0) throw new UsageError("there are no demonstrated actions to learn from");
  const weights = episodeWeights(trajectories);
  const Actions = allocateActions(actionSpace, 0).constructor as ArrayType;
  const checksums = [
    checksumOfSteps(
      trajectories,
      ({ observations }) => observations,
      Float32Array,
      spaceWidth(observationSpace),
    ),
    checksumOfSteps(trajectories, ({ actions }) => actions, Actions, spaceWidth(actionSpace)),
    crc32c(Uint8Array.from(trajectories, ({ terminated }) => Number(terminated))),
    ...(weights ? [checksumOfWeights(trajectories, weights)] : []),
    ...(withRewards ? [checksumOfSteps(trajectories, ({ rewards }) => rewards, Float64Array, 1)] : []),
  ];
  const checksum = checksums.map((sum) => sum.toString(16)).join("-");
  const identity = { env, ...playedWithIn(demonstrations), episodes: trajectories.length, pairs, checksum };
  return referenceTo(demonstrations, "demonstrations", identity);
}

type ArrayType = typeof Float32Array | typeof Float64Array | typeof Int32Array;

/** The checksum of the demonstrated steps' rows of `width` numbers, equal to that of one contiguous array. */
function checksumOfSteps(
  trajectories: readonly Demonstration[],
  arrayOf: (trajectory: Demonstration) => Float32Array | Float64Array | Int32Array,
  Type: ArrayType,
  width: number,
): number {
  let sum = 0;
  for (const trajectory of trajectories) {
    const array = arrayOf(trajectory);
    for (const [from, to] of demonstratedRuns(trajectory)) {
      const rows = array.subarray(from * width, to * width);
      sum = crc32c(bytesOf(rows instanceof Type ? rows : Type.from(rows)), sum);
    }
  }
  return sum;
}

/** The checksum of the weights of all pairs, `[pairs]`, computed from the weights of the episodes. */
function checksumOfWeights(trajectories: readonly Demonstration[], weights: Float32Array): number {
  let sum = 0;
  for (const [episode, trajectory] of trajectories.entries()) {
    const ofPairs = new Float32Array(countPairs([trajectory])).fill(weights[episode]);
    sum = crc32c(bytesOf(ofPairs), sum);
  }
  return sum;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** @throws UsageError when the spaces of demonstrations and problem differ, bounds included */
export function requireDemonstrationsOf(
  name: string,
  problem: Problem,
  demonstrations: Demonstrations,
): void {
  requireSpaces(`${name}: the data set of ${demonstrations.env}`, demonstrations, problem, "bounds too");
  refuseForbidden(name, demonstrations);
}

/** @throws UsageError for a demonstrated action that the mask of its observation forbids */
function refuseForbidden(name: string, demonstrations: Demonstrations): void {
  const mask = actionMaskOf(demonstrations);
  if (!mask) return;
  const { trajectories, actionSpace } = demonstrations;
  const width = spaceWidth(actionSpace);
  for (const [episode, trajectory] of trajectories.entries()) {
    const { observations, actions } = trajectory;
    for (const step of demonstratedSteps(trajectory)) {
      const action = actions.subarray(step * width, (step + 1) * width);
      if (isAllowed(mask, observations, step, action)) continue;
      throw new UsageError(
        `${name}: step ${step} of episode ${episode} of the data set has the action ${action.join(", ")}, which its ` +
          `${mask.name} forbids: a policy with masks cannot take it`,
      );
    }
  }
}

/** @throws UsageError when the spaces of expert and problem differ, bounds included */
export function requireExpertOf(name: string, problem: Problem, expert: Policy): void {
  requireSpaces(`${name}: the expert`, expert, problem, "bounds too");
}
