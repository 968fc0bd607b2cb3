/** @file Settings of inverse reinforcement learning. */

import type { TunedTable } from "./entry.js";

const source = (page: string) => `own trials; see docs/evidence/${page}.md`;

/** Mixtures contain the policies of the first rounds, whose share falls with the number of rounds. */
const manyRounds = { options: { iterations: 400 }, source: source("imitation") };

/** The features of the task, of which there are fewer than states. */
const onFeatures = (options: object) => ({
  options: { features: "task", ...options },
  source: source("inverse-rl"),
});
const ofWorlds = (options: object) => ({
  "MacroCells-v0": onFeatures(options),
  "Objectworld-v0": onFeatures(options),
});

export const inverseSettings: TunedTable = {
  apprenticeship: ofWorlds({ iterations: 100 }),
  gameTheoretic: {
    "Gridworld-v0": manyRounds,
    "FourRooms-v0": manyRounds,
    "Maze-v0": manyRounds,
    "Corridor-v0": manyRounds,
    ...ofWorlds({ iterations: 400 }),
  },
  maxCausalEntIrl: ofWorlds({ iterations: 60, l2: 1e-4 }),
  maxEntIrl: ofWorlds({ l2: 1e-4 }),
};
