/**
 * @file Small cases of inverse reinforcement learning: random outcomes that a model of trajectories attributes to the
 * actor, margins that decrease and margins that do not, and feature moments that no policy can match.
 */

import { apprenticeship, maxCausalEntIrl } from "../../algorithms/index.js";
import { gridworld } from "../../envs/gridworld/gridworld.js";
import { macroCells } from "../../envs/gridworld/macro-cells.js";
import { collect, TabularPolicy, train } from "../../index.js";
import type { Metrics } from "../../src/learning/contract.js";
import {
  softFiniteHorizon,
  tabularModel,
  trajectoryDistribution,
  valueIteration,
} from "../../src/mdp/index.js";
import { lineChart } from "../lib/line-chart.js";

/**
 * A fair gamble: action 0 wins or loses `stake` with probability ½ each, action 1 has reward 0. Maximum causal entropy is
 * indifferent; the maximum entropy distribution over trajectories prefers the gamble, as if its outcome could be chosen.
 */
export function lucky(): { stake: number; causal: number; trajectories: number }[] {
  return Array.from({ length: 21 }, (_, i) => i / 4).map((stake) => {
    const gamble = [
      { next: 1, probability: 0.5, reward: stake },
      { next: 1, probability: 0.5, reward: -stake },
    ];
    const model = tabularModel({
      states: 2,
      actions: 2,
      discount: 0.9,
      initial: 0,
      terminal: [1],
      transitions: (_, action) => (action === 0 ? gamble : [{ next: 1, probability: 1 }]),
    });
    const [causal, trajectories] = [softFiniteHorizon, trajectoryDistribution].map(
      (solve) => solve(model, { horizon: 1 }).policy[0],
    );
    return { stake, causal, trajectories };
  });
}

/** The probability of the gamble of `lucky` in both models, by stake. */
export function luckyChart(gambles: ReturnType<typeof lucky>): string {
  const line = (of: "causal" | "trajectories") => gambles.map((row) => [row.stake, row[of]] as const);
  return lineChart({
    title: "Fair gamble: probability of the gamble, by stake",
    x: "stake (reward)",
    y: "probability of the gamble",
    xTicks: [0, 1, 2, 3, 4, 5],
    yTicks: [0, 0.25, 0.5, 0.75, 1],
    lines: [
      { label: "maxEntIrl", colour: "#cf222e", points: line("trajectories") },
      { label: "maxCausalEntIrl", colour: "#1f6feb", dashed: true, points: line("causal") },
    ],
  });
}

/** Macro-cells and their optimal policy. */
function cells() {
  const make = () => macroCells({ size: 16, macro: 4, discount: 0.9 });
  const environment = make();
  const model = environment.model!();
  const features = environment.grid.features as number[][];
  return { make, features, expert: new TabularPolicy(model.states, valueIteration(model).policy) };
}

/** The margin by round, at least 0.001 because axes are logarithmic. */
const marginsOf = (metrics: readonly Metrics[]) =>
  metrics.map(({ steps, margin }) => [steps, Math.max(margin, 0.001)] as const);

/** With few demonstrations margins stop decreasing, because no policy has the sampled feature expectations. */
export async function fewChart(): Promise<string> {
  const { make, features, expert } = cells();
  const line = async (episodes: number, colour: string) => {
    const demonstrations = await collect(expert, { env: make, episodes, seed: 0 });
    const { metrics } = await train.run(apprenticeship({ demonstrations, features, iterations: 50 }), {
      env: make,
      seed: 0,
    });
    return { label: `${episodes} episode${episodes > 1 ? "s" : ""}`, colour, points: marginsOf(metrics) };
  };
  return lineChart({
    title: "Margin from 1, 10 and 100 demonstrations",
    x: "round",
    y: "margin (feature expectations)",
    logarithmic: true,
    xTicks: [1, 5, 10, 20, 50],
    yTicks: [0.01, 0.1, 1, 10, 100],
    lines: [await line(1, "#cf222e"), await line(10, "#bf8700"), await line(100, "#1f6feb")],
  });
}

/** The margin of both variants of apprenticeship learning by round, from exact feature expectations of an expert. */
export async function marginChart(): Promise<string> {
  const { make, features, expert } = cells();
  const margins = async (variant: "max-margin" | "projection") => {
    const algorithm = apprenticeship({ expert, features, variant, iterations: 50 });
    const { metrics } = await train.run(algorithm, { env: make, seed: 0 });
    return marginsOf(metrics);
  };
  return lineChart({
    title: "Margin of apprenticeship learning on macro-cells",
    x: "round",
    y: "margin (feature expectations)",
    logarithmic: true,
    xTicks: [1, 5, 10, 20, 50],
    yTicks: [0.001, 0.01, 0.1, 1, 10],
    lines: [
      { label: "max-margin", colour: "#1f6feb", points: await margins("max-margin") },
      { label: "projection", colour: "#bf8700", dashed: true, points: await margins("projection") },
    ],
  });
}

/**
 * On a slippery floor no policy has the moments of few demonstrations; matching them makes rewards grow without bound.
 */
export async function momentsChart(): Promise<string> {
  const make = () => gridworld({ discount: 0.9, maxEpisodeSteps: 40 });
  const model = make().model!();
  const expert = new TabularPolicy(model.states, valueIteration(model).policy);
  const demonstrations = await collect(expert, { env: make, episodes: 10, seed: 0 });
  const gaps = async (options: { objective: "moments" | "actions"; l2: number }) => {
    const algorithm = maxCausalEntIrl({ demonstrations, iterations: 60, diagnosticsEvery: 1, ...options });
    const { metrics } = await train.run(algorithm, { env: make, seed: 0 });
    return metrics.map(({ steps, logLikelihood }) => [steps, logLikelihood] as const);
  };
  const within = (points: (readonly [number, number])[]) => points.filter(([, y]) => y > -25 && y < 15);
  return lineChart({
    title: "Objective on ten demonstrations, by round",
    x: "round",
    y: "objective (nats per demonstration)",
    xTicks: [0, 20, 40, 60],
    yTicks: [-25, -15, -5, 5, 15, 25],
    lines: [
      { label: "moments", colour: "#cf222e", points: within(await gaps({ objective: "moments", l2: 0 })) },
      {
        label: "moments, l2 0.1",
        colour: "#bf8700",
        points: within(await gaps({ objective: "moments", l2: 0.1 })),
      },
      {
        label: "actions",
        colour: "#1f6feb",
        dashed: true,
        points: within(await gaps({ objective: "actions", l2: 0.01 })),
      },
    ],
  });
}
