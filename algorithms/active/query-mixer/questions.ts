/** @file The kinds of question of the query mixer: the best question of each kind, what it tells, and its answer. */

import type { TabularModel } from "../../../src/env/contracts.js";
import { argmaxRow } from "../../../src/mdp/tables.js";
import type { Labeller } from "../../../src/people/index.js";
import type { Rng } from "../../../src/random/rng.js";
import { type Answers, actionInformation, choiceInformation, meanPolicy, type Path } from "./beliefs.js";

/**
 * - `demonstration`: the person acts from a first state on;
 * - `correction`: the person watches the learner, and says what is right at the first wrong step [Ross, Gordon & Bagnell 2011];
 * - `comparison`: the person says which of two episodes from one state is better [Christiano et al. 2017];
 * - `label`: the person says what is right in one state.
 */
export const queryKinds = ["demonstration", "correction", "comparison", "label"] as const;
export type QueryKind = (typeof queryKinds)[number];

/** A question, with its expected information about the expert's policy (nats). */
export interface Proposal {
  kind: QueryKind;
  information: number;
  /** The state of a label and the start of a demonstration; one path of a correction, two of a comparison. */
  state: number;
  paths: PathWithRewards[];
}

export interface PathWithRewards extends Path {
  rewards: number[];
}

export interface QuestionOptions {
  /** Number of questions of a kind among which the best is chosen. */
  candidates: number;
  /** Steps after which an episode of a question ends. */
  pathSteps: number;
  beta: number;
}

/** The best question of a kind, among `candidates` that are drawn. */
export function proposalOf(
  kind: QueryKind,
  model: TabularModel,
  logs: readonly Float64Array[],
  { candidates, pathSteps, beta }: QuestionOptions,
  rng: Rng,
): Proposal {
  const { actions: A } = model;
  const mean = meanPolicy(logs);
  const informative = actionInformation(logs, A);
  const start = () => rng.categorical(model.initial);
  const greedy = (table: Float64Array) => (s: number) => argmaxRow(table, s * A, A);
  const sampled = (s: number) => rng.categorical(mean.subarray(s * A, (s + 1) * A));
  const walk = (from: number, act: (s: number) => number) => pathOf(model, from, act, pathSteps, rng);
  const propose = (): Proposal => {
    const state = start();
    switch (kind) {
      case "demonstration": {
        // The person is expected to act as the committee does.
        const { states } = walk(state, sampled);
        const information = [...new Set(states)].reduce((sum, s) => sum + informative[s], 0);
        return { kind, state, paths: [], information };
      }
      case "correction": {
        const path = walk(state, greedy(mean));
        return { kind, state, paths: [path], information: watchedInformation(path, mean, informative, A) };
      }
      case "comparison": {
        const one = rng.integer(logs.length);
        const other = (one + 1 + rng.integer(Math.max(1, logs.length - 1))) % logs.length;
        const pair = [walk(state, greedy(logs[one])), walk(state, greedy(logs[other]))] as const;
        return { kind, state, paths: [...pair], information: choiceInformation(logs, A, pair, beta) };
      }
      case "label": {
        const { states } = walk(state, greedy(mean));
        const best = states.reduce((a, b) => (informative[b] > informative[a] ? b : a), state);
        return { kind, state: best, paths: [], information: informative[best] };
      }
    }
  };
  const all = Array.from({ length: candidates }, propose);
  if (kind !== "demonstration") return all.reduce((a, b) => (b.information > a.information ? b : a));
  // A demonstration is not chosen among its courses, which nobody knows: each start has the mean of all.
  const information = all.reduce((sum, one) => sum + one.information / candidates, 0);
  return { ...all[0], information };
}

/** Σ_t P(no fault before t) I(s_t): the answer tells what is right up to the first fault. */
function watchedInformation(
  { states, actions }: Path,
  mean: Float64Array,
  informative: Float64Array,
  A: number,
): number {
  let [information, unbroken] = [0, 1];
  const seen = new Set<number>();
  states.forEach((s, t) => {
    if (!seen.has(s)) information += unbroken * informative[s];
    seen.add(s);
    unbroken *= mean[s * A + actions[t]];
  });
  return information;
}

/** An episode from a state, of up to `steps` steps. */
function pathOf(
  model: TabularModel,
  from: number,
  act: (s: number) => number,
  steps: number,
  rng: Rng,
): PathWithRewards {
  const { actions: A, rowStart, next, probability, reward, terminal } = model;
  const path: PathWithRewards = { states: [], actions: [], rewards: [] };
  let s = from;
  for (let t = 0; t < steps && !terminal[s]; t++) {
    const a = act(s);
    const row = s * A + a;
    const entry = rowStart[row] + rng.categorical(probability.subarray(rowStart[row], rowStart[row + 1]));
    path.states.push(s);
    path.actions.push(a);
    path.rewards.push(reward[entry]);
    s = next[entry];
  }
  return path;
}

/** A simulated person, who acts as the expert does, but for mistakes. */
export interface Person {
  /** The expert's action in each state, `[states]`. */
  actions: ArrayLike<number>;
  /** Probability of another action. */
  mistake: number;
  /** Who compares, by the environment's rewards. */
  compares: Labeller<"comparison">;
}

/** Asks the person, and adds the answer to the others. @param number of the question, from 1 */
export async function answer(
  { kind, state, paths }: Proposal,
  number: number,
  model: TabularModel,
  { actions, mistake, compares }: Person,
  answers: Answers,
  pathSteps: number,
  rng: Rng,
): Promise<void> {
  const { pairs, comparisons } = answers;
  const said = (s: number) =>
    rng.uniform() < mistake ? (actions[s] + 1 + rng.integer(model.actions - 1)) % model.actions : actions[s];
  const add = (s: number, a: number) => {
    pairs.states.push(s);
    pairs.actions.push(a);
  };
  if (kind === "label") add(state, said(state));
  else if (kind === "demonstration") {
    const path = pathOf(model, state, said, pathSteps, rng);
    path.states.forEach((s, t) => void add(s, path.actions[t]));
  } else if (kind === "correction") {
    for (const [t, s] of paths[0].states.entries()) {
      const right = said(s);
      add(s, right);
      if (right !== paths[0].actions[t]) return;
    }
  } else {
    const [first, second] = paths;
    const segment = ({ states, actions: taken, rewards }: PathWithRewards) => ({
      observations: Float32Array.from(states),
      actions: Int32Array.from(taken),
      rewards: Float64Array.from(rewards),
    });
    const question = { id: number, batch: number, left: segment(first), right: segment(second) };
    const space = (n: number) => ({ kind: "discrete" as const, n });
    const request = {
      ...{ kind: "comparison" as const, env: "", asked: number, queries: [question] },
      ...{ observationSpace: space(model.states), actionSpace: space(model.actions) },
    };
    for await (const [reply] of compares.label(request, new AbortController().signal)) {
      if (!("choice" in reply)) continue;
      const target = { left: 1, right: 0, equal: 0.5, neither: 0.5 }[reply.choice];
      const asPath = ({ states, actions: taken }: Path): Path => ({ states, actions: taken });
      comparisons.push({ first: asPath(first), second: asPath(second), target });
    }
  }
}
