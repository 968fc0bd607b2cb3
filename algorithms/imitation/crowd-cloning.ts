/**
 * @file Cloning of demonstrators whose skill depends on the state [Beliaev et al. 2022]: demonstrator l takes an action of
 * the policy with probability ρ_l(s), and a random one otherwise. The policy and the skills are fitted together.
 */

import * as z from "zod";
import { count, nonNegative } from "../../src/config/options.js";
import { countPairs } from "../../src/datasets/transitions.js";
import type { Problem } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import { type Trainer, type TrainState, trainer } from "../../src/learning/trainer.js";
import * as nn from "../../src/nn/index.js";
import {
  type ActorCritic,
  actorCritic,
  NetworkPolicy,
  type ObservationStatistics,
} from "../../src/policies/index.js";
import { normaliseRows } from "../../src/policies/statistics.js";
import type { Rng } from "../../src/random/rng.js";
import { createPass, nextIndex, type Pass } from "../../src/rollout/epochs.js";
import { box, describeSpace, spaceWidth } from "../../src/spaces/index.js";
import type { Tensor } from "../../src/tensor/index.js";
import * as t from "../../src/tensor/index.js";
import { type LabelledPairs, pairsOf, statisticsOf } from "../shared/labelled-pairs.js";
import { networkSettings, requireNormalisable } from "../shared/networks.js";
import { cloningOptions } from "./cloning/options.js";
import { imitationOptions, imitationTask } from "./shared/options.js";

const { minibatchSize, learningRate, normaliseObservations, hidden, activation, network } = cloningOptions;

const crowdCloningSchema = z.strictObject({
  ...imitationOptions,
  epochs: count().default(50).describe("number of passes over the demonstrations"),
  ...{ minibatchSize, learningRate, normaliseObservations, hidden, activation, network },
  skillL2: nonNegative()
    .default(1e-4)
    .describe(
      "weight of the L2 penalty ½ ‖θ‖² of the network of the skills: larger, they depend less on the state",
    ),
});

export type CrowdCloningOptions = z.input<typeof crowdCloningSchema>;
type Resolved = z.output<typeof crowdCloningSchema>;

/** Gradient steps in a run. */
const CHUNK = 32;
/** Log-odds of the skills at the start: σ(2) = 0.88. */
const SKILLED = 2;

export interface CrowdCloningState {
  policy: TrainState;
  pass: Pass;
  epochs: number;
  live: {
    derived: true;
    actor: ActorCritic;
    trainer: Trainer;
    skills: t.Program;
    pairs: LabelledPairs;
    demonstrator: Int32Array;
    statistics?: ObservationStatistics;
  };
}

export interface CrowdCloning extends Algorithm<CrowdCloningState> {
  /** The names of the demonstrators. */
  readonly demonstrators: readonly string[];
  /** `[B, demonstrators]`: ρ, the skill of each demonstrator at rows of observations. */
  skills(state: CrowdCloningState, observations: Float32Array): Promise<Float32Array>;
}

/** Cloning of several demonstrators, each skilled in some states, for discrete actions. */
export const crowdCloning = defineAlgorithm({
  name: "crowdCloning",
  summary: "cloning of several demonstrators, whose skill depends on the state",
  schema: crowdCloningSchema,
  needs: [["demonstrations"]],
  create(options): CrowdCloning {
    const task = imitationTask("crowdCloning", options);
    const { demonstrations } = task;
    const named = demonstrations.trajectories.flatMap(({ expert }) => expert ?? []);
    const names = [...new Set(named)].sort();
    const perEpoch = Math.ceil(countPairs(demonstrations.trajectories) / options.minibatchSize);
    return {
      name: "crowdCloning",
      options: { ...options, ...task.record },
      unit: "updates",
      defaultSteps: options.epochs * perEpoch,
      dataSet: demonstrations,
      demonstrators: names,

      async init(problem: Problem, rng: Rng): Promise<CrowdCloningState> {
        task.requireProblem(problem);
        requireNames(demonstrations.trajectories.map(({ expert }) => expert));
        if (problem.actionSpace.kind !== "discrete") {
          throw new UsageError(
            `crowdCloning needs discrete actions, not ${describeSpace(problem.actionSpace)}: an unskilled action is one of ` +
              "all with equal probability",
          );
        }
        if (options.normaliseObservations) requireNormalisable("crowdCloning", problem);
        const raw = pairsOf(demonstrations.trajectories, demonstrations);
        const statistics = options.normaliseObservations ? statisticsOf(raw, problem) : undefined;
        const pairs = statistics
          ? { ...raw, observations: normaliseRows(statistics, raw.observations) }
          : raw;
        const numbers = new Map(names.map((name, l) => [name, l]));
        const demonstrator = Int32Array.from(
          demonstrations.trajectories.flatMap((trajectory) =>
            new Array<number>(countPairs([trajectory])).fill(numbers.get(trajectory.expert!)!),
          ),
        );
        const compiled = compile(problem, names.length, options, pairs.weights !== undefined);
        return {
          policy: compiled.trainer.initialise(rng.stream("parameters")),
          pass: createPass(rng.stream("minibatches")),
          epochs: 0,
          live: { derived: true, ...compiled, pairs, demonstrator, statistics },
        };
      },

      async update(state): Promise<Metrics> {
        const { policy, pass, live } = state;
        const { pairs, demonstrator } = live;
        const B = options.minibatchSize;
        const width = spaceWidth(demonstrations.observationSpace);
        const sums: Metrics = {};
        for (let done = 0; done < perEpoch; done += CHUNK) {
          const steps = Math.min(CHUNK, perEpoch - done);
          const observations = new Float32Array(CHUNK * B * width);
          const [actions, who] = [new Int32Array(CHUNK * B), new Int32Array(CHUNK * B)];
          const weights = pairs.weights && new Float32Array(CHUNK * B);
          for (let row = 0; row < steps * B; row++) {
            const pair = nextIndex(pass, pairs.count);
            observations.set(pairs.observations.subarray(pair * width, (pair + 1) * width), row * width);
            actions[row] = pairs.actions[pair];
            who[row] = demonstrator[pair];
            if (weights) weights[row] = pairs.weights![pair];
          }
          const feeds = { observations, actions, demonstrator: who, ...(weights && { weights }) };
          const { means } = await live.trainer.run(policy, feeds, steps);
          for (const [name, mean] of Object.entries(means)) {
            sums[name] = (sums[name] ?? 0) + (mean * steps) / perEpoch;
          }
        }
        state.epochs++;
        return { steps: policy.steps, ...sums };
      },

      async skills({ policy: { parameters }, live }, observations) {
        const rows = live.statistics ? normaliseRows(live.statistics, observations) : observations;
        return (await live.skills.run({ parameters, observations: rows })).skills as Float32Array;
      },

      policy: ({ policy, live: { actor, statistics } }) =>
        new NetworkPolicy(actor.settings, policy.parameters.slice(0, actor.layout.size), statistics),

      done: ({ epochs }) => epochs >= options.epochs,
    };
  },
});

