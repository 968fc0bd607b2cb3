/** @file The shapes of a simulation at one instant, as plain data for pictures and replays. */

import type { Data, Model } from "../physics/physics.js";

/** The values of MuJoCo's `mjtGeom` that are drawn. */
const SHAPES: Record<number, Shape> = {
  0: "plane",
  2: "sphere",
  3: "capsule",
  4: "ellipsoid",
  5: "cylinder",
  6: "box",
};

export type Shape = "plane" | "sphere" | "capsule" | "ellipsoid" | "cylinder" | "box";

/** A solid shape. Lengths are in m, positions in world coordinates. */
export interface FrameGeom {
  /** Name of the geom, "" if it has none. */
  name: string;
  /** Name of the body of the geom. */
  body: string;
  shape: Shape;
  /** Radius; radius and half length along z; half extents of boxes, planes (0: endless) and ellipsoids. */
  size: [number, number, number];
  /** Red, green, blue and opacity, from 0 to 1. */
  colour: [number, number, number, number];
  position: [number, number, number];
  /** The rotation matrix, row after row; its columns are the shape's axes. */
  rotation: number[];
}

export interface Frame {
  /** Simulated time since the start of the episode (s). */
  time: number;
  geoms: FrameGeom[];
  /** The target of the camera: the position of the first body of the model (m). */
  centre: [number, number, number];
}

const three = (array: ArrayLike<number>, i: number): [number, number, number] => [
  array[3 * i],
  array[3 * i + 1],
  array[3 * i + 2],
];

/** The visible shapes of a state after its last physics step or `forward`. */
export function frameOf(model: Model, data: Data): Frame {
  const types = model.array("geom_type");
  const bodies = model.array("geom_bodyid");
  const sizes = model.array("geom_size");
  const colours = model.array("geom_rgba");
  const geoms: FrameGeom[] = [];
  for (let i = 0; i < model.ngeom; i++) {
    const shape = SHAPES[types[i]];
    const colour = Array.from(colours.subarray(4 * i, 4 * i + 4)) as FrameGeom["colour"];
    if (!shape || colour[3] === 0) continue;
    geoms.push({
      name: model.name("geom", i),
      body: model.name("body", bodies[i]),
      shape,
      size: three(sizes, i),
      colour,
      position: three(data.geomXpos, i),
      rotation: Array.from(data.geomXmat.subarray(9 * i, 9 * i + 9)),
    });
  }
  return { time: data.time, geoms, centre: model.nbody > 1 ? three(data.xipos, 1) : [0, 0, 0] };
}
