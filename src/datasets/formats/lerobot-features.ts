/** @file The columns of a LeRobot data set: the frames of demonstrations. */

import { UsageError } from "../../errors.js";
import type { Trajectory } from "../../rollout/trajectory.js";
import { type Space, spaceWidth } from "../../spaces/index.js";
import type { Demonstrations } from "../demonstrations.js";
import { widthOf } from "../labelled.js";
import { countPairs } from "../transitions.js";
import { DONE, nextOf, REWARD, TRUNCATED } from "./lerobot.js";
import { nest } from "./minari-spaces.js";
import type { WrittenColumn } from "./write-parquet.js";

const types = { float32: "FLOAT", float64: "DOUBLE", int64: "INT64", bool: "BOOLEAN" } as const;
const sizes = { float32: 4, float64: 8, int64: 8, bool: 1 };

export interface Feature {
  name: string;
  dtype: keyof typeof types;
  /** The shape of a value; `[1]` for a single number. */
  shape: readonly number[];
  /** The values of all frames. */
  data: Float64Array;
}

/**
 * The columns of the frames.
 *
 * @throws UsageError for spaces that the format does not have.
 */
export function featuresOf(
  { observationSpace, actionSpace, trajectories }: Demonstrations,
  fps: number,
): Feature[] {
  const frames = countPairs(trajectories);
  const feature = (
    name: string,
    dtype: Feature["dtype"],
    shape: readonly number[],
    value: (trajectory: Trajectory, t: number, entry: number, episode: number) => number,
  ): Feature => {
    const width = widthOf(shape);
    const data = new Float64Array(frames * width);
    let at = 0;
    for (const [episode, trajectory] of trajectories.entries()) {
      for (let t = 0; t < trajectory.rewards.length; t++) {
        for (let entry = 0; entry < width; entry++) data[at++] = value(trajectory, t, entry, episode);
      }
    }
    return { name, dtype, shape, data };
  };
  const number = (
    name: string,
    dtype: Feature["dtype"],
    value: (trajectory: Trajectory, t: number, episode: number) => number,
  ) => feature(name, dtype, [1], (trajectory, t, _, episode) => value(trajectory, t, episode));
  const isLast = ({ rewards }: Trajectory, t: number) => t === rewards.length - 1;
  const width = spaceWidth(observationSpace);
  const observed = partsOf(observationSpace).flatMap(({ name, space, offset }) => {
    const after = (steps: number) => (trajectory: Trajectory, t: number, entry: number) =>
      trajectory.observations[(t + steps) * width + offset + entry];
    const [dtype, shape] = layoutOf(space, name);
    return [feature(name, dtype, shape, after(0)), feature(nextOf(name), dtype, shape, after(1))];
  });
  const [dtype, shape] = layoutOf(actionSpace, "action");
  const actionWidth = spaceWidth(actionSpace);
  let index = 0;
  return [
    ...observed,
    feature("action", dtype, shape, ({ actions }, t, entry) => actions[t * actionWidth + entry]),
    number(REWARD, "float64", ({ rewards }, t) => rewards[t]),
    number(DONE, "bool", (trajectory, t) => Number(trajectory.terminated && isLast(trajectory, t))),
    number(TRUNCATED, "bool", (trajectory, t) => Number(trajectory.truncated && isLast(trajectory, t))),
    number("timestamp", "float32", (_, t) => Math.fround(t / fps)),
    number("frame_index", "int64", (_, t) => t),
    number("episode_index", "int64", (_, __, episode) => episode),
    number("index", "int64", () => index++),
    number("task_index", "int64", () => 0),
  ];
}

/** The observations, or the parts of a dict, with their places in the flat row. */
function partsOf(space: Space): { name: string; space: Space; offset: number }[] {
  if (space.kind !== "dict") return [{ name: "observation.state", space, offset: 0 }];
  let offset = 0;
  return Object.entries(space.spaces).map(([key, part]) => {
    if (key === "" || key.includes("/")) {
      throw new UsageError(
        `the part "${key}" of a dict space cannot be written as LeRobot's: names there have no slash and are not ""; use the format of understudy`,
      );
    }
    const placed = { name: `observation.${key}`, space: part, offset };
    offset += spaceWidth(part);
    return placed;
  });
}

function layoutOf(space: Space, name: string): [dtype: Feature["dtype"], shape: readonly number[]] {
  const refuse = (what: string): never => {
    throw new UsageError(
      `${name} is ${what}, which is not written in LeRobot's format: use the format of understudy or of Minari`,
    );
  };
  switch (space.kind) {
    case "dict":
    case "tuple":
      return refuse(`a ${space.kind} with parts of its own`);
    case "box":
      if (space.shape.length > 2) refuse("an image (LeRobot has these as PNG or video)");
      return ["float32", space.shape.length === 0 ? [1] : space.shape];
    default:
      return ["int64", [spaceWidth(space)]];
  }
}

/** The frames `from` to `to − 1` of a feature. */
export function columnOf({ name, dtype, shape, data }: Feature, from: number, to: number): WrittenColumn {
  const width = widthOf(shape);
  // The layout has a single number in place of a list of one.
  const isNumber = shape.length === 1 && width === 1;
  const value = (number: number) =>
    dtype === "bool" ? number === 1 : dtype === "int64" ? BigInt(number) : number;
  const row = (frame: number): unknown => {
    if (isNumber) return value(data[frame]);
    return nest(Array.from(data.subarray(frame * width, (frame + 1) * width), value), shape);
  };
  const values = Array.from({ length: to - from }, (_, i) => row(from + i));
  return { name, type: types[dtype], lists: isNumber ? 0 : shape.length, values };
}

/** The size of a frame in bytes. */
export const frameBytes = (features: readonly Feature[]): number =>
  features.reduce((sum, { dtype, shape }) => sum + sizes[dtype] * widthOf(shape), 0);
