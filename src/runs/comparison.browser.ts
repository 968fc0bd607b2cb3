/** @file Runs are compared on disk. */

export { readCompared as comparison } from "./comparison-records.browser.js";
