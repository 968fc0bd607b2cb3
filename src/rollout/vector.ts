/** @file Many environments behind one interface: the wrapper over single ones, and the choice of the native form. */

import type { Tree } from "../data/tree.js";
import { UsageError } from "../errors.js";
import { describeSpace, flattenInto, type Space, spaceWidth, unflatten } from "../spaces/index.js";
import type { Action, ActionBatch, Environment, ResetOptions, VectorEnvironment } from "./contracts.js";
import { refuseBadBatch, vectorSeed } from "./dynamics.js";
import { nativeVectorOf } from "./native.js";
import { type EnvironmentSource, nativeVector, open } from "./registry.js";

/**
 * Steps N single environments one after the other, with same-step autoreset.
 *
 * @throws {UsageError} when there are none, when one appears twice, or when their spaces differ.
 */
export function vectorOf(environments: readonly Environment[]): VectorEnvironment {
  const [first] = environments;
  if (!first) throw new UsageError("a vector environment needs at least one environment");
  if (new Set(environments).size < environments.length) {
    throw new UsageError(`${first.id}: each environment of a vector must be a new one, but one came twice`);
  }
  for (const { observationSpace, actionSpace } of environments) {
    for (const [one, other] of [
      [first.observationSpace, observationSpace],
      [first.actionSpace, actionSpace],
    ]) {
      if (describeSpace(one) === describeSpace(other)) continue;
      const both = `${describeSpace(one)} and ${describeSpace(other)}`;
      throw new UsageError(`${first.id}: the environments of a vector differ in their spaces: ${both}`);
    }
  }
  return new WrapperVector(environments);
}

/**
 * `count` environments, reset: in the native form where there is one, else {@link vectorOf}. Environment i draws from
 * the stream ("env", i) of `seed`, which is 0 unless given.
 */
export async function makeVector(
  source: EnvironmentSource,
  count: number,
  { seed = 0, options }: { seed?: number | string; options?: Record<string, unknown> } = {},
): Promise<VectorEnvironment> {
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError(`a vector environment needs a positive number of environments, not ${count}`);
  }
  const vector = (await nativeVector(source, count, options)) ?? (await vectorFrom(source, count, options));
  vector.reset({ seed });
  return vector;
}

async function vectorFrom(source: EnvironmentSource, count: number, options?: Record<string, unknown>) {
  const first = await open(source, options);
  const native = nativeVectorOf(first, count);
  if (native) return native;
  const environments = [first];
  while (environments.length < count) environments.push(await open(source, options));
  return vectorOf(environments);
}

class WrapperVector implements VectorEnvironment {
  readonly id: string;
  readonly count: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly observations: Float32Array;
  readonly finalObservations: Float32Array;
  readonly rewards: Float64Array;
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  private readonly width: number;
  private readonly actionWidth: number;

  constructor(private readonly environments: readonly Environment[]) {
    const count = environments.length;
    const { id, observationSpace, actionSpace } = environments[0];
    this.id = id;
    this.count = count;
    this.observationSpace = observationSpace;
    this.actionSpace = actionSpace;
    this.width = spaceWidth(observationSpace);
    this.actionWidth = spaceWidth(actionSpace);
    this.observations = new Float32Array(count * this.width);
    this.finalObservations = new Float32Array(count * this.width);
    this.rewards = new Float64Array(count);
    this.terminated = new Uint8Array(count);
    this.truncated = new Uint8Array(count);
  }

  reset({ seed, options }: ResetOptions = {}): void {
    for (let i = 0; i < this.count; i++) {
      this.restart(i, { options, seed: seed === undefined ? undefined : vectorSeed(seed, i) });
    }
    this.terminated.fill(0);
    this.truncated.fill(0);
  }

  step(actions: ActionBatch): void {
    refuseBadBatch(this, actions);
    for (let i = 0; i < this.count; i++) {
      const action = unflatten(this.actionSpace, actions, i * this.actionWidth) as Action;
      const { observation, reward, terminated, truncated } = this.environments[i].step(action);
      this.rewards[i] = reward;
      this.terminated[i] = terminated ? 1 : 0;
      this.truncated[i] = truncated ? 1 : 0;
      const ended = terminated || truncated;
      const rows = ended ? this.finalObservations : this.observations;
      flattenInto(this.observationSpace, observation, rows, i * this.width);
      if (ended) this.restart(i, {});
    }
  }

  close(): void {
    for (const environment of this.environments) environment.close?.();
  }

  /** @throws {UsageError} when the environments cannot be saved. */
  getState(): Tree {
    const states = this.environments.map((environment) => {
      if (environment.getState && environment.setState) return environment.getState();
      throw new UsageError(
        `${this.id} cannot be saved, so this run can neither checkpoint nor resume: give the environment ` +
          "getState(), which returns plain data, and setState(state), which restores it",
      );
    });
    return { observations: this.observations.slice(), environments: states };
  }

  setState(state: Tree): void {
    const { observations, environments } = state as { observations: Float32Array; environments: Tree[] };
    if (environments?.length !== this.count) {
      throw new UsageError(
        `${this.id}: this snapshot is of ${environments?.length ?? "no"} environments, not ${this.count}`,
      );
    }
    this.observations.set(observations);
    for (const [i, environment] of this.environments.entries()) environment.setState?.(environments[i]);
  }

  private restart(i: number, options: ResetOptions): void {
    const { observation } = this.environments[i].reset(options);
    flattenInto(this.observationSpace, observation, this.observations, i * this.width);
  }
}
