/** @file Registry entries of the families of MuJoCo tasks. */

import type { EnvironmentSpec } from "../../../src/env/registry.js";
import { antDir, antDirOptions, antGoal, antGoalOptions, antU, antUOptions } from "./ant-tasks.js";
import {
  halfCheetahDir,
  halfCheetahDirOptions,
  halfCheetahVel,
  halfCheetahVelOptions,
} from "./half-cheetah-tasks.js";
import { humanoidDir, humanoidDirOptions } from "./humanoid-dir.js";
import {
  hopperRandParams,
  hopperRandParamsOptions,
  walkerRandParams,
  walkerRandParamsOptions,
} from "./rand-params.js";
import { tabletop, tabletopOptions } from "./tabletop.js";

export const mujocoTasks: EnvironmentSpec[] = [
  {
    id: "AntGoal-v0",
    summary: "find and reach a goal from one of four clusters, on four legs; a family of tasks",
    listing: { observations: "Box(107)", actions: "Box(8)", limit: 100 },
    options: antGoalOptions,
    make: antGoal,
  },
  {
    id: "AntU-v0",
    summary: "find and reach a goal anywhere on a circle, on four legs; a family of tasks",
    listing: { observations: "Box(107)", actions: "Box(8)", limit: 100 },
    options: antUOptions,
    make: antU,
  },
  {
    id: "AntDir-v0",
    summary: "run in a direction given only by the reward, on four legs; a family of tasks",
    listing: { observations: "Box(105)", actions: "Box(8)", limit: 100 },
    options: antDirOptions,
    make: antDir,
  },
  {
    id: "HalfCheetahDir-v0",
    summary: "run forward or backward, given only by the reward; a family of two tasks",
    listing: { observations: "Box(17)", actions: "Box(6)", limit: 100 },
    options: halfCheetahDirOptions,
    make: halfCheetahDir,
  },
  {
    id: "HalfCheetahVel-v0",
    summary: "run at a velocity given only by the reward; a family of tasks",
    listing: { observations: "Box(17)", actions: "Box(6)", limit: 100 },
    options: halfCheetahVelOptions,
    make: halfCheetahVel,
  },
  {
    id: "HumanoidDir-v0",
    summary: "run in a direction from one of four clusters, on two legs; a family of tasks",
    listing: { observations: "Box(348)", actions: "Box(17)", limit: 100 },
    options: humanoidDirOptions,
    make: humanoidDir,
  },
  {
    id: "HopperRandParams-v0",
    summary: "hop forwards with unknown body parameters; a family of tasks in four clusters",
    listing: { observations: "Box(11)", actions: "Box(3)", limit: 100 },
    options: hopperRandParamsOptions,
    make: hopperRandParams,
  },
  {
    id: "WalkerRandParams-v0",
    summary: "walk forwards with unknown body parameters; a family of tasks in four clusters",
    listing: { observations: "Box(17)", actions: "Box(6)", limit: 100 },
    options: walkerRandParamsOptions,
    make: walkerRandParams,
  },
  {
    id: "Tabletop-v0",
    summary:
      "reach, push, open, press or carry with a gripper, given only by the reward; a family of six kinds",
    listing: { observations: "Box(11)", actions: "Box(4)", limit: 150 },
    options: tabletopOptions,
    make: tabletop,
  },
];
