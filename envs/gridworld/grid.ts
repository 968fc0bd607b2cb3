/**
 * @file A gridworld as tables of successor states and rewards. One set of rules serves all maps: moves by compass or by
 * turning, currents, keys and doors, and goals that end the episode, continue it or move the agent to a start.
 */

import { UsageError } from "../../src/errors.js";
import { type Items, itemsOf } from "./items.js";
import { checkLayout, currentOf, doorOf, keyOf, neighbour } from "./layout.js";
import type { NoiseRules } from "./noise.js";

/** Settings of a grid. */
export interface GridRules extends NoiseRules {
  layout: readonly string[];
  /** Whether there is a fifth action that leaves the agent in place. */
  stay?: boolean;
  /** Whether the agent has a heading: its actions then are turning and going forward, not moves by compass. */
  turns?: boolean;
  /** Whether a key is used up by the first door that it opens. */
  keysBreak?: boolean;
  /** Whether episodes start on any plain floor cell instead of on an `S`. */
  startAnywhere?: boolean;
  /** Rewards of a step that ends on plain floor, on a goal and in lava. */
  stepReward: number;
  goalReward: number;
  lavaReward: number;
  goalTerminal: boolean;
  lavaTerminal: boolean;
  /** Whether any action on a goal leads to a start; the goal then does not end the episode. */
  goalRestarts?: boolean;
  /** `[cells, k]` in reading order, walls included. */
  features?: readonly (readonly number[])[];
  /** `[k]`: features · weights of the cell in which a step ends is added to its reward. */
  featureWeights?: readonly number[];
  /** `[cells]`: added to the reward of a step that ends in the cell. */
  cellRewards?: ArrayLike<number>;
  discount: number;
}

/**
 * States are the cells that are not walls, in reading order. With headings there are four states per cell; with keys and
 * doors, these are repeated for each reachable set of taken keys and opened doors.
 */
export interface Grid {
  readonly layout: readonly string[];
  readonly states: number;
  readonly actions: number;
  /** `[states]`: the cell of each state, row × columns + column. */
  readonly cells: Int32Array;
  /** `[states]`: the agent's heading, as the number of a move; only with `turns`. */
  readonly headings?: Uint8Array;
  /** `[states]`: bit mask of the keys taken and doors opened; only on maps with keys or doors. */
  readonly taken?: Int32Array;
  readonly items: Items;
  /** `[states × actions]`: the next state of each action without noise. */
  readonly next: Int32Array;
  /** `[states]`: the reward of a step that ends in the state. */
  readonly reward: Float64Array;
  /** `[states]`, 0 or 1: whether the state ends the episode. */
  readonly terminal: Uint8Array;
  /** `[states]`, 0 or 1: whether the state's cell is a goal. */
  readonly goal: Uint8Array;
  /** Whether every action in a goal leads to one of the starts, all equally likely. */
  readonly goalRestarts: boolean;
  /** The start states, all equally likely. */
  readonly starts: number[];
  /** `[states][k]`, if the grid has features. States with the same features may share a row. */
  readonly features?: readonly (readonly number[])[];
  /** `[k]`: the weights of a reward that is linear in the features. */
  readonly weights?: readonly number[];
}

/** Actions with `turns`; the last two exist only on maps with keys or doors. */
const TURN_LEFT = 0;
const TURN_RIGHT = 1;
const FORWARD = 2;
const PICK_UP = 3;
const OPEN = 4;

/** A state before numbering: cell, heading (0 without headings), and the set of items taken and opened. */
interface Place {
  cell: number;
  heading: number;
  set: number;
}

/**
 * The tables of a grid.
 *
 * @throws {UsageError} when the layout or the features are not valid.
 */
export function gridOf(id: string, rules: GridRules): Grid {
  const { layout, features, featureWeights, turns = false, goalRestarts = false } = rules;
  checkLayout(id, layout, rules);
  const columns = layout[0].length;
  const symbols = [...layout.join("")];
  checkFeatures(id, symbols.length, rules);
  const items = itemsOf(id, symbols, {
    keysBreak: rules.keysBreak ?? false,
    rememberDoors: turns || (rules.keysBreak ?? false),
  });
  const locks = symbols.some((symbol) => keyOf(symbol) >= 0 || doorOf(symbol) >= 0);
  const actions = turns ? (locks ? 5 : 3) : rules.stay ? 5 : 4;

  const floor = Int32Array.from(symbols.flatMap((symbol, cell) => (symbol === "#" ? [] : [cell])));
  const floorOf = new Int32Array(symbols.length).fill(-1);
  for (const [index, cell] of floor.entries()) floorOf[cell] = index;
  const headings = turns ? 4 : 1;
  const startCells = [...floor].filter((cell) =>
    rules.startAnywhere ? ".S".includes(symbols[cell]) : symbols[cell] === "S",
  );
  const act = actionOn({ symbols, rows: layout.length, columns, turns, items });
  const sets = items.items.length === 0 ? [0] : reachableSets(startCells, headings, actions, act);
  const setOf = new Map(sets.map((set, index) => [set, index]));
  const stateOf = ({ cell, heading, set }: Place) =>
    (setOf.get(set)! * floor.length + floorOf[cell]) * headings + heading;

  const perCell = cellRewards(symbols, rules);
  const states = sets.length * floor.length * headings;
  const cells = new Int32Array(states);
  const next = new Int32Array(states * actions);
  const reward = new Float64Array(states);
  const terminal = new Uint8Array(states);
  const goal = new Uint8Array(states);
  const place: Place = { cell: 0, heading: 0, set: 0 };
  for (let state = 0; state < states; state++) {
    const cell = floor[Math.floor(state / headings) % floor.length];
    const set = sets[Math.floor(state / headings / floor.length)];
    const symbol = symbols[cell];
    for (let action = 0; action < actions; action++) {
      place.cell = cell;
      place.heading = state % headings;
      place.set = set;
      act(place, action);
      // States that no episode visits may lead to an item set without states; such an action stays in place.
      next[actions * state + action] = setOf.has(place.set) ? stateOf(place) : state;
    }
    cells[state] = cell;
    reward[state] = perCell[cell];
    goal[state] = Number(symbol === "G");
    const ends = symbol === "G" ? rules.goalTerminal && !goalRestarts : symbol === "L" && rules.lavaTerminal;
    terminal[state] = Number(ends);
  }
  return {
    layout,
    states,
    actions,
    cells,
    headings: turns ? Uint8Array.from({ length: states }, (_, state) => state % 4) : undefined,
    taken:
      items.items.length === 0
        ? undefined
        : Int32Array.from(
            { length: states },
            (_, state) => sets[Math.floor(state / headings / floor.length)],
          ),
    items,
    next,
    reward,
    terminal,
    goal,
    goalRestarts,
    starts: startCells.flatMap((cell) =>
      Array.from({ length: headings }, (_, heading) => stateOf({ cell, heading, set: 0 })),
    ),
    features: features && Array.from(cells, (cell) => features[cell]),
    weights: featureWeights,
  };
}

