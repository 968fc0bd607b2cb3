/**
 * @file Forward KL covers modes and reverse KL picks one: the two-way obstacle, exactly on a grid and from samples with
 * continuous steering. `node dist/experiments/divergences.js` writes the numbers to experiments/results/divergences.json
 * and the pictures to docs/evidence/imitation, in a few minutes.
 */

import { mkdir } from "node:fs/promises";
import { distributionMatching, ppo } from "../algorithms/index.js";
import { gridSvg } from "../envs/index.js";
import { createRng, mean, train } from "../index.js";
import { demonstratedOccupancy } from "../src/datasets/occupancy.js";
import { type DivergenceKind, divergence, divergenceKinds } from "../src/diagnostics/index.js";
import { stateActionOccupancy } from "../src/mdp/index.js";
import { tabulate } from "../src/policies/index.js";
import { provenance } from "../src/runs/provenance.js";
import { writeFileAtomic } from "../src/state/files.js";
import {
  bestGaussian,
  divergenceFrom,
  expertDensity,
  FURTHEST,
  HALF_WIDTH,
  learnerDensity,
  steering,
  steeringDemonstrations,
} from "./divergences/steering.js";
import {
  outcomes,
  rowFeatures,
  shares,
  twoWay,
  twoWayDemonstrations,
  twoWayModel,
} from "./divergences/two-way.js";
import { lineChart } from "./lib/line-chart.js";
import { sideBySide } from "./lib/side-by-side.js";

const GRID_SEEDS = 10;
const STEERING_SEEDS = 3;
const NAMES: Record<DivergenceKind, string> = {
  kl: "KL(expert ‖ learner)",
  "reverse-kl": "KL(learner ‖ expert)",
  js: "Jensen–Shannon",
  tv: "total variation",
};
const COLOURS: Record<DivergenceKind, string> = {
  kl: "#0969da",
  "reverse-kl": "#cf222e",
  js: "#8250df",
  tv: "#bf8700",
};
const percent = (share: number) => `${Math.round(100 * Math.abs(share))} %`;

/** Exact matching on the grid: the outcomes of drives for every seed, and their paths for the first seed. */
async function onGrid() {
  const model = twoWayModel();
  const demonstrations = twoWayDemonstrations(10);
  const target = demonstratedOccupancy(model, demonstrations.trajectories);
  const panels = [{ title: "experts", pairs: target }];
  const results = [];
  for (const kind of divergenceKinds) {
    for (let seed = 0; seed < GRID_SEEDS; seed++) {
      const algorithm = distributionMatching({
        demonstrations,
        divergence: kind,
        estimator: "exact",
        features: rowFeatures(),
        updates: 600,
      });
      const { policy, metrics } = await train.run(algorithm, { env: twoWay, seed });
      const pairs = stateActionOccupancy(model, await tabulate(policy, model));
      const ends = outcomes(pairs);
      // Without smoothing, as used in training, the reverse KL from demonstrations is infinite.
      const others = divergenceKinds.filter((other) => other !== "reverse-kl");
      const distances = Object.fromEntries(others.map((other) => [other, divergence(other, target, pairs)]));
      const trained = metrics.at(-1)!.divergence;
      results.push({ divergence: kind, seed, ...ends, trained, distances });
      if (seed === 0) panels.push({ title: `${NAMES[kind]}: ${percent(ends.crash)} crash`, pairs });
      console.log(`grid, ${kind}, seed ${seed}: left ${percent(ends.left)}, crash ${percent(ends.crash)}`);
    }
  }
  const pictures = panels.map(({ title, pairs }) => ({
    title,
    svg: gridSvg(model.grid!, { heat: shares(pairs), range: [0, 1], cell: 24, unit: "share of episodes" }),
  }));
  return { results, picture: sideBySide(pictures) };
}

interface SteeringResult {
  divergence: DivergenceKind;
  seed: number;
  /** Mean and standard deviation of the learner's Gaussian. */
  mean: number;
  std: number;
  /** The divergence between the experts' density and the learner's, and the least divergence of any Gaussian. */
  reached: number;
  best: ReturnType<typeof bestGaussian>;
}

/** Matching by density ratios with a Gaussian policy, trained by PPO. */
async function withWheel() {
  const demonstrations = steeringDemonstrations(1000);
  const steps = 40_000;
  const results: SteeringResult[] = [];
  for (const kind of divergenceKinds) {
    const best = bestGaussian(kind);
    for (let seed = 0; seed < STEERING_SEEDS; seed++) {
      const algorithm = distributionMatching({
        demonstrations,
        divergence: kind,
        horizon: "variable",
        discriminator: {
          hidden: [32, 32],
          updates: 16,
          learningRate: 3e-3,
          normaliseObservations: false,
        },
        optimiser: ppo({
          environments: 64,
          rolloutSteps: 8,
          minibatchSize: 128,
          epochs: 4,
          hidden: [],
          learningRate: { from: 3e-3, to: 2e-4, steps },
          initialLogStd: -1.6 - Math.log(FURTHEST),
        }),
      });
      const { policy } = await train.run(algorithm, { env: steering, seed, steps });
      const request = { rng: createRng(seed), deterministic: true };
      const centre = (await policy.act(new Float32Array(1), request)).actions[0];
      const std = FURTHEST * Math.exp(policy.toData().arrays["head.logStd"].data[0]);
      const reached = divergenceFrom(kind, centre, std);
      results.push({ divergence: kind, seed, mean: centre, std, reached, best });
      const line = `mean ${centre.toFixed(2)}, deviation ${std.toFixed(2)}`;
      console.log(
        `wheel, ${kind}, seed ${seed}: ${line}, ${reached.toFixed(3)} of at best ${best.divergence.toFixed(3)}`,
      );
    }
  }
  const xs = Array.from({ length: 121 }, (_, i) => -3 + i / 20);
  const over = (density: (x: number) => number) => xs.map((x): [number, number] => [x, density(x)]);
  const picture = lineChart({
    title: "Density of the position beside the obstacle",
    x: `lateral position (obstacle from −${HALF_WIDTH} to ${HALF_WIDTH})`,
    y: "density",
    xTicks: [-3, -2, -1, 0, 1, 2, 3],
    yTicks: [0, 0.5, 1, 1.5, 2],
    lines: [
      { label: "experts", colour: "#57606a", dashed: true, points: over(expertDensity) },
      ...divergenceKinds.map((kind) => {
        const [{ mean, std }] = results.filter((r) => r.divergence === kind);
        return {
          label: NAMES[kind],
          colour: COLOURS[kind],
          points: over((x) => learnerDensity(x, mean, std)),
        };
      }),
    ],
  });
  return { results, picture };
}

const from = await provenance("0, 1, …");
const [grid, wheel] = [await onGrid(), await withWheel()];
const crashes = Object.fromEntries(
  divergenceKinds.map((kind) => [
    kind,
    mean(grid.results.filter((r) => r.divergence === kind).map((r) => Math.max(0, r.crash))),
  ]),
);
await mkdir("docs/evidence/imitation", { recursive: true });
await mkdir("experiments/results", { recursive: true });
const write = (path: string, text: string) => writeFileAtomic(path, new TextEncoder().encode(text));
await write("docs/evidence/imitation/two-way.svg", grid.picture);
await write("docs/evidence/imitation/steering.svg", wheel.picture);
const result = {
  provenance: from,
  grid: { meanCrashes: crashes, runs: grid.results },
  steering: wheel.results,
};
await write("experiments/results/divergences.json", `${JSON.stringify(result, undefined, 1)}\n`);
console.log(crashes);
