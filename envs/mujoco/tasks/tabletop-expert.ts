/** @file A scripted policy for each kind of task of Tabletop-v0. It knows its task, and shows that each can be solved. */

import { doorAngle, doorHandle, type Kind, type TabletopTask, TURNED } from "./tabletop-tasks.js";

/** Height at which the hand moves over props (m). */
const ABOVE = 0.16;
/** Distance between a handle and a hand behind it (m). */
const BEHIND = 0.025;
/** Distance between the gripper's centre and its lower end (m). */
const TIP = 0.015;

type Controller = (observation: ArrayLike<number>) => number[];

/** The action that moves the hand of an observation to a point, and opens (1), closes (−1) or keeps the fingers. */
function towards([x, y, z]: readonly number[], fingers: number, hand: ArrayLike<number>): number[] {
  const moves = [x - hand[0], y - hand[1], z - hand[2]].map((left) => Math.max(-1, Math.min(1, 80 * left)));
  return [...moves, fingers];
}

/** Whether the hand is at a point, up to `tolerance` along each of its coordinates (m). */
const isAt = (point: readonly number[], hand: ArrayLike<number>, tolerance = 0.008): boolean =>
  point.every((x, k) => Math.abs(x - hand[k]) < tolerance);

/** Moves over `place`, then down to it, and then does what `then` says. */
function approach(
  place: (observation: ArrayLike<number>) => number[],
  fingers: number,
  then: Controller,
): Controller {
  let phase = 0;
  return (observation) => {
    const [x, y, z] = place(observation);
    if (phase === 0 && isAt([x, y, ABOVE], observation)) phase = 1;
    if (phase === 1 && isAt([x, y, z], observation)) phase = 2;
    if (phase === 0) {
      // Up first, so that nothing is touched on the way.
      const isHigh = observation[2] > ABOVE - 0.03;
      return towards(isHigh ? [x, y, ABOVE] : [observation[0], observation[1], ABOVE], fingers, observation);
    }
    return phase === 1 ? towards([x, y, z], fingers, observation) : then(observation);
  };
}

/** Steps for which the fingers close before the hand moves on. */
const GRASP = 15;

/** Grasps the block and brings it to the goal. */
function carry([x, y, z]: readonly number[]): Controller {
  let steps = 0;
  const block = (observation: ArrayLike<number>) => [observation[4], observation[5], 0.022];
  return approach(block, 1, (observation) => {
    if (steps++ < GRASP) return [0, 0, 0, -1];
    return towards([x, y, Math.max(z, 0.022)], -1, observation);
  });
}

const scripts: Record<Kind, (task: TabletopTask) => Controller> = {
  reach:
    ({ goal }) =>
    (observation) =>
      towards(goal, 0, observation),
  push: ({ goal }) => carry(goal),
  "pick-place": ({ goal }) => carry(goal),
  "drawer-open": ({ goal }) => {
    const behind = (observation: ArrayLike<number>) => [observation[4], observation[5] + BEHIND, 0.05];
    return approach(behind, -1, (observation) => towards([goal[0], goal[1], 0.05], -1, observation));
  },
  "door-open": ({ at }) => {
    const behind = (angle: number): number[] => [...doorHandle(at, angle, BEHIND), 0.055];
    return approach(
      () => behind(0),
      -1,
      (observation) => {
        const angle = doorAngle(at, [observation[4], observation[5]]);
        return towards(behind(Math.min(angle + 0.3, TURNED + 0.1)), -1, observation);
      },
    );
  },
  "button-press": ({ goal: [x, y, z] }) => {
    const top = () => [x, y, z + TIP + 0.03];
    return approach(top, -1, (observation) => towards([x, y, z + TIP - 0.005], -1, observation));
  },
};

/** A policy for one episode of a task of a kind: from observations to actions. */
export const tabletopExpert = (kind: Kind, task: TabletopTask): Controller => scripts[kind](task);
