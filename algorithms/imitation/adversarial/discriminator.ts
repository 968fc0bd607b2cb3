/**
 * @file The discriminator of adversarial imitation: a classifier of where transitions come from, the expert or the
 * learner. What it computes is in `discriminator-programs.ts`; here is what it keeps, draws and says.
 */

import { addRow, createMoments, deviation, type Moments } from "../../../src/env/moments.js";
import type { Metrics } from "../../../src/learning/contract.js";
import type { Trainer, TrainState } from "../../../src/learning/trainer.js";
import * as nn from "../../../src/nn/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { spaceWidth } from "../../../src/spaces/index.js";
import type * as t from "../../../src/tensor/index.js";
import {
  copyTransition,
  createRows,
  drawRows,
  drawWindows,
  type RowSource,
  type Rows,
} from "../../shared/transition-rows.js";
import {
  type DiscriminatorTask,
  discriminatorTrainer,
  normalises,
  type Parts,
  penaltyWeight,
  prefixed,
  rowNames,
  scoreProgram,
} from "./discriminator-programs.js";
import { spectralNormalisation } from "./spectral.js";

/** What must survive a kill. */
export interface DiscriminatorState extends TrainState {
  /** Of the power iterations, where weights are normalised. */
  directions?: Float32Array;
  /** Of observations in a box, where they are normalised. */
  observations?: Moments;
  /** Which transitions are drawn. */
  drawRng: Rng;
  /** Where between two transitions the gradient is penalised. */
  penaltyRng: Rng;
}

/** A discriminator's programs and buffers for one problem. */
export interface Discriminator extends Parts {
  readonly trainer: Trainer;
  readonly score: t.Program;
  /** Rows of one run of `train`, and with windows which of them count. */
  readonly drawn: { expert: Rows; learner: Rows };
  readonly masks: { expert: Float32Array; learner: Float32Array };
}

export function createDiscriminator(task: DiscriminatorTask): Discriminator {
  const { spaces, scorer, window } = task;
  const options = { ...task.options, gradientPenalty: penaltyWeight(task) };
  const parts = { ...task, options, layout: nn.layoutOf(scorer.parameters) };
  const size = options.minibatchSize * options.updates * window;
  return {
    ...parts,
    trainer: discriminatorTrainer(parts),
    score: scoreProgram(parts),
    drawn: { expert: createRows(spaces, size), learner: createRows(spaces, size) },
    masks: { expert: new Float32Array(size), learner: new Float32Array(size) },
  };
}

export function createDiscriminatorState(parts: Discriminator, rng: Rng): DiscriminatorState {
  const { layout, options, spaces, trainer } = parts;
  return {
    ...trainer.initialise(rng.stream("parameters")),
    directions: options.spectralNormalisation
      ? spectralNormalisation(layout).initialise(rng.stream("directions"))
      : undefined,
    observations: normalises(parts) ? createMoments(spaceWidth(spaces.observationSpace)) : undefined,
    drawRng: rng.stream("minibatches"),
    penaltyRng: rng.stream("penalty"),
  };
}

function commonFeeds({ directions, observations: moments }: DiscriminatorState) {
  return {
    ...(directions ? { directions } : {}),
    ...(moments && {
      mean: Float32Array.from(moments.mean),
      scale: Float32Array.from(moments.mean, (_, i) => 1 / deviation(moments, i)),
    }),
  };
}

/** Takes the observations of rows into the statistics by which they are normalised. */
export function observe(
  { observations }: DiscriminatorState,
  rows: Pick<RowSource, "observations" | "count">,
) {
  if (observations) for (let i = 0; i < rows.count; i++) addRow(observations, rows.observations, i);
}

/** Its gradient steps on one batch of the learner's rows; both kinds are drawn with replacement. */
export async function trainDiscriminator(
  discriminator: Discriminator,
  state: DiscriminatorState,
  expert: RowSource,
  learner: RowSource,
): Promise<Metrics> {
  const { drawn, masks, scorer, usesPolicy, window, withAbsorbing, options } = discriminator;
  const names = rowNames(scorer, usesPolicy);
  const feeds = (prefix: "expert" | "learner", source: RowSource) => {
    const [rows, mask] = [drawn[prefix], masks[prefix]];
    if (window === 1) drawRows(source, rows, state.drawRng);
    else drawWindows(source, window, rows, mask, state.drawRng, withAbsorbing);
    return {
      ...Object.fromEntries(names.map((name) => [prefixed(prefix, name), rows[name]])),
      ...(window > 1 ? { [prefixed(prefix, "mask")]: mask } : {}),
    };
  };
  const { means, carried } = await discriminator.trainer.run(state, {
    ...commonFeeds(state),
    ...feeds("expert", expert),
    ...feeds("learner", learner),
    ...(options.gradientPenalty > 0
      ? { shares: state.penaltyRng.fillUniform(new Float32Array(masks.expert.length)) }
      : {}),
  });
  if (state.directions) state.directions = carried.directions as Float32Array;
  return means;
}

export interface Scores {
  /** Of the rows `[n]`. */
  scores: Float32Array;
  /** Of the absorbing state. */
  absorbing: number;
}

/** Scores of all rows of a source and of the absorbing state; with `rewards`, the rewards that stand in for them. */
export async function scoreRows(
  discriminator: Discriminator,
  state: DiscriminatorState,
  source: RowSource,
  output: "scores" | "rewards" = "scores",
): Promise<Scores> {
  const { spaces, scorer } = discriminator;
  const { count } = source;
  const rows = createRows(spaces, count + 1);
  rows.observations.set(source.observations);
  rows.nextObservations.set(source.nextObservations);
  rows.actions.set(source.actions);
  rows.nextAbsorbing.set(source.terminated);
  copyTransition(source, count, rows, count);
  const feeds = Object.fromEntries(rowNames(scorer, false).map((name) => [name, rows[name]]));
  const result = await discriminator.score.run({
    parameters: state.parameters,
    ...commonFeeds(state),
    ...feeds,
  });
  const all = (result[output] ?? result.scores) as Float32Array;
  return { scores: all.subarray(0, count), absorbing: all[count] };
}
