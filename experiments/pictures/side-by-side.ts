/** @file Pictures beside one another, each with a title or none of them, as one SVG. */

const GAP = 24;
const TITLE = 26;

/** The pictures, which must have `width` and `height` in their first tag, on a white ground. */
export function sideBySide(parts: readonly { title?: string; svg: string }[]): string {
  const size = (svg: string, name: string) => Number(svg.match(new RegExp(` ${name}="([0-9.]+)"`))![1]);
  const top = parts.some(({ title }) => title) ? TITLE : 0;
  const height = Math.max(...parts.map(({ svg }) => size(svg, "height"))) + top;
  let x = 0;
  const placed = parts.map(({ title = "", svg }) => {
    const left = x;
    x += size(svg, "width") + GAP;
    const heading =
      title &&
      `<text x="${left}" y="16" font-family="system-ui, sans-serif" font-size="13" fill="#24292f">${title}</text>`;
    return heading + svg.replace("<svg ", `<svg x="${left}" y="${top}" `);
  });
  const width = x - GAP;
  const box = `-8 -4 ${width + 16} ${height + 12}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 16}" height="${height + 12}" viewBox="${box}">`,
    `<rect x="-8" y="-4" width="${width + 16}" height="${height + 12}" fill="#ffffff"/>`,
    ...placed,
    "</svg>",
  ].join("\n");
}
