/** @file `understudy-rl teach <run>`: serves the page where people answer a run's questions and demonstrate. */

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { annotatorNames } from "../../src/config/references.js";
import { UsageError } from "../../src/errors.js";
import { batchOf } from "../../src/people/question-file.js";
import { environmentNamed, environmentOf } from "../../src/runs/inputs.js";
import { onSignals } from "../../src/runs/interrupt.js";
import { readRunConfig } from "../../src/runs/run-records.js";
import { requireFormat, specFields } from "../../src/runs/spec.js";
import { type Trust, trustingWords } from "../../src/runs/trust.js";
import { parseJson } from "../../src/state/json.js";
import { type Command, print, warn } from "../command.js";
import { wordFor } from "../train-schema.js";

const schema = z.strictObject({
  run: z
    .string()
    .describe(
      "run folder, whose questions are asked; folder of questions; or id of an environment to demonstrate",
    ),
  environmentOptions: specFields.environmentOptions,
  annotator: annotatorNames()
    .default(["person"])
    .describe("names of the people, with commas between them; each gets a link, which signs in once"),
  port: z
    .int()
    .nonnegative()
    .max(65535)
    .default(0)
    .describe("port of the page; 0: that of the last time, or any that is free"),
  host: z
    .string()
    .min(1)
    .default("127.0.0.1")
    .describe(
      "address that the page is served at; others than this machine's own can be reached from outside",
    ),
  out: z
    .string()
    .min(1)
    .optional()
    .describe("with an environment: folder of the demonstrations; by default runs/teach-ENV"),
  open: z.boolean().default(false).describe("open the page in the browser of this machine"),
});

type Options = z.output<typeof schema>;

export const teachCommand: Command<typeof schema> = {
  name: "teach",
  schema,
  positionals: ["run"],
  examples: ["teach CartPole-v1", "teach runs/preferences --annotator ada,bob --open"],

  async run(options, _given, trust) {
    const { teach } = await import("../../src/runs/teach.js");
    const { annotator: annotators, host, port, open } = options;
    const place = await placeOf(options, trust);
    const server = await teach({ ...place, annotators, host, port, report: warn });
    const { invitations } = server;
    for (const { name, url } of invitations) print(`${url}  for ${name}`);
    print("Ctrl-C ends the page; what was answered is kept");
    const forget = onSignals(
      () => {
        const { count, folder } = server.episodes();
        if (count > 0) {
          print(`${count} episode${count === 1 ? "" : "s"}  ${folder}`);
          print(`next        npx understudy-rl train bc --demonstrations ${folder}`);
        }
        void server.end().then(forget);
      },
      () => process.exit(130),
    );
    if (open) openPage(invitations[0].url);
  },
};

interface Place {
  env: string;
  environmentOptions: Record<string, unknown>;
  folder?: string;
  labels: string;
  resume?: string;
}

/** What is taught, and where the answers go. */
async function placeOf({ run, environmentOptions, out }: Options, trust: Trust): Promise<Place> {
  const isModule = /\.[cm]?[jt]s$/.test(run);
  if (existsSync(run) && !statSync(run).isDirectory() && !isModule)
    throw new UsageError(`teach: ${run} is a file; give a folder, or the id of an environment`);
  if (!existsSync(run) || isModule) {
    if (/[/\\]/.test(run) && !/\.[cm]?js$/.test(run))
      throw new UsageError(`teach: there is no folder ${run}`);
    // A word that is typed is trusted.
    const { id: env } = await environmentNamed(run, trust === true ? true : [...trust, run]);
    const { make } = await import("../../src/env/registry.js");
    const made = await make(env, environmentOptions).catch((cause: Error) => {
      if (!cause.message.startsWith("unknown environment")) throw cause;
      throw new UsageError(`teach: there is no folder ${run}, and ${cause.message}`, { cause });
    });
    made.close?.();
    const folder = out ?? join("runs", `teach-${env.replace(/[^\w.-]+/g, "-")}`);
    return { env, environmentOptions, labels: join(folder, "labels") };
  }
  const config = readRunConfig(run);
  if (config) {
    requireFormat(run, config);
    const { folder: given } = (config.options.labeller ?? {}) as { folder?: string };
    const labels = given ?? join(run, "labels");
    const resume = `npx understudy-rl train ${wordFor(config.algorithm)} --resume --out ${run}${trustingWords(config, true)}`;
    if (config.data !== undefined) return { env: "", environmentOptions: {}, folder: run, labels, resume };
    const named = environmentOf(config);
    if (named === undefined)
      throw new UsageError(`teach: the run in ${run} has no environment that can be shown`);
    const { id: env } = await environmentNamed(config.env!, trust);
    return {
      env,
      environmentOptions: { ...config.environmentOptions, ...environmentOptions },
      folder: run,
      labels,
      resume,
    };
  }
  const first = readdirSync(run).find((name) => batchOf(name) !== undefined);
  if (first === undefined) {
    const shown = await environmentShownIn(run);
    if (shown) return { ...shown, labels: join(run, "labels") };
    if (existsSync(join(run, "labels/teach.json")))
      throw new UsageError(
        `teach: ${run} was written by \`teach ENV\` and has no episode yet: name the environment, as in understudy-rl teach ENV --out ${run}`,
      );
    throw new UsageError(
      `teach: ${run} has neither config.json, as the folder of a run, nor queries-000001.json, as one of questions`,
    );
  }
  const { env = "" } = parseJson(readFileSync(join(run, first))) as { env?: string };
  const above = basename(run) === "labels" ? readRunConfig(dirname(run)) : undefined;
  if (above) return placeOf({ run: dirname(run), environmentOptions, out } as Options, trust);
  return { env, environmentOptions, labels: run };
}

/** The environment of the episodes in a folder that was made without a run; undefined where there are none. */
async function environmentShownIn(
  folder: string,
): Promise<Pick<Place, "env" | "environmentOptions"> | undefined> {
  const path = join(folder, "demonstrations");
  if (!existsSync(join(path, "demonstrations.json"))) return undefined;
  const { readDemonstrations } = await import("../../src/datasets/read-demonstrations.js");
  const { env, provenance } = await readDemonstrations(path);
  if (env === undefined) return undefined;
  const { environmentOptions = {} } = (provenance ?? {}) as Partial<Place>;
  return { env, environmentOptions };
}

/** Opens an address with the program of the system for it. */
function openPage(url: string): void {
  const [program, ...words] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  const child = spawn(program, words, { stdio: "ignore", detached: true });
  child.on("error", () => warn(`note: no browser was found to open: open the link yourself`));
  child.unref();
}
