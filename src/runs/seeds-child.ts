/**
 * @file A child process that trains one seed, from the parent's and from the child's side. The channel between them
 * carries no messages. When it closes, the child stops with a checkpoint, so children also stop when the parent dies.
 * A child that then hangs is killed, by the lifeline.
 */

import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { INTERRUPTED } from "./exit-code.js";
import { endWithPipe } from "./lifeline.js";
import { NOTE } from "./sinks/notes.js";

/** The status of a child that has ended, with the error of a failed one. */
export type Ending = { status: "finished" | "interrupted" } | { status: "failed"; error: string };

export interface Child {
  ended: Promise<Ending>;
  /** Ends the child after its current iteration, with a checkpoint. */
  stop(): void;
  kill(): void;
}

/** Environment variable that marks a child process. */
const MARK = "UNDERSTUDY_SEED";

/** The descriptor of the lifeline in a child. */
const LIFELINE = 4;

/** Time in which a child ends its iteration after the death of its parent (ms). */
const PATIENCE = 30_000;

/** Number of characters of the child's error output that are kept. */
const LONGEST_ERROR = 8000;

/**
 * Starts the training of one seed; see `seeds-worker.ts` for the arguments.
 *
 * @param onNote receives the notes of the run, such as that a checkpoint is damaged
 */
export function startChild(
  words: readonly string[],
  modules: readonly string[],
  onNote: (note: string) => void,
): Child {
  const worker = fileURLToPath(new URL("./seeds-worker.js", import.meta.url));
  const imports = modules.flatMap((url) => ["--import", url]);
  const child = spawn(process.execPath, [...imports, worker, ...words], {
    stdio: ["ignore", "ignore", "pipe", "ipc", "pipe"],
    // A separate process group: Ctrl-C in the terminal reaches only the parent, which stops its children.
    detached: true,
    windowsHide: true,
    env: { ...process.env, [MARK]: "1" },
  });
  (child.stdio[LIFELINE] as Socket).unref();
  let output = "";
  createInterface({ input: child.stderr! }).on("line", (line) => {
    if (line.startsWith(NOTE)) onNote(line.slice(NOTE.length));
    else output = `${output}${line}\n`.slice(-LONGEST_ERROR);
  });
  let stopped = false;
  const endingOf = (code: number | null, signal: NodeJS.Signals | null): Ending => {
    if (code === 0) return { status: "finished" };
    const interrupted = code === INTERRUPTED || signal === "SIGINT" || (stopped && signal !== null);
    if (interrupted) return { status: "interrupted" };
    return { status: "failed", error: errorIn(output) ?? `ended by ${signal ?? `exit code ${code}`}` };
  };
  const heard = new Promise<void>((resolve) => child.stderr!.on("close", () => resolve()));
  const ended = new Promise<Ending>((resolve) => {
    child.on("error", ({ message }) => resolve({ status: "failed", error: message }));
    // Not "close", which is not emitted after this side has closed the channel.
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

/** The last error that the child printed, if any. */
function errorIn(output: string): string | undefined {
  const at = output.lastIndexOf("understudy-rl: ");
  return at < 0 ? undefined : output.slice(at + "understudy-rl: ".length).trim();
}

/** In the child: when the channel closes, ends the run as Ctrl-C would. */
export function stopWithParent(): void {
  if (process.env[MARK] === undefined) return;
  const stop = () => process.kill(process.pid, "SIGINT");
  // The parent may no longer read the output.
  process.stderr.on("error", () => {});
  if (process.connected === false) stop();
  process.once("disconnect", stop);
  endWithPipe(LIFELINE, PATIENCE);
  process.channel?.unref();
}
