/**
 * @file Environment and dynamics that all MuJoCo tasks share: a compiled model, frame skip, observation parts, reward
 * terms, healthy ranges and snapshots. The conventions are those of Gymnasium's MuJoCo environments, v5.
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

/** Quantities of a step that rewards use. One object, overwritten at every step. */
export interface Step {
  /** Index of the copy. */
  copy: number;
  /** Duration of an environment step (s). */
  readonly dt: number;
  /**
   * Position of the robot after the step (m) and its mean velocity over the step (m/s); 0 if `rules.position` is unset.
   */
  x: number;
  y: number;
  xVelocity: number;
  yVelocity: number;
  /** Sum of the squared action, before MuJoCo clips the action to the control range. */
  effort: number;
  /** Result of `rules.healthy` after the step; true if that is unset. */
  healthy: boolean;
}

/** A task on a model. One `Rules` object serves all copies; it may read, but must not keep, the data of a copy. */
export interface Rules {
  /** Draws a start state: changes `qpos` and `qvel` of a copy that is in the model's initial state. */
  start(data: Data, rng: Rng, copy: number): void;
  /** Called before each step of a copy. */
  before?(data: Data, copy: number): void;
  /** Parts of the observation, in order. */
  observation: readonly ObservationPart[];
  /** Writes the position of the robot, x and y (m), to `out`. */
  position?(data: Data, out: Float64Array): void;
  /** Whether a copy is in a healthy state; unset: always. */
  healthy?(data: Data): boolean;
  /** The reward of a step; it also writes the summands to `terms`. */
  reward(data: Data, step: Step): number;
  /** The summands of the last reward and other quantities of the step, for `info`. */
  terms: Record<string, number>;
  /** Further entries of `info`, present after a reset too. */
  info?(data: Data): Info;
  /** Whether contact forces (`data.cfrcExt`) are needed; they take extra time. */
  contactForces?: boolean;
  /** Sets the task of a copy, one of `MujocoSpec.tasks`, from its next episode on. */
  setTask?(copy: number, task: Task): void;
  /**
   * Changes the model of a copy at the start of every episode. If it is set, each copy has its own model (about 20 KB and
   * 5 ms once), because writing the arrays of a shared model before each step would be slower.
   */
  prepare?(model: Model, copy: number): void;
  /** Arrays of the rules that belong to a snapshot. Tasks are always part of it. */
  state?: Record<string, TypedArray>;
}

export interface MujocoSpec {
  id: string;
  /** The MJCF document. */
  xml: string;
  /** Physics steps per environment step. */
  frameSkip: number;
  /** Steps after which an episode is truncated. */
  maxEpisodeSteps: number;
  /** Whether an unhealthy state ends the episode; unset: true. */
  terminateWhenUnhealthy?: boolean;
  /** Camera view of pictures; unset: "corner". */
  view?: View;
  /** A family of tasks, if the rules have `setTask`, and the number of episodes of a trial, which have the same task. */
  tasks?: TaskFamily;
  episodesPerTask?: number;
  /**
   * The rules for `copies` robots on this model. They must copy the model arrays that they need, since those can move.
   */
  rules(model: Model, copies: number): Rules;
}

/** An environment that gives the shapes of its robot, for pictures and replays. */
export interface MujocoEnvironment extends Environment<Float32Array> {
  close(): void;
  /** The shapes of the current state, as of its last physics step. */
  frame(): Frame;
}

/**
 * The environment of a spec. `reset({ options: { qpos, qvel } })` starts from the given positions `[nq]` and velocities
 * `[nv]`; each that is left out is random.
 *
 * @throws {UsageError} when the model does not compile.
 */
export async function mujocoEnvironment(spec: MujocoSpec): Promise<MujocoEnvironment> {
  const models = sharedModels(await loadPhysics(), spec);
  const model = models.acquire();
  /** Dynamics of the single environment, the first that are created. */
  let single: MujocoDynamics | undefined;
  try {
    const environment = environmentOf<MujocoEnvironment>({
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

/** Compiled models of a spec: a shared one and new ones. */
interface Models {
  /** The shared model. Each call needs a later {@link release}. */
  acquire(): Model;
  release(): void;
  /** A new model, which the caller may change and must free. */
  compile(): Model;
}

/** The model that an environment and its vector forms share; it is freed with the last of them. */
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

/** `[nu]`: the low (0) or high (1) end of the range of each control. */
const controlBounds = (model: Model, side: 0 | 1): number[] =>
  Array.from(model.array("actuator_ctrlrange")).filter((_, k) => k % 2 === side);

/** The action space: the control ranges of the model. */
const controlsOf = (model: Model): Space => box([model.nu], controlBounds(model, 0), controlBounds(model, 1));

/** The reason why a model has no action space, or `undefined` if it has one. */
function controlProblem(model: Model): string | undefined {
  if (model.nu === 0) return "the model has no actuator; an environment needs at least one";
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
  /** The models of the copies, if the rules change them. */
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
        // As in Gymnasium, body positions are one physics step older than the coordinates, before and after the step.
        rules.before?.(data, i);
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
          part.write(datas[i], out, at, i);
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

/** Replaces drawn start values by those of `reset({ options })`, if given. */
function override(id: string, name: string, value: unknown, target: Float64Array): void {
  if (value === undefined) return;
  const values = Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : [];
  if (values.length !== target.length || !values.every(Number.isFinite)) {
    const found = values.length > 0 ? `[${values}]` : String(value);
    throw new UsageError(
      `${id}: reset option "${name}" must be ${target.length} finite numbers, not ${found}`,
    );
  }
  target.set(values);
}
