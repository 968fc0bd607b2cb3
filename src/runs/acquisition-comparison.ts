/** @file Compares acquisitions of active learning on the same splits, first items and seeds, always with random sampling. */

import { type ActiveLearningOptions, activeLearning } from "../../algorithms/active/active-learning.js";
import { areaUnder, type Curve, classBalance, deficiency, labelsToReach, overlap } from "../active/index.js";
import type { LabelledSet } from "../datasets/labelled.js";
import { bootstrapInterval, mean, std } from "../diagnostics/statistics.js";
import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import { train } from "./train.js";

/** A run of one acquisition with one seed. */
export interface AcquisitionRun {
  acquisition: string;
  seed: number;
  /** Questions, and the accuracy on the test after them. */
  labels: number[];
  accuracy: number[];
  /** The items, in the order of the questions. */
  items: number[];
  /** How evenly the classes were bought, from 0 to 1. */
  balance: number;
}

/** @param options those of `activeLearning` besides the acquisition */
export async function acquisitionRun(
  data: LabelledSet,
  acquisition: ActiveLearningOptions["acquisition"],
  { name, seed, options }: { name: string; seed: number; options: ActiveLearningOptions },
): Promise<AcquisitionRun> {
  const run = await train.run(activeLearning({ ...options, acquisition }), { data, seed });
  run.close();
  const { artefact, metrics } = run;
  const rows = metrics.filter(({ accuracy }) => accuracy !== undefined);
  if (rows.length === 0) {
    throw new UsageError(
      "acquisitions are compared by their accuracy on the test, and no item of it has a label",
    );
  }
  return {
    ...{ acquisition: name, seed },
    labels: rows.map(({ steps }) => steps),
    accuracy: rows.map(({ accuracy }) => accuracy),
    items: [...artefact.items],
    balance: classBalance(artefact.labels, artefact.classes.length),
  };
}

/** What the runs of an acquisition say, over seeds. */
export interface AcquisitionSummary {
  acquisition: string;
  seeds: number;
  /** Mean of the curve: the area under it divided by its range. */
  area: number;
  /** Accuracy after the last question. */
  final: number;
  /** Paired difference of the areas from those of random sampling: mean, standard error, and 95 % bootstrap interval. */
  gain: number;
  gainError: number;
  gainInterval: [low: number, high: number];
  /** Of the mean curves; below 1 is better than random sampling [Baram et al. 2004]. */
  deficiency: number;
  /** Median (of an even number, the lower) of the questions until the accuracy is reached, and how many seeds reach it. */
  reached?: { labels: number; seeds: number };
  balance: number;
  /** The mean share of the items that were bought by both, after the first ones, by acquisition. */
  overlap: Record<string, number>;
}

const curveOf = ({ labels, accuracy }: AcquisitionRun): Curve => ({ labels, values: accuracy });

/**
 * Summaries by acquisition, in the order of the runs.
 *
 * @param runs those of `random` among them, with the same seeds for all
 * @param reach the accuracy whose labels are counted
 */
export function compareAcquisitions(
  runs: readonly AcquisitionRun[],
  { initial, reach }: { initial: number; reach?: number },
): AcquisitionSummary[] {
  const names = [...new Set(runs.map(({ acquisition }) => acquisition))];
  const of = (name: string) =>
    runs.filter(({ acquisition }) => acquisition === name).sort((a, b) => a.seed - b.seed);
  const random = of("random");
  const seeds = random.map(({ seed }) => seed).join();
  const meanCurve = (own: readonly AcquisitionRun[]): Curve => ({
    labels: own[0].labels,
    values: own[0].labels.map((_, t) => mean(own.map(({ accuracy }) => accuracy[t]))),
  });
  const other = names.find(
    (name) =>
      of(name)
        .map(({ seed }) => seed)
        .join() !== seeds,
  );
  if (other !== undefined) {
    throw new UsageError(`${other} and random must have the same seeds, which are compared in pairs`);
  }
  return names.map((name) => {
    const own = of(name);
    const gains = own.map((run, i) => areaUnder(curveOf(run)) - areaUnder(curveOf(random[i])));
    const bought = ({ items }: AcquisitionRun) => items.slice(initial);
    const counts = own.flatMap((run) =>
      reach === undefined ? [] : (labelsToReach(curveOf(run), reach) ?? Number.POSITIVE_INFINITY),
    );
    return {
      acquisition: name,
      seeds: own.length,
      area: mean(own.map((run) => areaUnder(curveOf(run)))),
      final: mean(own.map(({ accuracy }) => accuracy[accuracy.length - 1])),
      gain: mean(gains),
      gainError: own.length > 1 ? std(gains) / Math.sqrt(own.length - 1) : 0,
      gainInterval: bootstrapInterval(gains, { rng: createRng(`gain of ${name}`) }),
      deficiency: deficiency(meanCurve(own), meanCurve(random)),
      ...(reach !== undefined && {
        reached: {
          labels: counts.sort((a, b) => a - b)[(counts.length - 1) >> 1],
          seeds: counts.filter(Number.isFinite).length,
        },
      }),
      balance: mean(own.map(({ balance }) => balance)),
      overlap: Object.fromEntries(
        names.map((other) => [other, mean(own.map((run, i) => overlap(bought(run), bought(of(other)[i]))))]),
      ),
    };
  });
}
