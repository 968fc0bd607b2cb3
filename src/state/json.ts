/** @file Lossless JSON text of trees of plain data, including NaN, the infinities, −0 and undefined. */

import { FormatError, UsageError } from "../errors.js";
import { isTypedArray, type Tree, type TypedArray } from "./snapshot.js";

/** Values that JSON cannot represent are objects with this key, for example `{ "$": "NaN" }`. */
const MARK = "$";

/** The largest depth of a tree: more than any state or space needs, and safe for recursive readers. */
const MOST_DEPTH = 256;

const LOST: ReadonlyMap<string, Tree> = new Map<string, Tree>([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
  ["undefined", undefined],
]);

/** The largest depth of a JSON text: that of a tree, whose objects with a key `$` have two levels, and more. */
const MOST_LEVELS = 1024;

/** The longest JSON text that is read, in characters: less than the longest string of any JavaScript engine. */
const MOST_TEXT = 2 ** 28;

/**
 * The value of a JSON text from a file. Unlike that of `JSON.parse`, it is safe for recursive readers.
 *
 * @throws Error when the text is not JSON, is nested too deeply or is too long; the message is the reason.
 */
export function parseJson(content: string | Uint8Array): unknown {
  if (content.length > MOST_TEXT) throw new Error(`it has ${content.length} bytes, more than ${MOST_TEXT}`);
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) isString = !isString;
    else if (isString) {
      if (code === BACKSLASH) i++;
    } else if (code === BRACKET || code === BRACE) {
      if (++depth > MOST_LEVELS) throw new Error(`it has more than ${MOST_LEVELS} levels of nesting`);
    } else if (code === BRACKET + 2 || code === BRACE + 2) depth--;
  }
  return JSON.parse(text);
}

const [QUOTE, BACKSLASH, BRACKET, BRACE] = ['"', "\\", "[", "{"].map((c) => c.charCodeAt(0));

/**
 * `tree` as JSON text. A number that JSON cannot represent becomes an object such as `{ "$": "NaN" }`. A typed array
 * becomes `{ "$": "array", "name": … }`, with the name under which `keep` stored it. An object with its own key `$`
 * becomes `{ "$": "object", "value": … }`.
 *
 * @param keep receives every typed array with its path (keys joined by `/`, with `/` and `~` escaped as in RFC 6901).
 * @throws UsageError when the tree is deeper than `decodeJson` reads.
 */
export function encodeJson(
  tree: Tree,
  keep: (array: TypedArray, path: string) => string,
  space?: number,
): string {
  const encode = (node: Tree, path: string, depth = 0): unknown => {
    if (depth > MOST_DEPTH) {
      throw new UsageError(
        `cannot write data with more than ${MOST_DEPTH} levels of nesting: store it in flat arrays`,
      );
    }
    if (isTypedArray(node)) return { [MARK]: "array", name: keep(node, path) };
    if (Array.isArray(node)) return node.map((child, i) => encode(child, `${path}/${i}`, depth + 1));
    if (typeof node === "object" && node !== null) {
      const value = Object.fromEntries(
        Object.entries(node).map(([key, child]) => [
          key,
          encode(child, `${path}/${escapeKey(key)}`, depth + 1),
        ]),
      );
      return Object.hasOwn(node, MARK) ? { [MARK]: "object", value } : value;
    }
    const lost =
      typeof node === "number" ? !Number.isFinite(node) || Object.is(node, -0) : node === undefined;
    return lost ? { [MARK]: Object.is(node, -0) ? "-0" : String(node) } : node;
  };
  return JSON.stringify(encode(tree, ""), undefined, space);
}

const escapeKey = (key: string) => key.replaceAll("~", "~0").replaceAll("/", "~1");

/**
 * The tree that `encodeJson` wrote.
 * @param find returns the typed array stored under a name, or undefined when there is none.
 * @param source the name of the text in messages.
 * @throws FormatError when `text` is not JSON, is nested too deeply, contains an unknown mark, or names an array that
 *   does not exist.
 */
export function decodeJson(
  text: string,
  find: (name: string) => TypedArray | undefined,
  source: string,
): Tree {
  const decode = (node: unknown, depth: number): Tree => {
    if (depth > MOST_DEPTH) {
      throw new FormatError(
        `${source}: it has more than ${MOST_DEPTH} levels of nesting, so encodeJson did not write it`,
      );
    }
    if (Array.isArray(node)) return node.map((child) => decode(child, depth + 1));
    if (typeof node !== "object" || node === null) return node as Tree;
    const fields = node as Record<string, unknown>;
    if (!Object.hasOwn(node, MARK)) return decodeFields(fields, depth);
    const mark = fields[MARK];
    if (mark === "array") {
      const array = find(String(fields.name));
      if (array) return array;
      throw new FormatError(`${source}: the array "${fields.name}" is missing`);
    }
    if (mark === "object" && typeof fields.value === "object" && fields.value !== null) {
      return decodeFields(fields.value as Record<string, unknown>, depth);
    }
    if (typeof mark === "string" && LOST.has(mark)) return LOST.get(mark);
    throw new FormatError(`${source}: unknown mark { "${MARK}": ${JSON.stringify(mark)} }`);
  };
  const decodeFields = (fields: Record<string, unknown>, depth: number): Tree =>
    Object.fromEntries(Object.entries(fields).map(([key, child]) => [key, decode(child, depth + 1)]));

  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (error) {
    const what = error instanceof SyntaxError ? "not JSON: " : "";
    throw new FormatError(`${source}: ${what}${(error as Error).message}`);
  }
  return decode(parsed, 0);
}
