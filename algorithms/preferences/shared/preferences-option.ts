/** @file The option `preferences`, which learners from comparisons take: its schema, its record and its checks. */

import * as z from "zod";
import { referenceTo } from "../../../src/config/references.js";
import { type Preferences, requirePreferences } from "../../../src/datasets/preferences.js";
import type { Problem } from "../../../src/env/contracts.js";
import { requireSpaces } from "../../../src/env/problem.js";
import { UsageError } from "../../../src/errors.js";
import { checksumText } from "../../../src/state/checksum.js";
import { crc32c } from "../../../src/state/crc32c.js";

export const preferencesSchema = z
  .custom<Preferences>(
    (value) =>
      Array.isArray((value as Partial<Preferences> | null | undefined)?.segments) &&
      Array.isArray((value as Partial<Preferences>).comparisons),
    "it must be preferences with segments and comparisons, as loadPreferences and preferencesOf return them",
  )
  .overwrite((preferences) => {
    // The predicate above reports what has no segments.
    if (Array.isArray(preferences?.segments) && Array.isArray(preferences.comparisons)) {
      requirePreferences(preferences);
    }
    return preferences;
  })
  .meta({ type: "preferences" })
  .describe("comparisons of segments, as `loadPreferences` returns them");

export const neitherSchema = z
  .enum(["equal", "drop"])
  .default("equal")
  .describe('what an answer "neither" counts as: a tie, or no answer');

/** The record of preferences in a run, by which a resumed run detects different ones. */
export function preferencesRecord(preferences: Preferences): Record<string, unknown> {
  const { env, segments, comparisons } = preferences;
  let sum = crc32c(new TextEncoder().encode(JSON.stringify(comparisons)));
  for (const { observations, actions, terminated } of segments) {
    for (const { buffer, byteOffset, byteLength } of [observations, actions]) {
      sum = crc32c(new Uint8Array(buffer, byteOffset, byteLength), sum);
    }
    sum = crc32c(Uint8Array.of(Number(terminated)), sum);
  }
  const counts = { segments: segments.length, comparisons: comparisons.length };
  return referenceTo(preferences, "preferences", { env, ...counts, checksum: checksumText(sum) });
}

/** @throws UsageError when the spaces of preferences and problem differ, bounds included */
export const requirePreferencesOf = (name: string, problem: Problem, preferences: Preferences): void =>
  requireSpaces(`${name}: the preferences of ${preferences.env}`, preferences, problem, "bounds too");

/** @throws UsageError where no comparison tells which of two segments is better, with the counts of all answers */
export function requireDecided(name: string, { comparisons }: Preferences): void {
  if (comparisons.some(({ choice }) => choice === "left" || choice === "right")) return;
  const count = (...choices: string[]) => comparisons.filter(({ choice }) => choices.includes(choice)).length;
  throw new UsageError(
    `${name}: none of ${comparisons.length} comparisons tells which segment is better (${count("equal", "neither")} equal ` +
      `or neither, ${count("skipped")} skipped): ask again, about longer segments or of somebody else`,
  );
}
