/** @file `understudy train <algorithm>`: one command an algorithm, its options from the algorithm's own schema. */

import { join } from "node:path";
import { z } from "zod";
import { algorithmCatalogue, type CatalogueEntry, describeTuned, tuned } from "../../algorithms/index.js";
import { count, positive } from "../../src/config/options.js";
import { checkOptions } from "../../src/env/registry.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { INTERRUPTED, type TrainOptions, train } from "../../src/runs/index.js";
import { readJson } from "../../src/runs/run-records.js";
import { listSeeds, type SeedsConfig, seedsOption, trainSeeds } from "../../src/runs/seeds.js";
import { stopWithParent } from "../../src/runs/seeds-child.js";
import { readSeeds } from "../../src/runs/seeds-run.js";
import { type Command, print } from "../command.js";
import {
  type ByExpert,
  demonstrationsIn,
  demonstrationsOfExpert,
  environmentOfDemonstrations,
} from "../demonstrations.js";
import { type Diagnosis, diagnosisFields, diagnosisOf } from "../diagnosis.js";
import { environmentFields, seed, workerFields } from "../fields.js";
import { EXPERT, environmentId, expertNamed, policyAt } from "../inputs.js";
import { type LabellerChoice, labellerFields, labellerFor, requireSomebody } from "../labellers.js";
import { merge, select, type Values } from "../options.js";
import { printSeeds, seedsExitCode } from "../seeds.js";

const runSchema = z.strictObject({
  ...environmentFields,
  ...workerFields,
  steps: count()
    .optional()
    .describe("how many, in the algorithm's unit; by default as tuned, or the algorithm's own number"),
  tuned: z.boolean().default(true).describe("start from the settings tuned for the environment"),
  seed,
  seeds: seedsOption(2)
    .optional()
    .describe(
      "train under several, each a run of its own: how many, from --seed on, or a list such as 0,3,7",
    ),
  jobs: count().optional().describe("how many of the seeds at once; by default as many as there are cores"),
  out: z
    .string()
    .optional()
    .describe("folder of the run; by default runs/ALGORITHM-ENV-SEED, of several seeds runs/ALGORITHM-ENV"),
  resume: z.boolean().default(false).describe("go on with the run in --out, with its options"),
  evaluate: z
    .strictObject({
      every: count().describe("measure the policy every so many steps"),
      episodes: count().default(20).describe("whole episodes in a measurement"),
    })
    .optional(),
  checkpoint: z
    .strictObject({
      every: count().optional().describe("steps between checkpoints; by default a tenth of the run"),
      seconds: positive().default(60).describe("most time between checkpoints (s)"),
      keep: count().default(3).describe("how many of the latest to keep"),
    })
    .prefault({}),
  sinks: z
    .array(z.enum(["csv", "tensorboard"]))
    .default([])
    .describe("further formats for the metrics: csv, tensorboard"),
});

/** Options of algorithms that are not plain data: on the command line they are paths. */
const fileFields = {
  demonstrations: z
    .string()
    .describe(
      "demonstrations: a folder that understudy collect wrote, a file or folder that understudy convert reads, " +
        "or expert: the zoo's shows them",
    )
    .meta({ alias: "demos" }),
  expert: z
    .string()
    .describe("the expert's run folder, a policy's .safetensors file, or expert: the zoo's, for --env"),
};
type FileField = keyof typeof fileFields;

/** Options that are live objects: on the command line they follow from others. */
const liveFields = { labeller: true, signal: true };

/** Goes with `demonstrations`. */
const amountFields = {
  demonstrationEpisodes: count()
    .optional()
    .describe("how many episodes: by default all in the folder, or 10 of the zoo's expert")
    .meta({ alias: "demo-episodes" }),
};

/** What is left when nobody says which environment. */
const defaultEnvironment = (algorithm: string) => algorithmCatalogue[algorithm].environment ?? "CartPole-v1";

/**
 * The environment that the options say: with `--env`, or by what is learnt from.
 *
 * @returns nothing where they do not, as with files of other programs
 */
async function environmentOf(algorithm: string, options: Values): Promise<string | undefined> {
  const { env, demonstrations, expert } = options as FileOptions & { env?: string };
  if (env !== undefined) return environmentId(String(env));
  const zooId = (word: string) => expertNamed(word, defaultEnvironment(algorithm));
  if (typeof demonstrations === "string") {
    return zooId(demonstrations) ?? environmentOfDemonstrations(demonstrations);
  }
  return typeof expert === "string" ? zooId(expert) : undefined;
}

