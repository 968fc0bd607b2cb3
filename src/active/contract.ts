/** @file Contracts of active learning: classifiers, the pool as an acquisition sees it, and acquisitions. */

import type { Rng } from "../random/rng.js";

/** What a classifier learns from. */
export interface Examples {
  readonly count: number;
  /** `[count, width]` */
  readonly features: Float32Array;
  /** `[count, K]`: the probabilities of the classes; 0 and 1 where the label is certain. */
  readonly targets: Float32Array;
}

/** Predictions of several models, or of one under several masks, `[count, n, K]`. */
export interface Samples {
  readonly count: number;
  readonly data: ArrayLike<number>;
}

/** Features before the last layer, `[n, width]`. */
export interface Embeddings {
  readonly width: number;
  readonly data: ArrayLike<number>;
}

/** What a classifier has learnt: arrays by name, which checkpoints and files keep. */
export type Model = Readonly<Record<string, Float32Array | Float64Array>>;

/** A kind of model for data of one shape. What `fit` returns is data; the other functions take it back. */
export interface Classifier {
  /** A name for messages and records. */
  readonly name: string;
  /** Whether features must come as they are, and not standardised. */
  readonly raw?: boolean;
  /** The width of its embeddings, if it has them and it is known before a fit. */
  readonly embeddingWidth?: number;
  /**
   * Learns from fresh weights or, where `from` is given and the kind can, from those of an earlier model. All chance is
   * drawn from `rng`.
   */
  fit(examples: Examples, rng: Rng, from?: Model): Promise<Model>;
  /** p(class | x), `[n, K]`, of features `[n, width]`. */
  probabilities(model: Model, features: Float32Array): Promise<Float32Array>;
  /** Predictions of the members of a committee, or of consistent dropout masks: sample s has the same mask for all items. */
  samples?(model: Model, features: Float32Array, rng: Rng): Promise<Samples>;
  embeddings?(model: Model, features: Float32Array): Promise<Embeddings>;
  /** The model after one more example, without a new fit. */
  updated?(model: Model, features: Float32Array, label: number): Model;
}

/** Items `[items, width]` of K classes. */
export interface ClassifierData {
  readonly shape: readonly number[];
  readonly classes: number;
}

/** What an acquisition needs of a classifier besides probabilities. */
export type Ability = "samples" | "embeddings" | "updated";

/** The pool as an acquisition sees it. Each array has a row for each candidate, in their order. */
export interface PoolView {
  readonly classes: number;
  /** The items that may be asked about. */
  readonly candidates: Int32Array;
  /** The items with labels. */
  readonly labelled: Int32Array;
  /** `[labelled, K]`: what is believed of their classes. */
  readonly labelledTargets: Float32Array;
  /** p(class | x), `[candidates, K]`. */
  probabilities(): Promise<ArrayLike<number>>;
  /** `[count, candidates, K]` */
  samples(): Promise<Samples>;
  embeddings(): Promise<Embeddings>;
  /** Embeddings of the labelled items, `[labelled, width]`. */
  labelledEmbeddings(): Promise<Embeddings>;
  /** p(class | x) of the labelled items, `[labelled, K]`. */
  labelledProbabilities(): Promise<ArrayLike<number>>;
  /** p⁺(class | x) of other items after one more example: item `row` with this label, `[at, K]`. */
  updated(row: number, label: number, at: Int32Array): Promise<ArrayLike<number>>;
  /** The same pool with fewer candidates. */
  restrictedTo(candidates: Int32Array): PoolView;
}

/** A rule that chooses the items to ask about. */
export interface Acquisition {
  readonly name: string;
  readonly needs: readonly Ability[];
  /** What it was learnt for: it takes no other number of classes, nor embeddings of another width. */
  readonly learntFor?: { readonly classes: number; readonly embeddingWidth: number };
  /** Distinct candidates: `size` of them, or all if there are fewer. Ties are broken by chance, never by the order. */
  select(pool: PoolView, size: number, rng: Rng): Promise<Int32Array>;
  /** A number for each candidate; the largest are worth most. */
  scores?(pool: PoolView): Promise<Float64Array>;
}
