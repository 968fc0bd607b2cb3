/**
 * @file Adversarial imitation on CartPole from every 20th pair of one episode: what each method reaches, and what happens
 * to GAIL when the end of an episode is worth nothing. `node dist/experiments/adversarial.js` writes the figures to
 * experiments/results/adversarial.json and the picture to docs/adversarial, in some minutes.
 */

import { mkdir } from "node:fs/promises";
import { airl, algorithmFor, density, gail, ppo, sqil, tuned } from "../algorithms/index.js";
import { collect, createRng, evaluate, mean, train } from "../index.js";
import { subsample } from "../src/data/demonstration-tools.js";
import { writeFileAtomic } from "../src/data/files.js";
import { provenance } from "../src/experiment/provenance.js";
import { UniformPolicy } from "../src/policies/index.js";
import type { Algorithm, Policy } from "../src/rollout/contracts.js";
import { lineChart } from "./pictures/line-chart.js";

const ENV = "CartPole-v1";
const SEEDS = 10;
const STEPS = tuned("gail", ENV)!.steps!;

const from = provenance("0, 1, …");
const expert = await train(ppo(), { env: ENV, steps: 50_000, seed: 0 });
const shown = await collect(expert, { env: ENV, episodes: 1, seed: 1, deterministic: true });
const demonstrations = subsample(shown, { every: 20, rng: createRng("pairs") });
const settings = tuned("gail", ENV)!.options as { optimiser: object };

const measured = async (policy: Policy) => (await evaluate(policy, { env: ENV, episodes: 50, seed: 2 })).mean;
const best = await measured(expert);
const worst = await measured(new UniformPolicy(shown.observationSpace, shown.actionSpace));

/** Normalised scores, a seed each: random 0, the demonstrating expert 1. */
async function scores(algorithm: Algorithm, steps: number): Promise<number[]> {
  const found = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const policy = await train(algorithm, { env: ENV, steps, seed });
    found.push(((await measured(policy)) - worst) / (best - worst));
  }
  return found;
}

const methods: Record<string, { algorithm: Algorithm; steps: number }> = {
  gail: { algorithm: algorithmFor("gail", ENV, { demonstrations }), steps: STEPS },
  "gail, −log(1 − D)": {
    algorithm: gail({ demonstrations, ...settings, reward: "negative-log-one-minus-d" }),
    steps: STEPS,
  },
  "gail, log D": { algorithm: gail({ demonstrations, ...settings, reward: "log-d" }), steps: STEPS },
  airl: { algorithm: airl({ demonstrations, ...settings }), steps: STEPS },
  "sqil, with dqn": { algorithm: sqil({ demonstrations, optimiser: "dqn" }) as Algorithm, steps: 30_000 },
  density: { algorithm: density({ demonstrations, optimiser: settings.optimiser }), steps: STEPS },
};
const results = [];
for (const [method, { algorithm, steps }] of Object.entries(methods)) {
  const found = await scores(algorithm, steps);
  results.push({ method, steps, mean: mean(found), scores: found });
  console.log(`${method}: ${mean(found).toFixed(2)} (${found.map((x) => x.toFixed(2)).join(", ")})`);
}

/** Mean return in training over the seeds, at twenty places. */
async function curve(reward: "log-d" | "negative-log-one-minus-d", horizon: "absorbing" | "variable") {
  const steps = 40_000;
  const sums = new Map<number, number>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const algorithm = gail({ demonstrations, ...settings, reward, horizon });
    const { metrics } = await train.run(algorithm, { env: ENV, steps, seed });
    for (const row of metrics) sums.set(row.steps, (sums.get(row.steps) ?? 0) + row.return / SEEDS);
  }
  return [...sums].map(([step, value]) => [step / 1000, value] as const);
}

const lines = [
  { label: "log D ≤ 0, absorbing", colour: "#0969da", points: await curve("log-d", "absorbing") },
  { label: "log D ≤ 0, variable", colour: "#0969da", dashed: true, points: await curve("log-d", "variable") },
  {
    label: "−log(1 − D) ≥ 0, absorbing",
    colour: "#cf222e",
    points: await curve("negative-log-one-minus-d", "absorbing"),
  },
  {
    label: "−log(1 − D) ≥ 0, variable",
    colour: "#cf222e",
    dashed: true,
    points: await curve("negative-log-one-minus-d", "variable"),
  },
];
const picture = lineChart({
  title: "GAIL on CartPole: what the end of an episode is worth",
  x: "environment steps (thousands)",
  y: "return in training",
  lines,
  xTicks: [0, 10, 20, 30, 40],
  yTicks: [0, 100, 200, 300],
});
await mkdir("docs/adversarial", { recursive: true });
await writeFileAtomic("docs/adversarial/horizon.svg", new TextEncoder().encode(picture));
const report = {
  provenance: from,
  env: ENV,
  pairs: demonstrations.trajectories[0].steps!.length,
  expertReturn: best,
  randomReturn: worst,
  results,
  horizons: lines.map(({ label, points }) => ({ label, points })),
};
await mkdir("experiments/results", { recursive: true });
await writeFileAtomic(
  "experiments/results/adversarial.json",
  new TextEncoder().encode(`${JSON.stringify(report, undefined, 1)}\n`),
);
