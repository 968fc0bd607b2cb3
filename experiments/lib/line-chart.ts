/** @file Draws a small line chart as SVG, for the pictures of the documentation. */

export interface Line {
  label: string;
  colour: string;
  points: readonly (readonly [x: number, y: number])[];
  dashed?: boolean;
}

export interface LineChart {
  title: string;
  x: string;
  y: string;
  lines: readonly Line[];
  /** Logarithmic axes; linear by default. */
  logarithmic?: boolean;
  xTicks: readonly number[];
  yTicks: readonly number[];
  /** Where the legend is; at the top on the left by default. */
  legend?: "bottom right";
}

const WIDTH = 460;
const HEIGHT = 300;
const MARGIN = { left: 58, right: 16, top: 34, bottom: 44 };
const TEXT = `font-family="system-ui, sans-serif" font-size="12" fill="#24292f"`;

/** An SVG of the chart on a white background. The axes extend from the first tick to the last. */
export function lineChart({ title, x, y, lines, xTicks, yTicks, ...rest }: LineChart): string {
  const { logarithmic = false, legend } = rest;
  const scaled = (value: number) => (logarithmic ? Math.log10(value) : value);
  const scale = (ticks: readonly number[], from: number, to: number) => {
    const [low, high] = [scaled(ticks[0]), scaled(ticks[ticks.length - 1])];
    return (value: number) =>
      Math.round(10 * (from + ((scaled(value) - low) / (high - low)) * (to - from))) / 10;
  };
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  const atX = scale(xTicks, left, right);
  const atY = scale(yTicks, bottom, top);
  const text = (content: string, at: string) => `<text ${TEXT} ${at}>${content}</text>`;
  const legendX = legend === undefined ? left + 10 : right - 150;
  const legendY = legend === undefined ? top + 14 : bottom - 17 * lines.length + 5;
  const grid = [
    ...xTicks.map((tick) => `M${atX(tick)} ${top}V${bottom}`),
    ...yTicks.map((tick) => `M${left} ${atY(tick)}H${right}`),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<path d="${grid.join("")}" stroke="#d8dee4" fill="none"/>`,
    text(title, `x="${left}" y="18" font-weight="600"`),
    ...xTicks.map((tick) => text(String(tick), `x="${atX(tick)}" y="${bottom + 16}" text-anchor="middle"`)),
    ...yTicks.map((tick) => text(String(tick), `x="${left - 6}" y="${atY(tick) + 4}" text-anchor="end"`)),
    text(x, `x="${(left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle"`),
    text(
      y,
      `x="14" y="${(top + bottom) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(top + bottom) / 2})"`,
    ),
    ...lines.map(({ points, colour, dashed }) => {
      const path = points.map(([px, py]) => `${atX(px)},${atY(py)}`).join(" ");
      const dash = dashed ? ` stroke-dasharray="5 4"` : "";
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
    }),
    ...lines.flatMap(({ label, colour, dashed }, i) => {
      const lineY = legendY + 17 * i;
      const dash = dashed ? ` stroke-dasharray="5 4"` : "";
      return [
        `<path d="M${legendX} ${lineY}h22" stroke="${colour}" stroke-width="2"${dash}/>`,
        text(label, `x="${legendX + 28}" y="${lineY + 4}"`),
      ];
    }),
    "</svg>",
  ].join("\n");
}
