/**
 * @file References: how a run's plain data names what is no plain data, such as demonstrations in a folder or a policy in
 * a file, and the memory of where an object of this process was read from.
 */

import * as z from "zod";
import { UsageError } from "../errors.js";
import { count } from "./options.js";

const checksum = z.string().optional().describe("checksum of what was read; a run refuses what has changed");

/** An object that was given in code, and that only code can give again. */
export const givenReference = z
  .looseObject({
    given: z.string().describe("what was given in code, such as a name or a type"),
    checksum,
  })
  .describe("an object given in code");

/** The module of a user's own algorithm or environment. */
export const moduleReference = z
  .strictObject({ module: z.string().min(1).describe("path of a JavaScript module"), checksum })
  .describe("a module of the user's own");

/** Recorded beside a reference to demonstrations; not needed to read them. */
const demonstrationFacts = {
  env: z.string().optional().describe("environment of the demonstrations"),
  environmentOptions: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("options of the environment, with which the demonstrations were recorded"),
  maxEpisodeSteps: count().optional().describe("limit of their episodes (steps)"),
  pairs: count().optional().describe("demonstrated state–action pairs"),
  checksum,
};

const spaceReference = z.union(
  [z.string(), z.record(z.string(), z.unknown())],
  'it must be a space, such as "Discrete(4)" or { "kind": "discrete", "n": 4 }',
);

export const demonstrationsReference = z.union(
  [
    z.strictObject({
      from: z.string().min(1).describe("folder or file of demonstrations"),
      episodes: count().optional().describe("the first episodes; unset, all"),
      format: z.string().optional().describe("file format, where the content does not show it"),
      clip: z.boolean().optional().describe("bring actions into the bounds of their box"),
      observationColumn: z.string().optional().describe("LeRobot: the column of the observation"),
      observationSpace: spaceReference
        .optional()
        .describe("space of observations, in place of an environment"),
      actionSpace: spaceReference.optional().describe("space of actions, in place of an environment"),
      ...demonstrationFacts,
    }),
    z.strictObject({
      expert: z.string().min(1).describe("id of an expert of the zoo, whose mode demonstrates"),
      episodes: count().optional().describe("whole episodes; unset, 10"),
      seed: z
        .union([z.int(), z.string()])
        .optional()
        .describe("seed of the episodes; unset, it follows from the seed of the run"),
      ...demonstrationFacts,
    }),
    givenReference,
  ],
  'it must be a reference to demonstrations, such as { "from": "demos/cartpole" } or { "expert": "CartPole-v1" }',
);

export const preferencesReference = z.union(
  [
    z.strictObject({
      from: z.string().min(1).describe("folder of preferences"),
      env: z.string().optional().describe("environment of the segments"),
      segments: z.int().optional().describe("number of segments"),
      comparisons: z.int().optional().describe("number of comparisons"),
      checksum,
    }),
    givenReference,
  ],
  'it must be a reference to preferences, such as { "from": "preferences/cartpole" }',
);

const kind = z.string().optional().describe("kind of the policy");

export const policyReference = z.union(
  [
    z.strictObject({ expert: z.string().min(1).describe("id of an expert of the zoo"), kind, checksum }),
    z.strictObject({
      policy: z.string().min(1).describe("a policy's .safetensors file, or the run folder that holds it"),
      kind,
      checksum,
    }),
    givenReference,
  ],
  'it must be a reference to a policy, such as { "policy": "runs/expert" } or { "expert": "CartPole-v1" }',
);

/** Names of people that may stand in logs, links and pages. */
export const NAME_OF_PERSON = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u;

export const annotatorNames = () =>
  z
    .array(z.string().regex(NAME_OF_PERSON), "it must be a list of names of up to 40 letters and digits each")
    .min(1);

