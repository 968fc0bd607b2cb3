/** @file Shapes and colours that the pictures of the classic control problems share. */

/** Colours: `body` for cars and the upper link, `link` for poles and lower links, `goal` for goals and torques. */
export const COLOUR = {
  page: "#ffffff",
  line: "#57606a",
  faint: "#d0d7de",
  body: "#0969da",
  link: "#bc4c00",
  goal: "#1a7f37",
} as const;

/** A number with at most two decimals. */
export const short = (x: number): string => String(Number(x.toFixed(2)));

/** An SVG document of the given size in pixels, with y pointing down and a white background. */
export function picture(width: number, height: number, shapes: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="${COLOUR.page}"/>`,
    ...shapes,
    "</svg>",
  ].join("\n");
}

/** A straight line with round ends. */
export function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  colour: string,
  width: number,
): string {
  const ends = `x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}"`;
  return `<line ${ends} stroke="${colour}" stroke-width="${width}" stroke-linecap="round"/>`;
}

/** A filled circle; centre and radius in pixels. */
export const disc = ([x, y]: readonly [number, number], radius: number, colour: string): string =>
  `<circle cx="${short(x)}" cy="${short(y)}" r="${radius}" fill="${colour}"/>`;

/** An arc with an arrow head about `centre`; its length is proportional to `share`, the torque / maximum torque. */
export function torqueArrow(centre: readonly [number, number], radius: number, share: number): string {
  if (share === 0) return "";
  const at = (angle: number, r: number) =>
    `${short(centre[0] + r * Math.sin(angle))} ${short(centre[1] - r * Math.cos(angle))}`;
  // Positive torques turn anticlockwise.
  const end = -share * 2.4;
  const turn = Math.sign(end);
  const head = `M${at(end - turn * 0.05, radius - 5)}L${at(end + turn * 0.25, radius)}L${at(end - turn * 0.05, radius + 5)}`;
  const arc = `M${at(0, radius)}A${radius} ${radius} 0 0 ${turn > 0 ? 1 : 0} ${at(end, radius)}`;
  return `<path d="${arc}${head}" fill="none" stroke="${COLOUR.goal}" stroke-width="2.5" stroke-linejoin="round"/>`;
}
