/** @file The tables of comparisons in a linear world. */

import { bootstrapInterval, createRng, mean } from "../../index.js";
import { labelsToReach } from "../../src/active/index.js";
import { markdown } from "../lib/markdown.js";
import { studentInterval } from "../lib/student.js";
import type { QueryRun, TrustRun } from "./lines.js";

const percent = (x: number) => (100 * x).toFixed(1);

/** The accuracy of rewards by whose answers count, and how much of the clean one is recovered. */
export function trustTable(all: readonly (TrustRun | QueryRun)[]): string {
  const runs = all.filter((run) => run.part === "trust");
  const titles = {
    clean: "the three able annotators alone",
    equal: "all five, equal weights",
    agreement: "all five, weights by agreement",
  };
  const recovered = (kind: keyof typeof titles) =>
    (mean(runs.map((run) => run[kind])) - 0.5) / (mean(runs.map(({ clean }) => clean)) - 0.5);
  const lines = (Object.keys(titles) as (keyof typeof titles)[]).map((kind) => {
    const { value, margin } = studentInterval(runs.map((run) => run[kind] - run.clean));
    return [
      titles[kind],
      String(runs.length),
      percent(mean(runs.map((run) => run[kind]))),
      kind === "clean" ? "" : `${percent(value).replace("-", "−")} ± ${percent(margin)}`,
      recovered(kind).toFixed(2),
    ];
  });
  return markdown([
    ["answers of", "seeds", "right pairs, %", "less the able alone", "share of the able's gain over chance"],
    ...lines,
  ]);
}

const REACH = [0.8, 0.85, 0.9, 0.95];

/** The comparisons that the mean curve needs, and their ratio with a bootstrap interval over seeds. */
export function queryTable(all: readonly (TrustRun | QueryRun)[]): string {
  const runs = all.filter((run) => run.part === "queries");
  const of = (query: QueryRun["query"]) =>
    runs.filter((run) => run.query === query).sort((a, b) => a.seed - b.seed);
  const [chosen, random] = [of("disagreement"), of("random")];
  const seeds = Math.min(chosen.length, random.length);
  const needed = (own: readonly QueryRun[], picked: ArrayLike<number>, reach: number) => {
    const some = Array.from(picked, (i) => own[i]);
    const labels = some[0].comparisons;
    const values = labels.map((_, t) => mean(some.map(({ accuracy }) => accuracy[t])));
    return labelsToReach({ labels, values }, reach) ?? Number.POSITIVE_INFINITY;
  };
  const every = Float64Array.from({ length: seeds }, (_, i) => i);
  const lines = REACH.map((reach) => {
    const ratio = (picked: ArrayLike<number>) =>
      needed(random, picked, reach) / needed(chosen, picked, reach);
    const [low, high] = bootstrapInterval(every, { rng: createRng(`reach ${reach}`), statistic: ratio });
    return [
      String(reach),
      String(seeds),
      ...[chosen, random].map((own) => needed(own, every, reach).toFixed(0)),
      `${ratio(every).toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`,
    ];
  });
  return markdown([
    ["share of right pairs", "seeds", "disagreement", "random pairs", "random over disagreement [95 %]"],
    ...lines,
  ]);
}
