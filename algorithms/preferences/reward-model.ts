/**
 * @file A reward fitted to comparisons of segments [Bradley & Terry 1952] [N §3.5, eq. 68]: linear in features, of which
 * the maximum likelihood is found exactly, or a network of them. The likelihood and its gradient are in
 * `reward-model/likelihood.ts`.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import { type Preferences, requirePreferences } from "../../src/datasets/preferences.js";
import { loadPreferences, preferencesAt } from "../../src/datasets/preferences-folder.js";
import { type PlayedWith, playedWithIn } from "../../src/datasets/provenance.js";
import { epicDistance, modelReward } from "../../src/diagnostics/epic.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { TabularModel } from "../../src/env/contracts.js";
import { problemOf } from "../../src/env/problem.js";
import type { Artefact, Learner, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Rng } from "../../src/random/rng.js";
import type { LearnedReward } from "../irl/shared/contract.js";
import { rewardModel as featureReward, rewardModelOptions } from "../irl/shared/feature-reward.js";
import { type FeatureMap, featureMap, featureOptions } from "../irl/shared/features.js";
import { learnedReward } from "../irl/shared/learned-reward.js";
import { type QuasiNewtonState, quasiNewtonStep, startQuasiNewton } from "../irl/shared/optimise.js";
import { thresholdOf } from "./reward-model/chances.js";
import {
  type Layout,
  type Likelihood,
  layoutOf,
  likelihoodOf,
  rewardParameters,
} from "./reward-model/likelihood.js";
import { type PredictionScores, scoresOf } from "./reward-model/report.js";
import { annotatorWeightsSchema, weighedBy } from "./shared/annotator-weights.js";
import { bootstrapCounts } from "./shared/bootstrap.js";
import { neitherSchema, requireDecided } from "./shared/preferences-option.js";
import { oneSidedWarnings } from "./shared/trust.js";

const rewardModelSchema = z.strictObject({
  ...featureOptions,
  rewardOf: featureOptions.rewardOf.default("state-action"),
  ...rewardModelOptions,
  discount: positive().max(1).default(1).describe("γ: weight of a step, for each step before it"),
  temperature: positive()
    .default(1)
    .describe("T of P(left is better) = σ((R_left − R_right) / T): the unit of the reward"),
  lapse: fraction()
    .default(0)
    .describe("ε: probability that an answer is given without a look; half of these are mistakes"),
  neither: neitherSchema,
  ties: z
    .enum(["half", "rao-kupper"])
    .default("half")
    .describe(
      "answers equal, and neither. half: half a choice of each side; rao-kupper: an answer of its own, given where the " +
        "returns differ by less than a threshold that is fitted",
    ),
  horizon: z
    .enum(["fixed", "absorbing", "variable"])
    .default("fixed")
    .describe(
      "segments of different lengths. fixed: they are refused, because the answers do not tell the reward of what is " +
        "missing; absorbing: after its end an episode has a reward that is fitted, which learners receive too; variable: " +
        "what is missing counts as 0",
    ),
  ensemble: count()
    .default(1)
    .describe(
      "number of rewards, each fitted to a bootstrap sample of the comparisons; the reward is their mean",
    ),
  annotatorWeights: annotatorWeightsSchema,
  l2: nonNegative().default(1e-3).describe("weight of the L2 penalty ½ ‖θ‖² beside the mean loss"),
  heldOut: fraction().default(0.1).describe("share of the questions that is held out, to measure the reward"),
  iterations: count().default(200).describe("most quasi-Newton steps"),
});

export type RewardModelOptions = z.input<typeof rewardModelSchema>;

export interface RewardModelState {
  minimiser: QuasiNewtonState;
  steps: number;
  live: {
    derived: true;
    likelihood: Likelihood;
    heldOut?: Likelihood;
    layout: Layout;
    map: FeatureMap;
    playedWith: PlayedWith;
    warnings: readonly string[];
  };
}

/** The fitted reward, which `train ppo --reward RUN` maximises. */
export type FittedReward = LearnedReward & Artefact;

export interface RewardModelLearner extends Learner<Preferences, FittedReward, RewardModelState> {
  reward(state: RewardModelState): FittedReward;
}

