/** @file Renders a report as one self-contained HTML file: no network, no script, charts as inline SVG. */

import { escapeHtml } from "./format.js";
import { paragraphs, sectionHtml } from "./sections.js";
import { styleSheet } from "./style.js";
import { recordHtml } from "./tables.js";
import type { Report, Section } from "./types.js";

const isCompact = (section: Section) => section.kind === "curves" && section.compact === true;

/** All sections, with runs of compact ones side by side. */
function sectionsHtml(sections: Section[]): string {
  return sections
    .map((section, i) => {
      const opens = isCompact(section) && !(i > 0 && isCompact(sections[i - 1]));
      const closes = isCompact(section) && !(i + 1 < sections.length && isCompact(sections[i + 1]));
      return `${opens ? '<div class="grid">' : ""}${sectionHtml(section, `s${i + 1}`)}${closes ? "</div>" : ""}`;
    })
    .join("\n");
}

/**
 * Renders a report as one self-contained HTML file. Equal reports give equal strings.
 *
 * Charts are drawn by Vega, at two widths so that their text can be read on a phone. Every text of the report is
 * escaped.
 */
export function renderReport(report: Report): string {
  const { title, subtitle, summary, highlights = [], sections, commands, provenance } = report;
  const navigable = sections
    .map((section, i) => ({ section, id: `s${i + 1}` }))
    .filter(({ section }) => !isCompact(section));
  const links = navigable.map(
    ({ section, id }) => `<li><a href="#${id}">${escapeHtml(section.title)}</a></li>`,
  );
  const figures = highlights.map(
    ({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const redo = commands.map((command) => `<pre><code>${escapeHtml(command)}</code></pre>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${subtitle ? `<p class="subtitle">${escapeHtml(subtitle)}</p>` : ""}
<div class="summary">${paragraphs(summary)}</div>
${figures.length > 0 ? `<dl class="highlights">${figures.join("")}</dl>` : ""}
${links.length > 3 ? `<nav aria-label="Contents"><ol>${links.join("")}</ol></nav>` : ""}
</header>
<main>
${sectionsHtml(sections)}
${redo.length > 0 ? `<section id="redo"><h2>Do it again</h2>\n${redo.join("\n")}</section>` : ""}
<section id="provenance"><h2>Where this comes from</h2>
${recordHtml(provenance, "Provenance")}</section>
</main>
</body>
</html>
`;
}
