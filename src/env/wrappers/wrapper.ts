/**
 * @file The base of all wrappers: an environment that forwards to another one, except for the changes of the wrapper.
 */

import { UsageError } from "../../errors.js";
import { type Box, describeSpace, type Space } from "../../spaces/index.js";
import type { Action } from "../../spaces/values.js";
import { restore, snapshot, type Tree } from "../../state/snapshot.js";
import { adaptEnvironment, type EnvironmentLike } from "../adapter.js";
import type { Environment, ResetOptions, StepResult } from "../contracts.js";

export type ResetResult = ReturnType<Environment["reset"]>;

/** The members that a wrapper changes; all others come from the wrapped environment. */
export interface Changes {
  observationSpace?: Space;
  actionSpace?: Space;
  maxEpisodeSteps?: number;
  /** Maps the result of a reset of the wrapped environment. */
  reset?(result: ResetResult): ResetResult;
  /** Replaces a step; `inner` steps the wrapped environment. */
  step?(action: Action, inner: (action: Action) => StepResult): StepResult;
  /** The state of the wrapper, modified in place; part of snapshots. */
  state?: object;
  /** Whether the exact model remains valid, because no observation, action or reward is changed. */
  keepsModel?: boolean;
}

/** `source` with `changes`. Wrappers can be nested. Their state is saved and restored with the environment. */
export function wrap(source: EnvironmentLike, changes: Changes): Environment {
  return new WrappedEnvironment(adaptEnvironment(source), changes);
}

class WrappedEnvironment implements Environment {
  readonly trusted = true;
  readonly id: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly maxEpisodeSteps?: number;
  readonly tasks?: Environment["tasks"];
  readonly render?: Environment["render"];
  readonly renderSvg?: Environment["renderSvg"];
  readonly getTask?: Environment["getTask"];
  readonly setTask?: Environment["setTask"];
  readonly setTasks?: Environment["setTasks"];
  readonly episodesPerTask?: number;
  readonly model?: Environment["model"];
  readonly getState?: Environment["getState"];
  readonly setState?: Environment["setState"];
  private readonly inner: (action: Action) => StepResult;

  constructor(
    private readonly environment: Environment,
    private readonly changes: Changes,
  ) {
    this.id = environment.id;
    this.observationSpace = changes.observationSpace ?? environment.observationSpace;
    this.actionSpace = changes.actionSpace ?? environment.actionSpace;
    this.maxEpisodeSteps = changes.maxEpisodeSteps ?? environment.maxEpisodeSteps;
    this.inner = (action) => environment.step(action);
    this.tasks = environment.tasks;
    this.episodesPerTask = environment.episodesPerTask;
    const { render, renderSvg, getTask, setTask, setTasks, model } = environment;
    this.render = render?.bind(environment);
    this.renderSvg = renderSvg?.bind(environment);
    this.getTask = getTask?.bind(environment);
    this.setTask = setTask?.bind(environment);
    this.setTasks = setTasks?.bind(environment);
    if (changes.keepsModel) this.model = model?.bind(environment);
    if (environment.getState && environment.setState) {
      this.getState = () => ({
        environment: environment.getState!(),
        wrapper: snapshot(changes.state ?? {}),
      });
      this.setState = (state) => {
        const saved = state as { environment: Tree; wrapper: Tree };
        environment.setState!(saved.environment);
        restore(changes.state ?? {}, saved.wrapper);
      };
    }
  }

  reset(options?: ResetOptions): ResetResult {
    const result = this.environment.reset(options);
    return this.changes.reset?.(result) ?? result;
  }

  step(action: Action): StepResult {
    return this.changes.step?.(action, this.inner) ?? this.inner(action);
  }

  close(): void {
    this.environment.close?.();
  }
}

/**
 * Returns `space` if it is a box.
 *
 * @throws UsageError with the name of the wrapper when the space is not a box.
 */
export function boxOf(wrapper: string, what: "observations" | "actions", id: string, space: Space): Box {
  if (space.kind === "box") return space;
  throw new UsageError(`${wrapper}: ${id} has ${what} in ${describeSpace(space)}, but they must be in a box`);
}
