/**
 * @file Gradient steps on minibatches, all steps of a run as one tensor program: the state that they change, and the one
 * function in which learners differ, the loss of a minibatch.
 */

import type { Layout, ParameterTree, TensorTree } from "../nn/layout.js";
import { adam, clipByGlobalNorm, type Optimiser } from "../nn/optimisers.js";
import type { Rng } from "../random/rng.js";
import type { InputSpec, ProgramArray, Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";

/** Plain data: what a checkpoint keeps of a network in training. */
export interface TrainState {
  parameters: Float32Array;
  /** The optimiser's, such as Adam's moments. */
  slots: Float32Array[];
  /** Gradient steps so far. */
  steps: number;
}

type Specs = Record<string, InputSpec>;
type Tensors = Record<string, Tensor>;

export interface TrainerOptions<P extends ParameterTree> {
  layout: Layout<P>;
  optimiser?: Optimiser;
  learningRate: number;
  /** Gradients are scaled down to this global norm; unset, they are not. */
  maxGradientNorm?: number;
  /** Gradient steps in a run. */
  steps: number;
  /** Takes the number of steps of a run, at most `steps`, as it runs. */
  variable?: boolean;
  /** Inputs that are the same for all steps of a run. */
  shared?: Specs;
  /** Inputs of one step; a run is fed `steps` of each, one after the other. */
  minibatch: Specs;
  /** Vectors other than the parameters that a step replaces. */
  carried?: Specs;
  /** What a step minimises, what is reported (as the mean over a run), and what replaces the carried vectors. */
  loss(inputs: { parameters: TensorTree<P>; minibatch: Tensors; shared: Tensors; carried: Tensors }): {
    loss: Tensor;
    reported: Tensors;
    carried?: Tensors;
  };
  /** What is added to the gradient, for penalties on the parameters themselves. */
  decay?: number;
}

export interface Trainer {
  initialise(rng: Rng): TrainState;
  /** A run: moves the state, and returns the means of what is reported and the carried vectors. */
  run(
    state: TrainState,
    feeds: Record<string, ProgramArray>,
    steps?: number,
  ): Promise<{ means: Record<string, number>; carried: Record<string, ProgramArray> }>;
}

const stacked = (specs: Specs, steps: number): Specs =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { shape, dtype }]) => [name, { shape: [steps, ...shape], dtype }]),
  );
const pick = (tensors: Tensors, specs: Specs): Tensors =>
  Object.fromEntries(Object.keys(specs).map((name) => [name, tensors[name]]));

export function trainer<P extends ParameterTree>(options: TrainerOptions<P>): Trainer {
  const { layout, optimiser = adam(), learningRate, maxGradientNorm, decay = 0 } = options;
  const { steps, variable = false, shared = {}, minibatch, carried = {} } = options;
  const slots = Array.from({ length: optimiser.slots }, (_, i) => `slot${i}`);
  const kept = Object.keys(carried);
  let reportedNames: string[] = [];
  const vector = t.float32([layout.size]);
  const inputs = {
    parameters: vector,
    ...Object.fromEntries(slots.map((name) => [name, vector])),
    steps: t.float32([1]),
    ...(variable ? { active: t.int32([1]) } : {}),
    ...shared,
    ...carried,
    ...stacked(minibatch, steps),
  };
  const program = t.program(inputs, (given: Tensors) => {
    const stacks = pick(given, minibatch);
    const start = [given.parameters, ...slots.map((name) => given[name]), t.reshape(given.steps, [])];
    const extras = kept.map((name) => given[name]);
    const count = variable ? t.reshape(given.active, []) : steps;
    const body = (i: Tensor, all: Tensor[]) => {
      const [now, ...rest] = all;
      const own = rest.slice(0, slots.length);
      const step = rest[slots.length];
      const totals = rest[slots.length + 1];
      const current = Object.fromEntries(kept.map((name, k) => [name, rest[slots.length + 2 + k]]));
      const parameters = layout.unflatten(now);
      const of = Object.fromEntries(Object.entries(stacks).map(([name, x]) => [name, t.gather(x, i)]));
      const result = options.loss({
        parameters,
        minibatch: of,
        shared: pick(given, shared),
        carried: current,
      });
      const slope = layout.gradient(result.loss, parameters);
      const decayed = decay > 0 ? t.add(slope, t.mul(now, decay)) : slope;
      const gradient =
        maxGradientNorm === undefined ? decayed : clipByGlobalNorm(decayed, maxGradientNorm).gradient;
      const next = t.add(step, 1);
      const moved = optimiser.update(now, gradient, own, next, learningRate);
      reportedNames = Object.keys(result.reported);
      return [
        moved.parameters,
        ...moved.slots,
        next,
        t.add(totals, t.stack(Object.values(result.reported))),
        ...kept.map((name) => result.carried![name]),
      ];
    };
    const width = reportedWidth(options, given);
    const final = t.loop(count, [...start, t.zeros([width]), ...extras], body);
    return {
      parameters: final[0],
      ...Object.fromEntries(slots.map((name, i) => [name, final[1 + i]])),
      totals: final[slots.length + 2],
      ...Object.fromEntries(kept.map((name, i) => [name, final[slots.length + 3 + i]])),
    };
  });
  return {
    initialise(rng) {
      const parameters = layout.initialise(rng);
      return { parameters, slots: slots.map(() => new Float32Array(parameters.length)), steps: 0 };
    },
    async run(state, feeds, taken = steps) {
      const result = await program.run({
        parameters: state.parameters,
        ...Object.fromEntries(slots.map((name, i) => [name, state.slots[i]])),
        steps: Float32Array.of(state.steps),
        ...(variable ? { active: Int32Array.of(taken) } : {}),
        ...feeds,
      });
      state.parameters = result.parameters as Float32Array;
      state.slots = slots.map((name) => result[name] as Float32Array);
      state.steps += taken;
      return {
        means: Object.fromEntries(reportedNames.map((name, i) => [name, result.totals[i] / taken])),
        carried: Object.fromEntries(kept.map((name) => [name, result[name]])),
      };
    },
  };
}

/** How many numbers a loss reports: asked once, of the first minibatch, in the graph being traced. */
function reportedWidth<P extends ParameterTree>(
  { layout, minibatch, shared = {}, carried = {}, loss }: TrainerOptions<P>,
  given: Tensors,
): number {
  const first = Object.fromEntries(
    Object.keys(minibatch).map((name) => [name, t.gather(given[name], t.constant(0, [], "int32"))]),
  );
  const { reported } = loss({
    parameters: layout.unflatten(given.parameters),
    minibatch: first,
    shared: pick(given, shared),
    carried: pick(given, carried),
  });
  return Object.keys(reported).length;
}
