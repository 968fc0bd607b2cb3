/** @file The methods that are compared, each with the settings that it is run with: one line in the table adds one. */

import {
  algorithmFor,
  apprenticeship,
  bc,
  dagger,
  distributionMatching,
  gameTheoretic,
  maxCausalEntIrl,
  sqil,
  tuned,
} from "../../algorithms/index.js";
import type { Demonstrations } from "../../index.js";
import type { Algorithm, Policy } from "../../src/rollout/contracts.js";

/** What a learner is given. */
export interface Given {
  env: string;
  expert: Policy;
  demonstrations: Demonstrations;
  /** State–action pairs in the demonstrations: what a method that asks the expert may ask for. */
  labels: number;
}

interface Method {
  name: string;
  colour: string;
  /** On exact models. */
  tabular?: (given: Given) => Algorithm;
  /** Whether its policy is a mixture, whose modes are not what it does. */
  mixes?: boolean;
  /** From samples, with the steps that it is run for where those are not its own. */
  control?: (given: Given) => { algorithm: Algorithm; steps?: number };
}

/** A linear policy over one-hot states is a table: it can fit any labels, and says nothing where it has none. */
const TABLE = { hidden: [], learningRate: 0.3, minibatchSize: 64 };
/** Short rounds: a label is worth most where the latest learner goes. */
const ROUNDS = 20;
const roundSteps = ({ labels }: Given) => Math.max(1, Math.round(labels / ROUNDS));

/** Rewards that are learnt go to PPO, as tuned for the environment and the method. */
const withRewards =
  (name: "airl" | "density" | "distributionMatching" | "gail", options = {}): Method["control"] =>
  ({ env, demonstrations }) => ({
    algorithm: algorithmFor(name, env, { demonstrations, ...options }),
    steps: tuned(name, env)?.steps,
  });

const one = <A>(algorithm: A) => algorithm as Algorithm;

export const methods: Record<string, Method> = {
  bc: {
    name: "behaviour cloning",
    colour: "#cf222e",
    tabular: ({ demonstrations }) => one(bc({ ...TABLE, demonstrations, epochs: 30 })),
    control: ({ demonstrations, labels }) => {
      const epochs = Math.max(20, Math.ceil(20_000 / labels));
      return { algorithm: one(bc({ demonstrations, epochs })) };
    },
  },
  dagger: {
    name: "DAgger",
    colour: "#1a7f37",
    tabular: (given) =>
      one(
        dagger({ ...TABLE, expert: given.expert, rounds: ROUNDS, roundSteps: roundSteps(given), epochs: 10 }),
      ),
    control: (given) => ({
      algorithm: one(
        dagger({ expert: given.expert, rounds: ROUNDS, roundSteps: roundSteps(given), epochs: 10 }),
      ),
    }),
  },
  distributionMatching: {
    name: "reverse KL",
    colour: "#0969da",
    tabular: ({ demonstrations }) =>
      distributionMatching({ demonstrations, estimator: "exact", divergence: "reverse-kl", updates: 200 }),
    control: withRewards("distributionMatching"),
  },
  forwardKl: {
    name: "forward KL",
    colour: "#54aeff",
    tabular: ({ demonstrations }) =>
      distributionMatching({ demonstrations, estimator: "exact", divergence: "kl", updates: 200 }),
    control: withRewards("distributionMatching", { divergence: "kl" }),
  },
  maxCausalEntIrl: {
    name: "maximum causal entropy",
    colour: "#8250df",
    tabular: ({ demonstrations }) => one(maxCausalEntIrl({ demonstrations })),
  },
  apprenticeship: {
    name: "apprenticeship",
    colour: "#bf8700",
    mixes: true,
    tabular: ({ demonstrations }) => one(apprenticeship({ demonstrations })),
  },
  gameTheoretic: {
    name: "game-theoretic",
    colour: "#57606a",
    mixes: true,
    tabular: ({ demonstrations }) => one(gameTheoretic({ demonstrations })),
  },
  gail: {
    name: "GAIL",
    colour: "#8250df",
    control: withRewards("gail"),
  },
  airl: {
    name: "AIRL",
    colour: "#c297ff",
    control: withRewards("airl"),
  },
  density: {
    name: "density",
    colour: "#57606a",
    control: withRewards("density"),
  },
  sqil: {
    name: "SQIL",
    colour: "#bf8700",
    control: ({ demonstrations }) => ({
      algorithm: one(sqil({ demonstrations, optimiser: "dqn" })),
      steps: 60_000,
    }),
  },
};
