/** @file Every tuned entry fits its algorithm and its environment, and explicit options override it. */

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { algorithmCatalogue, algorithmFor, describeTuned, tuned } from "../../../algorithms/index.js";
import type { TunedTable } from "../../../algorithms/tuned/entry.js";
import { tunedSettings } from "../../../algorithms/tuned/index.js";
import { rlSettings } from "../../../algorithms/tuned/rl.js";
import { envIds, make } from "../../../envs/index.js";
import { train } from "../../../index.js";
import { problemOf } from "../../../src/env/problem.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import { complete } from "../../../src/learning/define.js";
import { run } from "../../../src/runs/runner.js";
import { environmentSource } from "../../../src/runs/source.js";
import { actionScaling } from "../../../src/spaces/index.js";

const entriesOf = (table: TunedTable) =>
  Object.entries(table).flatMap(([algorithm, settings]) =>
    Object.entries(settings).map(([env, entry]) => ({ algorithm, env, ...entry })),
  );
const entries = entriesOf(rlSettings);
const others = entriesOf(
  Object.fromEntries(Object.entries(tunedSettings).filter(([name]) => !Object.hasOwn(rlSettings, name))),
);

/** Physics is not cheap, and neither are rollouts of thousands of steps on it. */
const isCheap = ({ env }: { env: string }) => !/-v5$|Ant|Cheetah|Hopper|Walker|Humanoid|Tabletop/.test(env);

/** A source is a page of results that exists, a file of published settings, or says that there is no result. */
function expectProvenance(source: string) {
  const page = /docs\/evidence\/[\w-]+\.md/.exec(source)?.[0];
  if (page !== undefined) expect(existsSync(new URL(`../../../${page}`, import.meta.url)), page).toBe(true);
  else expect(source).toMatch(/^rl-baselines3-zoo, \w+\.yml|without a committed result/);
}

describe("tuned settings", () => {
  it("name registered environments and known algorithms", () => {
    const known = envIds();
    expect(entries.filter(({ env }) => !known.includes(env))).toEqual([]);
    expect(Object.keys(rlSettings).filter((name) => !(name in algorithmCatalogue))).toEqual([]);
  });

  it.each(entries)("of $algorithm on $env are valid options, with their source", (entry) => {
    const { algorithm, env, options, steps, source } = entry;
    expect(algorithmCatalogue[algorithm].schema.safeParse(options).error).toBeUndefined();
    expect(algorithmFor(algorithm, env).options).toMatchObject(options);
    expectProvenance(source);
    expect(steps).toBeGreaterThan(0);
  });

  it.each(others)("of $algorithm on $env fit its schema, with their source", (entry) => {
    const { algorithm, env, options, steps, source } = entry;
    expect(envIds()).toContain(env);
    const { demonstrations: _, ...plain } = algorithmCatalogue[algorithm].schema.shape;
    expect(z.strictObject(plain).safeParse(options).error).toBeUndefined();
    const { learningRate } = (options.optimiser ?? {}) as { learningRate?: { steps?: number } };
    if (learningRate?.steps !== undefined) expect(learningRate.steps).toBe(steps);
    expectProvenance(source);
  });

  it("quote the worst score, the best score and the number of seeds of the recorded scores", () => {
    const scores = new URL("../../../experiments/results/scores/", import.meta.url);
    const quoting = entries.filter(
      ({ algorithm, env, source }) =>
        source.includes("docs/evidence/reinforcement-learning.md") &&
        existsSync(new URL(`${algorithm}-${env}.json`, scores)),
    );
    expect(quoting.length).toBeGreaterThanOrEqual(4);
    for (const { algorithm, env, source } of quoting) {
      const { results } = JSON.parse(readFileSync(new URL(`${algorithm}-${env}.json`, scores), "utf8"));
      const means: number[] = results.map((seed: { deterministic: Metrics }) => seed.deterministic.mean);
      for (const mean of [Math.min(...means), Math.max(...means)]) {
        expect(source).toContain(String(Math.round(mean)).replace("-", "−"));
      }
      const seeds = /(\d+) seeds/.exec(source);
      if (seeds) expect(Number(seeds[1]), source).toBe(means.length);
    }
  });

  it("of PPO are used by every imitation algorithm with PPO inside", () => {
    const optimiser = { algorithm: "ppo", ...tuned("ppo", "Swimmer-v5")!.options };
    for (const algorithm of ["airl", "density", "distributionMatching", "gail"]) {
      expect(tuned(algorithm, "Swimmer-v5")?.options, algorithm).toEqual({ optimiser });
    }
  });

  it("have no schedule beyond the end of the run", () => {
    const late = entries.filter(({ options, steps }) =>
      Object.values(options).some((value) => (value as { steps?: number }).steps! > steps!),
    );
    expect(late).toEqual([]);
  });

  it("exist for every environment without an exact model", async () => {
    const without = envIds().filter((id) => !entries.some(({ env }) => env === id));
    for (const id of without) {
      const env = await make(id);
      expect(env.model, id).toBeDefined();
      env.close?.();
    }
  });

  it.each(entries.filter(isCheap))("of $algorithm on $env make one update", async ({ algorithm, env }) => {
    const { metrics } = await run({
      learner: complete(algorithmFor(algorithm, env)),
      source: environmentSource(await problemOf(env, {})),
      seed: 0,
      steps: 1,
      checkpoint: { every: 1, seconds: 60 },
      sinks: [],
    });
    expect(metrics).toHaveLength(1);
  });
});

