/** @file The learnt reward that a run maximises instead of the environment's. */

import type { LearnedReward } from "../../algorithms/irl/shared/contract.js";
import { type RewardReference, requireSameContent } from "../config/references.js";
import { UsageError } from "../errors.js";
import type { AlgorithmDefinition } from "../learning/define.js";

/** A learnt reward, and the reference to it for the run's record. */
export interface RewardOnDisk {
  reward: LearnedReward;
  reference: RewardReference;
}

/**
 * Reads the learnt reward of a run.
 *
 * @throws UsageError for an algorithm that cannot maximise one, when there is none at the path, or when the file has
 * changed since it was recorded; FormatError when it is damaged
 */
export async function learntRewardOf(
  definition: AlgorithmDefinition,
  { from, checksum: recorded }: RewardReference,
): Promise<RewardOnDisk> {
  if (definition.withLearntRewards === undefined) {
    throw new UsageError(
      `${definition.name} cannot maximise a learnt reward: reinforcement learners such as ppo, and exact ones such as ` +
        "valueIteration, can",
    );
  }
  // Imported on demand, so that browsers do not load modules of Node.js.
  const { rewardIn } = await import("./inputs.js");
  const { reward, checksum } = await rewardIn(from);
  requireSameContent(from, recorded, checksum);
  return { reward, reference: { from, checksum } };
}
