/** @file Plays episodes of a policy and draws every state. */

import * as z from "zod";
import { count, resolveOptions } from "../config/options.js";
import type { Environment } from "../env/contracts.js";
import { withEpisodeLimit } from "../env/episode-limit.js";
import { problemOf } from "../env/problem.js";
import { type EnvironmentSource, envSpec, open } from "../env/registry.js";
import {
  environmentOption,
  environmentOptionsOption,
  problemOptions,
  seedOption,
  signalOption,
} from "../env/source-options.js";
import { vectorOf } from "../env/vector.js";
import { wrap } from "../env/wrappers/wrapper.js";
import { UsageError } from "../errors.js";
import type { Actor } from "../policies/controller.js";
import { createRng } from "../random/rng.js";
import { collectEpisodes } from "../rollout/collect.js";
import type { Action } from "../spaces/values.js";
import { playerOf } from "./checks.js";

/** A state of an episode as it looks. */
export interface Picture {
  /** An SVG document, where the environment draws one; else `text`. */
  svg?: string;
  text?: string;
  /** The bodies of a simulated robot, for a view that can be turned. */
  scene?: unknown;
}

/** An episode with a picture of each of its T + 1 states. */
export interface RecordedEpisode {
  pictures: Picture[];
  /** `[T]`: what was done, by the name of the action where it has one. */
  actions: string[];
  /** `[T]`. */
  rewards: number[];
  /** How it ended; "cut" by the limit of steps. */
  ending: "terminated" | "truncated" | "cut";
}

export const recordSchema = z.strictObject({
  env: environmentOption(),
  environmentOptions: environmentOptionsOption(),
  maxEpisodeSteps: problemOptions().maxEpisodeSteps,
  episodes: count().default(1).describe("number of whole episodes"),
  seed: seedOption(),
  deterministic: z
    .boolean()
    .default(true)
    .describe("whether the policy acts by its mode; false: it samples actions"),
  signal: signalOption().describe("signal that ends the recording with an error, its reason"),
});

export type RecordOptions = z.input<typeof recordSchema>;

/**
 * Plays whole episodes of a policy, or of a controller of your own, in one environment, with a picture of every state.
 *
 * @throws UsageError for an environment that draws nothing, an unknown option or environment, or a policy of other
 * spaces
 */
export async function recordEpisodes(actor: Actor, options: RecordOptions): Promise<RecordedEpisode[]> {
  const { env, environmentOptions, maxEpisodeSteps, episodes, seed, deterministic, signal } = resolveOptions(
    "recordEpisodes",
    recordSchema,
    options,
  );
  const problem = await problemOf(env, environmentOptions);
  const { player } = playerOf("the policy", actor, problem);
  const environment = await open(env, environmentOptions);
  try {
    const { filmed, recorded } = filming(environment, actionNames(env));
    const vector = withEpisodeLimit(vectorOf([filmed]), maxEpisodeSteps);
    vector.reset({ seed });
    await collectEpisodes(player, vector, episodes, {
      rng: createRng(seed).stream("actions"),
      deterministic,
      signal,
    });
    return recorded.filter(({ rewards }) => rewards.length > 0).slice(0, episodes);
  } finally {
    environment.close?.();
  }
}

/** @throws UsageError for an environment that draws nothing */
export async function requirePictures(
  env: EnvironmentSource,
  environmentOptions: Record<string, unknown>,
): Promise<void> {
  const environment = await open(env, environmentOptions);
  try {
    painterOf(environment);
  } finally {
    environment.close?.();
  }
}

/** The environment, and its episodes so far, which grow with every reset and step. */
function filming(environment: Environment, names: readonly string[] = []) {
  const draw = painterOf(environment);
  const recorded: RecordedEpisode[] = [];
  const named = (action: Action) =>
    typeof action === "number"
      ? (names[action] ?? String(action))
      : Array.from(action, (x) => String(Number(x.toFixed(2)))).join(", ");
  const filmed = wrap(environment, {
    reset(result) {
      recorded.push({ pictures: [draw()], actions: [], rewards: [], ending: "cut" });
      return result;
    },
    step(action, inner) {
      const result = inner(action);
      const episode = recorded[recorded.length - 1];
      episode.pictures.push(draw());
      episode.actions.push(named(action));
      episode.rewards.push(result.reward);
      if (result.terminated || result.truncated)
        episode.ending = result.terminated ? "terminated" : "truncated";
      return result;
    },
  });
  return { filmed, recorded };
}

/** @throws UsageError for an environment that draws nothing */
function painterOf(environment: Environment & { frame?(): unknown }): () => Picture {
  const { id, render, renderSvg, frame } = environment;
  if (!renderSvg && !render) {
    throw new UsageError(
      `${id} draws no pictures: give it renderSvg(), which returns an SVG document, or render(), which returns text; ` +
        'an environment of Gymnasium needs the option render_mode: "rgb_array"',
    );
  }
  return () => ({
    ...(renderSvg ? { svg: renderSvg.call(environment) } : { text: render!.call(environment) }),
    ...(frame && { scene: frame.call(environment) }),
  });
}

/** The names of the actions of a registered environment. */
function actionNames(env: EnvironmentSource): readonly string[] | undefined {
  if (typeof env === "function") return undefined;
  return envSpec(typeof env === "string" ? env : env.id).names?.actions;
}
