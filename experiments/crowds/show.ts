/** @file The tables of the crowds' evidence. */

import { mean, std } from "../../index.js";
import { markdown } from "../lib/markdown.js";
import { studentInterval } from "../lib/student.js";
import type { AggregatorRun } from "./aggregators.js";
import { aggregators } from "./aggregators.js";
import { loaders } from "./data.js";
import { type GridRun, PROPORTIONS, STRENGTHS } from "./grid.js";
import { type NetworkRun, networks, variants } from "./networks.js";

export type CrowdRun = AggregatorRun | NetworkRun | GridRun;

const SETS = ["Music", "LabelMe"];
const three = (x: number) => x.toFixed(3).replace(/^0/, "");
const signed = (x: number) => `${x < 0 ? "−" : "+"}${three(Math.abs(x))}`;
const unique = <T>(values: readonly T[]) => [...new Set(values)];

const ofPart = <P extends CrowdRun["part"]>(runs: readonly CrowdRun[], part: P) =>
  runs.filter((run): run is Extract<CrowdRun, { part: string }> & { part: P } => run.part === part);

export function aggregatorTable(runs: readonly CrowdRun[]): string {
  const own = ofPart(runs, "aggregators") as AggregatorRun[];
  const methods = Object.keys(aggregators);
  const lines = Object.keys(loaders).flatMap((set) => {
    const of = own.filter((run) => run.set === set);
    if (of.length === 0) return [];
    const { items, annotators, labels, classes } = of[0];
    const cells = methods.map((method) => {
      const run = of.find((other) => other.method === method);
      return run ? `${three(run.accuracy)}${run.converged ? "" : "*"}` : "—";
    });
    return [[`${set}, ${items} × ${annotators}, ${labels}, K ${classes}`, ...cells]];
  });
  return markdown([["set: items × annotators, labels, classes", ...methods], ...lines]);
}

/** Difference of two methods on the same seeds, with its interval. */
function paired<R extends { seed: number }>(
  a: readonly R[],
  b: readonly R[],
  metric: (run: R) => number,
): string {
  const differences = a.flatMap((run) => {
    const other = b.find(({ seed }) => seed === run.seed);
    return other ? [metric(run) - metric(other)] : [];
  });
  if (differences.length < 2) return "—";
  const { value, margin } = studentInterval(differences);
  return `${signed(value)} ± ${three(margin)}`;
}

/** Accuracies of tables 2.1 and 2.2 of [Chu 2024], of other features, splits and rules for the epoch. */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Music: {
    "majority vote": 0.7253,
    GLAD: 0.7782,
    "crowd layer": 0.8146,
    trace: 0.7912,
    "Doctor Net": 0.7658,
    "Max-MIG": 0.8137,
    AggNet: 0.8192,
    "CoNAL, logits": 0.8406,
    "CoNAL, logits, λ 0": 0.8214,
  },
  LabelMe: {
    "majority vote": 0.7983,
    GLAD: 0.8312,
    "crowd layer": 0.8327,
    trace: 0.8277,
    "Doctor Net": 0.8212,
    "Max-MIG": 0.8533,
    AggNet: 0.8475,
    "CoNAL, logits": 0.8712,
    "CoNAL, logits, λ 0": 0.8568,
  },
};

function tableOf(
  runs: readonly NetworkRun[],
  names: readonly string[],
  baselines: readonly string[],
  published?: typeof PUBLISHED,
): string {
  const head = [
    "set",
    "method",
    "seeds",
    "last epoch",
    "validated epoch",
    ...baselines.map((b) => `last, less ${b}`),
    "best by the test set",
    ...(published ? ["published"] : []),
  ];
  const lines = SETS.flatMap((set) =>
    names.flatMap((method) => {
      const of = (name: string) => runs.filter((run) => run.set === set && run.method === name);
      const own = of(method);
      if (own.length === 0) return [];
      const cell = (metric: "last" | "validated" | "bestByTest") => {
        const all = own.map((run) => run[metric]);
        return all.length > 1 ? `${three(mean(all))} ± ${three(std(all))}` : three(all[0]);
      };
      return [
        [
          ...[set, method, String(own.length), cell("last"), cell("validated")],
          ...baselines.map((baseline) =>
            baseline === method ? "" : paired(own, of(baseline), ({ last }) => last),
          ),
          cell("bestByTest"),
          ...(published ? [three(published[set]?.[method] ?? Number.NaN).replace("NaN", "")] : []),
        ],
      ];
    }),
  );
  return markdown([head, ...lines]);
}

