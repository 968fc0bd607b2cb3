/**
 * @file Draws the pictures of docs/reference/environments with the environments themselves: `node
 * dist/experiments/pictures.js` writes all of them.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../src/state/files.js";
import { pictures as bandits } from "./pictures/bandits.js";
import { pictures as classicControl } from "./pictures/classic-control.js";
import { pictures as gridworlds } from "./pictures/gridworlds.js";
import { pictures as mujoco } from "./pictures/mujoco.js";
import { pictures as mujocoTasks } from "./pictures/mujoco-tasks.js";
import { pictures as points } from "./pictures/points.js";
import { pictures as tabletop } from "./pictures/tabletop.js";
import { pictures as tabular } from "./pictures/tabular.js";
import { pictures as tasks } from "./pictures/tasks.js";
import { pictures as toyText } from "./pictures/toy-text.js";

const FOLDER = "docs/reference/environments";

await mkdir(FOLDER, { recursive: true });
for (const pictures of [
  bandits,
  classicControl,
  gridworlds,
  mujoco,
  mujocoTasks,
  points,
  tabletop,
  tabular,
  tasks,
  toyText,
]) {
  for (const [name, svg] of Object.entries(await pictures())) {
    await writeFileAtomic(join(FOLDER, name), new TextEncoder().encode(svg));
    console.log(join(FOLDER, name));
  }
}
