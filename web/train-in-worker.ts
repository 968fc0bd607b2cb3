/** @file `trainInWorker`: trains in a worker of the browser, so that the page stays responsive. */

import { assetAt } from "../src/assets.js";
import { FormatError, UsageError } from "../src/errors.js";
import type { Policy } from "../src/policies/contract.js";
import type { MetricSink, Row } from "../src/runs/sinks/sink.js";
import type { TrainByNameOptions } from "../src/runs/train.js";
import { ASK, type Job, type Report, type RunSummary, STOP } from "./messages.js";

type Plain = Omit<
  TrainByNameOptions,
  | "progress"
  | "handleInterrupt"
  | "trust"
  | "workers"
  | "workerTimeout"
  | "sinks"
  | "onIteration"
  | "onEvaluation"
>;

/** The run in the worker, for the functions that get its rows. */
export interface WorkerRun {
  /** Ends the run after the current iteration. */
  stop(): void;
  /** The policy so far, after the current iteration. */
  artefact(): Promise<Policy>;
}

/** Options of `trainInWorker`: those of `train` with the name of an algorithm, which run in the page where they are functions. */
export interface TrainInWorkerOptions extends Plain {
  /** Called with the metrics of every iteration. The worker does not wait for it. */
  onIteration?: (row: Row, run: WorkerRun) => void;
  /** Called with every evaluation. */
  onEvaluation?: (row: Row, run: WorkerRun) => void;
  /** Objects that receive the rows, in the page. */
  sinks?: readonly MetricSink[];
  /**
   * The worker, or its address. Unset: that of this package. One of your own registers your environments and then
   * imports `understudy-rl/worker`: pass `new Worker(new URL("./worker.js", import.meta.url), { type: "module" })`. It is
   * ended when the run ends.
   */
  worker?: Worker | string | URL;
}

/** The result of a run in a worker. */
export interface WorkerRunResult extends RunSummary {
  policy: Policy;
}

/**
 * Trains an algorithm in a worker, and returns its policy, as `train` does. Demonstrations and experts among the options
 * are copied to the worker. `trainInWorker.run` also returns the metrics.
 *
 * @throws UsageError for what `train` refuses, for options that cannot be sent to a worker, and when the worker does not
 * start
 */
export async function trainInWorker(algorithm: string, options: TrainInWorkerOptions): Promise<Policy> {
  return (await run(algorithm, options)).policy;
}

trainInWorker.run = run;

async function run(
  algorithm: string,
  { worker: given, signal, onIteration, onEvaluation, sinks = [], ...options }: TrainInWorkerOptions,
): Promise<WorkerRunResult> {
  const job = await packed(algorithm, options);
  const worker = given instanceof Worker ? given : start(given);
  const stop = () => worker.postMessage(STOP);
  const asked: ((policy: Promise<Policy>) => void)[] = [];
  const run: WorkerRun = {
    stop,
    artefact: () =>
      new Promise((resolve) => {
        asked.push(resolve);
        worker.postMessage(ASK);
      }),
  };
  try {
    return await new Promise<WorkerRunResult>((resolve, reject) => {
      worker.onerror = (event) => {
        event.preventDefault?.();
        reject(notStarted(event.message));
      };
      worker.onmessageerror = () => reject(new Error("a message of the worker cannot be read"));
      worker.onmessage = ({ data }: MessageEvent<Report>) => {
        if (data.kind === "failed") reject(errorOf(data));
        else if (data.kind === "row") {
          for (const sink of sinks) void sink.write(data.table, data.row);
          (data.table === "metrics" ? onIteration : onEvaluation)?.(data.row, run);
        } else {
          const policy = restored(data);
          for (const resolve of asked.splice(0)) resolve(policy);
          if (data.kind === "done") policy.then((found) => resolve({ ...data.rest, policy: found }), reject);
        }
      };
      worker.postMessage(job);
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop);
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    worker.terminate();
    for (const sink of sinks) await sink.close();
  }
}

/** A new worker; workers cannot be started from another site. */
function start(address: string | URL | undefined): Worker {
  if (globalThis.Worker === undefined) return needsBrowser();
  const settings = { type: "module", name: "understudy-rl" } as const;
  const at = address ?? assetAt("worker.js");
  if (at !== undefined) return new Worker(at, settings);
  // Bundlers read this expression and bundle the worker, which the build puts beside the bundle.
  return new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "understudy-rl" });
}

const needsBrowser = (): never => {
  throw new UsageError("trainInWorker starts a worker of a browser: in Node.js use train");
};

function notStarted(message: string | undefined): Error {
  if (message) return new Error(`the worker failed: ${message}`);
  return new UsageError(
    "the worker did not start: its script was not found. Serve the folder that `npx understudy-rl assets FOLDER` writes, " +
      "and pass its address to useAssets; or pass a worker of your own",
  );
}

/** The options as data, with policies as bytes. @throws UsageError for others that a worker cannot receive */
async function packed(algorithm: string, options: Omit<TrainInWorkerOptions, "worker">): Promise<Job> {
  if (typeof algorithm !== "string") {
    throw new UsageError(
      'trainInWorker: the first argument must be the name of an algorithm, such as "ppo", with its options in `options`',
    );
  }
  const { options: given = {}, ...rest } = options;
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    own[name] = isPolicy(value)
      ? { packedPolicy: (await import("../src/policies/save.js")).savePolicy(value) }
      : cloned(name, value);
  }
  for (const [name, value] of Object.entries(rest)) cloned(name, value);
  return { algorithm, options: { ...rest, options: own }, assets: assetAt("") };
}

const isPolicy = (value: unknown): value is Policy =>
  typeof (value as Partial<Policy> | null | undefined)?.act === "function" &&
  typeof (value as Policy).toData === "function";

/** The value, which can be copied to a worker. */
function cloned(name: string, value: unknown): unknown {
  try {
    structuredClone(value);
    return value;
  } catch (cause) {
    throw new UsageError(
      `trainInWorker: option "${name}" cannot be sent to a worker, as it is code: register it by an id in a worker of ` +
        "your own (option worker), or train in the page",
      { cause },
    );
  }
}

/** The error of the worker, of the same class. */
function errorOf({ name, message, stack }: Extract<Report, { kind: "failed" }>): Error {
  const classes: Record<string, new (message: string) => Error> = { UsageError, FormatError };
  const error = new (classes[name] ?? Error)(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

async function restored({
  artefact,
  isPolicy,
}: {
  artefact: Uint8Array;
  isPolicy: boolean;
}): Promise<Policy> {
  const { loadArtefact, loadPolicy } = await import("../src/policies/save.js");
  return isPolicy ? loadPolicy(artefact) : (loadArtefact(artefact) as unknown as Policy);
}
