/** @file `understudy-rl evaluate <policy>`: estimates the mean return of a policy. */

import * as z from "zod";
import { evaluate, evaluateSchema } from "../../src/measure/evaluate.js";
import { formatEstimate, formatNumber } from "../../src/report/format.js";
import { cutWarning } from "../../src/rollout/trajectory.js";
import { actorAt, environmentFor } from "../../src/runs/inputs.js";
import { type Command, print, printJson, warn } from "../command.js";
import { actorPath, environmentFields, json, problemFields, seed } from "../fields.js";
import { table } from "../table.js";

const { episodes, deterministic } = evaluateSchema.shape;

const schema = z.strictObject({
  policy: actorPath,
  ...environmentFields,
  ...problemFields,
  episodes,
  seed,
  deterministic,
  json,
});

export const evaluateCommand: Command<typeof schema> = {
  name: "evaluate",
  schema,
  positionals: ["policy"],
  examples: ["evaluate runs/ppo-CartPole-v1-0 --episodes 100", "evaluate expert --env Pendulum-v1"],

  async run({ policy: path, episodes, seed, deterministic, json, ...rest }, _given, trust) {
    const { workers, workerTimeout, maxEpisodeSteps, ...asked } = rest;
    const { policy, run } = await actorAt(path, { env: asked.env, trust });
    const where = await environmentFor(asked, run, trust);
    const result = await evaluate(policy, {
      ...where,
      episodes,
      seed,
      deterministic,
      workers,
      workerTimeout,
      maxEpisodeSteps,
    });
    warn(cutWarning(result.truncatedByLimit, episodes));
    if (json) {
      printJson({ policy: path, ...where, seed, deterministic, ...result });
      return;
    }
    const { mean: value, std, iqm, interval, returns } = result;
    const [low, high] = interval;
    print(
      table(
        ["policy", "environment", "episodes", "mean return [95 %]", "std", "IQM"],
        [
          [
            path,
            where.env,
            returns.length,
            formatEstimate({ value, low, high }),
            ...[std, iqm].map((x) => formatNumber(x)),
          ],
        ],
      ),
    );
  },
};
