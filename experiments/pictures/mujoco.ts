/**
 * @file The picture of docs/reference/environments/mujoco.md: the eleven robots, each in a pose that shows its joints.
 */

import { type MujocoId, mujocoModels } from "../../envs/mujoco/models/index.js";
import { loadPhysics } from "../../envs/mujoco/physics/load.js";
import { type Frame, frameOf } from "../../envs/mujoco/render/frame.js";
import { sceneSvg, type View } from "../../envs/mujoco/render/svg.js";

/** Size of the picture of one robot (px), and number of pictures in a row. */
const WIDTH = 210;
const HEIGHT = 150;
const GAP = 8;
const COLUMNS = 4;
const LABEL = 24;

const VIEWS: Partial<Record<MujocoId, View>> = {
  "Reacher-v5": "top",
  "Swimmer-v5": "top",
  "Pusher-v5": "corner",
  "Ant-v5": "corner",
  "Humanoid-v5": "corner",
  "HumanoidStandup-v5": "corner",
};

/** The last coordinates of robots whose default pose shows little. */
const POSES: Partial<Record<MujocoId, readonly number[]>> = {
  "InvertedPendulum-v5": [0.15],
  "InvertedDoublePendulum-v5": [0.15, -0.3],
  "Reacher-v5": [0.5, 1, 0.02, 0.15],
  "Swimmer-v5": [0.7, -0.9],
  "Hopper-v5": [-0.25, -0.1, -0.7, 0.6],
  "Walker2d-v5": [-0.2, -0.6, -0.5, -0.2, 0, -0.2, 0.3],
  "Ant-v5": [0.3, 1, -0.3, -1, 0.3, -1, -0.3, 1],
};

/** The same frame with the camera aimed at its middle. */
function centred(frame: Frame): Frame {
  const solid = frame.geoms.filter(({ shape }) => shape !== "plane");
  const middle = (k: number) => {
    const along = solid.map(({ position }) => position[k]);
    return (Math.min(...along) + Math.max(...along)) / 2;
  };
  return { ...frame, centre: [middle(0), middle(1), middle(2)] };
}

export async function pictures(): Promise<Record<string, string>> {
  const physics = await loadPhysics();
  const ids = Object.keys(mujocoModels) as MujocoId[];
  const cells = ids.map((id, k) => {
    const model = physics.compile(mujocoModels[id]);
    const data = model.createData();
    const pose = POSES[id] ?? [];
    data.qpos.set(pose, data.qpos.length - pose.length);
    data.forward();
    const [x, y] = [(k % COLUMNS) * WIDTH, Math.floor(k / COLUMNS) * (HEIGHT + LABEL)];
    const frame = centred(frameOf(model, data));
    const scene = sceneSvg(frame, {
      view: VIEWS[id] ?? "side",
      width: WIDTH - GAP,
      height: HEIGHT - GAP,
    });
    data.free();
    model.free();
    return `<g transform="translate(${x} ${y + LABEL})">
<text x="8" y="-7" font-family="system-ui, sans-serif" font-size="13" fill="#24292f">${id}</text>
${scene}
</g>`;
  });
  const [width, height] = [COLUMNS * WIDTH, Math.ceil(ids.length / COLUMNS) * (HEIGHT + LABEL)];
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...cells,
    "</svg>",
    "",
  ].join("\n");
  return { "mujoco.svg": svg };
}
