/** @file A vector environment made of N single environments, with any autoreset mode. */

import { UsageError } from "../errors.js";
import { flattenInto, spaceWidth, unflatten } from "../spaces/index.js";
import type { Action, ActionBatch } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import { ArrayVector } from "./array-vector.js";
import { refuseMask } from "./autoreset.js";
import type {
  Autoreset,
  Environment,
  ResetOptions,
  VectorEnvironment,
  VectorResetOptions,
} from "./contracts.js";
import { refuseBadBatch, vectorSeed } from "./dynamics.js";
import type { Rows } from "./vector-rows.js";

interface SavedWrapper {
  observations: Float32Array;
  terminated: Uint8Array;
  truncated: Uint8Array;
  environments: Tree[];
  /** For task families. */
  episodeInTrial?: Int32Array;
  stepInEpisode?: Int32Array;
}

/** Steps environments with equal spaces in turn. */
export class WrapperVector extends ArrayVector implements VectorEnvironment {
  private readonly first: number;
  private readonly width: number;
  private readonly actionWidth: number;

  constructor(
    private readonly environments: readonly Environment[],
    { first, count, arrays }: Rows,
    readonly autoreset: Autoreset,
  ) {
    const [one] = environments;
    super(one, count, arrays, {
      get: (i) => this.ofFamily(i).getTask!(),
      set: (i, task) => this.ofFamily(i).setTask!(task),
      setPool: (tasks) => this.each((i) => this.poolOf(i)(tasks)),
    });
    this.first = first;
    this.width = spaceWidth(one.observationSpace);
    this.actionWidth = spaceWidth(one.actionSpace);
  }

  reset({ seed, options, mask }: VectorResetOptions = {}): void {
    refuseMask(this, mask);
    if (mask && mask.length !== this.count) {
      throw new UsageError(`${this.id}: the mask must have ${this.count} entries, not ${mask.length}`);
    }
    this.each((i) => {
      if (mask && !mask[i]) return;
      this.restart(i, { options, seed: seed === undefined ? undefined : vectorSeed(seed, this.first + i) });
      this.goOn(i);
    });
  }

  step(actions: ActionBatch): void {
    refuseBadBatch(this, actions);
    if (this.autoreset === "disabled") this.refuseEnded();
    this.each((i) => this.advance(i, actions));
  }

  close(): void {
    for (const environment of this.environments) environment.close?.();
  }

  /** @throws UsageError when the environments have no snapshots. */
  getState(): Tree {
    const states = this.environments.map((environment) => {
      if (environment.getState && environment.setState) return environment.getState();
      throw new UsageError(
        `${this.id} cannot be saved, so this run can neither checkpoint nor resume: give the environment ` +
          "getState(), which returns plain data, and setState(state), which restores it",
      );
    });
    const { observations, terminated, truncated, episodeInTrial, stepInEpisode } = this;
    return {
      observations: observations.slice(),
      terminated: terminated.slice(),
      truncated: truncated.slice(),
      environments: states,
      ...(episodeInTrial && { episodeInTrial: episodeInTrial.slice() }),
      ...(stepInEpisode && { stepInEpisode: stepInEpisode.slice() }),
    };
  }

  setState(state: Tree): void {
    const saved = state as unknown as SavedWrapper;
    if (saved?.environments?.length !== this.count) {
      throw new UsageError(
        `${this.id}: this snapshot is of ${saved?.environments?.length ?? "no"} environments, not ${this.count}`,
      );
    }
    this.observations.set(saved.observations);
    this.terminated.set(saved.terminated);
    this.truncated.set(saved.truncated);
    if (saved.episodeInTrial) this.episodeInTrial?.set(saved.episodeInTrial);
    if (saved.stepInEpisode) this.stepInEpisode?.set(saved.stepInEpisode);
    for (const [i, environment] of this.environments.entries()) environment.setState?.(saved.environments[i]);
  }

  private advance(i: number, actions: ActionBatch): void {
    if (this.autoreset === "next-step" && this.hasEnded(i)) {
      this.restart(i, {});
      this.goOn(i);
      return;
    }
    const action = unflatten(this.actionSpace, actions, i * this.actionWidth) as Action;
    const { observation, reward, terminated, truncated, info } = this.environments[i].step(action);
    this.rewards[i] = reward;
    this.terminated[i] = terminated ? 1 : 0;
    this.truncated[i] = truncated ? 1 : 0;
    if (this.trialEnded) this.trialEnded[i] = info.trialEnded === true ? 1 : 0;
    if (this.stepInEpisode) this.stepInEpisode[i]++;
    const { observationSpace, observations, finalObservations, width } = this;
    const ended = terminated || truncated;
    if (ended) flattenInto(observationSpace, observation, finalObservations, i * width);
    if (ended && this.autoreset === "same-step") this.restart(i, {});
    else flattenInto(observationSpace, observation, observations, i * width);
  }

  private hasEnded(i: number): boolean {
    return (this.terminated[i] | this.truncated[i]) === 1;
  }

  private restart(i: number, options: ResetOptions): void {
    const { observation, info } = this.environments[i].reset(options);
    if (this.episodeInTrial) this.episodeInTrial[i] = Number(info.episodeInTrial ?? 0);
    if (this.stepInEpisode) this.stepInEpisode[i] = 0;
    flattenInto(this.observationSpace, observation, this.observations, i * this.width);
  }

  /** Marks row i as the start of an episode. */
  private goOn(i: number): void {
    this.rewards[i] = 0;
    this.terminated[i] = 0;
    this.truncated[i] = 0;
    if (this.trialEnded) this.trialEnded[i] = 0;
  }

  private refuseEnded(): void {
    for (let i = 0; i < this.count; i++) {
      if (!this.hasEnded(i)) continue;
      throw new UsageError(
        `${this.id}: the episode of environment ${this.first + i} has ended; with autoreset "disabled", ` +
          "call reset({ mask }) for ended episodes before the next step",
      );
    }
  }

  /** Runs `work` for each environment; errors are rethrown with the index of the environment. */
  private each(work: (i: number) => void): void {
    let i = 0;
    try {
      for (; i < this.count; i++) work(i);
    } catch (cause) {
      const message = `environment ${this.first + i}: ${cause instanceof Error ? cause.message : cause}`;
      if (cause instanceof UsageError) throw new UsageError(message, { cause });
      throw new Error(message, { cause });
    }
  }

  private poolOf(i: number): NonNullable<Environment["setTasks"]> {
    const environment = this.environments[i];
    if (environment.setTasks) return (tasks) => environment.setTasks!(tasks);
    throw new UsageError(
      `${this.id} has no setTasks(tasks), which draws the tasks of its trials from a finite set`,
    );
  }

  private ofFamily(i: number): Environment {
    const environment = this.environments[i];
    if (environment?.setTask && environment.getTask) return environment;
    throw new UsageError(`${this.id}: cannot read or set the task of environment ${i}, which does not exist`);
  }
}
