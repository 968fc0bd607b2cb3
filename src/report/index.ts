/** @file Reports: plain data in, one self-contained HTML file out. Loading this loads the charting library. */

export { exactSections, gridPanel, sampledSections } from "./diagnostics-sections.js";
export { renderReport } from "./render.js";
export type * from "./types.js";
