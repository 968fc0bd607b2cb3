/** @file The models of the MuJoCo environments as MJCF documents. They can be changed and passed as option `xml`. */

import { antModel } from "./ant.js";
import { halfCheetahModel } from "./half-cheetah.js";
import { hopperModel } from "./hopper.js";
import { humanoidModel, humanoidStandupModel } from "./humanoid.js";
import { invertedDoublePendulumModel } from "./inverted-double-pendulum.js";
import { invertedPendulumModel } from "./inverted-pendulum.js";
import { pusherModel } from "./pusher.js";
import { reacherModel } from "./reacher.js";
import { swimmerModel } from "./swimmer.js";
import { walker2dModel } from "./walker2d.js";

export const mujocoModels = {
  "InvertedPendulum-v5": invertedPendulumModel,
  "InvertedDoublePendulum-v5": invertedDoublePendulumModel,
  "Reacher-v5": reacherModel,
  "Pusher-v5": pusherModel,
  "Swimmer-v5": swimmerModel,
  "Hopper-v5": hopperModel,
  "HalfCheetah-v5": halfCheetahModel,
  "Walker2d-v5": walker2dModel,
  "Ant-v5": antModel,
  "Humanoid-v5": humanoidModel,
  "HumanoidStandup-v5": humanoidStandupModel,
} as const satisfies Record<string, string>;

export type MujocoId = keyof typeof mujocoModels;
