/** @file `understudy-rl compare-segments <folder>`: collects comparisons of a policy's segments, of people or synthetic ones. */

import * as z from "zod";
import { PREFERENCES, preferencesHeader } from "../../src/datasets/preferences-folder.js";
import { playedWithIn } from "../../src/datasets/provenance.js";
import { problemOf } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import { playedWith } from "../../src/measure/collect.js";
import {
  addQuestions,
  askQuestions,
  openPreferences,
  pairSchema,
} from "../../src/measure/compare-segments.js";
import { annotator, annotatorSchema } from "../../src/people/annotator.js";
import type { Labeller } from "../../src/people/labeller.js";
import { Paused } from "../../src/people/labeller.js";
import { INTERRUPTED } from "../../src/runs/exit-code.js";
import { environmentFor, policyAt } from "../../src/runs/inputs.js";
import { labellerFor } from "../../src/runs/labellers.js";
import { createFolder, diskFolder } from "../../src/state/files.js";
import { lockFolder } from "../../src/state/lock.js";
import { type Command, print } from "../command.js";
import { environmentFields, labellerPort, policyPath, problemFields, seed } from "../fields.js";

const schema = z.strictObject({
  folder: z.string().describe("folder of the preferences, which is started or continued"),
  policy: policyPath
    .optional()
    .describe(`${policyPath.description}; unset: only the questions in the folder are asked`),
  ...environmentFields,
  ...problemFields,
  ...pairSchema.shape,
  seed,
  annotator: annotatorSchema
    .prefault({})
    .describe("without --labeller: the synthetic annotator, which knows the environment's rewards"),
  labeller: z
    .enum(["console", "files", "web"])
    .optional()
    .describe(
      "who answers: you, at this terminal, files dropped into labels in the folder, or you, at a page; unset: a " +
        "synthetic annotator",
    ),
  labellerPort,
  person: z.string().min(1).optional().describe("name of the person who answers, for the record"),
});

export const compareSegmentsCommand: Command<typeof schema> = {
  name: "compare-segments",
  schema,
  positionals: ["folder"],
  examples: [
    "compare-segments preferences/cartpole --policy runs/bc --pairs 200",
    "compare-segments preferences/cartpole --annotator.name ann --annotator.mistake 0.1",
    "compare-segments preferences/pole --policy expert --env CartPole-v1 --labeller console --person ben",
    "compare-segments preferences/pole --policy expert --env CartPole-v1 --labeller web --person ben",
  ],

  async run(
    { folder: path, policy: word, labeller, labellerPort, person, seed, annotator: synthetic, ...rest },
    _,
    trust,
  ) {
    const { env, environmentOptions, workers, workerTimeout, maxEpisodeSteps, ...pairs } = rest;
    const folder = diskFolder(path);
    const found = word === undefined ? undefined : await policyAt(word, { env, trust });
    const recorded = (await folder.read(PREFERENCES)) && (await preferencesHeader(folder));
    if (!found && !recorded) {
      throw new UsageError(
        `${path} has no preferences yet: name the policy to compare segments of with --policy`,
      );
    }
    const played = recorded && { env: recorded.env, ...playedWithIn(recorded) };
    const isOther = env !== undefined && played !== undefined && env !== played.env;
    const asked = {
      env: env ?? played?.env,
      environmentOptions: { ...(!isOther && played?.environmentOptions), ...environmentOptions },
    };
    const where = await environmentFor(asked, found?.run, trust);
    createFolder(path);
    const lock = await lockFolder(path);
    try {
      const problem = await problemOf(where.env, where.environmentOptions, {
        ...{ workers, workerTimeout, maxEpisodeSteps },
      });
      const writer = await openPreferences(folder, problem, playedWith({ ...where, maxEpisodeSteps }));
      if (found) await addQuestions(writer, found.policy, problem, pairs, seed);
      const named = labeller === undefined ? synthetic.name : person;
      const asking =
        labeller === undefined
          ? { labeller: annotator(synthetic) }
          : await personAt({ labeller, port: labellerPort, person }, path, where);
      const answered = await askQuestions(writer, folder, asking.labeller, { annotator: named, ...asking });
      const open = writer.open(named).length;
      print(`${answered} answers${named === undefined ? "" : ` of ${named}`}, ${open} questions open`);
    } catch (error) {
      if (!(error instanceof Paused)) throw error;
      print("stopped; the same command without --policy goes on with the open questions");
      process.exitCode = INTERRUPTED;
    } finally {
      lock.release();
    }
    print(`preferences  ${path}`);
    print(`next         npx understudy-rl preferences ${path}`);
  },
};

async function personAt(
  { person, ...reference }: { labeller: "console" | "files" | "web"; port?: number; person?: string },
  out: string,
  where: { env: string; environmentOptions: Record<string, unknown> },
): Promise<{ labeller: Labeller<"comparison">; signal: AbortSignal }> {
  const annotators = person === undefined ? undefined : [person];
  const found = await labellerFor({ ...reference, annotators }, { ...where, out, asks: "comparison" });
  return { ...found, labeller: found.labeller as unknown as Labeller<"comparison"> };
}
