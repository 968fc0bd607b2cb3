/** @file Command-line options from zod schemas: flags, help, defaults and checks are derived from a schema. */

import type { Options } from "yargs";
import * as z from "zod";
import {
  bare,
  describeOption,
  type OptionDescription,
  show,
  showType,
} from "../src/config/describe-options.js";
import { tagOf } from "../src/config/merge.js";
import { didYouMean, UsageError } from "../src/errors.js";
import { parseJson } from "../src/state/json.js";

export type Values = Record<string, unknown>;

/** A name as it is typed: `learning-rate` for `learningRate`. */
export const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (name: string) => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The flag of a field: `--learning-rate` for `learningRate`. */
export const flagOf = (name: string) => `--${kebab(name)}`;

const fieldsOf = (schema: z.ZodObject) => Object.entries(schema.shape as Record<string, z.ZodType>);

/** The schema with only the fields whose names `keep` accepts. */
export const select = (schema: z.ZodObject, keep: (name: string) => boolean): z.ZodObject =>
  z.strictObject(Object.fromEntries(fieldsOf(schema).filter(([name]) => keep(name))));

/** The schema with these fields made optional. */
export const lenient = (schema: z.ZodObject, names: readonly string[]): z.ZodObject =>
  z.strictObject(
    Object.fromEntries(
      fieldsOf(schema).map(([name, field]) => [name, names.includes(name) ? field.optional() : field]),
    ),
  );

/** The names of the yargs options of a schema, in its order. */
export const optionNames = (schema: z.ZodObject, prefix = ""): string[] =>
  fieldsOf(schema).flatMap(([name, field]) => {
    const inner = bare(field);
    const flag = `${prefix}${kebab(name)}`;
    return inner instanceof z.ZodObject ? optionNames(inner, `${flag}.`) : [flag];
  });

/** The yargs options of a schema: `--learning-rate`, and `--evaluate.every` for nested options. */
export function yargsOptions(schema: z.ZodObject, prefix = ""): Record<string, Options> {
  const options: Record<string, Options> = {};
  for (const [name, field] of fieldsOf(schema)) {
    const inner = bare(field);
    const flag = `${prefix}${kebab(name)}`;
    if (inner instanceof z.ZodObject) {
      Object.assign(options, yargsOptions(inner, `${flag}.`));
      continue;
    }
    const option = describeOption(name, field);
    options[flag] = {
      describe: [option.meaning, limitsOf(option)].filter((text) => text !== "").join(" "),
      alias: z.globalRegistry.get(field)?.alias as string | undefined,
      defaultDescription: option.default === undefined ? undefined : describeDefault(option.default),
      ...(inner instanceof z.ZodBoolean
        ? { type: "boolean" as const }
        : { requiresArg: true, array: inner instanceof z.ZodArray }),
    };
  }
  return options;
}

/** The type and bounds of a value, in parentheses; empty for flags without bounds. */
function limitsOf(option: OptionDescription): string {
  if (option.choices) return `(${option.choices.join(", ")})`;
  return /^(boolean|string|value)$/.test(option.type) ? "" : `(${showType(option)})`;
}

const describeDefault = (value: unknown) => (typeof value === "string" ? value : show(value));

/**
 * Converts typed texts to values of the schema: `"1e-3"` becomes a number if the field is a number.
 *
 * @throws UsageError for an unknown option, with the closest known one
 */
export function typedValues(schema: z.ZodObject, typed: Values, prefix = ""): Values {
  const fields = new Map(fieldsOf(schema));
  const values: Values = {};
  for (const [typedName, given] of Object.entries(typed)) {
    if (given === undefined) continue;
    const name = camel(typedName);
    const field = fields.get(name);
    if (field === undefined) {
      const flag = flagOf(prefix + name);
      const known = [...fields.keys()].map((key) => flagOf(prefix + key));
      throw new UsageError(`unknown option ${flag}${didYouMean(flag, known)}`);
    }
    const inner = bare(field);
    const isNested = inner instanceof z.ZodObject && isObject(given);
    values[name] = isNested ? typedValues(inner, given, `${name}.`) : convert(field, given);
  }
  return values;
}

/**
 * The first interpretation of a typed text that the field accepts, or else the most literal one for the error message.
 */
function convert(field: z.ZodType, given: unknown): unknown {
  const readings = readingsOf(given);
  return readings.find((reading) => field.safeParse(reading).success) ?? readings[0];
}

function readingsOf(given: unknown): unknown[] {
  if (typeof given === "string") return [literal(given), given, given.split(",").map(literal)];
  if (Array.isArray(given)) {
    if (given.length === 1) return readingsOf(given[0]).flatMap((reading) => [reading, [reading]]);
    const items = given.flatMap((item) => (typeof item === "string" ? item.split(",") : [item]));
    return [items.map((item) => (typeof item === "string" ? literal(item) : item)), items];
  }
  if (isObject(given)) {
    return [Object.fromEntries(Object.entries(given).map(([key, value]) => [camel(key), within(value)]))];
  }
  return [given];
}

/** A value for a field without a specific schema: numbers separated by commas are a list. */
const within = (value: unknown): unknown =>
  typeof value === "string" && /^[-+\d.e]+(,[-+\d.e]+)+$/i.test(value)
    ? value.split(",").map(literal)
    : readingsOf(value)[0];

/** The number or JSON value that the text denotes, else the text itself. */
function literal(text: string): unknown {
  if (text.trim() !== "" && !Number.isNaN(Number(text))) return Number(text);
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/**
 * The words of a command line with tagged options in full: `--optimiser sac` becomes `--optimiser.algorithm sac`, so
 * that it can be combined with `--optimiser.learning-rate`. Names inside options with names of their own, such as those
 * of an environment, are kept: yargs rewrites `render_mode` where a dash stands before it, but not in
 * `--environmentOptions.render_mode`.
 */
export function spelledOut(schema: z.ZodObject, words: readonly string[]): string[] {
  const full = new Map<string, string>();
  const free = new Map<string, string>();
  for (const [name, field] of fieldsOf(schema)) {
    const tag = tagOf(field);
    if (tag !== undefined) full.set(flagOf(name), `${flagOf(name)}.${tag}`);
    if (bare(field) instanceof z.ZodRecord) free.set(flagOf(name), `--${name}`);
  }
  const isWord = (text: string | undefined) => text !== undefined && /^[a-z][\w-]*$/i.test(text);
  return words.map((word, i) => {
    const [flag, ...value] = word.split("=");
    const [first, ...rest] = flag.split(".");
    if (free.has(first) && rest.length > 0) return [[free.get(first), ...rest].join("."), ...value].join("=");
    if (!full.has(flag) || !isWord(value[0] ?? words[i + 1])) return word;
    return [full.get(flag), ...value].join("=");
  });
}
