/** @file The option `acquisition`: the rule that chooses what to ask, by its name and options, or as an object. */

import * as z from "zod";
import type { Acquisition } from "../../../src/active/index.js";
import * as active from "../../../src/active/index.js";
import { count, nonNegative, resolveOptions } from "../../../src/config/options.js";
import { originOf } from "../../../src/config/references.js";
import { didYouMean, UsageError } from "../../../src/errors.js";
import { saveArtefact } from "../../../src/policies/save.js";
import { checksumText } from "../../../src/state/checksum.js";
import { crc32c } from "../../../src/state/crc32c.js";
import { type AcquisitionPolicy, mismatch } from "../imitation/policy.js";

/** A name such as `"margin"` or `"margin@100"` (in a sub-pool of 100), a name with options, or an acquisition. */
export type AcquisitionOption = string | ({ name: string } & Record<string, unknown>) | Acquisition;

interface Kind {
  schema?: z.ZodRawShape;
  create(options: never): Acquisition;
}

const kinds: Record<string, Kind> = {
  random: { create: active.random },
  entropy: { create: active.entropy },
  "least-confidence": { create: active.leastConfidence },
  margin: { create: active.margin },
  "query-by-committee": {
    schema: {
      disagreement: z.enum(active.disagreements).default("vote-entropy").describe("measure of disagreement"),
    },
    create: ({ disagreement }: { disagreement: active.Disagreement }) =>
      active.queryByCommittee(disagreement),
  },
  bald: { create: active.bald },
  "batch-bald": {
    schema: {
      configurations: count()
        .default(10_000)
        .describe("largest number of label combinations that are summed exactly; beyond, so many are drawn"),
    },
    create: active.batchBald,
  },
  "expected-error-reduction": {
    schema: {
      expectation: z
        .enum(["updated", "current"])
        .default("updated")
        .describe("model whose expectation is taken"),
      candidates: count().default(50).describe("candidates that are tried"),
      reference: count().default(200).describe("items on which the loss is measured"),
    },
    create: active.expectedErrorReduction,
  },
  "core-set": { create: active.coreSet },
  badge: { create: active.badge },
  "sparse-subset": {
    create: active.sparseSubset,
  },
};

export const acquisitionNames: readonly string[] = Object.keys(kinds);

const commonFields = {
  subPool: count()
    .optional()
    .describe("candidates that are drawn at random, among which it chooses; unset: all"),
  density: nonNegative()
    .default(0)
    .describe("power of the mean similarity to other items, by which scores are multiplied; 0: none"),
};

const isAcquisition = (value: unknown): value is Acquisition =>
  typeof (value as Partial<Acquisition> | null)?.select === "function";

export const acquisitionSchema = z
  .custom<AcquisitionOption>(
    (value) =>
      typeof value === "string" || (typeof value === "object" && value !== null && !Array.isArray(value)),
    `it must be one of ${acquisitionNames.join(", ")}, { name: such a name, …options }, or an acquisition`,
  )
  .meta({ tag: "name", type: "name, options or acquisition" })
  .default("margin")
  .describe(
    `rule that chooses the items to ask about: ${acquisitionNames.join(", ")}; margin@100 chooses among 100 drawn at ` +
      "random; options as in --acquisition.density 1; or the folder of a run that learnt an acquisition, as in ./runs/iale",
  );

/**
 * The option with all defaults filled in, as plain data; for an object, where it was read from, or `{ given }`.
 *
 * @throws UsageError for an unknown name, or options that the acquisition does not have
 */
export function resolvedAcquisition(what: string, option: AcquisitionOption): Record<string, unknown> {
  if (isAcquisition(option)) return recordOf(option);
  const { name: word = "margin", ...options } = typeof option === "string" ? { name: option } : option;
  const [, name, size] = String(word).match(/^(.*?)(?:@(\d+))?$/) as RegExpMatchArray;
  if (!Object.hasOwn(kinds, name)) {
    const isPath = /[/\\]/.test(name);
    throw new UsageError(
      `${what}: unknown acquisition "${name}"` +
        (isPath
          ? `; a policy in a file is { policy: "${name}" }, or restoreAcquisitionPolicy(await loadArtefact("${name}"))`
          : didYouMean(name, acquisitionNames)),
    );
  }
  const schema = z.strictObject({ ...kinds[name].schema, ...commonFields });
  const given = { ...(size !== undefined && { subPool: Number(size) }), ...options };
  return { name, ...resolveOptions(`${what}, acquisition ${name}`, schema, given) };
}

const isPolicy = (acquisition: Acquisition): acquisition is AcquisitionPolicy =>
  typeof (acquisition as Partial<AcquisitionPolicy>).toData === "function";

/** What a run records of an acquisition; of a policy also what identifies it. */
const recordOf = (acquisition: Acquisition): Record<string, unknown> => ({
  ...(originOf(acquisition) ?? { given: acquisition.name }),
  ...(isPolicy(acquisition) && {
    kind: acquisition.toData().kind,
    checksum: checksumText(crc32c(saveArtefact(acquisition))),
  }),
});

/** The acquisition of an option. @throws UsageError as {@link resolvedAcquisition} */
export function acquisitionOf(what: string, option: AcquisitionOption): Acquisition {
  if (isAcquisition(option)) return option;
  const { name, subPool, density, ...options } = resolvedAcquisition(what, option);
  const one = kinds[name as string].create(options as never);
  const weighted = (density as number) > 0 ? active.density(one, density as number) : one;
  return subPool === undefined ? weighted : active.subPool(weighted, subPool as number);
}

/**
 * @throws UsageError naming the acquisition and the classifier, if the one needs what the other does not have, and for a
 * policy that was learnt for other sizes
 */
export function requireAbilities(
  what: string,
  acquisition: Pick<Acquisition, "name" | "needs" | "learntFor">,
  classifier: active.Classifier,
  classes: number,
): void {
  const { name, needs, learntFor } = acquisition;
  const lack = needs.find((ability) => classifier[ability] === undefined);
  if (lack === undefined) {
    const { embeddingWidth } = classifier;
    const isOther =
      learntFor !== undefined &&
      (learntFor.classes !== classes ||
        (embeddingWidth !== undefined && learntFor.embeddingWidth !== embeddingWidth));
    if (!isOther) return;
    throw new UsageError(
      `${what}: ${mismatch((acquisition as AcquisitionPolicy).settings, { classes, embeddingWidth })}`,
    );
  }
  const hints = {
    samples: "give it dropout, or several members",
    embeddings: "softmax-regression, mlp and cnn have them",
    updated: "naive-bayes and parzen have it",
  };
  const has = { samples: "samples", embeddings: "embeddings", updated: "updates by one label" }[lack];
  throw new UsageError(
    `${what}: the acquisition ${name} needs ${has}, which the classifier ${classifier.name} does not have: ${hints[lack]}`,
  );
}
