/**
 * @file The program of the worker that trains for a page. A worker of the user's own imports it after the modules that
 * register environments, algorithms and kinds of policies.
 */

import "../envs/index.js";
import { useAssets } from "../src/assets.js";
import type { Policy } from "../src/policies/contract.js";
import { loadPolicy, saveArtefact, savePolicy } from "../src/policies/save.js";
import { train } from "../src/runs/train.js";
import { type Job, type PackedPolicy, type Report, STOP } from "./messages.js";

/** The part of the worker's global scope that is used here. */
const scope = globalThis as unknown as {
  postMessage(report: Report, transfer?: Transferable[]): void;
  addEventListener(kind: "message", hear: (event: { data: unknown }) => void): void;
};

const stop = new AbortController();

scope.addEventListener("message", ({ data }) => {
  if (data === STOP) stop.abort();
  else run(data as Job).catch(fail);
});

function fail({ name, message, stack }: Error): void {
  scope.postMessage({ kind: "failed", name, message, stack });
}

async function run({ algorithm, options, assets }: Job): Promise<void> {
  useAssets(assets);
  const result = await train.run(algorithm, {
    ...options,
    options: unpacked(options.options as Record<string, unknown>),
    signal: stop.signal,
    progress: { write: (text: string) => scope.postMessage({ kind: "note", text }) },
    sinks: [
      {
        write: (table, row) => scope.postMessage({ kind: "row", table, row }),
        close() {},
      },
    ],
  });
  result.close();
  const { artefact, metrics, evaluations, steps, interrupted, outcome } = result;
  const isPolicy = typeof (artefact as Partial<Policy>).act === "function";
  const bytes = isPolicy ? savePolicy(artefact) : saveArtefact(artefact);
  const rest = { metrics, evaluations, steps, interrupted, outcome };
  scope.postMessage({ kind: "done", artefact: bytes, isPolicy, rest }, [bytes.buffer as ArrayBuffer]);
}

const unpacked = (options: Record<string, unknown> = {}) =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const { packedPolicy } = (value ?? {}) as Partial<PackedPolicy>;
      return [name, packedPolicy ? loadPolicy(packedPolicy) : value];
    }),
  );
