/**
 * @file Describes the options of a schema: name, type, bounds, default and meaning of each. Help,
 * `understudy-rl envs ID`, editor hovers and the reference pages are made from these descriptions.
 */

import * as z from "zod";

/** One option of a schema. */
export interface OptionDescription {
  /** The last part of `path`. */
  readonly name: string;
  /** Names from the outermost option inwards, joined by dots; `[]` after a name denotes each item of an array. */
  readonly path: string;
  /**
   * For example `integer`, `number[]`, `integer or string`; `object` for nested options, which are described after it.
   */
  readonly type: string;
  /** The default value; `undefined` when there is none. */
  readonly default: unknown;
  /** For example `> 0`, `0 to 1`; `""` when every value of the type is accepted. */
  readonly bounds: string;
  /** The accepted values, when they are a list. */
  readonly choices?: readonly (string | number)[];
  /** The meaning of the option, with its unit; `""` when the schema has no description. */
  readonly meaning: string;
  readonly required: boolean;
}

/** The options of a schema, in order; nested options follow the option that contains them. */
export function describeOptions(schema: z.ZodObject, prefix = ""): OptionDescription[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const groups = objectsIn(field).flatMap(({ object, isItem }) =>
      describeOptions(object, isItem ? `${path}[].` : `${path}.`),
    );
    return [describeOption(name, field, path), ...merged(groups)];
  });
}

/** One option, without its nested options. */
export function describeOption(name: string, field: z.ZodType, path = name): OptionDescription {
  const inner = bare(field);
  const absent = field.safeParse(undefined);
  const choices = choicesOf(inner);
  return {
    name,
    path,
    type: typeOf(field),
    default: inner instanceof z.ZodObject ? undefined : absent.data,
    bounds: boundsOf(inner),
    ...(choices.length > 0 && { choices }),
    meaning: meaningOf(field) ?? "",
    required: !absent.success,
  };
}

/** A schema without its defaults and without transformations of its value. */
export function bare(field: z.ZodType): z.ZodType {
  if (
    field instanceof z.ZodDefault ||
    field instanceof z.ZodPrefault ||
    field instanceof z.ZodOptional ||
    field instanceof z.ZodNonOptional ||
    field instanceof z.ZodReadonly
  ) {
    return bare(field.unwrap() as z.ZodType);
  }
  return field instanceof z.ZodPipe ? bare(field.in as z.ZodType) : field;
}

/** The result of `get` on the outermost schema for which it is defined, from the schema through the ones it wraps. */
function outermost<T>(field: z.ZodType, get: (field: z.ZodType) => T | undefined): T | undefined {
  const found = get(field);
  if (found !== undefined || !("innerType" in field.def)) return found;
  return outermost((field as unknown as z.ZodOptional).unwrap() as z.ZodType, get);
}

/** The description of a field, whether `.describe` comes before or after `.default`. */
const meaningOf = (field: z.ZodType): string | undefined =>
  outermost(field, ({ description }) => description);

/** The object schemas of a field: itself, the items of an array, or alternatives of a union. */
function objectsIn(field: z.ZodType, isItem = false): { object: z.ZodObject; isItem: boolean }[] {
  const inner = bare(field);
  if (inner instanceof z.ZodObject) return [{ object: inner, isItem }];
  if (inner instanceof z.ZodArray) return objectsIn(inner.element as z.ZodType, true);
  if (inner instanceof z.ZodNullable) return objectsIn(inner.unwrap() as z.ZodType, isItem);
  return alternatives(inner).flatMap((one) => objectsIn(one, isItem));
}

const alternatives = (inner: z.ZodType): z.ZodType[] =>
  inner instanceof z.ZodUnion ? (inner.options as z.ZodType[]) : [];

/** Merges options that several kinds of one object share: each is described once, with the choices of all kinds. */
function merged(options: OptionDescription[]): OptionDescription[] {
  const byPath = new Map<string, OptionDescription>();
  for (const option of options) {
    const before = byPath.get(option.path);
    const choices = [...new Set([...(before?.choices ?? []), ...(option.choices ?? [])])];
    byPath.set(option.path, {
      ...option,
      ...before,
      ...(choices.length > 0 && { choices }),
      meaning: before?.meaning || option.meaning,
    });
  }
  return [...byPath.values()];
}

