/**
 * @file Reads labelled sets: IDX files in a folder (MNIST's names), CSV, JSON lines, and arrays of numpy. Files may be
 * compressed by gzip.
 */

import { UsageError } from "../../errors.js";
import { describeNode, type NumberArray, type Refuse, refuseIn } from "../formats/arrays.js";
import { decodeNpy } from "../formats/npy.js";
import { unzip } from "../formats/zip.js";
import { type LabelledSet, widthOf } from "../labelled.js";
import { gunzip, isGzip } from "./gunzip.js";
import { decodeIdx } from "./idx.js";
import { classNames, decodeLabelledCsv, decodeLabelledJsonl } from "./table.js";

/**
 * The labelled set in a file or a folder. Its classes are those that labels have: there may be none, and then
 * {@link withClasses} names them.
 *
 * @throws UsageError when there is nothing to read; FormatError naming the file and the place for content that is no
 * labelled set
 */
export async function readLabelled(path: string): Promise<LabelledSet> {
  const { filesUnder } = await import("../../state/files.js");
  const files = await filesUnder(path);
  return files ? readFolder(path, files) : readFile(path);
}

async function bytesAt(path: string, refuse: Refuse): Promise<Uint8Array> {
  const { readFileOrExplain } = await import("../../state/files.js");
  const bytes = await readFileOrExplain(path);
  return isGzip(bytes) ? gunzip(bytes, refuse) : bytes;
}

async function readFile(path: string): Promise<LabelledSet> {
  const refuse = refuseIn(path);
  const bytes = await bytesAt(path, refuse);
  const name = path.toLowerCase().replace(/\.gz$/, "");
  if (name.endsWith(".npz")) return readNpz(bytes, refuse);
  if (name.endsWith(".npy")) return setOf(decodeNpy(bytes, "", refuse), undefined, refuse);
  if (/[.-]idx\d*(-ubyte)?$/.test(name)) return setOf(decodeIdx(bytes, refuse), undefined, refuse);
  if (/\.(jsonl|ndjson)$/.test(name)) return decodeLabelledJsonl(bytes, refuse);
  if (bytes.subarray(0, 4096).includes(0)) {
    refuse(
      "",
      "its name ends neither with .npz, .npy, .idx3-ubyte nor .jsonl, and it is no text: what is it?",
    );
  }
  return decodeLabelledCsv(bytes, refuse);
}

const FEATURES = ["x", "features", "images", "data", "inputs"];
const LABELS = ["y", "labels", "label", "targets", "target"];

async function readNpz(bytes: Uint8Array, refuse: Refuse): Promise<LabelledSet> {
  const members = await unzip(bytes, refuse, (name) => name.endsWith(".npy"));
  const names = new Map([...members.keys()].map((name) => [name.replace(/\.npy$/, "").toLowerCase(), name]));
  const find = (stem: string, wanted: readonly string[]) => {
    const found = wanted.flatMap((name) => [`${stem}${name}`, `${name}${stem && `_${stem.slice(0, -1)}`}`]);
    const name = found.map((one) => names.get(one)).find((one) => one !== undefined);
    return name === undefined ? undefined : decodeNpy(members.get(name)!, name, refuse);
  };
  const [train, test] = ["train_", "test_"].map((stem) => ({
    features: find(stem, FEATURES),
    labels: find(stem, LABELS),
  }));
  if (train.features && test.features) {
    return joined(
      setOf(train.features, train.labels, refuse),
      setOf(test.features, test.labels, refuse),
      refuse,
    );
  }
  const features = find("", FEATURES);
  if (!features) {
    return refuse(
      "",
      `it has the arrays ${[...names.keys()].join(", ") || "none"}; the features must be called x, features, images, data ` +
        "or x_train and x_test, and the classes y, labels or y_train and y_test",
    );
  }
  return setOf(features, find("", LABELS), refuse);
}

