/** @file Active learning: what it asks, what it learns, runs that stop and go on, people who answer late, and bad input. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { restoreActiveClassifier } from "../../../algorithms/active/active-learning/artefact.js";
import { type ActiveLearningOptions, activeLearning } from "../../../algorithms/active/active-learning.js";
import type { Acquisition } from "../../../src/active/index.js";
import type { LabelledSet } from "../../../src/datasets/labelled.js";
import { UsageError } from "../../../src/errors.js";
import { type Answer, type Labeller, Paused, type Question } from "../../../src/people/index.js";
import { createRng } from "../../../src/random/rng.js";
import { loadArtefact, saveArtefact } from "../../../src/runs/artefact-files.js";
import { train } from "../../../src/runs/train.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";
import { blobs } from "../../support/blobs.js";

const set = blobs();
const cheap = { name: "softmax-regression", fitSteps: 50 };
const small = { initial: 6, batch: 4, budget: 30, classifier: cheap };

async function runOf(options: ActiveLearningOptions, data: LabelledSet = set, seed = 0) {
  const run = await train.run(activeLearning({ ...small, ...options }), { data, seed });
  run.close();
  return run;
}

/** A labeller who answers with the label in the data; `reply` changes answers. */
function person(
  data: LabelledSet,
  reply: (question: Question<"label">, label: number) => Answer<"label"> | undefined = ({ id }, label) => ({
    id,
    label,
  }),
): Labeller<"label"> & { asked: Question<"label">[] } {
  const asked: Question<"label">[] = [];
  return {
    kind: "test",
    asks: "label",
    asked,
    async *label({ queries }) {
      asked.push(...queries);
      yield queries.flatMap((question) => reply(question, data.labels![question.item]) ?? []);
    },
  };
}

