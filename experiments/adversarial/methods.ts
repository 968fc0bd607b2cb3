/** @file The rows of the comparison on CartPole from 25 pairs, as plain runs. */

import { type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";

export const ENV = "CartPole-v1";
export const BANDWIDTHS = [0.03, 0.1, 0.3, 1, 3];

/** The rows of the table as plain runs. */
export const methods: Record<string, PlainRun> = {
  gail: { algorithm: "gail", env: ENV },
  "gail, −log(1 − D)": { algorithm: "gail", env: ENV, options: { reward: "negative-log-one-minus-d" } },
  "gail, log D": { algorithm: "gail", env: ENV, options: { reward: "log-d" } },
  airl: { algorithm: "airl", env: ENV },
  "sqil, with dqn": { algorithm: "sqil", env: ENV, steps: 30_000 },
  density: { algorithm: "density", env: ENV },
};
export const withBandwidth = (bandwidth: number): PlainRun => ({
  algorithm: "density",
  env: ENV,
  options: { bandwidth },
});

/** The commands and the settings of all rows. `DEMOS` is the folder of the 25 pairs. */
export function recordedRows(): Record<string, RecordedRow> {
  const all = {
    ...methods,
    ...Object.fromEntries(BANDWIDTHS.map((h) => [`bandwidth ${h}`, withBandwidth(h)])),
  };
  return Object.fromEntries(Object.entries(all).map(([name, row]) => [name, recordOf(row, "--demos DEMOS")]));
}
