/** @file `understudy envs`: what there is to act in, and a check of one's own. */

import { z } from "zod";
import { envIds, envSpec, make } from "../../../envs/index.js";
import { checkEnv, formatFindings } from "../../rollout/check-env.js";
import { describeSpace } from "../../spaces/index.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";
import { environmentId } from "../inputs.js";
import { table } from "../table.js";

const schema = z.strictObject({
  check: z
    .string()
    .optional()
    .describe("check an environment, for example a module of your own: ./my-env.mjs"),
  json,
});

export const envsCommand: Command<typeof schema> = {
  name: "envs",
  summary: "the environments, or a check of one of your own",
  schema,
  examples: ["envs", "envs --check ./my-env.mjs"],

  async run({ check, json }) {
    if (check !== undefined) return checkOne(check);
    const entries = await Promise.all(envIds().map(describe));
    if (json) printJson(entries);
    else {
      const rows = entries.map(({ id, observations, actions, limit, summary }) => [
        id,
        observations,
        actions,
        limit ?? "–",
        summary,
      ]);
      print(table(["environment", "observations", "actions", "limit", "summary"], rows));
    }
  },
};

async function describe(id: string) {
  const { summary = "", options } = envSpec(id);
  const env = await make(id);
  const defaults: Record<string, unknown> = options?.safeParse({}).data ?? {};
  const entry = {
    id,
    observations: describeSpace(env.observationSpace),
    actions: describeSpace(env.actionSpace),
    limit: env.maxEpisodeSteps,
    summary,
    options: defaults,
  };
  env.close?.();
  return entry;
}

async function checkOne(env: string): Promise<void> {
  const findings = await checkEnv(await environmentId(env), { throws: true });
  print(`${env}: ${formatFindings(findings)}`);
}
