/** @file The command line: finds the command, runs it, and reports errors as one line and an exit code. */

import { fileURLToPath } from "node:url";
import yargs, { type CommandModule } from "yargs";
import { TOO_MANY_FILES, UsageError } from "../src/errors.js";
import { exitCodeOf } from "../src/runs/exit-code.js";
import { packageVersion } from "../src/runs/package-version.js";
import { printable } from "../src/runs/printable.js";
import type { Command } from "./command.js";
import { fallback } from "./fallback.js";
import { parsing } from "./parsing.js";

/** A command whose code is loaded when the command is used, for a short start-up time. */
interface Listed {
  name: string;
  summary: string;
  load(): Promise<Command>;
}

const commands: readonly Listed[] = [
  {
    name: "collect",
    summary: "record whole episodes of a policy as demonstrations in a folder",
    load: async () => (await import("./commands/collect.js")).collectCommand as Command,
  },
  {
    name: "convert",
    summary: "convert demonstrations from Minari, D4RL, imitation or LeRobot, or to Minari or LeRobot",
    load: async () => (await import("./commands/convert.js")).convertCommand as Command,
  },
  {
    name: "evaluate",
    summary: "estimate a policy's mean return over whole episodes, with a 95 % interval",
    load: async () => (await import("./commands/evaluate.js")).evaluateCommand as Command,
  },
  {
    name: "compare",
    summary: "compare a learner with an expert: gap in value, its bounds, and disagreement of actions",
    load: async () => (await import("./commands/compare.js")).compareCommand as Command,
  },
  {
    name: "watch",
    summary: "show episodes of a policy in a page, or write them as a replay, GIF or video",
    load: async () => (await import("./commands/watch.js")).watchCommand as Command,
  },
  {
    name: "playground",
    summary: "serve a page to try environments and algorithms in: learning curve, acting policy, value maps",
    load: async () => (await import("./commands/playground.js")).playgroundCommand as Command,
  },
  {
    name: "teach",
    summary: "serve a page where people answer a run's questions and demonstrate",
    load: async () => (await import("./commands/teach.js")).teachCommand as Command,
  },
  {
    name: "report",
    summary: "write the report of a run, or the comparison of several, as one HTML file with charts",
    load: async () => (await import("./commands/report.js")).reportCommand as Command,
  },
  {
    name: "export",
    summary: "export a policy's network with its weights as an ONNX file",
    load: async () => (await import("./commands/export.js")).exportCommand as Command,
  },
  {
    name: "compare-segments",
    summary: "collect comparisons of a policy's segments, by you, by files or by a synthetic annotator",
    load: async () => (await import("./commands/compare-segments.js")).compareSegmentsCommand as Command,
  },
  {
    name: "preferences",
    summary: "describe a folder of comparisons: counts, and the consistency of each annotator",
    load: async () => (await import("./commands/preferences.js")).preferencesCommand as Command,
  },
  {
    name: "annotators",
    summary: "how reliable each annotator is, what they take for what, and who copies",
    load: async () => (await import("./commands/annotators.js")).annotatorsCommand as Command,
  },
  {
    name: "aggregate",
    summary: "infer labels, and whom to trust, from the answers of several annotators",
    load: async () => (await import("./commands/aggregate.js")).aggregateCommand as Command,
  },
  {
    name: "label",
    summary: "label the items that a classifier asks about, at a web page, at this terminal or by files",
    load: async () => (await import("./commands/label.js")).labelCommand as Command,
  },
  {
    name: "compare-acquisition",
    summary: "compare rules that choose what to label, over seeds, on data with labels",
    load: async () =>
      (await import("./commands/compare-acquisition.js")).compareAcquisitionCommand as Command,
  },
  {
    name: "envs",
    summary: "list the environments, describe one with its options, or check one of your own",
    load: async () => (await import("./commands/envs.js")).envsCommand as Command,
  },
  {
    name: "algorithms",
    summary: "list the algorithms; train ALGORITHM --help shows the options of one",
    load: async () => (await import("./commands/algorithms.js")).algorithmsCommand as Command,
  },
  {
    name: "experts",
    summary: "list the trained experts of the package; commands that take a policy accept expert:ID",
    load: async () => (await import("./commands/experts.js")).expertsCommand as Command,
  },
  {
    name: "assets",
    summary: "copy what a web page fetches into a folder: scripts, WebAssembly and experts",
    load: async () => (await import("./commands/assets.js")).assetsCommand as Command,
  },
];

