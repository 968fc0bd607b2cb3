/** @file What every screen gets. */

import type { Space } from "../../src/spaces/space.js";
import type { Connection, Session } from "./connection.js";

export interface ScreenProps {
  connection: Connection;
  session: Session;
  go(screen: string): void;
}

/** Pictures in a second: few where a step is a move on a board. */
export function rateOf({ overview, questions }: Session): number {
  const record = questions[0]?.record as { left?: { observations: unknown[] } } | undefined;
  const isBoard = typeof record?.left?.observations[0] === "number";
  return isBoard || overview?.env === "" ? 4 : 20;
}

/** The names of discrete actions, by number where they have none; empty for other spaces. */
export function actionNamesOf(space: Space | undefined, names: readonly string[] = []): string[] {
  if (space?.kind !== "discrete") return [];
  return Array.from({ length: space.n }, (_, a) => names[a] ?? `action ${a}`);
}

/** The bounds of each entry of a box of actions; 1 where it has none. */
export function boundsOf(space: Space | undefined): { low: number; high: number }[] {
  if (space?.kind !== "box") return [];
  const finite = (x: number | null, otherwise: number) => (x === null || !Number.isFinite(x) ? otherwise : x);
  return space.low.map((low, j) => ({ low: finite(low, -1), high: finite(space.high[j], 1) }));
}
