/** @file Tables of a report: of results, of the numbers behind a chart, and of settings. */

import { escapeHtml, formatCell } from "./format.js";
import type { Cell, Column } from "./types.js";

/** The largest number of rows of data tables; longer data are only in the files of the run. */
const mostDataRows = 80;

/** Cells with more characters than this may wrap. */
const longestUnbroken = 24;

/** Attributes of elements that scroll sideways: focusable, so that they also scroll with the keyboard. */
export const scrollable = (title: string) => `role="region" tabindex="0" aria-label="${escapeHtml(title)}"`;

/** A table that scrolls sideways if it is too wide; its first column names the rows. */
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

/** The data of a chart, as a collapsed table. */
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

/** Names and values of a record, one per line. */
export function recordHtml(record: Record<string, unknown>, title: string): string {
  return tableHtml([{ label: "Name" }, { label: "Value", align: "left" }], recordRows(record), title);
}
