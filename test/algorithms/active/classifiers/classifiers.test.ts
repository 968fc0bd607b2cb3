/** @file Classifiers of active learning: what they learn, their samples and embeddings, and updates by one label. */

import { describe, expect, it } from "vitest";
import { type ClassifierOption, classifierOf } from "../../../../algorithms/active/classifiers/option.js";
import type { Classifier, Examples, Model } from "../../../../src/active/index.js";
import { UsageError } from "../../../../src/errors.js";
import { createRng } from "../../../../src/random/rng.js";
import { blobs } from "../../../support/blobs.js";

const { features, labels } = blobs({ items: 100, spread: 0.3 });
const targets = new Float32Array(300);
labels!.forEach((y, i) => {
  targets[3 * i + y] = 1;
});
const examples: Examples = { count: 100, features, targets };
const first = (count: number): Examples => ({
  count,
  features: features.subarray(0, 2 * count),
  targets: targets.subarray(0, 3 * count),
});
const made = (option: ClassifierOption, needsSamples = false) =>
  classifierOf("test", option, { shape: [2], classes: 3 }, needsSamples);
const rng = createRng(1);

const accuracy = async (classifier: Classifier, model: Model) => {
  const p = await classifier.probabilities(model, features);
  return labels!.filter((y, i) => [0, 1, 2].every((k) => p[3 * i + k] <= p[3 * i + y])).length / 100;
};

const quick = { fitSteps: 60, learningRate: 0.03 };

describe.each<[string, ClassifierOption]>([
  ["softmax regression", "softmax-regression"],
  ["a perceptron", { name: "mlp", hidden: [16], ...quick }],
  ["naive Bayes", "naive-bayes"],
  ["Parzen windows", "parzen"],
  ["a committee", { name: "softmax-regression", members: 3, ...quick }],
])("%s", (_, option) => {
  it("learns clouds of points, and gives distributions", async () => {
    const classifier = made(option);
    const model = await classifier.fit(examples, rng.stream("fit"));
    expect(await accuracy(classifier, model)).toBeGreaterThan(0.9);
    const p = await classifier.probabilities(model, features);
    for (let i = 0; i < 100; i++) expect(p[3 * i] + p[3 * i + 1] + p[3 * i + 2]).toBeCloseTo(1, 5);
  });

  it("is the same with the same stream, does not depend on earlier fits, and not on rows beside", async () => {
    const [one, other] = [made(option), made(option)];
    await other.fit(first(40), rng.stream("another"));
    const model = await one.fit(first(20), rng.stream("fit"));
    expect(await other.fit(first(20), rng.stream("fit"))).toEqual(model);
    const [whole, part] = [
      await one.probabilities(model, features),
      await one.probabilities(model, features.slice(0, 20)),
    ];
    part.forEach((p, n) => {
      expect(p).toBeCloseTo(whole[n], 5);
    });
  });
});

describe("a fit", () => {
  it("takes beliefs for labels: two half labels are as one of each", async () => {
    const soft = { ...first(1), targets: Float32Array.of(0.5, 0.5, 0) };
    const classifier = made({ name: "softmax-regression", l2: 0, ...quick });
    const p = await classifier.probabilities(await classifier.fit(soft, rng), features.subarray(0, 2));
    expect(p[0]).toBeCloseTo(p[1], 2);
    expect(p[2]).toBeLessThan(0.1);
  });

  it("learns from minibatches where there are many examples", async () => {
    const classifier = made({ name: "softmax-regression", minibatchSize: 16, ...quick });
    expect(await accuracy(classifier, await classifier.fit(examples, rng))).toBeGreaterThan(0.9);
  });
});

describe("samples of a perceptron with dropout", () => {
  it("have one mask for all items: equal items have equal samples, which differ between masks", async () => {
    const classifier = made({ name: "mlp", hidden: [16], dropout: 0.5, samples: 6, ...quick });
    const model = await classifier.fit(first(30), rng);
    const twice = Float32Array.of(0.1, 0.2, 0.7, 0.7, 0.1, 0.2);
    const { count, data } = await classifier.samples!(model, twice, rng.stream("masks"));
    expect([count, data.length]).toEqual([6, 54]);
    const at = (s: number, i: number) => Array.from({ length: 3 }, (_, k) => data[(3 * s + i) * 3 + k]);
    for (let s = 0; s < 6; s++) expect(at(s, 0)).toEqual(at(s, 2));
    expect(new Set([0, 1, 2, 3, 4, 5].map((s) => at(s, 0).join())).size).toBeGreaterThan(3);
    expect((await classifier.samples!(model, twice, rng.stream("masks"))).data).toEqual(data);
  });

  it("are absent without dropout, where a committee is made if they are needed", () => {
    const certain = { name: "mlp", dropout: 0 };
    expect(made(certain).samples).toBeUndefined();
    expect(made(certain, true).name).toBe("committee of 5 mlp");
    expect(made("mlp", true).name).toBe("mlp");
  });
});

