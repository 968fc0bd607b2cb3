import { describe, expect, it } from "vitest";
import type { VectorEnvironment } from "../../src/env/contracts.js";
import type { Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";
import { collectEpisodes } from "../../src/rollout/collect.js";
import { collectRollout, createEpisodeTracker, createRollout } from "../../src/rollout/rollout-buffer.js";
import type { Trajectory } from "../../src/rollout/trajectory.js";
import { box } from "../../src/spaces/index.js";
import type { ActionBatch } from "../../src/spaces/values.js";
import { clockPolicy, EPISODE, type Script, scriptedVector } from "../support/scripted.js";

const rng = createRng(0);

/** Episodes of 1 to 7 steps, every third of them cut, with rewards that are no float32 numbers. */
const varied: Script = {
  count: 3,
  length: (environment, episode) => 1 + ((3 * environment + 2 * episode) % 7),
  ending: (environment, episode) => ((environment + episode) % 3 === 0 ? "truncated" : "terminated"),
  reward: (environment, clock) => 0.1 + environment + clock / 7,
};

describe("collectRollout", () => {
  async function collected(script: Script, steps: number, rollouts = 1) {
    const vector = scriptedVector(script);
    const policy = clockPolicy(vector);
    const rollout = createRollout(vector, steps);
    const tracker = createEpisodeTracker(vector.count);
    for (let i = 0; i < rollouts; i++) await collectRollout(policy, vector, rollout, tracker, rng);
    return { vector, policy, rollout };
  }

  it("bootstraps from the final observation of an episode, never from the reset", async () => {
    // Three times over, since the buffer is used again.
    const { rollout } = await collected(varied, 41, 3);
    expect(rollout.truncated.some((cut) => cut === 1)).toBe(true);
    expect(rollout.terminated.some((end) => end === 1)).toBe(true);
    for (const [k, next] of rollout.nextValues.entries()) {
      expect(next).toBe(rollout.terminated[k] ? 0 : rollout.values[k] + 1);
    }
  });

  it("stores the observation acted on with the action, reward and log-probability of the same step", async () => {
    const { rollout, vector } = await collected(varied, 40);
    for (let k = 0; k < 40 * vector.count; k++) {
      const [environment, clock] = rollout.observations.subarray(2 * k, 2 * k + 2);
      expect(environment).toBe(k % vector.count);
      expect(rollout.actions[k]).toBe(clock % EPISODE);
      expect(rollout.logProbs[k]).toBe(-clock);
      expect(rollout.rewards[k]).toBe(varied.reward!(environment, clock));
    }
  });

  it("continues where the last rollout stopped, and counts episodes across rollouts by raw rewards", async () => {
    const { rollout } = await collected({ ...varied, count: 1, length: () => 15, reward: () => 0.1 }, 10, 3);
    const raw = Array(15).fill(0.1) as number[];
    // The second episode, which began in the second rollout, ends with the third.
    expect(rollout.observations[1]).toBe(EPISODE + 5);
    expect(rollout.episodeLengths).toEqual([15]);
    expect(rollout.episodeReturns).toEqual([raw.reduce((sum, reward) => sum + reward, 0)]);
  });

  it("computes the remaining values in one call per rollout", async () => {
    const long = await collected({ ...varied, length: () => 500 }, 20);
    expect(long.policy.valueCalls).toBe(1);
    const cut = await collected({ ...varied, length: () => 5, ending: () => "truncated" }, 20);
    expect(cut.policy.valueCalls).toBe(1);
    const ended = await collected({ ...varied, length: () => 5, ending: () => "terminated" }, 20);
    expect(ended.policy.valueCalls).toBe(1);
  });

  it("treats a step that terminates and truncates as terminated", async () => {
    const vector = scriptedVector({ ...varied, length: () => 2, ending: () => "terminated" });
    const both = { ...vector, truncated: vector.terminated };
    const rollout = createRollout(both, 4);
    await collectRollout(clockPolicy(vector), both, rollout, createEpisodeTracker(vector.count), rng);
    expect([...rollout.nextValues].filter((_, k) => rollout.terminated[k])).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("refuses a policy without a critic", async () => {
    const vector = scriptedVector(varied);
    const { value: _, ...actor } = clockPolicy(vector);
    const rollout = createRollout(vector, 1);
    const collecting = collectRollout(actor, vector, rollout, createEpisodeTracker(vector.count), rng);
    await expect(collecting).rejects.toThrow("no critic");
  });
});

describe("collectEpisodes", () => {
  it("returns whole episodes with one more observation than actions, and none across a reset", async () => {
    const vector = scriptedVector(varied);
    const trajectories = await collectEpisodes(clockPolicy(vector), vector, 20, { rng });
    expect(trajectories).toHaveLength(20);
    for (const { observations, actions, rewards, terminated, truncated } of trajectories) {
      const steps = rewards.length;
      const [environment, start] = observations;
      const episode = start / EPISODE;
      expect(steps).toBe(varied.length(environment, episode));
      expect(observations).toHaveLength(2 * (steps + 1));
      expect([...actions]).toEqual(Array.from({ length: steps }, (_, t) => t));
      for (let t = 0; t <= steps; t++) {
        expect([...observations.subarray(2 * t, 2 * t + 2)]).toEqual([environment, start + t]);
      }
      expect(rewards.every((reward, t) => reward === varied.reward!(environment, start + t))).toBe(true);
      expect(truncated).toBe(varied.ending(environment, episode) === "truncated");
      expect(terminated).toBe(!truncated);
    }
  });

  it("starts with a reset, so that every episode is recorded from its start", async () => {
    const vector = scriptedVector({ ...varied, length: () => 10 });
    vector.step(new Int32Array(vector.count));
    const trajectories = await collectEpisodes(clockPolicy(vector), vector, 3, { rng });
    expect(trajectories.map(({ rewards }) => rewards.length)).toEqual([10, 10, 10]);
  });

  it("distributes the episodes evenly, ordered by environment and then time", async () => {
    const vector = scriptedVector({ ...varied, length: (environment) => (environment === 0 ? 90 : 2) });
    const trajectories = await collectEpisodes(clockPolicy(vector), vector, 7, { rng });
    expect(trajectories.map(({ observations }) => observations[0])).toEqual([0, 0, 0, 1, 1, 2, 2]);
    const clocks = trajectories.map(({ observations }) => observations[1]);
    expect(clocks.slice(0, 3).map((clock) => clock - clocks[0])).toEqual([0, EPISODE, 2 * EPISODE]);
  });

  it("keeps episodes longer than its initial buffer", async () => {
    const vector = scriptedVector({ ...varied, count: 1, length: () => 999 });
    const [{ observations, rewards }] = await collectEpisodes(clockPolicy(vector), vector, 1, { rng });
    expect(rewards).toHaveLength(999);
    expect(observations.at(-1)! - observations[1]).toBe(999);
  });

  it("executes and records a box action within its bounds", async () => {
    const scripted = scriptedVector(varied);
    const executed: number[][] = [];
    const step = (actions: ActionBatch) => {
      executed.push([...actions]);
      scripted.step(actions);
    };
    const vector = { ...scripted, step, actionSpace: box([1], -1, 0.5) };
    const policy: Policy = {
      ...clockPolicy(vector),
      act: async () => ({ actions: Float32Array.of(-3, 0.25, 3) }),
    };
    const trajectories = await collectEpisodes(policy, vector, 3, { rng });
    expect(trajectories.map(({ actions }) => actions[0])).toEqual([-1, 0.25, 0.5]);
    expect(executed[0]).toEqual([-1, 0.25, 0.5]);
  });

  it("reports its progress, up to the requested number of episodes", async () => {
    const seen: number[] = [];
    const vector = scriptedVector(varied);
    await collectEpisodes(clockPolicy(vector), vector, 10, { rng, onProgress: (n) => seen.push(n) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(10);
  });

  it("cuts episodes at the limit, and restarts all environments", async () => {
    // Environment 0 never ends; environment 1 ends after 3 steps, and its two other quotas are full before the restart.
    const script: Script = {
      ...varied,
      count: 2,
      length: (environment) => (environment === 0 ? Infinity : 3),
      ending: () => "terminated",
    };
    const vector = { ...scriptedVector(script), episodeLimit: 5 };
    const trajectories = await collectEpisodes(clockPolicy(vector), vector, 6, { rng });
    expect(trajectories.map(({ rewards }) => rewards.length)).toEqual([5, 5, 5, 3, 3, 3]);
    for (const { observations, rewards, truncated, terminated, cutByLimit } of trajectories) {
      const [environment, start] = observations;
      expect(start % EPISODE).toBe(0);
      expect([...observations.slice(-2)]).toEqual([environment, start + rewards.length]);
      expect({ truncated, terminated, cutByLimit }).toEqual(
        environment === 0
          ? { truncated: true, terminated: false, cutByLimit: true }
          : { truncated: false, terminated: true },
      );
    }
  });

  it("does not cut an episode that ends at the limit", async () => {
    const vector = { ...scriptedVector({ ...varied, length: () => 5 }), episodeLimit: 5 };
    const trajectories = await collectEpisodes(clockPolicy(vector), vector, 6, { rng });
    expect(trajectories.some(({ cutByLimit }) => cutByLimit)).toBe(false);
  });

  it("resets the state of a recurrent policy after a cut", async () => {
    const vector = { ...scriptedVector({ ...varied, length: () => Infinity }), episodeLimit: 4 };
    const policy: Policy = {
      ...clockPolicy(vector),
      act: async (observations, { state = new Float32Array(vector.count) }) => {
        for (let i = 0; i < vector.count; i++) expect(state[i]).toBe(observations[2 * i + 1] % EPISODE);
        return { actions: new Int32Array(vector.count), state: state.map((calls) => calls + 1) };
      },
    };
    expect(await collectEpisodes(policy, vector, 7, { rng })).toHaveLength(7);
  });

  it("ends at a signal in the middle of an episode", async () => {
    const vector = { ...scriptedVector({ ...varied, length: () => Infinity }), episodeLimit: Infinity };
    const collecting = collectEpisodes(clockPolicy(vector), vector, 1, {
      rng,
      signal: AbortSignal.timeout(50),
    });
    await expect(collecting).rejects.toThrow(/timeout/);
  });

  it("refuses an invalid number of episodes", async () => {
    const vector = scriptedVector(varied);
    for (const episodes of [0, -1, 1.5, Number.NaN]) {
      await expect(collectEpisodes(clockPolicy(vector), vector, episodes, { rng })).rejects.toThrow(
        `not ${episodes}`,
      );
    }
  });

  it("samples from the caller's stream, or takes the mode", async () => {
    const vector = scriptedVector(varied);
    const policy = clockPolicy(vector);
    const asked: unknown[] = [];
    const act: Policy["act"] = (observations, options) => {
      asked.push({ rng: options.rng, deterministic: options.deterministic });
      return policy.act(observations, options);
    };
    await collectEpisodes({ ...policy, act }, vector, 1, { rng });
    expect(asked[0]).toEqual({ rng, deterministic: false });
    await collectEpisodes({ ...policy, act }, vector, 1, { rng, deterministic: true });
    expect(asked.at(-1)).toEqual({ rng, deterministic: true });
  });

  it("passes a recurrent policy its state, reset at episode ends", async () => {
    const vector = scriptedVector(varied);
    // The state counts calls; were it not cleared, it would run ahead of the clock.
    const policy: Policy = {
      ...clockPolicy(vector),
      act: async (observations, { state = new Float32Array(vector.count) }) => {
        for (let i = 0; i < vector.count; i++) expect(state[i]).toBe(observations[2 * i + 1] % EPISODE);
        return { actions: new Int32Array(vector.count), state: state.map((calls) => calls + 1) };
      },
    };
    await collectEpisodes(policy, vector, 12, { rng });
    expect.hasAssertions();
  });
});

describe("the mean length of collected episodes", () => {
  /** Lengths 1 or 99 with equal odds, so 50 on average. */
  const coinFlips = (seed: number): Script => ({
    count: 8,
    length: (environment, episode) =>
      createRng(seed).stream(String(environment), episode).uniform() < 0.5 ? 1 : 99,
    ending: () => "terminated",
  });

  /** What not to do: keep the first episodes to finish, from whichever environment. */
  async function firstToFinish(
    policy: Policy,
    vector: VectorEnvironment,
    episodes: number,
  ): Promise<number[]> {
    const lengths: number[] = [];
    const running = new Int32Array(vector.count);
    while (lengths.length < episodes) {
      vector.step((await policy.act(vector.observations, { rng })).actions);
      for (let i = 0; i < vector.count; i++) {
        running[i]++;
        if (!vector.terminated[i]) continue;
        lengths.push(running[i]);
        running[i] = 0;
      }
    }
    return lengths.slice(0, episodes);
  }

  const meanOver = async (lengths: (vector: VectorEnvironment) => Promise<number[]>) => {
    const all: number[] = [];
    for (let seed = 0; seed < 60; seed++) all.push(...(await lengths(scriptedVector(coinFlips(seed)))));
    return all.reduce((sum, length) => sum + length, 0) / all.length;
  };

  it("is unbiased with a quota per environment, where the first episodes to finish halve it", async () => {
    const lengthOf = ({ rewards }: Trajectory) => rewards.length;
    const byQuota = await meanOver(async (vector) =>
      (await collectEpisodes(clockPolicy(vector), vector, 16, { rng })).map(lengthOf),
    );
    const byHaste = await meanOver((vector) => firstToFinish(clockPolicy(vector), vector, 16));
    // 60 × 16 episodes with a standard deviation of 49: a standard error of 1.6.
    expect(Math.abs(byQuota - 50)).toBeLessThan(5);
    expect(byHaste).toBeLessThan(35);
  });

  it("is exact if each environment has a constant length", async () => {
    const vector = scriptedVector({ ...varied, count: 4, length: (environment) => 10 * (environment + 1) });
    const trajectories = await collectEpisodes(clockPolicy(vector), vector, 8, { rng });
    const total = trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
    expect(total / 8).toBe(25);
  });
});
