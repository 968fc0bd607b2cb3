/** @file The reported return: the mean over the last hundred episodes, and nothing before the first. */

import { expect, it } from "vitest";
import { noEpisodes, recordEpisodes } from "../../../algorithms/shared/episodes.js";

it("the return is the mean of the last hundred, and all episodes are counted", () => {
  const record = noEpisodes();
  expect(recordEpisodes(record, [])).toEqual({ episodes: 0 });
  expect(recordEpisodes(record, [1, 3])).toEqual({ episodes: 2, return: 2 });
  expect(recordEpisodes(record, [])).toEqual({ episodes: 2, return: 2 });
  const others = Array.from({ length: 99 }, (_, i) => i);
  // The 1 has left, the 3 has not.
  expect(recordEpisodes(record, others)).toEqual({ episodes: 101, return: (3 + (98 * 99) / 2) / 100 });
  expect(record.recentReturns).toHaveLength(100);
});
