/** @file The single and the native vector form of an environment that has dynamics over arrays. */

import type { Tree } from "../data/tree.js";
import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import {
  allocateActions,
  describeSpace,
  flattenInto,
  type Space,
  spaceWidth,
  unflatten,
  whyOutside,
} from "../spaces/index.js";
import type {
  Action,
  ActionBatch,
  Environment,
  ResetOptions,
  StepResult,
  TabularModel,
  VectorEnvironment,
} from "./contracts.js";
import { Copies, type DynamicsSpec, refuseBadActions, refuseBadBatch, vectorSeed } from "./dynamics.js";

/** Seeds environments that were never given one, so that nothing is random by accident. */
const DEFAULT_SEED = 0;

/** The single form. */
export const environmentOf = (spec: DynamicsSpec): Environment => new DynamicsEnvironment(spec);

/**
 * The native vector form of a single environment, or `undefined` where it has none. Environment i of it does what
 * the single one does when that is seeded with the stream of i.
 */
export function nativeVectorOf(environment: Environment, count: number): VectorEnvironment | undefined {
  return environment instanceof DynamicsEnvironment ? new DynamicsVector(environment.spec, count) : undefined;
}

/** Whether an environment was made by {@link environmentOf}: it needs no adapter and has a native vector form. */
export const hasDynamics = (environment: unknown): environment is Environment =>
  environment instanceof DynamicsEnvironment;

/** A {@link Copies} of one. */
class DynamicsEnvironment implements Environment {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps: number;
  readonly render?: () => string;
  readonly model?: () => TabularModel;
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
    const { dynamics } = this.copies;
    if (dynamics.render) this.render = () => dynamics.render!(0);
    if (spec.model) this.model = () => spec.model!();
  }

  reset({ seed, options }: ResetOptions = {}): ReturnType<Environment["reset"]> {
    this.copies.reset(options, seed === undefined ? undefined : () => createRng(seed));
    return { observation: this.observe(), info: {} };
  }

  step(action: Action): StepResult {
    const actions = this.actions;
    const copies = this.copies;
    if (copies.terminated[0] | copies.truncated[0]) {
      throw new UsageError(`${this.id}: the episode has ended; call reset() before step()`);
    }
    // A torque beyond the limits is clipped by the dynamics; an action that does not exist is an error.
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
      info: {},
    };
  }

  close(): void {}

  getState(): Tree {
    return this.copies.getState();
  }

  setState(state: Tree): void {
    this.copies.setState(state);
  }

  private observe() {
    this.copies.dynamics.observe(0, 1, this.row);
    return unflatten(this.observationSpace, this.row);
  }
}

class DynamicsVector implements VectorEnvironment {
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly observations: Float32Array;
  readonly finalObservations: Float32Array;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  private readonly copies: Copies;
  private readonly width: number;

  constructor(
    spec: DynamicsSpec,
    readonly count: number,
  ) {
    this.id = spec.id;
    this.observationSpace = spec.observationSpace;
    this.actionSpace = spec.actionSpace;
    const rngs = Array.from({ length: count }, (_, i) => createRng(vectorSeed(DEFAULT_SEED, i)));
    this.copies = new Copies(spec, count, rngs);
    this.rewards = this.copies.rewards;
    this.terminated = this.copies.terminated;
    this.truncated = this.copies.truncated;
    this.width = spaceWidth(spec.observationSpace);
    this.observations = new Float32Array(count * this.width);
    this.finalObservations = new Float32Array(count * this.width);
  }

  reset({ seed, options }: ResetOptions = {}): void {
    this.copies.reset(options, seed === undefined ? undefined : (i) => createRng(vectorSeed(seed, i)));
    this.copies.dynamics.observe(0, this.count, this.observations);
  }

  step(actions: ActionBatch): void {
    refuseBadBatch(this, actions);
    refuseBadActions(this.id, this.actionSpace, actions);
    const { copies, terminated, truncated, observations } = this;
    copies.step(actions);
    copies.dynamics.observe(0, this.count, observations);
    for (let i = 0; i < terminated.length; i++) if (terminated[i] | truncated[i]) this.autoreset(i);
  }

  close(): void {}

  getState(): Tree {
    return this.copies.getState();
  }

  setState(state: Tree): void {
    this.copies.setState(state);
    this.copies.dynamics.observe(0, this.count, this.observations);
  }

  private autoreset(i: number): void {
    const { observations, finalObservations, width } = this;
    for (let at = i * width; at < (i + 1) * width; at++) finalObservations[at] = observations[at];
    this.copies.restart(i);
    this.copies.dynamics.observe(i, i + 1, this.observations);
  }
}
