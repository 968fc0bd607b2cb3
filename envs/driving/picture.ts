/** @file Draws a road from above, with cars on it, as SVG. */

export interface RoadScene {
  /** Curvature (1/m) `s` metres ahead. */
  bend: (s: number) => number;
  halfWidth: number;
  /** Offset (m) and heading (rad) of a car at the beginning of the picture; without `offset` no car is drawn. */
  offset?: number;
  heading?: number;
  /** Paths of cars: their offsets at s = 0, 1, 2, … metres, and the colour of the line. */
  tracks?: readonly { offsets: readonly number[]; colour: string }[];
  /** Length of road shown (m). */
  length?: number;
  /** Width of the picture in pixels. */
  width?: number;
}

/** Points of the centre line, one per metre, and the direction of the road there (rad). */
function centreLine(bend: RoadScene["bend"], length: number): { x: number; y: number; angle: number }[] {
  const points = [{ x: 0, y: 0, angle: 0 }];
  for (let s = 0; s < length; s++) {
    const { x, y, angle } = points[s];
    points.push({ x: x + Math.cos(angle), y: y + Math.sin(angle), angle: angle + bend(s) });
  }
  return points;
}

/** An SVG of the road ahead, from left to right. */
export function roadPicture(scene: RoadScene): string {
  const { bend, halfWidth, offset, heading = 0, tracks = [], length = 60, width = 600 } = scene;
  const line = centreLine(bend, length);
  const beside = (y: number, { x, y: cy, angle }: (typeof line)[number]) => [
    x - y * Math.sin(angle),
    -(cy + y * Math.cos(angle)),
  ];
  const path = (points: number[][]) => points.map((p) => p.map((c) => c.toFixed(2)).join(" ")).join("L");
  const edges = [-1, 1].map((side) => line.map((point) => beside(side * halfWidth, point)));
  const xs = edges.flat().map(([x]) => x);
  const ys = edges.flat().map(([, y]) => y);
  const margin = 4;
  const [left, top] = [Math.min(...xs) - margin, Math.min(...ys) - margin];
  const [across, down] = [Math.max(...xs) - left + margin, Math.max(...ys) - top + margin];
  const stroke = (d: string, colour: string, more = "") =>
    `<path d="M${d}" fill="none" stroke="${colour}" stroke-width="0.35"${more}/>`;
  const driven = tracks.map(({ offsets, colour }) =>
    stroke(
      path(offsets.slice(0, line.length).map((y, s) => beside(y, line[s]))),
      colour,
      ' stroke-linecap="round"',
    ),
  );
  const car = () => {
    const [x, y] = beside(offset!, line[0]);
    return `<path d="M1.6 0L-1.2 0.8V-0.8Z" fill="#0969da" transform="translate(${x} ${y}) rotate(${(-heading * 180) / Math.PI})"/>`;
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.round((width * down) / across)}" viewBox="${left.toFixed(2)} ${top.toFixed(2)} ${across.toFixed(2)} ${down.toFixed(2)}">`,
    `<rect x="${left}" y="${top}" width="${across}" height="${down}" fill="#dafbe1"/>`,
    `<path d="M${path([...edges[0], ...edges[1].reverse()])}Z" fill="#d0d7de"/>`,
    stroke(path(line.map((point) => beside(0, point))), "#ffffff", ' stroke-dasharray="2 2"'),
    ...driven,
    ...(offset === undefined ? [] : [car()]),
    "</svg>",
  ].join("\n");
}
