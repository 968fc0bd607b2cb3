/** @file Draws the hill and the car of MountainCar as text and as SVG. */

import { COLOUR, disc, line, picture, short } from "./picture.js";

const LEFT = -1.2;
const RIGHT = 0.6;
/** What is drawn: beyond both ends, so that a car there is whole. */
const [FROM, TO] = [LEFT - 0.08, RIGHT + 0.08];
const SCALE = 600 / (TO - FROM);
const HEIGHT = 280;

/** Pixel coordinates of a position on the hill. */
const at = (position: number): [number, number] => [
  (position - FROM) * SCALE,
  HEIGHT - 20 - (Math.sin(3 * position) + 1) * 100,
];

/** Number of columns of the text picture. */
const COLUMNS = 37;

/** The hill drawn in eighths of its height, with the car `▲` and the flag `⚑` above it. */
export function carText(position: number, velocity: number, goal: number): string {
  const column = (x: number) =>
    Math.max(0, Math.min(COLUMNS - 1, Math.round(((x - LEFT) / (RIGHT - LEFT)) * (COLUMNS - 1))));
  const hill = Array.from({ length: COLUMNS }, (_, i) => {
    const x = LEFT + (i / (COLUMNS - 1)) * (RIGHT - LEFT);
    return "▁▂▃▄▅▆▇█"[Math.round(((Math.sin(3 * x) + 1) / 2) * 7)];
  }).join("");
  const above = new Array<string>(COLUMNS).fill(" ");
  above[column(goal)] = "⚑";
  above[column(position)] = "▲";
  return `${above.join("")}\n${hill}\nposition ${short(position)}, velocity ${velocity.toFixed(4)}`;
}

/** An SVG of the hill, the car at `position` and the flag at `goal`. */
export function carPicture(position: number, goal: number): string {
  const points = Array.from({ length: 91 }, (_, i) =>
    at(FROM + (i / 90) * (TO - FROM))
      .map(short)
      .join(" "),
  );
  const [x, y] = at(position);
  // The hill is sin 3x, with slope 3·cos 3x; one unit of height is 100 pixels, one unit of position SCALE pixels.
  const tilt = -(Math.atan((300 * Math.cos(3 * position)) / SCALE) * 180) / Math.PI;
  const [flagX, flagY] = at(goal);
  const flag = `M${short(flagX)} ${short(flagY - 46)}l24 8l-24 8z`;
  return picture(600, HEIGHT, [
    `<path d="M0 ${HEIGHT}L${points.join("L")}L600 ${HEIGHT}z" fill="#eaeef2" stroke="${COLOUR.line}" stroke-width="2"/>`,
    line([flagX, flagY], [flagX, flagY - 46], COLOUR.line, 2),
    `<path d="${flag}" fill="${COLOUR.goal}"/>`,
    `<g transform="translate(${short(x)} ${short(y)}) rotate(${short(tilt)})">`,
    `<rect x="-22" y="-26" width="44" height="18" rx="5" fill="${COLOUR.body}"/>`,
    disc([-12, -7], 7, COLOUR.line),
    disc([12, -7], 7, COLOUR.line),
    "</g>",
  ]);
}