const TRAIN = "train an algorithm on an environment";

/** Runs a command line, without `node` and the script. The exit code goes to `process.exitCode`. */
export async function runCli(words: string[]): Promise<void> {
  // `understudy-rl report | head` closes the pipe early: that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.off("exit", onEarlyExit);
    process.exit(0);
  });
  process.on("exit", onEarlyExit);
  const verbose = words.includes("--verbose") || process.env.UNDERSTUDY_DEBUG === "1";
  // A timer or a promise of a module may throw at any time, also after the command has ended.
  process.on("uncaughtException", (error: unknown) => {
    const { message, stack = "" } = error instanceof Error ? error : { message: String(error) };
    const text = printable(verbose && stack ? stack : `${message}${placeIn(stack)}${wayOut(message)}`);
    process.stderr.write(
      `understudy-rl: an error that nothing caught, such as one of a timer or a promise of a module: ${text}; what ` +
        "was saved before is kept, and a run that has checkpoints resumes with --resume\n",
    );
    process.off("exit", onEarlyExit);
    process.exit(1);
  });
  try {
    await parse(words);
  } catch (error) {
    const shown = isParserError(error) ? new UsageError(error.message, { cause: error }) : error;
    // A module may throw any value.
    const { message, stack } = shown instanceof Error ? shown : { message: String(shown) };
    const text = verbose && stack ? stack : message;
    process.stderr.write(`understudy-rl: ${printable(text)}${wayOut(message)}\n`);
    process.exitCode = exitCodeOf(shown);
  } finally {
    process.off("exit", onEarlyExit);
  }
}

/** What to do about an error of the operating system while a module is loaded, with a semicolon before it. */
const wayOut = (message: string) =>
  /\bE[MN]FILE\b/.test(message) && !message.includes(TOO_MANY_FILES) ? `; ${TOO_MANY_FILES}` : "";

/** The first place in a file that a stack names, with a comma before it; empty without one. */
function placeIn(stack: string): string {
  const [, place] = /^ +at (?:.*\()?((?:file:|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?$/m.exec(stack) ?? [];
  if (place === undefined) return "";
  return `, at ${place.startsWith("file:") ? fileURLToPath(place) : place}`;
}

/** Reports that the process ends before the command does, such as by `process.exit(0)` in an environment. */
function onEarlyExit(code: number): void {
  // Exit codes above 128 are those of signals.
  if (code > 128) return;
  process.exitCode = code === 0 ? 1 : code;
  process.stderr.write(
    "understudy-rl: the process was ended before the command had finished, so results are missing or incomplete: a " +
      `module, such as that of the environment, called process.exit(${code}) or left nothing to wait for\n`,
  );
}

/** Loads the command that the words name, and runs it. */
async function parse(words: string[]): Promise<void> {
  const names = ["train", ...commands.map(({ name }) => name)];
  const asked = names.find((name) => words.includes(name));
  const training = asked === "train" ? await (await import("./train-words.js")).trainingOf(words) : undefined;
  const cli = yargs()
    .scriptName("understudy-rl")
    .usage("understudy-rl <command> [options]\n\nAgents that learn from people.")
    .version(packageVersion())
    .locale("en")
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .parserConfiguration(parsing)
    // Errors come here as they are.
    .exitProcess(false)
    .fail(false)
    .command(
      training ? { ...training.module, describe: TRAIN } : { command: "train", describe: TRAIN, handler },
    );
  let typed = training?.words ?? words;
  for (const { name, summary, load } of commands) {
    if (name !== asked) {
      cli.command({ command: name, describe: summary, handler });
      continue;
    }
    const command = await load();
    cli.command(await moduleOf(command, summary));
    typed = (await import("./options.js")).spelledOut(command.schema, words);
  }
  await cli
    .command(fallback("", "command", names))
    .epilogue(
      "Example: understudy-rl train ppo --env CartPole-v1 --seed 1\nOptions: understudy-rl evaluate --help",
    )
    .parseAsync(typed);
}

const handler = () => {};

async function moduleOf(command: Command, summary: string): Promise<CommandModule> {
  const { yargsCommand } = await import("./command.js");
  return yargsCommand(command, summary);
}

const isParserError = (error: unknown): error is Error => error instanceof Error && error.name === "YError";
