/** @file IALE: which expert is imitated, who chooses, what is learnt, runs that stop and go on, and bad input. */

import { describe, expect, it } from "vitest";
import {
  bestInOrder,
  type IaleImitationOptions,
  ialeImitation,
} from "../../../algorithms/active/iale-imitation.js";
import type { ImitationState } from "../../../algorithms/active/imitation/learner.js";
import { policyNetwork } from "../../../algorithms/active/imitation/network.js";
import { coreSet, margin, poolView } from "../../../src/active/index.js";
import { featuresOf, type LabelledSet } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import type { Metrics } from "../../../src/learning/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { blobs } from "../../support/blobs.js";
import { centroids } from "../../support/centroids.js";

const set = blobs({ spread: 0.6 });
const small = {
  ...{ classifier: centroids(), experts: ["margin", "core-set"], standardise: false },
  ...{ initial: 6, batch: 4, subPool: 20, budget: 18, episodes: 2, judge: 60, epochs: 4, hidden: [8] },
};
const tiny = { name: "mlp", hidden: [4], fitSteps: 4, samples: 3 };

/** All steps of a run, and the state after each. */
async function courses(options: IaleImitationOptions = {}, data: LabelledSet = set, seed = 0) {
  const learner = ialeImitation({ ...small, ...options });
  const state = await learner.init(data, createRng(seed));
  const metrics: Metrics[] = [];
  const labelled: Int32Array[] = [];
  while (!learner.done!(state)) {
    metrics.push(await learner.update(state));
    labelled.push(state.labelled);
  }
  return { learner, state, metrics, labelled };
}

/** The items with these features: no two of the set are alike. */
const itemsAt = (rows: Float32Array) =>
  Array.from(
    { length: rows.length / 2 },
    (_, i) =>
      Array.from({ length: 300 }, (_, item) => item).find(
        (item) => set.features[2 * item] === rows[2 * i] && set.features[2 * item + 1] === rows[2 * i + 1],
      )!,
  );

describe("a course", () => {
  it("labels a batch a step, up to the budget, and starts again from other items", async () => {
    const { metrics, state, labelled } = await courses();
    expect(metrics.map(({ steps, episode, labelled }) => [steps, episode, labelled])).toEqual([
      [1, 1, 6],
      [2, 1, 10],
      [3, 1, 14],
      [4, 2, 6],
      [5, 2, 10],
      [6, 2, 14],
    ]);
    expect(state.pairs).toHaveLength(6);
    expect(labelled[0].slice(0, 6)).not.toEqual(labelled[3].slice(0, 6));
    expect(new Set(labelled[1]).size).toBe(14);
    for (const item of labelled[1]) expect(state.judge).not.toContain(item);
    const counts = [0, 1, 2].map(
      (k) => [...labelled[0].slice(0, 6)].filter((i) => set.labels![i] === k).length,
    );
    expect(counts).toEqual([2, 2, 2]);
    for (const { loss } of [metrics[2], metrics[5]]) expect(loss).toBeGreaterThan(0);
    for (const { chosen } of state.pairs) expect(chosen.reduce((a, b) => a + b)).toBe(4);
  });

  it("takes no more than the budget in its last step, and no item that the files set apart", async () => {
    const test = Int32Array.from({ length: 100 }, (_, i) => 3 * i);
    const { state } = await courses({ budget: 12 }, { ...set, test });
    expect(state.pairs.map(({ chosen }) => chosen.reduce((a, b) => a + b))).toEqual([4, 2, 4, 2]);
    for (const item of [...state.pool, ...state.judge]) expect(test).not.toContain(item);
  });
});

