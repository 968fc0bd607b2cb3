/**
 * @file Adapts a user's environment: any object with `reset` and `step` becomes an {@link Environment}, and its
 * return values are checked at every step.
 */

import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import { flatBoxes, flattenInto, type Space, spaceWidth, unflatten, whyOutside } from "../spaces/index.js";
import type { Action, Observation } from "../spaces/values.js";
import { isSnapshotNode, snapshot, type Tree } from "../state/snapshot.js";
import { environmentModel } from "./check-model.js";
import type {
  Environment,
  Info,
  ResetOptions,
  StepResult,
  TabularModel,
  Task,
  TaskFamily,
} from "./contracts.js";
import { type SpaceLike, spaceFrom } from "./space-like.js";

/**
 * An environment in the style of Gym. `reset` returns an observation, `[observation, info]` or
 * `{ observation, info }`; `step` returns `[observation, reward, done, info]`,
 * `[observation, reward, terminated, truncated, info]` or an object with these fields. Both are synchronous.
 */
export interface EnvironmentLike {
  id?: string;
  observationSpace?: SpaceLike;
  actionSpace?: SpaceLike;
  observation_space?: SpaceLike;
  action_space?: SpaceLike;
  // `never` accepts environments whose parameter has any type.
  reset(options?: never): unknown;
  step(action: never): unknown;
  /** Seeding in the style of old Gym versions. */
  seed?(seed: number): unknown;
  readonly trusted?: boolean;
  render?(): unknown;
  renderSvg?(): unknown;
  close?(): void;
  getState?(): unknown;
  setState?(state: never): void;
  model?(): TabularModel;
  tasks?: TaskFamily;
  episodesPerTask?: number;
  getTask?(): Task;
  setTask?(task: Task): void;
  setTasks?(tasks: readonly Task[] | undefined): void;
}

/** Properties that the environment itself does not declare. */
export interface AdapterOptions {
  /** Its name in messages. Default: the environment's own id or the name of its class. */
  id?: string;
  observationSpace?: SpaceLike;
  actionSpace?: SpaceLike;
  /** The number of steps after which episodes are truncated, for environments without their own time limit. */
  maxEpisodeSteps?: number;
}

/**
 * `source` as an {@link Environment}. Observations are returned as copies in one form per space: numbers for discrete
 * spaces, `Float32Array` for boxes. `done` means truncation if `info["TimeLimit.truncated"]` is true, otherwise
 * termination. Environments of this project are returned unchanged.
 *
 * The result has `getState` and `setState` if `source` has them; otherwise training works, but cannot be checkpointed.
 * Integer seeds are passed to `source.reset({ seed })` unchanged; other seeds are replaced by a derived integer.
 *
 * @throws UsageError when `source` has no `reset` and `step`, or a space is missing or invalid.
 */
export function adaptEnvironment(source: EnvironmentLike, options: AdapterOptions = {}): Environment {
  if (source?.trusted) return source as Environment;
  for (const method of ["reset", "step"] as const) {
    if (typeof source?.[method] === "function") continue;
    throw new UsageError(
      `an environment needs reset() and step(action), but ${describe(source)} has no ${method}()`,
    );
  }
  return new AdaptedEnvironment(source, options);
}

/** An error of a user's environment, whose message says where it happened. */
class EnvironmentFault extends Error {}

class AdaptedEnvironment implements Environment {
  readonly trusted = true;
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly getState?: () => Tree;
  readonly setState?: (state: Tree) => void;
  readonly render?: () => string;
  readonly renderSvg?: () => string;
  readonly model?: () => TabularModel;
  readonly maxEpisodeSteps?: number;
  readonly tasks?: TaskFamily;
  readonly episodesPerTask?: number;
  readonly getTask?: () => Task;
  readonly setTask?: (task: Task) => void;
  readonly setTasks?: (tasks: readonly Task[] | undefined) => void;
  /** The observation space without bounds, which is checked at every step; `checkEnv` also checks the bounds. */
  private readonly unbounded: Space;
  private readonly row: number[];
  private episode = 0;
  private elapsed = 0;

