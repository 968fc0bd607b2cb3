/** @file `understudy-rl collect <policy>`: records whole episodes of a policy as demonstrations. */

import { join } from "node:path";
import * as z from "zod";
import { count } from "../../src/config/options.js";
import { mean } from "../../src/diagnostics/statistics.js";
import { envSpec, make } from "../../src/env/registry.js";
import { UsageError } from "../../src/errors.js";
import { collect, collectSchema, playedWith } from "../../src/measure/collect.js";
import { playAtTerminal } from "../../src/measure/play.js";
import { streamTerminal } from "../../src/people/terminal.js";
import { formatNumber } from "../../src/report/format.js";
import { countCut, cutWarning, trajectoryReturn } from "../../src/rollout/trajectory.js";
import { actorAt, environmentFor } from "../../src/runs/inputs.js";
import { trustingWords } from "../../src/runs/trust.js";
import { diskFolder } from "../../src/state/files.js";
import { type Command, print, warn } from "../command.js";
import { actorPath, environmentFields, problemFields, seed } from "../fields.js";

const { deterministic, noise } = collectSchema.shape;

/** The word for a person at this terminal. */
const KEYS = "keys";

const schema = z.strictObject({
  policy: actorPath.describe(`${actorPath.description}; or ${KEYS}: you, at this terminal`),
  ...environmentFields,
  ...problemFields,
  episodes: count().optional().describe("number of whole episodes; unset: 10"),
  steps: count()
    .optional()
    .describe("instead of --episodes: collect whole episodes until this number of steps is reached"),
  seed,
  deterministic,
  noise,
  person: z.string().min(1).optional().describe(`name of the person at the ${KEYS}, for the record`),
  out: z.string().optional().describe("folder of the demonstrations; unset: demos/ENV-SEED"),
});

export const collectCommand: Command<typeof schema> = {
  name: "collect",
  schema,
  positionals: ["policy"],
  examples: [
    "collect runs/ppo-CartPole-v1-0 --episodes 10 --out demos/cartpole",
    "collect expert --env Pendulum-v1 --deterministic",
    "collect ./act.mjs --env CartPole-v1",
    "collect keys --env FrozenLake-v1 --episodes 5",
  ],

  async run(options, _given, trust) {
    const { policy: path, episodes, steps, seed, deterministic, noise, out, person, ...rest } = options;
    const { workers, workerTimeout, maxEpisodeSteps, ...asked } = rest;
    const atKeys = path === KEYS;
    const { policy, run } = atKeys
      ? { policy: undefined, run: undefined }
      : await actorAt(path, { env: asked.env, trust });
    const where = await environmentFor(asked, run, trust);
    const folder =
      out ?? join("demos", `${where.env.replace(/^[./\\]+/, "").replace(/[/\\]/g, "-")}-${seed}`);
    if (policy === undefined) {
      await playHere({ ...where, maxEpisodeSteps, seed, person, episodes, folder });
      return;
    }
    const amount =
      steps === undefined || episodes !== undefined ? { episodes: episodes ?? 10, steps } : { steps };
    const played = { workers, workerTimeout, maxEpisodeSteps };
    const { trajectories } = await collect(policy, {
      ...where,
      ...amount,
      ...played,
      seed,
      deterministic,
      noise,
      folder,
    });
    const taken = trajectories.reduce((sum, { rewards }) => sum + rewards.length, 0);
    const meanReturn = formatNumber(mean(trajectories.map(trajectoryReturn)));
    warn(cutWarning(countCut(trajectories), trajectories.length));
    print(`${trajectories.length} episodes, ${taken} steps, mean return ${meanReturn}`);
    print(`demonstrations  ${folder}`);
    print(`next            npx understudy-rl train bc --demos ${folder}${trustingWords(where)}`);
  },
};

interface Played {
  env: string;
  environmentOptions: Record<string, unknown>;
  maxEpisodeSteps?: number;
  seed: number | string;
  person?: string;
  episodes?: number;
  folder: string;
}

/** Records the episodes that a person plays at this terminal. */
async function playHere({ env, environmentOptions, maxEpisodeSteps, seed, person, ...rest }: Played) {
  const { episodes = 10, folder } = rest;
  if (!process.stdin.isTTY) {
    throw new UsageError(`collect ${KEYS} needs a terminal, and standard input is not a terminal`);
  }
  const played = playedWith({ env, environmentOptions, maxEpisodeSteps });
  const environment = await make(env, environmentOptions);
  const whole = await playAtTerminal({
    environment,
    names: envSpec(env).names,
    terminal: streamTerminal(process.stdin, process.stderr),
    folder: diskFolder(folder),
    episodes,
    seed,
    maxEpisodeSteps,
    provenance: { seed, demonstrator: { person: person ?? "at a terminal" }, ...played },
  });
  environment.close?.();
  print(`${whole} episodes of ${episodes}`);
  print(`demonstrations  ${folder}`);
  const next = whole < episodes ? "the same command goes on" : `npx understudy-rl train bc --demos ${folder}`;
  print(`next            ${next}`);
}
