/** @file Checks options against a zod schema, with errors that name the option, the value and the accepted values. */

import * as z from "zod";
import { didYouMean, UsageError } from "../errors.js";
import { bare, describeOption, show, showType } from "./describe-options.js";

const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

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

/** The schema at a path; undefined inside alternatives. */
function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let node: z.ZodType | undefined = schema;
  for (const key of path) {
    const inner: z.ZodType | undefined = node && bare(node);
    if (inner instanceof z.ZodObject) node = inner.shape[key as string];
    else if (inner instanceof z.ZodArray) node = inner.element as z.ZodType;
    else if (inner instanceof z.ZodTuple) node = inner.def.items[key as number] as z.ZodType;
    else if (inner instanceof z.ZodRecord) node = inner.valueType as z.ZodType;
    else return undefined;
  }
  return node;
}

/** The option names that the schema knows at `path`. */
function namesAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  const node = schemaAt(schema, path);
  const inner = node && bare(node);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Beginnings of the messages of zod, as opposed to those that a schema states. */
const GENERIC = /^(Invalid|Too small|Too big)\b/;

/** What the value of an issue must be: the text that its schema states, or else the type and the bounds. */
export function requirement(schema: z.ZodType, issue: z.core.$ZodIssue): string {
  if (!GENERIC.test(issue.message)) return lowerFirst(issue.message);
  const node = schemaAt(schema, issue.path);
  if (node === undefined || bare(node) instanceof z.ZodUnion) return `it must be ${limitOf(issue)}`;
  const type = showType(describeOption(String(issue.path.at(-1) ?? ""), node)).replace(
    /^(\w+)\[\]/,
    "list of $1s",
  );
  return `it must be ${type.startsWith("one of ") ? type : article(type)}`;
}

/** The type or the limit of one alternative of an option. */
function limitOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      return `${issue.inclusive ? "at least" : "above"} ${issue.minimum}`;
    case "too_big":
      return `${issue.inclusive ? "at most" : "below"} ${issue.maximum}`;
    case "invalid_type":
      return article(issue.expected === "tuple" ? "array" : issue.expected);
    case "invalid_value":
      return `one of ${issue.values.map(show).join(", ")}`;
    default:
      return lowerFirst(issue.message);
  }
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
  const choices = issue.code === "invalid_value" && typeof value === "string" ? issue.values.map(String) : [];
  const hint = choices.length > 0 ? didYouMean(value as string, choices).replace(/^; known:.*/, "") : "";
  throw new UsageError(
    `${what}: option "${option}" is ${describeValue(value)}: ${requirement(schema, issue)}${hint}`,
  );
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Number schemas that recur in option lists. */
export const count = () => z.int().positive();
export const positive = () => z.number().positive();
export const nonNegative = () => z.number().nonnegative();
/** A number in [0, 1]. */
export const fraction = () => z.number().min(0).max(1);
