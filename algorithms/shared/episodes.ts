/** @file How the episodes of training went: what every learner that acts keeps in its state and reports. */

import { mean } from "../../src/diagnostics/statistics.js";
import type { Metrics } from "../../src/learning/contract.js";

/** Returns of this many last episodes make the reported mean. */
const RETURN_WINDOW = 100;

export interface EpisodeRecord {
  /** Ended so far. */
  episodes: number;
  /** Raw returns of the last ones. */
  recentReturns: number[];
}

/** Before the first episode has ended. */
export const noEpisodes = (): EpisodeRecord => ({ episodes: 0, recentReturns: [] });

/** Takes in the returns of the episodes that have just ended; the metrics are of all so far. */
export function recordEpisodes(record: EpisodeRecord, ended: readonly number[]): Metrics {
  record.episodes += ended.length;
  record.recentReturns = [...record.recentReturns, ...ended].slice(-RETURN_WINDOW);
  const { episodes, recentReturns } = record;
  return { episodes, ...(recentReturns.length > 0 ? { return: mean(recentReturns) } : {}) };
}
