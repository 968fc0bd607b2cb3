/** @file Registers the environments of this project, and exports them and the functions to add others. */

import { register } from "../src/env/registry.js";
import { bandits } from "./bandits/index.js";
import { classicControl } from "./classic-control/index.js";
import { driving } from "./driving/index.js";
import { gridworlds } from "./gridworld/index.js";
import { mujoco } from "./mujoco/index.js";
import { points } from "./points/index.js";
import { tabularProblems } from "./tabular/index.js";
import { gridTasks } from "./tasks/index.js";
import { toyText } from "./toy-text/index.js";

// A page may have loaded a family before all of them.
for (const spec of [
  ...classicControl,
  ...toyText,
  ...gridworlds,
  ...bandits,
  ...points,
  ...driving,
  ...gridTasks,
  ...tabularProblems,
  ...mujoco,
])
  register({ ...spec, module: import.meta.url }, { replace: true });

export { type AdapterOptions, adaptEnvironment, type EnvironmentLike } from "../src/env/adapter.js";
export { type CheckOptions, checkEnv, type Finding, formatFindings } from "../src/env/check-env.js";
export {
  type EnvironmentSource,
  type EnvironmentSpec,
  envIds,
  envSpec,
  make,
  register,
} from "../src/env/registry.js";
export { tabularEnvironment } from "../src/env/tabular-environment.js";
export { makeVector, vectorOf } from "../src/env/vector.js";
export {
  absorbingState,
  clipAction,
  createNormalizer,
  type EpisodeStatistics,
  frameStack,
  grayscale,
  type ImageOptions,
  maskedObservation,
  type Normalized,
  type NormalizeOptions,
  type NormalizeRewardOptions,
  type Normalizer,
  normalizeObservation,
  normalizeObservations,
  normalizeReward,
  normalizeRewards,
  recordEpisodeStatistics,
  rescaleAction,
  resizeObservation,
  sparseReward,
  timeLimit,
  transformObservation,
} from "../src/env/wrappers/index.js";
export { bernoulliBandit } from "./bandits/bernoulli.js";
export { gaussianBandit } from "./bandits/gaussian.js";
export { acrobot } from "./classic-control/acrobot.js";
export { cartPole } from "./classic-control/cartpole.js";
export { mountainCar, mountainCarContinuous } from "./classic-control/mountain-car.js";
export { pendulum } from "./classic-control/pendulum.js";
export { laneKeeper } from "./driving/lane-keeper.js";
export { laneKeeping } from "./driving/lane-keeping.js";
export { corridor } from "./gridworld/corridor.js";
export type { GridEnvironment } from "./gridworld/environment.js";
export { fourRooms } from "./gridworld/four-rooms.js";
export { gridworld } from "./gridworld/gridworld.js";
export { keyDoor } from "./gridworld/key-door.js";
export { macroCells } from "./gridworld/macro-cells.js";
export { maze } from "./gridworld/maze.js";
export type { GridPicture } from "./gridworld/model.js";
export { type ColouredObject, type ObjectworldEnvironment, objectworld } from "./gridworld/objectworld.js";
export { partialGrid } from "./gridworld/partial-grid.js";
export { type GridOverlays, type GridSvgOptions, gridSvg, gridText } from "./gridworld/picture.js";
export { ant } from "./mujoco/ant.js";
export { halfCheetah } from "./mujoco/half-cheetah.js";
export { hopper } from "./mujoco/hopper.js";
export { humanoid } from "./mujoco/humanoid.js";
export { humanoidStandup } from "./mujoco/humanoid-standup.js";
export { invertedDoublePendulum } from "./mujoco/inverted-double-pendulum.js";
export { invertedPendulum } from "./mujoco/inverted-pendulum.js";
export { mujocoModels } from "./mujoco/models/index.js";
export { useEngine } from "./mujoco/physics/load.js";
export { pusher } from "./mujoco/pusher.js";
export { reacher } from "./mujoco/reacher.js";
export type { Frame, FrameGeom } from "./mujoco/render/frame.js";
export { type ReplayOptions, replayHtml } from "./mujoco/render/replay.js";
export { type SceneOptions, sceneSvg, type View } from "./mujoco/render/svg.js";
export { swimmer } from "./mujoco/swimmer.js";
export { walker2d } from "./mujoco/walker2d.js";
export { pointGoal } from "./points/point-goal.js";
export { pointNavigation } from "./points/point-navigation.js";
export { chain } from "./tabular/chain.js";
export { combinationLock } from "./tabular/combination-lock.js";
export { deepSea } from "./tabular/deep-sea.js";
export { garnet } from "./tabular/garnet.js";
export { riverSwim } from "./tabular/river-swim.js";
export { tightrope } from "./tabular/tightrope.js";
export { gridNavi, gridNaviClusters } from "./tasks/grid-navi.js";
export { blackjack } from "./toy-text/blackjack.js";
export { cliffWalking, cliffWalkingSlippery } from "./toy-text/cliff-walking.js";
export { frozenLake, frozenLake8x8 } from "./toy-text/frozen-lake.js";
export { randomLake } from "./toy-text/lake-map.js";
export { taxi, taxiV4 } from "./toy-text/taxi.js";
