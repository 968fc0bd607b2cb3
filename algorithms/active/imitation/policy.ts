/** @file Acquisition policies: acquisitions that were learnt, as artefacts. */

import * as z from "zod";
import { type Acquisition, chances, type PoolView, random, topB } from "../../../src/active/index.js";
import { count } from "../../../src/config/options.js";
import { FormatError, UsageError } from "../../../src/errors.js";
import type { Artefact } from "../../../src/learning/contract.js";
import type { ArtefactData } from "../../../src/policies/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import { type PolicyNetwork, policyNetwork } from "./network.js";
import { featureNames, inputsFor, situationOf } from "./situation.js";

const settingsSchema = z.strictObject({
  /** What learnt it. */
  learner: z.string(),
  classes: count(),
  embeddingWidth: count(),
  features: z.array(z.enum(featureNames)).min(1),
  hidden: z.array(count()),
  standardiseEmbeddings: z.boolean(),
  /** Candidates that are drawn at random, among which it chooses. */
  subPool: count(),
  /** Whether it draws them anew for each item of a batch. */
  drawsByItem: z.boolean(),
  /** The resolved option of the classifier whose embeddings it learnt from. */
  classifier: z.record(z.string(), z.unknown()),
});

/** What a policy is besides its weights. JSON. */
export type PolicySettings = z.output<typeof settingsSchema>;

/** An acquisition that was learnt, which chooses on other data with as many classes and the same width of embeddings. */
export interface AcquisitionPolicy extends Acquisition, Artefact {
  readonly settings: PolicySettings;
  /** The desirability ρ of each candidate, on (0, 1). */
  scores(pool: PoolView): Promise<Float64Array>;
  /** The policy with another number of candidates. */
  among(subPool: number): AcquisitionPolicy;
}

const KIND = "acquisition-policy";

/** @param network of the form that the settings give */
export function acquisitionPolicy(
  settings: PolicySettings,
  network: Pick<PolicyNetwork, "layout" | "scores">,
  parameters: Float32Array,
): AcquisitionPolicy {
  const { learner, classes, embeddingWidth, features, subPool, standardiseEmbeddings, drawsByItem } =
    settings;
  const seesPool = features.includes("poolMean");

  async function scoresOf(view: PoolView, whole: PoolView): Promise<Float64Array> {
    if (view.classes !== classes) throw new UsageError(mismatch(settings, { classes: view.classes }));
    const { width } = await view.embeddings();
    if (width !== embeddingWidth) throw new UsageError(mismatch(settings, { embeddingWidth: width }));
    const situation = await situationOf(view, {
      standardise: standardiseEmbeddings,
      ...(seesPool && { whole }),
    });
    const scores = await network.scores(parameters, inputsFor(features, situation, settings));
    return Float64Array.from(scores, (s) => 1 / (1 + Math.exp(-s)));
  }

  /** Chooses among candidates drawn at random, in the order of their numbers, so that the order of the pool says nothing. */
  async function best(pool: PoolView, whole: PoolView, size: number, rng: Rng): Promise<Int32Array> {
    const drawn = await random().select(pool, Math.max(subPool, size), rng.stream("sub-pool"));
    const view = pool.restrictedTo(drawn.sort());
    const keys = chances(view.candidates, rng);
    return topB(await scoresOf(view, whole), size, keys).map((i) => view.candidates[i]);
  }

  return {
    name: `policy of ${learner}`,
    needs: ["embeddings"],
    learntFor: { classes, embeddingWidth },
    settings,
    scores: (pool) => scoresOf(pool, pool),
    among: (other) => acquisitionPolicy({ ...settings, subPool: other }, network, parameters),

    async select(pool, size, rng) {
      // In one order, because sums in another may differ in their last bits.
      const whole = pool.restrictedTo(pool.candidates.slice().sort());
      if (!drawsByItem) return best(whole, whole, size, rng);
      const batch: number[] = [];
      let rest = whole.candidates;
      while (batch.length < size && rest.length > 0) {
        const [item] = await best(whole.restrictedTo(rest), whole, 1, rng.stream("item", batch.length));
        batch.push(item);
        rest = rest.filter((other) => other !== item);
      }
      return Int32Array.from(batch);
    },

    toData: (): ArtefactData => ({
      kind: KIND,
      settings: { ...settings },
      arrays: Object.fromEntries(
        Object.entries(network.layout.views(parameters)).map(([name, { shape, data }]) => [
          name,
          { shape: [...shape], data: data.slice() },
        ]),
      ),
    }),
  };
}

/** What is wrong with other sizes, and the classifier that has the right ones. */
export function mismatch(
  settings: Pick<PolicySettings, "classes" | "embeddingWidth" | "learner" | "classifier">,
  { classes, embeddingWidth }: { classes?: number; embeddingWidth?: number },
): string {
  const whose = `the policy of ${settings.learner}`;
  if (classes !== undefined && classes !== settings.classes) {
    return `${whose} was learnt for ${settings.classes} classes, and the data have ${classes}: learn one for ${classes}`;
  }
  return (
    `${whose} was learnt for embeddings of the width ${settings.embeddingWidth}, and those of the classifier have ` +
    `${embeddingWidth}: use the classifier ${JSON.stringify(settings.classifier)}, or learn another policy`
  );
}

/**
 * The acquisition policy in an artefact, as `loadArtefact` reads it from a run folder.
 *
 * @throws UsageError for another artefact; FormatError for settings and arrays that do not fit
 */
export function restoreAcquisitionPolicy({ kind, settings, arrays }: ArtefactData): AcquisitionPolicy {
  if (kind !== KIND) {
    throw new UsageError(
      `the artefact is of the kind ${kind}, not an acquisition policy: train iale-imitation and train alil make them`,
    );
  }
  const parsed = settingsSchema.safeParse(settings);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new FormatError(`the acquisition policy is damaged: its setting ${path.join(".")}: ${message}`);
  }
  const network = policyNetwork(parsed.data, {
    output: "sigmoid",
    epochs: 1,
    learningRate: 1,
    minibatchSize: 1,
  });
  try {
    return acquisitionPolicy(parsed.data, network, network.layout.fromNamed(arrays));
  } catch (cause) {
    throw new FormatError(`the acquisition policy is damaged: ${(cause as Error).message}`, { cause });
  }
}
