/** @file The command line: finds the command, runs it, and turns whatever goes wrong into one line and an exit code. */

import yargs from "yargs";
import { isModulePath } from "../src/config/references.js";
import { didYouMean, UsageError } from "../src/errors.js";
import { exitCodeOf } from "../src/runs/index.js";
import { readConfig } from "../src/runs/inputs.js";
import { packageVersion } from "../src/runs/provenance.js";
import { findAlgorithm } from "../src/runs/resolve.js";
import type { RunSpec } from "../src/runs/spec.js";
import { type Command, parsing, yargsCommand } from "./command.js";
import { algorithmsCommand } from "./commands/algorithms.js";
import { collectCommand } from "./commands/collect.js";
import { compareCommand } from "./commands/compare.js";
import { convertCommand } from "./commands/convert.js";
import { envsCommand } from "./commands/envs.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { expertsCommand } from "./commands/experts.js";
import { exportCommand } from "./commands/export.js";
import { reportCommand } from "./commands/report.js";
import { trainCommand, trainCommands, wordFor } from "./commands/train.js";
import { spelledOut } from "./options.js";
import { recordIn } from "./train-options.js";

const commands = [
  collectCommand,
  convertCommand,
  evaluateCommand,
  compareCommand,
  reportCommand,
  exportCommand,
  envsCommand,
  algorithmsCommand,
  expertsCommand,
] as Command[];

/** Runs a command line, without `node` and the script. The exit code goes to `process.exitCode`. */
export async function runCli(words: string[]): Promise<void> {
  // `understudy report | head` closes the pipe early: that is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  try {
    const { commands, words: known } = await withAlgorithm(words);
    await parser(commands).parseAsync(known);
  } catch (error) {
    const shown = isParserError(error) ? new UsageError(error.message, { cause: error }) : (error as Error);
    const verbose = words.includes("--verbose") || process.env.UNDERSTUDY_DEBUG === "1";
    process.stderr.write(`understudy: ${verbose ? shown.stack : shown.message}\n`);
    process.exitCode = exitCodeOf(shown);
  }
}

/**
 * The commands of `train`, and the words with the algorithm first: named by a word, by `--algorithm`, or by the record of a
 * run. An algorithm has to be known before its options are parsed: also one in a module, and what comes in kinds.
 */
async function withAlgorithm(words: string[]): Promise<{ commands: Command[]; words: string[] }> {
  if (words[0] !== "train") return { commands: trainCommands, words };
  const { algorithm, rest } = await algorithmIn(words.slice(1));
  if (algorithm === undefined) return { commands: trainCommands, words };
  const isOurs = typeof algorithm === "string" && !isModulePath(algorithm);
  const commands = isOurs ? trainCommands : [trainCommand(await findAlgorithm(algorithm))];
  const word = wordFor(algorithm);
  const command = commands.find(({ name, aliases = [] }) =>
    [name, ...aliases].some((known) => known.split(" ").at(-1) === word),
  );
  const all = ["train", word, ...rest];
  return { commands, words: command ? spelledOut(command.schema, all) : all };
}

/** The algorithm that the words after `train` name, and the other words. */
async function algorithmIn(words: string[]): Promise<{ algorithm?: RunSpec["algorithm"]; rest: string[] }> {
  const [first, ...others] = words;
  if (first !== undefined && !first.startsWith("-")) return { algorithm: first, rest: others };
  const at = words.findIndex((word) => /^--algorithm(=|$)/.test(word));
  if (at >= 0) {
    const [, inline] = words[at].split("=");
    const taken = inline === undefined ? 2 : 1;
    return { algorithm: inline ?? words[at + 1], rest: words.toSpliced(at, taken) };
  }
  const wordAfter = (flag: string) =>
    words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1) ??
    (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
  const file = wordAfter("--config");
  if (file !== undefined) return { algorithm: (await readConfig(file)).algorithm as string, rest: words };
  const out = words.includes("--resume") ? wordAfter("--out") : undefined;
  return { algorithm: out === undefined ? undefined : recordIn(out)?.algorithm, rest: words };
}

function parser(trainCommands: Command[]) {
  const names = ["train", ...commands.map(({ name }) => name)];
  const cli = yargs()
    .scriptName("understudy")
    .usage("understudy <command> [options]\n\nAgents that learn from people.")
    .version(packageVersion())
    .locale("en")
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .parserConfiguration(parsing)
    // Errors come here as they are.
    .exitProcess(false)
    .fail(false)
    .command({
      command: "train",
      describe: "train an algorithm on an environment",
      builder: (y) => {
        y.usage("understudy train <algorithm> [options]\n\nTrains an algorithm on an environment.");
        for (const command of trainCommands) y.command(yargsCommand(command));
        return y
          .command(
            fallback(
              "train",
              "algorithm",
              trainCommands.map(({ name }) => name.split(" ")[1]),
            ),
          )
          .epilogue(
            "Example: understudy train ppo --env CartPole-v1 --seed 1\nOptions: understudy train ppo --help",
          );
      },
      handler: () => {},
    });
  for (const command of commands) cli.command(yargsCommand(command));
  return cli
    .command(fallback("", "command", names))
    .epilogue(
      "Example: understudy train ppo --env CartPole-v1 --seed 1\nOptions: understudy evaluate --help",
    );
}

/** Meets the words that no command meets. */
const fallback = (parent: string, what: string, known: string[]) => ({
  command: `$0 [${what}]`,
  describe: false as const,
  handler: ({ [what]: word }: Record<string, unknown>) => {
    const typed = ["understudy", parent].filter(Boolean).join(" ");
    if (word === undefined) throw new UsageError(`which ${what}? ${known.join(", ")}; see ${typed} --help`);
    throw new UsageError(`unknown ${what} "${word}"${didYouMean(String(word), known)}`);
  },
});

const isParserError = (error: unknown): error is Error => error instanceof Error && error.name === "YError";
