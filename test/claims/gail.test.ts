/** @file GAIL, SQIL and the density baseline learn. Thresholds over seeds, each with a control that fails. */

import { beforeAll, describe, expect, it } from "vitest";
import {
  algorithmFor,
  density,
  dqn,
  gail,
  ppo,
  sac,
  sqil,
  tuned,
  valueIteration,
} from "../../algorithms/index.js";
import { optimiserOf } from "../../algorithms/shared/policy-optimiser.js";
import { collect, compare, type Demonstrations, evaluate, loadExpert, mean, train } from "../../index.js";
import { subsample } from "../../src/datasets/demonstration-tools.js";
import { normalisedScore } from "../../src/diagnostics/sampled.js";
import type { Algorithm, PolicyOptimiser, State } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";

const env = "CartPole-v1";

/** The mean of what seeds 0 and 1 have. */
const meanOfTwo = async (of: (seed: number) => Promise<number>) => mean([await of(0), await of(1)]);

/** A learner that is rewarded for being recognised. */
const recognised = (inner: PolicyOptimiser): PolicyOptimiser => ({
  ...inner,
  update: (state: State, source) =>
    inner.update(state, async (transitions) => Float64Array.from(await source!(transitions), (r) => -r)),
});

/** Where a learner's minibatches are of all that it ever did, a discriminator in no hurry does. */
const unhurried = { updates: 4, learningRate: 3e-4 };

describe("imitating a CartPole expert from every 20th pair of one episode", () => {
  let shown: Demonstrations;
  let demonstrations: Demonstrations;
  /** Episodes of nobody who knows how. */
  let aimless: Demonstrations;
  let score: (policy: Policy) => Promise<number>;
  let byGail: number;
  const settings = tuned("gail", env)!.options as { optimiser: object };
  const steps = tuned("gail", env)!.steps!;
  const { algorithm: _, ...learner } = settings.optimiser as { algorithm: string };

  beforeAll(async () => {
    const expert = await train(ppo(), { env, steps: 50_000, seed: 0 });
    shown = await collect(expert, { env, episodes: 1, seed: 1, deterministic: true });
    demonstrations = subsample(shown, { every: 20, rng: createRng("pairs") });
    const nobody = new UniformPolicy(shown.observationSpace, shown.actionSpace);
    aimless = await collect(nobody, { env, episodes: 20, seed: 1 });
    const measured = async (policy: Policy) => (await evaluate(policy, { env, episodes: 30, seed: 2 })).mean;
    const best = await measured(expert);
    score = async (policy) => (await measured(policy)) / best;
  }, 120_000);

  const scoreOf = async (algorithm: Algorithm, steps: number, seed: number) =>
    score(await train(algorithm, { env, steps, seed }));

  it("GAIL reaches 0.95 of the expert", async () => {
    expect(demonstrations.trajectories[0].steps!.length).toBeLessThanOrEqual(25);
    const imitator = algorithmFor("gail", env, { demonstrations });
    byGail = await meanOfTwo((seed) => scoreOf(imitator, steps, seed));
    expect(byGail).toBeGreaterThanOrEqual(0.95);
  }, 480_000);

  it("GAIL with negated rewards stays below 0.3", async () => {
    const optimiser = recognised(ppo(learner) as PolicyOptimiser);
    expect(await scoreOf(gail({ ...settings, demonstrations, optimiser }), 40_000, 0)).toBeLessThan(0.3);
  }, 120_000);

  it("GAIL from random demonstrations stays below 0.3", async () => {
    const control = algorithmFor("gail", env, { demonstrations: aimless });
    expect(await meanOfTwo((seed) => scoreOf(control, steps, seed))).toBeLessThan(0.3);
  }, 480_000);

  it("GAIL on windows of 16 steps of the whole episode reaches 0.8, and does not with negated rewards", async () => {
    const sooner = { ...learner, learningRate: { from: 1e-3, to: 1e-5, steps: 80_000 } };
    const windows = (optimiser: PolicyOptimiser) =>
      gail({
        demonstrations: shown,
        optimiser,
        classify: "trajectories",
        trajectorySteps: 16,
        discriminator: { minibatchSize: 16 },
      });
    const inner = ppo(sooner) as PolicyOptimiser;
    expect(await meanOfTwo((seed) => scoreOf(windows(inner), 80_000, seed))).toBeGreaterThanOrEqual(0.8);
    expect(await scoreOf(windows(recognised(inner)), 20_000, 0)).toBeLessThan(0.3);
  }, 480_000);

  it("GAIL with dqn reaches 0.9 from the whole episode, and not from random demonstrations", async () => {
    const from = (demonstrations: Demonstrations) =>
      gail({ demonstrations, optimiser: dqn({ nStep: 1 }), discriminator: unhurried });
    expect(await meanOfTwo((seed) => scoreOf(from(shown), 40_000, seed))).toBeGreaterThanOrEqual(0.9);
    expect(await meanOfTwo((seed) => scoreOf(from(aimless), 40_000, seed))).toBeLessThan(0.3);
  }, 480_000);

  it("the density baseline is better than random, worse than GAIL, and poor from random demonstrations", async () => {
    const reached = await scoreOf(density({ demonstrations, optimiser: ppo(learner) }), 60_000, 0);
    const { observationSpace, actionSpace } = demonstrations;
    expect(reached).toBeGreaterThan(1.5 * (await score(new UniformPolicy(observationSpace, actionSpace))));
    expect(reached).toBeLessThan(byGail);
    // Shuffled actions would not do: where the demonstrator's states are dense the pole is up, whatever is done there.
    const control = density({ demonstrations: aimless, optimiser: ppo(learner) });
    expect(await scoreOf(control, 60_000, 0)).toBeLessThan(0.5 * reached);
  }, 480_000);

  it.each([
    ["dqn", { algorithm: "dqn" }, 15_000],
    [
      "sac by default",
      { hidden: [64, 64], learningRate: 1e-3, minibatchSize: 64, learningStarts: 500 },
      8000,
    ],
  ])(
    "SQIL with %s reaches 0.9 of the expert from the whole episode, and does not from random demonstrations",
    async (_, optimiser, steps) => {
      const learning = async (from: Demonstrations, seed: number) =>
        scoreOf(sqil({ demonstrations: from, optimiser }) as Algorithm, steps, seed);
      expect(await meanOfTwo((seed) => learning(shown, seed))).toBeGreaterThanOrEqual(0.9);
      expect(await learning(aimless, 0)).toBeLessThan(0.5);
    },
    480_000,
  );
});

