/** @file Offline learners are better than cloning on mixed data, beside controls. More is in docs/evidence/offline.md. */

import { describe, expect, it } from "vitest";
import { algorithmFor, bc, iql, td3bc } from "../../algorithms/index.js";
import { collect, type Demonstrations, evaluate, loadExpert, train } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";
import { underSeeds } from "../support/claim.js";

const env = "Pendulum-v1";
/** What the policies of PPO's first 14 000 steps did, the last of which are mediocre. */
async function replayOfTraining(): Promise<Demonstrations> {
  const acted: Demonstrations[] = [];
  await train(algorithmFor("ppo", env), {
    env,
    steps: 14_336,
    seed: "replay",
    evaluate: { every: 2048, episodes: 1 },
    async onEvaluation(_, { artefact }) {
      acted.push(await collect(artefact() as Policy, { env, steps: 2048, seed: `replay/${acted.length}` }));
    },
  });
  return { ...acted[0], trajectories: acted.flatMap(({ trajectories }) => trajectories) };
}

/** The data with the rewards in random order. */
function withoutSense(data: Demonstrations): Demonstrations {
  const rewards = createRng("shuffled")
    .shuffle(data.trajectories.flatMap((t) => Array.from(t.rewards)))
    .values();
  const trajectories = data.trajectories.map((trajectory) => ({
    ...trajectory,
    rewards: trajectory.rewards.map(() => rewards.next().value as number),
  }));
  return { ...data, trajectories };
}

const score = async (policy: Parameters<typeof evaluate>[0]) =>
  (await evaluate(policy, { env, episodes: 30, seed: 5 })).mean;

describe("iql on the episodes of a training", () => {
  it("exceeds cloning by 400 and more, and not with rewards in random order", async () => {
    const data = await replayOfTraining();
    const variants = { rewarded: data, shuffled: withoutSense(data) };
    const { rewarded, shuffled } = await underSeeds([0], variants, async (demonstrations, seed) => {
      const [network, updates] = [{ hidden: [64, 64], minibatchSize: 64, learningRate: 1e-3 }, 3000];
      const learner = iql({ demonstrations, ...network, updates, discount: 0.98, tau: 0.01 });
      const clone = bc({ demonstrations, ...network, epochs: { updates }, loss: "squared-error" });
      return (await score(await train(learner, { seed }))) - (await score(await train(clone, { seed })));
    });
    expect(Math.min(...rewarded)).toBeGreaterThan(400);
    expect(Math.max(...shuffled)).toBeLessThan(100);
  }, 120_000);
});

describe("td3bc on episodes of an expert", () => {
  it("is near it, and without cloning follows the values of actions that nobody took", async () => {
    const demonstrations = await collect(await loadExpert(env), { env, episodes: 30, seed: "expert" });
    const { cloning, greedy } = await underSeeds([0], { cloning: 2.5, greedy: 1e6 }, async (alpha, seed) => {
      const network = { hidden: [64, 64], minibatchSize: 64, learningRate: 1e-3 };
      const learner = td3bc({ demonstrations, ...network, updates: 2000, discount: 0.98, tau: 0.01, alpha });
      return score(await train(learner, { seed }));
    });
    expect(Math.min(...cloning)).toBeGreaterThan(-500);
    expect(Math.max(...greedy)).toBeLessThan(-700);
  }, 120_000);
});
