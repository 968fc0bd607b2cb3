/**
 * @file Worker threads for a fit of Dawid and Skene's model. The main thread and the workers take blocks of items from a
 * counter until none is left, so a worker that starts late, or never, costs time and nothing else.
 */

import { type Answers, blocksOf, createExpectation, type Expectation, expectBlock } from "./expectation.js";

/** Positions of the counters, a cache line apart. */
const [NEXT, DONE, EPOCH] = [0, 16, 32];

/** Milliseconds in which a block that a worker has taken must be done. */
const PATIENCE = 60_000;

/** What the threads of a fit work on. */
export interface Work {
  readonly expectation: Expectation;
  readonly control: Int32Array;
}

/** The constructor of a typed array. */
interface Kind<A> {
  new (memory: SharedArrayBuffer): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** An array of zeros in memory that threads share. */
const shared = <A>(kind: Kind<A>, length: number): A =>
  new kind(new SharedArrayBuffer(kind.BYTES_PER_ELEMENT * length));

function sharedCopy<A extends Int32Array | Float64Array>(kind: Kind<A>, values: A): A {
  const copy = shared(kind, values.length);
  copy.set(values);
  return copy;
}

export interface Threads {
  readonly expectation: Expectation;
  /** Infers the classes of all blocks. */
  expectAll(): void;
  end(): void;
}

/** Starts `workers - 1` threads beside this one, or fewer where there are fewer blocks. */
export function startThreads(answers: Answers, workers: number): Threads {
  const { items, annotators, classes, itemStart, annotator, label, weight, truth } = answers;
  const expectation = createExpectation(
    {
      ...{ items, annotators, classes },
      itemStart: sharedCopy(Int32Array, itemStart),
      annotator: sharedCopy(Int32Array, annotator),
      label: sharedCopy(Int32Array, label),
      ...(weight && { weight: sharedCopy(Float64Array, weight) }),
      ...(truth && { truth: sharedCopy(Int32Array, truth) }),
    },
    { floats: (length) => shared(Float64Array, length), ints: (length) => shared(Int32Array, length) },
  );
  const blocks = blocksOf(answers);
  const control = shared(Int32Array, 48);
  // Nothing to take until the parameters are there.
  control[NEXT] = blocks;
  const work: Work = { expectation, control };
  // Loaded with the first thread: most programs start none.
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const threads = Array.from({ length: Math.min(workers, blocks) - 1 }, () => {
    // Words of Node.js for the main program, such as --input-type, may not fit a file.
    const options = { workerData: work, execArgv: [] };
    // Without a thread the others take its blocks.
    return new Worker(new URL("./threads-worker.js", import.meta.url), options).on("error", () => {});
  });
  return {
    expectation,
    expectAll() {
      control[DONE] = 0;
      Atomics.store(control, NEXT, 0);
      Atomics.add(control, EPOCH, 1);
      Atomics.notify(control, EPOCH);
      takeBlocks(work);
      for (let done = Atomics.load(control, DONE); done < blocks; done = Atomics.load(control, DONE)) {
        if (Atomics.wait(control, DONE, done, PATIENCE) === "timed-out")
          throw new Error(`a worker thread has not finished its items within ${PATIENCE / 1000} s`);
      }
    },
    end() {
      for (const thread of threads) void thread.terminate();
    },
  };
}

/** Takes blocks until none is left. */
function takeBlocks({ expectation, control }: Work): void {
  const blocks = blocksOf(expectation.answers);
  for (let b = Atomics.add(control, NEXT, 1); b < blocks; b = Atomics.add(control, NEXT, 1)) {
    expectBlock(expectation, b);
    if (Atomics.add(control, DONE, 1) === blocks - 1) Atomics.notify(control, DONE);
  }
}

/** What a worker does until it is terminated. */
export function serve(work: Work): never {
  for (;;) {
    // Read before the blocks run out: what is given out afterwards has another epoch.
    const seen = Atomics.load(work.control, EPOCH);
    takeBlocks(work);
    Atomics.wait(work.control, EPOCH, seen);
  }
}
