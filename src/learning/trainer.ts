/**
 * @file The trainer of all learners: the gradient steps of a run on minibatches, as one tensor program.
 *
 * A learner supplies the layout of its parameters, the inputs, and the loss of a minibatch. Example: linear regression
 * of y on x, with 32 steps a run, 64 rows a step, and a learning rate that the caller may change between runs:
 *
 *     const regression = trainer({
 *       layout: layoutOf({ weight: { shape: [2, 1], initialise: initialisers.zeros } }),
 *       learningRate: (shared) => shared.rate,
 *       steps: 32,
 *       shared: { rate: t.float32([]) },
 *       minibatch: { x: t.float32([64, 2]), y: t.float32([64, 1]) },
 *       loss({ parameters, minibatch: { x, y } }) {
 *         const loss = t.mean(t.square(t.sub(t.matmul(x, parameters.weight), y)));
 *         return { loss, reported: { loss } };
 *       },
 *     });
 *     const state = regression.initialise(rng);
 *     const { means } = await regression.run(state, { rate: 0.01, x, y }); // x [32 · 64 · 2], y [32 · 64]
 *
 * To draw minibatches from rows that are fed once, declare the rows as `shared` and feed indices as the minibatch:
 * `shared: { x: t.float32([n, 2]) }, minibatch: { rows: t.int32([64]) }`, and `t.gather(shared.x, minibatch.rows)`.
 */

import type { ParameterTree, TensorTree } from "../nn/layout.js";
import type { Rng } from "../random/rng.js";
import type { InputSpec, Program, ProgramArray, Tensor } from "../tensor/index.js";
import * as t from "../tensor/index.js";
import {
  type GroupOptions,
  initialState,
  joined,
  type StepInputs,
  stateSpecs,
  stepped,
  type Tensors,
  type TrainState,
  vectorsIn,
} from "./gradient-step.js";
import { below, filled, leaves, mapped, named, picked } from "./trees.js";

export { isMultiple, type TrainState } from "./gradient-step.js";

type Specs = Readonly<Record<string, InputSpec>>;

/** Number of steps, and inputs, of a run. */
export interface FeedOptions {
  /** Number of gradient steps in a run. */
  steps: number;
  /** Whether each run may take fewer than `steps` steps. */
  variable?: boolean;
  /** Inputs that are the same for all steps of a run. Inputs of shape `[]` are fed as numbers. */
  shared?: Specs;
  /** Computes shared tensors once a run, before the first step. They are added to `shared`, replacing equal names. */
  prepare?(shared: Tensors): Tensors;
  /** Inputs of one step. A run is fed `steps` of each, concatenated. */
  minibatch: Specs;
  /** Vectors other than parameters that each step replaces. */
  carried?: Specs;
}

/** Results of a step besides its loss. */
export interface StepResult {
  /** Scalars. A run returns their means over the steps taken. */
  reported?: Tensors;
  /** Tensors of any shape. A run returns those of the last step taken. */
  last?: Tensors;
  /** The next values of all carried vectors. */
  carried?: Tensors;
  /** A boolean scalar. If it is false, this step and all later steps of the run change nothing. */
  proceed?: Tensor;
}

export interface TrainerOptions<P extends ParameterTree> extends GroupOptions<P>, FeedOptions {
  /** The loss of a step. `targets` is the target network, present if `target` is set. */
  loss(
    inputs: StepInputs & { parameters: TensorTree<P>; targets: TensorTree<P> },
  ): StepResult & { loss: Tensor };
  /** Scalars computed once a run, after the last step. */
  report?(inputs: { parameters: TensorTree<P>; shared: Tensors }): Tensors;
}

type Groups = Readonly<Record<string, GroupOptions>>;
type Trees<G extends Groups> = {
  [K in keyof G]: G[K] extends GroupOptions<infer P> ? TensorTree<P> : never;
};
/** One `T` for each group. */
type Each<G extends Groups, T> = { [K in keyof G & string]: T };

