/** @file The tables of docs/evidence/active-learning.md. */

import { compareAcquisitions } from "../../src/runs/acquisition-comparison.js";
import { markdown } from "../lib/markdown.js";
import { type ActiveRun, parts } from "./parts.js";

const signed = (x: number) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(4)}`;

export function tableOf(runs: readonly ActiveRun[], part: string): string {
  const { reach, options, acquisitions } = parts[part];
  const order = Object.keys(acquisitions);
  const ofPart = runs.filter((run) => run.part === part);
  // Seeds that all acquisitions have: the others are unfinished.
  const isWhole = (seed: number) => ofPart.filter((run) => run.seed === seed).length === order.length;
  const own = ofPart
    .filter(({ seed }) => isWhole(seed))
    .sort((a, b) => order.indexOf(a.acquisition) - order.indexOf(b.acquisition));
  if (own.length === 0) return "Not run.";
  const rows = compareAcquisitions(own, { initial: options.initial!, reach }).map((row) => [
    row.acquisition,
    String(row.seeds),
    row.area.toFixed(4),
    row.acquisition === "random" ? "" : `${signed(row.gain)} ± ${row.gainError.toFixed(4)}`,
    row.acquisition === "random" ? "" : row.deficiency.toFixed(2),
    Number.isFinite(row.reached!.labels) ? row.reached!.labels.toFixed(0) : "not reached",
    row.final.toFixed(4),
    row.balance.toFixed(3),
  ]);
  const head = [
    "acquisition",
    "seeds",
    "mean of the curve",
    "gain over random",
    "deficiency",
    `labels to ${reach}`,
    `accuracy at ${options.budget}`,
    "class balance",
  ];
  return markdown([head, ...rows], ["---", ...head.slice(1).map(() => "---:")]);
}
