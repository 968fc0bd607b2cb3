/** @file The single and the native vector form of an environment that is defined by dynamics over arrays. */

import { UsageError } from "../errors.js";
import { createRng, createRngs } from "../random/rng.js";
import {
  allocateActions,
  describeSpace,
  flattenInto,
  type Space,
  spaceWidth,
  unflatten,
  whyOutside,
} from "../spaces/index.js";
import type { Action, ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import { ArrayVector } from "./array-vector.js";
import { refuseMask } from "./autoreset.js";
import type {
  Environment,
  Info,
  ResetOptions,
  StepResult,
  TabularModel,
  Task,
  TaskFamily,
  VectorEnvironment,
  VectorResetOptions,
} from "./contracts.js";
import { Copies, type DynamicsSpec, refuseBadActions, refuseBadBatch, vectorSeed } from "./dynamics.js";
import type { Rows } from "./vector-rows.js";

/** The seed of environments that are reset without a seed, so that results are reproducible. */
const DEFAULT_SEED = 0;

/**
 * The single form of an environment.
 *
 * @typeParam E with the form of its observations, and its model or tasks, which the spec then has
 */
export const environmentOf = <E extends Environment = Environment>(spec: DynamicsSpec): E =>
  new DynamicsEnvironment(spec) as Environment as E;

/**
 * The native vector form of a single environment, or `undefined` if it has none. Environment i behaves like the single
 * environment seeded with the stream of i.
 */
export function nativeVectorOf(environment: Environment, rows: Rows): VectorEnvironment | undefined {
  return environment instanceof DynamicsEnvironment ? new DynamicsVector(environment.spec, rows) : undefined;
}

/** Whether the environment is defined by dynamics over arrays. */
export const isNative = (environment: Environment): boolean => environment instanceof DynamicsEnvironment;

/** The single form: {@link Copies} with one copy. */
class DynamicsEnvironment implements Environment {
  readonly trusted = true;
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps?: number;
  readonly render?: () => string;
  readonly renderSvg?: () => string;
  readonly model?: () => TabularModel;
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  readonly getTask?: () => Task;
  readonly setTask?: (task: Task) => void;
  readonly setTasks?: (tasks: readonly Task[] | undefined) => void;
  private readonly copies: Copies;
  private readonly row: Float32Array;
  private readonly actions: ActionBatch;

  constructor(readonly spec: DynamicsSpec) {
    this.id = spec.id;
    this.observationSpace = spec.observationSpace;
    this.actionSpace = spec.actionSpace;
    this.maxEpisodeSteps = spec.maxEpisodeSteps;
    this.copies = new Copies(spec, 1, [createRng(DEFAULT_SEED)]);
    this.row = new Float32Array(spaceWidth(spec.observationSpace));
    this.actions = allocateActions(spec.actionSpace, 1);
    const { dynamics, trials } = this.copies;
    if (trials) {
      this.tasks = trials.family;
      this.episodesPerTask = trials.episodesPerTask;
      this.getTask = () => trials.get(0);
      this.setTask = (task) => trials.set(0, task);
      this.setTasks = (tasks) => trials.setPool(tasks);
    }
    if (dynamics.render) this.render = () => dynamics.render!(0);
    if (dynamics.renderSvg) this.renderSvg = () => dynamics.renderSvg!(0);
    if (spec.model) this.model = () => spec.model!();
  }

  reset({ seed, options }: ResetOptions = {}): ReturnType<Environment["reset"]> {
    this.copies.reset(options, seed === undefined ? undefined : () => seed);
    return { observation: this.observe(), info: this.info() };
  }

  step(action: Action): StepResult {
    const actions = this.actions;
    const copies = this.copies;
    if (copies.terminated[0] | copies.truncated[0]) {
      throw new UsageError(`${this.id}: the episode has ended; call reset() before step()`);
    }
    // The dynamics clip continuous actions to their bounds; an invalid discrete action is an error.
    if (this.actionSpace.kind === "discrete") {
      const reason = whyOutside(this.actionSpace, action);
      if (reason)
        throw new UsageError(`${this.id}: ${reason}, as action in ${describeSpace(this.actionSpace)}`);
    } else if (typeof action !== "number" && action?.length !== actions.length) {
      throw new UsageError(
        `${this.id}: the action must have ${actions.length} numbers, not ${action?.length}`,
      );
    }
    flattenInto(this.actionSpace, action, actions);
    refuseBadActions(this.id, this.actionSpace, actions);
    copies.step(actions);
    return {
      observation: this.observe(),
      reward: copies.rewards[0],
      terminated: copies.terminated[0] === 1,
      truncated: copies.truncated[0] === 1,
      info: this.info(),
    };
  }

  close(): void {
    this.copies.dynamics.close?.();
  }

  getState(): Tree {
    return this.copies.getState();
  }

  setState(state: Tree): void {
    this.copies.setState(state);
  }

  private info(): Info {
    const { dynamics, trials } = this.copies;
    const info = dynamics.info?.(0);
    return trials ? { ...info, ...trials.info(0) } : (info ?? {});
  }

  private observe() {
    this.copies.dynamics.observe(0, 1, this.row);
    return unflatten(this.observationSpace, this.row);
  }
}

class DynamicsVector extends ArrayVector implements VectorEnvironment {
  private readonly copies: Copies;
  private readonly width: number;
  private readonly first: number;

  constructor(spec: DynamicsSpec, { first, count, arrays }: Rows) {
    const rngs = createRngs(Array.from({ length: count }, (_, i) => vectorSeed(DEFAULT_SEED, first + i)));
    const copies = new Copies(spec, count, rngs, arrays);
    super({ ...spec, episodesPerTask: copies.trials?.episodesPerTask }, count, arrays, copies.trials);
    this.first = first;
    this.copies = copies;
    this.width = spaceWidth(spec.observationSpace);
  }

  reset({ seed, options, mask }: VectorResetOptions = {}): void {
    refuseMask(this, mask);
    const seedOf = (i: number) => vectorSeed(seed!, this.first + i);
    this.copies.reset(options, seed === undefined ? undefined : seedOf);
    this.copies.dynamics.observe(0, this.count, this.observations);
  }

  step(actions: ActionBatch): void {
    refuseBadBatch(this, actions);
    refuseBadActions(this.id, this.actionSpace, actions);
    const { copies, terminated, truncated, observations } = this;
    copies.step(actions);
    copies.dynamics.observe(0, this.count, observations);
    for (let i = 0; i < terminated.length; i++) if (terminated[i] | truncated[i]) this.startNext(i);
  }

  close(): void {
    this.copies.dynamics.close?.();
  }

  getState(): Tree {
    return this.copies.getState();
  }

  setState(state: Tree): void {
    this.copies.setState(state);
    this.copies.dynamics.observe(0, this.count, this.observations);
  }

  private startNext(i: number): void {
    const { observations, finalObservations } = this;
    const width = this.width;
    for (let at = i * width; at < (i + 1) * width; at++) finalObservations[at] = observations[at];
    this.copies.restart(i);
    this.copies.dynamics.observe(i, i + 1, this.observations);
  }
}
