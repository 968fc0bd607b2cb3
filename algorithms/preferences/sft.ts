/**
 * @file Supervised fine-tuning: behaviour cloning of the segments that were chosen [Ouyang et al. 2022, §3.1] [N §3.5].
 * The gradient steps are in `fine-tuning/`.
 */

import * as z from "zod";
import type { Algorithm } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { type FineTuningState, fineTuner } from "./fine-tuning/learner.js";
import { sftLoss } from "./fine-tuning/losses.js";
import { fineTuningOptions } from "./fine-tuning/options.js";

const sftSchema = z.strictObject(fineTuningOptions);

export type SftOptions = z.input<typeof sftSchema>;

/** Supervised learning of the chosen segments: each has the mean of its steps' losses. */
export const sft = defineAlgorithm({
  name: "sft",
  summary: "supervised fine-tuning: behaviour cloning of the segments that people chose",
  schema: sftSchema,
  needs: [["preferences"]],
  create: (options): Algorithm<FineTuningState> => fineTuner("sft", options, { loss: sftLoss }),
});
