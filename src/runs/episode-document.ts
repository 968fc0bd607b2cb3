/** @file A recorded episode as one HTML file: robots in a view that can be turned, others as pictures. */

import type { Frame } from "../../envs/mujoco/render/frame.js";
import { replayHtml } from "../../envs/mujoco/render/replay.js";
import { problemOf } from "../env/problem.js";
import type { EnvironmentSource } from "../env/registry.js";
import type { RecordedEpisode } from "../measure/record-episodes.js";
import { episodePage, textPicture } from "../report/episode-page.js";
import { formatNumber } from "../report/format.js";

export interface EpisodeDocumentOptions {
  title: string;
  /** Pictures in a second. */
  rate: number;
  /** Address of a page to show after the episode; unset: it starts again. */
  next?: string;
}

/** Pictures in a second of an environment whose own time is not known: fewer where a step is a move on a board. */
export const defaultRate = async ({ env, environmentOptions }: Where): Promise<number> =>
  (await problemOf(env, environmentOptions)).model ? 4 : 30;

interface Where {
  env: EnvironmentSource;
  environmentOptions: Record<string, unknown>;
}

/** The pictures of an episode as SVG documents. */
export const picturesOf = ({ pictures }: RecordedEpisode): string[] =>
  pictures.map(({ svg, text }) => svg ?? textPicture(text!));

/** A line for each picture: the last action and its reward, and the return so far. */
function captionsOf({ actions, rewards, ending }: RecordedEpisode): string[] {
  let total = 0;
  return [
    "start",
    ...actions.map((action, t) => {
      total += rewards[t];
      const last = t === actions.length - 1 ? ` · ${ending}` : "";
      return `step ${t + 1} · action ${action} · reward ${formatNumber(rewards[t])} · return ${formatNumber(total)}${last}`;
    }),
  ];
}

/** Whether every picture of the episodes is of a simulated robot. */
const scenesOf = (episodes: readonly RecordedEpisode[]): Frame[] | undefined => {
  const scenes = episodes.flatMap(({ pictures }) => pictures.map(({ scene }) => scene as Frame | undefined));
  return scenes.every((scene) => scene !== undefined) ? scenes : undefined;
};

/** Time between the pictures of an episode (s): that of the simulation, or of `rate` pictures in a second. */
export function intervalOf([first]: readonly RecordedEpisode[], rate: number): number {
  const times = scenesOf([first])?.map(({ time }) => time);
  return times && times.length > 1 ? (times[times.length - 1] - times[0]) / (times.length - 1) : 1 / rate;
}

/** The HTML document of episodes, one after the other. */
export function episodeDocument(
  episodes: readonly RecordedEpisode[],
  { title, rate, next }: EpisodeDocumentOptions,
): string {
  const dt = intervalOf(episodes, rate);
  const scenes = scenesOf(episodes);
  if (scenes) return replayHtml(scenes, { title, dt, next });
  const captions = episodes.flatMap((episode, k) =>
    captionsOf(episode).map((line) => (episodes.length > 1 ? `episode ${k + 1} · ${line}` : line)),
  );
  return episodePage(episodes.flatMap(picturesOf), { title, dt, captions, next });
}