describe("active learning", () => {
  it("learns the classes, a step a question, and asks nothing twice", async () => {
    const { artefact, metrics, state, steps } = await runOf({});
    expect(metrics.map((row) => row.steps)).toEqual([6, 10, 14, 18, 22, 26, 30]);
    expect(steps).toBe(30);
    expect(metrics.at(-1)!.accuracy).toBeGreaterThan(0.85);
    expect(new Set(artefact.items).size).toBe(30);
    const { pool, test } = state.split;
    for (const item of artefact.items) expect(pool).toContain(item);
    for (const item of artefact.items) expect(test).not.toContain(item);
    expect([...artefact.labels]).toEqual([...artefact.items].map((item) => set.labels![item]));
  });

  it("starts with the same split and the same balanced items, whatever the acquisition", async () => {
    const [random, margin] = [await runOf({ acquisition: "random" }), await runOf({ acquisition: "margin" })];
    expect(margin.state.split).toEqual(random.state.split);
    const first = random.artefact.items.subarray(0, 6);
    expect(margin.artefact.items.subarray(0, 6)).toEqual(first);
    expect([...first].map((item) => set.labels![item]).sort()).toEqual([0, 0, 1, 1, 2, 2]);
    expect(margin.artefact.items).not.toEqual(random.artefact.items);
    expect((await runOf({}, set, 1)).artefact.items).not.toEqual(margin.artefact.items);
  });

  it.each([
    ["entropy", cheap],
    ["query-by-committee", cheap],
    ["batch-bald", { name: "mlp", hidden: [8], samples: 3, fitSteps: 20 }],
    ["badge", { name: "mlp", hidden: [8], fitSteps: 20 }],
    ["core-set", cheap],
    ["sparse-subset", { ...cheap, members: 2 }],
    [{ name: "expected-error-reduction", candidates: 5, reference: 10 }, "naive-bayes"],
    ["margin@20", "naive-bayes"],
    [{ name: "margin", density: 1 }, cheap],
  ])("runs with the acquisition %j", async (acquisition, classifier) => {
    const { artefact, metrics } = await runOf({ acquisition, classifier, budget: 14 });
    expect(new Set(artefact.items).size).toBe(14);
    expect(metrics.at(-1)!.accuracy).toBeGreaterThan(0.4);
  });

  it("takes an acquisition and a classifier of one's own", async () => {
    const last: Acquisition = {
      name: "last",
      needs: [],
      select: async ({ candidates }, size) => candidates.slice(-size),
    };
    const majority = () => ({
      name: "majority",
      fit: async ({ targets, count }: { targets: Float32Array; count: number }) => {
        const shares = new Float32Array(3);
        targets.forEach((p, n) => {
          shares[n % 3] += p / count;
        });
        return { shares };
      },
      probabilities: async ({ shares }: Record<string, Float32Array | Float64Array>, x: Float32Array) =>
        Float32Array.from({ length: (x.length / 2) * 3 }, (_, n) => shares[n % 3]),
    });
    const { artefact, state } = await runOf({ acquisition: last, classifier: majority, budget: 10 });
    const rest = state.split.pool.filter((item) => !artefact.items.subarray(0, 6).includes(item));
    expect([...artefact.items.subarray(6)]).toEqual([...rest.slice(-4)]);
    const data = artefact.toData();
    expect(() => restoreActiveClassifier(data)).toThrow("the classifier was made by the function majority");
    const p = await restoreActiveClassifier(data, majority).predict(set.features);
    expect(p).toEqual(await artefact.predict(set.features));
    const same: Acquisition = {
      ...last,
      select: async ({ candidates }) => candidates.slice(0, 1).map((x) => x),
    };
    await expect(runOf({ acquisition: same })).rejects.toThrow("chose 1 items for a batch of 4");
    const twice: Acquisition = { ...last, select: async ({ candidates: [a] }) => Int32Array.of(a, a, a, a) };
    await expect(runOf({ acquisition: twice })).rejects.toThrow("is twice in it or no candidate");
  });

  it("buys the whole pool if it may, also one of one item", async () => {
    const few = { ...set, features: set.features.slice(0, 24), labels: set.labels!.slice(0, 12) };
    const { artefact, steps } = await runOf({ budget: undefined, test: 3, initialBalanced: false }, few);
    expect([steps, artefact.items.length]).toEqual([9, 9]);
    const split = { pool: [4], validation: [], test: [1, 2] };
    const one = await runOf(
      { split: split as never, initial: 1, batch: 1, budget: 1, initialBalanced: false },
      few,
    );
    expect([...one.artefact.items]).toEqual([4]);
  });

  it("may learn on from the weights before, which needs fewer steps", async () => {
    const few = { name: "softmax-regression", fitSteps: 5 };
    const last = async (refit: "fresh" | "warm") =>
      (await runOf({ refit, classifier: few, acquisition: "random" })).metrics.at(-1)!.logLoss;
    expect(await last("warm")).toBeLessThan((await last("fresh")) - 0.1);
    const bayes = async (refit: "fresh" | "warm") =>
      (await runOf({ refit, classifier: "naive-bayes" })).state.model;
    expect(await bayes("warm")).toEqual(await bayes("fresh"));
  });

  it("ends early at an accuracy on the validation, or when the predictions of the pool stay", async () => {
    const reached = await runOf({ validation: 60, stopAccuracy: 0.8, budget: 100 });
    expect(reached.steps).toBeLessThan(100);
    expect(reached.metrics.at(-1)!.validationAccuracy).toBeGreaterThanOrEqual(0.8);
    for (const row of reached.metrics.slice(0, -1)) expect(row.validationAccuracy).toBeLessThan(0.8);
    const stable = await runOf({ stableFor: 2, budget: 150 });
    expect(stable.steps).toBeLessThan(150);
    expect(stable.state.stable).toBe(2);
  });

  it("knows classes that no label has so far", async () => {
    const { artefact } = await runOf({ initialBalanced: false, initial: 1, batch: 1, budget: 2 });
    expect((await artefact.predict(set.features)).length).toBe(300 * 3);
  });
});

