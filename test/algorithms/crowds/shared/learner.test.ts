/** @file Networks from annotations: what they learn, runs by name and by path, resume, checks and evaluation. */

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CrowdLearner, itemsSource } from "../../../../algorithms/crowds/shared/learner.js";
import {
  aggNet,
  aggregateThenTrain,
  conal,
  crowdInG,
  crowdLayer,
  doctorNet,
  maxMig,
  restoreClassifier,
  traceRegularised,
} from "../../../../algorithms/index.js";
import { itemsFrom, withLabels } from "../../../../src/crowds/index.js";
import { UsageError } from "../../../../src/errors.js";
import { createRng } from "../../../../src/random/rng.js";
import { loadArtefact, saveArtefact } from "../../../../src/runs/artefact-files.js";
import { train } from "../../../../src/runs/train.js";
import { restore, snapshot } from "../../../../src/state/snapshot.js";
import { labelledItems } from "../../../support/crowd-items.js";
import { always, coin } from "../../../support/crowds.js";

const crowd = [coin(0.9, 3), coin(0.8, 3), coin(0.6, 3), always(0, 3), always(0, 3)];
const set = labelledItems(crowd, { items: 300, each: 3, tests: 200, seed: 1 });
const small = { hidden: [16], epochs: 25, minibatchSize: 64, learningRate: 1e-2, dropout: 0.1 };
const options = { annotations: set.annotations, ...small };

const methods: Record<string, (own?: object) => CrowdLearner> = {
  "aggregateThenTrain, truth": (own) => aggregateThenTrain({ ...options, model: "truth", ...own }),
  "aggregateThenTrain, dawid-skene": (own) => aggregateThenTrain({ ...options, ...own }),
  "aggregateThenTrain, communities": (own) =>
    aggregateThenTrain({ ...options, model: "communities", ...own }),
  crowdLayer: (own) => crowdLayer({ ...options, ...own }),
  traceRegularised: (own) => traceRegularised({ ...options, ...own }),
  doctorNet: (own) => doctorNet({ ...options, ...own }),
  maxMig: (own) => maxMig({ ...options, ...own }),
  aggNet: (own) => aggNet({ ...options, ...own }),
  crowdInG: (own) => crowdInG({ ...options, augmented: 2, rounds: 1, pairs: 512, ...own }) as never,
  "conal, stochastic": (own) => conal({ ...options, combine: "stochastic", ...own }),
};

const accuracyOf = async (learner: CrowdLearner) => {
  const classifier = await train(learner, { data: set.items, seed: 0 });
  return (await itemsSource.evaluate!(classifier, set.items, createRng(0))).accuracy;
};

