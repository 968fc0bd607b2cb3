/** @file GAIL, AIRL, SQIL and the density baseline in their parts: rewards, horizons, optimisers, resumption. */

import { beforeAll, describe, expect, it } from "vitest";
import { scoreRows } from "../../../algorithms/imitation/adversarial/discriminator.js";
import { carryOn } from "../../../algorithms/imitation/adversarial/horizon.js";
import { densityOf, scottBandwidth } from "../../../algorithms/imitation/density.js";
import { rewardForms } from "../../../algorithms/imitation/gail.js";
import {
  type AirlOptions,
  a2c,
  airl,
  algorithmCatalogue,
  algorithmFor,
  density,
  dqn,
  gail,
  ppo,
  sac,
  sqil,
  tuned,
} from "../../../algorithms/index.js";
import type { PpoState } from "../../../algorithms/rl/ppo.js";
import { optimiserConfig, optimiserOf } from "../../../algorithms/shared/policy-optimiser.js";
import { expertRows, learnerRows } from "../../../algorithms/shared/transition-rows.js";
import { collect, type Demonstrations, mean, train } from "../../../index.js";
import { subsample } from "../../../src/datasets/demonstration-tools.js";
import { demonstrationsOf } from "../../../src/datasets/demonstrations.js";
import { problemOf } from "../../../src/env/problem.js";
import { tabularEnvironment } from "../../../src/env/tabular-environment.js";
import type { Algorithm, RewardSource, State } from "../../../src/learning/contract.js";
import { tabularModel } from "../../../src/mdp/index.js";
import type { Policy } from "../../../src/policies/contract.js";
import { UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import type { Transitions } from "../../../src/rollout/transitions.js";
import { box, discrete } from "../../../src/spaces/index.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";

const ENV = "CartPole-v1";
const small = { environments: 4, rolloutSteps: 16, minibatchSize: 32, epochs: 2, hidden: [8] };
/** Enough to learn whether to end an episode, for a reason; without one, the entropy says. */
const choosing = {
  environments: 16,
  rolloutSteps: 32,
  minibatchSize: 128,
  epochs: 4,
  hidden: [],
  learningRate: 0.02,
  gaeLambda: 1,
  normaliseAdvantages: false as const,
  entropyCoefficient: 0.05,
};
const offPolicy = { hidden: [8], minibatchSize: 16, learningStarts: 32, trainEvery: 16 };
const tiny = { hidden: [8], minibatchSize: 16, updates: 2 };

let demonstrations: Demonstrations;
let pendulum: Demonstrations;
beforeAll(async () => {
  const shownBy = async (env: string, episodes: number) => {
    const { observationSpace, actionSpace } = await problemOf(env);
    return collect(new UniformPolicy(observationSpace, actionSpace), { env, episodes, seed: 0 });
  };
  demonstrations = await shownBy(ENV, 6);
  pendulum = await shownBy("Pendulum-v1", 1);
});

describe("the reward of GAIL", () => {
  const logits = [-40, -3, -0.5, 0, 0.5, 3, 40];

  it("rises with the expert's logit in every form", () => {
    for (const [form, reward] of Object.entries(rewardForms)) {
      const rewards = logits.map(reward);
      for (let i = 1; i < rewards.length; i++) expect(rewards[i], form).toBeGreaterThan(rewards[i - 1]);
    }
  });

  it("is log D, −log(1 − D), and their sum", () => {
    for (const logit of [-3, -0.5, 0, 0.5, 3]) {
      const d = 1 / (1 + Math.exp(-logit));
      expect(rewardForms["log-d"](logit)).toBeCloseTo(Math.log(d), 12);
      expect(rewardForms["negative-log-one-minus-d"](logit)).toBeCloseTo(-Math.log(1 - d), 12);
      expect(rewardForms.logit(logit)).toBeCloseTo(Math.log(d) - Math.log(1 - d), 12);
    }
  });

  it("is higher for what the expert did than for what the learner did, once the discriminator has learnt", async () => {
    const sorted = (action: number): Demonstrations => ({
      ...demonstrations,
      trajectories: demonstrations.trajectories.map((trajectory) => ({
        ...trajectory,
        actions: trajectory.actions.map(() => action) as Int32Array,
      })),
    });
    for (const action of [0, 1]) {
      const algorithm = gail({ demonstrations: sorted(action), optimiser: ppo(small) });
      const { state } = await train.run(algorithm, { env: ENV, steps: 640, seed: 0 });
      const rows = expertRows(sorted(action), false);
      const reward = algorithm.reward(state);
      const shown = await reward(rows);
      const other = await reward({ ...rows, actions: rows.actions.map((a) => 1 - a) as Int32Array });
      for (let i = 0; i < rows.count; i++) {
        if (!rows.terminated[i]) expect(shown[i]).toBeGreaterThan(other[i]);
      }
    }
  });
});

describe("the absorbing state", () => {
  it("makes every return r / (1 − γ) under one reward r for all, however long the episode", () => {
    const discount = 0.9;
    const returns = (steps: number, reward: number) => {
      const rewards = new Float64Array(steps).fill(reward);
      const terminated = new Uint8Array(steps);
      terminated[steps - 1] = 1;
      carryOn(rewards, terminated, reward, discount);
      return rewards.reduceRight((sum, r) => r + discount * sum, 0);
    };
    for (const reward of [-2, 0.7]) {
      for (const steps of [1, 3, 50]) expect(returns(steps, reward)).toBeCloseTo(reward / (1 - discount), 10);
    }
  });

  it("leaves a learner indifferent to ending under one reward for all, which without it ends at once, or never", async () => {
    const model = tabularModel({
      states: 2,
      actions: 2,
      transitions: (state, action) => [{ next: action === 0 ? 1 : state, probability: 1 }],
      initial: 0,
      terminal: [1],
      discount: 0.9,
    });
    const problem = await problemOf(() => tabularEnvironment("EndOrNot", model, { maxEpisodeSteps: 20 }));
    /** The probability of ending that PPO learns. */
    const ends = async (reward: number, horizon: "absorbing" | "variable") => {
      const learner = ppo({ ...choosing, discount: 0.9 });
      const state = await learner.init(problem, createRng(0));
      for (let k = 0; k < 40; k++) {
        await learner.update(state, async ({ terminated }) => {
          const rewards = new Float64Array(terminated.length).fill(reward);
          if (horizon === "absorbing") carryOn(rewards, terminated, reward, 0.9);
          return rewards;
        });
      }
      return (await learner.policy(state).probabilities!(Float32Array.of(0)))[0];
    };
    for (const reward of [1, -1]) {
      const indifferent = await ends(reward, "absorbing");
      expect(indifferent).toBeGreaterThan(0.3);
      expect(indifferent).toBeLessThan(0.7);
    }
    expect(await ends(1, "variable")).toBeLessThan(0.1);
    expect(await ends(-1, "variable")).toBeGreaterThan(0.9);
  });

  it("adds the same to the reward of each step that terminated, γ / (1 − γ) times its own, and nothing elsewhere", async () => {
    const algorithm = gail({
      demonstrations,
      optimiser: ppo({ ...small, discount: 0.9 }),
      discriminator: tiny,
    });
    const { state } = await train.run(algorithm, { env: ENV, steps: 128, seed: 0 });
    const rows = expertRows(demonstrations, true);
    const reward = algorithm.reward(state);
    const [ended, endless] = [
      await reward(rows),
      await reward({ ...rows, terminated: new Uint8Array(rows.count) }),
    ];
    const { absorbing } = await scoreRows(state.live.discriminator, state.discriminator, rows);
    expect(rows.terminated.includes(1)).toBe(true);
    for (let i = 0; i < rows.count; i++) {
      expect(ended[i] - endless[i]).toBeCloseTo(rows.terminated[i] ? 9 * absorbing : 0, 6);
    }
  });

  it("refuses a discount of 1", () => {
    const optimiser = ppo({ discount: 1 });
    expect(() => gail({ demonstrations, optimiser })).toThrow(/discount is 1/);
    expect(() => density({ demonstrations, optimiser })).toThrow(/discount is 1/);
    expect(() => sqil({ demonstrations, optimiser: dqn({ discount: 1, nStep: 1 }) })).toThrow(
      /discount is 1/,
    );
  });
});

describe("episodes of mixed length", () => {
  const fixed = { horizon: "fixed" as const, optimiser: ppo(small) };

  it("are refused with horizon fixed, of the expert and of the learner", async () => {
    expect(() => gail({ demonstrations, ...fixed })).toThrow(
      /demonstration 0 has \d+ steps, and demonstration/,
    );
    const one = { ...demonstrations, trajectories: demonstrations.trajectories.slice(0, 1) };
    expect(() => airl({ demonstrations: one, ...fixed })).toThrow(/demonstration 0 ended before/);
    const cut = one.trajectories.map((x) => ({ ...x, terminated: false, truncated: true }));
    const algorithm = gail({ demonstrations: { ...one, trajectories: cut }, ...fixed, discriminator: tiny });
    await expect(train(algorithm, { env: ENV, steps: 64 })).rejects.toThrow(
      /an episode of the learner ended before the time limit.*horizon: "variable"/,
    );
  });

  it.each([
    "fixed",
    "absorbing",
  ] as const)("are not looked for where there is no episode, which is what is said under horizon %s", (horizon) => {
    const none = { demonstrations: { ...demonstrations, trajectories: [] }, horizon };
    const message = /no (demonstrated actions|action) to learn from/;
    for (const learner of [gail, airl, density]) {
      expect(() => learner({ ...none, optimiser: ppo(small) })).toThrow(message);
    }
    expect(() => sqil({ ...none, optimiser: dqn({ nStep: 1 }) })).toThrow(message);
  });

  it("are accepted when all last until the time limit, or when asked for", async () => {
    const algorithm = gail({ demonstrations: pendulum, ...fixed, discriminator: tiny });
    await train(algorithm, { env: "Pendulum-v1", steps: 64 });
    const asked = gail({ demonstrations, ...fixed, horizon: "variable", discriminator: tiny });
    await train(asked, { env: ENV, steps: 64 });
  });
});

describe("a policy optimiser under other rewards", () => {
  it("learns the same, bit for bit, from the environment's own rewards", async () => {
    const problem = await problemOf(ENV);
    const learner = ppo({ ...small, normaliseObservations: true });
    const [plain, told] = [
      await learner.init(problem, createRng(1)),
      await learner.init(problem, createRng(1)),
    ];
    for (let i = 0; i < 3; i++) {
      const own = await learner.update(plain);
      // On CartPole every step is rewarded with 1.
      const other = await learner.update(told, async ({ terminated }) => terminated.map(() => 1));
      expect(other).toEqual(own);
    }
    expect(told.parameters).toEqual(plain.parameters);
  });

  it("and something else from others, while the returns it reports stay the environment's", async () => {
    const problem = await problemOf(ENV);
    const learner = ppo(small);
    const [plain, told] = [
      await learner.init(problem, createRng(1)),
      await learner.init(problem, createRng(1)),
    ];
    const own = await learner.update(plain);
    const other = await learner.update(told, async ({ actions }) => Float32Array.from(actions));
    expect(other.return).toBe(own.return);
    expect(told.parameters).not.toEqual(plain.parameters);
  });

  it("is paid all of a reward that stands for what follows the end, however large beside the others", async () => {
    const learner = ppo({ ...small, rolloutSteps: 64, normaliseRewards: true });
    const state = await learner.init(await problemOf(ENV), createRng(1));
    await learner.update(state, async ({ terminated }) => {
      const rewards = new Float64Array(terminated.length);
      rewards[rewards.length - 1] = -1000;
      return rewards;
    });
    // The deviation of 256 returns of which one is −1000 and the others 0 is 1000 / 16.
    expect(Math.min(...state.live.rollout.rewards)).toBeLessThan(-15);
  });

  it("asks about raw observations, and about where an episode truly ended", async () => {
    const problem = await problemOf(ENV);
    const learner = ppo({ ...small, normaliseObservations: true });
    const state = await learner.init(problem, createRng(1));
    let endings = 0;
    await learner.update(state, async (transitions) => {
      const { observations, nextObservations, terminated, truncated, environments } = transitions;
      expect(environments).toBe(4);
      expect(observations.length).toBe(4 * 16 * 4);
      for (let k = 0; k < 60; k++) {
        const ended = terminated[k] || truncated![k];
        const [next, following] = [
          nextObservations.subarray(k * 4, k * 4 + 4),
          observations.subarray((k + 4) * 4, (k + 4) * 4 + 4),
        ];
        if (ended) {
          endings++;
          // Out of bounds, and so not the first observation of another episode.
          expect(Math.abs(next[2]) > 0.2 || Math.abs(next[0]) > 2.4).toBe(true);
          expect(next).not.toEqual(following);
        } else expect(next).toEqual(following);
        // x moves with the velocity of before: raw numbers, not normalised ones.
        expect(next[0]).toBeCloseTo(observations[k * 4] + 0.02 * observations[k * 4 + 1], 5);
      }
      return new Float32Array(64);
    });
    expect(endings).toBeGreaterThan(0);
  });
});

describe("AIRL", () => {
  /** An update of AIRL's learner: its rewards, and what they are made of. */
  async function learnt(options: Partial<AirlOptions>) {
    const inner = ppo(small);
    let given: { rewards: Float64Array; logProbs: Float32Array; rows: Transitions } | undefined;
    const optimiser = {
      ...inner,
      update: (state: PpoState, source?: RewardSource) =>
        inner.update(state, async (transitions) => {
          const { observations, actions } = transitions;
          const logProbs = await inner.policy(state).logProb(observations, actions);
          const rewards = Float64Array.from(await source!(transitions));
          given = { rewards, logProbs, rows: structuredClone(transitions) };
          return rewards;
        }),
    };
    const algorithm = airl({
      demonstrations,
      optimiser,
      discriminator: tiny,
      horizon: "variable",
      ...options,
    });
    const { state } = await train.run(algorithm, { env: ENV, steps: 128, seed: 0 });
    const { scores } = await scoreRows(
      state.live.discriminator,
      state.discriminator,
      learnerRows(given!.rows, false),
    );
    return { algorithm, state, scores, ...given! };
  }

  it("trains the policy on f − log π, and reports a reward that does not depend on the policy", async () => {
    const { algorithm, state, scores, rewards, logProbs } = await learnt({});
    for (let i = 0; i < scores.length; i++) expect(rewards[i]).toBeCloseTo(scores[i] - logProbs[i], 5);

    const rows = expertRows(demonstrations, true);
    const before = Array.from(await algorithm.reward(state)(rows));
    const policy = state.optimiser as PpoState;
    policy.parameters = policy.parameters.map((x) => x + 1);
    expect(Array.from(await algorithm.reward(state)(rows))).toEqual(before);
    // Of the state alone: whatever was done there.
    const other = rows.actions.map((a) => 1 - a) as Int32Array;
    expect(Array.from(await algorithm.reward(state)({ ...rows, actions: other }))).toEqual(before);
  });

  it("pays less for entropy where it is told to, and for a step the same", async () => {
    const { scores, rewards, logProbs } = await learnt({ entropyWeight: 0.25 });
    const usual = mean(logProbs);
    for (let i = 0; i < scores.length; i++) {
      expect(rewards[i]).toBeCloseTo(scores[i] - usual - 0.25 * (logProbs[i] - usual), 5);
    }
    expect(mean(rewards)).toBeCloseTo(mean(scores) - usual, 5);
    expect(() => airl({ demonstrations, entropyWeight: -1 })).toThrow(/entropyWeight/);
  });

  it("compares the actions that were executed, and pays for those that were drawn", async () => {
    const inner = ppo({ ...small, initialLogStd: 2 });
    const asked: number[] = [];
    const watched = {
      ...inner,
      policy(state: PpoState) {
        const policy = inner.policy(state);
        const logProb: Policy["logProb"] = (observations, actions, memory) => {
          asked.push(Math.max(...Array.from(actions, Math.abs)));
          return policy.logProb(observations, actions, memory);
        };
        return Object.assign(Object.create(policy) as Policy, { logProb });
      },
    };
    const algorithm = airl({ demonstrations: pendulum, optimiser: watched, discriminator: tiny });
    await algorithm.update(await algorithm.init(await problemOf("Pendulum-v1"), createRng(0)));
    const [learner, expert, drawn] = asked;
    expect([learner, expert <= 2]).toEqual([2, true]);
    expect(drawn).toBeGreaterThan(2);
  });

  it("refuses optimisers whose policies have no density", () => {
    expect(() => airl({ demonstrations, optimiser: dqn() })).toThrow(/dqn's is greedy; take ppo/);
    expect(() => airl({ demonstrations, optimiser: ppo({ recurrentUnits: 8 }) })).toThrow(/with memory/);
  });
});

describe("the option optimiser", () => {
  it("is a learner, a name, or a name with options, and is recorded as the last", () => {
    const learner = ppo(small);
    expect(optimiserOf("gail", learner)).toBe(learner);
    expect(optimiserOf("gail", "a2c").name).toBe("a2c");
    expect(optimiserOf("gail", { discount: 0.5 }).name).toBe("ppo");
    for (const made of [ppo(small), a2c(), sac({ hidden: [8] }), dqn({ nStep: 1 })]) {
      const again = optimiserOf("gail", optimiserConfig(made));
      expect([again.name, again.options]).toEqual([made.name, made.options]);
    }
    expect(gail({ demonstrations, optimiser: { algorithm: "sac", tau: 0.1 } }).options).toMatchObject({
      optimiser: { algorithm: "sac", tau: 0.1 },
    });
  });

  it("refuses what it does not know, with the nearest that it does", () => {
    expect(() => optimiserOf("gail", { algorithm: "pppo" })).toThrow(
      /no policy optimiser "pppo"; did you mean "ppo"/,
    );
    expect(() => gail({ demonstrations, optimiser: { clipp: 1 } })).toThrow(/ppo: unknown option "clipp"/);
    expect(() => gail({ demonstrations, optimiser: 3 as unknown as string })).toThrow(
      /option "optimiser" is 3/,
    );
  });

  it("has the settings that are tuned for the environment", () => {
    const { optimiser } = algorithmFor("gail", ENV, { demonstrations }).options;
    expect(optimiser).toMatchObject(tuned("gail", ENV)!.options.optimiser as object);
    expect(tuned("gail", "Unheard-v0")).toBeUndefined();
  });
});

/** Small runs of every kind. */
const cases: Record<string, () => { env: string; algorithm: Algorithm }> = {
  "gail with ppo and a spectral norm": () => ({
    env: ENV,
    algorithm: gail({
      demonstrations: subsample(demonstrations, { every: 3, rng: createRng(0) }),
      optimiser: { ...small, normaliseObservations: true, normaliseRewards: true },
      discriminator: { ...tiny, spectralNormalisation: true, entropyCoefficient: 0.01 },
    }),
  }),
  "gail of trajectories": () => ({
    env: ENV,
    algorithm: gail({
      demonstrations,
      optimiser: ppo(small),
      classify: "trajectories",
      trajectorySteps: 8,
      discriminator: tiny,
    }),
  }),
  "gail with sac": () => ({
    env: "Pendulum-v1",
    algorithm: gail({
      demonstrations: pendulum,
      optimiser: { algorithm: "sac", ...offPolicy },
      discriminator: tiny,
    }),
  }),
  "gail with dqn": () => ({
    env: ENV,
    algorithm: gail({
      demonstrations,
      optimiser: { algorithm: "dqn", ...offPolicy },
      discriminator: tiny,
    }),
  }),
  "airl with a2c": () => ({
    env: ENV,
    algorithm: airl({ demonstrations, optimiser: a2c({ hidden: [8] }), discriminator: tiny }),
  }),
  "airl with ppo and continuous actions": () => ({
    env: "Pendulum-v1",
    algorithm: airl({
      demonstrations: pendulum,
      optimiser: ppo(small),
      rewardInputs: "state-action",
      discriminator: tiny,
    }),
  }),
  density: () => ({ env: ENV, algorithm: density({ demonstrations, optimiser: ppo(small), kernels: 40 }) }),
  "density with continuous actions": () => ({
    env: "Pendulum-v1",
    algorithm: density({ demonstrations: pendulum, optimiser: ppo(small), kernels: 40 }),
  }),
  sqil: () => ({
    env: ENV,
    algorithm: sqil({ demonstrations, optimiser: { ...offPolicy, gradientSteps: 2 } }) as Algorithm,
  }),
  "sqil with continuous actions": () => ({
    env: "Pendulum-v1",
    algorithm: sqil({ demonstrations: pendulum, optimiser: offPolicy }) as Algorithm,
  }),
};

describe("a run that is saved and restored goes on as if it had not been", () => {
  it.each(Object.keys(cases))("%s", async (name) => {
    const { env, algorithm } = cases[name]();
    const problem = await problemOf(env);
    const whole = await algorithm.init(problem, createRng(3));
    for (let i = 0; i < 4; i++) await algorithm.update(whole);
    const saved = snapshot(whole);
    const resumed = await algorithm.init(problem, createRng(3));
    restore(resumed, saved);
    for (let i = 0; i < 2; i++)
      expect(await algorithm.update(resumed)).toEqual(await algorithm.update(whole));
    expect(snapshot(resumed)).toEqual(snapshot(whole));
    const { observations } = await problem.vector(2, createRng("probe"));
    const acts = async (state: State) =>
      (await algorithm.policy(state).act(observations, { rng: createRng(0), deterministic: true })).actions;
    expect(await acts(resumed)).toEqual(await acts(whole));
  });
});

describe("SQIL", () => {
  it("rewards all that the expert did with 1, and for ever once it is done", async () => {
    const algorithm = cases.sqil().algorithm as ReturnType<typeof sqil>;
    const state = await algorithm.init(await problemOf(ENV), createRng(0));
    const { rewards, ends } = state.demonstrations!.getState() as unknown as {
      rewards: Float32Array;
      ends: Uint8Array;
    };
    const tail = 1 + 0.99 / (1 - 0.99);
    for (let i = 0; i < rewards.length; i++) expect(rewards[i]).toBeCloseTo(ends[i] === 1 ? tail : 1, 3);
    expect(ends.includes(1)).toBe(true);
  });

  it("takes sac and dqn, and refuses learners without a replay and uneven weights", () => {
    expect(sqil({ demonstrations, optimiser: "dqn" }).options).toMatchObject({
      optimiser: { algorithm: "dqn" },
    });
    expect(() => sqil({ demonstrations, optimiser: "ppo" })).toThrow(/ppo keeps no replay/);
    const [first, ...others] = demonstrations.trajectories;
    const uneven = { ...demonstrations, trajectories: [{ ...first, weight: 2 }, ...others] };
    expect(() => sqil({ demonstrations: uneven })).toThrow(/different weights/);
  });
});

describe("the density of demonstrations", () => {
  it("is the mean of Gaussian kernels at the pairs, in deviations of the demonstrations'", async () => {
    const spaces = { observationSpace: box([1], -100, 100), actionSpace: discrete(2) };
    const values = [1, 2, 6];
    const shown = demonstrationsOf(
      [
        {
          observations: Float32Array.of(...values, 0),
          actions: Int32Array.of(0, 1, 1),
          rewards: new Float64Array(3),
          terminated: false,
          truncated: true,
        },
      ],
      { env: "Numbers-v0", ...spaces },
    );
    const options = { bandwidth: 0.8, kernels: 10, lowest: -20, horizon: "absorbing" as const };
    const measure = await densityOf(spaces, shown, options, createRng(0));
    const rows = expertRows(shown, true);
    const { rewards, absorbing } = await measure(rows);
    const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - 3) ** 2, 0) / 3);
    const features = values.map((x, i) => [(x - 3) / deviation, 0, i === 0 ? 1 : 0, i === 0 ? 0 : 1]);
    const expected = (x: number[]) =>
      Math.log(
        features.reduce(
          (sum, y) => sum + Math.exp(-y.reduce((d, v, j) => d + (v - x[j]) ** 2, 0) / (2 * 0.64)) / 3,
          0,
        ),
      );
    for (let i = 0; i < 3; i++) expect(rewards[i]).toBeCloseTo(expected(features[i]), 4);
    // Nobody showed how to end, and whoever did has one kernel in four there.
    expect(absorbing).toBe(-20);
    const [only] = shown.trajectories;
    const ending = { ...shown, trajectories: [{ ...only, terminated: true, truncated: false }] };
    const ended = await (await densityOf(spaces, ending, options, createRng(0)))(rows);
    expect(ended.absorbing).toBeCloseTo(Math.log(1 / 4), 4);
    const far = { ...rows, observations: rows.observations.map(() => 100) };
    expect(Array.from((await measure(far)).rewards)).toEqual([-20, -20, -20]);
  });

  it("has Scott's bandwidth, which narrows with more pairs", () => {
    expect(scottBandwidth(16, 0)).toBeCloseTo(0.5, 12);
    expect(scottBandwidth(100, 4)).toBeGreaterThan(scottBandwidth(1000, 4));
  });
});

describe("the catalogue", () => {
  it("has all of them, each of which needs demonstrations", () => {
    for (const name of ["gail", "airl", "sqil", "density"]) {
      expect(algorithmCatalogue[name].needs).toEqual(["demonstrations"]);
      expect(() => algorithmCatalogue[name].create({})).toThrow(/option "demonstrations" is required/);
    }
  });

  it("refuses to classify subsampled episodes whole, and single transitions as trajectories", async () => {
    const some = subsample(demonstrations, { every: 3, rng: createRng(0) });
    expect(() => gail({ demonstrations: some, classify: "trajectories" })).toThrow(
      /needs whole demonstrations/,
    );
    const { minibatchSize: _, rolloutSteps: __, epochs: ___, ...rest } = small;
    const algorithm = gail({
      demonstrations,
      classify: "trajectories",
      optimiser: sac({ ...rest, minibatchSize: 16, learningStarts: 16, trainEvery: 16 }),
      discriminator: tiny,
    });
    await expect(train(algorithm, { env: ENV, steps: 64 })).rejects.toThrow(/which are no trajectories/);
  });
});
