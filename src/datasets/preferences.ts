/** @file Preferences: segments of episodes, comparisons of them by annotators, and their checks. */

import { UsageError } from "../errors.js";
import type { Choice } from "../people/kinds/comparison.js";
import type { Segment } from "../people/segment.js";
import { spaceProblem, spaceWidth } from "../spaces/index.js";
import type { Tree } from "../state/snapshot.js";
import { type Spaces, trajectoryFault } from "./demonstrations.js";

/** A segment that comparisons are about. Plain data. */
export interface PreferenceSegment extends Segment {
  /** Whether a terminal state follows its last step. */
  readonly terminated: boolean;
  /** Where it is from: the policy that acted, the episode, and the step of the episode at which it starts. */
  readonly from?: { readonly policy?: string; readonly episode: number; readonly step: number };
}

/** What an annotator said of two segments. Plain data. */
export interface Comparison {
  /** The number of the question, from 1. Several annotators may answer one question. */
  readonly id: number;
  /** Indices of the segments, as they were shown. */
  readonly left: number;
  readonly right: number;
  /** `neither`: both are bad; `skipped`: no answer. */
  readonly choice: Choice | "skipped";
  readonly annotator?: string;
  /** Response time (s). */
  readonly seconds?: number;
  /** Time of the answer, ISO 8601. */
  readonly at?: string;
  /** The weight of the comparison, at least 0. Default 1. */
  readonly weight?: number;
  readonly confidence?: 1 | 2 | 3;
}

/** The environment and spaces of preferences, and where they are from. */
export interface PreferencesHeader extends Spaces {
  /** The id of the environment. */
  readonly env: string;
  /** `environmentOptions` of the environment, and any further information. */
  readonly provenance: Readonly<Record<string, Tree>>;
}

export interface Preferences extends PreferencesHeader {
  readonly segments: readonly PreferenceSegment[];
  /** In order of their ids, at most one for each question and annotator. */
  readonly comparisons: readonly Comparison[];
}

/** All answers to a question. */
export const CHOICES: readonly Comparison["choice"][] = ["left", "right", "equal", "neither", "skipped"];

/** The header of new preferences. */
export type NewPreferences = Omit<PreferencesHeader, "provenance"> &
  Partial<Pick<PreferencesHeader, "provenance">>;

/**
 * Creates preferences from segments and comparisons.
 *
 * @throws UsageError naming the segment or the comparison that is not valid, and what would be right
 */
export function preferencesOf(
  segments: readonly PreferenceSegment[],
  comparisons: readonly Comparison[],
  { env, observationSpace, actionSpace, provenance = {} }: NewPreferences,
): Preferences {
  const preferences = { env, observationSpace, actionSpace, provenance, segments, comparisons };
  requirePreferences(preferences);
  return { ...preferences, comparisons: [...comparisons].sort((a, b) => a.id - b.id) };
}

/** @throws UsageError naming the segment or the comparison that is not valid, and what would be right */
export function requirePreferences({ env, segments, comparisons, ...spaces }: Preferences): void {
  const refuse = (why: string): never => {
    throw new UsageError(`preferences of ${env}: ${why}`);
  };
  for (const name of ["observationSpace", "actionSpace"] as const) {
    const problem =
      typeof spaces[name]?.kind === "string" ? spaceProblem(spaces[name]) : "it must be a space with a kind";
    if (problem) refuse(`${name}: ${problem}`);
  }
  for (const [i, segment] of segments.entries()) {
    const fault = segmentFault(segment, spaces);
    if (fault) refuse(`segment ${i}: ${fault}`);
  }
  const known = new Map<number, Comparison>();
  const given = new Set<string>();
  for (const comparison of comparisons) {
    const { id, annotator = "" } = comparison;
    const fault = comparisonFault(comparison, segments.length, known.get(id));
    if (fault) refuse(`comparison ${id}: ${fault}`);
    const key = JSON.stringify([id, annotator]);
    if (given.has(key)) {
      refuse(
        `comparison ${id}: ${annotator ? `"${annotator}"` : "somebody without a name"} answered it twice`,
      );
    }
    given.add(key);
    known.set(id, comparison);
  }
}

/** Why a segment does not fit the spaces; undefined if it does. */
export function segmentFault(
  { observations, actions, rewards, terminated }: PreferenceSegment,
  spaces: Spaces,
): string | undefined {
  if (!ArrayBuffer.isView(actions)) return "its actions must be an array of numbers, not nothing";
  const steps = Math.floor(actions.length / spaceWidth(spaces.actionSpace));
  if (rewards && rewards.length !== steps)
    return `${steps} actions need ${steps} rewards, not ${rewards.length}`;
  const lost = rewards?.findIndex((reward) => !Number.isFinite(reward)) ?? -1;
  if (lost >= 0)
    return `step ${lost}: the reward is ${rewards![lost]}; leave the rewards out where they are unknown`;
  return trajectoryFault(
    { observations, actions, rewards: rewards ?? new Float64Array(steps), terminated, truncated: false },
    spaces,
  );
}

/**
 * Why a comparison is not valid; undefined if it is.
 *
 * @param segments number of segments
 * @param before another answer to the same question
 */
export function comparisonFault(
  { id, left, right, choice, seconds = 0, weight = 1 }: Comparison,
  segments: number,
  before?: Pick<Comparison, "left" | "right">,
): string | undefined {
  if (!(Number.isInteger(id) && id >= 1)) return "its id must be a whole number from 1 on";
  for (const [side, index] of [["left", left] as const, ["right", right] as const]) {
    if (Number.isInteger(index) && index >= 0 && index < segments) continue;
    return `${side} is ${index}, and the segments are 0 to ${segments - 1}`;
  }
  if (left === right) return `it compares segment ${left} with itself`;
  if (!CHOICES.includes(choice))
    return `choice ${JSON.stringify(choice)} is not one of ${CHOICES.join(", ")}`;
  if (before && (before.left !== left || before.right !== right)) {
    return (
      `it is about segments ${left} and ${right}, but another answer to it is about ${before.left} and ` +
      `${before.right}: give every question a number of its own`
    );
  }
  if (!(seconds >= 0)) return `it took ${seconds} s`;
  if (!(weight >= 0 && Number.isFinite(weight))) return `its weight is ${weight}, not a finite number ≥ 0`;
  return undefined;
}

/** What becomes of "neither": half a choice of both, as "equal", or no comparison. */
export type Neither = "equal" | "drop";

/** μ of a choice: 1 where left was chosen, 0 where right was, ½ where neither; undefined for no comparison. */
export function targetOf(choice: Comparison["choice"], neither: Neither = "equal"): number | undefined {
  if (choice === "left") return 1;
  if (choice === "right") return 0;
  if (choice === "equal") return 0.5;
  return choice === "neither" && neither === "equal" ? 0.5 : undefined;
}

/** Number of steps of a segment. */
export const segmentSteps = (
  { observations }: Pick<Segment, "observations">,
  { observationSpace }: Pick<Spaces, "observationSpace">,
): number => observations.length / spaceWidth(observationSpace) - 1;

/** Whether two segments start with the same observation. */
export function isSameStart(a: Segment, b: Segment, { observationSpace }: Spaces): boolean {
  const width = spaceWidth(observationSpace);
  for (let j = 0; j < width; j++) if (a.observations[j] !== b.observations[j]) return false;
  return true;
}
