/**
 * @file Supervised learning of a policy with memory from whole episodes, as `supervised.ts` learns from pairs.
 *
 * A gradient step reads `sequenceLength` consecutive steps of each of R episodes. The memory enters the next gradient
 * step as a constant, so gradients reach back at most `sequenceLength` steps: truncated backpropagation through time
 * [Williams & Peng 1990]. Where an episode ends, the next one of the epoch starts in its row with an empty memory.
 */

import type { Demonstration, Spaces } from "../../../src/datasets/demonstrations.js";
import { demonstratedSteps, pairWeights } from "../../../src/datasets/transitions.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import { type Trainer, trainer } from "../../../src/learning/trainer.js";
import { type ActorCritic, actionInput, actorCritic } from "../../../src/policies/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { nextIndex } from "../../../src/rollout/epochs.js";
import { actionScaling, allocateActions, spaceWidth } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import type { Tensor } from "../../../src/tensor/index.js";
import * as t from "../../../src/tensor/index.js";
import { networkSettings } from "../../shared/networks.js";
import { addResiduals, createResiduals, setDeviations } from "./deviation.js";
import {
  CHUNK,
  type ClonerOptions,
  type ClonerState,
  checkLoss,
  cloningLosses,
  cloningObjective,
  createClonerState,
} from "./supervised.js";

export interface SequenceClonerOptions extends ClonerOptions {
  recurrentUnits: number;
  sequenceLength: number;
}

/** Whole episodes to learn from. */
export interface Sequences {
  /** Total number of demonstrated pairs. */
  count: number;
  episodes: readonly {
    /** Observations `[T, w]`. */
    observations: Float32Array;
    /** Actions `[T, k]`. */
    actions: ActionBatch;
    /** Weights `[T]`, of mean 1 over all demonstrated steps; 0 for steps without a demonstrated action. */
    weights: Float32Array;
  }[];
}

/** All demonstrated episodes. @throws UsageError when no step is demonstrated */
export function sequencesOf(trajectories: readonly Demonstration[], { observationSpace }: Spaces): Sequences {
  const kept = trajectories.map(demonstratedSteps);
  const count = kept.reduce((sum, { length }) => sum + length, 0);
  if (count === 0) throw new UsageError("there are no demonstrated actions to learn from");
  const used = trajectories
    .map((episode, i) => ({ episode, kept: kept[i] }))
    .filter((x) => x.kept.length > 0);
  const steps = used.reduce((sum, { episode }) => sum + episode.rewards.length, 0);
  const ofPairs = pairWeights(trajectories);
  const width = spaceWidth(observationSpace);
  let pair = 0;
  const episodes = used.map(({ episode, kept }) => {
    const weights = new Float32Array(episode.rewards.length);
    for (const step of kept) weights[step] = ((ofPairs?.[pair++] ?? 1) * steps) / count;
    const { observations, actions, rewards } = episode;
    return { observations: observations.subarray(0, rewards.length * width), actions, weights };
  });
  return { count, episodes };
}

/** The network and its compiled programs. */
export interface SequenceCloner {
  network: ActorCritic;
  /** R, the number of episodes in a minibatch. */
  rows: number;
  sequenceLength: number;
  loss: ClonerOptions["loss"];
  /** Takes up to `CHUNK` gradient steps in a run. */
  trainer: Trainer;
  /**
   * The losses on the next `sequenceLength` steps of any number of episodes, for squared errors their terms `[B, d]`, and
   * the memory after them.
   */
  evaluate: t.Program;
}

export interface SequenceClonerState extends ClonerState {
  /** For each row: the memory `[rows, memory]`, the index of its episode (−1 before the first), and the next step. */
  memory: Float32Array;
  episodes: Int32Array;
  positions: Int32Array;
}

const programs = new Map<string, SequenceCloner>();

/**
 * The cloner for a problem and settings, cached after the first call.
 *
 * @throws UsageError unless a minibatch is a whole number of sequences
 */
