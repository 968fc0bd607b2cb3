/** @file Draws a frame as an SVG picture. */

import type { Frame } from "./frame.js";
import { type Camera, distanceFor, type Paint, project } from "./projection.js";

const VIEWS = {
  side: { azimuth: -Math.PI / 2, elevation: 0.12 },
  front: { azimuth: 0, elevation: 0.12 },
  top: { azimuth: -Math.PI / 2, elevation: Math.PI / 2 - 0.001 },
  corner: { azimuth: -Math.PI / 3, elevation: 0.35 },
} as const;

export type View = keyof typeof VIEWS;

export interface SceneOptions {
  /** Camera view: side (x axis to the right), front, top, or corner (between side and front); unset: corner. */
  view?: View;
  /** Size of the picture (px). */
  width?: number;
  height?: number;
  /** Distance from the camera to its target (m); unset: far enough to see all moving shapes. */
  distance?: number;
}

/** The fixed camera of a view, aimed at the centre of the frame. */
export const cameraOf = (frame: Frame, view: View, distance = distanceFor(frame)): Camera => ({
  ...VIEWS[view],
  distance,
  target: frame.centre,
});

/** An SVG document of a frame on a light background. */
export function sceneSvg(
  frame: Frame,
  { view = "corner", width = 360, height = 270, distance }: SceneOptions = {},
): string {
  const paints = project(frame, cameraOf(frame, view, distance), width, height);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="${width}" height="${height}" rx="6" fill="#f4f7fa"/>`,
    `<clipPath id="edge"><rect width="${width}" height="${height}" rx="6"/></clipPath>`,
    `<g clip-path="url(#edge)" stroke-linejoin="round" stroke-linecap="round">`,
    ...paints.map(element),
    "</g></svg>",
  ].join("\n");
}

const short = (x: number): string => String(Math.round(10 * x) / 10);
const rgb = (fill: number[], amount = 1): string =>
  `rgb(${fill
    .slice(0, 3)
    .map((x) => Math.round(Math.min(255, x * amount)))
    .join(",")})`;

function element({ points, radii, fill }: Paint): string {
  const opacity = fill[3] < 1 ? ` fill-opacity="${Math.round(100 * fill[3]) / 100}"` : "";
  if (!radii) {
    return `<polygon points="${points.map((p) => p.map(short).join(",")).join(" ")}" fill="${rgb(fill)}"${opacity}/>`;
  }
  // A dark rim, the body and a light upper left give a round appearance.
  const [radius] = radii;
  const layers = [
    { width: radius, colour: rgb(fill, 0.62), shift: 0 },
    { width: 0.86 * radius, colour: rgb(fill, 0.9), shift: 0.08 * radius },
    { width: 0.4 * radius, colour: rgb(fill, 1.15), shift: 0.26 * radius },
  ];
  const path = points.length > 1 ? points : [points[0], points[0]];
  return layers
    .map(({ width, colour, shift }) => {
      const d = path.map(([x, y]) => `${short(x - shift)},${short(y - shift)}`).join("L");
      const opaque = fill[3] < 1 ? ` stroke-opacity="${fill[3]}"` : "";
      return `<path d="M${d}" stroke="${colour}" stroke-width="${short(2 * width)}"${opaque}/>`;
    })
    .join("");
}
