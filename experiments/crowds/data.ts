/**
 * @file The data sets of the crowds' evidence, from a folder with the files as their authors publish them. They state no
 * licence, or a restrictive one, so they are not part of the project.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type AnnotationRow,
  type Annotations,
  annotationsFrom,
  type Items,
  itemsFrom,
} from "../../src/crowds/index.js";

export interface CrowdSet {
  annotations: Annotations;
  /** `[items]`: the true class, −1 where unknown. */
  truth: Int32Array;
  /** The items with features: those with labels, and a test set without. */
  items?: Items;
}

type Loader = (folder: string) => CrowdSet;

const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "");
const cellsOf = (path: string, separator: RegExp) =>
  linesOf(path).map((line) => line.trim().split(separator));

function crowdSet(rows: AnnotationRow[], truth: ReadonlyMap<string, string>, items?: Items): CrowdSet {
  const classes = [...new Set([...rows.map(({ label }) => String(label)), ...truth.values()])].sort(
    (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1),
  );
  const annotations = annotationsFrom(rows, { classes });
  const known = annotations.names.items.map((name) => classes.indexOf(truth.get(name) ?? ""));
  return { annotations, truth: Int32Array.from(known), ...(items && { items }) };
}

/** `NAME_crowd.txt` has item, worker and label, and `NAME_truth.txt` item and label. */
const spectral =
  (name: string): Loader =>
  (folder) => {
    const at = (part: string) => cellsOf(join(folder, "spectral-five", `${name}_${part}.txt`), /\s+/);
    return crowdSet(
      at("crowd").map(([item, annotator, label]) => ({ item, annotator, label })),
      new Map(at("truth").map(([item, label]) => [item, label])),
    );
  };

/** Worker, task, label and truth, without a header. */
const activeCrowd =
  (name: string): Loader =>
  (folder) => {
    const rows = cellsOf(join(folder, "active-crowd-toolkit", `${name}.csv`), /,/);
    return crowdSet(
      rows.map(([annotator, item, label]) => ({ item, annotator, label })),
      new Map(rows.map(([, item, , truth]) => [item, truth])),
    );
  };

/** Dense answers of 77 annotators to 1000 images, and counts of 200 visual words, whose logarithms are the features. */
const labelMe: Loader = (folder) => {
  const at = (name: string) => join(folder, "labelme-crowd", name);
  const rows = cellsOf(at("answers.txt"), /\s+/).flatMap((cells, item) =>
    cells.flatMap((label, annotator) =>
      label === "-1" ? [] : [{ item: `train ${item}`, annotator, label }],
    ),
  );
  const truth = new Map<string, string>();
  const items = ["train", "test"].flatMap((part) => {
    const labels = linesOf(at(`labels_${part}.txt`));
    return cellsOf(at(`data_${part}.txt`), /\s+/).map(([, ...words], i) => {
      const features = new Float64Array(200);
      for (const word of words) {
        const [index, count] = word.split(":").map(Number);
        features[index % 200] = Math.log1p(count);
      }
      truth.set(`${part} ${i}`, labels[i]);
      return { item: `${part} ${i}`, features, truth: labels[i] };
    });
  });
  return crowdSet(rows, truth, itemsFrom(items));
};

/** Answers of 44 annotators to 700 pieces, and 124 features of these and of 300 others. */
const music: Loader = (folder) => {
  const at = (name: string) => join(folder, "music-genre-mturk", name);
  const rows = cellsOf(at("mturk_answers.csv"), /,/)
    .slice(1)
    .map(([annotator, item, , label]) => ({ item, annotator, label }));
  const truth = new Map<string, string>();
  const items = ["music_genre_gold.csv", "music_genre_test.csv"].flatMap((name) =>
    cellsOf(at(name), /,/)
      .slice(1)
      .map((cells) => {
        truth.set(cells[0], cells[cells.length - 1]);
        return { item: cells[0], features: cells.slice(1, -1).map(Number), truth: cells[cells.length - 1] };
      }),
  );
  return crowdSet(rows, truth, itemsFrom(items));
};

export const loaders: Readonly<Record<string, Loader>> = {
  bluebird: spectral("bluebird"),
  rte: spectral("rte"),
  dog: spectral("dog"),
  web: spectral("web"),
  trec: spectral("trec"),
  CF: activeCrowd("CF"),
  SP: activeCrowd("SP"),
  LabelMe: labelMe,
  Music: music,
};

/** A data set; undefined, with a message, where the folder does not have it. */
export function load(folder: string, name: string): CrowdSet | undefined {
  try {
    return loaders[name](folder);
  } catch (error) {
    if (existsSync(folder) && (error as { code?: string }).code !== "ENOENT") throw error;
    console.log(`${name}: left out, as ${(error as Error).message}`);
    return undefined;
  }
}