/** Files of MNIST and its relatives, such as `train-images-idx3-ubyte.gz`. */
const IDX = /^(.*?)[-_.]?(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;

async function readFolder(path: string, files: readonly string[]): Promise<LabelledSet> {
  const parts = new Map<string, Record<string, string>>();
  for (const file of files) {
    const [, stem, what] = file.match(IDX) ?? [];
    if (what !== undefined) parts.set(stem, { ...parts.get(stem), [what]: file });
  }
  const sets: { stem: string; set: LabelledSet }[] = [];
  for (const [stem, { images, labels }] of [...parts].sort()) {
    if (images === undefined) continue;
    const decoded = async (file: string) => {
      const refuse = refuseIn(`${path}/${file}`);
      return decodeIdx(await bytesAt(`${path}/${file}`, refuse), refuse);
    };
    const known = labels === undefined ? undefined : await decoded(labels);
    const set = setOf(await decoded(images), known, refuseIn(`${path}/${labels ?? images}`));
    sets.push({ stem, set });
  }
  const isTest = (stem: string) => /t10k|test/.test(stem);
  const [train, test] = [sets.filter(({ stem }) => !isTest(stem)), sets.filter(({ stem }) => isTest(stem))];
  if (sets.length === 0 || train.length > 1 || test.length > 1) {
    const found =
      sets.length === 0 ? files.slice(0, 5).join(", ") || "no file" : sets.map(({ stem }) => stem).join(", ");
    throw new UsageError(
      `${path} has ${found}: it must have IDX files such as train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz, ` +
        "of one set; or give the path of a file (.csv, .jsonl, .npz)",
    );
  }
  if (train.length === 1 && test.length === 1) return joined(train[0].set, test[0].set, refuseIn(path));
  return sets[0].set;
}

/** The set of arrays: images of bytes are scaled to [0, 1], and get an axis of channels. */
function setOf(features: NumberArray, labels: NumberArray | undefined, refuse: Refuse): LabelledSet {
  const { data, shape: whole, type } = features;
  if (whole.length < 2)
    refuse("", `the features are ${describeNode(features)}; they must have an axis of items`);
  const [items, ...rest] = whole;
  const shape = rest.length === 2 ? [1, ...rest] : rest;
  if (labels && (labels.shape.length !== 1 || labels.shape[0] !== items)) {
    refuse("", `the classes are ${describeNode(labels)}, and there are ${items} items`);
  }
  const wrong = labels ? Array.from(labels.data).findIndex((y) => !Number.isInteger(Number(y))) : -1;
  if (wrong >= 0) refuse("", `the class of item ${wrong} is ${labels!.data[wrong]}; it must be an integer`);
  const known = labels && Array.from(labels.data, Number);
  const classes = classNames((known ?? []).filter((y) => y >= 0).map(String));
  const numbers = new Map(classes.map((name, k) => [name, k]));
  const scale = type === "byte" ? 1 / 255 : 1;
  return {
    features: Float32Array.from(data as ArrayLike<number>, (value) => Number(value) * scale),
    ...{ shape, classes },
    ...(known && { labels: Int32Array.from(known, (y) => numbers.get(String(y)) ?? -1) }),
  };
}

/** Two sets as one, whose second part is the test. */
function joined(train: LabelledSet, test: LabelledSet, refuse: Refuse): LabelledSet {
  if (train.shape.join() !== test.shape.join()) {
    refuse("", `its items are [${train.shape.join(", ")}], and those of the test [${test.shape.join(", ")}]`);
  }
  const width = widthOf(train.shape);
  const features = new Float32Array(train.features.length + test.features.length);
  features.set(train.features);
  features.set(test.features, train.features.length);
  const [first, second] = [train.features.length / width, test.features.length / width];
  const classes = classNames([...train.classes, ...test.classes]);
  const numbersOf = ({ labels, classes: own }: LabelledSet, items: number) =>
    Array.from({ length: items }, (_, i) =>
      labels && labels[i] >= 0 ? classes.indexOf(own[labels[i]]) : -1,
    );
  return {
    ...{ features, shape: train.shape, classes },
    ...((train.labels || test.labels) && {
      labels: Int32Array.from([...numbersOf(train, first), ...numbersOf(test, second)]),
    }),
    test: Int32Array.from({ length: second }, (_, i) => first + i),
  };
}
