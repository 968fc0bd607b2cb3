/** @file Statistics of the episodes of training, which every acting learner keeps in its state and reports. */

import { mean } from "../../src/diagnostics/statistics.js";
import type { Metrics } from "../../src/learning/contract.js";

/** Number of the last episodes whose returns are averaged in the reported mean. */
const RETURN_WINDOW = 100;

export interface EpisodeRecord {
  /** Number of episodes that have ended. */
  episodes: number;
  /** Raw returns of the last episodes. */
  recentReturns: number[];
}

/** The statistics before the first episode ends. */
export const noEpisodes = (): EpisodeRecord => ({ episodes: 0, recentReturns: [] });

/** Adds the returns of the episodes that have just ended. Returns the metrics. */
export function recordEpisodes(record: EpisodeRecord, ended: readonly number[]): Metrics {
  record.episodes += ended.length;
  record.recentReturns = [...record.recentReturns, ...ended].slice(-RETURN_WINDOW);
  const { episodes, recentReturns } = record;
  return { episodes, ...(recentReturns.length > 0 ? { return: mean(recentReturns) } : {}) };
}
