/**
 * @file Demonstrations from the page: an episode is appended to a log as its seed and its actions, before it is
 * acknowledged, and played again here, which gives the observations and rewards of the data set beside the log.
 */

import * as z from "zod";
import type { Demonstration } from "../datasets/demonstrations.js";
import { writeDemonstrations } from "../datasets/demonstrations-folder.js";
import { DEFAULT_EPISODE_LIMIT } from "../env/episode-limit.js";
import { make } from "../env/registry.js";
import { FormatError, UsageError } from "../errors.js";
import type { DropFolder } from "../people/question-folder.js";
import { createRecorder, trajectoryReturn } from "../rollout/trajectory.js";
import { allocateActions, flattenInto, spaceWidth, unflatten, whyOutside } from "../spaces/index.js";
import type { Action } from "../spaces/values.js";
import type { Folder } from "../state/folder.js";
import { parseJson } from "../state/json.js";
import type { Tree } from "../state/snapshot.js";
import type { Played, Receipt } from "./wire.js";

/** The log, in the folder of the data set. */
const LOG = "played.jsonl";

interface Line extends Played {
  annotator: string;
}

export interface DemonstrationsDesk {
  /** The folder of the data set. */
  readonly folder: string;
  /** Keeps an episode; when it returns, a crash does not lose it. */
  post(annotator: string, played: Played): Promise<Receipt>;
  /** Number of episodes by person. */
  counts(): ReadonlyMap<string, number>;
}

/** Where the data set is, as a log and as demonstrations. */
export interface DemonstrationsPlace {
  log: DropFolder;
  folder: Folder;
  env: string;
  environmentOptions: Record<string, unknown>;
  /** What every line records, such as the session. */
  more?: object;
  /** Receives a note about what a kill has left of a line. */
  report?: (message: string) => void;
}

/** Opens the demonstrations of a folder, and completes the data set with what a kill has left in the log alone. */
export async function openDemonstrationsDesk(place: DemonstrationsPlace): Promise<DemonstrationsDesk> {
  const { log, folder, env, environmentOptions, more = {}, report } = place;
  const lines = await readLog(log, report);
  const nonces = new Set(lines.map(({ annotator, nonce }) => `${annotator}/${nonce}`));
  const counts = new Map<string, number>();
  const count = (annotator: string) => counts.set(annotator, (counts.get(annotator) ?? 0) + 1);
  for (const { annotator } of lines) count(annotator);

  /** The data set has the episodes of the log, in their order. */
  async function complete(): Promise<void> {
    if (lines.length === 0) return;
    const environment = await make(env, environmentOptions);
    const { observationSpace, actionSpace } = environment;
    const provenance = { environmentOptions: environmentOptions as Record<string, Tree> };
    const header = { env, observationSpace, actionSpace, provenance };
    const writer = await writeDemonstrations(folder, header, { append: true });
    for (const line of lines.slice(writer.episodes())) await writer.append(await replayed(line, place));
    await writer.close();
    environment.close?.();
  }
  await complete();

  let queue: Promise<unknown> = Promise.resolve();
  return {
    folder: log.path,
    post(annotator, played) {
      const { nonce } = played;
      const work = async (): Promise<Receipt> => {
        if (nonces.has(`${annotator}/${nonce}`)) return { nonce, result: "again" };
        const line = { ...played, annotator };
        let total: number;
        try {
          total = trajectoryReturn(await replayed(line, place));
        } catch (error) {
          return { nonce, result: "refused", reason: (error as Error).message };
        }
        if (Math.abs(total - played.total) > 1e-6 * Math.max(1, Math.abs(total))) {
          const reason = `played again its return is ${total}, and was ${played.total}: the environment is not the same here`;
          return { nonce, result: "refused", reason };
        }
        const at = new Date().toISOString();
        await log.append!(LOG, `${JSON.stringify({ ...line, at, ...more })}\n`);
        nonces.add(`${annotator}/${nonce}`);
        lines.push(line);
        count(annotator);
        await complete();
        return { nonce, result: "kept" };
      };
      const done = queue.then(work);
      queue = done.catch(() => {});
      return done;
    },
    counts: () => counts,
  };
}

const lineSchema = z.looseObject({
  nonce: z.string(),
  annotator: z.string(),
  seed: z.string(),
  actions: z.array(z.array(z.number())),
});

/** @throws FormatError naming the line that is no episode */
async function readLog(log: DropFolder, report?: (message: string) => void): Promise<Line[]> {
  const isThere = (await log.list()).some(({ name }) => name === LOG);
  if (!isThere) return [];
  const path = `${log.path}/${LOG}`;
  const whole = (await log.read(LOG)).split("\n");
  const torn = whole.pop();
  if (torn)
    report?.(`note: the last line of ${path} has no end and is left out: nobody was told that it is kept`);
  return whole.flatMap((line, i) => {
    if (line.trim() === "") return [];
    let content: unknown;
    try {
      content = parseJson(line);
    } catch (cause) {
      throw new FormatError(`${path}, line ${i + 1} is not valid JSON: ${(cause as Error).message}`, {
        cause,
      });
    }
    const { error } = lineSchema.safeParse(content);
    if (!error) return [content as Line];
    const [{ path: field, message }] = error.issues;
    throw new FormatError(
      `${path}, line ${i + 1} is no episode: ${field.join(".") || "the line"}: ${message}`,
    );
  });
}

/**
 * The episode of these actions.
 *
 * @throws UsageError when an action is outside of its space, or the episode ends before its last action
 */
async function replayed(
  { seed, actions, steps, annotator, isBad }: Line,
  { env, environmentOptions }: DemonstrationsPlace,
): Promise<Demonstration> {
  const environment = await make(env, environmentOptions);
  try {
    const { observationSpace, actionSpace } = environment;
    if (actions.length === 0) throw new UsageError("the episode has no steps");
    if (actions.length > DEFAULT_EPISODE_LIMIT) {
      throw new UsageError(`the episode has more than ${DEFAULT_EPISODE_LIMIT} steps`);
    }
    const width = spaceWidth(observationSpace);
    const recorder = createRecorder(observationSpace, actionSpace);
    let row = new Float32Array(width);
    flattenInto(observationSpace, environment.reset({ seed }).observation, row);
    let [terminated, truncated] = [false, false];
    for (const [t, action] of actions.entries()) {
      if (terminated || truncated) throw new UsageError(`the episode ended before step ${t}`);
      const chosen = allocateActions(actionSpace, 1);
      if (action.length !== chosen.length)
        throw new UsageError(`step ${t}: an action has ${chosen.length} numbers`);
      chosen.set(action);
      const value = unflatten(actionSpace, action);
      const why = whyOutside(actionSpace, value);
      if (why) throw new UsageError(`step ${t}: ${why}`);
      recorder.act(row, chosen, 0);
      const result = environment.step(value as Action);
      recorder.reward(result.reward);
      row = new Float32Array(width);
      flattenInto(observationSpace, result.observation, row);
      ({ terminated, truncated } = result);
    }
    const ending = { terminated, truncated: !terminated };
    const cut = !terminated && !truncated ? ({ cutByLimit: true } as const) : {};
    return {
      ...recorder.finish(row, 0, { ...ending, ...cut }),
      expert: annotator,
      ...(steps && { steps: Int32Array.from(steps) }),
      ...(isBad && { weight: 0 }),
    };
  } finally {
    environment.close?.();
  }
}
