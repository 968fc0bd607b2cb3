/**
 * @file The main thread's side of the worker threads of a vector: writes a command, wakes the workers and waits until
 * all have finished, one has died, or the time limit is reached.
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { UsageError } from "../../errors.js";
import type { Tree } from "../../state/snapshot.js";
import type { Answer, Complaint, Death, Request, SupervisorSetup, WorkerSetup } from "./messages.js";
import {
  CLOSE,
  COMMAND,
  DEAD,
  doneOf,
  EPOCH,
  ERRORS,
  mapMemory,
  memorySize,
  type Part,
  PENDING,
  partsOf,
  REQUEST,
  type Shape,
  type SharedMemory,
  STEP,
} from "./shared-memory.js";

/** Milliseconds for workers to close their environments after a failure. */
const LAST_WORDS = 1000;

/** Terminates the threads of a pool that is garbage collected without being closed. */
const forgotten = new FinalizationRegistry<Worker>((supervisor) => void supervisor.terminate());

interface Threads {
  /** The id of the environment, for messages. */
  id: string;
  shape: Shape;
  shared: SharedMemory;
  parts: readonly Part[];
  supervisor: Worker;
  /** One port to each worker. */
  ports: readonly MessagePort[];
  deaths: MessagePort;
  /** The time limit of a command, in seconds. */
  timeout: number;
}

/**
 * Starts the threads; each creates its part of the environments.
 *
 * @throws UsageError when a worker cannot create the environment; Error when a worker dies during the start.
 */
export async function startPool(
  { address, autoreset, spaces, shape }: Pick<WorkerSetup, "address" | "autoreset" | "spaces" | "shape">,
  timeout: number,
): Promise<WorkerPool> {
  const memory = new SharedArrayBuffer(memorySize(shape));
  const parts = partsOf(shape.count, shape.workers);
  const channels = parts.map(() => new MessageChannel());
  const deaths = new MessageChannel();
  const workers = parts.map((part, index): WorkerSetup => {
    return { index, part, address, spaces, autoreset, memory, shape, port: channels[index].port2 };
  });
  const supervisor = new Worker(new URL("./supervisor.js", import.meta.url), {
    workerData: { workers, memory, shape, deaths: deaths.port2 } satisfies SupervisorSetup,
    transferList: [deaths.port2, ...channels.map(({ port2 }) => port2)],
  });
  await new Promise<void>((resolve, reject) => {
    supervisor.once("message", () => resolve());
    supervisor.once("error", reject);
  });
  // A pool that is not closed must not keep the process alive.
  supervisor.unref();
  const ports = channels.map(({ port1 }) => port1);
  const shared = mapMemory(memory, shape);
  const pool = new WorkerPool({
    id: address.id,
    ...{ shape, shared, parts, supervisor, ports, deaths: deaths.port1, timeout },
  });
  pool.refuseDead();
  return pool;
}

export class WorkerPool {
  private readonly control: Int32Array;
  /** The reason why the threads have ended. */
  private ended?: string;

  constructor(private readonly threads: Threads) {
    this.control = threads.shared.control;
    forgotten.register(this, threads.supervisor, this);
  }

  get shared(): SharedMemory {
    return this.threads.shared;
  }

  /** Steps every environment with the actions in shared memory. */
  step(): void {
    this.command(STEP);
  }

  /** Sends a request to every worker, and returns the answers in order. */
  ask(requestFor: (part: Part) => Request): Tree[] {
    const { parts, ports } = this.threads;
    const requests = this.plain(parts.map(requestFor));
    for (const [k, request] of requests.entries()) ports[k].postMessage(request);
    this.command(REQUEST);
    return ports.map(resultFrom);
  }

  /** Sends a request to the worker of environment i, whose index in that worker is `own`. */
  askOne(i: number, requestFor: (own: number) => Request): Tree {
    const { id, parts, ports, shape } = this.threads;
    const k = parts.findIndex(({ first, count }) => i >= first && i < first + count);
    if (k < 0) throw new UsageError(`${id}: there is no environment ${i}, only 0 to ${shape.count - 1}`);
    const [request] = this.plain([requestFor(i - parts[k].first)]);
    ports[k].postMessage(request);
    this.command(REQUEST);
    return resultFrom(ports[k]);
  }