export const labellerReference = z.union(
  [
    z.strictObject({
      labeller: z
        .enum(["console", "files", "web"])
        .describe(
          "console: you, at this terminal; files: answers dropped into a folder; web: people at a page",
        ),
      folder: z
        .string()
        .min(1)
        .optional()
        .describe("folder of queries and answers; unset, labels in the run's"),
      port: z
        .int()
        .nonnegative()
        .max(65535)
        .optional()
        .describe("web: port of the page; 0 or unset: that of the last time, or any that is free"),
      annotators: annotatorNames()
        .optional()
        .describe("web and files: names of the people; with web each gets a link; unset: one person"),
      kind: z.string().optional().describe("kind of the labeller"),
    }),
    givenReference,
  ],
  'it must be a reference to a labeller, such as { "labeller": "files", "folder": "labels" }',
);

/** A data set on disk, of a learner that needs no environment, or the answers of annotators. */
export const dataReference = z.union(
  [
    z.strictObject({ from: z.string().min(1).describe("file or folder of the data set"), checksum }),
    givenReference,
  ],
  'it must be a reference to a data set, such as { "from": "data.json" }',
);

/** A learnt reward on disk, which a reinforcement learner maximises. */
export const rewardReference = z.strictObject(
  {
    from: z
      .string()
      .min(1)
      .describe("a reward's .safetensors file, or the run folder of inverse RL that holds it"),
    checksum,
  },
  'it must be a reference to a learnt reward, such as { "from": "runs/irl" }',
);

export type GivenReference = z.output<typeof givenReference>;
export type ModuleReference = z.output<typeof moduleReference>;
export type DemonstrationsReference = z.output<typeof demonstrationsReference>;
export type PreferencesReference = z.output<typeof preferencesReference>;
export type PolicyReference = z.output<typeof policyReference>;
export type LabellerReference = z.output<typeof labellerReference>;
export type DataReference = z.output<typeof dataReference>;
export type RewardReference = z.output<typeof rewardReference>;
type Reference =
  | GivenReference
  | ModuleReference
  | DemonstrationsReference
  | PreferencesReference
  | PolicyReference
  | LabellerReference
  | DataReference
  | RewardReference;

/** Whether a word names a module of the user's own, such as `./mine.mjs`, and no id. */
export const isModulePath = (word: string): boolean => /^\.{0,2}[/\\]|\.[cm]?js$/.test(word);

const REFERENCE_KEYS = ["from", "expert", "policy", "labeller", "module", "given"];

/** Whether a value is a reference. One reference replaces another whole: their keys are never mixed. */
export const isReference = (value: unknown): value is Reference =>
  typeof value === "object" &&
  value !== null &&
  REFERENCE_KEYS.some((key) => typeof (value as Record<string, unknown>)[key] === "string");

export const isGiven = (value: unknown): value is GivenReference =>
  isReference(value) && typeof (value as Partial<GivenReference>).given === "string";

/** Where objects of this process were read from. */
const origins = new WeakMap<object, Record<string, unknown>>();

/** Remembers the reference that an object was read from, so that a run can record it. Returns the object. */
export function withOrigin<T extends object>(object: T, reference: Record<string, unknown>): T {
  origins.set(object, reference);
  return object;
}

export const originOf = (object: object): Record<string, unknown> | undefined => origins.get(object);

/**
 * What a run records of an object: the reference that it was read from, or else that it was given in code; and in both
 * cases what identifies its content.
 *
 * @param what the object in a word, such as "demonstrations"
 */
export const referenceTo = (
  object: object,
  what: string,
  identity: Record<string, unknown>,
): Record<string, unknown> => ({ ...(originOf(object) ?? { given: what }), ...identity });

/** @throws UsageError when the checksum differs from the recorded one, naming the file and both checksums */
export function requireSameContent(path: string, recorded: string | undefined, present: string): void {
  // Earlier records left out leading zeros.
  if (recorded === undefined || recorded.padStart(8, "0") === present.padStart(8, "0")) return;
  throw new UsageError(
    `${path} has changed since it was recorded: its checksum was ${recorded} and is ${present} now; restore it, or ` +
      "start a run in a new folder with a reference without the checksum",
  );
}
