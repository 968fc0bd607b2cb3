/** @file Pictures of learnt acquisitions: accuracy by labels, and how much of what a policy bought others bought too. */

import { overlap } from "../../src/active/index.js";
import { mean } from "../../src/diagnostics/statistics.js";
import { type Line, lineChart } from "../lib/line-chart.js";
import { imitationParts } from "./imitation-parts.js";
import type { ActiveRun } from "./parts.js";

const COLOURS: Readonly<Record<string, string>> = {
  random: "#6e7781",
  "margin@100": "#0969da",
  "mc-dropout@100": "#8250df",
  "ensemble@100": "#bf8700",
  "core-set@100": "#1a7f37",
  iale: "#cf222e",
};

/** The parts that have pictures. */
export const pictured: readonly string[] = ["learnt", "transfer", "mnist-to-fashion", "fashion-to-mnist"];

/** The pictures of a part, by name; none without runs. */
export function imitationPictures(all: readonly ActiveRun[], part: string): Record<string, string> {
  const { initial, budget } = imitationParts[part].sizes.options;
  const runs = (name: string) =>
    all.filter((run) => run.part === part && run.acquisition === name).sort((a, b) => a.seed - b.seed);
  const own = runs("iale");
  const names = Object.keys(COLOURS).filter((name) => runs(name).length > 0);
  if (own.length === 0) return {};
  const linesOf = (
    shown: readonly string[],
    valuesOf: (name: string) => (readonly [number, number])[],
  ): Line[] => shown.map((label) => ({ label, colour: COLOURS[label], points: valuesOf(label) }));
  const xTicks = Array.from({ length: 5 }, (_, i) => initial! + (i * (budget! - initial!)) / 4);
  const curve = (name: string) =>
    runs(name)[0].labels.map((x, t) => [x, mean(runs(name).map(({ accuracy }) => accuracy[t]))] as const);
  const low = Math.min(...names.flatMap((name) => curve(name).map(([, y]) => y)));
  const yTicks = ticksOf(Math.floor(10 * low) / 10, 1);
  const shared = (name: string) =>
    own[0].labels.slice(1).map((x) => {
      const bought = ({ items }: ActiveRun) => items.slice(initial, x);
      const pairs = own.flatMap((run) => {
        const other = runs(name).find(({ seed }) => seed === run.seed);
        return other ? [overlap(bought(run), bought(other))] : [];
      });
      return [x, mean(pairs)] as const;
    });
  const others = names.filter((name) => name !== "iale");
  const top = Math.max(...others.flatMap((name) => shared(name).map(([, y]) => y)));
  return {
    [`${part}-curves`]: lineChart({
      ...{ title: "accuracy on the test", x: "labels", y: "accuracy", xTicks, yTicks },
      lines: linesOf(names, curve),
      legend: "bottom right",
    }),
    [`${part}-shared`]: lineChart({
      ...{ title: "bought by iale and by the other (Jaccard)", x: "labels", y: "share", xTicks },
      yTicks: ticksOf(0, Math.ceil(10 * top + 1) / 10),
      lines: linesOf(others, shared),
    }),
  };
}

const ticksOf = (low: number, high: number) =>
  Array.from({ length: 6 }, (_, i) => Number((low + (i * (high - low)) / 5).toFixed(3)));