describe("a run that is stopped", () => {
  it("goes on bit for bit from a snapshot after every step", async () => {
    const learner = activeLearning({
      ...small,
      acquisition: "bald",
      classifier: { name: "mlp", hidden: [6], samples: 3, fitSteps: 10 },
    });
    const whole = await learner.init(set, createRng(3));
    const snapshots = [snapshot(whole)];
    while (!learner.done!(whole)) {
      await learner.update(whole);
      snapshots.push(snapshot(whole));
    }
    for (const from of [0, 1, 4]) {
      const again = await learner.init(set, createRng(3));
      restore(again, structuredClone(snapshots[from]));
      for (let step = from; step + 1 < snapshots.length; step++) {
        await learner.update(again);
        expect(snapshot(again)).toEqual(snapshots[step + 1]);
      }
    }
  });

  it("goes on while questions are open, and loses no answer", async () => {
    const options = { ...small, budget: 14 };
    const reference = await runOf({ ...options, labeller: person(set) });
    let answered = 0;
    const tired: Labeller<"label"> = {
      ...person(set),
      async *label({ queries }) {
        for (const { id, item } of queries) {
          answered++;
          yield [{ id, label: set.labels![item] }];
          if (answered % 3 === 0) throw new Paused("a break");
        }
      },
    };
    const learner = activeLearning({ ...options, labeller: tired });
    let state = await learner.init(set, createRng("0/algorithm"));
    let breaks = 0;
    while (!learner.done!(state)) {
      try {
        await learner.update(state);
      } catch (error) {
        expect(error).toBeInstanceOf(Paused);
        breaks++;
        const copy = snapshot(state);
        state = await learner.init(set, createRng("0/algorithm"));
        restore(state, structuredClone(copy));
      }
    }
    expect(breaks).toBeGreaterThan(2);
    expect(answered).toBe(14);
    expect(learner.answers(state)).toHaveLength(14);
    expect(learner.artefact(state).items).toEqual(reference.artefact.items);
    expect(state.model).toEqual(reference.state.model);
  });

  it("resumes from its folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "active-"));
    const options = { data: set, seed: 2, folder };
    const first = await train.run(activeLearning(small), {
      ...options,
      onIteration: ({ steps }, run) => (steps >= 14 ? run.stop() : undefined),
    });
    expect([first.steps, first.interrupted]).toEqual([14, true]);
    const second = await train.run(activeLearning(small), { ...options, resume: true });
    const whole = await runOf({}, set, 2);
    expect(second.state.model).toEqual(whole.state.model);
    expect(second.metrics.map(({ steps, accuracy }) => [steps, accuracy])).toEqual(
      whole.metrics.map(({ steps, accuracy }) => [steps, accuracy]),
    );
  });
});

