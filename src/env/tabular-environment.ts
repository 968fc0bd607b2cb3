/** @file Environments defined by a tabular model: next states are sampled from the model. */

import { UsageError } from "../errors.js";
import type { Rng } from "../random/rng.js";
import { describeSpace, discrete, type Space, spaceWidth } from "../spaces/index.js";
import { environmentOf } from "./array-environments.js";
import { environmentModel } from "./check-model.js";
import type { Info, TabularEnvironment, TabularModel } from "./contracts.js";
import { copyRows, type Dynamics } from "./dynamics.js";

/** Properties that the model does not include. Pictures and infos are functions of a state of the model. */
export interface TabularEnvironmentOptions {
  /** The number of steps after which an episode is truncated; unset: unlimited. */
  maxEpisodeSteps?: number;
  /**
   * The space of the rows of `model.observations`. Default: `Discrete(states)`, for observations that are state
   * indices, as {@link tabularModel} creates them.
   */
  observationSpace?: Space;
  render?(state: number): string;
  renderSvg?(state: number): string;
  /** `probability` is the probability of the transition to the state, 1 after a reset. */
  info?(state: number, probability: number): Info;
}

/**
 * The environment with the exact model `model`, in single and native vector form. Terminal states end the episode, and
 * observations are rows of `model.observations`. A state–action pair with a single outcome draws no random number.
 * `reset({ options: { state } })` starts in a state, given by its index or its observation.
 *
 * @throws UsageError when the observations do not have the width of their space.
 */
export function tabularEnvironment(
  id: string,
  model: TabularModel,
  options?: TabularEnvironmentOptions & { observationSpace?: undefined },
): TabularEnvironment<number>;
export function tabularEnvironment(
  id: string,
  model: TabularModel,
  options?: TabularEnvironmentOptions,
): TabularEnvironment;
export function tabularEnvironment(
  id: string,
  model: TabularModel,
  options: TabularEnvironmentOptions = {},
): TabularEnvironment {
  const { maxEpisodeSteps, observationSpace = discrete(model.states) } = options;
  const width = model.observations.length / model.states;
  if (spaceWidth(observationSpace) !== width) {
    throw new UsageError(
      `${id}: the model's observations have ${width} numbers per state, but ${describeSpace(observationSpace)} has ` +
        `${spaceWidth(observationSpace)}: set observationSpace to the space of these observations`,
    );
  }
  const actionSpace = discrete(model.actions);
  environmentModel({ id, observationSpace, actionSpace }, model);
  return environmentOf({
    id,
    observationSpace,
    actionSpace,
    maxEpisodeSteps,
    resetOptions: ["state"],
    dynamics: (copies) => tabularDynamics(id, model, width, copies, options),
    model: () => model,
  });
}

