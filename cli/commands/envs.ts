/** @file `understudy-rl envs`: lists the environments, describes one with its options, or checks one. */

import * as z from "zod";
import { envIds, envSpec, make } from "../../envs/index.js";
import {
  describeOptions,
  type OptionDescription,
  show,
  showType,
} from "../../src/config/describe-options.js";
import { checkEnv, formatFindings } from "../../src/env/check-env.js";
import type { Environment } from "../../src/env/contracts.js";
import type { EnvironmentListing } from "../../src/env/registry.js";
import { describeSpace } from "../../src/spaces/index.js";
import { type Command, print, printJson } from "../command.js";
import { json } from "../fields.js";
import { table } from "../table.js";

const schema = z.strictObject({
  env: z.string().optional().describe("environment to describe, with its options; unset: a list of all"),
  check: z.string().optional().describe("environment to check, such as a module of your own: ./my-env.mjs"),
  json,
});

export const envsCommand: Command<typeof schema> = {
  name: "envs",
  schema,
  positionals: ["env"],
  examples: ["envs", "envs CartPole-v1", "envs --check ./my-env.mjs"],

  async run({ env, check, json }) {
    if (check !== undefined) return checkOne(check);
    if (env !== undefined) return showOne(await environmentId(env), json);
    const entries = await Promise.all(envIds().map(async (id) => ({ id, ...(await listing(id)) })));
    if (json) printJson(entries.map((entry) => ({ ...entry, ...describedBySpec(entry.id) })));
    else {
      const rows = entries.map(({ id, observations, actions, limit }) => [
        id,
        observations,
        actions,
        limit ?? "–",
        envSpec(id).summary ?? "",
      ]);
      print(table(["environment", "observations", "actions", "limit", "summary"], rows));
    }
  },
};

/** The id of the environment that a word names. What reads modules is loaded only for it. */
const environmentId = async (word: string): Promise<string> =>
  (await import("../../src/runs/inputs.js")).environmentId(word);

/** What a list shows of an environment; one whose spec does not say is made. */
async function listing(id: string): Promise<EnvironmentListing> {
  const stated = envSpec(id).listing;
  if (stated) return stated;
  const env = await make(id);
  const entry = listingOf(env);
  env.close?.();
  return entry;
}

const listingOf = ({ observationSpace, actionSpace, maxEpisodeSteps }: Environment): EnvironmentListing => ({
  observations: describeSpace(observationSpace),
  actions: describeSpace(actionSpace),
  limit: maxEpisodeSteps,
});

function describedBySpec(id: string): { summary: string; options: OptionDescription[] } {
  const { summary = "", options } = envSpec(id);
  return { summary, options: options ? describeOptions(options) : [] };
}

async function showOne(id: string, asJson: boolean): Promise<void> {
  const env = await make(id);
  const facts = {
    ...listingOf(env),
    states: env.model?.().states,
    tasks: env.tasks && { clusters: env.tasks.clusters, episodesPerTask: env.episodesPerTask },
  };
  env.close?.();
  const { summary, options } = describedBySpec(id);
  if (asJson) {
    printJson({ id, summary, ...facts, options });
    return;
  }
  const { observations, actions, limit, states, tasks } = facts;
  const lines: [string, string][] = [
    ["observations", observations],
    ["actions", actions],
    ["limit", limit === undefined ? "none" : `${limit} steps`],
    ["exact model", states === undefined ? "no" : `${states} states`],
  ];
  if (tasks) lines.push(["tasks", `${tasks.clusters} clusters, ${tasks.episodesPerTask} episodes each`]);
  print(`${id}: ${summary}\n`);
  print(lines.map(([name, value]) => `${name.padEnd(13)} ${value}`).join("\n"));
  if (options.length > 0) print(`\noptions:\n${options.map(shownOption).join("\n")}`);
}

/** The name, type, bounds and default of an option on one line, its meaning on the next. */
function shownOption(option: OptionDescription): string {
  const value = option.default === undefined ? "" : `, default ${show(option.default)}`;
  return `  ${option.path}: ${showType(option)}${value}\n      ${option.meaning}`;
}

async function checkOne(env: string): Promise<void> {
  const findings = await checkEnv(await environmentId(env), { throws: true });
  print(`${env}: ${formatFindings(findings)}`);
}
