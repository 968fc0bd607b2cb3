/** @file A worker thread: creates its part of the environments and runs the commands of the main thread. */

import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { UsageError } from "../../errors.js";
import type { Tree } from "../../state/snapshot.js";
import type { VectorEnvironment } from "../contracts.js";
import { type EnvironmentAddress, envIds, moduleSpec, register } from "../registry.js";
import { refuseOtherSpaces, vectorFrom } from "../vector.js";
import { type Answer, complaintOf, type Request, type WorkerSetup } from "./messages.js";
import {
  CLOSE,
  COMMAND,
  doneOf,
  EPOCH,
  ERRORS,
  mapMemory,
  PENDING,
  rowsOfPart,
  STEP,
} from "./shared-memory.js";

const { index, part, address, spaces, autoreset, memory, shape, port } = workerData as WorkerSetup;
const { control, arrays, actions } = mapMemory(memory, shape);
const own = actions.subarray(part.first * shape.actionWidth, (part.first + part.count) * shape.actionWidth);

/** Milliseconds after which the thread yields to its event loop, for example for output of the environments. */
const BREATH = 50;

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Registers the environment in this thread, as in the main thread. */
async function registerHere({ id, module }: EnvironmentAddress): Promise<void> {
  const exported: unknown = (await import(module)).default;
  if (envIds().includes(id)) return;
  if (exported === undefined) throw new UsageError(`${module} does not register ${id} when it is imported`);
  register(moduleSpec(id, module, exported));
}

async function serve(vector: VectorEnvironment): Promise<void> {
  let seen = 0;
  let breath = performance.now();
  for (;;) {
    while (Atomics.load(control, EPOCH) === seen) {
      if (Atomics.wait(control, EPOCH, seen, BREATH) !== "timed-out") continue;
      await turn();
      breath = performance.now();
    }
    seen = Atomics.load(control, EPOCH);
    const command = Atomics.load(control, COMMAND);
    try {
      if (command === STEP) vector.step(own);
      else if (command === CLOSE) vector.close();
      else answer(vector);
    } catch (error) {
      port.postMessage({ error: complaintOf(error) } satisfies Answer);
      Atomics.add(control, ERRORS, 1);
    }
    Atomics.store(control, doneOf(index), seen);
    if (Atomics.sub(control, PENDING, 1) === 1) Atomics.notify(control, PENDING);
    if (command === CLOSE) return;
    if (performance.now() - breath > BREATH) {
      await turn();
      breath = performance.now();
    }
  }
}

/** Answers the request for this worker, if there is one. */
function answer(vector: VectorEnvironment): void {
  const received = receiveMessageOnPort(port) as { message: Request } | undefined;
  if (received) port.postMessage({ result: carryOut(vector, received.message) } satisfies Answer);
}

function carryOut(vector: VectorEnvironment, request: Request): Tree {
  switch (request.kind) {
    case "reset":
      vector.reset(request.options);
      return undefined;
    case "getState":
      return vector.getState();
    case "setState":
      vector.setState(request.state);
      return undefined;
    case "getTask":
      return vector.getTask?.(request.i);
    case "setTask":
      vector.setTask?.(request.i, request.task);
      return undefined;
    case "setTasks":
      vector.setTasks?.(request.tasks);
      return undefined;
  }
}

async function start(): Promise<VectorEnvironment | undefined> {
  try {
    await registerHere(address);
    const rows = rowsOfPart(arrays, part, shape.width);
    const vector = await vectorFrom(address.id, { options: address.options, autoreset, part: rows });
    refuseOtherSpaces(address.id, spaces, vector);
    return vector;
  } catch (error) {
    parentPort?.postMessage(complaintOf(error));
    return undefined;
  }
}

const vector = await start();
if (vector) {
  parentPort?.postMessage(undefined);
  await serve(vector);
}