describe("a network from annotations", () => {
  it("learns what the majority's labels do not teach, where two of five always give one answer", async () => {
    const vote = await accuracyOf(aggregateThenTrain({ ...options, model: "majority-vote", soft: false }));
    expect(vote).toBeLessThan(0.75);
    for (const [name, method] of Object.entries(methods)) {
      expect(await accuracyOf(method()), name).toBeGreaterThan(name === "doctorNet" ? 0.8 : 0.9);
    }
  });

  it.each(Object.entries(methods))("resumes bit for bit: %s", async (_, method) => {
    const learner = method({ epochs: 4, heldOut: 0.2 });
    const whole = await learner.init(set.items, createRng(3));
    const first = await learner.init(set.items, createRng(3));
    for (let epoch = 0; epoch < 4; epoch++) await learner.update(whole);
    for (let epoch = 0; epoch < 2; epoch++) await learner.update(first);
    const second = await learner.init(set.items, createRng(3));
    restore(second, snapshot(first));
    for (let epoch = 0; epoch < 2; epoch++) await learner.update(second);
    expect(snapshot(second)).toEqual(snapshot(whole));
    expect(learner.done!(second)).toBe(true);
  });

  it("is saved and restored as the classifier that it was", async () => {
    for (const learner of [conal({ ...options, epochs: 1 }), doctorNet({ ...options, epochs: 1 })]) {
      const classifier = await train(learner, { data: set.items, seed: 0 });
      const restored = restoreClassifier(loadArtefact(saveArtefact(classifier)));
      expect(await restored.predict(set.items)).toEqual(await classifier.predict(set.items));
      expect(restored.confusion).toEqual(classifier.confusion);
    }
    expect(() => restoreClassifier({ kind: "table", settings: {}, arrays: {} })).toThrow(/table/);
  });

  it("holds labels out, and says how likely they are", async () => {
    const learner = conal({ ...options, epochs: 3, heldOut: 0.2 });
    const state = await learner.init(set.items, createRng(0));
    expect(state.live.crowd.annotations.label.length).toBe(720);
    const before = await learner.update(state);
    for (let epoch = 0; epoch < 10; epoch++) await learner.update(state);
    expect(before.heldOutLikelihood).toBeGreaterThan(-2);
    expect(state.heldOutLikelihood).toBeGreaterThan(before.heldOutLikelihood);
    const evaluated = await itemsSource.evaluate!(learner.artefact(state), set.items, createRng(0));
    expect(evaluated.heldOutLikelihood).toBe(state.heldOutLikelihood);
    expect(Object.keys(evaluated)).toEqual(["accuracy", "accuracyOfLearntItems", "heldOutLikelihood"]);
  });

  it("runs by name on files, and records what it read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "crowds-"));
    const { names, itemStart, annotator, label } = set.annotations;
    const answers = names.items.flatMap((item, i) =>
      Array.from({ length: itemStart[i + 1] - itemStart[i] }, (_, n) => {
        const at = itemStart[i] + n;
        return `${item},${names.annotators[annotator[at]]},${names.classes[label[at]]}\n`;
      }),
    );
    const { features, truth } = set.items;
    const rows = set.items.names.map(
      (item, i) => `${item},${features[2 * i]},${features[2 * i + 1]},${truth![i]}\n`,
    );
    const paths = [join(folder, "answers.csv"), join(folder, "items.csv")];
    writeFileSync(paths[0], `item,annotator,label\n${answers.join("")}`);
    writeFileSync(paths[1], `item,x,y,truth\n${rows.join("")}`);
    const run = { epochs: 2, hidden: [8], annotations: { from: paths[0] } };
    const classifier = await train("conal", {
      data: paths[1],
      options: run,
      seed: 1,
      folder: join(folder, "run"),
    } as never);
    const own = await train(
      conal({
        ...options,
        ...run,
        annotations: set.annotations,
        dropout: 0.5,
        minibatchSize: 256,
        learningRate: 1e-3,
      }),
      { data: set.items, seed: 1 },
    );
    const p = await (classifier as never as typeof own).predict(set.items);
    expect(p).toEqual(await own.predict(set.items));
    const config = JSON.parse(readFileSync(join(folder, "run", "config.json"), "utf8"));
    expect(config.options.annotations).toMatchObject({ from: paths[0] });
    writeFileSync(paths[0], `item,annotator,label\n${answers.slice(1).join("")}`);
    const again = { data: paths[1], options: config.options, seed: 1 };
    await expect(train("conal", again as never)).rejects.toThrow(/answers.csv has changed/);
  });

  it("refuses what does not fit together", async () => {
    const init = (learner: CrowdLearner, items = set.items) => learner.init(items, createRng(0));
    const rows = [{ item: "i0", features: [1, 2] }];
    await expect(init(crowdLayer(options), itemsFrom(rows))).rejects.toThrow(
      /299 of 300 annotated items have no features in the data set, such as "i1"/,
    );
    const wrong = { ...set.items, truth: set.items.truth!.with(7, "dog") };
    await expect(init(crowdLayer(options), wrong)).rejects.toThrow(/item "i7" is "dog"/);
    const { truth: _, ...unknown } = set.items;
    await expect(init(methods["aggregateThenTrain, truth"](), unknown)).rejects.toThrow(/column truth/);
    const none = withLabels(set.annotations, () => false);
    await expect(init(crowdLayer({ ...options, annotations: none }))).rejects.toThrow(UsageError);
    expect(() => crowdLayer({ ...options, annotations: [] as never })).toThrow(/annotations/);
    const classifier = await train(crowdLayer({ ...options, epochs: 1 }), { data: set.items, seed: 0 });
    await expect(classifier.predict(itemsFrom(rows))).rejects.toThrow(/features/);
  });
});
