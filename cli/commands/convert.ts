/** @file `understudy-rl convert <demonstrations>`: converts demonstrations from and to other formats. */

import * as z from "zod";
import { recordedReturn } from "../../src/datasets/demonstrations.js";
import { inferenceNotes } from "../../src/datasets/formats/infer-spaces.js";
import {
  readDemonstrations,
  readSchema,
  writeDemonstrations,
  writeSchema,
} from "../../src/datasets/read-demonstrations.js";
import { formatNumber } from "../../src/report/format.js";
import { environmentId } from "../../src/runs/inputs.js";
import { type Command, print } from "../command.js";
import { environmentFields } from "../fields.js";

const reading = readSchema.shape;

const schema = z.strictObject({
  demonstrations: z
    .string()
    .describe(
      "demonstrations to read: a folder of ours, an HDF5, .npz or Parquet file, or a folder with such files",
    ),
  ...environmentFields,
  from: reading.format,
  clip: reading.clip,
  observationColumn: reading.observationColumn,
  observationSpace: reading.observationSpace,
  actionSpace: reading.actionSpace,
  to: writeSchema.shape.format,
  fps: writeSchema.shape.fps,
  out: z.string().describe("the folder to write"),
});

export const convertCommand: Command<typeof schema> = {
  name: "convert",
  schema,
  positionals: ["demonstrations"],
  examples: [
    "convert trajectories.npz --env CartPole-v1 --out demos/cartpole",
    "convert lerobot/pusht --out demos/pusht",
    "convert demos/cartpole --to lerobot --fps 50 --out lerobot/cartpole",
  ],

  async run({ demonstrations: path, env, from, to, fps, out, ...reading }) {
    const demonstrations = await readDemonstrations(path, {
      env: env === undefined ? undefined : await environmentId(env),
      format: from,
      ...reading,
    });
    await writeDemonstrations(demonstrations, out, { format: to, fps });
    const { trajectories } = demonstrations;
    const steps = trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
    const found = recordedReturn(trajectories);
    const meanReturn = Number.isNaN(found) ? "unknown: there are no rewards" : formatNumber(found);
    print(
      `${trajectories.length} episodes of ${demonstrations.env}, ${steps} steps, mean return ${meanReturn}`,
    );
    const { omitted } = demonstrations.provenance;
    if (omitted) {
      const { episodes, steps } = omitted as { episodes: number; steps: number };
      print(
        `omitted         ${steps} last steps without a next observation, ${episodes} episodes of one row`,
      );
    }
    for (const note of inferenceNotes(demonstrations, demonstrations.provenance.inferred)) print(note);
    print(`demonstrations  ${out}`);
    if (to === "understudy") print(`next            npx understudy-rl train bc --demos ${out}`);
  },
};
