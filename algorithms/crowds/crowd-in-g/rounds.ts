/** @file The rounds of CrowdInG: draw answers, judge them, and learn from the judgement. */

import { labelsOf } from "../../../src/crowds/index.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import type { ProgramArray } from "../../../src/tensor/index.js";
import type { CrowdInGSettings, CrowdInGState } from "../crowd-in-g.js";
import { CHUNK } from "./programs.js";
import { drawAnswers, entropyOf, quantile, selectPairs } from "./selection.js";

/** Rows of examples, by column; each column has the same number of rows. */
type Columns = Readonly<Record<string, ProgramArray>>;

/** Passes over the answers before the first round. */
const PRETRAINING = 10;

/** Fits the generator to the authentic answers, and the judge to what it then generates. */
export async function pretrain(state: CrowdInGState, options: CrowdInGSettings): Promise<void> {
  const z = await predictions(state);
  const authentic = authenticAnswers(state, z);
  const { imitateAnswers } = state.live.programs;
  for (let pass = 0; pass < PRETRAINING; pass++) {
    const noise = state.rng.fillNormal(new Float32Array(authentic.label.length * options.noise));
    await learn(state, imitateAnswers, state.generator, { ...authentic, noise });
  }
  for (let pass = 0; pass < PRETRAINING; pass++) {
    await judgeAnswers(state, options, await draw(state, options, z), authentic);
  }
}

/** The rounds of an epoch. */
export async function inRounds(state: CrowdInGState, options: CrowdInGSettings): Promise<Metrics> {
  const sums: Metrics = {};
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, value] of Object.entries(await oneRound(state, options))) {
      sums[name] = (sums[name] ?? 0) + value / options.rounds;
    }
  }
  return sums;
}

async function oneRound(state: CrowdInGState, options: CrowdInGSettings): Promise<Metrics> {
  const { programs } = state.live;
  const { inputs, crowd } = state.base.live;
  const { width } = crowd;
  const z = await predictions(state);
  const drawn = await draw(state, options, z);
  const judged = await judgeAnswers(state, options, drawn, authenticAnswers(state, z));
  const { deceit, information } = await programs.assess.run({
    parameters: state.judge.parameters,
    x: rowsAt(inputs, drawn.item, width),
    annotator: drawn.annotator,
    label: drawn.label,
    z: drawn.z,
  });
  const ofGenerator = (deceit as Float32Array).map((d, i) => d - options.information * information[i]);
  const limit =
    options.update === "one step" ? Number.POSITIVE_INFINITY : quantile(drawn.uncertainty, options.threshold);
  const isSure = (i: number) => drawn.uncertainty[i] <= limit;
  const rows = Int32Array.from(drawn.item, (_, i) => i);
  const sure = rows.filter(isSure);
  const unsure = options.update === "one step" ? rows : rows.filter((i) => !isSure(i));
  const advantages = (delta: Float32Array, chosen: Int32Array) => {
    const own = Float32Array.from(chosen, (i) => delta[i]);
    const mu = own.length > 0 ? quantile(own, options.baseline) : 0;
    return own.map((x) => x - mu);
  };
  const { item, annotator, label, chance, noise } = drawn;
  const logged = { item, annotator, label, chance, noise, z: drawn.z };
  const generatorLoss = await learn(state, programs.learnGenerator, state.generator, {
    ...at(logged, sure, drawn.item.length),
    advantage: advantages(ofGenerator, sure),
  });
  const { z: _, ...unlabelled } = at(logged, unsure, drawn.item.length);
  const classifierLoss = await learn(
    state,
    programs.learnClassifier,
    state.classifier,
    { ...unlabelled, advantage: advantages(deceit as Float32Array, unsure) },
    { generator: state.generator.parameters },
  );
  return {
    discriminatorLoss: judged.told,
    discriminatorRight: judged.right,
    deceit: mean(deceit as Float32Array),
    information: mean(information as Float32Array),
    generatorLoss: generatorLoss.loss ?? 0,
    classifierLoss: classifierLoss.loss ?? 0,
  };
}

/** `[items, classes]`: what the classifier predicts. */
async function predictions({ classifier, base: { live } }: CrowdInGState): Promise<Float32Array> {
  const { program } = live.classifier;
  const { probabilities } = await program.run({ parameters: classifier.parameters, x: live.inputs });
  return probabilities as Float32Array;
}