  constructor(
    private readonly source: EnvironmentLike,
    options: AdapterOptions,
  ) {
    this.id = options.id ?? nameOfEnvironment(source);
    const space = (
      name: "observationSpace" | "actionSpace",
      pythonName: "observation_space" | "action_space",
    ) => spaceFrom(options[name] ?? source[name] ?? source[pythonName], this.id, name);
    this.observationSpace = space("observationSpace", "observation_space");
    this.actionSpace = space("actionSpace", "action_space");
    this.maxEpisodeSteps = options.maxEpisodeSteps;
    this.unbounded = withoutBounds(this.observationSpace);
    this.row = new Array(spaceWidth(this.observationSpace)).fill(0);
    this.tasks = source.tasks;
    this.episodesPerTask = source.episodesPerTask;
    const { getState, setState, render, renderSvg, model, getTask, setTask, setTasks } = source;
    this.getTask = getTask?.bind(source);
    this.setTask = setTask?.bind(source);
    this.setTasks = setTasks?.bind(source);
    if (getState && setState) {
      this.getState = () => ({
        episode: this.episode,
        elapsed: this.elapsed,
        source: this.stateOf(getState),
      });
      this.setState = (state) => {
        const saved = state as { episode: number; elapsed: number; source: Tree };
        this.episode = saved.episode;
        this.elapsed = saved.elapsed;
        setState.call(source, saved.source as never);
      };
    }
    if (render) this.render = () => String(render.call(source));
    if (renderSvg) this.renderSvg = () => String(renderSvg.call(source));
    if (model) this.model = () => environmentModel(this, model.call(source));
  }

  reset({ seed, options }: ResetOptions = {}): { observation: Observation; info: Info } {
    this.episode++;
    this.elapsed = 0;
    const resetOptions: { seed?: number; options?: Record<string, unknown> } = {};
    if (seed !== undefined)
      resetOptions.seed = Number.isInteger(seed) ? (seed as number) : createRng(seed).integer(2 ** 31);
    if (options !== undefined) resetOptions.options = options;
    const returned = this.call(() => {
      if (resetOptions.seed !== undefined) this.source.seed?.(resetOptions.seed);
      return this.source.reset(resetOptions as never);
    });
    const [observation, info] = this.splitReset(returned);
    return { observation: this.checked(observation), info };
  }

  step(action: Action): StepResult {
    this.elapsed++;
    const returned = this.call(() => this.source.step(action as never));
    const { observation, reward, terminated, truncated, info } = this.splitStep(returned);
    if (typeof reward !== "number" || !Number.isFinite(reward)) {
      throw this.wrong(`the reward is ${describe(reward)}, but must be a finite number`);
    }
    if (!Number.isFinite(Math.fround(reward))) {
      throw this.wrong(`the reward is ${reward}, which is beyond the range of float32`);
    }
    const cut = this.elapsed >= (this.maxEpisodeSteps ?? Infinity) && !terminated;
    return { observation: this.checked(observation), reward, terminated, truncated: truncated || cut, info };
  }

  close(): void {
    this.call(() => this.source.close?.(), `${this.id}, close()`);
  }

  /** The state of the source as a copy, because environments often return one object again and again. */
  private stateOf(getState: () => unknown): Tree {
    const where = `${this.id}, getState()`;
    const state = this.call(() => getState.call(this.source), where);
    try {
      refuseFunctions(state);
      return snapshot(state);
    } catch (cause) {
      throw new UsageError(
        `${where}: it must return plain data (numbers, strings, booleans, arrays, typed arrays and plain objects), but ` +
          (cause as Error).message,
        { cause },
      );
    }
  }

  private call<T>(method: () => T, where = this.where()): T {
    try {
      return method();
    } catch (cause) {
      // An adapted environment inside another one has named the place already.
      if (cause instanceof EnvironmentFault) throw cause;
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new EnvironmentFault(`${where}: the environment threw: ${message}`, { cause });
    }
  }

  private where(): string {
    const at = this.elapsed === 0 ? "reset" : `step ${this.elapsed}`;
    return `${this.id}, ${at} of episode ${this.episode}`;
  }

  private wrong(what: string): Error {
    return new EnvironmentFault(`${this.where()}: ${what}; checkEnv(env) lists everything that is wrong`);
  }

