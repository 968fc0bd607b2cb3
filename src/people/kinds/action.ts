/** @file Action questions, for DAgger: which action is right in this state? */

import type { Names } from "../../env/contracts.js";
import { type Space, spaceWidth, whyOutside } from "../../spaces/index.js";
import type { Action, ActionBatch } from "../../spaces/values.js";
import type { Tree } from "../../state/snapshot.js";
import type { QuestionKind } from "../kind.js";
import { describeRow, rowToJson, type SegmentContext, segmentHeader } from "../segment.js";

export interface ActionSubject {
  /** The observation, one flat row `[w]`, as policies receive it. */
  readonly observation: Float32Array;
  /** The round of the question, from 0. */
  readonly round: number;
  /** The index of the environment among the parallel ones. */
  readonly environment: number;
  /** The environment's snapshot, which a single environment restores, for labellers that draw states. */
  readonly state?: Tree;
  /** What the learner would do, one flat row. */
  readonly proposed?: ActionBatch;
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
  hints: ({ proposed }, { actionSpace }) => ({
    ...(proposed && { proposed: rowToJson(actionSpace, proposed) }),
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

/** The valid actions as text: all of them by number and name, or their bounds. */
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
