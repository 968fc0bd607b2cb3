/** @file A committee: several models of one kind, each from weights (and, with bootstrap, examples) of its own. */

import type { Classifier, Embeddings, Examples, Model, Samples } from "../../../src/active/index.js";
import type { Rng } from "../../../src/random/rng.js";

export interface CommitteeOptions {
  members: number;
  /** Whether each member learns from examples drawn with replacement [Breiman 1996]. */
  bootstrap: boolean;
}

/** Its samples are the members' predictions, and its own prediction is their mean. Embeddings are those of the first. */
export function committee(classifier: Classifier, { members, bootstrap }: CommitteeOptions): Classifier {
  const numbers = Array.from({ length: members }, (_, m) => m);
  const nameOf = (m: number, array: string) => `member${m}.${array}`;
  const memberOf = (model: Model, m: number): Model =>
    Object.fromEntries(
      Object.entries(model)
        .filter(([name]) => name.startsWith(nameOf(m, "")))
        .map(([name, array]) => [name.slice(nameOf(m, "").length), array]),
    );
  const joined = (models: readonly Model[]): Model =>
    Object.fromEntries(
      models.flatMap((model, m) => Object.entries(model).map(([name, array]) => [nameOf(m, name), array])),
    );
  const samples = async (model: Model, features: Float32Array): Promise<Samples> => {
    const each: Float32Array[] = [];
    for (const m of numbers) each.push(await classifier.probabilities(memberOf(model, m), features));
    const data = new Float32Array(members * each[0].length);
    for (const [m, p] of each.entries()) data.set(p, m * p.length);
    return { count: members, data };
  };
  const { embeddings, updated } = classifier;
  return {
    name: `committee of ${members} ${classifier.name}`,
    raw: classifier.raw,
    embeddingWidth: classifier.embeddingWidth,
    samples,

    async fit(examples, rng, from) {
      const models: Model[] = [];
      for (const m of numbers) {
        const own = rng.stream("member", m);
        const seen = bootstrap ? drawn(examples, own.stream("bootstrap")) : examples;
        models.push(await classifier.fit(seen, own, from && memberOf(from, m)));
      }
      return joined(models);
    },

    async probabilities(model, features) {
      const { count, data } = await samples(model, features);
      const mean = new Float32Array(data.length / count);
      for (let n = 0; n < data.length; n++) mean[n % mean.length] += data[n] / count;
      return mean;
    },

    ...(embeddings && {
      embeddings: (model: Model, features: Float32Array): Promise<Embeddings> =>
        embeddings(memberOf(model, 0), features),
    }),

    ...(updated && {
      updated: (model: Model, features: Float32Array, label: number): Model =>
        joined(numbers.map((m) => updated(memberOf(model, m), features, label))),
    }),
  };
}

/** As many examples, drawn with replacement. */
function drawn({ features, targets, count }: Examples, rng: Rng): Examples {
  const [width, classes] = [features.length / count, targets.length / count];
  const out = {
    count,
    features: new Float32Array(features.length),
    targets: new Float32Array(targets.length),
  };
  for (let n = 0; n < count; n++) {
    const i = rng.integer(count);
    out.features.set(features.subarray(i * width, (i + 1) * width), n * width);
    out.targets.set(targets.subarray(i * classes, (i + 1) * classes), n * classes);
  }
  return out;
}
