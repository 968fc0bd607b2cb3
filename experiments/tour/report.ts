/** @file Shows the results of the tour as a table for the terminal and a report for the browser. */

import { mean, type Row } from "../../index.js";
import { estimateOfRuns } from "../../src/diagnostics/index.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { tabulate } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import {
  type CurvePoint,
  type Estimate,
  exactSections,
  gridPanel,
  type Report,
  type Section,
  sampledSections,
  type TableSection,
} from "../../src/report/index.js";
import type { CartPoleResult } from "./cartpole.js";
import { type GridworldResult, METHODS, type Method } from "./gridworld.js";

const NAMES: Record<Method, string> = { bc: "behaviour cloning", dagger: "DAgger" };

/** Number of demonstrations in the table and the maps. */
const SHOWN = 10;

export interface World {
  env: string;
  model: TabularModel;
  results: GridworldResult[];
}

export interface TourResult {
  worlds: World[];
  cartPole: CartPoleResult;
  /** Duration of each part (s). */
  seconds: Record<string, number>;
}

/** The mean over seeds, with its bootstrap interval if they are enough. */
const estimate = (values: number[]): Estimate => estimateOfRuns(values, { rng: createRng("tour intervals") });

const chosen = (results: GridworldResult[], method: Method, demonstrations: number) =>
  results.filter((r) => r.method === method && r.demonstrations === demonstrations);

const counts = ({ results }: World) => [...new Set(results.map((r) => r.demonstrations))];

/** The overview table, with one row per learner. */
export function headline({ worlds, cartPole }: TourResult): TableSection {
  const rows: TableSection["rows"] = worlds.flatMap((world) =>
    METHODS.map((method) => {
      const exact = chosen(world.results, method, SHOWN).map((r) => r.exact);
      const labels = mean(chosen(world.results, method, SHOWN).map((r) => r.labels));
      return [
        world.env,
        NAMES[method],
        Math.round(labels),
        exact[0].expertValue,
        mean(exact.map((e) => e.learnerValue)),
        estimate(exact.map((e) => e.gap)),
        mean(exact.map((e) => e.epsilon)),
        mean(exact.map((e) => e.bound)),
      ];
    }),
  );
  for (const { method, labels, sampled } of cartPole.learners) {
    const { expert, learner, gap, disagreement } = sampled;
    rows.push([
      "CartPole-v1",
      NAMES[method],
      labels,
      expert.value,
      learner.value,
      gap,
      disagreement.onExpert,
      null,
    ]);
  }
  return {
    kind: "table",
    title: "How close each learner came",
    reading:
      "The gap is the return of the expert minus the return of the learner. It is 0 for a perfect imitation.",
    columns: [
      { label: "Environment" },
      { label: "Learner" },
      { label: "Labels", align: "right" },
      { label: "Expert", align: "right" },
      { label: "Value", align: "right" },
      { label: "Gap", align: "right" },
      { label: "ε", align: "right", digits: 2 },
      { label: "Bound", align: "right" },
    ],
    rows,
    caption:
      `Gridworlds: exact expected discounted returns of learners from the labels of ${SHOWN} demonstrations, means over ` +
      "seeds with 95 % bootstrap intervals of the gap. CartPole: undiscounted returns of 50 episodes. ε: fraction of the " +
      "expert's states in which the learner acts differently. Bound: reward range · ε / (1 − γ)².",
  };
}

function gapCurves(world: World): Section {
  const points = (method: Method): CurvePoint[] =>
    counts(world).map((n) => {
      const { value, low, high } = estimate(chosen(world.results, method, n).map((r) => r.exact.gap));
      return { x: n, y: value, low, high };
    });
  const last = counts(world).at(-1);
  return {
    kind: "curves",
    title: `${world.env}: gap against number of demonstrations`,
    reading:
      world.env === "Corridor-v0"
        ? "Errors of behaviour cloning compound, because they lead to states without demonstrations. DAgger labels them."
        : "Here errors are corrected quickly, and behaviour cloning is as good as DAgger or better.",
    xLabel: "demonstrations (or equally many labels)",
    yLabel: "J(expert) − J(learner)",
    logX: true,
    series: METHODS.map((method) => ({ name: NAMES[method], points: points(method) })),
    caption: `True gaps on the exact model, up to ${last} demonstrations; means over seeds, 95 % bootstrap intervals.`,
  };
}

/** Maps of both learners of the first seed side by side, with their actions. */
async function lossMap({ env, model, results }: World): Promise<Section> {
  const panels = [];
  for (const method of METHODS) {
    const [{ exact, policy }] = chosen(results, method, SHOWN);
    const loss = exact.reverse.perState.map((x) => Math.max(0, x));
    panels.push(gridPanel(NAMES[method], model, loss, await tabulate(policy, model)));
  }
  return {
    kind: "heatmap",
    title: `${env}: contributions to the gap`,
    reading: "The darker a cell, the larger the part of the gap that is due to the learner's actions there.",
    unit: "contribution to J(expert) − J(learner)",
    panels,
    caption: `Seed 0, the labels of ${SHOWN} demonstrations. Arrows: the learner's most likely action.`,
  };
}

