/** @file `understudy-rl compare <expert> <learner>`: measures the distance of a learner from an expert. */

import * as z from "zod";
import type { ExactDiagnostics, SampledDiagnostics } from "../../src/diagnostics/index.js";
import { compare, compareSchema } from "../../src/measure/compare.js";
import { formatEstimate, formatNumber } from "../../src/report/format.js";
import { cutWarning } from "../../src/rollout/trajectory.js";
import { environmentFor, environmentOf, policyAt } from "../../src/runs/inputs.js";
import { type Command, print, printJson, warn } from "../command.js";
import { environmentFields, json, policyPath, problemFields, seed } from "../fields.js";
import { table } from "../table.js";

const schema = z.strictObject({
  expert: policyPath,
  learner: policyPath,
  ...environmentFields,
  ...problemFields,
  seed,
  episodes: compareSchema.shape.episodes,
  json,
});

export const compareCommand: Command<typeof schema> = {
  name: "compare",
  schema,
  positionals: ["expert", "learner"],
  examples: ["compare runs/ppo-CartPole-v1-0 runs/bc-CartPole-v1-0", "compare expert runs/bc-CartPole-v1-0"],

  async run({ expert, learner, seed, episodes, json, ...rest }, _given, trust) {
    const { workers, workerTimeout, maxEpisodeSteps, ...asked } = rest;
    const b = await policyAt(learner, { env: asked.env, trust });
    const a = await policyAt(expert, { env: asked.env ?? environmentOf(b.run), trust });
    const where = await environmentFor(asked, b.run ?? a.run, trust);
    const played = { workers, workerTimeout, maxEpisodeSteps };
    const comparison = await compare(a.policy, b.policy, { ...where, ...played, seed, episodes });
    const { sampled: measured } = comparison;
    const all = [measured.expert, measured.learner, measured.random];
    const cut = all.reduce((sum, { truncatedByLimit }) => sum + truncatedByLimit, 0);
    warn(cutWarning(cut, all.length * episodes));
    if (json) printJson({ expert, learner, ...where, seed, ...comparison });
    else {
      const { sampled, exact } = comparison;
      print(table(["from samples", where.env], sampledRows(sampled)));
      if (exact) print(`\n${table(["from the exact model", where.env], exactRows(exact))}`);
    }
  },
};

function sampledRows(sampled: SampledDiagnostics): string[][] {
  const { expert, learner, random, gap, normalisedScore, disagreement, performanceDifference } = sampled;
  return [
    ["expert's mean return [95 %]", formatEstimate(expert)],
    ["learner's mean return", formatEstimate(learner)],
    ["uniformly random return", formatEstimate(random)],
    ["gap: expert − learner", formatEstimate(gap)],
    ["normalised score", formatNumber(normalisedScore)],
    ["actions differ, expert's states", formatNumber(disagreement.onExpert)],
    ["actions differ, learner's states", formatNumber(disagreement.onLearner)],
    ...(performanceDifference ? [["gap by the lemma", formatEstimate(performanceDifference)]] : []),
  ];
}

function exactRows(exact: ExactDiagnostics): string[][] {
  const { expertValue, learnerValue, gap, forward, reverse, epsilon, bound, tightness, occupancy } = exact;
  const rows: [string, number][] = [
    ["expert's value", expertValue],
    ["learner's value", learnerValue],
    ["gap: expert − learner", gap],
    ["residual of the lemma, forward", forward.residual],
    ["residual of the lemma, reverse", reverse.residual],
    ["ε: policies differ, expert's states", epsilon],
    ["bound on the gap", bound],
    ["gap / bound", tightness],
    ["total variation of occupancies", occupancy.totalVariation],
    ["Jensen–Shannon of occupancies", occupancy.jensenShannon],
  ];
  return rows.map(([name, value]) => [name, formatNumber(value)]);
}
