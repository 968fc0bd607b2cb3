/** @file The compared imitation methods and their settings. One entry in the table adds a method. */

import {
  airl,
  algorithmFor,
  apprenticeship,
  bc,
  dagger,
  density,
  distributionMatching,
  gail,
  gameTheoretic,
  maxCausalEntIrl,
  maxEntIrl,
  sqil,
  tuned,
} from "../../algorithms/index.js";
import type { Demonstrations } from "../../index.js";
import type { Algorithm } from "../../src/learning/contract.js";
import type { Policy } from "../../src/policies/contract.js";

/** Inputs of a learner. */
export interface Given {
  env: string;
  expert: Policy;
  demonstrations: Demonstrations;
  /** Number of state–action pairs in the demonstrations; an interactive method may query as many labels. */
  labels: number;
}

/** An algorithm and its number of steps; unset: the algorithm's own number. */
interface Learner {
  algorithm: Algorithm;
  steps?: number;
}

interface Method {
  name: string;
  colour: string;
  /** The learner in environments with an exact model. */
  tabular?: (given: Given) => Learner;
  /** Whether it interacts with the environment instead of using its model; such methods have a separate picture. */
  tries?: boolean;
  /** Whether the stochastic policy is compared instead of its mode, which can be meaningless for mixtures of policies. */
  asItIs?: boolean;
  /** The learner in environments without an exact model. */
  control?: (given: Given) => Learner;
}

/** A linear policy over one-hot states is a table: it can fit any labels and does not generalise to other states. */
const TABLE = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
/** Number of rounds. Short rounds let the latest learner choose most of the queried states. */
const ROUNDS = 20;
const roundSteps = ({ labels }: Given) => Math.max(1, Math.round(labels / ROUNDS));

/** Methods that learn a reward train PPO with the settings tuned for the environment and the method. */
const withRewards =
  (name: "airl" | "density" | "distributionMatching" | "gail", options = {}): Method["control"] =>
  ({ env, demonstrations }) =>
    learner(algorithmFor(name, env, { demonstrations, ...options }), tuned(name, env)?.steps);

const learner = <A>(algorithm: A, steps?: number): Learner => ({
  algorithm: algorithm as Algorithm,
  ...(steps === undefined ? {} : { steps }),
});

/** Number of steps on a gridworld and PPO settings, tuned by hand with five demonstrations. */
export const GRID_STEPS = 60_000;
export const GRID_PPO = {
  algorithm: "ppo",
  environments: 32,
  rolloutSteps: 32,
  minibatchSize: 256,
  epochs: 10,
  gaeLambda: 0.9,
  learningRate: { from: 3e-3, to: 1e-4, steps: GRID_STEPS },
};

export const methods: Record<string, Method> = {
  bc: {
    name: "behaviour cloning",
    colour: "#cf222e",
    tabular: ({ demonstrations }) => learner(bc({ ...TABLE, demonstrations, epochs: 30 })),
    control: ({ demonstrations, labels }) => {
      const epochs = Math.max(20, Math.ceil(20_000 / labels));
      return learner(bc({ demonstrations, epochs }));
    },
  },
  dagger: {
    name: "DAgger",
    colour: "#1a7f37",
    tabular: (given) =>
      learner(
        dagger({ ...TABLE, expert: given.expert, rounds: ROUNDS, roundSteps: roundSteps(given), epochs: 10 }),
      ),
    control: (given) =>
      learner(dagger({ expert: given.expert, rounds: ROUNDS, roundSteps: roundSteps(given), epochs: 10 })),
  },
  distributionMatching: {
    name: "reverse KL",
    colour: "#0969da",
    tabular: ({ demonstrations }) =>
      learner(
        distributionMatching({ demonstrations, estimator: "exact", divergence: "reverse-kl", updates: 200 }),
      ),
    control: withRewards("distributionMatching"),
  },
  forwardKl: {
    name: "forward KL",
    colour: "#54aeff",
    tabular: ({ demonstrations }) =>
      learner(distributionMatching({ demonstrations, estimator: "exact", divergence: "kl", updates: 200 })),
    control: withRewards("distributionMatching", { divergence: "kl" }),
  },
  maxCausalEntIrl: {
    name: "maximum causal entropy",
    colour: "#8250df",
    tabular: ({ demonstrations }) => learner(maxCausalEntIrl({ demonstrations })),
  },
  maxEntIrl: {
    name: "maximum entropy",
    colour: "#bf3989",
    tabular: ({ demonstrations }) => learner(maxEntIrl({ demonstrations })),
  },
  apprenticeship: {
    name: "apprenticeship",
    colour: "#bf8700",
    asItIs: true,
    tabular: ({ demonstrations }) => learner(apprenticeship({ demonstrations })),
  },
  gameTheoretic: {
    name: "game-theoretic",
    colour: "#57606a",
    asItIs: true,
    tabular: ({ demonstrations }) => learner(gameTheoretic({ demonstrations, iterations: 400 })),
  },
  gail: {
    name: "GAIL",
    colour: "#8250df",
    tries: true,
    asItIs: true,
    tabular: ({ demonstrations }) => learner(gail({ demonstrations, optimiser: GRID_PPO }), GRID_STEPS),
    control: withRewards("gail"),
  },
  airl: {
    name: "AIRL",
    colour: "#c297ff",
    tries: true,
    asItIs: true,
    // Floors are slippery, so a reward of states alone would have to explain random transitions.
    tabular: ({ demonstrations }) =>
      learner(airl({ demonstrations, optimiser: GRID_PPO, rewardInputs: "state-action" }), GRID_STEPS),
    control: withRewards("airl"),
  },
  density: {
    name: "density",
    colour: "#57606a",
    tries: true,
    asItIs: true,
    tabular: ({ demonstrations }) => learner(density({ demonstrations, optimiser: GRID_PPO }), GRID_STEPS),
    control: withRewards("density"),
  },
  sqil: {
    name: "SQIL",
    colour: "#bf8700",
    tries: true,
    tabular: ({ demonstrations }) =>
      learner(sqil({ demonstrations, optimiser: { algorithm: "dqn", hidden: [64] } }), 20_000),
    control: ({ demonstrations }) => learner(sqil({ demonstrations, optimiser: "dqn" }), 60_000),
  },
};