/** The command that trains with the algorithm of this name. */
function trainCommand(name: string, { summary, schema, needs, create }: CatalogueEntry): Command {
  const files = (Object.keys(fileFields) as FileField[]).filter((field) => field in schema.shape);
  const isLabelled = "labeller" in schema.shape;
  const plain = select(schema, (field) => !(field in fileFields) && !(isLabelled && field in liveFields));
  const eitherWillDo = needs.includes("demonstrations or expert");
  const isNeeded = (field: FileField) => needs.includes(field) && !(field === "expert" && isLabelled);
  const paths = Object.fromEntries(
    files.map((field) => {
      const path = fileFields[field];
      return [field, isNeeded(field) ? path : path.optional().meta(path.meta()!)];
    }),
  );
  const amount = files.includes("demonstrations") ? amountFields : {};
  const labelling = isLabelled ? labellerFields : {};
  const diagnosis = files.length > 0 && !eitherWillDo ? diagnosisFields : {};
  const ownFields = { ...paths, ...labelling, ...amount, ...diagnosis, ...plain.shape };
  const optionNames = Object.keys(ownFields);
  const commandSchema = z.strictObject({ ...runSchema.shape, ...ownFields });

  /** The algorithm, with its files read, and everything else that `train.run` takes. */
  async function load(options: Values): Promise<Loaded> {
    const { demonstrations, demonstrationEpisodes: episodes, expert } = options as FileOptions;
    if (eitherWillDo && (demonstrations === undefined) === (expert === undefined)) {
      throw new UsageError(
        `train ${name} needs --demonstrations or --expert, one of them: what to learn from`,
      );
    }
    const run = pick(options, Object.keys(runSchema.shape)) as z.output<typeof runSchema>;
    if (run.jobs !== undefined && run.seeds === undefined) {
      throw new UsageError(
        `train ${name}: --jobs says how many of several seeds run at once: give --seeds too`,
      );
    }
    const known = await environmentOf(name, options);
    const env = known ?? defaultEnvironment(name);

    const teacher = demonstrations && expertNamed(demonstrations, env);
    const { environmentOptions, seed, workers, workerTimeout } = run;
    const where = { env: known, environmentOptions, workers, workerTimeout };
    const shown = teacher ? await demonstrationsOfExpert(teacher, { ...where, seed, episodes }) : undefined;
    const demos =
      shown?.demonstrations ??
      (demonstrations && (await demonstrationsIn(demonstrations, { ...where, episodes })));
    const out = run.out ?? defaultFolder(name, env, run);
    if (isLabelled && !expert && !options.labeller) {
      throw new UsageError(
        `train ${name} needs --expert, or --labeller console or files: somebody has to label`,
      );
    }
    const teaching = expert === undefined ? undefined : (await policyAt(expert, env)).policy;
    const algorithm = create({
      ...(await labellerFor(options as LabellerChoice, { env, environmentOptions, out })),
      ...pick(options, Object.keys(plain.shape)),
      ...(demos && { demonstrations: demos }),
      ...(teaching && { expert: teaching }),
    });
    const recorded = recordOf(algorithm.options, shown?.record, expert && expertNamed(expert, env));
    const reference = teaching ?? demos;
    const { diagnose } = options as { diagnose?: Diagnosis };
    const steps = run.steps ?? algorithm.defaultSteps;
    return {
      algorithm: { ...algorithm, options: recorded },
      run: { ...run, env, out },
      ...(diagnose && reference && { diagnose: diagnosisOf(diagnose, reference, { ...where, env, steps }) }),
    };
  }

  /** Where a run with these options is kept. */
  async function folderOf(options: Values): Promise<string> {
    if (options.out !== undefined) return String(options.out);
    const env = (await environmentOf(name, options)) ?? defaultEnvironment(name);
    const { seed = 0, seeds } = options as Partial<RunOptions>;
    return defaultFolder(name, env, { seed, seeds });
  }

  /** What the seeds of `options` have in common, as their processes read it. */
  function seedsConfig(options: Values): SeedsConfig {
    const {
      seed: _,
      seeds: __,
      jobs: ___,
      out: ____,
      resume: _____,
      ...run
    } = pick(options, Object.keys(runSchema.shape));
    // All that was tuned is among the options already.
    return { algorithm: name, options: pick(options, optionNames), ...run, tuned: false };
  }

  async function runSeeds(options: Values, { run }: { run: RunOptions }): Promise<void> {
    const { seed, seeds, jobs, out, resume } = run;
    const summary = await trainSeeds(seedsConfig(options), {
      seeds: listSeeds(seeds!, seed),
      jobs,
      folder: out,
      resume,
      progress: process.stderr,
      handleInterrupt: true,
    });
    printSeeds(summary, out);
    process.exitCode = seedsExitCode(summary);
  }

  return {
    name: `train ${name}`,
    aliases: [kebabOf(name)].filter((alias) => alias !== name),
    summary,
    schema: commandSchema,
    groups: { [`Options of ${name}:`]: optionNames },
    examples: examplesOf(name, needs),

    async defaults(file, typed) {
      const before = typed.resume ? recorded(await folderOf({ ...flat(name, file), ...typed })) : undefined;
      const given = { ...flat(name, before ?? {}), ...flat(name, file) };
      const asked = merge(given, typed, commandSchema);
      const env = (await environmentOf(name, asked)) ?? defaultEnvironment(name);
      const settings = asked.tuned !== false && !before ? tuned(name, env) : undefined;
      const { steps } = settings ?? {};
      const under = { ...(steps === undefined ? {} : { steps }), ...settings?.options };
      // With what was typed: it may name another optimiser than the one that is tuned.
      return merge(under, asked, commandSchema);
    },

    async resolved(options) {
      const hasAll = needs.every(
        (need) =>
          need.split(" or ").some((field) => options[field] !== undefined) ||
          (need === "expert" && options.labeller !== undefined),
      );
      const { algorithm, run = options } = hasAll ? await load(options) : {};
      const names = Object.keys(runSchema.shape).filter((field) => field !== "tuned");
      const { steps = algorithm?.defaultSteps, ...rest } = pick(run, names);
      return { algorithm: name, options: pick(options, optionNames), steps, unit: algorithm?.unit, ...rest };
    },

    async run(options) {
      requireSomebody(options as LabellerChoice);
      const loaded = await load(options);
      const { algorithm, run, diagnose } = loaded;
      // A run that goes on has the options that it had, wherever these came from.
      const isTuned = run.tuned && !run.resume && tuned(name, run.env) !== undefined;
      const notes = [
        ...(isTuned ? [describeTuned(name, run.env, algorithm.options)] : []),
        ...idleWorkers(run.workers, algorithm.options),
      ];
      const say = () => process.stderr.write(notes.map((note) => `${note}\n`).join(""));
      checkOptions(run.env, run.environmentOptions);
      if (run.seeds !== undefined) {
        say();
        return runSeeds(options, loaded);
      }
      stopWithParent();
      const { out, seeds: _, jobs: __, tuned: ___, ...rest } = run;
      const { labellerFolder } = options as LabellerChoice;
      const labels = labellerFolder === undefined ? "" : ` --labeller-folder ${labellerFolder}`;
      const fromFiles = files.filter((field) => {
        const path = options[field];
        return path !== undefined && !expertNamed(String(path), run.env);
      });
      const paths = fromFiles.map((field) => ` --${field} ${options[field]}`).join("");
      const goOn = `go on with: understudy train ${name} --resume --out ${out}${paths}${labels}`;
      const result = await train.run(announced(algorithm, say), {
        ...rest,
        diagnose,
        folder: out,
        progress: process.stderr,
        handleInterrupt: true,
      });
      result.close();
      if (result.unsaveable) process.stderr.write(`note: ${result.unsaveable}\n`);
      if (result.interrupted) {
        const next = result.unsaveable ? "the policy so far is kept" : goOn;
        process.stderr.write(`interrupted at step ${result.steps}; ${next}\n`);
        process.exitCode = INTERRUPTED;
        return;
      }
      print(`${name} on ${run.env}: ${result.steps} ${algorithm.unit}`);
      print(`run folder  ${out}`);
      print(`report      ${join(out, "report.html")}`);
      print(`next        understudy evaluate ${out}`);
    },
  };
}

