/** @file Supervised learning of a policy network from labelled pairs: the core that BC and DAgger share. */

import { UsageError } from "../../src/errors.js";
import * as nn from "../../src/nn/index.js";
import { type ActorCritic, actionInput, actorCritic } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { Metrics, Problem } from "../../src/rollout/contracts.js";
import { allocateActions, spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import type { LabelledPairs } from "./pairs.js";

export interface ClonerOptions {
  minibatchSize: number;
  learningRate: number;
  loss: "log-likelihood" | "squared-error";
  entropyCoefficient: number;
  l2: number;
  hidden: number[];
  activation: nn.Activation;
}

/** The network and its compiled programs. */
export interface Cloner {
  network: ActorCritic;
  minibatchSize: number;
  /** `CHUNK` gradient steps. */
  train: t.Program;
  /** The loss on any number of pairs, without regularisers. */
  evaluate: t.Program;
}

/** What a kill must not lose. */
export interface ClonerState {
  parameters: Float32Array;
  moments: Float32Array[];
  /** Gradient steps so far. */
  updates: number;
  /** The current pass over the pairs: a permutation, and how much of it is used. */
  order: Int32Array;
  used: number;
  shuffleRng: Rng;
}

/** Gradient steps in one run of the program: enough to hide the cost of a run, few enough to stream the data. */
const CHUNK = 32;

const programs = new Map<string, Cloner>();

/** The cloner for a problem and settings; traced once, shared afterwards. */
export function clonerOf(problem: Problem, options: ClonerOptions): Cloner {
  const { observationSpace, actionSpace } = problem;
  if (options.loss === "squared-error" && actionSpace.kind !== "box") {
    throw new UsageError(
      `loss "squared-error" needs a box of actions; ${problem.id} has ${actionSpace.kind} ones`,
    );
  }
  const { hidden, activation, minibatchSize, learningRate, loss, entropyCoefficient, l2 } = options;
  const settings = { observationSpace, actionSpace, hidden, activation, critic: false };
  const key = JSON.stringify([settings, minibatchSize, learningRate, loss, entropyCoefficient, l2]);
  const known = programs.get(key);
  if (known) return known;
  const network = actorCritic(settings);
  const cloner = {
    network,
    minibatchSize,
    train: trainProgram(network, options),
    evaluate: t.program(pairInputs(network, "batch"), (inputs) => ({
      losses: cloningLosses(
        network,
        network.layout.unflatten(inputs.parameters),
        inputs as unknown as Pairs,
        loss,
      ),
    })),
  };
  programs.set(key, cloner);
  return cloner;
}

export function createClonerState({ network }: Cloner, rng: Rng): ClonerState {
  const parameters = network.layout.initialise(rng.stream("parameters"));
  return {
    parameters,
    moments: [new Float32Array(parameters.length), new Float32Array(parameters.length)],
    updates: 0,
    order: new Int32Array(0),
    used: 0,
    shuffleRng: rng.stream("minibatches"),
  };
}

interface Pairs {
  observations: Tensor;
  actions: Tensor;
}

/** −log π(a | s), or the squared distance of the policy's mean from a, for each pair `[B]` (notes, eq. 50). */
function cloningLosses(
  network: ActorCritic,
  parameters: Parameters<ActorCritic["distribution"]>[0],
  { observations, actions }: Pairs,
  loss: ClonerOptions["loss"],
): Tensor {
  const pi = network.distribution(parameters, observations);
  return loss === "log-likelihood"
    ? t.neg(pi.logProb(actions))
    : t.sum(t.square(t.sub(pi.mode(), actions)), -1);
}

function pairInputs({ layout, settings }: ActorCritic, rows: t.Dim) {
  return {
    parameters: t.float32([layout.size]),
    observations: t.float32([rows, spaceWidth(settings.observationSpace)]),
    actions: actionInput(settings.actionSpace, rows),
  };
}

function trainProgram(network: ActorCritic, options: ClonerOptions): t.Program {
  const { layout } = network;
  const { minibatchSize, learningRate, entropyCoefficient, l2, loss } = options;
  const optimiser = nn.adam();
  const inputs = {
    ...pairInputs(network, CHUNK * minibatchSize),
    firstMoment: t.float32([layout.size]),
    secondMoment: t.float32([layout.size]),
    updates: t.float32([1]),
    active: t.int32([1]),
  };
  const minibatches = (x: Tensor) => t.reshape(x, [CHUNK, minibatchSize, ...x.shape.slice(1)]);
  return t.program(inputs, (given) => {
    const [observations, actions] = [minibatches(given.observations), minibatches(given.actions)];
    const start = [
      given.parameters,
      given.firstMoment,
      given.secondMoment,
      t.reshape(given.updates, []),
      t.constant(0),
    ];
    const final = t.loop(t.reshape(given.active, []), start, (i, [vector, m, v, step, total]) => {
      const p = layout.unflatten(vector);
      const batch = { observations: t.gather(observations, i), actions: t.gather(actions, i) };
      const error = t.mean(cloningLosses(network, p, batch, loss));
      const entropy = () => t.mean(network.distribution(p, batch.observations).entropy());
      const objective = entropyCoefficient > 0 ? t.sub(error, t.mul(entropy(), entropyCoefficient)) : error;
      const slope = layout.gradient(objective, p);
      // The gradient of l2/2 · ‖θ‖² is l2 · θ.
      const gradient = l2 > 0 ? t.add(slope, t.mul(vector, l2)) : slope;
      const next = t.add(step, 1);
      const updated = optimiser.update(vector, gradient, [m, v], next, learningRate);
      return [updated.parameters, ...updated.slots, next, t.add(total, error)];
    });
    return { parameters: final[0], firstMoment: final[1], secondMoment: final[2], totalLoss: final[4] };
  });
}

/**
 * `updates` gradient steps on minibatches streamed from the pairs, which are passed over again and again in a fresh
 * order. A minibatch may straddle two passes.
 */
export async function cloneBatches(
  { network, minibatchSize, train }: Cloner,
  state: ClonerState,
  pairs: LabelledPairs,
  updates: number,
): Promise<Metrics> {
  const { observationSpace, actionSpace } = network.settings;
  const [width, actionWidth] = [spaceWidth(observationSpace), spaceWidth(actionSpace)];
  const observations = new Float32Array(CHUNK * minibatchSize * width);
  const actions = allocateActions(actionSpace, CHUNK * minibatchSize);
  let totalLoss = 0;
  for (let done = 0; done < updates; done += CHUNK) {
    const active = Math.min(CHUNK, updates - done);
    for (let row = 0; row < active * minibatchSize; row++) {
      const pair = nextPair(state, pairs.count);
      for (let j = 0; j < width; j++) observations[row * width + j] = pairs.observations[pair * width + j];
      for (let j = 0; j < actionWidth; j++)
        actions[row * actionWidth + j] = pairs.actions[pair * actionWidth + j];
    }
    const result = await train.run({
      parameters: state.parameters,
      firstMoment: state.moments[0],
      secondMoment: state.moments[1],
      updates: Float32Array.of(state.updates),
      active: Int32Array.of(active),
      observations,
      actions,
    });
    state.parameters = result.parameters as Float32Array;
    state.moments = [result.firstMoment as Float32Array, result.secondMoment as Float32Array];
    state.updates += active;
    totalLoss += result.totalLoss[0];
  }
  return { steps: state.updates, loss: totalLoss / updates };
}

/** The next index of the current pass; a new permutation when it is over, or when there are more pairs than before. */
function nextPair(state: ClonerState, count: number): number {
  if (state.used >= state.order.length || state.order.length !== count) {
    state.order = state.shuffleRng.shuffle(Int32Array.from({ length: count }, (_, i) => i));
    state.used = 0;
  }
  return state.order[state.used++];
}

/** The mean loss on pairs that are not trained on. */
export async function heldOutLoss(
  cloner: Cloner,
  { parameters }: ClonerState,
  pairs: LabelledPairs,
): Promise<number> {
  const { observations, actions } = pairs;
  const { losses } = await cloner.evaluate.run({ parameters, observations, actions });
  return (losses as Float32Array).reduce((sum, x) => sum + x, 0) / losses.length;
}
