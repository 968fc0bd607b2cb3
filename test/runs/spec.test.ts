/** @file A run as plain data: one merge, one place for defaults, self-contained records. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { bc, catalogue, dagger } from "../../algorithms/index.js";
import { algorithmNames } from "../../algorithms/load.js";
import { environmentFields, problemFields } from "../../cli/fields.js";
import "../../envs/index.js";
import {
  collect,
  loadDemonstrations,
  loadExpert,
  type RunConfig,
  type RunSpec,
  type TrainSpec,
  train,
} from "../../index.js";
import { describeOptions } from "../../src/config/describe-options.js";
import { merge } from "../../src/config/merge.js";
import { savePreferences } from "../../src/datasets/preferences-folder.js";
import { writeDemonstrations } from "../../src/datasets/read-demonstrations.js";
import { UsageError } from "../../src/errors.js";
import { resolve } from "../../src/runs/resolve.js";
import { sinkFormatNames } from "../../src/runs/sinks/formats.js";
import { specFields, specSchema } from "../../src/runs/spec.js";
import { diskFolder } from "../../src/state/files.js";
import { blobs, csvOf, ofLabelledSets } from "../support/blobs.js";
import { chainEnvironment, randomSearch } from "../support/chain.js";
import { randomEpisodes } from "../support/imitation.js";
import { twoClouds } from "../support/logistic-regression.js";
import { shownPreferences } from "../support/preferences.js";

vi.mock("../../algorithms/index.js", async (original) =>
  (await import("../support/with-data-learner.js")).indexWithDataLearner(await original()),
);
vi.mock("../../algorithms/load.js", async (original) =>
  (await import("../support/with-data-learner.js")).loadWithDataLearner(await original()),
);

const parent = mkdtempSync(join(tmpdir(), "spec-"));
afterAll(() => rmSync(parent, { recursive: true }));
const at = (name: string) => join(parent, name);
const config = (folder: string): RunConfig => JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
const bytes = (folder: string) => readFileSync(join(folder, "policy.safetensors"));

const CART = "CartPole-v1";
beforeAll(async () => {
  const policy = await loadExpert(CART);
  await collect(policy, { env: CART, episodes: 2, seed: 1, folder: at("demos") });
});

describe("merge", () => {
  const schema = z.object({ optimiser: z.unknown().meta({ tag: "algorithm" }), nested: z.object({}) });

  it("puts the upper options over the lower ones, also nested ones", () => {
    const under = { a: 1, nested: { b: 2, c: 3 }, list: [1, 2] };
    expect(merge(under, { nested: { c: 4 }, list: [5] })).toEqual({
      a: 1,
      nested: { b: 2, c: 4 },
      list: [5],
    });
  });

  it("keeps nothing of another kind", () => {
    const under = { optimiser: { algorithm: "ppo", epochs: 5 } };
    expect(merge(under, { optimiser: "sac" }, schema)).toEqual({ optimiser: { algorithm: "sac" } });
    expect(merge(under, { optimiser: { learningRate: 1 } }, schema)).toEqual({
      optimiser: { algorithm: "ppo", epochs: 5, learningRate: 1 },
    });
  });

  it("replaces references and objects with functions as a whole", () => {
    expect(merge({ expert: { expert: "A", checksum: "1" } }, { expert: { policy: "runs/b" } })).toEqual({
      expert: { policy: "runs/b" },
    });
    const live = { name: "mine", update() {} };
    expect(merge({ optimiser: { algorithm: "ppo" } }, { optimiser: live }, schema).optimiser).toBe(live);
  });

  it("ignores undefined values", () => {
    expect(merge({ a: 1 }, { a: undefined })).toEqual({ a: 1 });
  });
});

describe("tuned settings", () => {
  it("are kept beside one nested option set in code", async () => {
    const { state, close } = await train.run("gail", {
      env: CART,
      steps: 1,
      options: {
        demonstrations: await loadDemonstrations(at("demos")),
        optimiser: { learningRate: 1e-3, epochs: 1 },
      },
      diagnose: { share: 0 },
    });
    const { optimiser } = state as unknown as { optimiser: { environments: { count: number } } };
    expect(optimiser.environments.count).toBe(32);
    close();
  });
});

describe("defaults", () => {
  it("are in the spec only, and the command line reads them there", () => {
    expect(specFields.evaluate.unwrap().parse({ every: 1 })).toEqual({ every: 1, episodes: 20 });
    expect(specFields.checkpoint.parse(undefined)).toEqual({ seconds: 60, keep: 3 });
    expect(problemFields.workerTimeout.parse(undefined)).toBe(300);
    expect(environmentFields.environmentOptions).toBe(specFields.environmentOptions);
  });

  it("each have a description", () => {
    const bare = describeOptions(specSchema).filter(
      ({ meaning, name }) => meaning === "" && name !== "episodes",
    );
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it("take the sink formats from one table", () => {
    for (const name of sinkFormatNames) expect(specFields.sinks.description).toContain(name);
  });
});

describe("a record", () => {
  it("runs again and resumes on its own, from a folder of demonstrations", async () => {
    const demonstrations = await loadDemonstrations(at("demos"));
    await train(bc({ demonstrations, epochs: 2 }), { env: CART, steps: 40, folder: at("a") });
    expect(config(at("a"))).toMatchObject({
      algorithm: "bc",
      env: CART,
      options: { demonstrations: { from: at("demos"), episodes: 2, checksum: expect.any(String) } },
    });
    const spec: TrainSpec = { ...(config(at("a")) as RunSpec), folder: at("b") };
    await train(spec);
    expect(bytes(at("b"))).toEqual(bytes(at("a")));
    expect(config(at("b"))).toEqual(config(at("a")));

    const { steps } = await train.run({ ...spec, steps: 64, folder: at("a"), resume: true });
    expect(steps).toBe(64);
  });

  it("references the policies of expert and labeller, which are loaded again", async () => {
    const expert = await train("ppo", { env: CART, steps: 256, folder: at("expert") });
    const options = { rounds: 1, roundSteps: 32, epochs: 1 };
    await train(dagger({ expert, ...options }), { env: CART, folder: at("dagger") });
    expect(config(at("dagger")).options.expert).toMatchObject({
      policy: join(at("expert"), "policy.safetensors"),
      kind: "network",
    });
    await train({ ...(config(at("dagger")) as RunSpec), folder: at("dagger again") });
    expect(bytes(at("dagger again"))).toEqual(bytes(at("dagger")));

    await train(dagger({ expert: await loadExpert(CART), ...options }), { env: CART, folder: at("zoo") });
    expect(config(at("zoo")).options.expert).toMatchObject({ expert: CART });
    cpSync(at("expert"), at("other"), { recursive: true });
    await train("ppo", { env: CART, steps: 256, seed: 5, folder: at("five") });
    cpSync(join(at("five"), "policy.safetensors"), join(at("expert"), "policy.safetensors"));
    await expect(train({ ...(config(at("dagger")) as RunSpec), folder: at("c") })).rejects.toThrow(
      /policy\.safetensors has changed since it was recorded: its checksum was \w+ and is \w+ now; restore it/,
    );
  });

  it("of changed demonstrations is refused, with their name and both checksums", async () => {
    await train("bc", {
      options: { demonstrations: { from: at("demos") }, epochs: 1 },
      steps: 5,
      folder: at("before"),
    });
    const spec = config(at("before")) as RunSpec;
    const { checksum } = spec.options!.demonstrations as { checksum: string };
    rmSync(at("demos"), { recursive: true });
    await collect(await loadExpert(CART), { env: CART, episodes: 2, seed: 2, folder: at("demos") });
    const again = train({ ...spec, folder: at("before"), resume: true } as TrainSpec);
    await expect(again).rejects.toThrow(UsageError);
    await expect(again).rejects.toThrow(
      `${at("demos")} has changed since it was recorded: its checksum was ${checksum} and is `,
    );
  });

  it("of an object passed in code asks for it again, and resumes with the same one", async () => {
    const demonstrations = await collect(await loadExpert(CART), { env: CART, episodes: 1 });
    const options = { env: CART, steps: 5, folder: at("given") };
    await train(bc({ demonstrations }), options);
    const record = config(at("given"));
    expect(record.options.demonstrations).toMatchObject({
      given: "demonstrations",
      checksum: expect.any(String),
    });
    await expect(train({ ...(record as RunSpec), folder: at("d") } as TrainSpec)).rejects.toThrow(
      /bc: option "demonstrations" was passed in code .* pass it again/,
    );
    const { steps } = await train.run(bc({ demonstrations }), { ...options, steps: 32, resume: true });
    expect(steps).toBe(32);
  });

  it("of an algorithm or environment passed in code names it in the error", async () => {
    await train(randomSearch(), { env: chainEnvironment, steps: 64, folder: at("code") });
    const record = config(at("code")) as RunSpec;
    await expect(train({ ...record, folder: at("e") } as TrainSpec)).rejects.toThrow(
      /the algorithm randomSearch was passed in code/,
    );
    await expect(train({ ...record, algorithm: "sarsa", options: {} } as TrainSpec)).rejects.toThrow(
      /the environment Chain-v0 was a function in code/,
    );
  });

  it("of version 0.1 is refused with the reason", async () => {
    await train(randomSearch(), { env: chainEnvironment, steps: 64, folder: at("old") });
    const { format: _, ...old } = config(at("old"));
    writeFileSync(join(at("old"), "config.json"), JSON.stringify(old));
    const again = train(randomSearch(), { env: chainEnvironment, folder: at("old"), resume: true });
    await expect(again).rejects.toThrow(/was written by understudy 0\.1, .* train into a new folder/);
  });
});

describe("resolving a resolved run", () => {
  const settings = {
    seed: 3,
    environmentOptions: {},
    options: {},
    tuned: true,
    sinks: [],
    workers: 0,
    workerTimeout: 300,
  };
  const checkpoint = { seconds: 60, keep: 3 };

  it.each(catalogue.filter(({ needs = [] }) => needs.length === 0))("does not change $name", async ({
    name,
    source,
  }) => {
    const isOfItems = ofLabelledSets.includes(name);
    const own: Record<string, string> = { rewardModel: "compared", densityReward: "shown" };
    const path = at(own[name] ?? (isOfItems ? "items.csv" : "data.json"));
    if (name === "rewardModel") await savePreferences(diskFolder(path), await shownPreferences({ pairs: 4 }));
    else if (name === "densityReward")
      await writeDemonstrations(await randomEpisodes("CartPole-v1", 1), path);
    else if (isOfItems) writeFileSync(path, csvOf(blobs()));
    else if (source) writeFileSync(path, JSON.stringify(twoClouds(20)));
    const data = source && { from: path };
    const { config } = await resolve({ ...settings, algorithm: name, checkpoint, data });
    const again = await resolve(specSchema.parse(JSON.parse(JSON.stringify(config))));
    expect(again.config).toEqual(JSON.parse(JSON.stringify(config)));
    expect(algorithmNames).toContain(name);
  });
});