/** The algorithm, which says something when it gets to work: a mistake is to be said alone, not below it. */
function announced(algorithm: Algorithm, say: () => void): Algorithm {
  let isSaid = false;
  return {
    ...algorithm,
    update(state) {
      if (!isSaid) say();
      isSaid = true;
      return algorithm.update(state);
    },
  };
}

/** That threads have no work, where it is so: they share out environments, of which the algorithm may have one. */
function idleWorkers(workers: number, options: Values): string[] {
  const [flag, { environments }] =
    "environments" in options
      ? ["--environments", options]
      : ["--optimiser.environments", (options.optimiser ?? {}) as Values];
  if (workers === 0 || environments !== 1) return [];
  return [
    `note: --workers ${workers} has nothing to share out in training with 1 environment; raise ${flag}`,
  ];
}

type RunOptions = z.output<typeof runSchema> & { env: string; out: string };
type Loaded = { algorithm: Algorithm; run: RunOptions; diagnose?: TrainOptions["diagnose"] };
type FileOptions = Partial<Record<FileField, string>> & { demonstrationEpisodes?: number };

/** An algorithm's options as the run keeps them, with the zoo's experts by name: from that, it is resumed. */
const recordOf = (options: Values, shown?: ByExpert, expert?: string): Values => ({
  ...options,
  ...(shown && { demonstrations: { ...(options.demonstrations as Values), ...shown } }),
  ...(expert && { expert: `${EXPERT}:${expert}` }),
});