describe("people who label", () => {
  it("may skip and withdraw: such an item is not asked about again, and costs a question", async () => {
    const labeller = person(set, ({ id }, label) => {
      if (id % 5 === 0) return { id, skipped: true };
      return id % 7 === 0 ? { id, withdrawn: true } : { id, label };
    });
    const { artefact, metrics, steps, state } = await runOf({ labeller });
    expect(new Set(labeller.asked.map(({ item }) => item)).size).toBe(labeller.asked.length);
    expect(steps).toBe(30);
    expect(metrics.at(-1)!.skipped).toBe(6);
    expect(artefact.items).toHaveLength(30 - 6 - 4);
    expect(state.book.withdrawn).toBe(4);
  });

  it("may skip everything: then nothing is learnt, and all classes are as probable", async () => {
    const labeller = person(set, ({ id }) => ({ id, skipped: true }));
    const { artefact, metrics } = await runOf({ labeller, budget: 10 });
    expect(metrics.at(-1)!.accuracy).toBeUndefined();
    expect([...(await artefact.predict(Float32Array.of(0, 0)))].map((p) => Math.round(3 * p))).toEqual([
      1, 1, 1,
    ]);
  });

  it("may answer late where a quorum is enough, and take back an answer to an earlier question", async () => {
    const held: Question<"label">[] = [];
    const labeller: Labeller<"label"> = {
      kind: "late",
      asks: "label",
      async *label({ queries }) {
        // The second question of a batch waits for the next one; the first answer of all is taken back.
        const now = queries.filter(({ id }) => id % 6 !== 2 || held.some((question) => question.id === id));
        held.push(...queries);
        yield now.map(({ id, item }) => ({ id, label: set.labels![item] }));
        if (queries.some(({ id }) => id > 10)) yield [{ id: 1, withdrawn: true }];
        await new Promise(() => {});
      },
    };
    const { artefact, metrics, state } = await runOf({ labeller, quorum: 0.75, patience: 0 });
    expect(metrics[1].open).toBeGreaterThan(0);
    expect(state.book.open).toHaveLength(0);
    expect(artefact.items).toHaveLength(29);
    expect(state.answers.some(({ id }) => id === 1)).toBe(false);
  });

  it("label the rest of a set of which some items have labels, which are the start", async () => {
    const labels = set.labels!.map((y, i) => (i % 10 === 0 ? y : -1));
    const labeller = person(set);
    const { state, artefact, metrics } = await runOf({ labeller, test: 10, budget: 8 }, { ...set, labels });
    expect(labeller.asked).toHaveLength(8);
    expect(metrics[0].steps).toBe(4);
    expect(labeller.asked.every(({ item }) => labels[item] < 0)).toBe(true);
    expect(state.known.items).toHaveLength(20);
    expect(artefact.items).toHaveLength(28);
  });

  it("label a set without labels, whose classes are named, and see the features or the text", async () => {
    const labeller = person(set);
    const bare = {
      ...set,
      labels: undefined,
      classes: [],
      texts: Array.from({ length: 300 }, (_, i) => `text ${i}`),
    };
    const { metrics } = await runOf({ labeller, classes: ["a", "b", "c"], budget: 6 }, bare);
    expect(metrics[0].accuracy).toBeUndefined();
    expect(labeller.asked[0].content).toBe(`text ${labeller.asked[0].item}`);
    const seen = person(set);
    await runOf({ labeller: seen, budget: 6 });
    const [{ item, content }] = seen.asked;
    expect(content).toEqual(set.features.slice(2 * item, 2 * item + 2));
  });
});

describe("annotators who err", () => {
  const many = {
    annotators: [0.95, 0.9, 0.85, 0.4, 0.33],
    answersPerItem: 3,
    budget: 180,
    initial: 12,
    batch: 12,
  };

  it("are believed as their answers agree, and new answers change old labels", async () => {
    const { state, artefact, metrics } = await runOf({ ...many, initialBalanced: false });
    expect(state.answers).toHaveLength(180);
    expect(artefact.items).toHaveLength(60);
    for (const item of artefact.items) {
      const own = state.answers.filter((answer) => answer.item === item);
      expect(new Set(own.map(({ annotator }) => annotator)).size).toBe(3);
    }
    const vote = await runOf({ ...many, initialBalanced: false, aggregate: "majority-vote" });
    expect(metrics.at(-1)!.rightLabels).toBeGreaterThan(vote.metrics.at(-1)!.rightLabels);
  });

  it("are asked again about unsure items, never the same one", async () => {
    const { state, artefact } = await runOf({ ...many, answersPerItem: 1, relabel: 0.9, budget: 120 });
    const counts = [...artefact.items].map((item) => state.answers.filter((answer) => answer.item === item));
    expect(counts.some((own) => own.length > 1)).toBe(true);
    for (const own of counts) expect(new Set(own.map(({ annotator }) => annotator)).size).toBe(own.length);
  });

  it.each([
    "interval-estimation",
    "thompson",
  ] as const)("are chosen by what they got right: %s", async (annotatorChoice) => {
    const share = async (choice: "random" | "interval-estimation" | "thompson") => {
      const { state } = await runOf({ ...many, annotatorChoice: choice, answersPerItem: 2, budget: 200 });
      return state.answers.filter(({ annotator }) => annotator === "annotator 5").length / 200;
    };
    expect(await share(annotatorChoice)).toBeLessThan(0.5 * (await share("random")));
  });
});

