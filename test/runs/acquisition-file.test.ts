/** @file Acquisition policies by their path: in code, in records of runs, and where the file has changed. */

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { activeLearning } from "../../algorithms/active/active-learning.js";
import { ialeImitation } from "../../algorithms/active/iale-imitation.js";
import type { AcquisitionPolicy } from "../../algorithms/active/imitation/policy.js";
import { UsageError } from "../../src/errors.js";
import { createRng } from "../../src/random/rng.js";
import { acquisitionIn, isAcquisitionPath } from "../../src/runs/acquisition-file.js";
import { saveArtefact } from "../../src/runs/artefact-files.js";
import { train } from "../../src/runs/train.js";
import { blobs, csvOf } from "../support/blobs.js";
import { randomPool } from "../support/pools.js";

const parent = mkdtempSync(join(tmpdir(), "acquisition-"));
const at = (name: string) => join(parent, name);
const classifier = { name: "softmax-regression", fitSteps: 5 };
const small = {
  ...{ classifier, experts: ["margin", "random"], hidden: [4], epochs: 2 },
  ...{ initial: 6, batch: 3, subPool: 10, budget: 12, episodes: 1, judge: 30 },
};
const learn = (seed: number, folder?: string) =>
  train(ialeImitation(small), {
    data: blobs(),
    seed,
    ...(folder && { folder }),
  }) as Promise<AcquisitionPolicy>;
const labelling = { classifier, initial: 6, batch: 3, budget: 12 };

let policy: AcquisitionPolicy;
beforeAll(async () => {
  policy = await learn(0, at("iale"));
  writeFileSync(at("items.csv"), csvOf(blobs({ seed: 2 })));
});

const pool = { ...randomPool({ width: 2 }), labelledTargets: Float32Array.of(1, 0, 0, 0, 1, 0) };

describe("a policy in a run folder", () => {
  it("chooses as the one that was learnt, also from its file", async () => {
    const batch = await policy.select(pool, 4, createRng(1));
    for (const path of [at("iale"), at("iale/artefact.safetensors")]) {
      expect(await (await acquisitionIn(path)).select(pool, 4, createRng(1))).toEqual(batch);
    }
  });

  it("chooses among other numbers of candidates", async () => {
    expect(policy.settings.subPool).toBe(10);
    expect((await acquisitionIn(`${at("iale")}@25`)).settings.subPool).toBe(25);
  });

  it("is known from a name by its path", () => {
    for (const path of ["runs/iale", "./iale@50", "a\\b", "rule.safetensors", "rule.safetensors@5"]) {
      expect(isAcquisitionPath(path)).toBe(true);
    }
    for (const name of ["margin", "margin@100", "batch-bald"]) expect(isAcquisitionPath(name)).toBe(false);
  });

  it("is refused where there is none, or another artefact, by the path", async () => {
    await expect(acquisitionIn(at("nothing"))).rejects.toThrow(at("nothing"));
    await train(activeLearning(labelling), { data: blobs(), seed: 0, folder: at("classifier") });
    const other = () => acquisitionIn(at("classifier"));
    await expect(other()).rejects.toThrow(
      `${at("classifier")}: the artefact is of the kind active-classifier`,
    );
    await expect(other()).rejects.toThrow(UsageError);
  });
});

describe("a run of active learning", () => {
  const run = (folder: string, more = {}) =>
    train("activeLearning", {
      data: at("items.csv"),
      options: { ...labelling, acquisition: { policy: at("iale") } },
      seed: 0,
      folder: at(folder),
      ...more,
    });

  it("names the policy in its record, with its checksum, and buys what it does in code", async () => {
    const named = (await run("by-name")) as unknown as { items: Int32Array };
    const { options } = JSON.parse(readFileSync(at("by-name/config.json"), "utf8"));
    expect(options.acquisition).toEqual({
      policy: at("iale"),
      kind: "acquisition-policy",
      checksum: expect.stringMatching(/^[0-9a-f]{8}$/),
    });
    const set = blobs({ seed: 2 });
    const direct = await train(activeLearning({ ...labelling, acquisition: policy }), { data: set, seed: 0 });
    expect(direct.items).toEqual(named.items);
  });

  it("is not resumed with another policy in the same place", async () => {
    const first = readFileSync(at("iale/artefact.safetensors"));
    await run("changed", { steps: 9 });
    await saveArtefact(await learn(1), at("iale/artefact.safetensors"));
    await expect(run("changed", { resume: true })).rejects.toThrow("acquisition");
    writeFileSync(at("iale/artefact.safetensors"), first);
    await run("changed", { resume: true });
  });

  it("takes no path in place of a name in code, and says what it takes", () => {
    expect(() => activeLearning({ acquisition: "runs/iale" })).toThrow(
      'unknown acquisition "runs/iale"; a policy in a file is { policy: "runs/iale" }',
    );
  });
});
