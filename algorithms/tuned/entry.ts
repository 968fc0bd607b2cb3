/** @file What a tuned setting is. */

/** One entry: what `train` uses for this algorithm in this environment unless told otherwise. */
export interface Tuned {
  /** Those that the source sets; the others are the algorithm's defaults. */
  options: Record<string, unknown>;
  /** How long to train, in the algorithm's unit. */
  steps?: number;
  /** Where the settings come from. */
  source: string;
}

/** By algorithm, and by environment. */
export type TunedTable = Readonly<Record<string, Readonly<Record<string, Tuned>>>>;
