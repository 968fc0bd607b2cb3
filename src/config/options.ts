/** @file Checks options against a zod schema, with errors that name the option, the value and the accepted values. */

import * as z from "zod";
import { didYouMean, UsageError } from "../errors.js";
import { bare } from "./describe-options.js";

const article = (name: string) => (/^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`);

/** The JavaScript name of a zod type. */
const kindOf = (expected: string) => (expected === "tuple" ? "array" : expected);

function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

/** The option names that the schema knows at `path`. */
function namesAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let node: z.ZodType = schema;
  for (const key of path) {
    if (!(node instanceof z.ZodObject)) return [];
    node = bare(node.shape[key as string]);
  }
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/**
 * `input` with every default of `schema` filled in.
 * @throws UsageError that names `what` (for example "ppo"), the option, its value and the accepted values.
 */
export function resolveOptions<S extends z.ZodObject>(what: string, schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt name also causes an issue about a missing option: report the unknown name first.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue.code === "unrecognized_keys") {
    const name = issue.keys[0];
    const where = issue.path.length > 0 ? ` in "${issue.path.join(".")}"` : "";
    const hint = didYouMean(name, namesAt(schema, issue.path));
    throw new UsageError(`${what}: unknown option "${name}"${where}${hint}`);
  }
  if (issue.path.length === 0) {
    throw new UsageError(`${what}: options must be an object, not ${describeValue(input)}`);
  }
  const option = issue.path.join(".");
  const value = valueAt(input, issue.path);
  if (value === undefined) throw new UsageError(`${what}: option "${option}" is required`);
  const wanted =
    issue.code === "invalid_type"
      ? `it must be ${article(kindOf(issue.expected))}`
      : lowerFirst(issue.message);
  throw new UsageError(`${what}: option "${option}" is ${describeValue(value)}: ${wanted}`);
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Number schemas that recur in option lists. */
export const count = () => z.int().positive();
export const positive = () => z.number().positive();
export const nonNegative = () => z.number().nonnegative();
/** A number in [0, 1]. */
export const fraction = () => z.number().min(0).max(1);
