/** @file Which action is right in this state? DAgger asks so. */

import { type Space, spaceWidth, whyOutside } from "../../spaces/index.js";
import type { Action } from "../../spaces/values.js";
import type { Tree } from "../../state/snapshot.js";
import type { Names, QuestionKind } from "../kind.js";
import { describeRow, rowToJson, type SegmentContext, segmentHeader } from "../segment.js";

export interface ActionSubject {
  /** One flat row, as policies get them. */
  readonly observation: Float32Array;
  /** The round that the question comes from, from 0. */
  readonly round: number;
  /** Which of the environments that are stepped together it comes from. */
  readonly environment: number;
  /** The environment's snapshot, as its single form restores it, for labellers that show states. */
  readonly state?: Tree;
}

export const action: QuestionKind<{
  context: SegmentContext;
  subject: ActionSubject;
  reply: { readonly action: Action };
}> = {
  field: "action",
  example: "0",
  header: segmentHeader,
  record: ({ round, environment, observation }, { observationSpace }) => ({
    round,
    environment,
    observation: rowToJson(observationSpace, observation),
  }),
  title: ({ env }) => env,
  origin: ({ round }) => `round ${round + 1}`,
  describe: ({ observation }, _, { observations }) => [
    `observation: ${describeRow(observation, observations)}`,
  ],
  choices: (_, { actionSpace }, names) => `action: ${actionsOf(actionSpace, names)}`,
  parse(line, { actionSpace }, { actions = [] }) {
    const named = actions.findIndex((name) => name.toLowerCase() === line.toLowerCase());
    if (named >= 0) return named;
    const numbers = line.split(/[\s,]+/).map((part) => (part === "" ? Number.NaN : Number(part)));
    return actionSpace.kind === "discrete" && numbers.length === 1 ? numbers[0] : numbers;
  },
  read: (value, { actionSpace }) => whyOutside(actionSpace, value) ?? { action: value as Action },
  write: ({ action: given }) => (typeof given === "number" ? given : Array.from(given)),
};

/** The actions that may be typed: all of them by number and name, or their bounds. */
function actionsOf(space: Space, { actions = [] }: Names): string {
  if (space.kind === "discrete") {
    const named = (a: number) => (actions[a] ? `${a} ${actions[a]}` : `${a}`);
    return space.n <= 20
      ? Array.from({ length: space.n }, (_, a) => named(a)).join(", ")
      : `0 to ${space.n - 1}`;
  }
  const width = spaceWidth(space);
  const bounds = space.kind === "box" ? ` from ${space.low.join(", ")} to ${space.high.join(", ")}` : "";
  return `${width} number${width === 1 ? "" : "s, with commas between them,"}${bounds}`;
}
