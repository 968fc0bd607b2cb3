/** @file `understudy-rl report <runs..>`: writes the report of a run, or the comparison of several, as an HTML file. */

import * as z from "zod";
import { UsageError } from "../../src/errors.js";
import { formatCell } from "../../src/report/format.js";
import { compareRuns, compareRunsSchema } from "../../src/runs/compare-runs.js";
import { comparisonFiles } from "../../src/runs/comparison-records.js";
import { writeReport } from "../../src/runs/run-records.js";
import { readSeeds, writeSeedsReport } from "../../src/runs/seeds-run.js";
import { type Command, print, warn } from "../command.js";
import { table } from "../table.js";

const schema = z.strictObject({
  runs: z
    .array(z.string())
    .min(1)
    .describe("a run folder, or a folder of several seeds; with several, the report compares them"),
  by: compareRunsSchema.shape.by,
  out: z
    .string()
    .min(1)
    .optional()
    .describe(
      "with several: the HTML file, with CSV and Markdown files beside it, or a folder for them; unset: " +
        "comparison.html in this folder",
    ),
});

export const reportCommand: Command<typeof schema> = {
  name: "report",
  schema,
  positionals: ["runs"],
  examples: ["report runs/ppo-CartPole-v1-0", "report runs/ppo runs/a2c --out comparison.html"],

  async run({ runs, by, out = "." }, given) {
    const [run, ...others] = runs;
    if (others.length === 0) {
      const flag = ["out", "by"].find((name) => given[name] !== undefined);
      if (flag) throw new UsageError(`report: --${flag} is for the comparison of several runs; give several`);
      print(await (readSeeds(run) ? writeSeedsReport(run) : writeReport(run)));
      return;
    }
    const { groups, measure, omitted } = await compareRuns(runs, { by, out });
    for (const { folder, reason } of omitted) warn(`left out: ${folder}: ${reason}`);
    const files = comparisonFiles(out);
    print(
      table(
        ["method", measure ?? "measure", "seeds"],
        groups.map(({ name, final, seeds }) => [name, formatCell(final), String(seeds.length)]),
      ),
    );
    print(`\nreport      ${files.html}`);
    print(`tables      ${files.csv}, ${files.markdown}`);
    print(`curves      ${files.curves}`);
  },
};
