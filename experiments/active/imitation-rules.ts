/** @file The acquisitions that are compared, by their names in the tables: rules, experts, policies and controls. */

import { existsSync } from "node:fs";
import type { ActiveLearningOptions } from "../../algorithms/active/active-learning.js";
import { alil } from "../../algorithms/active/alil.js";
import { committee } from "../../algorithms/active/classifiers/committee.js";
import { classifierOf, type MakesClassifier } from "../../algorithms/active/classifiers/option.js";
import { type IaleImitationOptions, ialeImitation } from "../../algorithms/active/iale-imitation.js";
import type { ImitationLearner } from "../../algorithms/active/imitation/learner.js";
import type { AcquisitionPolicy } from "../../algorithms/active/imitation/policy.js";
import type { Classifier, Embeddings, Model } from "../../src/active/index.js";
import { type LabelledSet, widthOf } from "../../src/datasets/labelled.js";
import { createRng } from "../../src/random/rng.js";
import { train } from "../../src/runs/train.js";
import { crc32c } from "../../src/state/crc32c.js";
import type { Sizes } from "./imitation-parts.js";

const ownFeatures = ["labelledMean", "labelShares", "predictedShares", "embedding", "prediction"] as const;
const ownExperts = ["mc-dropout", "ensemble"];

/** Other ways to learn a policy. */
const variants: Readonly<Record<string, IaleImitationOptions>> = {
  iale: {},
  "iale, coin once an episode": { coin: "episode" },
  "iale, exponential coin": { beta: { kind: "exponential", factor: 0.9 } },
  "iale, judged by 300": { judge: 300 },
  "iale, random expert": { experts: [...ownExperts, "random"] },
  "iale, core-set expert": { experts: [...ownExperts, "core-set"] },
  "iale, pool mean": { features: [...ownFeatures, "poolMean"] },
  "iale, pool mean and core-set expert": {
    experts: [...ownExperts, "core-set"],
    features: [...ownFeatures, "poolMean"],
  },
};

/** A classifier whose embeddings are random numbers, which depend on the item and the model alone. */
const withNoise =
  (classifier: Sizes["options"]["classifier"]): MakesClassifier =>
  (data) => {
    const one = classifierOf("experiment", classifier, data, false);
    const width = widthOf(data.shape);
    return {
      ...one,
      name: "mlp with random embeddings",
      async embeddings(model: Model, features: Float32Array): Promise<Embeddings> {
        const e = one.embeddingWidth!;
        const out = new Float32Array((features.length / width) * e);
        for (let i = 0; i < features.length / width; i++) {
          const row = new Uint8Array(features.slice(i * width, (i + 1) * width).buffer);
          createRng(`${crc32c(row)} ${model.parameters[0]}`).fillNormal(out.subarray(i * e, (i + 1) * e));
        }
        return { width: e, data: out };
      },
    };
  };

/** A committee that only chooses: the accuracy is that of its first member, as of the other acquisitions. */
const choosingCommittee =
  (classifier: Sizes["options"]["classifier"]): MakesClassifier =>
  (data) => {
    const one = classifierOf("experiment", classifier, data, false);
    const first = (model: Model): Model =>
      Object.fromEntries(
        Object.entries(model)
          .filter(([name]) => name.startsWith("member0."))
          .map(([name, array]) => [name.slice("member0.".length), array]),
      );
    const all = committee(one, { members: 5, bootstrap: false });
    const probabilities: Classifier["probabilities"] = (model, features) =>
      one.probabilities(first(model), features);
    return { ...all, probabilities };
  };

/**
 * The acquisition with this name, and options that go with it. All seeds use one policy of each kind, as in the paper; it
 * is learnt in a run folder, so that what was learnt stays, and a run that was stopped goes on.
 */
export async function ruleOf(
  name: string,
  { sizes, source, folder }: { sizes: Sizes; source: LabelledSet; folder: string },
): Promise<{
  acquisition: NonNullable<ActiveLearningOptions["acquisition"]>;
  options: ActiveLearningOptions;
}> {
  const { options } = sizes;
  const { classifier } = options;
  const policyOf = async (learner: ImitationLearner, what: string): Promise<AcquisitionPolicy> => {
    const path = `${folder}/${what}-0`;
    const settings = { data: source, seed: 0, folder: path, resume: existsSync(`${path}/config.json`) };
    return train(learner, { ...settings, progress: process.stderr });
  };
  const variation = { name: "query-by-committee", disagreement: "variation" };
  const noisy = {
    ...sizes.iale,
    // What is random does not get better with more of it.
    episodes: 3,
    classifier: withNoise(classifier),
    features: ["labelledMean" as const, "embedding" as const],
  };
  const variant = variants[name];
  if (variant) {
    const what = name.replace(/^iale, /, "iale-").replaceAll(" ", "-");
    return { acquisition: await policyOf(ialeImitation({ ...sizes.iale, ...variant }), what), options };
  }
  const among = /^iale, among (\d+)$/.exec(name);
  if (among) {
    const policy = await policyOf(ialeImitation(sizes.iale), "iale");
    return { acquisition: policy.among(Number(among[1])), options };
  }
  switch (name) {
    case "mc-dropout":
      return { acquisition: variation, options };
    case "mc-dropout@100":
      return { acquisition: { ...variation, subPool: 100 }, options };
    case "ensemble":
      return { acquisition: variation, options: { ...options, classifier: choosingCommittee(classifier) } };
    case "ensemble@100":
      return {
        acquisition: { ...variation, subPool: 100 },
        options: { ...options, classifier: choosingCommittee(classifier) },
      };
    case "iale, not trained": {
      const learner = ialeImitation(sizes.iale);
      return { acquisition: learner.artefact(await learner.init(source, createRng(0))), options };
    }
    case "iale, random features":
      return {
        acquisition: await policyOf(ialeImitation(noisy), "iale-noise"),
        options: { ...options, classifier: withNoise(classifier) },
      };
    case "alil":
      return { acquisition: await policyOf(alil(sizes.alil), "alil"), options };
    default:
      return { acquisition: name, options };
  }
}
