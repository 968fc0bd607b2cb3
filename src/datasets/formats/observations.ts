/** @file The observations among those in groups, as robots record them: cameras, joints and others. */

import { type ArrayTree, describeNode, type Refuse } from "./arrays.js";
import type { ReadingOptions } from "./episodes.js";

/** The paths of the observations that are asked for, such as `agent/qpos,extra/tcp_pose`; undefined for all. */
export const askedKeys = ({
  observationColumn,
}: Pick<ReadingOptions, "observationColumn">): string[] | undefined =>
  observationColumn?.split(",").map((key) => key.trim());

/** Whether the content at a path below the observations is read, or leads to what is. */
export const isAsked = (path: readonly string[], keys: readonly string[] | undefined): boolean => {
  if (keys === undefined || path.length === 0) return true;
  const name = path.join("/");
  return keys.some((key) => `${key}/`.startsWith(`${name}/`) || `${name}/`.startsWith(`${key}/`));
};

/**
 * The observations with these keys: the array of a single key, a group of several. Of a group with one array and no
 * keys, the array.
 *
 * @throws FormatError when a key is missing
 */
export function observationsOf(
  node: ArrayTree | undefined,
  { observationSpace, ...options }: Pick<ReadingOptions, "observationColumn" | "observationSpace">,
  place: string,
  refuse: Refuse,
): ArrayTree | undefined {
  const keys = askedKeys(options);
  if (keys === undefined) {
    const isGroup = node?.kind === "group" && node.parts.size === 1 && observationSpace?.kind !== "dict";
    const [only] = isGroup ? node.parts.values() : [];
    return only?.kind === "array" ? only : node;
  }
  const found = keys.map((key): [string, ArrayTree] => {
    const part = key
      .split("/")
      .reduce<ArrayTree | undefined>(
        (at, name) => (at?.kind === "group" ? at.parts.get(name) : undefined),
        node,
      );
    return [key, part ?? refuse(place, `it has no "${key}", only ${describeNode(node)}`)];
  });
  return found.length === 1 ? found[0][1] : { kind: "group", parts: new Map(found) };
}
