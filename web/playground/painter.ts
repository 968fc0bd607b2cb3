/** @file The playground's second worker: draws charts, episodes and maps, and prepares what a run needs. */

import "../../envs/register.js";
import { loadDefinition } from "../../algorithms/load.js";
import { loadTuned, tunedIn } from "../../algorithms/tuned/load.js";
import { useAssets } from "../../src/assets.js";
import { merge } from "../../src/config/merge.js";
import type { Problem } from "../../src/env/contracts.js";
import { problemOf } from "../../src/env/problem.js";
import { envSpec } from "../../src/env/registry.js";
import { UsageError } from "../../src/errors.js";
import type { Learner } from "../../src/learning/contract.js";
import { type AlgorithmDefinition, createFrom, hasNeed, needsOf } from "../../src/learning/define.js";
import { evaluatePolicy, greedyTable, valueIteration } from "../../src/mdp/index.js";
import { collect } from "../../src/measure/collect.js";
import { recordEpisodes } from "../../src/measure/record-episodes.js";
import type { Policy } from "../../src/policies/contract.js";
import { loadPolicy, policyOfModel, savePolicy, tabulate } from "../../src/policies/index.js";
import { gridPanel, renderReport } from "../../src/report/index.js";
import { sectionHtml } from "../../src/report/sections.js";
import { defaultRate, episodeDocument } from "../../src/runs/episode-document.js";
import { readRunConfig } from "../../src/runs/run-folder.browser.js";
import { runReport } from "../../src/runs/run-report.js";
import { parseJson } from "../../src/state/json.js";
import { readStored } from "../../src/state/stored-files.js";
import { expertIds, loadExpert } from "../../src/zoo/experts.js";
import { algorithmsFor } from "./choices.js";
import type { Answer, Imitated, Progress, Request, Tasks } from "./jobs.js";

// The page is beside the scripts, and so are the experts.
useAssets(new URL(".", import.meta.url));

/** Steps of a shown episode, and episodes of an imitated expert. */
const LONGEST = 300;
const DEMONSTRATED = 10;

const tasks: Tasks = {
  async outlook(env) {
    const problem = await problemOf(env);
    return {
      summary: envSpec(env).summary ?? "",
      algorithms: algorithmsFor(problem, problem.model !== undefined || (await expertIds()).includes(env)),
    };
  },

  async plan({ env, algorithm, options, steps }) {
    const definition = (await loadDefinition(algorithm))!;
    const tuned = tunedIn(await loadTuned(definition), definition, env);
    const given = await imitatedBy(definition, env);
    const { defaultSteps, unit } = createFrom(definition, {
      ...merge(tuned?.options ?? {}, options, definition.schema),
      ...given,
    }) as Learner;
    const { expert, ...rest } = given;
    return {
      steps: steps ?? tuned?.steps ?? defaultSteps,
      unit: unit ?? "",
      imitated: expert ? { expert: savePolicy(expert) } : rest,
    };
  },

  async curves(progress) {
    const { sections } = await reportOf(progress);
    return sections
      .filter((section) => section.kind === "curves" && !section.compact)
      .map((section, i) => sectionHtml(section, `curve-${i}`))
      .join("\n");
  },

  report: async (progress) => renderReport(await reportOf(progress)),

  async episode({ env, policy, title }) {
    const episodes = await recordEpisodes(loadPolicy(policy), { env, maxEpisodeSteps: LONGEST });
    return episodeDocument(episodes, { title, rate: await defaultRate({ env, environmentOptions: {} }) });
  },

  async values({ env, policy }) {
    const { model } = await problemOf(env);
    const learnt = loadPolicy(policy);
    if (!model?.grid || learnt.probabilities === undefined) return "";
    const table = greedyTable(model, await tabulate(learnt, model));
    const best = valueIteration(model);
    const section = {
      kind: "heatmap" as const,
      title: "Values of the states",
      reading:
        "The expected discounted return from each cell: of the policy's most likely actions, which the arrows show, and of the best policy.",
      unit: "value",
      panels: [
        gridPanel("the policy", model, evaluatePolicy(model, table), table),
        gridPanel("the best policy", model, best.values, best.policy),
      ],
    };
    return sectionHtml(section, "map");
  },
};

async function reportOf({ folder, metrics, evaluations }: Progress) {
  const config = await readRunConfig(folder);
  if (config === undefined) throw new UsageError(`there is no run in ${folder}`);
  const provenance = parseJson((await readStored(`${folder}/provenance.json`))!) as Record<string, unknown>;
  return runReport({ config, provenance, metrics, evaluations });
}

/** Whom an algorithm imitates: the best policy of an exact model, or the expert of the zoo. */
async function imitatedBy(definition: AlgorithmDefinition, env: string): Promise<Imitated<Policy>> {
  if (needsOf(definition).length === 0) return {};
  const expert = await expertOf(await problemOf(env), env);
  if (!hasNeed(definition, "demonstrations")) return { expert };
  return { demonstrations: await collect(expert, { env, episodes: DEMONSTRATED, seed: "playground" }) };
}

const expertOf = async ({ model, observationSpace }: Problem, env: string): Promise<Policy> =>
  model ? policyOfModel(model, valueIteration(model).policy, observationSpace) : loadExpert(env);

const scope = globalThis as unknown as {
  postMessage(answer: Answer): void;
  addEventListener(kind: "message", hear: (event: { data: Request }) => void): void;
};

scope.addEventListener("message", async ({ data: { id, task, argument } }) => {
  try {
    const result = await tasks[task](argument as never);
    scope.postMessage({ id, result });
  } catch (error) {
    scope.postMessage({ id, error: (error as Error).message });
  }
});
