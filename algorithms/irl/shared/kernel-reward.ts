/** @file The log-density of demonstrated pairs as a learnt reward: as a function, and as the bytes of a file. */

import * as z from "zod";
import type { PlayedWith } from "../../../src/datasets/provenance.js";
import { FormatError } from "../../../src/errors.js";
import type { ArtefactData } from "../../../src/policies/contract.js";
import type { Space } from "../../../src/spaces/index.js";
import { densityOf, type Kernels } from "../../shared/kernel-density.js";
import { featureWidths } from "../../shared/transition-features.js";
import { learnerRows } from "../../shared/transition-rows.js";
import type { LearnedReward } from "./contract.js";

export const KERNELS = "kernel-reward";

interface KernelRewardParts {
  /** The id of the environment. */
  id: string;
  observationSpace: Space;
  actionSpace: Space;
  kernels: Kernels;
  playedWith?: PlayedWith;
  /** The reward of a step after the end of an episode. */
  absorbing?: number;
}

/** The reward of a state and an action: their log-density. */
export function kernelReward(parts: KernelRewardParts): LearnedReward & { toData(): ArtefactData } {
  const { id, observationSpace, actionSpace, kernels, playedWith, absorbing } = parts;
  const { centres, logWeights, scaling, bandwidth, lowest } = kernels;
  const spaces = { observationSpace, actionSpace };
  const density = densityOf(spaces, kernels);
  return {
    rewardOf: "state-action",
    parameters: Float64Array.from(centres),
    spaces,
    ...(playedWith && { source: { env: id, ...playedWith } }),
    ...(absorbing !== undefined && { absorbing }),
    rewards: async (transitions) => (await density(learnerRows(transitions, false))).rewards,
    toData() {
      const array = (data: Float32Array, ...shape: number[]) => ({ shape, data });
      const count = logWeights.length;
      return {
        kind: KERNELS,
        settings: {
          ...{ id, observationSpace, actionSpace, bandwidth, lowest },
          ...(playedWith && { playedWith }),
          ...(absorbing !== undefined && { absorbing }),
        },
        arrays: {
          centres: array(centres, count, centres.length / count),
          logWeights: array(logWeights, count),
          ...(scaling && {
            mean: array(scaling.mean, scaling.mean.length),
            scale: array(scaling.scale, scaling.scale.length),
          }),
        },
      };
    },
  };
}

const settingsSchema = z.looseObject({
  id: z.string(),
  observationSpace: z.looseObject({}),
  actionSpace: z.looseObject({}),
  bandwidth: z.number().positive(),
  lowest: z.number(),
  playedWith: z.looseObject({}).optional(),
  absorbing: z.number().optional(),
});

/** @throws FormatError when the data are not those of {@link kernelReward} */
export function kernelRewardFrom({ settings, arrays }: ArtefactData): LearnedReward {
  const read = settingsSchema.safeParse(settings);
  const { centres, logWeights, mean, scale } = arrays as Record<string, { data: Float32Array } | undefined>;
  if (!read.success || !centres || !logWeights) {
    throw new FormatError("not a file of a kernel reward: it has not the settings or the arrays of one");
  }
  const { bandwidth, lowest, ...parts } = read.data as unknown as KernelRewardParts & Kernels;
  const { state, action } = featureWidths(parts);
  if (centres.data.length !== logWeights.data.length * (state + action)) {
    throw new FormatError(
      `a kernel reward with ${logWeights.data.length} kernels of ${state + action} numbers has ${centres.data.length} numbers`,
    );
  }
  const scaling = mean && scale && { mean: mean.data, scale: scale.data };
  const kernels = {
    ...{ centres: centres.data, logWeights: logWeights.data, bandwidth, lowest },
    ...(scaling && { scaling }),
  };
  return kernelReward({ ...parts, kernels });
}
