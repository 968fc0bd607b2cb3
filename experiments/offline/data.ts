/**
 * @file Data sets for offline reinforcement learning, made from seeds, after those of D4RL [Fu et al. 2020, §5]:
 *
 * - `medium`: a policy of PPO's training, the first whose return is a third of the way from random to the expert;
 * - `medium-replay`: all that the policies of this training did up to that one;
 * - `expert`: the expert of the zoo;
 * - `medium-expert`: half of `medium` and half of `expert`.
 *
 * All policies sample their actions. The sets are stored in folders and read again.
 */

import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { algorithmFor } from "../../algorithms/index.js";
import {
  collect,
  type Demonstrations,
  demonstrationsOf,
  evaluate,
  loadDemonstrations,
  loadExpert,
  train,
  UniformPolicy,
  writeDemonstrations,
} from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { trajectoryReturn } from "../../src/rollout/trajectory.js";

export const KINDS = ["medium-replay", "medium", "medium-expert", "expert"] as const;
export type Kind = (typeof KINDS)[number];

export interface Recipe {
  /** Number of transitions in `medium`, and in `expert`. */
  transitions: number;
  /** Environment steps between the policies of training that act, and that each of them acts. */
  every: number;
  /** The longest training. */
  steps: number;
}

export const recipes: Readonly<Record<string, Recipe>> = {
  "Pendulum-v1": { transitions: 10_000, every: 2048, steps: 100_000 },
  "Hopper-v5": { transitions: 40_000, every: 8192, steps: 1_000_000 },
};

export interface References {
  /** Mean returns in 100 episodes: of random actions, and of the mode of the zoo's expert. */
  random: number;
  expert: number;
}

export interface DataSets {
  references: References;
  sets: Readonly<Record<Kind, Demonstrations>>;
}

/** The share of the way from random to the expert at which a policy is `medium`. */
const MEDIUM = 1 / 3;
const EPISODES = 100;
/** Of training and of the episodes of all policies. */
const SEED = "offline data";

async function referencesOf(env: string): Promise<References> {
  const expert = await loadExpert(env);
  const random = new UniformPolicy(expert.observationSpace, expert.actionSpace);
  const measured = async (policy: typeof random | typeof expert) =>
    (await evaluate(policy, { env, episodes: EPISODES, seed: "offline references" })).mean;
  return { random: await measured(random), expert: await measured(expert) };
}

/** The data sets of an environment, read from `folder`, or made and written there. */
export async function dataSets(env: string, folder: string): Promise<DataSets> {
  const references = await referencesOf(env);
  const at = (kind: Kind) => join(folder, env, kind);
  if (!KINDS.every((kind) => existsSync(at(kind)))) {
    for (const [kind, set] of Object.entries(await made(env, references))) {
      const unfinished = `${at(kind as Kind)}.unfinished`;
      await writeDemonstrations(set, unfinished);
      await rename(unfinished, at(kind as Kind));
    }
  }
  const sets = await Promise.all(KINDS.map(async (kind) => [kind, await loadDemonstrations(at(kind))]));
  return { references, sets: Object.fromEntries(sets) };
}

async function made(env: string, { random, expert }: References): Promise<Record<Kind, Demonstrations>> {
  const { transitions, every, steps } = recipes[env];
  const acted: Demonstrations[] = [];
  const asked = random + MEDIUM * (expert - random);
  const policy = await train(algorithmFor("ppo", env), {
    env,
    steps,
    seed: SEED,
    evaluate: { every, episodes: 1 },
    async onEvaluation(_, { artefact, stop }) {
      const data = await collect(artefact() as Policy, {
        env,
        steps: every,
        seed: `${SEED}/${acted.length}`,
      });
      acted.push(data);
      if (data.provenance.expertReturn >= asked) stop();
    },
  });
  const seed = `${SEED}/${MEDIUM}`;
  const medium = await collect(policy, { env, steps: transitions, seed });
  const best = await collect(await loadExpert(env), { env, steps: transitions, seed });
  const halves = [medium, best].map((data) => data.trajectories.filter((_, i) => i % 2 === 0));
  return {
    "medium-replay": joined(
      acted[0],
      acted.flatMap(({ trajectories }) => trajectories),
    ),
    medium,
    "medium-expert": joined(medium, halves.flat()),
    expert: best,
  };
}

const joined = (
  { env, observationSpace, actionSpace }: Demonstrations,
  trajectories: Demonstrations["trajectories"],
) => demonstrationsOf(trajectories, { env, observationSpace, actionSpace });

/** The tenth of the episodes with the highest returns. */
export function bestTenth(data: Demonstrations): Demonstrations {
  const ranked = [...data.trajectories].sort((a, b) => trajectoryReturn(b) - trajectoryReturn(a));
  return joined(data, ranked.slice(0, Math.max(1, Math.round(ranked.length / 10))));
}
