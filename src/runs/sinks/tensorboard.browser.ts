/** @file Rows are in `metrics.jsonl`, and go to `onIteration`. */

import { needsNode } from "../../errors.js";

export const tensorboardSink = needsNode(
  'sink "tensorboard" writes a file on disk; in a page use onIteration',
);