export interface GroupTrainerOptions<G extends Groups> extends FeedOptions {
  groups: G;
  /** The losses of a step: for each group the loss that updates it, and only it. */
  losses(
    inputs: StepInputs & { parameters: Trees<G>; targets: Trees<G> },
  ): StepResult & { losses: Each<G, Tensor> };
  report?(inputs: { parameters: Trees<G>; shared: Tensors }): Tensors;
}

/** The results of a run. */
export interface RunResult {
  /** Number of steps taken. */
  steps: number;
  means: Record<string, number>;
  report: Record<string, number>;
  last: Record<string, ProgramArray>;
  carried: Record<string, ProgramArray>;
}

type Feeds = Readonly<Record<string, ProgramArray | number>>;

/** Trains one network, with state `S` = {@link TrainState}, or several, with one such state for each group. */
export interface Trainer<S = TrainState> {
  initialise(rng: Rng): S;
  /** Takes `steps` gradient steps (by default the trainer's number), and updates the state in place. */
  run(state: S, feeds: Feeds, steps?: number): Promise<RunResult>;
  readonly program: Program;
  /** All inputs of the program for such a run. */
  feeds(state: S, feeds: Feeds, steps?: number): Record<string, ProgramArray>;
}

/** A trainer of one network; see the example at the top of the file. */
export function trainer<P extends ParameterTree>(options: TrainerOptions<P>): Trainer {
  const { loss, report } = options;
  const groups = groupTrainer({
    ...options,
    groups: { network: options },
    losses({ parameters, targets, ...inputs }) {
      const own = loss({ ...inputs, parameters: parameters.network, targets: targets.network });
      return { ...own, losses: { network: own.loss } };
    },
    report: report && (({ parameters, shared }) => report({ parameters: parameters.network, shared })),
  });
  return {
    initialise: (rng) => initialState(options, rng),
    run: (network, ...rest) => groups.run({ network }, ...rest),
    feeds: (network, ...rest) => groups.feeds({ network }, ...rest),
    program: groups.program,
  };
}

/** A trainer of several networks that step together, each on its own loss. */
export function groupTrainer<G extends Groups>(
  options: GroupTrainerOptions<G>,
): Trainer<Each<G, TrainState>> {
  const { groups, steps: most, variable = false } = options;
  const { program, means } = stepsProgram(options);

  const feeds: Trainer<Each<G, TrainState>>["feeds"] = (states, own, count = most) => {
    const all: Record<string, ProgramArray> = variable ? { count: Int32Array.of(count) } : {};
    for (const [name, x] of Object.entries(own)) all[name] = typeof x === "number" ? Float32Array.of(x) : x;
    for (const [name, { parameters, slots, targets, steps }] of Object.entries<TrainState>(states)) {
      all[`state.${name}.parameters`] = parameters;
      for (const [k, slot] of slots.entries()) all[`state.${name}.slots.${k}`] = slot;
      if (targets) all[`state.${name}.targets`] = targets;
      all[`state.${name}.steps`] = Float32Array.of(steps);
    }
    return all;
  };
  return {
    program,
    feeds,
    initialise: (rng) =>
      mapped<keyof G & string, GroupOptions, TrainState>(groups, (group, name) =>
        initialState(group, rng.stream(name)),
      ),
    async run(state, own, count = most) {
      const result = await program.run(feeds(state, own, count));
      const steps = result["taken.steps"]?.[0] ?? count;
      for (const [name, trained] of Object.entries(state)) {
        const vector = (key: string) => result[`state.${name}.${key}`] as Float32Array;
        trained.parameters = vector("parameters");
        trained.slots = trained.slots.map((_, k) => vector(`slots.${k}`));
        if (trained.targets) trained.targets = vector("targets");
        trained.steps += steps;
      }
      return {
        steps,
        means: Object.fromEntries(means.map((name, k) => [name, result["sums.sum"][k] / steps])),
        report: mapped(below(result, "report"), ([value]) => value),
        last: below(result, "last"),
        carried: below(result, "carried"),
      };
    },
  };
}

