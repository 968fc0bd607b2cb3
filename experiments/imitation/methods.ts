/** @file The compared imitation methods, with the settings tuned for each environment. One entry adds a method. */

import type { Demonstrations } from "../../index.js";
import type { Policy } from "../../src/policies/contract.js";
import type { PlainRun } from "../lib/plain-run.js";

/** Inputs of a learner. */
export interface Given {
  env: string;
  expert: Policy;
  demonstrations: Demonstrations;
  /** Number of state–action pairs in the demonstrations; an interactive method may query as many labels. */
  labels: number;
}

/** What differs from the algorithm's plain run with the tuned settings. */
type Row = Pick<PlainRun, "options" | "steps">;

interface Method {
  name: string;
  colour: string;
  algorithm: string;
  /** Whether it asks an expert instead of reading demonstrations. */
  asks?: boolean;
  /** The runs in environments with an exact model. */
  tabular?: (given: Pick<Given, "labels">) => Row;
  /** Whether it interacts with the environment instead of using its model; such methods have a separate picture. */
  tries?: boolean;
  /** Whether the stochastic policy is compared instead of its mode, which can be meaningless for mixtures of policies. */
  asItIs?: boolean;
  /** The runs in environments without an exact model. */
  control?: (given: Pick<Given, "labels">) => Row;
}

/** Number of rounds of DAgger, which asks for as many labels as there are demonstrated pairs. */
const ROUNDS = 20;
const asTuned = (): Row => ({});
const asMany = ({ labels }: Pick<Given, "labels">): Row => ({
  options: { roundSteps: Math.max(1, Math.round(labels / ROUNDS)) },
});

export const methods: Record<string, Method> = {
  bc: {
    name: "behaviour cloning",
    colour: "#cf222e",
    algorithm: "bc",
    tabular: asTuned,
    control: asTuned,
  },
  dagger: {
    name: "DAgger",
    colour: "#1a7f37",
    algorithm: "dagger",
    asks: true,
    tabular: asMany,
    control: asMany,
  },
  distributionMatching: {
    name: "reverse KL",
    colour: "#0969da",
    algorithm: "distributionMatching",
    tabular: asTuned,
    control: asTuned,
  },
  forwardKl: {
    name: "forward KL",
    colour: "#54aeff",
    algorithm: "distributionMatching",
    tabular: () => ({ options: { divergence: "kl" } }),
    control: () => ({ options: { divergence: "kl" } }),
  },
  maxCausalEntIrl: {
    name: "maximum causal entropy",
    colour: "#8250df",
    algorithm: "maxCausalEntIrl",
    tabular: asTuned,
  },
  maxEntIrl: {
    name: "maximum entropy",
    colour: "#bf3989",
    algorithm: "maxEntIrl",
    tabular: asTuned,
  },
  apprenticeship: {
    name: "apprenticeship",
    colour: "#bf8700",
    algorithm: "apprenticeship",
    asItIs: true,
    tabular: asTuned,
  },
  gameTheoretic: {
    name: "game-theoretic",
    colour: "#57606a",
    algorithm: "gameTheoretic",
    asItIs: true,
    tabular: asTuned,
  },
  gail: {
    name: "GAIL",
    colour: "#8250df",
    algorithm: "gail",
    tries: true,
    asItIs: true,
    tabular: asTuned,
    control: asTuned,
  },
  airl: {
    name: "AIRL",
    colour: "#c297ff",
    algorithm: "airl",
    tries: true,
    asItIs: true,
    tabular: asTuned,
    control: asTuned,
  },
  density: {
    name: "density",
    colour: "#57606a",
    algorithm: "density",
    tries: true,
    asItIs: true,
    tabular: asTuned,
    control: asTuned,
  },
  sqil: {
    name: "SQIL",
    colour: "#bf8700",
    algorithm: "sqil",
    tries: true,
    tabular: asTuned,
    control: asTuned,
  },
};
