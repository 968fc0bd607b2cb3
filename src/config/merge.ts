/** @file The one merge of options: what is given over what was tuned, recorded or read from a file. */

import * as z from "zod";
import { bare } from "./describe-options.js";
import { isReference } from "./references.js";

type Values = Record<string, unknown>;

/** Plain data: an object that holds functions is a learner, a policy or the like, and is never taken apart. */
const isData = (value: unknown): value is Values =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value)) &&
  !Object.values(value).some((member) => typeof member === "function");

/**
 * Of an option whose objects come in kinds, the name within them that says which: of `{ algorithm: "sac", … }` that is
 * "algorithm". Such schemas have it as `tag` in their metadata.
 */
export function tagOf(field: z.ZodType | undefined): string | undefined {
  if (field === undefined) return undefined;
  const tag = z.globalRegistry.get(field)?.tag as string | undefined;
  const inner = bare(field);
  return tag ?? (field === inner ? undefined : tagOf(inner));
}

/** Expands the name of a kind into the object with this kind and no other field. */
const spelled = (value: unknown, tag: string | undefined): unknown =>
  tag !== undefined && typeof value === "string" ? { [tag]: value } : value;

/**
 * `over` laid over `under`, options within options included. An object of one kind takes nothing from an object of another
 * kind, and a reference nothing from another reference.
 *
 * @param schema of the options, which says what comes in kinds
 */
export function merge(under: Values, over: Values, schema?: z.ZodObject): Values {
  const merged = { ...under };
  for (const [key, given] of Object.entries(over)) {
    if (given === undefined) continue;
    const field = schema?.shape[key] as z.ZodType | undefined;
    const tag = tagOf(field);
    const [below, value] = [spelled(merged[key], tag), spelled(given, tag)];
    const isMerged = isData(below) && isData(value) && isSameKind(below, value, tag);
    merged[key] = isMerged ? merge(below, value, objectOf(field)) : value;
  }
  return merged;
}

function objectOf(field: z.ZodType | undefined): z.ZodObject | undefined {
  const inner = field && bare(field);
  return inner instanceof z.ZodObject ? inner : undefined;
}

function isSameKind(below: Values, value: Values, tag: string | undefined): boolean {
  if (isReference(below) || isReference(value)) return false;
  return (
    tag === undefined || below[tag] === undefined || value[tag] === undefined || below[tag] === value[tag]
  );
}
