/**
 * @file Options that several algorithms of imitation take. An option for all of them goes into `imitationOptions`, one
 * for all whose policy maximises a reward made of demonstrations into `rewardOptions`, with its checks in `rewardTask`.
 */

import type * as z from "zod";
import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import type { Problem } from "../../../src/env/contracts.js";
import type { Algorithm, PolicyOptimiser, State } from "../../../src/learning/contract.js";
import type { Transitions } from "../../../src/rollout/transitions.js";
import {
  demonstrationsSchema,
  fingerprint,
  requireDemonstrationsOf,
} from "../../shared/demonstrations-option.js";
import {
  addAbsorbingBonus,
  discountOf,
  horizonSchema,
  requireDiscount,
  requireHorizon,
} from "../../shared/horizon.js";
import { optimiserConfig, optimiserOf, optimiserSchema } from "../../shared/policy-optimiser.js";

/** What every algorithm of imitation takes. */
export const imitationOptions = {
  demonstrations: demonstrationsSchema,
};

/** What those take whose policy maximises, with a policy optimiser, a reward made of demonstrations. */
export const rewardOptions = {
  ...imitationOptions,
  optimiser: optimiserSchema,
  horizon: horizonSchema,
};

type ImitationOptions = Pick<z.output<z.ZodObject<typeof imitationOptions>>, keyof typeof imitationOptions>;

/** What an algorithm of imitation learns from, its record, and the check that it fits an environment. */
export interface ImitationTask {
  /** The demonstrations to learn from. */
  readonly demonstrations: Demonstrations;
  /** The options of `imitationOptions` as plain data, for the run's record. */
  readonly record: Record<string, unknown>;
  /** @throws UsageError when the demonstrations have other spaces than the problem */
  requireProblem(problem: Problem): void;
}

/** @throws UsageError when no action is demonstrated */
export function imitationTask(name: string, options: ImitationOptions): ImitationTask {
  const { demonstrations } = options;
  const names = Object.keys(imitationOptions) as (keyof ImitationOptions)[];
  return {
    demonstrations,
    record: {
      ...Object.fromEntries(names.map((option) => [option, options[option]])),
      demonstrations: fingerprint(demonstrations),
    },
    requireProblem: (problem) => requireDemonstrationsOf(name, problem, demonstrations),
  };
}

/** A policy optimiser that maximises a reward made of demonstrations. */
export interface RewardTask extends ImitationTask {
  readonly optimiser: PolicyOptimiser;
  /** γ of the optimiser. */
  readonly discount: number;
  /** Whether an episode that terminates continues in the absorbing state. */
  readonly withAbsorbing: boolean;
  /** @throws UsageError when the learner's episodes end early where all must be equally long */
  requireRollout(transitions: Pick<Transitions, "terminated">): void;
  /** Adds the return of the absorbing state, whose reward is `absorbing`, to the rewards of the steps that terminated. */
  addAbsorbing(rewards: Float64Array, terminated: ArrayLike<number>, absorbing: number): void;
}

export type RewardOptions = Pick<z.output<z.ZodObject<typeof rewardOptions>>, keyof typeof rewardOptions>;

/** @throws UsageError when demonstrations, horizon and optimiser do not fit each other */
export function rewardTask(name: string, options: RewardOptions): RewardTask {
  const { horizon } = options;
  const task = imitationTask(name, options);
  const optimiser = optimiserOf(name, options.optimiser);
  const discount = discountOf(optimiser);
  const withAbsorbing = horizon === "absorbing";
  requireDiscount(name, horizon, discount, optimiser.name);
  requireHorizon(name, horizon, task.demonstrations);
  return {
    ...task,
    optimiser,
    discount,
    withAbsorbing,
    record: { ...task.record, optimiser: optimiserConfig(optimiser), horizon },
    requireRollout: (transitions) => requireHorizon(name, horizon, transitions),
    addAbsorbing(rewards, terminated, absorbing) {
      if (withAbsorbing) addAbsorbingBonus(rewards, terminated, absorbing, discount);
    },
  };
}

/** What an algorithm around a policy optimiser takes over from it, `state.optimiser` being the optimiser's state. */
export const aroundOptimiser = (optimiser: PolicyOptimiser) =>
  ({
    unit: optimiser.unit,
    defaultSteps: optimiser.defaultSteps,
    policy: (state) => optimiser.policy(state.optimiser),
    done: optimiser.done && ((state) => optimiser.done!(state.optimiser)),
  }) satisfies Partial<Algorithm<{ optimiser: State }>>;
