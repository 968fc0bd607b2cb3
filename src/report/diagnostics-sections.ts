/** @file The sections of a report about a comparison of learner and expert, exact or sampled. */

import type { ExactDiagnostics } from "../diagnostics/exact.js";
import type { SampledDiagnostics } from "../diagnostics/sampled.js";
import type { TabularModel } from "../env/contracts.js";
import { UsageError } from "../errors.js";
import { argmaxRow } from "../mdp/tables.js";
import { formatEstimate, formatNumber } from "./format.js";
import type { Arrow, Bar, Cell, HeatmapPanel, HeatmapSection, Section, TableSection } from "./types.js";

/** The number of states listed in the decomposition; the others are summed. */
const namedStates = 6;

type Grid = NonNullable<TabularModel["grid"]>;

/**
 * The mean move on the grid of a state–action pair, in columns and rows; jumps to distant cells do not count as moves.
 */
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
 * The direction of each action on the grid, as a unit vector along rows, columns or diagonals. It is estimated from the
 * difference between the mean move of the action and of the other actions over all states, so that random slips and
 * drift cancel. An action without such a difference has no direction.
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
    // Rounded, because Math.sin(Math.PI) is not exactly 0.
    const [x, y] = [Math.cos(angle), Math.sin(angle)].map((part) => Number(part.toFixed(12)) + 0);
    return { dx: x, dy: y };
  });
}

/** The most likely action of each state as an arrow of length equal to its probability; none in terminal states. */
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
 * A panel of a heatmap from one number per state; the numbers of states in the same cell are added.
 *
 * @param perState - `[states]`.
 * @param policy - `[states × actions]`; its most likely actions are drawn as arrows.
 * @throws UsageError when the model has no grid.
 */
export function gridPanel(
  title: string,
  model: Pick<TabularModel, "states" | "grid">,
  perState: ArrayLike<number>,
): HeatmapPanel;
export function gridPanel(
  title: string,
  model: TabularModel,
  perState: ArrayLike<number>,
  policy?: ArrayLike<number>,
): HeatmapPanel;
export function gridPanel(
  title: string,
  model: TabularModel | Pick<TabularModel, "states" | "grid">,
  perState: ArrayLike<number>,
  policy?: ArrayLike<number>,
): HeatmapPanel {
  const { grid } = model;
  if (!grid) throw new UsageError(`no heatmap of "${title}": the model has no grid`);
  const { rows, columns, cells, walls, labels } = grid;
  const values = new Float64Array(rows * columns).fill(Number.NaN);
  const arrows: (Arrow | null)[] = new Array(rows * columns).fill(null);
  const directions = policy ? policyArrows(model as TabularModel, grid, policy) : [];
  for (let state = 0; state < model.states; state++) {
    const cell = cells[state];
    values[cell] = (Number.isNaN(values[cell]) ? 0 : values[cell]) + perState[state];
    arrows[cell] ??= directions[state] ?? null;
  }
  return { title, rows, columns, values, walls, labels, arrows };
}

/** "row 3, column 5", or the index of the state if the model has no grid. */
function stateName(state: number, grid?: Grid): string {
  if (!grid) return `state ${state}`;
  const cell = grid.cells[state];
  const label = grid.labels?.[cell];
  const place = `row ${Math.floor(cell / grid.columns) + 1}, column ${(cell % grid.columns) + 1}`;
  return label ? `${place} (${label})` : place;
}

/** The contribution of each state to the gap. Rounding errors are set to 0, so that a picture does not show them. */
function losses({ reverse, expertValue, learnerValue }: ExactDiagnostics): Float64Array {
  const smallest = 1e-9 * (Math.abs(expertValue) + Math.abs(learnerValue));
  return reverse.perState.map((value) => (Math.abs(value) < smallest ? 0 : value));
}

/** The bars of the gap, of the states with the largest contributions, and of all other states together. */
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
  const columns = [{ label: "Figure" }, { label: "Value", align: "right" as const }, { label: "Meaning" }];
  return { kind: "table", title, reading, columns, rows, caption };
}

/**
 * The sections of an exact comparison: its figures, the contributions of states to the gap and, on a grid, maps of the
 * contributions and of both occupancies.
 *
 * @param name - the name of the learner.
 * @param model - if it has a grid, states are named by their cells and drawn.
 * @param policy - the learner's table `[states × actions]`, drawn as arrows.
 */
