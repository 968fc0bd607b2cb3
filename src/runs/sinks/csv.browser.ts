/** @file Rows are in `metrics.jsonl`, and go to `onProgress`. */

import { needsNode } from "../../errors.js";

export const csvSink = needsNode('sink "csv" writes a file on disk; in a page use onProgress');
