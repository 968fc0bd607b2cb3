/** @file How far a learner is from an expert, as sections of a report: exactly, on a known model, or from episodes. */

import type { ExactDiagnostics } from "../diagnostics/exact.js";
import type { SampledDiagnostics } from "../diagnostics/sampled.js";
import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import { formatEstimate, formatNumber } from "./format.js";
import type { Arrow, Bar, Cell, HeatmapPanel, HeatmapSection, Section, TableSection } from "./types.js";

/** States named one by one in the decomposition; the others are added up. */
const namedStates = 6;

type Grid = NonNullable<TabularModel["grid"]>;

/** The mean move on the grid of a state–action pair, in columns and rows; jumps to far cells are no moves. */
function meanMove(
  { rowStart, next, probability }: TabularModel,
  grid: Grid,
  from: number,
  pair: number,
): Arrow {
  const move = { dx: 0, dy: 0 };
  for (let entry = rowStart[pair]; entry < rowStart[pair + 1]; entry++) {
    const to = grid.cells[next[entry]];
    const dx = (to % grid.columns) - (from % grid.columns);
    const dy = Math.floor(to / grid.columns) - Math.floor(from / grid.columns);
    if (Math.max(Math.abs(dx), Math.abs(dy)) > 1) continue;
    move.dx += probability[entry] * dx;
    move.dy += probability[entry] * dy;
  }
  return move;
}

/**
 * Where each action leads on the grid, as unit vectors along rows, columns or diagonals. A model does not say it: it
 * is how an action's mean move differs from that of the other actions, over all states, so that slips and the drift
 * of a current cancel out. An action that makes no difference has no direction.
 */
function actionDirections(model: TabularModel, grid: Grid): (Arrow | null)[] {
  const { states, actions, terminal } = model;
  const sums = Array.from({ length: actions }, () => ({ dx: 0, dy: 0 }));
  for (let state = 0; state < states; state++) {
    if (terminal[state]) continue;
    const moves = sums.map((_, a) => meanMove(model, grid, grid.cells[state], state * actions + a));
    sums.forEach((sum, a) => {
      for (const move of moves) {
        sum.dx += (moves[a].dx - move.dx) / actions;
        sum.dy += (moves[a].dy - move.dy) / actions;
      }
    });
  }
  return sums.map(({ dx, dy }) => {
    if (Math.hypot(dx, dy) < 1e-9) return null;
    const angle = (Math.round((4 * Math.atan2(dy, dx)) / Math.PI) * Math.PI) / 4;
    // A sine of π is not quite 0.
    const [x, y] = [Math.cos(angle), Math.sin(angle)].map((part) => Number(part.toFixed(12)) + 0);
    return { dx: x, dy: y };
  });
}

/** The most likely action of each state as an arrow, as long as it is likely; none where the episode has ended. */
function policyArrows(model: TabularModel, grid: Grid, policy: ArrayLike<number>): (Arrow | null)[] {
  const directions = actionDirections(model, grid);
  return Array.from({ length: model.states }, (_, state) => {
    const start = state * model.actions;
    const action = argmaxRow(policy, start, model.actions);
    const direction = directions[action];
    if (direction === null || model.terminal[state]) return null;
    const probability = policy[start + action];
    return { dx: direction.dx * probability, dy: direction.dy * probability };
  });
}

/**
 * A panel of a heatmap from one number a state, added up where states share a cell.
 *
 * @param perState - `[states]`.
 * @param policy - `[states × actions]`; its most likely actions are drawn as arrows.
 * @throws UsageError when the model's states do not live on a grid.
 */
export function gridPanel(
  title: string,
  model: TabularModel,
  perState: ArrayLike<number>,
  policy?: ArrayLike<number>,
): HeatmapPanel {
  const { grid } = model;
  if (!grid)
    throw new UsageError(`no heatmap of "${title}": the model does not say where its states are on a grid`);
  const { rows, columns, cells, walls, labels } = grid;
  const values = new Float64Array(rows * columns).fill(Number.NaN);
  const arrows: (Arrow | null)[] = new Array(rows * columns).fill(null);
  const directions = policy ? policyArrows(model, grid, policy) : [];
  for (let state = 0; state < model.states; state++) {
    const cell = cells[state];
    values[cell] = (Number.isNaN(values[cell]) ? 0 : values[cell]) + perState[state];
    arrows[cell] ??= directions[state] ?? null;
  }
  return { title, rows, columns, values, walls, labels, arrows };
}

