/** @file The two links of Acrobot, as text and as SVG. */

import { COLOUR, disc, line, picture, short, torqueArrow } from "./picture.js";

const CENTRE: readonly [number, number] = [170, 170];
/** Pixels of a link. */
const LINK = 70;
/** Above it the free end has arrived. */
const BAR = CENTRE[1] - LINK;

/** How high the free end is, and where the links point. */
export function acrobotText(angle1: number, angle2: number): string {
  const way = (angle: number) => "↓↘→↗↑↖←↙"[((Math.round((4 * angle) / Math.PI) % 8) + 8) % 8];
  const height = -Math.cos(angle1) - Math.cos(angle1 + angle2);
  return `${way(angle1)}${way(angle1 + angle2)} free end at height ${short(height)} m, goal above 1 m`;
}

export function acrobotPicture(angle1: number, angle2: number, torque: number): string {
  const [x, y] = CENTRE;
  const elbow: [number, number] = [x + LINK * Math.sin(angle1), y + LINK * Math.cos(angle1)];
  const tip: [number, number] = [
    elbow[0] + LINK * Math.sin(angle1 + angle2),
    elbow[1] + LINK * Math.cos(angle1 + angle2),
  ];
  return picture(340, 340, [
    `<path d="M0 ${BAR}H340" stroke="${COLOUR.goal}" stroke-width="2" stroke-dasharray="8 5"/>`,
    line(CENTRE, elbow, COLOUR.body, 14),
    line(elbow, tip, COLOUR.link, 14),
    disc(CENTRE, 5, COLOUR.line),
    disc(elbow, 5, COLOUR.line),
    torqueArrow(elbow, 22, torque),
  ]);
}
