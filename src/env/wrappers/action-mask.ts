/** @file Action masks of `info` as a part of observations, so that vectors, data sets and policies carry them. */

import { UsageError } from "../../errors.js";
import { choicesOf, describeSpace, maskNameIn, nothingAllowed, type Space } from "../../spaces/index.js";
import type { Observation } from "../../spaces/values.js";
import { adaptEnvironment, type EnvironmentLike } from "../adapter.js";
import type { Environment, Info } from "../contracts.js";
import { wrap } from "./wrapper.js";

/** The parts of an observation with its mask: those of a dict and `actionMask`, or `observation` and `actionMask`. */
function withMask<T>(space: Space, observation: T, mask: T): Record<string, T> {
  const parts = space.kind === "dict" ? (observation as Record<string, T>) : { observation };
  return { ...parts, actionMask: mask };
}

/**
 * The environment with `info.actionMask` (or `info.action_mask`) of every reset and step in its observations:
 * `{ observation, actionMask }`, or a part `actionMask` more of a dict. A mask has 1 (or true) for each allowed option
 * and 0 for others: `[n]` for `Discrete(n)`, and the masks of the choices one after the other, or nested, for
 * multi-discrete actions. At a terminal state it may allow nothing, or be left out.
 *
 * Environments that are given as a function or a module, and whose first reset has a mask in `info`, are wrapped so by
 * themselves.
 *
 * @throws UsageError for actions that are neither discrete nor multi-discrete; Error at a reset or step without a mask,
 *   or with one of another length or that allows no action
 */
export function maskedObservation(source: EnvironmentLike): Environment {
  const environment = adaptEnvironment(source);
  const { id, observationSpace, actionSpace } = environment;
  const sizes = choicesOf(actionSpace);
  if (!sizes) {
    throw new UsageError(
      `${id}: info has an action mask, but actions in ${describeSpace(actionSpace)} cannot be masked: they must be discrete ` +
        "or multi-discrete",
    );
  }
  const width = sizes.reduce((sum, n) => sum + n, 0);
  const maskPart: Space = { kind: "multi-binary", n: width };
  const parts =
    observationSpace.kind === "dict" ? observationSpace.spaces : { observation: observationSpace };
  let [episode, step] = [0, 0];

  function maskOf(info: Info, terminated: boolean): number[] {
    const name = maskNameIn(info);
    if (name === undefined && terminated) return new Array<number>(width).fill(1);
    const where = `${id}, ${step === 0 ? "reset" : `step ${step}`} of episode ${episode}`;
    if (name === undefined) {
      throw new Error(
        `${where}: info has no actionMask; give one at every reset and step, as at the first reset`,
      );
    }
    const mask = numbersOf(info[name]);
    const wrong = mask?.findIndex((entry) => entry !== 0 && entry !== 1);
    if (mask?.length !== width || wrong !== -1) {
      const got =
        mask?.length === width
          ? `entry ${wrong} is ${mask[wrong!]}`
          : `it has ${mask?.length ?? "no"} entries`;
      throw new Error(
        `${where}: info.${name} must have ${width} entries of 0 or 1 for actions in ${describeSpace(actionSpace)}, but ${got}`,
      );
    }
    const reason = terminated ? undefined : nothingAllowed(sizes!, mask);
    if (reason) {
      throw new Error(
        `${where}: info.${name} ${reason}: at least one entry must be 1, or the episode must have terminated`,
      );
    }
    return mask;
  }
  const shown = <R extends { observation: Observation; info: Info }>(result: R, terminated: boolean): R => {
    const { observation, info } = result;
    const masked = withMask<Observation>(observationSpace, observation, maskOf(info, terminated));
    return { ...result, observation: masked };
  };
  return wrap(environment, {
    observationSpace: { kind: "dict", spaces: { ...parts, actionMask: maskPart } },
    reset(result) {
      episode++;
      step = 0;
      return shown(result, false);
    },
    step(action, inner) {
      step++;
      const result = inner(action);
      return shown(result, result.terminated);
    },
  });
}

/** Zeros and ones from flags or numbers, flat or nested; `undefined` for another value. */
function numbersOf(mask: unknown): number[] | undefined {
  if (!Array.isArray(mask) && !(ArrayBuffer.isView(mask) && !(mask instanceof DataView))) return undefined;
  return Array.from(mask as ArrayLike<unknown>).flatMap((entry) => {
    if (typeof entry === "object" && entry !== null) return numbersOf(entry) ?? [Number.NaN];
    return typeof entry === "number" || typeof entry === "boolean" ? Number(entry) : Number.NaN;
  });
}
