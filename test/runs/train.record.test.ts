/** @file Recordings during training: when, where, and without an effect on the run. */

import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ppo } from "../../algorithms/index.js";
import { train } from "../../src/runs/index.js";
import "../../envs/index.js";

const small = () => ppo({ environments: 4, rolloutSteps: 8, minibatchSize: 32, epochs: 1, hidden: [4] });
const options = { env: "CartPole-v1", steps: 96, seed: 0, maxEpisodeSteps: 5 };

describe("recordings during training", () => {
  it("are replays of the policy so far, on schedule and at the end, and change no number", async () => {
    const folder = join(mkdtempSync(join(tmpdir(), "understudy-record-")), "run");
    const record = { every: 64, episodes: 2 };
    const recorded = await train.run(small(), { ...options, folder, record });
    const plain = await train.run(small(), options);
    recorded.close();
    plain.close();
    expect(recorded.policy.toData().arrays).toEqual(plain.policy.toData().arrays);
    expect(readdirSync(join(folder, "episodes")).sort()).toEqual(["64.html", "96.html"]);
    const html = readFileSync(join(folder, "episodes/64.html"), "utf8");
    expect(html).toContain("<title>ppo on CartPole-v1 after 64 environment steps</title>");
    expect(html).toContain("episode 2 · step 5");
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")).record).toEqual(record);
  });

  it("need a folder, and an environment that is drawn", async () => {
    await expect(train(small(), { ...options, record: { every: 10 } })).rejects.toThrow(
      "train: record needs a folder",
    );
    const env = () => ({
      id: "Blank",
      observationSpace: { n: 2 },
      actionSpace: { n: 2 },
      reset: () => 0,
      step: () => [0, 0, true, false, {}],
    });
    const folder = join(mkdtempSync(join(tmpdir(), "understudy-record-")), "run");
    await expect(train(small(), { ...options, env, folder, record: { every: 10 } })).rejects.toThrow(
      "Blank draws no pictures",
    );
  });
});
