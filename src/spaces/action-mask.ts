/**
 * @file Action masks: the part `actionMask` (or `action_mask`) of a dict observation says which discrete actions are
 * allowed, 1 or 0 for each, as in [Huang & Ontañón 2022].
 */

import { UsageError } from "../errors.js";
import { type DictSpace, describeSpace, type Space, spaceWidth } from "./space.js";

/** The place of the mask in a flat row of observations: columns `offset` to `offset + width − 1`. */
export interface ActionMask {
  /** The name of the part. */
  readonly name: string;
  readonly offset: number;
  readonly width: number;
  /** The number of numbers in a row. */
  readonly row: number;
  /** The number of options of each choice: one number for discrete actions; they sum to `width`. */
  readonly sizes: readonly number[];
}

interface Spaces {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

/** The names of the part of an observation, and of the entry of `info`. */
const MASK_NAMES: readonly string[] = ["actionMask", "action_mask"];

/** The name of the mask among the parts of an observation, or the entries of `info`, if there is one. */
export const maskNameIn = (parts: object): string | undefined => MASK_NAMES.find((name) => name in parts);

/** The number of options of each choice of an action, or `undefined` for actions that cannot be masked. */
export function choicesOf(actionSpace: Space): readonly number[] | undefined {
  if (actionSpace.kind === "discrete") return [actionSpace.n];
  return actionSpace.kind === "multi-discrete" ? actionSpace.sizes : undefined;
}

/**
 * The action mask in the observations of an environment; `undefined` for observations without one, and for actions
 * that are neither discrete nor multi-discrete, whose observations may have a part of any name.
 *
 * @throws UsageError for a part of that name that is not a mask of these actions
 */
export function actionMaskOf({ observationSpace, actionSpace }: Spaces): ActionMask | undefined {
  const sizes = choicesOf(actionSpace);
  if (observationSpace.kind !== "dict" || !sizes) return undefined;
  const width = sizes.reduce((sum, n) => sum + n, 0);
  let offset = 0;
  for (const [name, part] of Object.entries(observationSpace.spaces)) {
    if (!MASK_NAMES.includes(name)) {
      offset += spaceWidth(part);
      continue;
    }
    if (isMask(part, width)) return { name, offset, width, row: spaceWidth(observationSpace), sizes };
    throw new UsageError(
      `the part ${name} of the observations is ${describeSpace(part)}, but a mask of the actions ` +
        `${describeSpace(actionSpace)} has ${width} zeros and ones, as MultiBinary(${width}); rename a part that is no mask`,
    );
  }
  return undefined;
}

function isMask(part: Space, width: number): boolean {
  if (spaceWidth(part) !== width) return false;
  if (part.kind === "box") return part.low.every((low) => low >= 0) && part.high.every((high) => high <= 1);
  return part.kind === "multi-binary" || (part.kind === "multi-discrete" && part.sizes.every((n) => n === 2));
}

/** A dict space without one of its parts; the part itself where one remains. */
export function withoutPart({ spaces }: DictSpace, name: string): Space {
  const rest = Object.entries(spaces).filter(([key]) => key !== name);
  return rest.length === 1 ? rest[0][1] : { kind: "dict", spaces: Object.fromEntries(rest) };
}

/** The allowed options of a choice whose mask starts at `row[from]`; empty where none is. */
function optionsFrom(row: ArrayLike<number | boolean>, from: number, size: number): number[] {
  const options: number[] = [];
  for (let k = 0; k < size; k++) if (row[from + k]) options.push(k);
  return options;
}

/** The allowed actions of row `i` of observations `[N, w]`, for discrete actions; `undefined` where none is. */
export function allowedActions(
  { offset, width, row }: ActionMask,
  observations: ArrayLike<number>,
  i: number,
): number[] | undefined {
  const options = optionsFrom(observations, i * row + offset, width);
  return options.length > 0 ? options : undefined;
}

/** The allowed options of each choice in a row whose mask starts at entry `at`, `[choices][options]`. */
export function allowedOptions(
  sizes: readonly number[],
  row: ArrayLike<number | boolean>,
  at = 0,
): number[][] {
  let from = at;
  return sizes.map((size) => {
    const options = optionsFrom(row, from, size);
    from += size;
    return options;
  });
}

/** What a mask that starts at entry `at` of a row leaves without an option, for messages; `undefined` if nothing. */
export function nothingAllowed(
  sizes: readonly number[],
  row: ArrayLike<number | boolean>,
  at = 0,
): string | undefined {
  const choice = allowedOptions(sizes, row, at).findIndex((options) => options.length === 0);
  if (choice < 0) return undefined;
  return sizes.length === 1 ? "allows no action" : `allows no option of choice ${choice}`;
}

/** Whether the mask of row `i` of observations `[N, w]` allows an action `[k]`. */
export const isAllowed = (
  { sizes, offset, row }: ActionMask,
  observations: ArrayLike<number>,
  i: number,
  action: ArrayLike<number>,
): boolean =>
  allowedOptions(sizes, observations, i * row + offset).every((options, k) => options.includes(action[k]));

/** @throws UsageError for a row of observations `[N, w]` whose mask allows no action */
export function requireAllowedActions(mask: ActionMask, observations: Float32Array): void {
  const { name, offset, row, sizes } = mask;
  for (let start = 0; start < observations.length; start += row) {
    const reason = nothingAllowed(sizes, observations, start + offset);
    if (!reason) continue;
    throw new UsageError(
      `${name} of observation ${start / row} ${reason}: at least one entry must be 1 wherever an action is taken`,
    );
  }
}
