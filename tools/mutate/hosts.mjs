/** @file Starts and ends the processes that run tests on mutants. */

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("host.mjs", import.meta.url));
const living = new Set();

/** Ends a process and those that it started. */
function end(child) {
  living.delete(child);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** Ends all of them, also if this process is stopped. */
export const endAll = () => {
  for (const child of living) end(child);
};
process.on("exit", endAll);

/** A process for one request after another. It starts again after a request that did not end. */
export function createHost(root) {
  let child;
  const answer = () =>
    new Promise((resolve) => {
      const settle = (value) => {
        child.removeAllListeners("message").removeAllListeners("exit");
        resolve(value);
      };
      child.once("message", settle);
      child.once("exit", () => settle({ crashed: true }));
    });
  async function start() {
    let errors = "";
    child = fork(program, [root], { detached: true, stdio: ["ignore", "ignore", "pipe", "ipc"] });
    living.add(child);
    child.stderr.on("data", (data) => {
      errors = (errors + data).slice(-4000);
    });
    const { ready } = await answer();
    if (!ready) throw new Error(`vitest did not start:\n${errors}`);
  }
  return {
    /** Runs tests; `{ failed?, seconds }`, `{ timeout: true }` or `{ crashed: true }`. */
    async run(request) {
      if (!child) await start();
      const reply = answer();
      child.send(request);
      const result = await reply;
      if (result.timeout || result.crashed) {
        end(child);
        child = undefined;
      }
      return result;
    },
    end: () => child && end(child),
  };
}
