/**
 * @file Guided fine-tuning [Chu 2024, §2.3, algorithm 1]: in states that the student visits, the answer of a teacher is preferred
 * to the student's own, and the student is tuned on these pairs; again in the states of the student that comes out of it.
 *
 * Losses and gradient steps are in `fine-tuning/`.
 */

import * as z from "zod";
import { count } from "../../src/config/options.js";
import { pairedSegments, type ShownSegment } from "../../src/datasets/show-segments.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Problem, VectorEnvironment } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Trainer } from "../../src/learning/trainer.js";
import type { Policy } from "../../src/policies/contract.js";
import { policyRecord } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { trajectoryReturn } from "../../src/rollout/trajectory.js";
import { dpoLoss, orpoLoss, type PairLoss, sftLoss } from "./fine-tuning/losses.js";
import { dpoOptions, lambdaSchema, policySchema, tuningOptions } from "./fine-tuning/options.js";
import { segmentArrays } from "./fine-tuning/rows.js";
import { policyOfStudent, requirePolicy, type Student, studentOf } from "./fine-tuning/student.js";
import { createTunerState, type TunerState, tune, tunerOf } from "./fine-tuning/tuner.js";
import { requireOdds } from "./orpo.js";

const guidedFineTuningSchema = z.strictObject({
  teacher: policySchema().describe("policy whose answers are preferred"),
  ...tuningOptions,
  method: z
    .enum(["dpo", "orpo", "sft"])
    .default("dpo")
    .describe("loss of the pairs; the reference of dpo is the student at the start of the round"),
  rounds: count()
    .default(10)
    .describe("most rounds; training ends earlier when all answers are the teacher's"),
  answers: count().default(64).describe("states of a round in which both answer"),
  answerLength: count().default(20).describe("most steps of an answer"),
  environments: count()
    .default(8)
    .describe("number of environments in which they answer; must divide `answers`"),
  teacherActs: z
    .enum(["mode", "sample"])
    .default("mode")
    .describe("whether the teacher takes its most probable actions; the student's are sampled"),
  epochs: count().default(10).describe("number of passes over the pairs of a round"),
  ...dpoOptions,
  lambda: lambdaSchema,
});

export type GuidedFineTuningOptions = z.input<typeof guidedFineTuningSchema>;
type Resolved = z.output<typeof guidedFineTuningSchema>;

export interface GuidedFineTuningState {
  tuner: TunerState;
  environments: VectorEnvironment;
  teacherRng: Rng;
  studentRng: Rng;
  round: number;
  environmentSteps: number;
  /** Whether all answers of the last round were the teacher's. */
  agreed: boolean;
  live: { derived: true; student: Student; trainer: Trainer; problem: Problem };
}

const lossOf = (options: Resolved): PairLoss => {
  if (options.method === "dpo") return dpoLoss(options);
  return options.method === "orpo" ? orpoLoss(options.lambda) : sftLoss;
};

/** Guided fine-tuning of a policy, in any environment with snapshots. */
export const guidedFineTuning = defineAlgorithm({
  name: "guidedFineTuning",
  summary: "guided fine-tuning: prefers a teacher's answers to the student's own, in the student's states",
  schema: guidedFineTuningSchema,
  needs: [["teacher"]],
  create(options): Algorithm<GuidedFineTuningState> {
    const { teacher, method, rounds, answers: count, answerLength: length, minibatchSize } = options;
    if (count % options.environments !== 0) {
      throw new UsageError(
        `guidedFineTuning: answers (${count}) must be a multiple of environments (${options.environments})`,
      );
    }
    return {
      name: "guidedFineTuning",
      options: {
        ...options,
        teacher: policyRecord(teacher),
        ...(options.student && { student: policyRecord(options.student) }),
      },
      unit: "rounds",
      defaultSteps: rounds,

      async init(problem: Problem, rng: Rng): Promise<GuidedFineTuningState> {
        requirePolicy("guidedFineTuning", "the teacher", teacher, problem);
        if (method === "orpo") requireOdds("guidedFineTuning with orpo", problem);
        const student = studentOf("guidedFineTuning", problem, options.student, options);
        const trainer = tunerOf(student, { ...options, length }, lossOf(options));
        return {
          tuner: createTunerState(trainer, student, rng),
          environments: await problem.vector(options.environments, rng.stream("environments")),
          teacherRng: rng.stream("teacher"),
          studentRng: rng.stream("student"),
          round: 0,
          environmentSteps: 0,
          agreed: false,
          live: { derived: true, student, trainer, problem },
        };
      },

      /** One round: answers, and passes over the pairs of those that differ. */
      async update(state: GuidedFineTuningState): Promise<Metrics> {
        const { tuner, live } = state;
        const before: Policy = policyOfStudent(live.student, tuner.parameters.slice());
        const acting = { rng: state.teacherRng, deterministic: options.teacherActs === "mode" };
        const { pairs, steps } = await pairedSegments(state.environments, {
          count,
          segmentLength: length,
          first: { policy: teacher, acting },
          second: { policy: before, acting: { rng: state.studentRng } },
        });
        state.round++;
        state.environmentSteps += steps;
        const answers = pairs.filter(([first, second]) => !isSameAnswer(first, second));
        state.agreed = answers.length === 0;
        const metrics = state.agreed ? {} : await learn(state, answers, before);
        const returns = (side: 0 | 1) => mean(pairs.map((pair) => trajectoryReturn(pair[side])));
        return {
          steps: state.round,
          environmentSteps: state.environmentSteps,
          differing: answers.length / count,
          teacherReturn: returns(0),
          studentReturn: returns(1),
          ...metrics,
        };
      },

      policy: ({ tuner, live }) => policyOfStudent(live.student, tuner.parameters),
      done: ({ round, agreed }) => agreed || round >= rounds,
    };

    /** The passes of a round. Segment 2i is the teacher's answer in state i, and 2i + 1 the student's. */
    async function learn(
      { tuner, live }: GuidedFineTuningState,
      answers: readonly [ShownSegment, ShownSegment][],
      before: Policy,
    ): Promise<Metrics> {
      const segments = answers.flat();
      const arrays = await segmentArrays("guidedFineTuning", segments, live.problem, {
        length,
        discount: options.discount,
        reference: method === "dpo" ? before : undefined,
        statistics: live.student.statistics,
      });
      const pairs = answers.map((_, i) => ({ first: 2 * i, second: 2 * i + 1, target: 1, weight: 1 }));
      const updates = options.epochs * Math.ceil(pairs.length / minibatchSize);
      const metrics = await tune(live.trainer, tuner, arrays, pairs, { minibatchSize, updates });
      return metrics;
    }
  },
});

/** Whether the student did what the teacher did. */
const isSameAnswer = ({ actions }: ShownSegment, other: ShownSegment): boolean =>
  actions.length === other.actions.length && actions.every((action, i) => action === other.actions[i]);
