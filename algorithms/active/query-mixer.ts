/**
 * @file Queries of several kinds: a demonstration, a correction, a comparison or a label, whichever tells most about the
 * expert's policy for a second of the person's time. Every kind of answer is a likelihood of the same action preferences
 * [Jeon et al. 2020], so the expected information of a question [Lindley 1956] has one unit for all kinds. The method is
 * this project's; its parts are published.
 *
 * The beliefs are in `query-mixer/beliefs.ts`, the kinds in `query-mixer/questions.ts`.
 */

import * as z from "zod";
import { count, fraction, positive } from "../../src/config/options.js";
import type { Problem, TabularModel } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { evaluatePolicy, greedyTable, policyReturn } from "../../src/mdp/index.js";
import { annotator } from "../../src/people/annotator.js";
import type { Policy } from "../../src/policies/contract.js";
import { policyOfModel, policyRecord } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import type { Space } from "../../src/spaces/index.js";
import { requireExpertOf } from "../shared/demonstrations-option.js";
import { type Answers, type Beliefs, beliefsOf, meanPolicy } from "./query-mixer/beliefs.js";
import {
  answer,
  type Person,
  type Proposal,
  proposalOf,
  type QueryKind,
  queryKinds,
} from "./query-mixer/questions.js";

const seconds = (what: string) => positive().describe(`time of the person for ${what} (s)`);

const queryMixerSchema = z.strictObject({
  expert: z
    .custom<Policy>((p) => typeof (p as Policy | undefined)?.act === "function", "it must be a policy")
    .meta({ type: "policy" })
    .optional()
    .describe("policy of the simulated person, who is asked"),
  kinds: z
    .array(z.enum(queryKinds))
    .min(1)
    .default([...queryKinds])
    .describe("kinds of question that may be asked"),
  choice: z
    .enum(["information", "turns"])
    .default("information")
    .describe(
      "kind that is asked: the one with the most expected information a second, or one after the other",
    ),
  budget: positive().default(120).describe("time of the person for all questions (s)"),
  demonstrationSeconds: seconds("a demonstration").default(10),
  correctionSeconds: seconds("watching an episode and correcting its first fault").default(6),
  comparisonSeconds: seconds("a comparison of two episodes").default(4),
  labelSeconds: seconds("the right action in a state").default(2),
  pathSteps: count().default(20).describe("steps after which an episode of a question ends"),
  candidates: count().default(10).describe("questions of a kind among which the best is chosen"),
  mistake: fraction().default(0).describe("probability of a wrong action or choice of the simulated person"),
  members: count().default(10).describe("members of the committee that stands for what is believed"),
  priorDeviation: positive()
    .default(4)
    .describe("deviation of the members' action preferences before any answer"),
  beta: positive()
    .default(0.5)
    .describe("how sure a comparison is: P(first is better) = σ(β (log π(first) − log π(second)))"),
  fitSteps: count().default(20).describe("quasi-Newton steps of each member after an answer"),
});

export type QueryMixerOptions = z.input<typeof queryMixerSchema>;

export interface QueryMixerState {
  /** Preferences of the members, `[members][states × actions]`. */
  members: Float64Array[];
  answers: Answers;
  /** Questions so far of each kind, in the order of `queryKinds`. */
  asked: number[];
  /** Time of the person so far (s). */
  seconds: number;
  rng: Rng;
  live: { derived: true; model: TabularModel; observationSpace: Space; beliefs: Beliefs; person: Person };
}

