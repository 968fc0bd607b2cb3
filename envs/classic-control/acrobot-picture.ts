/** @file Draws the two links of Acrobot as text and as SVG. */

import { COLOUR, disc, line, picture, short, torqueArrow } from "./picture.js";

const CENTRE: readonly [number, number] = [170, 170];
/** Length of a link (px). */
const LINK = 70;
/** Vertical position of the goal line (px). */
const BAR = CENTRE[1] - LINK;

/** One line of text: the directions of the two links and the height of the free end (m). */
export function acrobotText(angle1: number, angle2: number): string {
  const way = (angle: number) => "↓↘→↗↑↖←↙"[((Math.round((4 * angle) / Math.PI) % 8) + 8) % 8];
  const height = -Math.cos(angle1) - Math.cos(angle1 + angle2);
  return `${way(angle1)}${way(angle1 + angle2)} free end at height ${short(height)} m, goal above 1 m`;
}

/** An SVG of both links, the goal line and the torque in the joint; angles in rad, torque in N·m. */
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