/** The other way round: what names the demonstrations of a run on record, if the zoo's expert gave them. */
function shownBy(record: unknown): Values {
  const { expert, episodes } = (record ?? {}) as Partial<ByExpert> & { episodes?: number };
  if (expert === undefined) return {};
  return { demonstrations: `${EXPERT}:${expert}`, demonstrationEpisodes: episodes };
}

const pick = (values: Values, names: string[]): Values =>
  Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name]]));

const kebabOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Ids may hold slashes, and modules are paths. */
const defaultFolder = (algorithm: string, env: string, { seed, seeds }: Pick<RunOptions, "seed" | "seeds">) =>
  join(
    "runs",
    [algorithm, env.replace(/^[./\\]+/, "").replace(/[/\\]/g, "-"), ...(seeds ? [] : [seed])].join("-"),
  );

/** The options of the run, or of the seeds, in a folder. */
function recorded(folder: string): Values | undefined {
  const found = readSeeds(folder);
  if (!found) return readJson<Values>(folder, "config.json");
  const { config, seeds } = found;
  return { ...config, ...(seeds.length > 1 ? { seeds } : { seed: seeds[0], seeds: 1 }) };
}

/** A run's `config.json`, or the same options by name, with the algorithm's options beside the others. */
function flat(name: string, { algorithm = name, options = {}, unit: _, ...rest }: Values): Values {
  if (algorithm !== name) throw new UsageError(`this config is for ${algorithm}, not for ${name}`);
  const own = Object.entries(options as Values).filter(
    ([key, value]) => !(key in fileFields) || typeof value === "string",
  );
  return { ...rest, ...shownBy((options as Values).demonstrations), ...Object.fromEntries(own) };
}

function examplesOf(name: string, needs: CatalogueEntry["needs"]): string[] {
  const example = (env: string, files: Record<string, string>) =>
    [`train ${name}`, ...needs.map((need) => files[need]), `--env ${env} --seed 1`].join(" ");
  const env = defaultEnvironment(name);
  const demonstrations = "--demos demos/cartpole";
  const expert = "--expert runs/expert";
  const exact = `${expert} --features task`;
  const first = example(needs.includes("demonstrations or expert") ? "MacroCells-v0" : env, {
    demonstrations,
    expert,
    "demonstrations or expert": exact,
  });
  if (needs.length === 0) return [first];
  const zoo = { demonstrations: "--demos expert", expert: "--expert expert" };
  return [
    first,
    example(env, {
      ...zoo,
      "demonstrations or expert": "--demos expert --optimiser.algorithm sac --optimiser.temperature 1",
    }),
  ];
}

/** One command an algorithm. */
export const trainCommands: Command[] = Object.entries(algorithmCatalogue).map(([name, entry]) =>
  trainCommand(name, entry),
);
