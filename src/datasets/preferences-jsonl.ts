/**
 * @file Preferences as JSON lines `{ prompt, chosen, rejected }`, which other programs read and write: the first
 * observation, and both segments as `{ observations, actions }`. Answers without a winner have no line.
 */

import { FormatError } from "../errors.js";
import { segmentToJson } from "../people/segment.js";
import { allocateActions, isIntegral, spaceWidth } from "../spaces/index.js";
import {
  type NewPreferences,
  type PreferenceSegment,
  type Preferences,
  preferencesOf,
  targetOf,
} from "./preferences.js";

/** The comparisons that tell which segment is better, a line each. */
export function preferencesToJsonl(preferences: Preferences): string {
  const context = { ...preferences, env: preferences.env };
  const lines = preferences.comparisons.flatMap(({ left, right, choice, annotator }) => {
    const target = targetOf(choice);
    if (target !== 0 && target !== 1) return [];
    const [chosen, rejected] = (target === 1 ? [left, right] : [right, left]).map((i) => {
      const segment = preferences.segments[i];
      return { ...segmentToJson(segment, context), terminated: segment.terminated };
    });
    return [{ prompt: chosen.observations[0], chosen, rejected, ...(annotator && { annotator }) }];
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/**
 * Preferences from such lines.
 *
 * @throws FormatError naming the line and what would be right; UsageError for a segment that does not fit the spaces
 */
export function preferencesFromJsonl(text: string, header: NewPreferences, source: string): Preferences {
  const segments: PreferenceSegment[] = [];
  const comparisons = text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const where = `${source}, line ${i + 1}`;
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new FormatError(`${where}: it is not JSON: ${(cause as Error).message}`, { cause });
    }
    const left = segments.length;
    segments.push(
      ...(["chosen", "rejected"] as const).map((side) =>
        segmentIn(value?.[side], header, `${where}, ${side}`),
      ),
    );
    const { annotator } = value;
    const id = left / 2 + 1;
    return [
      {
        id,
        left,
        right: left + 1,
        choice: "left" as const,
        ...(typeof annotator === "string" && { annotator }),
      },
    ];
  });
  if (segments.length === 0) throw new FormatError(`${source} has no pair: it needs a line for each`);
  return preferencesOf(segments, comparisons, header);
}

function segmentIn(
  value: unknown,
  { observationSpace, actionSpace }: NewPreferences,
  where: string,
): PreferenceSegment {
  const { observations, actions, terminated = false } = (value ?? {}) as Record<string, unknown>;
  const numbers = (rows: unknown, name: string, width: number): number[] => {
    const flat = Array.isArray(rows) ? rows.flat(Number.POSITIVE_INFINITY) : [];
    if (flat.length === 0 || flat.length % width !== 0 || flat.some((x) => typeof x !== "number")) {
      throw new FormatError(
        `${where}: ${name} must be rows of ${width} numbers, as in { "observations": [[0, 1], …], "actions": [0, …] }`,
      );
    }
    return flat;
  };
  const rows = numbers(observations, "observations", spaceWidth(observationSpace));
  const taken = numbers(actions, "actions", spaceWidth(actionSpace));
  if (isIntegral(actionSpace) && !taken.every(Number.isInteger)) {
    throw new FormatError(`${where}: actions must be whole numbers`);
  }
  const array = allocateActions(actionSpace, taken.length / spaceWidth(actionSpace));
  array.set(taken);
  return { observations: Float32Array.from(rows), actions: array, terminated: terminated === true };
}