function tabularDynamics(
  id: string,
  model: TabularModel,
  width: number,
  copies: number,
  { render, renderSvg, info }: TabularEnvironmentOptions,
): Dynamics {
  const { observations } = model;
  const boxes = boxesOf(model.rowStart, model.probability);
  const seesNumbers = width === 1 && observations.every((observation, state) => observation === state);
  const starts = Int32Array.from([...model.initial.keys()].filter((state) => model.initial[state] > 0));
  const startBoxes = boxesOf(
    [0, starts.length],
    Float64Array.from(starts, (state) => model.initial[state]),
  );
  /** The state of each copy, and the entry of the model of the last transition (−1 after a reset). */
  const state = { states: new Int32Array(copies), entries: new Int32Array(copies).fill(-1) };
  function drawStart(rng: Rng): number {
    if (starts.length === 1) return starts[0];
    const u = rng.uniform() * starts.length;
    const box = Math.floor(u);
    return starts[u - box < startBoxes.share[box] ? box : startBoxes.alias[box]];
  }
  return {
    state,

    reset(i, rng, options) {
      state.states[i] = options.state === undefined ? drawStart(rng) : startIn(id, model, options.state);
      state.entries[i] = -1;
    },

    step(actions, rngs, rewards, terminated) {
      const { actions: choices, rowStart, next, reward, terminal } = model;
      const { share, alias } = boxes;
      const { states, entries } = state;
      for (let i = 0; i < actions.length; i++) {
        const pair = states[i] * choices + actions[i];
        let entry = rowStart[pair];
        const outcomes = rowStart[pair + 1] - entry;
        if (outcomes > 1) {
          const u = rngs[i].uniform() * outcomes;
          const box = Math.floor(u);
          entry += box;
          if (u - box >= share[entry]) entry = alias[entry];
        }
        const to = next[entry];
        states[i] = to;
        entries[i] = entry;
        rewards[i] = reward[entry];
        terminated[i] = terminal[to];
      }
    },

    observe(from, to, out) {
      const { states } = state;
      if (seesNumbers) return copyRows(states, 1, from, to, out);
      for (let i = from; i < to; i++) {
        for (let j = 0; j < width; j++) out[i * width + j] = observations[states[i] * width + j];
      }
    },

    ...(render && { render: (i: number) => render(state.states[i]) }),
    ...(renderSvg && { renderSvg: (i: number) => renderSvg(state.states[i]) }),
    ...(info && {
      info: (i: number) =>
        info(state.states[i], state.entries[i] < 0 ? 1 : model.probability[state.entries[i]]),
    }),
  };
}

/**
 * Tables for sampling from a row of k entries in constant time, by the alias method [Walker 1977]: of k boxes of equal
 * width, box b contains entry b in the first `share[b]` of its width, and entry `alias[b]` in the rest.
 */
interface Boxes {
  /** `[entries]`. */
  share: Float64Array;
  /** `[entries]`: entries of the same row. */
  alias: Int32Array;
}

function boxesOf(rowStart: ArrayLike<number>, probability: Float64Array): Boxes {
  const share = new Float64Array(probability.length).fill(1);
  const alias = Int32Array.from(probability.keys());
  for (let pair = 0; pair + 1 < rowStart.length; pair++) {
    const [start, end] = [rowStart[pair], rowStart[pair + 1]];
    const left = Float64Array.from(probability.subarray(start, end), (p) => p * (end - start));
    const poor = [...left.keys()].filter((box) => left[box] < 1);
    const rich = [...left.keys()].filter((box) => left[box] >= 1);
    // A box that its entry does not fill is completed by an entry with excess weight, which may then fall short itself.
    while (poor.length > 0 && rich.length > 0) {
      const [from, to] = [rich.at(-1)!, poor.pop()!];
      share[start + to] = left[to];
      alias[start + to] = start + from;
      left[from] -= 1 - left[to];
      if (left[from] < 1) poor.push(rich.pop()!);
    }
    // By rounding, boxes may remain that are not quite full: they count as full.
  }
  return { share, alias };
}

/** The start state of an episode, given by a state index or an observation. */
function startIn(id: string, model: TabularModel, requested: unknown): number {
  const { states, terminal } = model;
  const isRow = Array.isArray(requested) || ArrayBuffer.isView(requested);
  const state = isRow ? observedAs(model, requested as ArrayLike<number>) : (requested as number);
  const isState = Number.isInteger(state) && state >= 0 && state < states;
  if (isState && !terminal[state]) return state;
  const shown = isRow ? `[${requested}]` : requested;
  const what = isState
    ? "which is a terminal state"
    : `neither an integer from 0 to ${states - 1} nor an observation of a non-terminal state`;
  throw new UsageError(`${id}: reset option "state" is ${shown}, ${what}`);
}

/** The first non-terminal state with this observation, or −1. */
function observedAs({ states, observations, terminal }: TabularModel, row: ArrayLike<number>): number {
  const width = observations.length / states;
  for (let state = 0; state < states; state++) {
    if (terminal[state] || row.length !== width) continue;
    let same = true;
    for (let j = 0; j < width; j++) same &&= observations[state * width + j] === row[j];
    if (same) return state;
  }
  return -1;
}