/**
 * The program of a run: a loop over minibatches, with one gradient step of every group in each turn. `means` are the names
 * of the scalars that the losses report; the program returns their sums, in this order.
 */
function stepsProgram<G extends Groups>(
  options: GroupTrainerOptions<G>,
): { program: Program; means: string[] } {
  const { groups, steps: most, variable = false, shared = {}, minibatch, carried = {} } = options;
  const inputs = {
    ...named({ state: mapped(groups, stateSpecs) }),
    ...(variable ? { count: t.int32([]) } : {}),
    ...shared,
    ...carried,
    ...mapped(minibatch, ({ shape, dtype }) => ({ shape: [most, ...shape], dtype })),
  } as Specs;

  let means: string[] = [];
  const program = t.program(inputs, (fed) => {
    const selected = picked(fed, shared);
    const all = { ...selected, ...options.prepare?.(selected) };
    const minibatches = picked(fed, minibatch);
    const start = {
      state: mapped(groups, (group, name) => vectorsIn(fed, `state.${name}`, group)),
      carried: picked(fed, carried),
    };
    type State = typeof start.state;
    const trees = (key: "parameters" | "targets", state: State) =>
      mapped(
        groups,
        ({ layout }, name) => state[name][key] && layout.unflattenParts(state[name][key]),
      ) as Trees<G>;

    /** Step `i` of every group, from the states and carried values `now`. */
    const step = (i: Tensor, now: typeof start) => {
      const parameters = trees("parameters", now.state);
      const rows = mapped(minibatches, (x) => t.gather(x, i));
      const common: StepInputs = { minibatch: rows, shared: all, carried: now.carried };
      const result = options.losses({ ...common, parameters, targets: trees("targets", now.state) });
      const state: State = mapped(groups, (group, name) => {
        const gradient = group.layout.gradientParts(result.losses[name], parameters[name]);
        const number = t.add(fed[`state.${name}.steps`], t.cast(t.add(i, 1), "float32"));
        return stepped(group, now.state[name], gradient, number, common);
      });
      return { ...result, state };
    };

    // Loop variables whose shapes are known after tracing the losses, and with `proceed` the number of steps taken.
    let opened: Record<"sums" | "last" | "taken", Tensors> = { sums: {}, last: {}, taken: {} };
    const final = t.loop(variable ? fed.count : most, leaves(start), (i, row, open) => {
      const { state, reported = {}, last = {}, proceed, ...rest } = step(i, filled(start, row.values()));
      const openedLike = (tensors: Tensors) =>
        mapped(tensors, ({ shape, dtype }) => open(shape as number[], dtype));
      means = Object.keys(reported);
      const scalars: Tensors = means.length > 0 ? { sum: t.stack(Object.values(reported)) } : {};
      opened = {
        sums: openedLike(scalars),
        last: openedLike(last),
        taken: proceed ? { steps: open([], "int32") } : {},
      };
      const sums = mapped(scalars, (x, name) => t.add(opened.sums[name], x));
      const next = leaves({ state, carried: picked(rest.carried ?? {}, carried), sums, last });
      if (!proceed) return next;
      const { steps } = opened.taken;
      const go = t.logicalAnd(t.equal(steps, i), proceed);
      const before = [...row, ...leaves(opened)];
      return [...next.map((x, k) => t.where(go, x, before[k])), t.add(steps, t.cast(go, "int32"))];
    });

    const { state, ...results } = filled({ ...start, ...opened }, final.values());
    return named({
      state: mapped(state, joined),
      ...results,
      report: options.report?.({ parameters: trees("parameters", state), shared: all }) ?? {},
    }) as Tensors;
  });
  return { program, means };
}
