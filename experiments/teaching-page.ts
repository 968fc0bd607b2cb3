/**
 * @file The page where people teach, in a real browser on real runs: `node dist/experiments/teaching-page.js` makes the
 * pictures of docs/how-to/teaching, and saves the times of the page in experiments/results/teaching.json. It needs
 * Chromium.
 */

import { Results } from "./lib/results.js";
import { pictures } from "./teaching/pictures.js";
import { timesOfPage } from "./teaching/times.js";

// First, so that the code's version is that before the pictures were changed.
const results = await Results.open<object>("experiments/results/teaching.json");
await pictures("docs/how-to/teaching");
await results.keep("page", timesOfPage);