export function sequenceClonerOf(problem: Problem, options: SequenceClonerOptions): SequenceCloner {
  checkLoss(problem, options);
  const { observationSpace, actionSpace } = problem;
  const { recurrentUnits, minibatchSize, sequenceLength } = options;
  if (minibatchSize % sequenceLength !== 0) {
    throw new UsageError(
      `minibatchSize ${minibatchSize} must be a multiple of sequenceLength ${sequenceLength}: a policy with memory ` +
        "learns from whole sequences",
    );
  }
  const settings = {
    observationSpace,
    actionSpace,
    ...networkSettings(options, { observationSpace, actionSpace }),
    critic: false,
    recurrentUnits,
    actionScaling: options.scaling ?? actionScaling(actionSpace),
  };
  const { learningRate, loss, entropyCoefficient, l2 } = options;
  const numbers = [minibatchSize, sequenceLength, learningRate, loss, entropyCoefficient, l2];
  const key = JSON.stringify([settings, numbers]);
  const known = programs.get(key);
  if (known) return known;
  const network = actorCritic(settings);
  const rows = minibatchSize / sequenceLength;
  const cloner = {
    network,
    rows,
    sequenceLength,
    loss,
    trainer: sequenceTrainer(network, rows, options),
    evaluate: evaluateProgram(network, options),
  };
  programs.set(key, cloner);
  return cloner;
}

export function createSequenceClonerState(
  { network, trainer, rows }: SequenceCloner,
  rng: Rng,
): SequenceClonerState {
  return {
    ...createClonerState({ trainer }, rng),
    memory: new Float32Array(rows * network.memoryWidth),
    episodes: new Int32Array(rows).fill(-1),
    positions: new Int32Array(rows),
  };
}

function sequenceInputs({ settings, layout, memoryWidth }: ActorCritic, steps: t.Dim[], rows: t.Dim) {
  const actions = actionInput(settings.actionSpace, rows);
  return {
    parameters: t.float32([layout.size]),
    observations: t.float32([...steps, rows, spaceWidth(settings.observationSpace)]),
    actions: { ...actions, shape: [...steps, ...actions.shape] },
    resets: t.float32([...steps, rows]),
    memory: t.float32([rows, memoryWidth]),
  };
}

/** Flattens sequences `[L, R, …]` to rows `[L·R, …]`, the layout of the network's outputs. */
const asRows = (x: Tensor) => t.reshape(x, [-1, ...x.shape.slice(2)]);

function sequenceTrainer(network: ActorCritic, rows: number, options: SequenceClonerOptions): Trainer {
  const steps = [options.sequenceLength];
  const { parameters: _, memory, ...minibatch } = sequenceInputs(network, steps, rows);
  return trainer({
    layout: network.layout,
    learningRate: options.learningRate,
    decay: options.l2,
    steps: CHUNK,
    variable: true,
    minibatch: { ...minibatch, weights: t.float32([...steps, rows]) },
    carried: { memory },
    loss({ parameters, minibatch: { observations, actions, resets, weights }, carried }) {
      const evaluated = network.evaluate(parameters, observations, { state: carried.memory, resets });
      const objective = cloningObjective(
        network,
        options,
        evaluated.distribution,
        asRows(actions),
        asRows(weights),
      );
      return { ...objective, carried: { memory: evaluated.state() } };
    },
  });
}

function evaluateProgram(network: ActorCritic, { sequenceLength, loss }: SequenceClonerOptions): t.Program {
  return t.program(sequenceInputs(network, [sequenceLength], "batch"), (inputs) => {
    const p = network.layout.unflatten(inputs.parameters);
    const { distribution, state } = network.evaluate(p, inputs.observations, {
      state: inputs.memory,
      resets: inputs.resets,
    });
    return { ...cloningLosses(network, distribution, asRows(inputs.actions), loss), memory: state() };
  });
}

/**
 * Takes `updates` gradient steps on the episodes, in epochs with a new random order each. Then fits the deviations if
 * the loss leaves them untrained. Returns the mean loss.
 */
