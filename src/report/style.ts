/** @file The style sheet of a report: one column, light and dark, phone and print. Nothing is fetched. */

const light = `
  --paper: #ffffff; --ink: #1c2126; --muted: #5d666f; --faint: #b9c0c7; --rule: #d9dde1; --grid: #e6e9ec;
  --tint: #f5f6f8; --accent: #0b5c94; --wall: #59626b; --heat-above: #8c1d0f; --heat-below: #0b4f8a;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #00855f; --series-3: #b0568f; --series-4: #8a6d00;
  --series-5: #3e9fd6; --series-6: #4b4b4b;`;

const dark = `
  --paper: #14171a; --ink: #e6e9ec; --muted: #9aa4ad; --faint: #56606a; --rule: #343b42; --grid: #272d33;
  --tint: #1c2126; --accent: #6db8ec; --wall: #7d8790; --heat-above: #ffb499; --heat-below: #8cc8ff;
  --series-0: #56b4e9; --series-1: #f0924a; --series-2: #3cc49a; --series-3: #dd93c2; --series-4: #e0c04c;
  --series-5: #a9d8f5; --series-6: #c4c4c4;`;

export const styleSheet = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
@media print { :root { color-scheme: light; ${light} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: calc(720px + 2.5rem);
  background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0; font-size: 2rem; line-height: 1.15; letter-spacing: -0.02em; text-wrap: balance; }
h2 { margin: 0 0 0.25rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -0.01em; text-wrap: balance; }
p { margin: 0 0 0.75rem; }
.subtitle { margin: 0.4rem 0 0; color: var(--muted); }
.summary { margin-top: 1.5rem; font-size: 1.0625rem; }
.highlights { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.5rem 0; padding: 1rem 0; border-block: 1px solid var(--rule); }
.highlights div { display: flex; flex-direction: column-reverse; }
.highlights dt { color: var(--muted); font-size: 0.875rem; }
.highlights dd { margin: 0; font-size: 1.625rem; line-height: 1.2; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
nav ol { columns: 2; column-gap: 2rem; margin: 0; padding-left: 1.4rem; font-size: 0.9375rem; color: var(--muted); }
nav { margin: 1.75rem 0 0; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
section { margin-top: 2.75rem; }
.reading { margin-bottom: 0.9rem; }
figure { margin: 0; }
figcaption, .note, .empty { color: var(--muted); font-size: 0.875rem; line-height: 1.45; }
figcaption { margin-top: 0.5rem; }
.note { margin: 0.4rem 0 0; }
.empty { padding: 1rem; border: 1px dashed var(--rule); }
svg { display: block; max-width: 100%; height: auto; font-family: inherit; font-variant-numeric: tabular-nums; overflow: visible; }
.narrow { display: none; }
.scroll > svg { max-width: none !important; width: auto !important; display: block; }
.haloed text, .haloed-value text { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.legend { display: flex; flex-wrap: wrap; gap: 0.15rem 1.25rem; margin: 0 0 0.6rem; padding: 0; list-style: none; font-size: 0.875rem; }
.legend li { display: flex; align-items: center; gap: 0.45rem; }
.legend svg { flex: none; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 2rem 1.75rem; margin-top: 1.5rem; }
.grid section { margin: 0; min-width: 0; }
.grid h2 { margin: 0; font-size: 1rem; }
.grid .reading { font-size: 0.875rem; color: var(--muted); margin-bottom: 0.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; min-width: 100%; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
/* Read out, and not shown: the section's heading already says it. */
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 0.35rem 1rem 0.35rem 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid); }
thead th { color: var(--muted); font-weight: 600; font-size: 0.8125rem; line-height: 1.3; vertical-align: bottom; border-bottom: 1px solid var(--muted); }
tbody th { font-weight: 500; }
th:last-child, td:last-child { padding-right: 0; }
td, tbody th { white-space: nowrap; }
tbody th { position: sticky; left: 0; background: var(--paper); }
.right { text-align: right; }
.long { white-space: normal; min-width: 8.5rem; overflow-wrap: anywhere; }
.cell path, .scale path { shape-rendering: crispEdges; }
details { margin-top: 0.5rem; font-size: 0.875rem; }
summary { color: var(--muted); cursor: pointer; }
details table { font-size: 0.8125rem; }
pre { margin: 0 0 0.6rem; padding: 0.75rem 1rem; overflow-x: auto; background: var(--tint); border-radius: 4px; font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media screen and (max-width: 640px) {
  body { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.625rem; }
  nav ol { columns: 1; }
  .highlights { gap: 0.9rem 1.75rem; }
  .highlights dd { font-size: 1.375rem; }
  .wide { display: none; }
  .narrow { display: block; }
  svg.narrow { width: 100%; max-width: 460px; }
}
@media print {
  @page { margin: 16mm 14mm; }
  body { padding: 0; max-width: none; font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2, .reading, .legend { break-after: avoid; }
  figure, tr, .highlights, .grid section { break-inside: avoid; }
  section { margin-top: 2rem; }
  nav, details { display: none; }
  .scroll { overflow: visible; }
  .scroll > svg { max-width: 100% !important; }
  table { font-size: 9pt; }
  td, tbody th { white-space: normal; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--rule); }
  a { color: inherit; text-decoration: none; }
}`;
