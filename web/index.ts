/** @file What only a browser has: training in a worker, files that a page fetches, and the storage of the site. */

export { useAssets } from "../src/assets.js";
export { listStored, readStored, removeStored, writeStored } from "../src/state/stored-files.js";
export { type TrainInWorkerOptions, trainInWorker, type WorkerRunResult } from "./train-in-worker.js";