/** Tables of the gap, ε and the bound for every number of demonstrations. */
function boundTable(world: World): Section {
  const rows = counts(world).flatMap((n) =>
    METHODS.map((method) => {
      const exact = chosen(world.results, method, n).map((r) => r.exact);
      const gap: Estimate = estimate(exact.map((e) => e.gap));
      const bound = mean(exact.map((e) => e.bound));
      return [
        n,
        NAMES[method],
        gap,
        mean(exact.map((e) => e.epsilon)),
        bound,
        Math.max(...exact.map((e) => e.tightness)),
      ];
    }),
  );
  return {
    kind: "table",
    title: `${world.env}: the gap and its bound`,
    reading:
      "No gap exceeds the bound. The bound is far from tight here, because it assumes the largest loss at every error.",
    columns: [
      { label: "Demonstrations" },
      { label: "Learner" },
      { label: "Gap", align: "right" },
      { label: "ε", align: "right" },
      { label: "Bound", align: "right" },
      { label: "Largest gap / bound", align: "right" },
    ],
    rows,
  };
}

/** Mean return over the seeds at common numbers of steps. */
function learningCurve(curves: Row[][]): CurvePoint[] {
  const shortest = Math.min(...curves.map((rows) => rows.length));
  const every = Math.max(1, Math.floor(shortest / 60));
  const points: CurvePoint[] = [];
  for (let i = every - 1; i < shortest; i += every) {
    const returns = curves.map((rows) => rows[i].return).filter((x) => x !== undefined);
    if (returns.length < curves.length) continue;
    const { value, low, high } = estimate(returns);
    points.push({ x: curves[0][i].steps, y: value, low, high });
  }
  return points;
}

/** The whole report. */
export async function tourReport(result: TourResult, provenance: Record<string, unknown>): Promise<Report> {
  const { worlds, cartPole, seconds } = result;
  const corridor = worlds.find(({ env }) => env === "Corridor-v0");
  const worldSections = [];
  for (const world of worlds) worldSections.push(gapCurves(world), await lossMap(world), boundTable(world));
  const decomposition = [];
  if (corridor) {
    for (const method of METHODS) {
      const [{ exact }] = chosen(corridor.results, method, SHOWN);
      decomposition.push(
        ...exactSections(`${NAMES[method]} on ${corridor.env}`, exact, corridor.model).slice(0, 2),
      );
    }
  }
  const total = Object.values(seconds).reduce((sum, s) => sum + s, 0);
  return {
    title: "understudy: a tour",
    subtitle: "Agents that learn from an expert, and their gaps to it",
    summary: [
      "Two ways to imitate an expert, given the same number of its labels. Behaviour cloning learns from the states that " +
        "the expert visits; DAgger asks the expert about the states that the learner visits. On gridworlds every figure " +
        "is exact; on CartPole, whose expert was just trained by PPO, it is estimated from episodes.",
    ],
    highlights: [
      { label: "whole tour", value: `${total.toFixed(0)} s` },
      {
        label: "PPO on CartPole",
        value: `${Math.round(cartPole.stepsPerSecond).toLocaleString("en")} steps/s`,
      },
    ],
    sections: [
      headline(result),
      ...worldSections,
      ...decomposition,
      {
        kind: "curves",
        title: "CartPole-v1: PPO trains the expert",
        reading: "The return increases to 500, the largest return of an episode.",
        xLabel: "environment steps",
        yLabel: "mean return of the last 100 episodes",
        series: [
          ...cartPole.curves.map((rows, seed) => ({
            name: `seed ${seed}`,
            faint: true,
            points: rows.flatMap(({ steps, return: y }) => (y === undefined ? [] : [{ x: steps, y }])),
          })),
          { name: "PPO", points: learningCurve(cartPole.curves) },
        ],
        references: [{ y: 500, label: "maximum" }],
        caption: `Mean of ${cartPole.curves.length} seeds; grey: each of them. Actions are sampled during training.`,
      },
      ...cartPole.learners.flatMap(({ method, sampled }) =>
        sampledSections(`${NAMES[method]} on CartPole-v1`, sampled),
      ),
      {
        kind: "table",
        title: "Duration",
        reading: "Duration of each part (s), on the machine below.",
        columns: [{ label: "Part" }, { label: "Seconds", align: "right" }],
        rows: [...Object.entries(seconds), ["all", total]],
      },
    ],
    commands: ["npm ci", "npm start"],
    provenance,
  };
}
