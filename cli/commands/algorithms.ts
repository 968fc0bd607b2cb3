/** @file `understudy-rl algorithms`: lists the algorithms. */

import * as z from "zod";
import { catalogue } from "../../algorithms/index.js";
import { describeNeeds } from "../../src/learning/define.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";
import { table } from "../table.js";

const schema = z.strictObject({ json });

export const algorithmsCommand: Command<typeof schema> = {
  name: "algorithms",
  schema,
  examples: ["algorithms"],

  async run({ json }) {
    const entries = catalogue.map((definition) => ({
      name: definition.name,
      needs: describeNeeds(definition),
      summary: definition.summary,
    }));
    if (json) printJson(entries);
    else {
      const rows = entries.map(({ name, needs, summary }) => [name, needs.join(", ") || "–", summary]);
      print(table(["algorithm", "learns from", "summary"], rows));
    }
  },
};