/** Pairs of an item and an annotator, uniform, with an answer of the generator to each. */
async function draw(
  { rng, generator, live, base }: CrowdInGState,
  options: CrowdInGSettings,
  z: Float32Array,
) {
  const { inputs, crowd } = base.live;
  const { items, annotators, classes } = crowd.annotations;
  const pairs = options.pairs;
  const item = Int32Array.from({ length: pairs }, () => rng.integer(items));
  const annotator = Int32Array.from({ length: pairs }, () => rng.integer(annotators));
  const noise = rng.fillNormal(new Float32Array(pairs * options.noise));
  const zOfPairs = rowsAt(z, item, classes);
  const { answers } = await live.programs.generate.run({
    parameters: generator.parameters,
    x: rowsAt(inputs, item, crowd.width),
    ...{ annotator, z: zOfPairs, noise },
  });
  const { answer, chance, entropy } = drawAnswers((answers as Float32Array).map(Math.exp), classes, rng);
  const uncertainty = Float32Array.from(item, (i) => entropyOf(z.subarray(i * classes, (i + 1) * classes)));
  return { item, annotator, label: answer, chance, entropy, noise, z: zOfPairs, uncertainty };
}

/** The labels to learn from, with what the classifier predicts for their items. */
function authenticAnswers({ base: { live } }: CrowdInGState, z: Float32Array) {
  const { annotator, label, classes } = live.crowd.annotations;
  return { item: live.itemOf, annotator, label, z: rowsAt(z, live.itemOf, classes) };
}

/** Gradient steps of the judge on authentic answers and as many generated ones. */
async function judgeAnswers(
  state: CrowdInGState,
  { selection }: CrowdInGSettings,
  drawn: Awaited<ReturnType<typeof draw>>,
  authentic: ReturnType<typeof authenticAnswers>,
): Promise<Metrics> {
  const { annotations } = state.base.live.crowd;
  const counts = new Int32Array(annotations.annotators);
  for (const l of annotations.annotator) counts[l]++;
  const chosen = selectPairs(drawn.annotator, drawn.entropy, counts, selection, state.rng);
  const { item, annotator, label, z } = drawn;
  const generated = at({ item, annotator, label, z }, chosen, drawn.item.length);
  const both = Object.fromEntries(
    (["item", "annotator", "label", "z"] as const).map((name) => [
      name,
      joined(authentic[name], generated[name]),
    ]),
  );
  const isAuthentic = Float32Array.from(both.item, (_, i) => Number(i < authentic.item.length));
  return learn(state, state.live.programs.learnJudge, state.judge, { ...both, authentic: isAuthentic });
}

/** One pass over the rows of columns in random order; too few rows for a minibatch are left alone. */
async function learn(
  { rng, base: { live } }: CrowdInGState,
  trainer: Trainer,
  network: TrainState,
  columns: Columns,
  shared: Record<string, ProgramArray> = {},
): Promise<Metrics> {
  const B = live.minibatchSize;
  const rows = columns.item.length;
  const order = rng.shuffle(Int32Array.from({ length: rows }, (_, i) => i));
  const total = Math.floor(rows / B);
  const sums: Metrics = {};
  for (let done = 0; done < total; done += CHUNK) {
    const steps = Math.min(CHUNK, total - done);
    const chosen = new Int32Array(CHUNK * B);
    chosen.set(order.subarray(done * B, (done + steps) * B));
    const { means } = await trainer.run(
      network,
      { inputs: live.inputs, ...shared, ...at(columns, chosen, rows) },
      steps,
    );
    for (const [name, value] of Object.entries(means))
      sums[name] = (sums[name] ?? 0) + (value * steps) / total;
  }
  return sums;
}

/** The mean log-probability of held-out labels under the generator, without noise. */
export async function validateGenerator(state: CrowdInGState, { noise }: CrowdInGSettings): Promise<number> {
  const { live } = state.base;
  const heldOut = live.heldOut!;
  const { items, classes, itemStart, annotator, label } = heldOut;
  const item = new Int32Array(labelsOf(heldOut));
  for (let i = 0; i < items; i++) item.fill(i, itemStart[i], itemStart[i + 1]);
  const { answers } = await state.live.programs.generate.run({
    parameters: state.generator.parameters,
    x: rowsAt(live.inputs, item, live.crowd.width),
    ...{ annotator, z: rowsAt(await predictions(state), item, classes) },
    noise: new Float32Array(item.length * noise),
  });
  return label.reduce((sum, y, n) => sum + answers[n * classes + y], 0) / label.length;
}

/** Rows of a matrix of `width` columns. */
function rowsAt(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (let n = 0; n < rows.length; n++) {
    out.set(matrix.subarray(rows[n] * width, (rows[n] + 1) * width), n * width);
  }
  return out;
}

/** Some rows of columns; a column may have several numbers in a row. */
function at<C extends Columns>(columns: C, rows: Int32Array, count: number): C {
  return Object.fromEntries(
    Object.entries(columns).map(([name, values]) => {
      const width = values.length / count;
      const out = new (values.constructor as Float32ArrayConstructor)(rows.length * width);
      for (let n = 0; n < rows.length; n++) {
        for (let j = 0; j < width; j++) out[n * width + j] = values[rows[n] * width + j];
      }
      return [name, out];
    }),
  ) as unknown as C;
}

function joined<A extends Float32Array | Int32Array>(a: A, b: A): A {
  const out = new (a.constructor as Float32ArrayConstructor)(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out as A;
}

const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
