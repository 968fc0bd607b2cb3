/**
 * @file A synthetic annotator of comparisons, for experiments without people: it knows the environment's rewards and
 * errs in the ways of [Lee et al. 2021, §3.2].
 */

import * as z from "zod";
import { fraction, nonNegative, resolveOptions } from "../config/options.js";
import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import type { Choice } from "./kinds/comparison.js";
import type { Labeller } from "./labeller.js";
import { pause } from "./pause.js";
import type { Question } from "./question.js";
import type { Segment } from "./segment.js";

/** What the kinds of annotators do in place of the defaults. */
const kinds = {
  oracle: {},
  mistaken: { mistake: 0.1 },
  myopic: { myopia: 0.9 },
  random: { mistake: 0.5 },
} as const;

const annotatorFields = z.strictObject({
  kind: z
    .enum(Object.keys(kinds) as [keyof typeof kinds])
    .optional()
    .describe(
      "what the other options are by default. oracle: no errors; mistaken: one choice in ten is the opposite; myopic: the " +
        "end of a segment counts more; random: chance",
    ),
  name: z
    .string()
    .min(1)
    .default("oracle")
    .describe("name of the annotator in the answers; unset: its kind, or oracle"),
  temperature: nonNegative()
    .default(0)
    .describe(
      "T of P(left is better) = σ((R_left − R_right) / T), in units of the return of a segment; 0: the better one",
    ),
  mistake: fraction().default(0).describe("probability of the opposite of the choice"),
  myopia: fraction()
    .default(1)
    .describe(
      "factor of the reward of a step for each step that follows it: below 1, the end of a segment counts more",
    ),
  equal: nonNegative()
    .default(0)
    .describe('largest difference of two returns that is answered "equal", in units of return'),
  skip: z
    .number()
    .optional()
    .describe(
      "return below which both segments must be for the question to be skipped; unset: none is skipped",
    ),
  bias: fraction().default(0).describe("probability of choosing left without a look at the segments"),
  delay: nonNegative().default(0).describe("time that the annotator takes for each answer (s)"),
  seed: z.int().default(0).describe("seed of the annotator's chance"),
});

const defaults = annotatorFields.parse({});

/** The kind alone says which options it changes; those that are given stay. */
export const annotatorSchema = annotatorFields
  .overwrite((options) => {
    if (options.kind === undefined) return options;
    const own = { name: options.kind, ...kinds[options.kind] };
    const unset = Object.entries(own).filter(
      ([name]) => options[name as keyof typeof own] === defaults[name as keyof typeof own],
    );
    return { ...options, ...Object.fromEntries(unset) };
  })
  .meta({ tag: "kind" });

export type AnnotatorOptions = z.input<typeof annotatorSchema>;
type Resolved = z.output<typeof annotatorSchema>;

/**
 * A labeller that compares segments by the environment's rewards. Its chance is drawn for each question from the seed,
 * the name and the number of the question, so answers do not depend on the order in which questions are asked, or on
 * how often.
 *
 * @throws UsageError for an invalid option; from `label`, for segments without rewards
 */
export function annotator(options: AnnotatorOptions = {}): Labeller<"comparison"> {
  const resolved = resolveOptions("annotator", annotatorSchema, options);
  const { name, delay } = resolved;
  const answerTo = (question: Question<"comparison">) => {
    const choice = compare(resolved, question);
    const said = choice === "skipped" ? { skipped: true as const } : { choice };
    return { id: question.id, ...said, annotator: name, ...(delay > 0 && { seconds: delay }) };
  };
  return {
    kind: `annotator: ${name}`,
    asks: "comparison",
    async *label({ queries }, signal) {
      if (delay === 0) return yield queries.map(answerTo);
      for (const question of queries) {
        await pause(1000 * delay, signal);
        if (signal.aborted) return;
        yield [answerTo(question)];
      }
    },
  };
}

/** The choice: rational choice, then the mistake, then "equal", then the skip. */
function compare(options: Resolved, { id, left, right }: Question<"comparison">): Choice | "skipped" {
  const { name, temperature, mistake, equal, skip, bias, seed } = options;
  const rng = createRng(`annotator/${seed}`).stream(name, id);
  const [a, b] = [returnOf(left, options), returnOf(right, options)];
  // Always three numbers, so that one option does not shift the chance of another.
  const [chance, flip, blind] = [rng.uniform(), rng.uniform(), rng.uniform()];
  if (skip !== undefined && Math.max(a, b) < skip) return "skipped";
  if (blind < bias) return "left";
  const difference = a - b;
  if (Math.abs(difference) <= equal) return "equal";
  const probability =
    temperature > 0 ? 1 / (1 + Math.exp(-difference / temperature)) : Number(difference > 0);
  const isLeft = chance < probability !== flip < mistake;
  return isLeft ? "left" : "right";
}

/** Σ_t γ^(T − 1 − t) r_t [Lee et al. 2021, eq. 5]. */
function returnOf({ rewards }: Segment, { name, myopia }: Resolved): number {
  if (!rewards) {
    throw new UsageError(
      `annotator "${name}": a segment has no rewards, by which it would be compared; ask a person instead`,
    );
  }
  let sum = 0;
  for (const reward of rewards) sum = myopia * sum + reward;
  return sum;
}
