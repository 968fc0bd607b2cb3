/**
 * @file What the MuJoCo environments share: a robot on a compiled model, frame skip, start noise, observation parts,
 * reward terms, healthy ranges and snapshots. The conventions are those of Gymnasium's MuJoCo environments, v5.
 */

import { environmentOf } from "../../src/env/array-environments.js";
import type { Environment, Info, Task, TaskFamily } from "../../src/env/contracts.js";
import type { Dynamics } from "../../src/env/dynamics.js";
import { UsageError } from "../../src/errors.js";
import type { Rng } from "../../src/random/rng.js";
import { box, type Space } from "../../src/spaces/index.js";
import type { TypedArray } from "../../src/state/snapshot.js";
import type { ObservationPart } from "./observation-parts.js";
import { loadPhysics } from "./physics/load.js";
import type { Data, Model, Physics } from "./physics/physics.js";
import { type Frame, frameOf } from "./render/frame.js";
import { sceneSvg, type View } from "./render/svg.js";

/** What a step did, as far as rewards commonly ask. One object, overwritten at every step. */
export interface Step {
  /** Which copy. */
  copy: number;
  /** s, of one environment step. */
  readonly dt: number;
  /** Where the robot is now (m), if the rules say how to tell, and its mean velocity over the step (m/s). */
  x: number;
  y: number;
  xVelocity: number;
  yVelocity: number;
  /** The sum of squares of the action, as it was given (before MuJoCo clips it to the control range). */
  effort: number;
  /** True where the rules have no notion of it. */
  healthy: boolean;
}

/** The task that is played with a model. Rules serve all copies; they may read, but must not keep, a copy's data. */
export interface Rules {
  /** Moves a copy at rest in the model's initial state to where an episode starts. Derived quantities are stale. */
  start(data: Data, rng: Rng, copy: number): void;
  /** What the agent sees, part after part. */
  observation: readonly ObservationPart[];
  /** Writes where the robot is, x and y (m), to `out`. */
  position?(data: Data, out: Float64Array): void;
  /** Whether a copy is in a state worth going on from. */
  healthy?(data: Data): boolean;
  /** The reward of a step; its summands are left in `terms`. */
  reward(data: Data, step: Step): number;
  /** The summands of the last reward and other figures of the step, for `info`. */
  terms: Record<string, number>;
  /** What `info` says besides, after a reset too. */
  info?(data: Data): Info;
  /** Whether contact forces (`data.cfrcExt`) are wanted, which cost extra. */
  contactForces?: boolean;
  /** Puts a copy into a task of `MujocoSpec.tasks`, from its next start on. */
  setTask?(copy: number, task: Task): void;
  /**
   * Changes the model of a copy, at every start of an episode. Each copy then has a model of its own: some 20 KB and 5 ms,
   * once, where writing a model's arrays before each step would take as long as a part of the step.
   */
  prepare?(model: Model, copy: number): void;
  /** Arrays of the rules' own that belong into a snapshot. Tasks are in it anyway. */
  state?: Record<string, TypedArray>;
}

export interface MujocoSpec {
  id: string;
  /** The MJCF document. */
  xml: string;
  /** Physics steps in an environment step. */
  frameSkip: number;
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: number;
  /** Whether an unhealthy state ends the episode; true unless given. */
  terminateWhenUnhealthy?: boolean;
  /** Where pictures are taken from; "corner" unless given. */
  view?: View;
  /** The tasks, of a family of them: its rules have `setTask`. And the episodes of a trial, in which a task is kept. */
  tasks?: TaskFamily;
  episodesPerTask?: number;
  /** The rules for `copies` robots on this model. What they need of its arrays they must copy: those can move. */
  rules(model: Model, copies: number): Rules;
}

/** An environment whose robot can be looked at. */
export interface MujocoEnvironment extends Environment {
  /** The shapes of the current state, as of its last physics step. */
  frame(): Frame;
}

/**
 * One robot under its rules. `reset({ options: { qpos, qvel } })` starts from given positions and velocities instead of
 * random ones; either may be left out.
 *
 * @throws {UsageError} when the model does not compile.
 */
export async function mujocoEnvironment(spec: MujocoSpec): Promise<MujocoEnvironment> {
  const models = sharedModels(await loadPhysics(), spec);
  const model = models.acquire();
  /** Of the single form, whose dynamics are the first that are made. */
  let single: MujocoDynamics | undefined;
  try {
    const environment = environmentOf({
      id: spec.id,
      observationSpace: box([widthOf(spec.rules(model, 1))], -Infinity, Infinity),
      actionSpace: controlsOf(model),
      maxEpisodeSteps: spec.maxEpisodeSteps,
      resetOptions: ["qpos", "qvel"],
      tasks: spec.tasks,
      episodesPerTask: spec.episodesPerTask,
      dynamics(copies) {
        const made = mujocoDynamics(models, spec, copies);
        single ??= made;
        return made;
      },
    });
    return Object.assign(environment, { frame: () => single!.frame(0) });
  } finally {
    models.release();
  }
}

/** Where a spec's model comes from: one that all may share, or a new one. */
interface Models {
  /** To be followed by a {@link release}. */
  acquire(): Model;
  release(): void;
  /** One that the caller may change, and frees. */
  compile(): Model;
}

