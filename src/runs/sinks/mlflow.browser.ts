/** @file Rows are in `metrics.jsonl`, and go to `onIteration`. */

import { needsNode } from "../../errors.js";

export const mlflowSink = needsNode('sink "mlflow" writes files on disk; in a page use onIteration');
