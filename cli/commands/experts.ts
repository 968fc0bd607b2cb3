/** @file `understudy-rl experts`: lists the trained experts of the package. */

import * as z from "zod";
import { formatNumber } from "../../src/report/format.js";
import { expertIds, expertInfo } from "../../src/zoo/experts.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";
import { table } from "../table.js";

const schema = z.strictObject({ json });

export const expertsCommand: Command<typeof schema> = {
  name: "experts",
  schema,
  examples: ["experts", "evaluate expert:CartPole-v1"],

  async run({ json }) {
    const infos = await Promise.all((await expertIds()).map((id) => expertInfo(id)));
    if (json) {
      printJson(infos);
      return;
    }
    const rows = infos.map(({ id, algorithm, steps, evaluation, file }) => [
      id,
      algorithm,
      formatNumber(steps),
      plusMinus(evaluation.deterministic),
      plusMinus(evaluation.stochastic),
      `${Math.ceil(file.bytes / 1000)} kB`,
    ]);
    print(table(["expert", "algorithm", "steps", "mean return ± std", "of samples", "size"], rows));
  },
};

const plusMinus = ({ mean, std }: { mean: number; std: number }) =>
  `${formatNumber(mean)} ± ${formatNumber(std)}`;
