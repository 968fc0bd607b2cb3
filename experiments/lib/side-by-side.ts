/** @file Places pictures side by side in one SVG, either all with titles or all without. */

const GAP = 24;
const TITLE = 26;

interface Part {
  title?: string;
  svg: string;
}

/**
 * An SVG of the pictures on a white background. Each must have `width` and `height` in its first tag.
 *
 * @param columns Number of pictures in a row; unset: all.
 */
export function sideBySide(parts: readonly Part[], columns = parts.length): string {
  const top = parts.some(({ title }) => title) ? TITLE : 0;
  const placed: string[] = [];
  let [width, y] = [0, 0];
  for (let first = 0; first < parts.length; first += columns) {
    const row = parts.slice(first, first + columns);
    let x = 0;
    for (const { title = "", svg } of row) {
      const heading =
        title &&
        `<text x="${x}" y="${y + 16}" font-family="system-ui, sans-serif" font-size="13" fill="#24292f">${title}</text>`;
      placed.push(heading + svg.replace("<svg ", `<svg x="${x}" y="${y + top}" `));
      x += sizeOf(svg, "width") + GAP;
    }
    width = Math.max(width, x - GAP);
    y += Math.max(...row.map(({ svg }) => sizeOf(svg, "height"))) + top + GAP;
  }
  const height = y - GAP;
  const box = `-8 -4 ${width + 16} ${height + 12}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 16}" height="${height + 12}" viewBox="${box}">`,
    `<rect x="-8" y="-4" width="${width + 16}" height="${height + 12}" fill="#ffffff"/>`,
    ...placed,
    "</svg>",
  ].join("\n");
}

const sizeOf = (svg: string, name: string) => Number(svg.match(new RegExp(` ${name}="([0-9.]+)"`))![1]);
