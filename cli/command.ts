/** @file A command: a schema of options and a function. This file holds the common part of all commands. */

import type { Argv, CommandModule } from "yargs";
import * as z from "zod";
import { bare } from "../src/config/describe-options.js";
import { merge } from "../src/config/merge.js";
import { resolveOptions } from "../src/config/options.js";
import { UsageError } from "../src/errors.js";
import { printable } from "../src/runs/printable.js";
import { modulesIn, type Trust } from "../src/runs/trust.js";
import { flagOf, lenient, optionNames, select, typedValues, type Values, yargsOptions } from "./options.js";

export interface Command<S extends z.ZodObject = z.ZodObject> {
  /** The words after `understudy-rl`, for example `train ppo`. */
  name: string;
  aliases?: string[];
  schema: S;
  /** Positional fields of the schema, typed without a flag, in order; the last one may be a list. */
  positionals?: string[];
  /** Fields that `--help` lists under a separate heading, by heading. */
  groups?: Record<string, string[]>;
  /** Example command lines, without `understudy-rl`. */
  examples: string[];
  /** Default values, which typed values override; by default the content of the `--config` file. */
  defaults?(file: Values, typed: Values, trust: Trust): Promise<Values>;
  /** The output of `--print-config`; by default the options by name. */
  resolved?(options: z.output<S>, given: Values, trust: Trust): Promise<Values>;
  /**
   * @param given the options without the defaults of the schema
   * @param trust the modules that may be imported: those that are typed
   */
  run(options: z.output<S>, given: Values, trust: Trust): Promise<void>;
}

/** Options of every command. */
const common = {
  config: { describe: "JSON file with options; flags take precedence", requiresArg: true },
  "print-config": {
    describe: "print every option with its value as JSON, and exit",
    type: "boolean",
  },
  import: {
    describe:
      "modules to import first, such as one that calls definePolicy or defineNetwork, with commas between them",
    requiresArg: true,
  },
  trust: {
    describe: "import the modules that files name too, such as the config.json of a run",
    type: "boolean",
  },
  verbose: { describe: "print the stack trace of an error", type: "boolean" },
} as const;

/** Names of options that every command has. */
export const commonNames: readonly string[] = [
  ...Object.keys(common).map((name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())),
  "help",
  "version",
];

/** A command as a module of yargs. */
export function yargsCommand<S extends z.ZodObject>(command: Command<S>, summary: string): CommandModule {
  const { name, schema, positionals = [], examples, aliases = [] } = command;
  const flagged = select(schema, (field) => !positionals.includes(field));
  const words = name.split(" ");
  // yargs would keep only the last word of a list, so lists are read from the rest of the words.
  const list = positionals.find((field) => bare(schema.shape[field]) instanceof z.ZodArray);
  const single = positionals.filter((field) => field !== list);

  return {
    command: [[...words.slice(-1), ...single.map((field) => `[${field}]`)].join(" "), ...aliases],
    describe: summary,
    builder: (yargs: Argv) => {
      const usage = [
        "understudy-rl",
        name,
        ...positionals.map((field) => `<${field}${field === list ? ".." : ""}>`),
        "[options]",
      ].join(" ");
      yargs.usage(`${usage}\n\n${summary}`).options(yargsOptions(flagged)).options(common);
      for (const [title, fields] of Object.entries(command.groups ?? {})) {
        yargs.group(optionNames(select(schema, (field) => fields.includes(field))), title);
      }
      for (const field of positionals) yargs.positional(field, { describe: schema.shape[field].description });
      return yargs.epilogue(examples.map((example) => `Example: understudy-rl ${example}`).join("\n"));
    },
    handler: async ({
      _: rest,
      $0: _script,
      config,
      printConfig,
      import: first,
      trust: all,
      verbose: _verbose,
      ...argv
    }) => {
      const listed = rest.slice(words.length).map(String);
      if (list === undefined && listed.length > 0) {
        throw new UsageError(`${name}: unexpected argument "${listed[0]}"`);
      }
      // Registers the environments; help does without them.
      await import("../envs/index.js");
      if (first !== undefined)
        await (await import("../src/runs/modules.js")).importFirst(String(first).split(","));
      const typed = typedValues(schema, { ...argv, ...(list && listed.length > 0 && { [list]: listed }) });
      const file =
        config === undefined ? {} : await (await import("../src/runs/inputs.js")).readConfig(String(config));
      const trust = all === true || modulesIn([typed.env]);
      const under = command.defaults ? await command.defaults(file, typed, trust) : file;
      const given = merge(merge({}, under, schema), typed, schema);
      const missing = Object.keys(schema.shape).filter(
        (field) => given[field] === undefined && !schema.shape[field].safeParse(undefined).success,
      );
      if (printConfig) {
        // --print-config works without required options.
        const options = resolveOptions(name, lenient(schema, missing), given) as z.output<S>;
        printJson((await command.resolved?.(options, given, trust)) ?? options);
        return;
      }
      if (missing.length > 0) {
        const [field] = missing;
        const what = positionals.includes(field) ? `<${field}>` : flagOf(field);
        throw new UsageError(`${name} needs ${what}: ${schema.shape[field].description}`);
      }
      await command.run(resolveOptions(name, schema, given), given, trust);
    },
  };
}

/** A line on standard output. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** A line on standard error, where there is one to write: notes and warnings. */
export function warn(text: string | undefined): void {
  if (text !== undefined) process.stderr.write(`${printable(text)}\n`);
}

/** A value as JSON on standard output; typed arrays as plain ones. */
export function printJson(value: unknown): void {
  const plain = (_: string, node: unknown) =>
    ArrayBuffer.isView(node) ? Array.from(node as Float64Array) : node;
  print(JSON.stringify(value, plain, 2));
}