export const networkTable = (runs: readonly CrowdRun[]): string =>
  tableOf(
    ofPart(runs, "networks") as NetworkRun[],
    Object.keys(networks),
    ["truth", "majority vote"],
    PUBLISHED,
  );

export const variantTable = (runs: readonly CrowdRun[]): string =>
  tableOf(ofPart(runs, "variants") as NetworkRun[], Object.keys(variants), ["CrowdInG"]);

export function sparsityTable(runs: readonly CrowdRun[]): string {
  const own = ofPart(runs, "sparsity") as NetworkRun[];
  const removed = unique(own.map((run) => run.removed)).sort((a, b) => a - b);
  const lines = SETS.flatMap((set) => {
    const of = (method: string, share: number | undefined) =>
      own.filter((run) => run.set === set && run.method === method && run.removed === share);
    const methods = unique(own.filter((run) => run.set === set).map(({ method }) => method));
    const rows = methods.map((method) => [
      set,
      method,
      ...removed.map((share) => {
        const last = of(method, share).map((run) => run.last);
        if (last.length === 0) return "—";
        const deviation = last.length > 1 ? ` ± ${three(std(last))}` : "";
        return `${three(mean(last))}${deviation} (${last.length})`;
      }),
    ]);
    const lead = removed.map((share) =>
      paired(of("crowd layer", share), of("majority vote", share), ({ last }) => last),
    );
    return rows.length > 0 ? [...rows, [set, "crowd layer, less majority vote", ...lead]] : [];
  });
  return markdown([
    ["set", "method", ...removed.map((share) => `${Math.round(100 * share!)} % removed`)],
    ...lines,
  ]);
}

const cellsOf = (runs: readonly GridRun[]) =>
  unique(runs.map(({ kind, individualAccuracy }) => `${kind}, ${individualAccuracy}`));

/** Mean accuracy over seeds by kind, individual accuracy, strength and proportion, and CoNAL's lead over the crowd layer. */
export function gridTable(runs: readonly CrowdRun[]): string {
  const own = ofPart(runs, "grid") as GridRun[];
  const methods = unique(own.map(({ method }) => method));
  const lines = cellsOf(own).flatMap((cell) =>
    STRENGTHS.flatMap((strength) =>
      PROPORTIONS.flatMap((proportion) => {
        const of = own.filter(
          (run) =>
            `${run.kind}, ${run.individualAccuracy}` === cell &&
            run.strength === strength &&
            run.proportion === proportion,
        );
        if (of.length === 0) return [];
        return [
          [
            ...[
              cell,
              String(strength),
              String(proportion),
              String(unique(of.map(({ seed }) => seed)).length),
            ],
            ...methods.map((method) => {
              const values = of.filter((run) => run.method === method).map(({ accuracy }) => accuracy);
              return values.length > 0 ? three(mean(values)) : "—";
            }),
            paired(
              of.filter(({ method }) => method === "CoNAL, logits"),
              of.filter(({ method }) => method === "crowd layer"),
              ({ accuracy }) => accuracy,
            ),
          ],
        ];
      }),
    ),
  );
  return markdown([
    [
      "common errors, individual accuracy",
      "strength",
      "proportion",
      "seeds",
      ...methods,
      "CoNAL, logits, less crowd layer",
    ],
    ...lines,
  ]);
}

/** The distance of learnt matrices from the true ones: common, and own. */
export function recoveryTable(runs: readonly CrowdRun[]): string {
  const own = (ofPart(runs, "grid") as GridRun[]).filter(({ recovery }) => recovery !== undefined);
  const methods = unique(own.map(({ method }) => method));
  const lines = cellsOf(own).flatMap((cell) =>
    STRENGTHS.flatMap((strength) =>
      methods.map((method) => [
        ...[cell, String(strength), method],
        ...PROPORTIONS.map((proportion) => {
          const of = own.filter(
            (run) =>
              `${run.kind}, ${run.individualAccuracy}` === cell &&
              run.strength === strength &&
              run.proportion === proportion &&
              run.method === method,
          );
          if (of.length === 0) return "—";
          return `${mean(of.map(({ recovery }) => recovery!)).toFixed(2)} (${mean(of.map(({ ownRecovery }) => ownRecovery!)).toFixed(2)})`;
        }),
      ]),
    ),
  );
  return markdown([
    [
      "common errors, individual accuracy",
      "strength",
      "method",
      ...PROPORTIONS.map((p) => `proportion ${p}`),
    ],
    ...lines,
  ]);
}
