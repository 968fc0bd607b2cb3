/**
 * @file Tabletop-v0: a gripper on a table and tasks of several kinds, in the manner of Meta-World [Yu et al. 2019]. The
 * scene, the tasks and the rewards are the project's own, so returns are not comparable.
 */

import * as z from "zod";
import { resolveOptions } from "../../../src/config/options.js";
import { trialEpisodes } from "../../options.js";
import { type MujocoEnvironment, mujocoEnvironment, type Rules } from "../environment.js";
import { DOOR, PROPS, type Prop, tabletopModel } from "../models/tabletop.js";
import { addUniform, numbers, type ObservationPart } from "../observation-parts.js";
import { modelOptions } from "../options.js";
import type { Data, Model } from "../physics/physics.js";
import {
  HAND_START,
  KINDS,
  type Kind,
  PROP_OF,
  type TabletopTask,
  TOLERANCES,
  tabletopTasks,
} from "./tabletop-tasks.js";

const ID = "Tabletop-v0";

const { frameSkip, maxEpisodeSteps } = modelOptions(5, 150);

export const tabletopOptions = z.strictObject({
  kinds: z
    .array(z.enum(KINDS))
    .min(1)
    .refine((kinds) => new Set(kinds).size === kinds.length, "it must not name a kind twice")
    .default([...KINDS])
    .describe("the kinds of tasks, which are the clusters of the family"),
  frameSkip,
  episodesPerTask: trialEpisodes(2),
  maxEpisodeSteps,
});

/** Half-width of the uniform noise of the hand's start along each axis (m). */
const START_NOISE = 0.01;
const START_OPENING = 0.02;
/** Where props wait that an episode does not use: far apart, and out of reach (m). */
const PARKED: Record<Prop, [number, number, number]> = {
  block: [20, 0, 1],
  drawer: [22, 0, 0],
  door: [24, 0, 0],
  button: [26, 0, 0],
};
/** Reward of a step that ends with success; others are paid less. */
export const FULL = 10;
/** The reward before success: weights of the distances between hand and prop, and between prop and goal. */
const APPROACH = 2;
const PROGRESS = 7;

/** 1 at distance 0, a tenth at `margin`, with a long tail, as in the rewards of Tassa et al. 2018. */
const nearness = (distance: number, margin: number): number => 1 / (1 + 9 * (distance / margin) ** 2);

const apart = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number =>
  Math.hypot(a[i] - b[j], a[i + 1] - b[j + 1], a[i + 2] - b[j + 2]);

/** Coordinates before those of the props: the hand's x, y and z, and the fingers'. */
const GRIPPER = 5;
/** The velocity of each prop's joint; the block has six, the first three of its centre (m/s). */
const VELOCITIES: Record<Prop, number> = { block: GRIPPER, drawer: 11, door: 12, button: 13 };
/** Distance of the door's handle from its hinge (m). */
const DOOR_RADIUS = Math.hypot(DOOR.along, DOOR.away);

/** Speed of the point of a prop that tasks move (m/s). */
function speedOf(prop: Prop, { qvel }: Data): number {
  const first = VELOCITIES[prop];
  if (prop === "block") return Math.hypot(qvel[first], qvel[first + 1], qvel[first + 2]);
  return Math.abs(qvel[first]) * (prop === "door" ? DOOR_RADIUS : 1);
}

/** What the rules need of the task of a copy. */
interface Current {
  task: TabletopTask;
  kind: Kind;
  prop: Prop;
  /** Distances at the start, hand to prop and what is moved to the goal (m). */
  approach: number;
  distance: number;
}

function currentOf(task: TabletopTask, kind: Kind): Current {
  const prop = PROP_OF[kind];
  const place = [...task.at, PROPS[prop]];
  return {
    task,
    kind,
    prop,
    approach: apart(HAND_START, 0, place, 0),
    distance: apart(kind === "reach" ? HAND_START : place, 0, task.goal, 0),
  };
}