describe("imitating a Pendulum expert with SAC inside", () => {
  const env = "Pendulum-v1";
  const settings = tuned("sac", env)!.options;
  let demonstrations: Demonstrations;
  let aimless: Demonstrations;
  let scoreOf: (algorithm: Algorithm, steps: number, seed: number) => Promise<number>;

  beforeAll(async () => {
    const expert = await loadExpert(env);
    demonstrations = await collect(expert, { env, episodes: 10, seed: 0, deterministic: true });
    const nobody = new UniformPolicy(expert.observationSpace, expert.actionSpace);
    aimless = await collect(nobody, { env, episodes: 10, seed: 0 });
    const returnOf = async (policy: Policy) => (await evaluate(policy, { env, episodes: 30, seed: 2 })).mean;
    const references = { expert: await returnOf(expert), random: await returnOf(nobody) };
    scoreOf = async (algorithm, steps, seed) =>
      normalisedScore(await returnOf(await train(algorithm, { env, steps, seed })), references);
  });

  it("GAIL scores 0.9 of the expert after 10 000 steps, and does not with negated rewards", async () => {
    const around = (optimiser: PolicyOptimiser) =>
      gail({ demonstrations, optimiser, discriminator: unhurried });
    const inner = sac(settings) as PolicyOptimiser;
    expect(await meanOfTwo((seed) => scoreOf(around(inner), 10_000, seed))).toBeGreaterThanOrEqual(0.9);
    expect(await scoreOf(around(recognised(inner)), 4000, 0)).toBeLessThan(0.3);
  }, 480_000);

  it("SQIL scores 0.85 after 10 000 steps at a fixed temperature, and does not from random demonstrations", async () => {
    const from = (shown: Demonstrations) =>
      sqil({ demonstrations: shown, optimiser: sac({ ...settings, temperature: 0.1 }) }) as Algorithm;
    expect(await meanOfTwo((seed) => scoreOf(from(demonstrations), 10_000, seed))).toBeGreaterThanOrEqual(
      0.85,
    );
    expect(await scoreOf(from(aimless), 4000, 0)).toBeLessThan(0.3);
  }, 480_000);

  it("the density baseline scores 0.8 after 5000 steps, and does not from random demonstrations", async () => {
    const from = (shown: Demonstrations) =>
      density({ demonstrations: shown, optimiser: sac(settings), kernels: 500 });
    expect(await meanOfTwo((seed) => scoreOf(from(demonstrations), 5000, seed))).toBeGreaterThanOrEqual(0.8);
    expect(await scoreOf(from(aimless), 5000, 0)).toBeLessThan(0.3);
  }, 480_000);
});

describe("imitating the best policy of Gridworld-v0 from five episodes", () => {
  it("GAIL comes within 0.4 of its value, and does not with negated rewards", async () => {
    const env = "Gridworld-v0";
    const expert = await train(valueIteration(), { env });
    const { options, steps } = tuned("gail", env)!;
    const inner = optimiserOf("gail", options.optimiser as object);
    const demonstrations = await collect(expert, { env, episodes: 5, seed: 0, deterministic: true });
    const gapAfter = async (optimiser: PolicyOptimiser, steps: number, seed: number) => {
      const learner = await train(gail({ demonstrations, optimiser }), { env, steps, seed });
      return (await compare(expert, learner, { env, sampled: false, deterministic: false })).exact!.gap;
    };
    expect(await meanOfTwo((seed) => gapAfter(inner, steps!, seed))).toBeLessThan(0.4);
    expect(await gapAfter(recognised(inner), 20_000, 0)).toBeGreaterThan(1);
  }, 480_000);
});
