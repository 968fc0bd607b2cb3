/** @file `understudy-rl preferences <folder>`: what is in a folder of preferences, and how consistent each annotator is. */

import * as z from "zod";
import { annotatorReports, oneSidedWarnings } from "../../algorithms/preferences/shared/trust.js";
import { isSameStart, type Preferences, segmentSteps } from "../../src/datasets/preferences.js";
import { preferencesAt, readPreferences, savePreferences } from "../../src/datasets/preferences-folder.js";
import { preferencesFromJsonl, preferencesToJsonl } from "../../src/datasets/preferences-jsonl.js";
import { problemOf } from "../../src/env/problem.js";
import { UsageError } from "../../src/errors.js";
import { formatNumber } from "../../src/report/format.js";
import { describeSpace } from "../../src/spaces/index.js";
import { diskFolder, readFileOrExplain, writeFileAtomic } from "../../src/state/files.js";
import { type Command, print, printJson, warn } from "../command.js";
import { environmentFields, json } from "../fields.js";
import { table } from "../table.js";

const schema = z.strictObject({
  folder: z.string().describe("folder of preferences, or of a run of preference-learning"),
  export: z
    .string()
    .min(1)
    .optional()
    .describe(
      "file of JSON lines { prompt, chosen, rejected } to write; answers without a winner are left out",
    ),
  from: z
    .string()
    .min(1)
    .optional()
    .describe("file of such lines, from which the folder is made; needs --env, for the spaces"),
  ...environmentFields,
  json,
});

export const preferencesCommand: Command<typeof schema> = {
  name: "preferences",
  schema,
  positionals: ["folder"],
  examples: [
    "preferences preferences/cartpole",
    "preferences preferences/cartpole --export pairs.jsonl",
    "preferences preferences/mine --from pairs.jsonl --env CartPole-v1",
  ],

  async run({ folder, json, from, export: to, env, environmentOptions }) {
    if (from !== undefined) await make(from, folder, env, environmentOptions);
    const { preferences, unanswered } = await readPreferences(await preferencesAt(folder));
    if (to !== undefined) await writePairs(to, preferences);
    const { segments, comparisons, observationSpace, actionSpace } = preferences;
    const count = (choice: string) => comparisons.filter((one) => one.choice === choice).length;
    const lengths = segments.map((segment) => segmentSteps(segment, preferences));
    const pairs = new Map(comparisons.map((one) => [one.id, one]));
    const same = [...pairs.values()].filter(({ left, right }) =>
      isSameStart(segments[left], segments[right], preferences),
    );
    const facts = {
      env: preferences.env,
      observations: describeSpace(observationSpace),
      actions: describeSpace(actionSpace),
      segments: segments.length,
      steps: lengths.length > 0 ? `${Math.min(...lengths)} to ${Math.max(...lengths)}` : "none",
      questions: pairs.size + unanswered,
      unanswered,
      sameStart: same.length,
      answers: comparisons.length,
      left: count("left"),
      right: count("right"),
      equal: count("equal"),
      neither: count("neither"),
      skipped: count("skipped"),
    };
    // Lines of pairs do not say on which side a segment was shown.
    const hasSides = preferences.provenance.from === undefined;
    const people = annotatorReports(preferences).map((one) =>
      hasSides ? one : { ...one, left: Number.NaN },
    );
    if (json) return printJson({ ...facts, annotators: people });
    const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    for (const [name, value] of Object.entries(facts)) print(`${words(name).padEnd(14)}${value}`);
    if (people.length === 0) return;
    print("");
    const share = (x: number) => (Number.isNaN(x) ? "" : formatNumber(x, 2));
    const rows = people.map((one) => [
      one.annotator,
      one.answers,
      one.skipped,
      share(one.left),
      one.repeated,
      share(one.consistency),
      one.shared,
      share(one.ability),
      share(one.weight),
      share(one.seconds),
    ]);
    const head = [
      "annotator",
      "answers",
      "skipped",
      "left",
      "repeats",
      "consistent",
      "shared",
      "ability",
      "weight",
      "seconds",
    ];
    print(table(head, rows));
    for (const warning of oneSidedWarnings(preferences)) warn(`warning: ${warning}`);
  },
};

/** Makes a folder of preferences from JSON lines. */
async function make(from: string, folder: string, env: string | undefined, options: Record<string, unknown>) {
  if (env === undefined)
    throw new UsageError("preferences --from needs --env: the environment of the segments");
  const { id, observationSpace, actionSpace } = await problemOf(env, options);
  const text = new TextDecoder().decode(await readFileOrExplain(from));
  const header = { env: id, observationSpace, actionSpace, provenance: { from } };
  await savePreferences(diskFolder(folder), preferencesFromJsonl(text, header, from));
}

/** Writes the answers with a winner as lines of pairs, and says how many there are. */
async function writePairs(path: string, preferences: Preferences): Promise<void> {
  const lines = preferencesToJsonl(preferences);
  const pairs = lines.split("\n").length - 1;
  await writeFileAtomic(path, lines);
  if (pairs > 0) warn(`${path} has ${pairs} pairs`);
  else warn(`warning: ${path} is empty: no answer has a winner`);
}