describe("the expert that is imitated", () => {
  it("is the one after whose choice a fresh classifier is most accurate, found by brute force", async () => {
    const { metrics, state } = await courses({ beta: { kind: "constant", value: 1 }, episodes: 3 });
    const classifier = centroids()({ shape: [2], classes: 3 });
    const targetsOf = (items: ArrayLike<number>) => {
      const targets = new Float32Array(3 * items.length);
      for (let i = 0; i < items.length; i++) targets[3 * i + set.labels![items[i]]] = 1;
      return targets;
    };
    const fitted = (items: Int32Array) =>
      classifier.fit(
        { count: items.length, features: featuresOf(set, items), targets: targetsOf(items) },
        createRng(0),
      );
    const accuracy = async (items: Int32Array) => {
      const p = await classifier.probabilities(await fitted(items), featuresOf(set, state.judge));
      const hits = state.judge.filter((item, i) => {
        const own = [0, 1, 2].map((k) => p[3 * i + k]);
        return own.indexOf(Math.max(...own)) === set.labels![item];
      });
      return hits.length / state.judge.length;
    };
    let labelled = new Int32Array(0);
    const wins = [0, 0];
    for (const [n, pair] of state.pairs.entries()) {
      if (n % 3 === 0) {
        const again = await ialeImitation(small).init(set, createRng(0));
        again.episode = n / 3;
        await ialeImitation({ ...small, beta: { kind: "constant", value: 1 } }).update(again);
        labelled = again.labelled.slice(0, 6);
      }
      const candidates = Int32Array.from(itemsAt(pair.embeddings));
      const seen = {
        ...{ classifier, model: await fitted(labelled), classes: 3, labelled, targets: targetsOf(labelled) },
        features: (items: Int32Array) => featuresOf(set, items),
        rng: createRng(0),
      };
      const each: number[] = [];
      const chosen: number[][] = [];
      for (const expert of [margin(), coreSet()]) {
        const items = (await expert.select(poolView(seen, candidates), 4, createRng(0))).sort();
        chosen.push([...items]);
        each.push(await accuracy(Int32Array.from([...labelled, ...items])));
      }
      const { best, bestAccuracy } = metrics[n];
      expect(bestAccuracy).toBe(Math.max(...each));
      expect(each[best]).toBe(bestAccuracy);
      expect([...candidates.filter((_, i) => pair.chosen[i] === 1)].sort((a, b) => a - b)).toEqual(
        chosen[best],
      );
      wins[best]++;
      labelled = Int32Array.from([...labelled, ...chosen[best]]);
    }
    expect(state.wins).toEqual(wins);
  });

  it("is judged by fits that start alike: each step has one stream for the model and one for all fits that judge", async () => {
    const draws: [number, number][] = [];
    const classifier = centroids((rng, count) => draws.push([count, rng.uniform()]));
    await courses({ classifier, episodes: 1, budget: 14 });
    expect(draws.map(([count]) => count)).toEqual([6, 10, 10, 10, 14, 14]);
    expect(draws[1][1]).toBe(draws[2][1]);
    expect(draws[4][1]).toBe(draws[5][1]);
    expect(new Set(draws.map(([, draw]) => draw)).size).toBe(4);
  });

  it("is any of equally good ones, by chance and not by their order", () => {
    const counts = [0, 0, 0];
    for (let seed = 0; seed < 600; seed++) counts[bestInOrder([0.5, 0.7, 0.7], createRng(seed))]++;
    expect(counts[0]).toBe(0);
    for (const n of counts.slice(1)) expect(Math.abs(n - 300)).toBeLessThan(60);
    expect(bestInOrder([0.1, 0.2, 0.9], createRng(1))).toBe(2);
  });

  it("may be dropout masks or models that vote, and the batch is the same in each run", async () => {
    const options = {
      classifier: tiny,
      experts: ["mc-dropout", "ensemble", "random"],
      budget: 14,
      episodes: 1,
    };
    const [one, other] = [await courses(options), await courses(options)];
    expect(snapshot(other.state)).toEqual(snapshot(one.state));
    expect(one.state.wins.reduce((a, b) => a + b)).toBe(2);
    expect((await courses(options, set, 1)).state.pairs).not.toEqual(one.state.pairs);
  });
});

describe("who chooses", () => {
  const many = { initial: 6, batch: 1, subPool: 5, budget: 46, episodes: 3, epochs: 1 };
  const acts = async (options: IaleImitationOptions) =>
    (await courses({ ...many, ...options })).metrics.map(({ policyActs }) => policyActs);

  it("is the policy with the probability 1 − β at each step, or in whole episodes", async () => {
    const share = async (value: number) => {
      const own = await acts({ beta: { kind: "constant", value } });
      return own.reduce((a, b) => a + b) / own.length;
    };
    expect(await share(1)).toBe(0);
    expect(await share(0)).toBe(1);
    // 120 steps; three standard errors are 0.13.
    expect(Math.abs((await share(0.3)) - 0.7)).toBeLessThan(0.13);
    const whole = await acts({ coin: "episode", episodes: 6, budget: 10 });
    for (let e = 0; e < 6; e++) expect(new Set(whole.slice(4 * e, 4 * e + 4)).size).toBe(1);
    expect(new Set(whole).size).toBe(2);
  });

  it("is the expert in the first episode, and less and less, with an exponential β", async () => {
    const own = await acts({ beta: { kind: "exponential", factor: 0.3 } });
    const shares = [0, 1, 2].map((e) => own.slice(40 * e, 40 * (e + 1)).reduce((a, b) => a + b) / 40);
    expect(shares[0]).toBe(0);
    expect(shares[1]).toBeGreaterThan(0.5);
    expect(shares[2]).toBeGreaterThan(shares[1]);
  });

  it("decides what is labelled, and the expert's choice is kept in both cases", async () => {
    const chosenBy = async (value: number) =>
      courses({ episodes: 1, budget: 10, beta: { kind: "constant", value } });
    const [expert, policy] = [await chosenBy(1), await chosenBy(0)];
    expect(policy.state.pairs[0]).toEqual(expert.state.pairs[0]);
    expect(policy.metrics[0].agreement).toBe(expert.metrics[0].agreement);
    expect(policy.metrics[0].agreement).toBeLessThan(1);
    const two = { episodes: 1, budget: 14 };
    const first = async (value: number) =>
      (await courses({ ...two, beta: { kind: "constant", value } })).labelled[0];
    const { state } = expert;
    const shown = itemsAt(state.pairs[0].embeddings).filter((_, i) => state.pairs[0].chosen[i] === 1);
    expect([...(await first(1))].slice(6).sort()).toEqual(shown.sort());
    expect([...(await first(0))].slice(6).sort()).not.toEqual(shown.sort());
  });
});

