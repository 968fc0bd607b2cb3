/** @file Collects comparisons offline: shows a policy's segments in pairs, and asks a labeller about them. */

import * as z from "zod";
import { count, fraction } from "../config/options.js";
import type { PreferencesWriter } from "../datasets/preferences-folder.js";
import { loadPreferences, writePreferences } from "../datasets/preferences-folder.js";
import type { PlayedWith } from "../datasets/provenance.js";
import { pairedSegments, type ShownSegment, showSegments } from "../datasets/show-segments.js";
import type { Problem } from "../env/contracts.js";
import type { Labeller } from "../people/labeller.js";
import type { Answer } from "../people/question.js";
import { exchange } from "../people/wait-for-answers.js";
import type { Policy } from "../policies/contract.js";
import { createRng } from "../random/rng.js";
import type { Folder } from "../state/folder.js";

export const pairSchema = z.strictObject({
  pairs: count().default(200).describe("number of pairs of segments"),
  segmentLength: count().default(50).describe("most steps of a segment"),
  sameStart: z
    .boolean()
    .default(true)
    .describe("whether both segments of a pair start in the same state, as dpo needs it"),
  repeats: fraction()
    .default(0)
    .describe("share of the pairs that is asked again with the sides swapped, to measure consistency"),
  environments: count().default(8).describe("number of environments in which the policy acts"),
});

export type PairOptions = z.output<typeof pairSchema>;

/**
 * Adds questions about segments of a policy to preferences.
 *
 * @throws UsageError for environments without snapshots where pairs must have the same start
 */
export async function addQuestions(
  writer: PreferencesWriter,
  policy: Policy,
  problem: Problem,
  { pairs: wanted, segmentLength, sameStart, repeats, environments }: PairOptions,
  seed: number | string,
): Promise<void> {
  const rng = createRng(seed);
  const vector = await problem.vector(Math.min(environments, wanted), rng.stream("environments"));
  const pairs: (readonly [ShownSegment, ShownSegment])[] = [];
  try {
    const shown = { segmentLength, withSnapshots: sameStart || hasSnapshots(vector) };
    if (sameStart) {
      const acting = (name: string) => ({ policy, acting: { rng: rng.stream(name) } });
      const actors = { first: acting("left"), second: acting("right") };
      pairs.push(...(await pairedSegments(vector, { count: wanted, ...shown, ...actors })).pairs);
    } else {
      const options = { count: 2 * wanted, exploration: 0, ...shown };
      const { segments } = await showSegments(policy, vector, options, rng.stream("show"));
      const order = rng.stream("pairs").shuffle(segments.map((_, i) => i));
      for (let i = 0; i < wanted; i++) pairs.push([segments[order[2 * i]], segments[order[2 * i + 1]]]);
    }
  } finally {
    vector.close();
  }
  pairs.length = wanted;
  const first = await writer.addSegments(pairs.flat());
  const indices = pairs.map((_, i) => ({ left: first + 2 * i, right: first + 2 * i + 1 }));
  const order = rng.stream("repeats").shuffle(indices.map((_, i) => i));
  const again = Array.from(order.slice(0, Math.round(repeats * wanted)), (i) => indices[i]);
  const asked = [...indices, ...again.map(({ left, right }) => ({ left: right, right: left }))];
  const next = writer.asked + 1;
  await writer.record(...asked.map((pair, i) => ({ event: "question" as const, id: next + i, ...pair })));
}

function hasSnapshots(vector: { getState(): unknown }): boolean {
  try {
    vector.getState();
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens the preferences in a folder, to which questions and answers are added, or starts them.
 *
 * @throws UsageError when the folder has preferences of another environment
 */
export const openPreferences = (
  folder: Folder,
  { id, observationSpace, actionSpace }: Problem,
  played: PlayedWith,
): Promise<PreferencesWriter> =>
  writePreferences(
    folder,
    { env: id, observationSpace, actionSpace, provenance: { ...played } },
    { append: true },
  );

/**
 * Asks a labeller the questions in a folder that an annotator has not answered. Each answer is stored as soon as it has
 * come, so that an interruption loses none.
 *
 * @param annotator the name of whoever answers without one
 * @returns the number of questions that were answered or skipped
 * @throws Paused when the signal is aborted; UsageError when the labeller ends before it has answered
 */
export async function askQuestions(
  writer: PreferencesWriter,
  folder: Folder,
  labeller: Labeller<"comparison">,
  { annotator, signal }: { annotator?: string; signal?: AbortSignal },
): Promise<number> {
  const open = writer.open(annotator);
  if (open.length === 0) return 0;
  const { env, observationSpace, actionSpace, segments } = await loadPreferences(folder);
  const queries = open.map(({ id, left, right }) => ({
    ...{ id, batch: 1 },
    left: segments[left],
    right: segments[right],
  }));
  const pending = new Map(open.map((question) => [question.id, question]));
  let stored = Promise.resolve();
  const receive = (answers: readonly Answer<"comparison">[]) => {
    const events = answers.flatMap((answer) => {
      const question = pending.get(answer.id);
      if (!question || "withdrawn" in answer) return [];
      pending.delete(answer.id);
      const { annotator: by = annotator, seconds } = answer;
      return [
        {
          event: "answer" as const,
          ...question,
          choice: "choice" in answer ? answer.choice : ("skipped" as const),
          ...(by !== undefined && { annotator: by }),
          ...(seconds !== undefined && { seconds }),
          at: new Date().toISOString(),
        },
      ];
    });
    stored = stored.then(() => writer.record(...events));
  };
  try {
    await exchange(
      labeller,
      { env, observationSpace, actionSpace, kind: "comparison", asked: writer.asked, queries },
      { receive, isDone: () => pending.size === 0, isEnough: () => false, patience: 0, signal },
    );
  } finally {
    await stored;
  }
  return open.length - pending.size;
}