export async function cloneSequences(
  cloner: SequenceCloner,
  state: SequenceClonerState,
  sequences: Sequences,
  updates: number,
): Promise<Metrics> {
  const { network, rows, sequenceLength, trainer, loss } = cloner;
  const { episodes } = sequences;
  const batch = createBatch(network, CHUNK * sequenceLength, rows);
  let totalLoss = 0;
  for (let done = 0; done < updates; done += CHUNK) {
    const active = Math.min(CHUNK, updates - done);
    for (let step = 0; step < active * sequenceLength; step++) {
      for (let row = 0; row < rows; row++) {
        const begins =
          state.episodes[row] < 0 || state.positions[row] === episodes[state.episodes[row]].weights.length;
        if (begins) {
          state.episodes[row] = nextIndex(state, episodes.length);
          state.positions[row] = 0;
        }
        const episode = episodes[state.episodes[row]];
        copyStep(network, episode, state.positions[row]++, batch, step * rows + row);
        batch.resets[step * rows + row] = Number(begins);
      }
    }
    const { means, carried } = await trainer.run(state, { memory: state.memory, ...batch }, active);
    state.memory = carried.memory as Float32Array;
    totalLoss += means.loss * active;
  }
  if (loss === "squared-error") {
    const residuals = createResiduals(spaceWidth(network.settings.actionSpace));
    await evaluateSequences(cloner, state, sequences, ({ squares }, row, weight) =>
      addResiduals(residuals, squares, row, weight),
    );
    setDeviations(network, state.parameters, residuals);
  }
  return { steps: state.steps, loss: totalLoss / updates };
}

function createBatch({ settings }: ActorCritic, steps: number, rows: number) {
  return {
    observations: new Float32Array(steps * rows * spaceWidth(settings.observationSpace)),
    actions: allocateActions(settings.actionSpace, steps * rows),
    weights: new Float32Array(steps * rows),
    resets: new Float32Array(steps * rows),
  };
}

/** Copies step `from` of an episode to row `to` of a batch. */
function copyStep(
  { settings }: ActorCritic,
  episode: Sequences["episodes"][number],
  from: number,
  batch: ReturnType<typeof createBatch>,
  to: number,
): void {
  const [width, actionWidth] = [spaceWidth(settings.observationSpace), spaceWidth(settings.actionSpace)];
  for (let j = 0; j < width; j++) batch.observations[to * width + j] = episode.observations[from * width + j];
  for (let j = 0; j < actionWidth; j++)
    batch.actions[to * actionWidth + j] = episode.actions[from * actionWidth + j];
  batch.weights[to] = episode.weights[from];
}

/** The weighted mean loss on held-out episodes. */
export async function sequenceLoss(
  cloner: SequenceCloner,
  state: SequenceClonerState,
  sequences: Sequences,
): Promise<number> {
  let [total, sum] = [0, 0];
  await evaluateSequences(cloner, state, sequences, ({ losses }, row, weight) => {
    total += losses[row] * weight;
    sum += weight;
  });
  return total / sum;
}

/** Number of episodes that are evaluated together. */
const EVALUATED = 256;

/** Evaluates all episodes, and calls `visit` with each row of the outputs and its weight: 0 after an episode's end. */
async function evaluateSequences(
  { network, sequenceLength, evaluate }: SequenceCloner,
  { parameters }: SequenceClonerState,
  { episodes: all }: Sequences,
  visit: (outputs: Record<"losses" | "squares", Float32Array>, row: number, weight: number) => void,
): Promise<void> {
  for (let first = 0; first < all.length; first += EVALUATED) {
    const episodes = all.slice(first, first + EVALUATED);
    const rows = episodes.length;
    const longest = Math.max(...episodes.map(({ weights }) => weights.length));
    let memory = new Float32Array(rows * network.memoryWidth);
    for (let from = 0; from < longest; from += sequenceLength) {
      const { weights, ...batch } = createBatch(network, sequenceLength, rows);
      for (const [row, episode] of episodes.entries()) {
        const steps = Math.min(sequenceLength, episode.weights.length - from);
        for (let step = 0; step < steps; step++) {
          copyStep(network, episode, from + step, { weights, ...batch }, step * rows + row);
        }
      }
      const outputs = await evaluate.run({ parameters, memory, ...batch });
      memory = outputs.memory as Float32Array<ArrayBuffer>;
      for (const [i, weight] of weights.entries()) visit(outputs as Parameters<typeof visit>[0], i, weight);
    }
  }
}
