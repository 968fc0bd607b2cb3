/**
 * @file Reports: converts plain data to one self-contained HTML file. Importing this module loads the charting library.
 */

export { exactSections, gridPanel, sampledSections } from "./diagnostics-sections.js";
export { renderReport } from "./render.js";
export type * from "./types.js";
