/** @file The picture of docs/reference/environments/tabletop.md: a task of each kind, halfway through its solution. */

import { sceneSvg } from "../../envs/mujoco/render/svg.js";
import { tabletop } from "../../envs/mujoco/tasks/tabletop.js";
import { tabletopExpert } from "../../envs/mujoco/tasks/tabletop-expert.js";
import type { Kind, TabletopTask } from "../../envs/mujoco/tasks/tabletop-tasks.js";
import { sideBySide } from "../lib/side-by-side.js";

/** Steps after which the script's hand is at the prop, or on its way to the goal. */
const MOMENTS: Record<Kind, number> = {
  reach: 6,
  push: 48,
  "drawer-open": 34,
  "door-open": 32,
  "button-press": 16,
  "pick-place": 46,
};

async function scene(kind: Kind): Promise<string> {
  const environment = await tabletop({ kinds: [kind] });
  let { observation } = environment.reset({ seed: 3 });
  const act = tabletopExpert(kind, environment.getTask!() as TabletopTask);
  for (let step = 0; step < MOMENTS[kind]; step++) ({ observation } = environment.step(act(observation)));
  const svg = sceneSvg(environment.frame(), { width: 240, height: 190, distance: 0.95 });
  environment.close();
  return svg;
}

export async function pictures(): Promise<Record<string, string>> {
  const parts: { title: string; svg: string }[] = [];
  for (const kind of Object.keys(MOMENTS) as Kind[]) parts.push({ title: kind, svg: await scene(kind) });
  return { "tabletop.svg": sideBySide(parts, 3) };
}