/** "row 3, column 5", or the state's number where there is no grid. */
function stateName(state: number, grid?: Grid): string {
  if (!grid) return `state ${state}`;
  const cell = grid.cells[state];
  const label = grid.labels?.[cell];
  const place = `row ${Math.floor(cell / grid.columns) + 1}, column ${(cell % grid.columns) + 1}`;
  return label ? `${place} (${label})` : place;
}

/** What each state adds to the gap, without rounding: a picture of it would be as dark as one of a loss. */
function losses({ reverse, expertValue, learnerValue }: ExactDiagnostics): Float64Array {
  const smallest = 1e-9 * (Math.abs(expertValue) + Math.abs(learnerValue));
  return reverse.perState.map((value) => (Math.abs(value) < smallest ? 0 : value));
}

/** The gap, the states that make most of it, and what all the others add. */
function decomposition(gap: number, perState: Float64Array, grid?: Grid): Bar[] {
  const order = Array.from(perState, (_, state) => state)
    .filter((state) => perState[state] !== 0)
    .sort((a, b) => Math.abs(perState[b]) - Math.abs(perState[a]) || a - b);
  const bars: Bar[] = [{ label: "the whole gap", value: gap, emphasis: true }];
  for (const state of order.slice(0, namedStates)) {
    bars.push({ label: stateName(state, grid), value: perState[state] });
  }
  const others = order.slice(namedStates);
  if (others.length > 0) {
    const value = others.reduce((sum, state) => sum + perState[state], 0);
    bars.push({ label: `${others.length} other states`, value });
  }
  return bars;
}

function figures(
  title: string,
  reading: string,
  rows: [string, Cell, string][],
  caption?: string,
): TableSection {
  const columns = [{ label: "Figure" }, { label: "Value", align: "right" as const }, { label: "What it is" }];
  return { kind: "table", title, reading, columns, rows, caption };
}

/**
 * What an exact comparison found: its figures, the states that make the gap, and, on a grid, where they are and where
 * the two spend their time.
 *
 * @param name - what the learner is called.
 * @param model - names the states by their cells and draws them, where they live on a grid.
 * @param policy - the learner's table `[states × actions]`, drawn as arrows.
 */
