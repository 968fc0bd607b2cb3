/** @file `understudy-rl collect <policy>`: records whole episodes of a policy as demonstrations. */

import { join } from "node:path";
import * as z from "zod";
import { count } from "../../src/config/options.js";
import { mean } from "../../src/diagnostics/statistics.js";
import { collect, collectSchema } from "../../src/measure/collect.js";
import { formatNumber } from "../../src/report/format.js";
import { countCut, cutWarning, trajectoryReturn } from "../../src/rollout/trajectory.js";
import { actorAt, environmentFor } from "../../src/runs/inputs.js";
import { trustingWords } from "../../src/runs/trust.js";
import { type Command, print, warn } from "../command.js";
import { actorPath, environmentFields, problemFields, seed } from "../fields.js";

const { deterministic, noise } = collectSchema.shape;

const schema = z.strictObject({
  policy: actorPath,
  ...environmentFields,
  ...problemFields,
  episodes: count().optional().describe("number of whole episodes; unset: 10"),
  steps: count()
    .optional()
    .describe("instead of --episodes: collect whole episodes until this number of steps is reached"),
  seed,
  deterministic,
  noise,
  out: z.string().optional().describe("folder of the demonstrations; unset: demos/ENV-SEED"),
});

export const collectCommand: Command<typeof schema> = {
  name: "collect",
  schema,
  positionals: ["policy"],
  examples: [
    "collect runs/ppo-CartPole-v1-0 --episodes 10 --out demos/cartpole",
    "collect expert --env Pendulum-v1 --deterministic",
  ],

  async run({ policy: path, episodes, steps, seed, deterministic, noise, out, ...rest }, _given, trust) {
    const { workers, workerTimeout, maxEpisodeSteps, ...asked } = rest;
    const { policy, run } = await actorAt(path, { env: asked.env, trust });
    const where = await environmentFor(asked, run, trust);
    const folder =
      out ?? join("demos", `${where.env.replace(/^[./\\]+/, "").replace(/[/\\]/g, "-")}-${seed}`);
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
