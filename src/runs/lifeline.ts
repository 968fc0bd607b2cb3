/**
 * @file A pipe by which a process notices the end of the process that started it, also while its main thread is busy
 * (Node.js only).
 */

import { Worker } from "node:worker_threads";

/** The program of the thread. Text, not a file: it has three lines, and bundlers leave it alone. */
const THREAD = `
const { fd, patience } = require("node:worker_threads").workerData;
const pipe = new (require("node:net").Socket)({ fd }).on("error", () => {}).resume();
pipe.on("close", () => setTimeout(() => process.kill(process.pid, "SIGKILL"), patience));
`;

/**
 * Kills this process when the other end of a pipe closes, which the operating system does at the end of its owner.
 *
 * @param fd the descriptor of the pipe in this process
 * @param patience time from then on in which this process may end by itself (ms)
 */
export function endWithPipe(fd: number, patience = 0): void {
  const thread = new Worker(THREAD, { eval: true, workerData: { fd, patience } });
  thread.on("error", () => {}); // without the thread, the run goes on
  thread.unref();
}
