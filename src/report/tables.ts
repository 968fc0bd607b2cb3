/** @file Tables of a report: of results, of the numbers behind a chart, and of settings. */

import { escapeHtml, formatCell } from "./format.js";
import type { Cell, Column } from "./types.js";

/** Longer lists of numbers are left to the run's own files. */
const mostDataRows = 80;

/** Cells of more characters than this may break into lines. */
const longestUnbroken = 24;

/** Attributes of what may scroll sideways: focusable, so that it scrolls from the keyboard too. */
export const scrollable = (title: string) => `role="region" tabindex="0" aria-label="${escapeHtml(title)}"`;

/** A table that scrolls sideways where it does not fit; its first column names the rows. */
export function tableHtml(columns: Column[], rows: Cell[][], title: string): string {
  const texts = rows.map((row) => columns.map((column, j) => formatCell(row[j], column)));
  const classes = columns.map(({ align }, j) => {
    const filled = rows.map((row) => row[j]).filter((cell) => cell !== null && cell !== undefined);
    const numeric = filled.length > 0 && filled.every((cell) => typeof cell !== "string");
    if (align === "right" || (align === undefined && numeric)) return ' class="right"';
    return texts.some((row) => row[j].length > longestUnbroken) ? ' class="long"' : "";
  });
  const head = columns
    .map(({ label }, j) => `<th scope="col"${classes[j]}>${escapeHtml(label)}</th>`)
    .join("");
  const body = texts.map((row) => {
    const cells = row.map((text, j) => {
      const tag = j === 0 ? "th" : "td";
      return `<${tag}${j === 0 ? ' scope="row"' : ""}${classes[j]}>${escapeHtml(text)}</${tag}>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const name = escapeHtml(title);
  return `<div class="scroll" ${scrollable(title)}><table><caption>${name}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

/** The numbers behind a chart, folded away. */
export function dataDetails(columns: Column[], rows: Cell[][], title: string): string {
  if (rows.length === 0 || rows.length > mostDataRows) return "";
  return `<details><summary>The numbers</summary>${tableHtml(columns, rows, `${title}: the numbers`)}</details>`;
}

/** The leaves of a nested record as rows of "a.b: value". */
export function recordRows(record: Record<string, unknown>, prefix = ""): [string, string][] {
  return Object.entries(record).flatMap(([key, value]): [string, string][] => {
    const name = prefix + key;
    if (value === null || value === undefined || value === "") return [];
    if (typeof value === "object" && !Array.isArray(value))
      return recordRows(value as Record<string, unknown>, `${name}.`);
    return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}

/** Names and values of a record, one a line. */
export function recordHtml(record: Record<string, unknown>, title: string): string {
  return tableHtml([{ label: "Name" }, { label: "Value", align: "left" }], recordRows(record), title);
}
