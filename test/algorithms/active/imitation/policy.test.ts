/** @file Acquisition policies: what they choose, saved and loaded, on pools in another order, and bad files. */

import { describe, expect, it } from "vitest";
import { activeLearning } from "../../../../algorithms/active/active-learning.js";
import { policyNetwork } from "../../../../algorithms/active/imitation/network.js";
import {
  type AcquisitionPolicy,
  acquisitionPolicy,
  type PolicySettings,
  restoreAcquisitionPolicy,
} from "../../../../algorithms/active/imitation/policy.js";
import { featureNames } from "../../../../algorithms/active/imitation/situation.js";
import { FormatError, UsageError } from "../../../../src/errors.js";
import type { Labeller } from "../../../../src/people/index.js";
import { createRng } from "../../../../src/random/rng.js";
import { loadArtefact, saveArtefact } from "../../../../src/runs/artefact-files.js";
import { train } from "../../../../src/runs/train.js";
import { blobs } from "../../../support/blobs.js";
import { randomPool } from "../../../support/pools.js";

function policyWith(more: Partial<PolicySettings> = {}): AcquisitionPolicy {
  const settings: PolicySettings = {
    ...{ learner: "ialeImitation", classes: 3, embeddingWidth: 4, hidden: [5], subPool: 12 },
    ...{ features: [...featureNames], standardiseEmbeddings: true, drawsByItem: false },
    classifier: { name: "mlp", hidden: [4] },
    ...more,
  };
  const network = policyNetwork(settings, {
    output: "sigmoid",
    epochs: 1,
    learningRate: 1,
    minibatchSize: 1,
  });
  return acquisitionPolicy(settings, network, network.initialise(createRng(7)));
}

const items = Array.from({ length: 30 }, (_, i) => 3 * i);
const shuffled = createRng(5).shuffle([...items]);
const targets = [1, 0, 0, 0, 1, 0];
const pool = (candidates = items) => ({
  ...randomPool({ candidates }),
  labelledTargets: Float32Array.from(targets),
  restrictedTo: (fewer: Int32Array) => pool([...fewer]),
});

describe.each([
  ["a batch", false],
  ["each item of a batch", true],
])("a policy that draws candidates for %s", (_, drawsByItem) => {
  const policy = policyWith({ drawsByItem, subPool: 6 });

  it("gives distinct candidates, as many as asked for or all", async () => {
    for (const size of [1, 4, 30, 40]) {
      const batch = await policy.select(pool(), size, createRng(size));
      expect(batch).toHaveLength(Math.min(size, 30));
      expect(new Set(batch).size).toBe(batch.length);
      for (const item of batch) expect(items).toContain(item);
    }
  });

  it("chooses the same from a pool in another order, and after it was saved and loaded", async () => {
    const batch = await policy.select(pool(), 5, createRng(1));
    expect(await policy.select(pool(shuffled), 5, createRng(1))).toEqual(batch);
    const loaded = restoreAcquisitionPolicy(loadArtefact(saveArtefact(policy)));
    expect(await loaded.select(pool(), 5, createRng(1))).toEqual(batch);
    expect(loaded.settings).toEqual(policy.settings);
    expect(await policy.select(pool(), 5, createRng(2))).not.toEqual(batch);
  });
});

describe("an acquisition policy", () => {
  it("chooses the candidates with the largest scores of those that it draws", async () => {
    const policy = policyWith({ subPool: 30 });
    const scores = await policy.scores(pool());
    const best = [...items.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, 4);
    expect([...(await policy.select(pool(), 4, createRng(1)))]).toEqual(best.map((i) => items[i]));
    for (const score of scores) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
  });

  it("draws as many candidates as it is told", async () => {
    const seen: number[] = [];
    const counting = (candidates = items): ReturnType<typeof pool> => ({
      ...pool(candidates),
      probabilities: () => {
        seen.push(candidates.length);
        return pool(candidates).probabilities();
      },
      restrictedTo: (fewer) => counting([...fewer]),
    });
    await policyWith().select(counting(), 3, createRng(1));
    await policyWith().among(20).select(counting(), 3, createRng(1));
    await policyWith({ drawsByItem: true }).among(2).select(counting(), 3, createRng(1));
    expect(seen).toEqual([12, 20, 2, 2, 2]);
  });

  it("sees the mean of the whole pool, in one order, and not only what it draws", async () => {
    const policy = policyWith({
      features: ["embedding", "poolMean"],
      standardiseEmbeddings: false,
      subPool: 4,
    });
    const embedded: number[][] = [];
    const counting = (candidates: number[]): ReturnType<typeof pool> => ({
      ...pool(candidates),
      embeddings: () => {
        embedded.push(candidates);
        return pool(candidates).embeddings();
      },
      restrictedTo: (fewer) => counting([...fewer]),
    });
    await policy.select(counting(shuffled), 2, createRng(1));
    expect(embedded.map(({ length }) => length).sort()).toContain(30);
    expect(embedded.find(({ length }) => length === 30)).toEqual(items);
  });

  it("refuses data with other sizes before a question is asked, and says which classifier has them", async () => {
    const labeller: Labeller<"label"> = {
      kind: "test",
      asks: "label",
      label() {
        throw new Error("a question was asked");
      },
    };
    const run = (acquisition: AcquisitionPolicy, classes: number, hidden: number[]) =>
      train(activeLearning({ acquisition, labeller, classifier: { name: "mlp", hidden }, budget: 30 }), {
        data: blobs({ classes }),
        seed: 0,
      });
    const refused = (policy: AcquisitionPolicy, classes: number, hidden: number[], message: string) =>
      Promise.all([
        expect(run(policy, classes, hidden)).rejects.toThrow(message),
        expect(run(policy, classes, hidden)).rejects.toThrow(UsageError),
      ]);
    await refused(policyWith(), 4, [4], "learnt for 3 classes, and the data have 4: learn one for 4");
    await refused(
      policyWith(),
      3,
      [6],
      'embeddings of the width 4, and those of the classifier have 6: use the classifier {"name":"mlp","hidden":[4]}',
    );
    const pools = randomPool({ width: 5 });
    await expect(policyWith().select(pools, 1, createRng(1))).rejects.toThrow("have 5: use the classifier");
  });

  it("is refused from other artefacts and damaged files", () => {
    const data = policyWith().toData();
    expect(() => restoreAcquisitionPolicy({ ...data, kind: "active-classifier" })).toThrow(
      "of the kind active-classifier, not an acquisition policy",
    );
    expect(() => restoreAcquisitionPolicy({ ...data, kind: "active-classifier" })).toThrow(UsageError);
    const { hidden: _, ...rest } = data.settings;
    expect(() => restoreAcquisitionPolicy({ ...data, settings: rest })).toThrow("its setting hidden");
    for (const settings of [
      rest,
      { ...data.settings, features: ["age"] },
      { ...data.settings, hidden: [6] },
    ]) {
      expect(() => restoreAcquisitionPolicy({ ...data, settings })).toThrow(FormatError);
    }
    const { "output.bias": __, ...arrays } = data.arrays;
    expect(() => restoreAcquisitionPolicy({ ...data, arrays })).toThrow(FormatError);
  });
});