/** The type in words. Schemas of custom values have it as `type` in their metadata. */
function typeOf(field: z.ZodType): string {
  const named = outermost(field, (one) => z.globalRegistry.get(one)?.type as string | undefined);
  if (named !== undefined) return named;
  const inner = bare(field);
  if (inner !== field) return typeOf(inner);
  if (inner instanceof z.ZodNumber) return inner.isInt ? "integer" : "number";
  if (inner instanceof z.ZodString) return "string";
  if (inner instanceof z.ZodBoolean) return "boolean";
  if (inner instanceof z.ZodNull) return "null";
  if (inner instanceof z.ZodEnum) return "string";
  if (inner instanceof z.ZodLiteral) {
    return [...inner.values].map((value) => show(value)).join(" or ");
  }
  if (inner instanceof z.ZodNullable) return either([inner.unwrap() as z.ZodType, z.null()]);
  if (inner instanceof z.ZodUnion) return either(alternatives(inner));
  if (inner instanceof z.ZodArray) return `${bracketed(typeOf(inner.element as z.ZodType))}[]`;
  if (inner instanceof z.ZodTuple) return `[${(inner.def.items as z.ZodType[]).map(typeOf).join(", ")}]`;
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return "object";
  return "value";
}

/** Alternatives in words; choices next to other types are listed one by one. */
const either = (types: z.ZodType[]): string =>
  [
    ...new Set(types.flatMap((one) => (one instanceof z.ZodEnum ? choicesOf(one).map(show) : typeOf(one)))),
  ].join(" or ");

const bracketed = (type: string): string => (type.includes(" ") ? `(${type})` : type);

function choicesOf(inner: z.ZodType): (string | number)[] {
  if (inner instanceof z.ZodEnum) return inner.options as string[];
  if (inner instanceof z.ZodLiteral) return [...inner.values] as string[];
  if (inner instanceof z.ZodUnion && alternatives(inner).every((one) => choicesOf(one).length > 0)) {
    return alternatives(inner).flatMap(choicesOf);
  }
  return [];
}

function boundsOf(inner: z.ZodType): string {
  if (inner instanceof z.ZodNumber) return limits(inner, "number");
  if (inner instanceof z.ZodString) return limits(inner, "length") && "not empty";
  if (inner instanceof z.ZodNullable) return boundsOf(inner.unwrap() as z.ZodType);
  if (inner instanceof z.ZodArray) {
    return listed([limits(inner, "length"), each(boundsOf(bare(inner.element as z.ZodType)))]);
  }
  if (inner instanceof z.ZodTuple) {
    return each(listed((inner.def.items as z.ZodType[]).map((item) => boundsOf(bare(item)))));
  }
  return listed(alternatives(inner).map((one) => boundsOf(bare(one))));
}

const each = (bounds: string) => (bounds === "" || bounds.startsWith("each") ? bounds : `each ${bounds}`);

const listed = (bounds: string[]): string => [...new Set(bounds.filter((text) => text !== ""))].join(", ");

interface Limit {
  value: number;
  inclusive: boolean;
}

/** The limits of a number, or of the length of a list, as a range. */
function limits(inner: z.ZodType, what: "number" | "length"): string {
  let low: Limit | undefined;
  let high: Limit | undefined;
  for (const { _zod } of inner.def.checks ?? []) {
    const check = _zod.def as Partial<Record<"value" | "minimum" | "maximum", number>> & {
      check: string;
      inclusive?: boolean;
    };
    const { inclusive = true } = check;
    if (check.check === "greater_than") low = { value: check.value!, inclusive };
    if (check.check === "less_than") high = { value: check.value!, inclusive };
    if (check.check === "min_length") low = { value: check.minimum!, inclusive };
    if (check.check === "max_length") high = { value: check.maximum!, inclusive };
  }
  const range = rangeOf(low, high);
  if (range === "" || what === "number") return range;
  return range === "≥ 1" ? "not empty" : `${range} items`;
}

function rangeOf(low?: Limit, high?: Limit): string {
  if (low && high) {
    if (low.value === high.value) return `${low.value}`;
    if (low.inclusive && high.inclusive) return `${low.value} to ${high.value}`;
    return `${low.inclusive ? "≥" : ">"} ${low.value} and ${high.inclusive ? "≤" : "<"} ${high.value}`;
  }
  if (low) return `${low.inclusive ? "≥" : ">"} ${low.value}`;
  return high ? `${high.inclusive ? "≤" : "<"} ${high.value}` : "";
}

/** The value of an option as text: JSON, extended by infinities. */
export function show(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "function") return "function";
  const withInfinity = (_: string, node: unknown) =>
    node === Number.POSITIVE_INFINITY ? "∞" : node === Number.NEGATIVE_INFINITY ? "−∞" : node;
  return JSON.stringify(value, withInfinity).replace(/"(−?∞)"/g, "$1");
}

/** The type and its limits, for example `integer > 0`, `one of "tanh", "relu"`, `number, 0 to 1`. */
export function showType({ type, bounds, choices }: OptionDescription): string {
  if (choices) return choices.length === 1 ? show(choices[0]) : `one of ${choices.map(show).join(", ")}`;
  if (bounds === "") return type;
  return /^[<>≤≥] \S+$/.test(bounds) ? `${type} ${bounds}` : `${type}, ${bounds}`;
}
