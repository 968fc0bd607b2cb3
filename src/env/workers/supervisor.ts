/**
 * @file The supervisor thread, which starts the workers and detects their deaths. The main thread blocks while the
 * workers step and receives no events, so this thread wakes it when a worker dies.
 */

import { parentPort, Worker, workerData } from "node:worker_threads";
import { type Complaint, complaintOf, type Death, type SupervisorSetup } from "./messages.js";
import { CLOSE, COMMAND, DEAD, doneOf, EPOCH, mapMemory, NEVER, PENDING } from "./shared-memory.js";

const { workers, memory, shape, deaths } = workerData as SupervisorSetup;
const { control } = mapMemory(memory, shape);

function died(index: number, complaint: Complaint): void {
  const isDone = Atomics.load(control, doneOf(index)) === Atomics.load(control, EPOCH);
  if (isDone && Atomics.load(control, COMMAND) === CLOSE) return;
  // Only the first death is reported; the main thread ends the other workers.
  if (Atomics.load(control, DEAD) !== 0) return;
  deaths.postMessage({ index, complaint } satisfies Death);
  Atomics.store(control, DEAD, 1 + index);
  Atomics.sub(control, PENDING, NEVER);
  Atomics.notify(control, PENDING);
  parentPort?.postMessage("dead");
}

let starting = workers.length;
for (const setup of workers) {
  const { index, port } = setup;
  const worker = new Worker(new URL("./worker.js", import.meta.url), {
    workerData: setup,
    transferList: [port],
  });
  worker.on("message", (failure: Complaint | undefined) => {
    if (failure) died(index, failure);
    else if (--starting === 0) parentPort?.postMessage("ready");
  });
  worker.on("error", (error) => died(index, complaintOf(error)));
  worker.on("exit", (code) => {
    const message = `the thread ended with exit code ${code}, without an error: does something call process.exit()?`;
    died(index, { message, isUsageError: false });
  });
}