describe("the policy", () => {
  it("is fitted to all pairs from fresh weights after each episode", async () => {
    const { state } = await courses();
    const { form } = state.live.network;
    const network = policyNetwork(form, {
      output: "sigmoid",
      epochs: 4,
      learningRate: 1e-3,
      minibatchSize: 256,
    });
    const { parameters } = await network.fit(state.pairs, createRng(0).stream("policy", 2));
    expect(state.parameters).toEqual(parameters);
  });

  it("agrees with the expert more than one that was not trained", async () => {
    const options = {
      ...{ experts: ["margin"], features: ["probabilities" as const], episodes: 8, budget: 26, batch: 2 },
      ...{ epochs: 60, learningRate: 0.01, hidden: [16], minibatchSize: 64 },
    };
    const { metrics } = await courses(options);
    const agreement = (of: Metrics[]) => of.reduce((sum, row) => sum + row.agreement, 0) / of.length;
    expect(agreement(metrics.slice(0, 10))).toBeLessThan(0.3);
    expect(agreement(metrics.slice(-40))).toBeGreaterThan(0.45);
  });
});

describe("a run that is stopped", () => {
  it("goes on bit for bit from a snapshot after every step of an episode", async () => {
    const learner = ialeImitation({
      ...small,
      ...{
        classifier: tiny,
        experts: ["mc-dropout", "ensemble"],
        members: 2,
        features: ["embedding", "poolMean", "gradient"],
      },
    });
    const whole = await learner.init(set, createRng(3));
    const snapshots = [snapshot(whole)];
    while (!learner.done!(whole)) {
      await learner.update(whole);
      snapshots.push(snapshot(whole));
    }
    expect(snapshots).toHaveLength(7);
    for (let from = 0; from + 1 < snapshots.length; from++) {
      const again: ImitationState = await learner.init(set, createRng(3));
      restore(again, structuredClone(snapshots[from]));
      await learner.update(again);
      expect(snapshot(again)).toEqual(snapshots[from + 1]);
    }
  });
});

describe("bad input", () => {
  it.each<[IaleImitationOptions, string]>([
    [{ budget: 6 }, "the budget of 6 items is no more than the initial 6"],
    [{ budget: 241 }, "budget is 241, and 240 of the 300 items with a label are left beside the 60 of judge"],
    [{ initial: 250, budget: 260 }, "initial is 250, and 240 of the 300"],
    [{ budget: 230 }, "subPool is 20, and with a budget of 230 the last steps would have fewer candidates"],
    [{ subPool: 3 }, "subPool is 3, from which a batch of 4 is chosen: raise subPool, or lower batch"],
    [{ subPool: 4 }, "subPool is 4 and so is the batch: there is nothing to choose"],
    [{ judge: 300 }, "judge is 300, and the data have 300 items with a label: lower judge"],
    [{ experts: ["marign"] }, 'unknown expert "marign"; did you mean "margin"?'],
    [{ experts: ["margin", "margin"] }, 'the expert "margin" is there twice'],
    [{ experts: [] }, 'option "experts" is an array'],
    [
      { experts: ["mc-dropout"] },
      "the acquisition mc-dropout needs samples, which the classifier centroids does not have",
    ],
    [{ classifier: "naive-bayes" }, "needs embeddings, which the classifier naive-bayes does not have"],
    [{ features: ["age"] as never }, 'option "features.0" is "age"'],
    [{ beta: { kind: "linear" } as never }, "it must be constant or exponential"],
  ])("%j is refused", async (options, message) => {
    const run = async () => ialeImitation({ ...small, ...options }).init(set, createRng(0));
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toThrow(UsageError);
  });

  it("is refused where a class is too rare for a balanced start", async () => {
    const rare = { ...set, labels: set.labels!.map((y, i) => (y === 2 && i > 20 ? 0 : y)) };
    await expect(
      ialeImitation({ ...small, initial: 60, budget: 64 }).init(rare, createRng(0)),
    ).rejects.toThrow(
      /ialeImitation: a balanced start of 60 items has 20 of the class "class 2", and the pool has \d/,
    );
  });

  it("is refused where there are no labels, or too few", async () => {
    const init = async (data: LabelledSet) =>
      ialeImitation({ ...small, classes: ["a", "b", "c"] }).init(data, createRng(0));
    await expect(init({ ...set, labels: undefined, classes: [] })).rejects.toThrow("the data have no labels");
    const few = { ...set, labels: set.labels!.map((y, i) => (i < 40 ? y : -1)) };
    await expect(ialeImitation(small).init(few, createRng(0))).rejects.toThrow(
      "judge is 60, and the data have 40 items with a label: lower judge",
    );
  });
});
