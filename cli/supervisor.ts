/**
 * @file A small process that starts the command, and passes signals on to it.
 *
 * Node.js handles signals on the main thread, which is deaf during an iteration, in an environment that hangs, and while
 * it waits for worker threads or Python. The supervisor's main thread is idle: its second signal kills the command,
 * whatever that does. When the supervisor itself is killed, the command ends with it, through a pipe.
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { INTERRUPTED } from "../src/runs/exit-code.js";
import { type EndSignal, onSignals } from "../src/runs/interrupt.js";
import { endWithPipe } from "../src/runs/lifeline.js";

/** Environment variable that marks the supervised process. */
const MARK = "UNDERSTUDY_SUPERVISED";

/** The descriptor of the pipe in the supervised process. */
const PIPE = 3;

/** Time that the command has to end by itself after the second signal, for example to kill its children (ms). */
const PATIENCE = 400;

/** Time after the first signal after which the user learns what the command is waiting for (ms). */
const ANNOUNCED = 1000;

/** Runs a command line supervised in a child process, or in this process if that is the child. */
export async function supervised(run: () => Promise<unknown>): Promise<void> {
  if (process.env[MARK] !== undefined) {
    // Not for the processes that this one starts.
    delete process.env[MARK];
    endWithPipe(PIPE);
    await run();
  } else if (!(await supervise())) await run();
}

/** Starts this program again and ends as it does. @returns false if it cannot be started */
function supervise(): Promise<boolean> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
    env: { ...process.env, [MARK]: "1" },
  });
  let asked: EndSignal | undefined;
  let announcement: NodeJS.Timeout | undefined;
  const stop = onSignals(
    (signal) => {
      asked = signal;
      child.kill(signal);
      announcement = setTimeout(() => say(waitsAfter(signal)), ANNOUNCED);
    },
    (signal) => {
      asked = signal;
      child.kill(signal);
      setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    },
  );
  return new Promise((resolve) => {
    child.once("error", () => {
      stop();
      resolve(false);
    });
    child.once("exit", (code, signal) => {
      stop();
      clearTimeout(announcement);
      // Signals that the user did not send, such as that of a crash, are reported as they are.
      if (signal !== null && asked === undefined) {
        say(crashedBy(signal));
        process.kill(process.pid, signal);
      }
      process.exit(exitCodeOf(code, asked ?? signal));
    });
  });
}

const say = (message: string) => void process.stderr.write(`understudy-rl: ${message}\n`);

const waitsAfter = (signal: EndSignal) =>
  `${signal}: the command ends after the iteration or evaluation in progress, which may take long, or hang in the ` +
  `environment; a second ${signal === "SIGINT" ? "Ctrl-C" : signal} ends it at once, without what it has done since ` +
  "the last checkpoint";

const crashedBy = (signal: NodeJS.Signals) =>
  `the process was ended by ${signal} before the command had finished, so results are missing or incomplete: it ran ` +
  "out of memory, or the environment or a native module failed; a run that has checkpoints resumes with --resume";

/** The exit code for the end of the supervised process: its own, or that of the signal that ended it, as in shells. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  const isEndedBySignal = code === null || code === INTERRUPTED;
  return isEndedBySignal && signal !== null ? 128 + constants.signals[signal] : (code ?? 1);
}
