/** @file Progress of a long job: one redrawn line on a terminal, occasional plain lines elsewhere. */

import { printable } from "../printable.js";
import type { TextStream } from "./notes.js";

export interface ProgressOptions {
  stream: TextStream;
  /** Name of the job, for example `ppo on CartPole-v1`. */
  label: string;
  /** Total number of units. */
  total: number;
  /** Name of the unit, for example `environment steps`. */
  unit: string;
  /** Clock, in ms from any origin. */
  now?: () => number;
}

export interface Progress {
  /** Reports `done` units. The first call sets the origin of the rate, so a resumed run does not count its past. */
  update(done: number, headline?: string): void;
  /** Clears the line of a terminal and writes the final line. */
  finish(): void;
}

/** Shortest time between two redraws of a terminal (ms). */
const REDRAW = 100;
/** Elsewhere: fraction of progress, or time (ms), between two lines. */
const SHARE = 0.1;
const SILENCE = 30_000;

export function createProgress({
  stream,
  label,
  total,
  unit,
  now = () => performance.now(),
}: ProgressOptions): Progress {
  const terminal = stream.isTTY === true && process.env.TERM !== "dumb";
  let origin: { done: number; at: number } | undefined;
  let current = { done: 0, headline: "" };
  let lastDrawn = { done: 0, at: Number.NEGATIVE_INFINITY };

  const line = (at: number): string => {
    const seconds = (at - origin!.at) / 1000;
    const rate = (current.done - origin!.done) / seconds;
    const finished = current.done >= total;
    const parts = [
      printable(label),
      `${Math.floor(100 * Math.min(1, current.done / total))}%`,
      // Whole iterations, or sweeps until convergence, may exceed the requested number of steps.
      current.done > total
        ? `${grouped(current.done)} ${unit}`
        : `${grouped(current.done)} of ${grouped(total)} ${unit}`,
      rate > 0 && Number.isFinite(rate) ? `${grouped(rate)}/s` : "",
      finished ? duration(seconds) : rate > 0 ? `${duration((total - current.done) / rate)} left` : "",
      current.headline,
    ];
    return parts.filter((part) => part !== "").join("  ");
  };

  return {
    update(done, headline = "") {
      const at = now();
      origin ??= { done, at };
      current = { done, headline };
      if (terminal) {
        if (at - lastDrawn.at < REDRAW) return;
        stream.write(`\r${line(at).slice(0, (stream.columns ?? 80) - 1)}\x1b[K`);
      } else {
        if (done - lastDrawn.done < SHARE * total && at - lastDrawn.at < SILENCE) return;
        stream.write(`${line(at)}\n`);
      }
      lastDrawn = { done, at };
    },
    finish() {
      if (origin === undefined) return;
      if (terminal) stream.write(`\r\x1b[K${line(now())}\n`);
      else if (lastDrawn.done !== current.done) stream.write(`${line(now())}\n`);
    },
  };
}

/** A number with grouped digits, `12 345`, or three significant digits below 100. */
function grouped(value: number): string {
  if (value < 100) return String(Number(value.toPrecision(3)));
  return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
}

/** A duration: `8 s`, `2:05` or `1:00:09`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const fields = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (fields[0] > 0 ? fields : fields.slice(1))
    .map((field, i) => (i === 0 ? String(field) : String(field).padStart(2, "0")))
    .join(":");
}
