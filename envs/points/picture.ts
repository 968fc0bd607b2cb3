/** @file Draws a point, its goal, walls and paths as SVG. */

export interface PointScene {
  position?: readonly [number, number];
  goal?: readonly [number, number];
  goalRadius?: number;
  /** Rectangles [left, bottom, right, top]. */
  walls?: readonly (readonly number[])[];
  /** SVG elements drawn under the point, in the units of the plane but with y pointing down. */
  below?: string;
  /** Half of the side of the visible square; unset: large enough for point and goal. */
  view?: number;
  /** Side of the picture (px). */
  side?: number;
}

/** An SVG of the square with half side `view` about the origin; y points up. */
export function pointPicture(scene: PointScene): string {
  const { position, goal, goalRadius = 0, walls = [], below = "", side = 300 } = scene;
  const corners = [position, goal].flatMap((p) => (p ? [Math.abs(p[0]), Math.abs(p[1])] : []));
  const { view = Math.max(1.2, ...corners.map((x) => x + 0.2)) } = scene;
  const box = `${-view} ${-view} ${2 * view} ${2 * view}`;
  const rectangles = walls.map(
    ([left, bottom, right, top]) =>
      `<rect x="${left}" y="${-top}" width="${right - left}" height="${top - bottom}" fill="#57606a"/>`,
  );
  const disc = ([x, y]: readonly [number, number], radius: number, fill: string) =>
    `<circle cx="${x}" cy="${-y}" r="${radius}" fill="${fill}"/>`;
  const dot = 0.03 * view;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="${box}">`,
    `<rect x="${-view}" y="${-view}" width="${2 * view}" height="${2 * view}" fill="#ffffff"/>`,
    `<path d="M${-view} 0H${view}M0 ${-view}V${view}" stroke="#d0d7de" stroke-width="${view / 150}"/>`,
    ...rectangles,
    goal ? disc(goal, goalRadius, "#aceebb") + disc(goal, dot, "#1a7f37") : "",
    below,
    position ? disc(position, dot, "#0969da") : "",
    "</svg>",
  ]
    .filter((line) => line !== "")
    .join("\n");
}