describe("the artefact", () => {
  it("predicts the same after it was saved and loaded", async () => {
    for (const classifier of [cheap, { name: "mlp", members: 2, hidden: [4], fitSteps: 5 }, "naive-bayes"]) {
      const { artefact } = await runOf({ classifier, budget: 10 });
      const loaded = restoreActiveClassifier(loadArtefact(saveArtefact(artefact)));
      expect(await loaded.predict(set.features)).toEqual(await artefact.predict(set.features));
      expect(loaded.items).toEqual(artefact.items);
      await expect(loaded.predict(new Float32Array(3))).rejects.toThrow(UsageError);
    }
    const { artefact } = await runOf({ budget: 6 });
    expect(() => restoreActiveClassifier({ ...artefact.toData(), kind: "mlp" })).toThrow(UsageError);
  });
});

describe("bad input", () => {
  it.each<[ActiveLearningOptions, string]>([
    [{ budget: 5 }, "the budget of 5 questions is less than the initial 6 items"],
    [{ budget: 226 }, "budget is 226, and the pool has 225 of the 300 items"],
    [{ batch: 300 }, "batch is 300, and the pool has 225 of the 300 items"],
    [{ initial: 230, budget: undefined }, "initial is 230, and the pool has 225"],
    [{ acquisition: "marign" }, 'unknown acquisition "marign"; did you mean "margin"?'],
    [{ acquisition: { name: "margin", disagreement: "vote" } }, 'unknown option "disagreement"'],
    [{ classifier: "svm" }, 'option "classifier" is "svm": it must be one of softmax-regression, mlp'],
    [{ classifier: { name: "mlp", depth: 2 } }, 'activeLearning, classifier mlp: unknown option "depth"'],
    [
      { classifier: "cnn" },
      "the classifier cnn needs images [channels, height, width], and the items are [2]",
    ],
    [
      { acquisition: "core-set", classifier: "naive-bayes" },
      "the acquisition coreSet needs embeddings, which the classifier naive-bayes does not have",
    ],
    [
      { acquisition: "expected-error-reduction" },
      "needs updates by one label, which the classifier softmax-regression",
    ],
    [{ acquisition: { name: "core-set", density: 1 } }, "coreSet chooses whole batches"],
    [{ classes: ["class 0", "class 1"] }, 'the label "class 2" is none of the classes'],
    [{ split: { pool: [1, 2, 3], validation: [], test: [3] } as never }, "item 3 is in pool and in test"],
    [{ annotators: [0.9], answersPerItem: 2 }, "answersPerItem is 2, and there is 1 annotator"],
    [{ annotators: [0.9], relabel: 0.5 }, "there is only one"],
    [{ annotators: [0.9], labeller: person(set) }, "give either a labeller or simulated annotators"],
    [{ classifier: { name: "naive-bayes", model: "multinomial" } }, "the multinomial naive Bayes counts"],
  ])("%j is refused", async (options, message) => {
    const run = async () => runOf(options);
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toThrow(UsageError);
  });

  it("is refused where labels are missing, or a class has too few for a balanced start", async () => {
    await expect(runOf({}, { ...set, labels: set.labels!.with(7, -1) })).rejects.toThrow(
      "items of the pool have no label in the data, such as item 7: give a labeller",
    );
    const rare = { ...set, labels: set.labels!.map((y, i) => (y === 2 && i > 20 ? 0 : y)) };
    await expect(runOf({ initial: 60, budget: 60 }, rare)).rejects.toThrow(
      /a balanced start of 60 items has 20 of the class "class 2", and the pool has \d/,
    );
    await expect(
      runOf(
        { labeller: person(set), initialBalanced: true, classes: ["a", "b"] },
        { ...set, labels: undefined, classes: [] },
      ),
    ).rejects.toThrow("a balanced start needs labels in the data");
  });

  it("is refused where a labeller answers what was not asked", async () => {
    await expect(runOf({ labeller: person(set, (_, label) => ({ id: 99, label })) })).rejects.toThrow(
      'the labeller "test" answered query 99, which was never asked',
    );
    await expect(runOf({ labeller: person(set, ({ id }) => ({ id, label: 3 })) })).rejects.toThrow(
      "3 is not the number of a class",
    );
  });
});