export function exactSections(
  name: string,
  exact: ExactDiagnostics,
  model?: TabularModel,
  policy?: ArrayLike<number>,
): Section[] {
  const { expertValue, learnerValue, gap, forward, reverse, epsilon, bound, occupancy, states } = exact;
  const share = bound > 0 ? `, ${formatNumber(exact.tightness * 100, 2)} % of what the bound allows` : "";
  const perState = losses(exact);
  const bars = decomposition(gap, perState, model?.grid);
  const largest = bars.slice(1).find(({ value }) => value > 0);
  const sections: Section[] = [
    figures(
      `${name}: how far from the expert`,
      `${name} is ${formatNumber(gap)} below the expert's ${formatNumber(expertValue)}${share}.`,
      [
        ["J(expert)", expertValue, "expected discounted return"],
        ["J(learner)", learnerValue, "the same, of the learner"],
        ["gap", gap, "J(expert) − J(learner)"],
        ["ε", epsilon, "how differently they act on the expert's states"],
        ["bound", bound, "reward range · ε / (1 − γ)²: the gap is never above it"],
        ["gap / bound", exact.tightness, "how tight the bound is"],
        ["disagreement, expert's states", exact.disagreement, "how often the most likely actions differ"],
        ["disagreement, learner's states", exact.disagreementOnLearner, "the same, where the learner goes"],
        ["total variation", occupancy.totalVariation, "between the state–action occupancies"],
        ["KL(expert ‖ learner)", occupancy.kl, "nats; ∞ where the learner never goes"],
        ["KL(learner ‖ expert)", occupancy.reverseKl, "nats; ∞ where the expert never goes"],
        ["Jensen–Shannon", occupancy.jensenShannon, "nats"],
        [
          "lemma's residual",
          Math.max(forward.residual, reverse.residual),
          "of both directions: rounding only",
        ],
      ],
    ),
    {
      kind: "bars",
      title: `${name}: which states make the gap`,
      reading: largest ? `The largest part is lost at ${largest.label}.` : "No state loses anything.",
      xLabel: "contribution to J(expert) − J(learner)",
      bars,
      caption:
        "By the performance difference lemma: how often the learner is in a state, times what its action costs there.",
    },
  ];
  if (!model?.grid) return sections;
  const lost = gridPanel(name, model, perState, policy);
  const acting = (occupied: Float64Array) =>
    occupied.map((share, s) => (model.terminal[s] ? Number.NaN : share));
  const visits: HeatmapSection = {
    kind: "heatmap",
    title: `${name}: where the two spend their time`,
    reading:
      "Where the learner's colour is strong and the expert's is pale, it has drifted from what it was shown.",
    unit: "normalised discounted occupancy",
    squareRoot: true,
    panels: [
      gridPanel("expert", model, acting(states.expert)),
      gridPanel(name, model, acting(states.learner)),
    ],
    caption:
      "Coloured by the square root, so that rare visits show. Cells where an episode has ended are left out.",
  };
  const where: HeatmapSection = {
    kind: "heatmap",
    title: `${name}: where value is lost`,
    reading: "The stronger a cell's colour, the more of the gap comes from what the learner does there.",
    unit: "contribution to J(expert) − J(learner)",
    panels: [lost],
    caption: policy ? "Arrows: the learner's most likely action, as long as it is likely." : undefined,
  };
  return [...sections, where, visits];
}

/** What a comparison from episodes found: its figures, and the gap measured and by the lemma. */
export function sampledSections(name: string, sampled: SampledDiagnostics): Section[] {
  const {
    expert,
    learner,
    random,
    gap,
    normalisedScore,
    disagreement,
    performanceDifference: lemma,
  } = sampled;
  const bars: Bar[] = [
    { label: "the gap, measured", ...gap, emphasis: true },
    ...(lemma ? [{ label: "the gap, by the performance difference lemma", ...lemma }] : []),
  ];
  const spread = ({ iqm, std }: SampledDiagnostics["expert"]) =>
    `interquartile mean ${formatNumber(iqm)}, standard deviation ${formatNumber(std)}`;
  return [
    figures(
      `${name}: how far from the expert`,
      `${name} returns ${formatEstimate(learner)} where the expert returns ${formatEstimate(expert)}.`,
      [
        ["expert's return", expert, spread(expert)],
        ["learner's return", learner, spread(learner)],
        ["random return", random, spread(random)],
        ["gap", gap, "expert − learner, from episodes that share their luck"],
        ["normalised score", normalisedScore, "0 is random, 1 is this expert"],
        [
          "disagreement, expert's states",
          disagreement.onExpert,
          "how differently the most likely actions are",
        ],
        ["disagreement, learner's states", disagreement.onLearner, "the same, where the learner goes"],
        ...(lemma
          ? ([
              [
                "lemma's residual",
                lemma.residual,
                `sampling error, from ${formatNumber(lemma.branches)} branches`,
              ],
            ] as [string, Cell, string][])
          : []),
      ],
      `Means of ${learner.returns.length} episodes of each, with 95 % bootstrap intervals.`,
    ),
    {
      kind: "bars",
      title: `${name}: the gap, measured in two ways`,
      reading: lemma
        ? "Where the two intervals overlap, the lemma accounts for the gap."
        : "The environment has no snapshots to branch from: the gap is measured in one way only.",
      xLabel: "expert's return − learner's return",
      bars,
      caption: lemma && "The lemma adds up what each of the learner's actions costs, from branched episodes.",
    },
  ];
}
