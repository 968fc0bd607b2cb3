/**
 * @file Both ends of a child process that trains one seed. The channel between parent and child carries no messages:
 * that it closes is the word to stop, so that a parent that dies takes its children with it, their checkpoints saved.
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { INTERRUPTED } from "./exit-code.js";

/** How a child ended; why, where it failed. */
export type Ending = { status: "finished" | "interrupted" } | { status: "failed"; error: string };

export interface Child {
  ended: Promise<Ending>;
  /** Ends it after the iteration in progress, with a checkpoint. */
  stop(): void;
  kill(): void;
}

/** Marks a process that is such a child. */
const MARK = "UNDERSTUDY_SEED";

/** As much of what a child says as an error message may be long, in characters. */
const LONGEST_ERROR = 8000;

/** Starts the training of one seed: see `worker.ts` for the words. */
export function startChild(words: readonly string[]): Child {
  const worker = fileURLToPath(new URL("./worker.js", import.meta.url));
  const child = spawn(process.execPath, [worker, ...words], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // A group of its own: Ctrl-C in the terminal is for the parent, which stops its children once.
    detached: true,
    windowsHide: true,
    env: { ...process.env, [MARK]: "1" },
  });
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-LONGEST_ERROR);
  });
  let stopped = false;
  const endingOf = (code: number | null, signal: NodeJS.Signals | null): Ending => {
    if (code === 0) return { status: "finished" };
    const interrupted = code === INTERRUPTED || signal === "SIGINT" || (stopped && signal !== null);
    if (interrupted) return { status: "interrupted" };
    return { status: "failed", error: errorIn(said) ?? `ended by ${signal ?? `exit code ${code}`}` };
  };
  const heard = new Promise<void>((resolve) => child.stderr!.on("close", () => resolve()));
  const ended = new Promise<Ending>((resolve) => {
    child.on("error", ({ message }) => resolve({ status: "failed", error: message }));
    // Not "close", which never comes once this side has closed the channel.
    child.on("exit", async (code, signal) => {
      await heard;
      resolve(endingOf(code, signal));
    });
  });
  return {
    ended,
    stop() {
      stopped = true;
      if (child.connected) child.disconnect();
    },
    kill() {
      stopped = true;
      child.kill("SIGKILL");
    },
  };
}

/** The error that the child printed last, if it printed one. */
function errorIn(said: string): string | undefined {
  const at = said.lastIndexOf("understudy: ");
  return at < 0 ? undefined : said.slice(at + "understudy: ".length).trim();
}

/** In the child: when the parent says so, or is no more, the run ends as Ctrl-C would end it. */
export function stopWithParent(): void {
  if (process.env[MARK] === undefined) return;
  const stop = () => process.kill(process.pid, "SIGINT");
  // Nobody may be there to read what is said on the way out.
  process.stderr.on("error", () => {});
  if (process.connected === false) stop();
  process.once("disconnect", stop);
  process.channel?.unref();
}