function checkFeatures(id: string, cells: number, { features, featureWeights }: GridRules): void {
  if (featureWeights && !features) throw new UsageError(`${id}: featureWeights need features`);
  if (!features) return;
  if (features.length !== cells) {
    throw new UsageError(
      `${id}: features must have a row for each of the ${cells} cells, not ${features.length}`,
    );
  }
  const k = featureWeights?.length ?? features[0].length;
  const odd = features.findIndex((row) => row.length !== k);
  if (odd >= 0)
    throw new UsageError(`${id}: features row ${odd} has ${features[odd].length} numbers, not ${k}`);
}

/** `[cells]`: the reward of a step that ends in each cell. */
function cellRewards(symbols: readonly string[], rules: GridRules): Float64Array {
  const { features, featureWeights, cellRewards: ownRewards } = rules;
  return Float64Array.from(symbols, (symbol, cell) => {
    const base = symbol === "G" ? rules.goalReward : symbol === "L" ? rules.lavaReward : rules.stepReward;
    const linear = featureWeights?.reduce((sum, weight, k) => sum + weight * features![cell][k], 0) ?? 0;
    return base + linear + (ownRewards?.[cell] ?? 0);
  });
}

/** Applies an action to a place, in place. */
type Act = (place: Place, action: number) => void;

interface World {
  symbols: readonly string[];
  rows: number;
  columns: number;
  turns: boolean;
  items: Items;
}

function actionOn(world: World): Act {
  const { symbols, rows, columns, turns, items } = world;
  const isIn = (set: number, item: number) => item >= 0 && ((set >> item) & 1) === 1;

  /** Whether a move can enter a cell. Without turning, entering picks up the key or opens the door of the cell. */
  const enter = (place: Place, cell: number): boolean => {
    if (cell < 0 || symbols[cell] === "#") return false;
    const item = items.at(cell);
    if (keyOf(symbols[cell]) >= 0 && !isIn(place.set, item)) {
      if (turns) return false;
      place.set |= 1 << item;
    }
    const door = doorOf(symbols[cell]);
    if (door >= 0 && !isIn(place.set, item)) {
      if (turns || items.held(place.set, door) <= 0) return false;
      if (item >= 0) place.set |= 1 << item;
    }
    return true;
  };

  /** A move by compass, or −1 to stay. In a current, a move against it succeeds; all others go with the current. */
  const walk = (place: Place, move: number) => {
    const current = currentOf(symbols[place.cell]);
    const way = current < 0 || (move >= 0 && move === (current + 2) % 4) ? move : current;
    if (way < 0) return;
    const cell = neighbour(place.cell, way, rows, columns);
    if (enter(place, cell)) place.cell = cell;
  };

  if (!turns) return (place, action) => walk(place, action === 4 ? -1 : action);

  return (place, action) => {
    if (action === TURN_LEFT) place.heading = (place.heading + 1) & 3;
    else if (action === TURN_RIGHT) place.heading = (place.heading + 3) & 3;
    else if (action === FORWARD) walk(place, place.heading);
    else {
      const item = items.at(neighbour(place.cell, place.heading, rows, columns));
      if (item < 0 || isIn(place.set, item)) return;
      const { kind, letter } = items.items[item];
      const can = kind === "key" ? action === PICK_UP : action === OPEN && items.held(place.set, letter) > 0;
      if (can) place.set |= 1 << item;
    }
  };
}

/** The item sets that are reachable from the starts, in ascending order. */
function reachableSets(starts: readonly number[], headings: number, actions: number, act: Act): number[] {
  const seen = new Map<string, Place>();
  const visit = (place: Place) => {
    const key = `${place.cell},${place.heading},${place.set}`;
    if (!seen.has(key)) seen.set(key, place);
  };
  for (const cell of starts) {
    for (let heading = 0; heading < headings; heading++) visit({ cell, heading, set: 0 });
  }
  // Breadth-first search: iteration over a Map includes entries that are added during the iteration.
  for (const place of seen.values()) {
    for (let action = 0; action < actions; action++) {
      const after = { ...place };
      act(after, action);
      visit(after);
    }
  }
  return [...new Set([...seen.values()].map(({ set }) => set))].sort((a, b) => a - b);
}
