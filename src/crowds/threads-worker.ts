/** @file A worker thread of a fit of Dawid and Skene's model. */

import { workerData } from "node:worker_threads";
import { serve, type Work } from "./threads.js";

serve(workerData as Work);
