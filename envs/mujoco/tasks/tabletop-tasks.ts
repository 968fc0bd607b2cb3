/** @file The tasks of Tabletop-v0: kinds, where their props are, and what is to be reached. */

import * as z from "zod";
import type { TaskFamily } from "../../../src/env/contracts.js";
import { clusterField, taskChecker } from "../../../src/env/task-families.js";
import { UsageError } from "../../../src/errors.js";
import type { Rng } from "../../../src/random/rng.js";
import { DOOR, PROPS, type Prop } from "../models/tabletop.js";

export const KINDS = ["reach", "push", "drawer-open", "door-open", "button-press", "pick-place"] as const;
export type Kind = (typeof KINDS)[number];

type Point = [number, number, number];

/**
 * A task: the index of its kind among those of the family, where its prop is at the start ([x, y] of the block, the
 * handle or the button), and the goal: where the hand (reach), the block, the handle or the button is to be (m).
 */
export type TabletopTask = { cluster: number; at: [number, number]; goal: Point };

/** Where the hand starts, up to noise (m). */
export const HAND_START: Point = [0, 0, 0.2];

/** The prop of each kind. A reaching hand has a block beside it that it need not touch. */
export const PROP_OF: Record<Kind, Prop> = {
  reach: "block",
  push: "block",
  "drawer-open": "drawer",
  "door-open": "door",
  "button-press": "button",
  "pick-place": "block",
};

/** The largest distance from the goal that counts as success (m). */
export const TOLERANCES: Record<Kind, number> = {
  reach: 0.03,
  push: 0.03,
  "drawer-open": 0.03,
  "door-open": 0.03,
  "button-press": 0.01,
  "pick-place": 0.03,
};

/** The largest coordinates of props and goals (m). */
const REACH = 0.15;
/** How far drawers are to be opened and buttons pressed (m), and doors turned (rad). */
const OPENED = 0.12;
const PRESSED = 0.025;
export const TURNED = 1;

/** The position of a door's handle [x, y] at an angle (rad), if it is at the given place when the door is closed. */
export function doorHandle(
  [x, y]: readonly [number, number],
  angle: number,
  away = DOOR.away,
): [number, number] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const { along } = DOOR;
  return [x + along - along * cos + away * sin, y + DOOR.away - along * sin - away * cos];
}

/** The angle of a door (rad) whose handle is at a position, and at `place` when the door is closed. */
export function doorAngle([x, y]: readonly [number, number], handle: readonly [number, number]): number {
  const hinge = [x + DOOR.along, y + DOOR.away];
  const closed = Math.atan2(-DOOR.away, -DOOR.along);
  const angle = Math.atan2(handle[1] - hinge[1], handle[0] - hinge[0]) - closed;
  return angle < -Math.PI ? angle + 2 * Math.PI : angle;
}

/** The goal of a kind that opens or presses something, which depends on its place alone. */
function fixedGoal(kind: Kind, [x, y]: readonly [number, number]): Point | undefined {
  if (kind === "drawer-open") return [x, y - OPENED, PROPS.drawer];
  if (kind === "door-open") return [...doorHandle([x, y], TURNED), PROPS.door];
  if (kind === "button-press") return [x, y, PROPS.button - PRESSED];
  return undefined;
}

/** The family of environment `id` with these kinds of tasks. */
export function tabletopTasks(id: string, kinds: readonly Kind[]): TaskFamily<TabletopTask> {
  const check = taskChecker(
    id,
    z.strictObject({
      cluster: clusterField(kinds.length),
      at: z.tuple([z.number(), z.number()]),
      goal: z.tuple([z.number(), z.number(), z.number()]).optional(),
    }),
  );
  return {
    clusters: kinds.length,
    sampleTask(rng) {
      const cluster = rng.integer(kinds.length);
      return { cluster, ...sampleTask(kinds[cluster], rng) };
    },
    clusterOf: ({ cluster }) => cluster,
    checkTask(task) {
      const { cluster, at, goal } = check(task);
      const kind = kinds[cluster];
      const fixed = fixedGoal(kind, at);
      if (!fixed && !goal) throw new UsageError(`${id}, task: option "goal" is required for kind "${kind}"`);
      if (fixed && goal?.some((x, k) => Math.abs(x - fixed[k]) > 1e-9)) {
        throw new UsageError(
          `${id}, task: option "goal" is [${goal}], but kind "${kind}" has the goal [${fixed}] there; leave it out`,
        );
      }
      return { cluster, at, goal: fixed ?? goal! };
    },
  };
}

const uniform = (low: number, high: number, rng: Rng): number => low + (high - low) * rng.uniform();

function sampleTask(kind: Kind, rng: Rng): Omit<TabletopTask, "cluster"> {
  const at: [number, number] = [uniform(-REACH, REACH, rng), uniform(-REACH, REACH, rng)];
  // Drawers and doors are behind the middle of the table, and open towards its front.
  if (kind === "drawer-open" || kind === "door-open") at[1] = uniform(0.05, REACH, rng);
  const fixed = fixedGoal(kind, at);
  if (fixed) return { at, goal: fixed };
  const isReach = kind === "reach";
  const from: Point = isReach ? HAND_START : [...at, PROPS.block];
  for (;;) {
    const goal: Point = [uniform(-0.2, 0.2, rng), uniform(-0.2, 0.2, rng), PROPS.block];
    if (kind !== "push") goal[2] = uniform(isReach ? 0.05 : 0.08, isReach ? 0.3 : 0.2, rng);
    if (Math.hypot(...goal.map((x, k) => x - from[k])) >= REACH) return { at, goal };
  }
}
