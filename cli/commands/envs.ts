/** @file `understudy envs`: what there is to act in, and a check of one's own. */

import { z } from "zod";
import { envIds, envSpec, make } from "../../envs/index.js";
import { checkEnv, formatFindings } from "../../src/env/check-env.js";
import type { Environment } from "../../src/env/contracts.js";
import { describeSpace } from "../../src/spaces/index.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";
import { environmentId } from "../inputs.js";
import { table } from "../table.js";

const schema = z.strictObject({
  env: z.string().optional().describe("one environment, to be shown with its options"),
  check: z
    .string()
    .optional()
    .describe("check an environment, for example a module of your own: ./my-env.mjs"),
  json,
});

export const envsCommand: Command<typeof schema> = {
  name: "envs",
  summary: "the environments, the options of one, or a check of one of your own",
  schema,
  positionals: ["env"],
  examples: ["envs", "envs CartPole-v1", "envs --check ./my-env.mjs"],

  async run({ env, check, json }) {
    if (check !== undefined) return checkOne(check);
    if (env !== undefined) return showOne(await environmentId(env), json);
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
  const env = await make(id);
  const entry = entryOf(env);
  env.close?.();
  return entry;
}

/** What lists say of an environment. */
function entryOf(env: Environment) {
  const { id } = env;
  const { summary = "", options } = envSpec(id);
  const defaults = options?.safeParse({}).data ?? {};
  const names = Object.keys(options?.shape ?? {});
  return {
    id,
    observations: describeSpace(env.observationSpace),
    actions: describeSpace(env.actionSpace),
    limit: env.maxEpisodeSteps,
    summary,
    tasks: env.tasks && { clusters: env.tasks.clusters, episodesPerTask: env.episodesPerTask },
    options: Object.fromEntries(names.map((name) => [name, defaults[name] ?? null])),
  };
}

async function showOne(id: string, asJson: boolean): Promise<void> {
  const env = await make(id);
  const entry = { ...entryOf(env), states: env.model?.().states };
  env.close?.();
  if (asJson) {
    printJson(entry);
    return;
  }
  const { summary, observations, actions, limit, states, tasks, options } = entry;
  print(`${id}: ${summary}\n`);
  const facts: [string, string | number][] = [
    ["observations", observations],
    ["actions", actions],
    ["limit", limit === undefined ? "none" : `${limit} steps`],
    ["exact model", states === undefined ? "no" : `${states} states`],
  ];
  if (tasks) facts.push(["tasks", `${tasks.clusters} clusters, ${tasks.episodesPerTask} episodes each`]);
  print(facts.map(([name, value]) => `${name.padEnd(13)} ${value}`).join("\n"));
  const rows = Object.entries(options).map(([name, value]) => [
    name,
    value === null ? "–" : JSON.stringify(value, withInfinity).replace(/"(−?∞)"/g, "$1"),
  ]);
  if (rows.length > 0) print(`\n${table(["option", "default"], rows)}`);
}

/** JSON has no infinities. */
const withInfinity = (_: string, value: unknown) =>
  value === Infinity ? "∞" : value === -Infinity ? "−∞" : value;

async function checkOne(env: string): Promise<void> {
  const findings = await checkEnv(await environmentId(env), { throws: true });
  print(`${env}: ${formatFindings(findings)}`);
}
