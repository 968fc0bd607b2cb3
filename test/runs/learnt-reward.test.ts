/** @file A run that maximises a learnt reward: where it is read from, what is recorded, and what is refused. */

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import "../../envs/index.js";
import { dqn, loadReward, maxCausalEntIrl, valueIteration, withReward } from "../../algorithms/index.js";
import { collect, savePolicy, train } from "../../index.js";

const env = "FrozenLake-v1";
const folder = mkdtempSync(join(tmpdir(), "learnt-reward-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inverse = join(folder, "irl");
const file = join(inverse, "reward.safetensors");

beforeAll(async () => {
  const expert = await train(valueIteration(), { env });
  const demonstrations = await collect(expert, { env, episodes: 3, seed: 0, deterministic: true });
  const where = { env, environmentOptions: { slippery: true } };
  for (const [iterations, out] of [
    [2, inverse],
    [4, join(folder, "other")],
  ] as const) {
    await train(maxCausalEntIrl({ demonstrations, iterations }), { ...where, folder: out });
  }
});

const options = { environments: 2, learningStarts: 8, minibatchSize: 8, trainEvery: 2 };
const request = { options, steps: 32, seed: 1, tuned: false };

describe("a run with a learnt reward", () => {
  it("is that of withReward, in the environment of the reward's run, with a reference in its config", async () => {
    const run = join(folder, "run");
    const policy = await train("dqn", { ...request, learntReward: { from: inverse }, folder: run });
    const reward = loadReward(readFileSync(file));
    // The steps of n-step returns are stored with their sums, which a learnt reward cannot replace.
    const own = await train(withReward(dqn({ ...options, nStep: 1 }), reward), { env, steps: 32, seed: 1 });
    expect(savePolicy(policy)).toEqual(savePolicy(own));
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
    expect(config).toMatchObject({
      env,
      learntReward: { from: inverse, checksum: expect.stringMatching(/^[0-9a-f]{8}$/) },
      options: { nStep: 1 },
    });
    expect(savePolicy(await train(config))).toEqual(savePolicy(own));
    const { learntReward: _, ...without } = config;
    await expect(train({ ...without, steps: 64, folder: run, resume: true })).rejects.toThrow(
      /cannot resume .*: its learntReward\.checksum is .*, but not set was requested/,
    );
  });

  it("is refused when the file has changed", async () => {
    const moved = join(folder, "moved.safetensors");
    copyFileSync(file, moved);
    const run = join(folder, "checked");
    await train("valueIteration", { env, learntReward: { from: moved }, folder: run });
    const config = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
    copyFileSync(join(folder, "other", "reward.safetensors"), moved);
    await expect(train(config)).rejects.toThrow(/moved\.safetensors has changed since it was recorded/);
  });

  it.each([
    ["an algorithm that takes none", "qLearning", () => inverse, /qLearning cannot maximise a learnt reward/],
    ["a folder without one", "ppo", () => folder, /no learnt reward in .*: it has no reward\.safetensors/],
    ["a file of another kind", "ppo", () => join(inverse, "policy.safetensors"), /is not a readable reward/],
    ["nothing at the path", "ppo", () => join(folder, "none"), /cannot read .*none/],
  ] as const)("is refused for %s", async (_, algorithm, from, message) => {
    const out = join(folder, "refused");
    const run = train(algorithm, { env, learntReward: { from: from() }, folder: out });
    await expect(run).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  it("is refused for a learner in code, which takes it by withReward", async () => {
    const run = train(dqn(options), { env, learntReward: { from: inverse } });
    await expect(run).rejects.toThrow(/dqn is a learner already: .*withReward/);
  });
});
