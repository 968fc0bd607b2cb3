/** @file The tables of learnt acquisitions in docs/evidence/active-learning.md. */

import { areaUnder } from "../../src/active/index.js";
import { bootstrapInterval, mean } from "../../src/diagnostics/statistics.js";
import { createRng } from "../../src/random/rng.js";
import { compareAcquisitions } from "../../src/runs/acquisition-comparison.js";
import { markdown } from "../lib/markdown.js";
import { imitationParts } from "./imitation-parts.js";
import type { ActiveRun } from "./parts.js";

const signed = (x: number) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(4)}`;
const within = ([low, high]: readonly [number, number]) => `[${signed(low)}, ${signed(high)}]`;

/** The policy that every other row is compared with. */
const LEARNT = "iale";

export function imitationTable(all: readonly ActiveRun[], part: string): string {
  const { names, sizes } = imitationParts[part];
  const ofPart = all.filter((run) => run.part === part);
  const isWhole = (seed: number) =>
    names.every((name) => ofPart.some((run) => run.seed === seed && run.acquisition === name));
  const runs = ofPart
    .filter(({ seed }) => isWhole(seed))
    .sort((a, b) => names.indexOf(a.acquisition) - names.indexOf(b.acquisition) || a.seed - b.seed);
  if (runs.length === 0) return "Not run.";
  const areas = (name: string) =>
    runs
      .filter(({ acquisition }) => acquisition === name)
      .map(({ labels, accuracy }) => areaUnder({ labels, values: accuracy }));
  const own = areas(LEARNT);
  const rows = compareAcquisitions(runs, { initial: sizes.options.initial! }).map((row) => {
    const { acquisition, gainInterval, deficiency, final, overlap, area, balance, gain } = row;
    const ahead = areas(acquisition).map((other, i) => own[i] - other);
    const interval = bootstrapInterval(ahead, { rng: createRng(`${LEARNT} over ${acquisition}`) });
    const isRandom = acquisition === "random";
    return [
      acquisition,
      String(row.seeds),
      area.toFixed(4),
      isRandom ? "" : `${signed(gain)} ${within(gainInterval)}`,
      acquisition === LEARNT ? "" : `${signed(mean(ahead))} ${within(interval)}`,
      isRandom ? "" : deficiency.toFixed(2),
      final.toFixed(4),
      overlap[LEARNT].toFixed(3),
      balance.toFixed(3),
    ];
  });
  const head = [
    "acquisition",
    "seeds",
    "mean of the curve",
    "gain over random [95 %]",
    "lead of `iale` over it [95 %]",
    "deficiency",
    `accuracy at ${sizes.options.budget}`,
    "shared with `iale`",
    "class balance",
  ];
  return markdown([head, ...rows], ["---", ...head.slice(1).map(() => "---:")]);
}
