#!/usr/bin/env node
/** @file The `understudy-rl` command. */

const words = process.argv.slice(2);

/** Words with which a command only prints something. */
const PRINTS = ["--help", "--version", "--print-config"];

/**
 * Whether a command needs a supervisor: if it handles signals, which only `train` does, and on systems that have them.
 * With a debugger it has none, because both processes would open the same port.
 */
function needsSupervisor([command, ...words]: readonly string[]): boolean {
  return (
    command === "train" &&
    process.platform !== "win32" &&
    !words.some((word) => PRINTS.includes(word)) &&
    !process.execArgv.some((option) => option.startsWith("--inspect"))
  );
}

const run = async () => (await import("./cli.js")).runCli(words);

// Help needs none of the supervisor's modules.
if (needsSupervisor(words)) await (await import("./supervisor.js")).supervised(run);
else await run();