/** A policy learnt from answers of several kinds. */
export const queryMixer = defineAlgorithm({
  name: "queryMixer",
  summary: "asks for a demonstration, a correction, a comparison or a label, whichever tells most a second",
  schema: queryMixerSchema,
  needs: [["expert"]],
  environment: "Gridworld-v0",
  create(options): Algorithm<QueryMixerState> {
    const { expert, ...rest } = options;
    if (!expert) throw new UsageError("queryMixer: give an expert, the policy of the simulated person");
    const { kinds, budget, choice, pathSteps, mistake } = options;
    const costs: Record<QueryKind, number> = {
      demonstration: options.demonstrationSeconds,
      correction: options.correctionSeconds,
      comparison: options.comparisonSeconds,
      label: options.labelSeconds,
    };
    const cheapest = Math.min(...kinds.map((kind) => costs[kind]));
    if (cheapest > budget) {
      throw new UsageError(
        `queryMixer: the budget is ${budget} s, and the shortest question takes ${cheapest} s: raise budget`,
      );
    }
    const number = (state: QueryMixerState) => state.asked.reduce((a, b) => a + b, 0);
    const affordable = (state: QueryMixerState) =>
      kinds.filter((kind) => state.seconds + costs[kind] <= budget + 1e-9);

    /** The next question: the best of each kind that may be asked, and of these the one that tells most a second. */
    function choose(state: QueryMixerState, rng: Rng): Proposal {
      const { model, beliefs } = state.live;
      const logs = beliefs.logPolicies(state.members);
      const may = affordable(state);
      const considered = choice === "turns" ? [may[number(state) % may.length]] : may;
      return considered
        .map((kind) => proposalOf(kind, model, logs, options, rng.stream(kind)))
        .reduce((a, b) => (b.information / costs[b.kind] > a.information / costs[a.kind] ? b : a));
    }

    const tableOf = ({ members, live: { beliefs, model } }: QueryMixerState) =>
      greedyTable(model, meanPolicy(beliefs.logPolicies(members)));

    return {
      name: "queryMixer",
      options: { ...rest, expert: policyRecord(expert) },
      unit: "rounds",
      defaultSteps: Math.floor(budget / cheapest + 1e-9),

      async init(problem: Problem, rng: Rng): Promise<QueryMixerState> {
        const { id, model, observationSpace } = problem;
        if (!model) throw new UsageError(`queryMixer needs an exact model, which ${id} does not have`);
        requireExpertOf("queryMixer", problem, expert);
        const { states, actions } = model;
        const beliefs = beliefsOf(
          { ...options, states, actions, deviation: options.priorDeviation },
          rng.stream("beliefs"),
        );
        const right = await expert.act(model.observations, {
          rng: rng.stream("expert"),
          deterministic: true,
        });
        const seed = rng.stream("person").integer(2 ** 31);
        const compares = annotator({ mistake, seed, name: "person" });
        const person = { actions: Int32Array.from(right.actions), mistake, compares };
        return {
          members: beliefs.priors(),
          answers: { pairs: { states: [], actions: [] }, comparisons: [] },
          asked: queryKinds.map(() => 0),
          seconds: 0,
          rng,
          live: { derived: true, model, observationSpace, beliefs, person },
        };
      },

      /** One question and its answer. */
      async update(state): Promise<Metrics> {
        const { live, members, answers, asked } = state;
        const { model, beliefs, person } = live;
        const rng = state.rng.stream("question", number(state));
        const question = choose(state, rng);
        await answer(question, number(state) + 1, model, person, answers, pathSteps, rng.stream("answer"));
        asked[queryKinds.indexOf(question.kind)]++;
        state.seconds += costs[question.kind];
        beliefs.fit(members, answers);
        const counts = Object.fromEntries(queryKinds.map((kind, k) => [`${kind}s`, asked[k]]));
        return {
          steps: number(state),
          seconds: state.seconds,
          ...counts,
          informationPerSecond: question.information / costs[question.kind],
          value: policyReturn(model, evaluatePolicy(model, tableOf(state))),
        };
      },

      policy: (state) => policyOfModel(state.live.model, tableOf(state), state.live.observationSpace),
      done: (state) => affordable(state).length === 0,
      outcome: ({ asked, seconds: spent }) =>
        `${queryKinds.map((kind, k) => `${asked[k]} ${kind}${asked[k] === 1 ? "" : "s"}`).join(", ")} in ${Number(spent.toPrecision(4))} s`,
    };
  },
});
