/** @file Renders one section of a report as HTML. */

import type { Spec } from "vega";
import { barsSpec } from "./bars.js";
import { renderSvg, widths } from "./chart.js";
import { curvesSpec, drawable, type SeriesLook, seriesLooks, swatchSpec } from "./curves.js";
import { escapeHtml } from "./format.js";
import { heatmapSpec } from "./heatmap.js";
import { dataDetails, scrollable, tableHtml } from "./tables.js";
import type { BarsSection, Column, CurvesSection, HeatmapSection, Section, TableSection } from "./types.js";

export const paragraphs = (texts: string[]) => texts.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n");

/** A chart at both widths; the style sheet shows one of them. A chart that is too wide scrolls. */
function chartHtml(
  section: Exclude<Section, { kind: "text" | "table" }>,
  id: string,
  draw: (width: number) => Spec | null,
): string {
  const { title, reading } = section;
  const compact = section.kind === "curves" && section.compact;
  const names = compact ? (["narrow"] as const) : (["wide", "narrow"] as const);
  const charts = names.map((name) => {
    const spec = draw(widths[name]);
    if (spec === null) return null;
    const className = compact ? "compact" : name;
    const scrolls = (spec.width as number) > widths[name];
    const svg = renderSvg(spec, { id: `${id}-${name}`, title, description: reading, className });
    return scrolls ? `<div class="scroll ${name}" ${scrollable(title)}>${svg}</div>` : svg;
  });
  if (charts.includes(null)) return `<p class="empty">Nothing to draw: there are no finite values.</p>`;
  return charts.join("\n");
}

function legendHtml(looks: SeriesLook[]): string {
  const items = looks.map((look) => `<li>${renderSvg(swatchSpec(look))}${escapeHtml(look.name)}</li>`);
  return `<ul class="legend">${items.join("")}</ul>`;
}

/** The numbers behind curves, one row for each x. */
function curvesDetails({ title, xLabel, series }: CurvesSection): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const lookups = series.map(({ points }) => new Map(points.map((point) => [point.x, point])));
  const rows = xs.map((x) => [
    x,
    ...lookups.map((lookup) => {
      const point = lookup.get(x);
      return point ? { value: point.y, low: point.low, high: point.high } : "";
    }),
  ]);
  const columns: Column[] = [
    { label: xLabel },
    ...series.map(({ name }) => ({ label: name, align: "right" as const })),
  ];
  return dataDetails(columns, rows, title);
}

function curvesHtml(section: CurvesSection, id: string): string {
  const chart = chartHtml(section, id, (width) => curvesSpec(section, width));
  const all = section.series.flatMap(({ points }) => points);
  const left = all.filter((point) => !drawable(point, section)).length;
  const log = section.logX || section.logY;
  const reason = log ? "not finite, or not above 0 on a logarithmic axis" : "not finite";
  const some = left > 0 && left < all.length;
  const note = some ? `<p class="note">${left} of ${all.length} points are left out: ${reason}.</p>` : "";
  if (section.compact) return chart + note;
  const looks = seriesLooks(section);
  const legend = looks.length > 1 || looks.some(({ band }) => band) ? legendHtml(looks) : "";
  return legend + chart + note + curvesDetails(section);
}

function barsHtml(section: BarsSection, id: string): string {
  const rows = section.bars.map(({ label, value, low, high }) => [label, { value, low, high }]);
  const chart = chartHtml(section, id, (width) => barsSpec(section, width));
  return chart + dataDetails([{ label: "" }, { label: section.xLabel }], rows, section.title);
}

/** A heatmap with a table of its largest values, for readers who cannot see the picture. */
function heatmapHtml(section: HeatmapSection, id: string): string {
  const largest = section.panels.flatMap((panel) =>
    Array.from(panel.values, (value, i) => ({ value, i }))
      .filter(({ value }) => Number.isFinite(value) && value !== 0)
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || a.i - b.i)
      .slice(0, 5)
      .map(({ value, i }) => [
        panel.title,
        Math.floor(i / panel.columns) + 1,
        (i % panel.columns) + 1,
        value,
      ]),
  );
  const columns = [{ label: "Panel" }, { label: "Row" }, { label: "Column" }, { label: section.unit }];
  const chart = chartHtml(section, id, (width) => heatmapSpec(section, width));
  return chart + dataDetails(columns, largest, `${section.title}, the five largest cells of each panel`);
}

function tableSection({ title, columns, rows }: TableSection): string {
  return rows.length > 0 ? tableHtml(columns, rows, title) : `<p class="empty">No rows to show.</p>`;
}

function sectionBody(section: Section, id: string): string {
  switch (section.kind) {
    case "text":
      return paragraphs(section.paragraphs);
    case "table":
      return tableSection(section);
    case "curves":
      return curvesHtml(section, id);
    case "bars":
      return barsHtml(section, id);
    case "heatmap":
      return heatmapHtml(section, id);
  }
}

/** A section with its heading, its summary sentence and its caption. `id` is unique in the page. */
export function sectionHtml(section: Section, id: string): string {
  const { title, reading, caption } = section;
  const body = sectionBody(section, id);
  const captioned = caption ? `${body}<figcaption>${escapeHtml(caption)}</figcaption>` : body;
  return `<section id="${id}">
<h2>${escapeHtml(title)}</h2>
${reading ? `<p class="reading">${escapeHtml(reading)}</p>` : ""}
${section.kind === "text" ? body : `<figure>${captioned}</figure>`}
</section>`;
}
