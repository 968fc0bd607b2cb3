/** @file Learnt rewards: as functions, and as the bytes of a file. */

import * as z from "zod";
import type { PlayedWith } from "../../../src/datasets/provenance.js";
import { mean, std } from "../../../src/diagnostics/statistics.js";
import type { Problem, TabularModel } from "../../../src/env/contracts.js";
import { FormatError, UsageError } from "../../../src/errors.js";
import type { RewardSource } from "../../../src/learning/contract.js";
import type { Activation } from "../../../src/nn/index.js";
import { loadArtefact, saveArtefact } from "../../../src/policies/index.js";
import type { LearnedReward } from "./contract.js";
import { rewardModel } from "./feature-reward.js";
import { type FeatureMap, featureMap, type UnitFeatures } from "./features.js";
import { KERNELS, kernelRewardFrom } from "./kernel-reward.js";

const KIND = "reward";

/** The layers of a reward network; none for a reward that is linear in the features. */
export interface RewardLayers {
  hidden: number[];
  activation: Activation;
  /** Number of members of an ensemble; unset: 1. */
  members?: number;
}

const LINEAR: RewardLayers = { hidden: [], activation: "tanh" };

interface RewardParts {
  map: FeatureMap;
  parameters: Float64Array;
  /** The reward of each state or pair of a model. */
  table?: Float64Array;
  grid?: TabularModel["grid"];
  /** How the environment was played, where the run does not record it. */
  playedWith?: PlayedWith;
  /** The reward of a step after the end of an episode. */
  absorbing?: number;
}

/** A learnt reward from the features and the parameters. */
export function learnedReward(
  parts: RewardParts,
  { hidden, activation, members = 1 }: RewardLayers = LINEAR,
): LearnedReward {
  const layers = { hidden, activation, ...(members > 1 && { members }) };
  const { map, parameters, table, grid, playedWith, absorbing } = parts;
  const { data } = map;
  const model = rewardModel(map.width, layers);
  /** The rewards of each row by all members, as `of` puts them together. */
  const perRow =
    (of: (rewards: Float64Array) => number): RewardSource =>
    async (transitions) => {
      const rows = map.rows(transitions);
      const all = await model.rewards(parameters, rows);
      const own = new Float64Array(members);
      return Float64Array.from({ length: rows.rows }, (_, i) => {
        for (let m = 0; m < members; m++) own[m] = all[m * rows.rows + i];
        return of(own);
      });
    };
  return {
    rewardOf: map.rewardOf,
    parameters,
    ...(table && { table }),
    ...(grid && { grid }),
    ...(data && { spaces: data }),
    ...(data && playedWith && { source: { env: data.id, ...playedWith } }),
    ...(absorbing !== undefined && { absorbing }),
    ...(members > 1 && { deviations: perRow(std) }),
    rewards: members > 1 ? perRow(mean) : (transitions) => model.rewards(parameters, map.rows(transitions)),
    ...(data && {
      toData: () => {
        const { features, ...about } = data;
        const rows = features && !("kind" in features) ? features : undefined;
        const column = (values: Float64Array) => ({ shape: [values.length], data: values });
        return {
          kind: KIND,
          settings: {
            ...about,
            ...layers,
            ...(playedWith && { playedWith }),
            ...(absorbing !== undefined && { absorbing }),
            ...(features && "kind" in features && { features }),
            ...(grid && {
              grid: { ...grid, cells: Array.from(grid.cells), walls: Array.from(grid.walls) },
            }),
          },
          arrays: {
            parameters: column(parameters),
            ...(table && { table: column(table) }),
            ...(rows && {
              features: { shape: [rows.length, rows[0].length], data: Float64Array.from(rows.flat()) },
            }),
          },
        };
      },
    }),
  };
}

/**
 * Encodes a learnt reward as the bytes of a file: `reward.safetensors` of a run folder.
 *
 * @throws UsageError for features that are a function, which is no data
 */
export function saveReward(reward: LearnedReward): Uint8Array {
  const { toData } = reward;
  if (!toData) throw new UsageError("saveReward: features that are a function cannot be saved; give rows");
  return saveArtefact({ toData });
}

const settingsSchema = z.looseObject({
  id: z.string(),
  rewardOf: z.enum(["next-state", "state-action"]),
  hidden: z.array(z.number()),
  playedWith: z.looseObject({}).optional(),
  members: z.int().positive().optional(),
  absorbing: z.number().optional(),
});

/**
 * Decodes a learnt reward.
 *
 * @throws FormatError when the bytes are not a reward's file
 */
export function loadReward(bytes: Uint8Array): LearnedReward {
  const artefact = loadArtefact(bytes);
  const { kind, settings, arrays } = artefact;
  if (kind === KERNELS) return kernelRewardFrom(artefact);
  if (kind !== KIND || !settingsSchema.safeParse(settings).success || !arrays.parameters) {
    throw new FormatError(`not a reward file: it holds an artefact of kind "${kind}"`);
  }
  const { id, observationSpace, actionSpace, rewardOf, grid } = settings as unknown as Problem &
    Pick<FeatureMap, "rewardOf"> & { grid?: NonNullable<TabularModel["grid"]> };
  const float64 = (name: string) => arrays[name]?.data as Float64Array | undefined;
  const [rows, columns] = arrays.features?.shape ?? [0, 0];
  const features =
    rows > 0
      ? Array.from({ length: rows }, (_, row) =>
          Array.from(float64("features")!.subarray(row * columns, (row + 1) * columns)),
        )
      : (settings.features as UnitFeatures | undefined);
  const map = featureMap("loadReward", { id, observationSpace, actionSpace }, { features, rewardOf });
  return learnedReward(
    {
      map,
      parameters: float64("parameters")!,
      playedWith: settings.playedWith as PlayedWith | undefined,
      absorbing: settings.absorbing as number | undefined,
      table: float64("table"),
      grid: grid && { ...grid, cells: Int32Array.from(grid.cells), walls: Uint8Array.from(grid.walls) },
    },
    settings as unknown as RewardLayers,
  );
}
