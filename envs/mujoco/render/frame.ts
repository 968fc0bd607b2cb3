/** @file What a simulation looks like at one instant, as plain data that pictures and replays are made from. */

import type { Data, Model } from "../physics/physics.js";

/** MuJoCo's `mjtGeom`, as far as it is drawn. */
const SHAPES: Record<number, Shape> = {
  0: "plane",
  2: "sphere",
  3: "capsule",
  4: "ellipsoid",
  5: "cylinder",
  6: "box",
};

export type Shape = "plane" | "sphere" | "capsule" | "ellipsoid" | "cylinder" | "box";

/** A solid shape. Lengths are in m, in the world. */
export interface FrameGeom {
  /** "" where the model gives none. */
  name: string;
  /** The name of the body that it belongs to. */
  body: string;
  shape: Shape;
  /** Radius; radius and half length along z; half extents of boxes, planes (0: endless) and ellipsoids. */
  size: [number, number, number];
  /** Red, green, blue, opacity, in 0 to 1. */
  colour: [number, number, number, number];
  position: [number, number, number];
  /** The rotation matrix, row after row; its columns are the shape's axes. */
  rotation: number[];
}

export interface Frame {
  /** s since the episode began. */
  time: number;
  geoms: FrameGeom[];
  /** What a camera follows: where the first body of the model is (m). */
  centre: [number, number, number];
}

const three = (array: ArrayLike<number>, i: number): [number, number, number] => [
  array[3 * i],
  array[3 * i + 1],
  array[3 * i + 2],
];

/** The shapes of a state as of its last physics step or `forward`. Invisible ones are left out. */
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