  /** Closes the environments and ends the threads. */
  close(): void {
    if (this.ended !== undefined) return;
    try {
      this.command(CLOSE);
    } finally {
      this.ended ??= "it has been closed";
      this.terminate();
    }
  }

  /** @throws Error when a worker has died since the last call. */
  refuseDead(): void {
    if (Atomics.load(this.control, DEAD) === 0) return;
    const { index, complaint } = receiveMessageOnPort(this.threads.deaths)?.message as Death;
    this.fail(index, complaint);
  }

  /**
   * Checks that all requests are plain data. A request left in a port after a failure would be answered later instead
   * of the next one.
   */
  private plain(requests: Request[]): Request[] {
    this.refuseEnded();
    try {
      return structuredClone(requests);
    } catch (cause) {
      const what = `${requests[0].kind} needs plain data: ${(cause as Error).message}`;
      throw new UsageError(`${this.threads.id}: ${what}`, { cause });
    }
  }

  /** Runs a command in every worker. */
  private command(kind: number): void {
    this.refuseEnded();
    this.refuseDead();
    Atomics.store(this.control, ERRORS, 0);
    const done = this.dispatch(kind, this.threads.shape.workers, 1000 * this.threads.timeout);
    this.refuseDead();
    if (!done) this.failStuck();
    if (Atomics.load(this.control, ERRORS) > 0) this.failWithAnswers();
  }

  /** Starts a command. Returns whether `workers` workers completed it within `patience` milliseconds. */
  private dispatch(kind: number, workers: number, patience: number): boolean {
    const { control } = this;
    Atomics.store(control, COMMAND, kind);
    Atomics.store(control, PENDING, workers);
    Atomics.add(control, EPOCH, 1);
    Atomics.notify(control, EPOCH);
    // A worker that died before PENDING was written is still counted in it.
    if (Atomics.load(control, DEAD) !== 0 && kind !== CLOSE) return false;
    const deadline = performance.now() + patience;
    for (;;) {
      const pending = Atomics.load(control, PENDING);
      if (pending <= 0) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      Atomics.wait(control, PENDING, pending, left);
    }
  }

  /** Throws one of the errors that workers answered. The threads end unless all are usage errors. */
  private failWithAnswers(): never {
    const errors = this.threads.ports.map((port) => {
      const answer = receiveMessageOnPort(port)?.message as Answer | undefined;
      return answer && "error" in answer ? answer.error : undefined;
    });
    const worst = errors.findIndex((error) => error && !error.isUsageError);
    const index = worst >= 0 ? worst : errors.findIndex((error) => error);
    const error = errors[index] as Complaint;
    if (error.isUsageError) throw new UsageError(error.message);
    return this.fail(index, error, { silent: 0 });
  }

  private failStuck(): never {
    const { parts, timeout } = this.threads;
    const epoch = Atomics.load(this.control, EPOCH);
    const index = parts.findIndex((_, k) => Atomics.load(this.control, doneOf(k)) !== epoch);
    const message =
      `no answer within ${timeout} s: an environment may be in an endless loop; ` +
      "if a step may take longer, raise workerTimeout";
    return this.fail(index, { message, isUsageError: false });
  }

  /** Ends the threads, of which `silent` no longer answer, and throws the error of worker `index`. */
  private fail(index: number, { message, stack, isUsageError }: Complaint, { silent = 1 } = {}): never {
    const { id, parts, shape } = this.threads;
    const { first, count } = parts[index];
    const which = count === 1 ? `environment ${first}` : `environments ${first} to ${first + count - 1}`;
    const whole = `${id}, worker ${index} (${which}): ${message}`;
    this.ended = whole;
    // The remaining workers close their environments first.
    this.dispatch(CLOSE, shape.workers - silent, LAST_WORDS);
    this.terminate();
    if (isUsageError) throw new UsageError(whole);
    const cause = new Error(message);
    if (stack !== undefined) cause.stack = stack;
    throw new Error(whole, { cause });
  }

  private terminate(): void {
    forgotten.unregister(this);
    void this.threads.supervisor.terminate();
  }

  private refuseEnded(): void {
    if (this.ended === undefined) return;
    throw new UsageError(`${this.threads.id}: the worker threads of this vector have ended: ${this.ended}`);
  }
}

function resultFrom(port: MessagePort): Tree {
  return (receiveMessageOnPort(port)?.message as { result?: Tree }).result;
}