/** The model that the single form and the vectors made from it share; it lives as long as one of them does. */
function sharedModels(physics: Physics, { id, xml }: MujocoSpec): Models {
  let shared: Model | undefined;
  let users = 0;
  function compile(): Model {
    let model: Model;
    try {
      model = physics.compile(xml);
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(`${id}: ${error.message}`) : error;
    }
    const problem = controlProblem(model);
    if (problem === undefined) return model;
    model.free();
    throw new UsageError(`${id}: ${problem}`);
  }
  return {
    compile,
    acquire() {
      shared ??= compile();
      users++;
      return shared;
    },
    release() {
      if (--users > 0) return;
      shared?.free();
      shared = undefined;
    },
  };
}

/** Entry `side` of the [low, high] of each control. */
const controlBounds = (model: Model, side: 0 | 1): number[] =>
  Array.from(model.array("actuator_ctrlrange")).filter((_, k) => k % 2 === side);

/** Bounded as the model bounds its controls. */
const controlsOf = (model: Model): Space => box([model.nu], controlBounds(model, 0), controlBounds(model, 1));

/** Why a model's controls make no action space. */
function controlProblem(model: Model): string | undefined {
  if (model.nu === 0) return "the model has no actuator, so that there is nothing to control";
  const highs = controlBounds(model, 1);
  const open = controlBounds(model, 0).findIndex((low, k) => !(low < highs[k]));
  return open < 0 ? undefined : `actuator ${open} of the model needs a control range: ctrlrange="-1 1"`;
}

const widthOf = ({ observation }: Rules): number => observation.reduce((sum, { size }) => sum + size, 0);

interface MujocoDynamics extends Dynamics {
  frame(i: number): Frame;
}

function mujocoDynamics(models: Models, spec: MujocoSpec, copies: number): MujocoDynamics {
  const { id, frameSkip, terminateWhenUnhealthy = true } = spec;
  const first = models.acquire();
  const rules = spec.rules(first, copies);
  /** Of each copy, where rules change them. */
  const own = rules.prepare ? Array.from({ length: copies }, models.compile) : [];
  const datas = Array.from({ length: copies }, (_, i) => (own[i] ?? first).createData());
  const { nu } = first;
  const { stateSize } = datas[0];
  const width = widthOf(rules);
  const state = { ...rules.state, physics: new Float64Array(copies * stateSize) };
  const [before, after] = [new Float64Array(2), new Float64Array(2)];
  const dt = first.timestep * frameSkip;
  const step: Step = { copy: 0, dt, x: 0, y: 0, xVelocity: 0, yVelocity: 0, effort: 0, healthy: true };
  let fresh = true;
  let closed = false;

  function frame(i: number): Frame {
    refuseClosed();
    return frameOf(own[i] ?? first, datas[i]);
  }

  function refuseClosed(): void {
    if (closed) throw new UsageError(`${id}: the environment is closed; make a new one`);
  }

  return {
    state,

    reset(i, rng, options) {
      refuseClosed();
      const data = datas[i];
      rules.prepare?.(own[i], i);
      data.reset();
      rules.start(data, rng, i);
      override(id, "qpos", options.qpos, data.qpos);
      override(id, "qvel", options.qvel, data.qvel);
      data.forward();
      fresh = true;
    },

    setTask: rules.setTask && ((i, task) => rules.setTask!(i, task)),

    step(actions, _rngs, rewards, terminated) {
      refuseClosed();
      for (let i = 0; i < copies; i++) {
        const data = datas[i];
        const { ctrl } = data;
        step.copy = i;
        step.effort = 0;
        for (let j = 0, at = i * nu; j < nu; j++, at++) {
          const action = actions[at];
          ctrl[j] = action;
          step.effort += action * action;
        }
        // Body positions lag behind the coordinates by a physics step, before and after alike, as in Gymnasium.
        rules.position?.(data, before);
        data.step(frameSkip);
        if (rules.contactForces) data.rnePostConstraint();
        rules.position?.(data, after);
        step.x = after[0];
        step.y = after[1];
        step.xVelocity = (after[0] - before[0]) / dt;
        step.yVelocity = (after[1] - before[1]) / dt;
        step.healthy = rules.healthy ? rules.healthy(data) : true;
        rewards[i] = rules.reward(data, step);
        terminated[i] = step.healthy || !terminateWhenUnhealthy ? 0 : 1;
      }
      fresh = false;
    },

    observe(from, to, out) {
      for (let i = from, at = from * width; i < to; i++) {
        for (const part of rules.observation) {
          part.write(datas[i], out, at);
          at += part.size;
        }
      }
    },

    info(i) {
      const lasting = rules.info?.(datas[i]);
      return fresh ? { ...lasting } : { ...lasting, ...rules.terms };
    },

    frame,

    renderSvg: (i) => sceneSvg(frame(i), { view: spec.view }),

    beforeSave() {
      refuseClosed();
      for (let i = 0; i < copies; i++) datas[i].save(state.physics, i * stateSize);
    },

    afterRestore() {
      refuseClosed();
      for (let i = 0; i < copies; i++) {
        rules.prepare?.(own[i], i);
        datas[i].load(state.physics, i * stateSize);
      }
    },

    close() {
      if (closed) return;
      closed = true;
      for (const data of datas) data.free();
      for (const model of own) model.free();
      models.release();
    },
  };
}

/** Writes the numbers that `reset({ options })` gives over the ones drawn. */
function override(id: string, name: string, given: unknown, target: Float64Array): void {
  if (given === undefined) return;
  const values = Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as Float64Array) : [];
  if (values.length !== target.length || !values.every(Number.isFinite)) {
    const found = values.length > 0 ? `[${values}]` : String(given);
    throw new UsageError(
      `${id}: reset option "${name}" must be ${target.length} finite numbers, not ${found}`,
    );
  }
  target.set(values);
}