export function exactSections(
  name: string,
  exact: ExactDiagnostics,
  model?: TabularModel,
  policy?: ArrayLike<number>,
): Section[] {
  const { expertValue, learnerValue, gap, forward, reverse, epsilon, bound, occupancy, states } = exact;
  const share = bound > 0 ? `, ${formatNumber(exact.tightness * 100, 2)} % of the bound` : "";
  const perState = losses(exact);
  const bars = decomposition(gap, perState, model?.grid);
  const largest = bars.slice(1).find(({ value }) => value > 0);
  const sections: Section[] = [
    figures(
      `${name}: how far from the expert`,
      `${name} is ${formatNumber(gap)} below the expert's ${formatNumber(expertValue)}${share}.`,
      [
        ["J(expert)", expertValue, "expected discounted return"],
        ["J(learner)", learnerValue, "expected discounted return"],
        ["gap", gap, "J(expert) − J(learner)"],
        ["ε", epsilon, "mean total variation between the policies on the expert's states"],
        ["bound", bound, "reward range · ε / (1 − γ)², an upper bound of the gap"],
        ["gap / bound", exact.tightness, "tightness of the bound"],
        [
          "disagreement, expert's states",
          exact.disagreement,
          "probability that the most likely actions differ",
        ],
        [
          "disagreement, learner's states",
          exact.disagreementOnLearner,
          "the same probability on the learner's states",
        ],
        ["total variation", occupancy.totalVariation, "between the state–action occupancies"],
        [
          "KL(expert ‖ learner)",
          occupancy.kl,
          "nats; ∞ if the expert visits pairs that the learner never visits",
        ],
        [
          "KL(learner ‖ expert)",
          occupancy.reverseKl,
          "nats; ∞ if the learner visits pairs that the expert never visits",
        ],
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
      title: `${name}: contributions of states to the gap`,
      reading: largest
        ? `The largest contribution is at ${largest.label}.`
        : "No state contributes to the gap.",
      xLabel: "contribution to J(expert) − J(learner)",
      bars,
      caption:
        "By the performance difference lemma: occupancy of a state by the learner, times the loss of its action there.",
    },
  ];
  if (!model?.grid) return sections;
  const lost = gridPanel(name, model, perState, policy);
  const acting = (occupied: Float64Array) =>
    occupied.map((share, s) => (model.terminal[s] ? Number.NaN : share));
  const visits: HeatmapSection = {
    kind: "heatmap",
    title: `${name}: state occupancies`,
    reading:
      "Cells with strong colour for the learner and pale colour for the expert show where the learner left the demonstrations.",
    unit: "normalised discounted occupancy",
    squareRoot: true,
    panels: [
      gridPanel("expert", model, acting(states.expert)),
      gridPanel(name, model, acting(states.learner)),
    ],
    caption: "Colours show the square root, so that rare visits are visible. Terminal cells are omitted.",
  };
  const where: HeatmapSection = {
    kind: "heatmap",
    title: `${name}: loss of value by state`,
    reading: "The stronger the colour of a cell, the larger its contribution to the gap.",
    unit: "contribution to J(expert) − J(learner)",
    panels: [lost],
    caption: policy ? "Arrows: the learner's most likely action; the length is its probability." : undefined,
  };
  return [...sections, where, visits];
}

/** The sections of a sampled comparison: its figures, and the gap as measured and by the lemma. */
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
        ["gap", gap, "expert − learner, from episodes with common random numbers"],
        ["normalised score", normalisedScore, "0 is the random policy, 1 is the expert"],
        [
          "disagreement, expert's states",
          disagreement.onExpert,
          "mean distance between the most likely actions",
        ],
        [
          "disagreement, learner's states",
          disagreement.onLearner,
          "the same distance on the learner's states",
        ],
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
      title: `${name}: two estimates of the gap`,
      reading: lemma
        ? "If the two intervals overlap, the estimates agree."
        : "The environment has no snapshots to branch from, so there is only the measured gap.",
      xLabel: "expert's return − learner's return",
      bars,
      caption:
        lemma && "The lemma sums the losses of the learner's actions, estimated from branched episodes.",
    },
  ];
}