  /** The checked observation in the form of its space. It is copied, because environments often reuse their arrays. */
  private checked(observation: unknown): Observation {
    const value = flatBoxes(this.observationSpace, observation);
    const reason = whyOutside(this.unbounded, value);
    if (reason) throw this.wrong(`the observation is wrong: ${reason}`);
    flattenInto(this.observationSpace, value as Observation, this.row);
    return unflatten(this.observationSpace, this.row);
  }

  private splitReset(returned: unknown): [unknown, Info] {
    this.refusePromise(returned, "reset");
    const flat = flatBoxes(this.observationSpace, returned);
    if (whyOutside(this.unbounded, flat) === undefined) return [flat, {}];
    if (Array.isArray(returned) && returned.length === 2 && (isRecord(returned[1]) || returned[1] === null)) {
      return [returned[0], returned[1] ?? {}];
    }
    if (isRecord(returned) && "observation" in returned) {
      return [returned.observation, (returned.info as Info | undefined) ?? {}];
    }
    return [returned, {}];
  }

  private splitStep(returned: unknown): StepResult {
    this.refusePromise(returned, "step");
    if (Array.isArray(returned) && (returned.length === 4 || returned.length === 5)) {
      const [observation, reward] = returned;
      const info = (returned.at(-1) ?? {}) as Info;
      const ends =
        returned.length === 4 ? this.endsOfDone(returned[2], info) : this.ends(returned[2], returned[3]);
      return { observation, reward, info, ...ends };
    }
    if (isRecord(returned) && "reward" in returned) {
      const { observation, reward, terminated, truncated = false, done } = returned;
      const info = (returned.info as Info | undefined) ?? {};
      const ends =
        terminated === undefined && done !== undefined
          ? this.endsOfDone(done, info)
          : this.ends(terminated, truncated);
      return { observation: observation as Observation, reward: reward as number, info, ...ends };
    }
    throw this.wrong(
      `step() returned ${describe(returned)}, but must return { observation, reward, terminated, truncated, info }`,
    );
  }

  private ends(terminated: unknown, truncated: unknown) {
    return {
      terminated: this.flag("terminated", terminated),
      truncated: this.flag("truncated", truncated),
    };
  }

  private endsOfDone(value: unknown, info: Info) {
    const done = this.flag("done", value);
    const truncated = done && info["TimeLimit.truncated"] === true;
    return { terminated: done && !truncated, truncated };
  }

  private flag(name: string, value: unknown): boolean {
    if (typeof value === "boolean") return value;
    throw this.wrong(`${name} is ${describe(value)}, but must be true or false`);
  }

  private refusePromise(returned: unknown, method: string): void {
    if (isRecord(returned) && typeof returned.then === "function") {
      throw this.wrong(`${method}() returned a promise, but must be synchronous: load its data beforehand`);
    }
  }
}

/** The name of an environment without an id: that of its class, if the class has one. */
export function nameOfEnvironment(environment: EnvironmentLike): string {
  const name = environment.constructor?.name;
  // "default" is the name of a class after `export default` that has none.
  return environment.id || (name && name !== "Object" && name !== "default" ? name : "the environment");
}

/** @throws Error with the path of a function, which a snapshot would leave out */
function refuseFunctions(value: unknown, path = "state"): void {
  if (typeof value === "function") throw new Error(`${path} is a function`);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || isSnapshotNode(value))
    return;
  for (const [key, part] of Object.entries(value)) refuseFunctions(part, `${path}.${key}`);
}

function withoutBounds(space: Space): Space {
  switch (space.kind) {
    case "box": {
      const unbounded = (bound: number) => space.low.map(() => bound);
      return { ...space, low: unbounded(-Infinity), high: unbounded(Infinity) };
    }
    case "dict": {
      const parts = Object.entries(space.spaces).map(([key, part]) => [key, withoutBounds(part)]);
      return { ...space, spaces: Object.fromEntries(parts) };
    }
    case "tuple":
      return { ...space, spaces: space.spaces.map(withoutBounds) };
    default:
      return space;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n, a BigInt`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (isRecord(value)) return `an object with ${Object.keys(value).join(", ") || "nothing in it"}`;
  return String(value);
}