describe("describeTuned", () => {
  it("names the settings in use and their source", () => {
    const { options } = algorithmFor("qLearning", "RiverSwim-v0");
    expect(describeTuned("qLearning", "RiverSwim-v0", options)).toMatch(
      /^settings for RiverSwim-v0: initialValue 100000, exploration 0\.05 \(own trials against /,
    );
  });

  it("leaves out settings that the options override", () => {
    const { options } = algorithmFor("qLearning", "RiverSwim-v0", { exploration: 0.2 });
    expect(describeTuned("qLearning", "RiverSwim-v0", options)).toMatch(/: initialValue 100000 \(/);
  });

  it("reports that none is left if the options override all, or name another optimiser", () => {
    const none = /^settings for [\w-]+: none of the tuned ones$/;
    const asked = { initialValue: 0, exploration: 0.2 };
    const { options } = algorithmFor("qLearning", "RiverSwim-v0", asked);
    expect(describeTuned("qLearning", "RiverSwim-v0", options)).toMatch(none);
    const { optimiser } = tuned("density", "Hopper-v5")!.options;
    const another = { optimiser: { ...(optimiser as object), algorithm: "a2c" } };
    expect(describeTuned("density", "Hopper-v5", another)).toMatch(none);
  });

  it("mentions the defaults if they are the tuned settings", () => {
    const { options } = algorithmFor("dqn", "CartPole-v1");
    expect(describeTuned("dqn", "CartPole-v1", options)).toMatch(
      /^settings for CartPole-v1: the defaults \(/,
    );
  });

  it("reports that nothing is tuned", () => {
    expect(describeTuned("bc", "Pendulum-v1", {})).toBe(
      "settings: the defaults of bc; none are tuned for Pendulum-v1",
    );
  });
});

describe("train by name", () => {
  const env = "RiverSwim-v0";
  const short = { env, steps: 1024, seed: 3 };

  it("equals train of the algorithm with the tuned settings", async () => {
    const named = await train.run("qLearning", short);
    const explicit = await train.run(
      algorithmFor("qLearning", undefined, tuned("qLearning", env)!.options),
      short,
    );
    expect((named.state as { q?: unknown }).q).toEqual((explicit.state as { q?: unknown }).q);
    const plain = await train.run("qLearning", { ...short, tuned: false });
    expect((plain.state as { q?: unknown }).q).not.toEqual((named.state as { q?: unknown }).q);
  });

  it("reports the settings in its progress, and trains for the tuned steps", async () => {
    const said: string[] = [];
    const progress = { write: (text: string) => said.push(text) };
    const { steps } = await train.run("qLearning", { env, progress, options: { environments: 4 } });
    expect(said[0]).toMatch(/^settings for RiverSwim-v0: initialValue 100000, .*\n$/);
    expect(steps).toBeGreaterThanOrEqual(tuned("qLearning", env)!.steps!);
  });

  it("prefers explicit options to tuned ones", () => {
    expect(algorithmFor("qLearning", env, { initialValue: 2 }).options).toMatchObject({
      initialValue: 2,
      exploration: 0.05,
    });
  });

  it("explains a missing or invalid second argument", async () => {
    const loose = train as unknown as (...given: unknown[]) => Promise<unknown>;
    const right = "the second argument must be options such as { env:";
    await expect(loose("ppo", "Hopper-v5")).rejects.toThrow(`${right} "CartPole-v1" }, not "Hopper-v5"`);
    await expect(loose("ppo")).rejects.toThrow(right);
    await expect(loose("ppo")).rejects.toThrow(UsageError);
  });

  it("refuses unknown names", async () => {
    await expect(train("qLearnin", short)).rejects.toThrow(UsageError);
    await expect(train("qLearnin", short)).rejects.toThrow(
      'unknown algorithm "qLearnin"; did you mean "qLearning"?',
    );
    expect(() => algorithmFor("toString")).toThrow(UsageError);
  });

  it("uses no tuned settings for other environments", () => {
    expect(tuned("ppo", "constructor")).toBeUndefined();
    expect(tuned("toString", env)).toBeUndefined();
  });
});

describe("settings of a source in the units of actions", () => {
  // `log_std_init` of rl-baselines3-zoo's ppo.yml, 0 where it has none.
  it.each([
    ["InvertedPendulum-v5", 0],
    ["Pusher-v5", 0],
    ["HalfCheetah-v5", -2],
    ["Humanoid-v5", -2],
    ["HumanoidStandup-v5", -2],
  ])("are of normalised actions: initialLogStd of ppo on %s", async (env, source) => {
    const { halfWidth } = actionScaling((await problemOf(env)).actionSpace) ?? { halfWidth: [1] };
    expect(new Set(halfWidth).size).toBe(1);
    expect(tuned("ppo", env)!.options.initialLogStd).toBe(
      Number((source - Math.log(halfWidth[0])).toFixed(1)),
    );
  });
});
