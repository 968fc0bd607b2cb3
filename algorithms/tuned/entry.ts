/** @file The type of tuned settings. */

/** Default settings of `train` for one algorithm in one environment. */
export interface Tuned {
  /** Options that differ from the algorithm's defaults. */
  options: Record<string, unknown>;
  /** Length of the training, in the algorithm's unit of steps. */
  steps?: number;
  /** Source of the settings. */
  source: string;
}

/** Settings by algorithm and environment. */
export type TunedTable = Readonly<Record<string, Readonly<Record<string, Tuned>>>>;