/** @throws UsageError unless every episode names its expert */
function requireNames(experts: readonly (string | undefined)[]): void {
  const unnamed = experts.indexOf(undefined);
  if (unnamed < 0) return;
  throw new UsageError(
    `crowdCloning: episode ${unnamed} does not say whose it is: set \`expert\` of each trajectory, or use bc`,
  );
}

/** The policy and the skills as one network; the parameters of the policy come first. */
function compile(problem: Problem, demonstrators: number, options: Resolved, weighted: boolean) {
  const { observationSpace, actionSpace } = problem;
  const settings = networkSettings(options, { observationSpace, actionSpace });
  const actor = actorCritic({ observationSpace, actionSpace, ...settings, critic: false });
  // The scores of the skills are the means of a policy with an action a demonstrator.
  const scorer = actorCritic({
    observationSpace,
    actionSpace: box([demonstrators], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    ...settings,
    critic: false,
  });
  const actions = (actionSpace as { n: number }).n;
  const vectorOf = ({ layout: { size, initialise } }: ActorCritic): nn.Parameter => ({
    shape: [size],
    initialise: (out, _, rng) => out.set(initialise(rng)),
  });
  const layout = nn.layoutOf({ policy: vectorOf(actor), skills: vectorOf(scorer) });
  type Tree = nn.TensorTree<{ policy: nn.Parameter; skills: nn.Parameter }>;
  /** `[B, demonstrators]`: log-odds of ρ. */
  const scores = ({ skills }: Tree, observations: Tensor): Tensor =>
    t.add(scorer.distribution(scorer.layout.unflatten(skills), observations).mode(), SKILLED);
  const B = options.minibatchSize;
  const width = spaceWidth(observationSpace);
  return {
    actor,
    trainer: trainer({
      layout,
      learningRate: options.learningRate,
      steps: CHUNK,
      variable: true,
      minibatch: {
        observations: t.float32([B, width]),
        actions: t.int32([B]),
        demonstrator: t.int32([B]),
        ...(weighted && { weights: t.float32([B]) }),
      },
      loss({ parameters, minibatch }) {
        const tree = parameters as unknown as Tree;
        const pi = actor.distribution(actor.layout.unflatten(tree.policy), minibatch.observations);
        const all = scores(tree, minibatch.observations);
        const own = t.squeeze(t.takeAlongAxis(all, t.expandDims(minibatch.demonstrator, 1), 1), 1);
        const likelihood = skilledLikelihood(own, pi.logProb(minibatch.actions), actions);
        const loss = t.neg(t.mean(minibatch.weights ? t.mul(likelihood, minibatch.weights) : likelihood));
        const penalty = t.mul(t.sum(t.square(tree.skills)), options.skillL2 / 2);
        return { loss: t.add(loss, penalty), reported: { loss, skill: t.mean(t.sigmoid(own)) } };
      },
    }),
    skills: t.program(
      { parameters: t.float32([layout.size]), observations: t.float32(["batch", width]) },
      ({ parameters, observations }) => ({
        skills: t.sigmoid(scores(layout.unflatten(parameters) as unknown as Tree, observations)),
      }),
    ),
  };
}

/** log (ρ π(a | s) + (1 − ρ) / |A|) of log-odds of ρ and log π, `[B]`. */
export const skilledLikelihood = (odds: Tensor, logProb: Tensor, actions: number): Tensor => {
  const rho = t.sigmoid(odds);
  return t.log(t.add(t.add(t.mul(rho, t.exp(logProb)), t.div(t.sub(1, rho), actions)), 1e-12));
};