describe("embeddings", () => {
  it("are the last hidden layer, or the features", async () => {
    const perceptron = made({ name: "mlp", hidden: [4, 7], ...quick });
    const found = await perceptron.embeddings!(await perceptron.fit(first(20), rng), features);
    expect([found.width, found.data.length]).toEqual([7, 700]);
    const linear = made({ name: "softmax-regression", ...quick });
    const own = await linear.embeddings!(await linear.fit(first(20), rng), features);
    expect(own.data).toEqual(features);
  });
});

describe("convolutions", () => {
  it("learn bright and dark sides of images", async () => {
    const count = 40;
    const images = new Float32Array(count * 36);
    const sides = new Float32Array(count * 2);
    for (let i = 0; i < count; i++) {
      const side = i % 2;
      sides[2 * i + side] = 1;
      for (let n = 0; n < 36; n++)
        images[36 * i + n] = Number(n % 6 < 3 === (side === 0)) + 0.3 * rng.normal();
    }
    const option = {
      name: "cnn",
      hidden: [8],
      convolutions: [{ filters: 4, size: 3, padding: 1, pool: 2 }],
      ...quick,
    };
    const classifier = classifierOf("test", option, { shape: [1, 6, 6], classes: 2 }, false);
    const model = await classifier.fit({ count, features: images, targets: sides }, rng);
    const p = await classifier.probabilities(model, images);
    for (let i = 0; i < count; i++) expect(p[2 * i + (i % 2)]).toBeGreaterThan(0.5);
  });
});

describe("naive Bayes", () => {
  it("after one more label is what it is when it is fitted to all", async () => {
    for (const model of ["gaussian", "multinomial"] as const) {
      const classifier = made({ name: "naive-bayes", model });
      const positive = { ...examples, features: features.map(Math.abs) };
      const before = {
        count: 99,
        features: positive.features.subarray(0, 198),
        targets: targets.subarray(0, 297),
      };
      const updated = classifier.updated!(
        await classifier.fit(before, rng),
        positive.features.slice(198),
        labels![99],
      );
      const whole = await classifier.fit(positive, rng);
      const [p, q] = [
        await classifier.probabilities(updated, positive.features),
        await classifier.probabilities(whole, positive.features),
      ];
      p.forEach((x, n) => {
        expect(x).toBeCloseTo(q[n], 6);
      });
    }
  });

  it("of counts has Laplace's rule", async () => {
    const classifier = classifierOf(
      "test",
      { name: "naive-bayes", model: "multinomial" },
      { shape: [2], classes: 2 },
      false,
    );
    const counted = { count: 2, features: Float32Array.of(3, 0, 0, 1), targets: Float32Array.of(1, 0, 0, 1) };
    const p = await classifier.probabilities(await classifier.fit(counted, rng), Float32Array.of(1, 1));
    const [a, b] = [(4 / 5) * (1 / 5), (1 / 3) * (2 / 3)];
    expect(p[0]).toBeCloseTo(a / (a + b), 6);
    await expect(classifier.fit({ ...counted, features: Float32Array.of(-1, 0, 0, 1) }, rng)).rejects.toThrow(
      UsageError,
    );
  });

  it("gives classes without labels their prior", async () => {
    const classifier = made("naive-bayes");
    const p = await classifier.probabilities(await classifier.fit(first(0), rng), features.subarray(0, 2));
    expect(p[0]).toBeCloseTo(1 / 3, 6);
  });
});

describe("an option", () => {
  it("is refused for an unknown kind, or options of another", () => {
    expect(() => made({ name: "mlpp" })).toThrow('unknown classifier "mlpp"; did you mean "mlp"?');
    expect(() => made({ name: "naive-bayes", hidden: [3] })).toThrow('unknown option "hidden"');
  });
});

describe("Parzen windows", () => {
  const two: Examples = {
    count: 2,
    features: Float32Array.of(0, 0, 3, 4),
    targets: Float32Array.of(1, 0, 0, 0, 0.5, 0.5),
  };
  const option = { name: "parzen", bandwidth: 2, prior: 0.3 };

  it("give the shares of the kernels, and all classes alike where there are no examples", async () => {
    const classifier = made(option);
    const p = await classifier.probabilities(await classifier.fit(two, rng), Float32Array.of(0, 0, 1e3, 1e3));
    // The deviation of the kernel is 2 √2, and the other example is at the distance 5.
    const other = Math.exp(-25 / (2 * 8));
    const expected = [1.1, 0.1 + 0.5 * other, 0.1 + 0.5 * other].map((x) => x / (1.3 + other));
    expected.forEach((x, k) => {
      expect(p[k]).toBeCloseTo(x, 6);
    });
    for (let k = 3; k < 6; k++) expect(p[k]).toBeCloseTo(1 / 3, 6);
  });

  it("after an update are those of a fit to one more example", async () => {
    const classifier = made(option);
    const updated = classifier.updated!(await classifier.fit(two, rng), Float32Array.of(1, 1), 2);
    const three = await classifier.fit(
      {
        count: 3,
        features: Float32Array.of(...two.features, 1, 1),
        targets: Float32Array.of(...two.targets, 0, 0, 1),
      },
      rng,
    );
    expect(updated).toEqual(three);
  });
});