/** A reward fitted to the comparisons of a folder. */
export const rewardModel = defineAlgorithm({
  name: "rewardModel",
  summary: "fits a reward to comparisons of segments: linear in features, exactly, or a network",
  schema: rewardModelSchema,
  source: {
    summary:
      "folder of preferences, which understudy-rl compare-segments or a run of preference-learning wrote",
    example: "preferences/cartpole",
    read: async (path) => loadPreferences(await preferencesAt(path)),
    evaluate: epicOf,
  },
  create(options): RewardModelLearner {
    const { hidden, activation, ensemble } = options;
    const layers = { hidden, activation, members: ensemble };
    const rewardIn = ({ minimiser: { point }, live: { layout, map, playedWith } }: RewardModelState) => {
      const absorbing =
        layout.absorbing === undefined ? undefined : meanOf(point, layout, layout.absorbing, (x) => x);
      const parameters = rewardParameters(point, layout);
      return learnedReward({ map, parameters, playedWith, absorbing }, layers) as FittedReward;
    };
    return {
      name: "rewardModel",
      options: {
        ...options,
        ...(typeof options.features === "function" && { features: { given: "a function" } }),
      },
      unit: "updates",
      defaultSteps: options.iterations,

      async init(given: Preferences, rng: Rng): Promise<RewardModelState> {
        requirePreferences(given);
        requireDecided("rewardModel", given);
        const weighed = weighedBy(options.annotatorWeights, given);
        const isHeld = ({ id }: { id: number }) => rng.stream("held-out", id).uniform() < options.heldOut;
        const part = (held: boolean) => ({
          ...weighed,
          comparisons: weighed.comparisons.filter((comparison) => isHeld(comparison) === held),
        });
        const kept = part(false);
        requireDecided("rewardModel, without the held-out comparisons", kept);
        const map = featureMap("rewardModel", { id: given.env, ...given }, options);
        const model = featureReward(map.width, layers);
        const samples = rng.stream("samples");
        const likelihood = likelihoodOf(kept, map, model, options, (id) =>
          bootstrapCounts(samples, id, ensemble),
        );
        const aside = part(true);
        const heldOut = aside.comparisons.length > 0 && likelihoodOf(aside, map, model, options);
        const layout = layoutOf(model, options);
        const start = startIn(layout, model.initialise(rng.stream("parameters")));
        return {
          minimiser: await startQuasiNewton(start, likelihood.loss, 0),
          steps: 0,
          live: {
            ...{ derived: true, likelihood, layout, map, playedWith: playedWithIn(given) },
            ...(heldOut && { heldOut }),
            warnings: oneSidedWarnings(given),
          },
        };
      },

      /** One quasi-Newton step. */
      async update(state): Promise<Metrics> {
        const { minimiser, live } = state;
        await quasiNewtonStep(minimiser, live.likelihood.loss, 0);
        state.steps++;
        const { likelihood, heldOut, layout } = live;
        const { point } = minimiser;
        const predicted = await likelihood.predict(point);
        const aside = scoresOf((await heldOut?.predict(point)) ?? []);
        return {
          steps: state.steps,
          loss: minimiser.objective / ensemble,
          ...shareRight("accuracy", scoresOf(predicted)),
          ...shareRight("heldOutAccuracy", aside),
          ...(aside.count > 0 && {
            heldOutLoss: aside.logLoss,
            calibrationError: aside.calibrationError,
          }),
          ...(ensemble > 1 && { disagreement: mean(predicted.map(({ deviation = 0 }) => deviation)) }),
          ...(layout.ties !== undefined && {
            tieThreshold:
              options.temperature * meanOf(point, layout, layout.ties, (x) => thresholdOf(x).value),
          }),
        };
      },

      artefact: rewardIn,
      reward: rewardIn,
      done: ({ steps, minimiser }) => minimiser.settled || steps >= options.iterations,
      outcome: ({ minimiser, steps, live: { warnings } }) => {
        const settled = minimiser.settled ? [`the likelihood has its maximum after ${steps} steps`] : [];
        return [...settled, ...warnings].join("; ") || undefined;
      },
    };
  },
});

/** The share of choices that are predicted, which ties alone do not have. */
const shareRight = (name: string, { accuracy }: PredictionScores): Metrics =>
  accuracy === undefined ? {} : { [name]: accuracy };

/** The mean over the members of one of their own parameters. */
const meanOf = (point: Float64Array, { size }: Layout, place: number, of: (x: number) => number): number =>
  mean(Array.from({ length: point.length / size }, (_, m) => of(point[m * size + place])));

/** The parameters to start from: those of the rewards, and 0 for what is beside them. */
function startIn({ size, reward }: Layout, own: Float64Array): Float64Array {
  const members = own.length / reward;
  const start = new Float64Array(members * size);
  for (let m = 0; m < members; m++) start.set(own.subarray(m * reward, (m + 1) * reward), m * size);
  return start;
}

/** The EPIC distance to the reward of the environment, if it has an exact model. */
async function epicOf(reward: FittedReward, { env, provenance }: Preferences): Promise<Metrics> {
  const options = provenance.environmentOptions as Record<string, unknown> | undefined;
  const { model } = await problemOf(env, options);
  if (!model) return {};
  const table = await tableOf(reward, model);
  const own = reward.rewardOf === "next-state" ? { next: table } : { pair: table };
  return { epic: epicDistance(model, own, modelReward(model)) };
}

/** The rewards of the states of a model, or of its pairs. */
async function tableOf({ rewardOf, rewards }: LearnedReward, model: TabularModel): Promise<Float64Array> {
  const { states, actions, observations } = model;
  const width = observations.length / states;
  const each = rewardOf === "next-state" ? 1 : actions;
  const rows = new Float32Array(states * each * width);
  for (let row = 0; row < states * each; row++) {
    const s = Math.floor(row / each);
    rows.set(observations.subarray(s * width, (s + 1) * width), row * width);
  }
  const chosen = Int32Array.from({ length: states * each }, (_, row) => row % each);
  const terminated = new Uint8Array(states * each);
  return Float64Array.from(
    await rewards({ observations: rows, actions: chosen, nextObservations: rows, terminated }),
  );
}
