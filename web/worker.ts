/**
 * @file The program of the worker that trains for a page. A worker of the user's own imports it after the modules that
 * register environments, algorithms and kinds of policies.
 */

import "../envs/register.js";
import { useAssets } from "../src/assets.js";
import type { Artefact } from "../src/learning/contract.js";
import type { Policy } from "../src/policies/contract.js";
import { train } from "../src/runs/train.js";
import { ASK, type Job, type PackedPolicy, type Report, STOP } from "./messages.js";

/** The part of the worker's global scope that is used here. */
const scope = globalThis as unknown as {
  postMessage(report: Report, transfer?: Transferable[]): void;
  addEventListener(kind: "message", hear: (event: { data: unknown }) => void): void;
};

const stop = new AbortController();
/** Whether the page has asked for the policy so far. */
let isAsked = false;

scope.addEventListener("message", ({ data }) => {
  if (data === STOP) stop.abort();
  else if (data === ASK) isAsked = true;
  else run(data as Job).catch(fail);
});

function fail({ name, message, stack }: Error): void {
  scope.postMessage({ kind: "failed", name, message, stack });
}

async function run({ algorithm, options, assets }: Job): Promise<void> {
  useAssets(assets);
  const result = await train.run(algorithm, {
    ...options,
    options: await unpacked(options.options as Record<string, unknown>),
    signal: stop.signal,
    async onIteration(_row, { artefact }) {
      if (!isAsked) return;
      isAsked = false;
      scope.postMessage({ kind: "artefact", ...(await encoded(artefact())) });
    },
    sinks: [
      {
        write: (table, row) => scope.postMessage({ kind: "row", table, row }),
        close() {},
      },
    ],
  });
  result.close();
  const { artefact, metrics, evaluations, steps, interrupted, outcome } = result;
  const rest = { metrics, evaluations, steps, interrupted, outcome };
  scope.postMessage({ kind: "done", ...(await encoded(artefact)), rest });
}

/** The bytes of a policy or another artefact. */
async function encoded(artefact: Artefact): Promise<{ artefact: Uint8Array; isPolicy: boolean }> {
  const { saveArtefact, savePolicy } = await import("../src/policies/save.js");
  const isPolicy = typeof (artefact as Partial<Policy>).act === "function";
  return { artefact: isPolicy ? savePolicy(artefact as Policy) : saveArtefact(artefact), isPolicy };
}

async function unpacked(options: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const found = { ...options };
  for (const [name, value] of Object.entries(options)) {
    const { packedPolicy } = (value ?? {}) as Partial<PackedPolicy>;
    if (packedPolicy) found[name] = (await import("../src/policies/save.js")).loadPolicy(packedPolicy);
  }
  return found;
}
