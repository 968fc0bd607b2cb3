/** @file `understudy-rl watch <policy>`: shows episodes of a policy, in a page served here or in a file. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { count, positive } from "../../src/config/options.js";
import { UsageError } from "../../src/errors.js";
import { recordEpisodes, recordSchema } from "../../src/measure/record-episodes.js";
import { formatNumber } from "../../src/report/format.js";
import { defaultRate, episodeDocument, intervalOf, picturesOf } from "../../src/runs/episode-document.js";
import { actorAt, environmentFor } from "../../src/runs/inputs.js";
import { BEST_FILE, POLICY_FILE } from "../../src/runs/run-folder.js";
import type { Trust } from "../../src/runs/trust.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { type Command, print } from "../command.js";
import { actorPath, environmentFields, port, seed } from "../fields.js";

const { episodes, deterministic, maxEpisodeSteps } = recordSchema.shape;

const schema = z.strictObject({
  policy: actorPath,
  ...environmentFields,
  maxEpisodeSteps,
  out: z
    .string()
    .optional()
    .describe(
      "file to write: .html (a replay without other files), .gif (needs the package sharp) or .mp4 (needs sharp and " +
        "ffmpeg); unset: a page is served on this machine, which plays one episode after the other",
    ),
  episodes: episodes.describe("number of whole episodes in the file"),
  seed,
  deterministic,
  rate: positive()
    .max(100)
    .optional()
    .describe(
      "pictures in a second; unset: 4 where the environment has an exact model, as gridworlds and toy text do, else 30; " +
        "robots move in their own time",
    ),
  width: count().max(4096).default(600).describe("width of a .gif or .mp4, in pixels"),
  port,
});

type Options = z.output<typeof schema>;

const FORMATS = ["html", "gif", "mp4"];

export const watchCommand: Command<typeof schema> = {
  name: "watch",
  schema,
  positionals: ["policy"],
  examples: [
    "watch expert:CartPole-v1",
    "watch runs/ppo-Taxi-v3-0 --out taxi.gif --episodes 3",
    "watch expert:Hopper-v5 --out hopper.html",
  ],

  async run(options, _given, trust) {
    const { out, episodes } = options;
    const format = out === undefined ? undefined : formatOf(out);
    if (out === undefined) return serve(options, trust);
    const { recorded, title, rate } = await played(options, trust);
    if (format === "html") await writeFileAtomic(out, text(episodeDocument(recorded, { title, rate })));
    else {
      const { writeGif, writeMp4 } = await import("../watch/video.js");
      const how = { dt: intervalOf(recorded, rate), width: options.width };
      await (format === "gif" ? writeGif : writeMp4)(out, recorded.flatMap(picturesOf), how);
    }
    const returns = recorded.map(({ rewards }) => formatNumber(rewards.reduce((sum, r) => sum + r, 0)));
    print(`${out}  ${episodes} ${episodes === 1 ? "episode" : "episodes"}, return ${returns.join(", ")}`);
  },
};

const text = (html: string) => new TextEncoder().encode(html);

/** @throws UsageError for a file of another kind */
function formatOf(out: string): string {
  const format = FORMATS.find((ending) => out.toLowerCase().endsWith(`.${ending}`));
  if (format !== undefined) return format;
  throw new UsageError(`watch: the file ${out} must end with .html, .gif or .mp4`);
}

/** Episodes of the policy as it is now. */
async function played(options: Options, trust: Trust) {
  const { policy: path, seed, episodes, deterministic, maxEpisodeSteps, ...asked } = options;
  const { policy, run } = await actorAt(newestIn(path), { env: asked.env, trust });
  const where = await environmentFor(asked, run, trust);
  const recorded = await recordEpisodes(policy, { ...where, maxEpisodeSteps, episodes, seed, deterministic });
  const rate = asked.rate ?? (await defaultRate(where));
  return { recorded, rate, title: `${path} in ${where.env}` };
}

/** The best policy so far of a run that has not ended. */
const newestIn = (path: string): string => {
  const best = join(path, BEST_FILE);
  return !existsSync(join(path, POLICY_FILE)) && existsSync(best) ? best : path;
};

async function serve(options: Options, trust: Trust): Promise<void> {
  const { serveEpisodes } = await import("../watch/server.js");
  const page = async (k: number, next: string) => {
    // The policy is read again: that of a run in progress gets better.
    const { recorded, title, rate } = await played(
      { ...options, episodes: 1, seed: k === 0 ? options.seed : `${options.seed}/${k}` },
      trust,
    );
    return episodeDocument(recorded, { title: `${title}, episode ${k + 1}`, rate, next });
  };
  // What is wrong with the policy or its environment is said here, not in the page.
  await page(0, "/");
  const { url } = await serveEpisodes(page, options.port);
  print(`${url}  shows episodes; Ctrl-C ends it`);
}
