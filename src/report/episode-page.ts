/** @file One HTML file that replays an episode from pictures, with what was done and earned in each step. */

import { type Playback, playFrames, replayPage, scriptJson } from "../../envs/mujoco/render/page.js";
import { escapeHtml } from "./format.js";

export interface EpisodePageOptions {
  title?: string;
  /** Time between pictures (s). */
  dt: number;
  /** A line below each picture. */
  captions?: readonly string[];
  /** Address of a page to show after the last picture; unset: the episode starts again. */
  next?: string;
}

/**
 * The HTML document of an episode.
 *
 * @param pictures SVG documents; lines that several share are stored once
 * @throws Error without pictures
 */
export function episodePage(
  pictures: readonly string[],
  { title = "Episode", dt, captions = [], next }: EpisodePageOptions,
): string {
  if (pictures.length === 0) throw new Error("there are no pictures to replay");
  const film = createFilm();
  const frames = pictures.map((svg) => film.add(svg));
  const episode = { count: pictures.length, dt, next, lines: film.lines(), frames, captions };
  return replayPage(
    title,
    "<figure></figure>\n<p></p>",
    `const play = ${playFrames.toString()};\n(${show.toString()})(${scriptJson(episode)}, play);`,
  );
}

/** Pictures whose common lines are stored once. */
export interface FilmMaker {
  /** Adds an SVG document, which fills its place. @returns the numbers of its lines */
  add(svg: string): number[];
  lines(): string[];
}

export function createFilm(): FilmMaker {
  const lines = new Map<string, number>();
  return {
    add: (svg) =>
      withView(svg)
        .split("\n")
        .map((line) => {
          const known = lines.get(line) ?? lines.size;
          lines.set(line, known);
          return known;
        }),
    lines: () => [...lines.keys()],
  };
}

/** A picture that fills its place: without a view box, its size is one. */
const withView = (svg: string): string =>
  /^<svg[^>]* viewBox=/.test(svg)
    ? svg
    : svg.replace(/^<svg([^>]* width="([\d.]+)"[^>]* height="([\d.]+)")/, '<svg viewBox="0 0 $2 $3"$1');

/** Text, such as a map of letters, as an SVG document. */
export function textPicture(text: string): string {
  const lines = text.split("\n");
  const [width, height] = [Math.max(...lines.map((line) => line.length)) * 12 + 32, lines.length * 24 + 32];
  const rows = lines.map(
    (line, i) => `<text x="16" y="${34 + 24 * i}" xml:space="preserve">${escapeHtml(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    '<g font-family="ui-monospace, DejaVu Sans Mono, monospace" font-size="20" fill="#24292f">',
    ...rows,
    "</g>",
    "</svg>",
  ].join("\n");
}

interface Shown extends Playback {
  lines: string[];
  /** The numbers of the lines of each picture. */
  frames: number[][];
  captions: readonly string[];
}

/** Runs in the page, from its source text: it may only use its arguments and browser functions. */
function show(episode: Shown, play: typeof playFrames): void {
  const { lines, frames, captions } = episode;
  const stage = document.querySelector("figure") as HTMLElement;
  const caption = document.querySelector("p") as HTMLElement;
  let shown = -1;
  play(episode, (k) => {
    if (k === shown) return;
    shown = k;
    stage.innerHTML = frames[k].map((line) => lines[line]).join("\n");
    caption.textContent = captions[k] ?? "";
  });
}
