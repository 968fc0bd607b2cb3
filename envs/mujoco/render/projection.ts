/**
 * @file A small renderer for pages and pictures: a camera projects shapes to discs, hulls and faces, painted from back to
 * front. It is one function without imports, because pages that replay episodes contain its source text and run it.
 */

import type { Frame } from "./frame.js";

/** A camera: azimuth and elevation (rad), distance (m) from the target, and position of the target (m). */
export interface Camera {
  azimuth: number;
  elevation: number;
  distance: number;
  target: [number, number, number];
}

/** Something to paint: a polygon of points in pixels, or with `radius` the hull of discs around its points. */
export interface Paint {
  points: [number, number][];
  /** Radius of each disc (px). */
  radii?: number[];
  /** Red, green and blue from 0 to 255, and opacity from 0 to 1. */
  fill: [number, number, number, number];
  depth: number;
}

/** The visible shapes of a frame in a picture of `width` × `height` pixels, in painting order, the ground first. */
export function project(frame: Frame, camera: Camera, width: number, height: number): Paint[] {
  type Vector = [number, number, number];
  const { azimuth, elevation, distance, target } = camera;
  const [ca, sa, ce, se] = [Math.cos(azimuth), Math.sin(azimuth), Math.cos(elevation), Math.sin(elevation)];
  const right: Vector = [-sa, ca, 0];
  const up: Vector = [-se * ca, -se * sa, ce];
  const back: Vector = [ce * ca, ce * sa, se];
  const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const focal = 1.5 * Math.min(width, height);
  const near = 0.05 * distance;
  const seen = (p: Vector): Vector => {
    const v: Vector = [p[0] - target[0], p[1] - target[1], p[2] - target[2]];
    return [dot(v, right), dot(v, up), distance - dot(v, back)];
  };
  const pixel = (v: Vector): [number, number] => [
    width / 2 + (focal * v[0]) / v[2],
    height / 2 - (focal * v[1]) / v[2],
  ];
  const light: Vector = [0.35, -0.5, 0.79];
  const shade = (colour: number[], amount: number): Paint["fill"] => [
    Math.min(255, 255 * colour[0] * amount),
    Math.min(255, 255 * colour[1] * amount),
    Math.min(255, 255 * colour[2] * amount),
    colour[3],
  ];

  const ground: Paint[] = [];
  const solid: Paint[] = [];
  const face = (list: Paint[], corners: Vector[], fill: Paint["fill"]) => {
    const views = corners.map(seen);
    if (views.some((v) => v[2] < near)) return;
    const mean = views.reduce((sum, v) => sum + v[2], 0) / views.length;
    list.push({ points: views.map(pixel), fill, depth: mean });
  };
  /** The hull of spheres; two make a capsule. */
  const hull = (centres: Vector[], radii: number[], colour: number[]) => {
    const views = centres.map(seen);
    if (views.some((v) => v[2] < near)) return;
    const mean = views.reduce((sum, v) => sum + v[2], 0) / views.length;
    solid.push({
      points: views.map(pixel),
      radii: views.map((v, i) => (focal * radii[i]) / v[2]),
      fill: shade(colour, 1),
      depth: mean,
    });
  };

  for (const { shape, size, colour, position, rotation: r } of frame.geoms) {
    const at = (x: number, y: number, z: number): Vector => [
      position[0] + r[0] * x + r[1] * y + r[2] * z,
      position[1] + r[3] * x + r[4] * y + r[5] * z,
      position[2] + r[6] * x + r[7] * y + r[8] * z,
    ];
    /**
     * Brightness of a face and whether it faces the camera, given its normal and a point of it in the axes of the
     * shape.
     */
    const lit = ([nx, ny, nz]: Vector, [px, py, pz]: Vector) => {
      const [centre, tip, point] = [at(0, 0, 0), at(nx, ny, nz), at(px, py, pz)];
      const normal: Vector = [tip[0] - centre[0], tip[1] - centre[1], tip[2] - centre[2]];
      const toward = [0, 1, 2].reduce(
        (sum, k) => sum + normal[k] * (target[k] + distance * back[k] - point[k]),
        0,
      );
      return { visible: toward > 0, amount: 0.72 + 0.34 * dot(normal, light) };
    };
    if (shape === "plane") {
      // Tiles around the camera's target make motion over the ground visible.
      const [hx, hy] = [size[0] || Infinity, size[1] || Infinity];
      const reach = 7;
      const step = Math.max(0.25, 2 ** Math.round(Math.log2(distance / 6)));
      const local = (axis: number) =>
        [0, 1, 2].reduce((sum, k) => sum + r[3 * k + axis] * (target[k] - position[k]), 0);
      const [ox, oy] = [Math.round(local(0) / step), Math.round(local(1) / step)];
      for (let i = ox - reach; i < ox + reach; i++) {
        for (let j = oy - reach; j < oy + reach; j++) {
          const [x0, x1] = [Math.max(-hx, i * step), Math.min(hx, (i + 1) * step)];
          const [y0, y1] = [Math.max(-hy, j * step), Math.min(hy, (j + 1) * step)];
          if (x0 >= x1 || y0 >= y1) continue;
          const far = Math.hypot(i + 0.5 - ox, j + 0.5 - oy) / reach;
          const fill: Paint["fill"] = (i + j) & 1 ? [128, 144, 160, 0.16] : [128, 144, 160, 0.3];
          fill[3] *= Math.max(0, 1 - far * far);
          if (fill[3] > 0) face(ground, [at(x0, y0, 0), at(x1, y0, 0), at(x1, y1, 0), at(x0, y1, 0)], fill);
        }
      }
    } else if (shape === "box") {
      for (let axis = 0; axis < 3; axis++) {
        for (const side of [-1, 1]) {
          const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
          const corners = [
            [-1, -1],
            [1, -1],
            [1, 1],
            [-1, 1],
          ].map(([a, b]) => {
            const p = [0, 0, 0];
            p[axis] = side * size[axis];
            p[u] = a * size[u];
            p[v] = b * size[v];
            return at(p[0], p[1], p[2]);
          });
          const n: Vector = [0, 0, 0];
          n[axis] = side;
          const { visible, amount } = lit(n, [side * size[0], side * size[1], side * size[2]]);
          if (visible) face(solid, corners, shade(colour, amount));
        }
      }
    } else if (shape === "cylinder") {
      const ring = (z: number) =>
        Array.from({ length: 20 }, (_, k) => {
          const angle = (k / 20) * 2 * Math.PI;
          return at(size[0] * Math.cos(angle), size[0] * Math.sin(angle), z);
        });
      const [low, high] = [ring(-size[1]), ring(size[1])];
      for (let k = 0; k < 20; k++) {
        const angle = ((k + 0.5) / 20) * 2 * Math.PI;
        const n: Vector = [Math.cos(angle), Math.sin(angle), 0];
        const { visible, amount } = lit(n, [size[0] * n[0], size[0] * n[1], 0]);
        const l = (k + 1) % 20;
        if (visible) face(solid, [low[k], low[l], high[l], high[k]], shade(colour, amount));
      }
      for (const side of [-1, 1]) {
        const { visible, amount } = lit([0, 0, side], [0, 0, side * size[1]]);
        if (visible) face(solid, side < 0 ? low : high, shade(colour, amount));
      }
    } else if (shape === "ellipsoid") {
      hull([at(0, 0, 0)], [(size[0] + size[1] + size[2]) / 3], colour);
    } else if (shape === "sphere") {
      hull([at(0, 0, 0)], [size[0]], colour);
    } else {
      hull([at(0, 0, -size[1]), at(0, 0, size[1])], [size[0], size[0]], colour);
    }
  }
  ground.sort((a, b) => b.depth - a.depth);
  solid.sort((a, b) => b.depth - a.depth);
  return [...ground, ...solid];
}

/** The distance from which a camera sees all moving shapes of a frame (m). */
export function distanceFor(frame: Frame): number {
  let reach = 0.2;
  for (const { shape, size, position } of frame.geoms) {
    if (shape === "plane") continue;
    const away = Math.hypot(...position.map((x, k) => x - frame.centre[k]));
    reach = Math.max(
      reach,
      away + (shape === "capsule" || shape === "cylinder" ? size[1] : Math.max(...size)),
    );
  }
  return Math.min(40, 3.3 * reach);
}
