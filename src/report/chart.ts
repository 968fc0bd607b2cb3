/** @file Renders a Vega specification as a static, accessible SVG with the colours and fonts of the page. */

import * as vega from "vega";
import { axisFontSize } from "./axis.js";
import { escapeHtml } from "./format.js";

declare module "vega" {
  interface Scene {
    root: unknown;
  }
  /** Part of `vega-scenegraph`, which Vega exports but its typings leave out: the renderer behind `View.toSVG`. */
  class SVGStringRenderer {
    initialize(element: null, width: number, height: number, origin: [number, number]): this;
    render(root: unknown): this;
    svg(): string;
  }
}

/** The two widths of charts, in pixels: text in a wide chart would be too small on a phone. */
export const widths = { wide: 720, narrow: 360 } as const;

/** Colour-blind-safe series colours [Okabe & Ito 2008]; the page's style sheet defines them. */
const seriesColors = 7;
export const seriesColor = (index: number) => `var(--series-${index % seriesColors})`;

export const markerShapes = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "triangle-down",
  "cross",
  "triangle-right",
];
export const lineDashes = [[], [7, 3], [2, 2.5], [9, 3, 2, 3], [5, 5], [1, 3], [12, 4]];

/** The name of text marks that the style sheet outlines in the page's colour, so that they are legible over lines. */
export const haloed = "haloed";

const config: vega.Config = {
  axis: {
    domain: false,
    ticks: false,
    gridColor: "var(--grid)",
    labelColor: "var(--muted)",
    labelFontSize: axisFontSize,
    labelPadding: 6,
    titleColor: "var(--muted)",
    titleFontSize: axisFontSize,
    titleFontWeight: "normal",
  },
};

export interface ChartText {
  /** Unique in the page. */
  id: string;
  title: string;
  description: string;
  /** A class of the `svg` element, for the style sheet. */
  className: string;
}

/**
 * The SVG of a Vega specification with fixed `width`, `height` and `padding`. Data reach Vega as values, never as
 * expressions. The specification may use no clips or gradients: their ids would clash within a page.
 *
 * @param text - the description of the chart for screen readers; without it the picture counts as decoration.
 */
export function renderSvg(spec: vega.Spec, text?: ChartText): string {
  const padding = { left: 0, right: 0, top: 0, bottom: 0, ...(spec.padding as object) };
  const width = (spec.width as number) + padding.left + padding.right;
  const height = (spec.height as number) + padding.top + padding.bottom;
  const view = new vega.View(vega.parse({ ...spec, autosize: "none" }, config), { renderer: "none" });
  view.run();
  const root = view.scenegraph().root;
  const renderer = new vega.SVGStringRenderer().initialize(null, width, height, [padding.left, padding.top]);
  const svg = renderer.render(root).svg();
  view.finalize();
  const body = svg
    .slice(svg.indexOf(">") + 1)
    .replace(/<path class="(background|foreground)"[^>]*\/>/g, "")
    .replace(
      / (pointer-events="none"|opacity="1"|font-family="sans-serif"|aria-[a-z]+="[^"]*"|role="[^"]*")/g,
      "",
    )
    .replace(/ (d|transform|x2|y2)="[^"]*"/g, (attribute) =>
      attribute.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
    );
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  if (text === undefined) return `<svg ${size} aria-hidden="true">${body}`;
  const { id, title, description, className } = text;
  const labels = `<title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(description)}</desc>`;
  const role = `role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d"`;
  return `<svg class="${className}" ${size} ${role}>${labels}${body}`;
}