function tabletopRules(kinds: readonly Kind[], model: Model, copies: number): Rules {
  const props = Object.keys(PROPS) as Prop[];
  const ids = (kind: "site" | "body") =>
    Object.fromEntries(props.map((prop) => [prop, model.id(kind, prop)])) as Record<Prop, number>;
  const [sites, bodies] = [ids("site"), ids("body")];
  const goal = model.id("body", "goal");
  const [bodyOf, rootOf] = ["geom_bodyid", "body_rootid"].map((name) => Int32Array.from(model.array(name)));
  /** The geoms of each prop, which are hidden where it is parked. */
  const geoms = Object.fromEntries(
    props.map((prop) => [prop, [...bodyOf.keys()].filter((geom) => rootOf[bodyOf[geom]] === bodies[prop])]),
  );
  const current = new Array<Current>(copies);
  /** `[copies × 3]`: where the hand was before the last step; and 1 until the first step of an episode. */
  const state = { before: new Float64Array(3 * copies), fresh: new Uint8Array(copies) };
  const terms = { rewardApproach: 0, rewardProgress: 0, rewardSuccess: 0, success: 0 };

  const part = (size: number, write: ObservationPart["write"]): ObservationPart => ({ size, write });
  const observation = [
    numbers(({ qpos }) => qpos, 0, 3),
    part(1, ({ qpos }, out, at) => {
      out[at] = qpos[3] + qpos[4];
    }),
    part(3, ({ siteXpos }, out, at, copy) => {
      const site = 3 * sites[current[copy].prop];
      for (let k = 0; k < 3; k++) out[at + k] = siteXpos[site + k];
    }),
    part(1, (data, out, at, copy) => {
      out[at] = speedOf(current[copy].prop, data);
    }),
    part(3, ({ qpos }, out, at, copy) => {
      for (let k = 0; k < 3; k++) out[at + k] = state.fresh[copy] ? qpos[k] : state.before[3 * copy + k];
    }),
  ];

  return {
    state,
    observation,
    terms,
    setTask(copy, task) {
      const { cluster } = task as TabletopTask;
      current[copy] = currentOf(task as TabletopTask, kinds[cluster]);
    },
    prepare(model, copy) {
      if (!current[copy]) return;
      const { prop, task } = current[copy];
      const places = model.array("body_pos");
      const colours = model.array("geom_rgba");
      for (const other of props) {
        places.set(other === prop ? [...task.at, 0] : PARKED[other], 3 * bodies[other]);
        for (const geom of geoms[other]) colours[4 * geom + 3] = other === prop ? 1 : 0;
      }
      places.set(task.goal, 3 * goal);
      // Far from the table, the block floats.
      model.array("body_gravcomp")[bodies.block] = prop === "block" ? 0 : 1;
    },
    start({ qpos }, rng, copy) {
      const { prop, task } = current[copy];
      qpos.set(HAND_START);
      addUniform(qpos.subarray(0, 3), START_NOISE, rng);
      qpos.fill(START_OPENING, 3, GRIPPER);
      qpos.set(prop === "block" ? [...task.at, PROPS.block] : PARKED.block, GRIPPER);
      state.fresh[copy] = 1;
    },
    before({ qpos }, copy) {
      state.fresh[copy] = 0;
      for (let k = 0; k < 3; k++) state.before[3 * copy + k] = qpos[k];
    },
    reward({ qpos, siteXpos }, { copy }) {
      const { kind, prop, task, approach, distance } = current[copy];
      const site = 3 * sites[prop];
      const isReach = kind === "reach";
      const left = isReach ? apart(qpos, 0, task.goal, 0) : apart(siteXpos, site, task.goal, 0);
      terms.success = left <= TOLERANCES[kind] ? 1 : 0;
      terms.rewardApproach = isReach ? 0 : APPROACH * nearness(apart(qpos, 0, siteXpos, site), approach);
      terms.rewardProgress = (isReach ? APPROACH + PROGRESS : PROGRESS) * nearness(left, distance);
      const before = terms.rewardApproach + terms.rewardProgress;
      terms.rewardSuccess = terms.success ? FULL - before : 0;
      return terms.success ? FULL : before;
    },
  };
}

/**
 * A gripper that moves freely over a table and has a task of one of six kinds, which it does not observe: reach a point,
 * push a block to a place, open a drawer or a door, press a button, or carry a block to a point.
 *
 * Observation `[11]`: the hand's x, y, z and the fingers' opening (m); x, y, z (m) and speed (m/s) of the block, the
 * handle or the button; and the hand's x, y, z before the last step. Actions: velocities of the hand along x, y and z, in
 * units of 0.5 m/s (1 cm a step), and the speed at which the fingers open, in [−1, 1]. Reward: 10 for a step that ends
 * with success, else up to 9: 2 for a hand at the prop, and 7 for a prop at the goal, or 9 for a hand at the goal.
 * Episodes end only at the time limit; `info.success` is 1 or 0.
 *
 * @throws {UsageError} for options that are not valid.
 */
export function tabletop(options: z.input<typeof tabletopOptions> = {}): Promise<MujocoEnvironment> {
  const resolved = resolveOptions(ID, tabletopOptions, options);
  return mujocoEnvironment({
    ...resolved,
    id: ID,
    xml: tabletopModel,
    tasks: tabletopTasks(ID, resolved.kinds),
    rules: (model, copies) => tabletopRules(resolved.kinds, model, copies),
  });
}
