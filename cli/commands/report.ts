/** @file `understudy-rl report <run>`: writes the report of a run as an HTML file. */

import { z } from "zod";
import { writeReport } from "../../src/runs/run-records.js";
import { readSeeds, writeSeedsReport } from "../../src/runs/seeds-run.js";
import { type Command, print } from "../command.js";

const schema = z.strictObject({
  run: z.string().describe("a run folder, or a folder of several seeds"),
});

export const reportCommand: Command<typeof schema> = {
  name: "report",
  schema,
  positionals: ["run"],
  examples: ["report runs/ppo-CartPole-v1-0"],

  async run({ run }) {
    print(await (readSeeds(run) ? writeSeedsReport(run) : writeReport(run)));
  },
};
