/** @file The spaces of observations and actions from the arrays of a file, where nothing else declares them. */

import { box, describeSpace, discrete, type Space } from "../../spaces/index.js";
import type { Spaces } from "../demonstrations.js";
import { type ArrayTree, describeNode, type NumberArray, type Refuse } from "./arrays.js";

/** The arrays of an episode. */
interface Arrays {
  place: string;
  observations: ArrayTree | undefined;
  actions: ArrayTree | undefined;
}

/** Spaces, and the names of those that were inferred from the content. */
export interface CompleteSpaces extends Spaces {
  inferred: (keyof Spaces)[];
}

/**
 * The declared spaces, and for those that are not declared the smallest ones that hold all values: integers from 0 to
 * the largest one in the data, numbers without bounds in the shape of the arrays, bytes from 0 to 255 as images.
 *
 * @throws FormatError naming the episode whose arrays are of no numbers.
 */
export function completeSpaces(
  { observationSpace, actionSpace }: Partial<Spaces>,
  episodes: readonly Arrays[],
  refuse: Refuse,
): CompleteSpaces {
  const infer = (part: "observations" | "actions"): Space =>
    inferredSpace(
      episodes.map((episode) => episode[part]),
      part,
      (_, why) => refuse(`${episodes[0].place}/${part}`, why),
    );
  return {
    observationSpace: observationSpace ?? infer("observations"),
    actionSpace: actionSpace ?? infer("actions"),
    inferred: [
      ...(observationSpace ? [] : (["observationSpace"] as const)),
      ...(actionSpace ? [] : (["actionSpace"] as const)),
    ],
  };
}

/** @param nodes the arrays of all episodes, in which those with another layout than the first are refused later */
function inferredSpace(
  nodes: readonly (ArrayTree | undefined)[],
  part: "observations" | "actions",
  refuse: Refuse,
): Space {
  const [first] = nodes;
  if (first?.kind === "group" && part === "observations") {
    const names = [...first.parts.keys()].filter((name) => first.parts.get(name)!.kind !== "unreadable");
    const inner = (name: string) =>
      inferredSpace(
        nodes.map((node) => (node?.kind === "group" ? node.parts.get(name) : undefined)),
        part,
        refuse,
      );
    if (names.length > 0 && names.every((name, i) => name === `_index_${i}`)) {
      return { kind: "tuple", spaces: names.map(inner) };
    }
    return { kind: "dict", spaces: Object.fromEntries(names.map((name) => [name, inner(name)])) };
  }
  if (first?.kind !== "array" || first.shape.length === 0) {
    return refuse("", `it must be an array of rows of numbers, not ${describeNode(first)}`);
  }
  return ofRows(nodes.filter((node): node is NumberArray => node?.kind === "array"));
}

function ofRows(arrays: readonly NumberArray[]): Space {
  const [{ type, shape: whole }] = arrays;
  const shape = whole.slice(1);
  const width = shape.reduce((product, size) => product * size, 1);
  const unbounded = () => box(shape.length === 0 ? [1] : [...shape], -Infinity, Infinity);
  if (type === "float") return unbounded();
  if (type === "byte" && shape.length > 1) return box([...shape], 0, 255);
  if (type === "boolean") return width === 1 ? discrete(2) : { kind: "multi-binary", n: width };
  const [lowest, highest] = extremes(arrays);
  return width === 1 && lowest >= 0 && highest < 2 ** 31 - 1 ? discrete(highest + 1) : unbounded();
}

function extremes(arrays: readonly NumberArray[]): [lowest: number, highest: number] {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];
  for (const { data } of arrays) {
    for (let i = 0; i < data.length; i++) {
      if (data[i] < lowest) lowest = data[i];
      if (data[i] > highest) highest = data[i];
    }
  }
  return [lowest, highest];
}

/** What the inferred spaces of demonstrations leave open, in a sentence each. */
export function inferenceNotes({ observationSpace, actionSpace }: Spaces, inferred: unknown): string[] {
  if (!Array.isArray(inferred)) return [];
  const given = { observationSpace, actionSpace };
  return (["observationSpace", "actionSpace"] as const)
    .filter((name) => inferred.includes(name))
    .map((name) => {
      const space = given[name];
      const what = name === "actionSpace" ? "actions" : "observations";
      const by =
        space.kind === "discrete" ? "by the largest number in the data" : "by the arrays of the data";
      const option = name === "actionSpace" ? "--action-space" : "--observation-space";
      return `${what} are taken as ${describeSpace(space)}, ${by}: ${option} sets another space`;
    });
}
