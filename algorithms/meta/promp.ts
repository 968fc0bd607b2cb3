/**
 * @file Proximal meta-policy search [Rothfuss et al. 2019, algorithm 1], and plain MAML [Finn, Abbeel & Levine 2017,
 * algorithm 3]: initial parameters from which a policy-gradient step on a few episodes of a task solves it.
 *
 * An iteration plays K episodes of each of M tasks, takes an inner step for each task, plays K episodes with the adapted
 * parameters (`playStages`), and takes the outer gradient steps, through the inner steps. The objective is in
 * `promp/meta-loss.ts`, the inner step and the policy that takes it within a trial in `src/policies/adapting`.
 */

import * as z from "zod";
import { count, fraction, nonNegative, positive } from "../../src/config/options.js";
import { mean } from "../../src/diagnostics/statistics.js";
import type { Problem, Task, TaskFamily, VectorEnvironment } from "../../src/env/contracts.js";
import { UsageError } from "../../src/errors.js";
import type { Algorithm, Metrics } from "../../src/learning/contract.js";
import { defineAlgorithm } from "../../src/learning/define.js";
import type { Trainer, TrainState } from "../../src/learning/trainer.js";
import { type AdaptingNetwork, adaptingNetwork } from "../../src/policies/adapting/network.js";
import { forNetwork, innerStepProgram, modulationProgram } from "../../src/policies/adapting/programs.js";
import { AdaptingPolicy, type AdaptingSettings } from "../../src/policies/index.js";
import type { Rng } from "../../src/random/rng.js";
import { trialShape } from "../../src/rollout/trials.js";
import { actionScaling } from "../../src/spaces/index.js";
import type { ProgramArray } from "../../src/tensor/index.js";
import { type EpisodeRecord, noEpisodes, recordEpisodes } from "../shared/episodes.js";
import { networkOptions, policyNetworkOptions } from "../shared/networks.js";
import { metaTrainer } from "./promp/meta-loss.js";
import { playStage, type Stage, setTasks } from "./promp/rollouts.js";
import { tasksOption, testTasksOf, trainingTasksOf } from "./shared/trials.js";

export const prompSchema = z.strictObject({
  variant: z
    .enum(["promp", "maml"])
    .default("promp")
    .describe(
      "outer steps: promp: several, clipped and with a penalty on the divergence; maml: one, on the policy gradient",
    ),
  metaBatch: count().default(40).describe("number of tasks of an iteration, M"),
  innerRate: nonNegative().default(0.1).describe("step size of an inner step, α"),
  learningRate: positive().default(1e-3).describe("step size of the outer steps, with Adam"),
  gradientSteps: count()
    .optional()
    .describe("outer steps of an iteration; unset: 5, or 1 with variant maml, which takes no other number"),
  clip: positive()
    .optional()
    .describe("ε of the clipped objective of the outer steps; unset: 0.3, or with variant maml none"),
  klCoefficient: nonNegative()
    .optional()
    .describe(
      "η, weight of KL(old ‖ new) of the policy before adaptation; unset: 0.0005, or with variant maml none",
    ),
  discount: fraction().default(0.99).describe("γ"),
  gaeLambda: fraction().default(1).describe("λ of generalised advantage estimation"),
  hidden: networkOptions.hidden,
  activation: networkOptions.activation,
  initialLogStd: policyNetworkOptions.initialLogStd,
  tasks: tasksOption,
});

export type PrompOptions = z.input<typeof prompSchema>;
type Resolved = z.output<typeof prompSchema>;

export interface PrompState extends EpisodeRecord {
  /** Number of environment steps so far, those of adaptation included. */
  steps: number;
  network: TrainState;
  environments: VectorEnvironment;
  taskRng: Rng;
  actionRng: Rng;
  live: {
    derived: true;
    family: TaskFamily;
    /** The training tasks; unset: tasks are drawn from the family. */
    pool?: readonly Task[];
    settings: AdaptingSettings;
    network: AdaptingNetwork;
    trainer: Trainer;
  };
}

/** ProMP and MAML for discrete, multi-discrete and continuous actions. */
export const promp = defineAlgorithm({
  name: "promp",
  summary: "ProMP and MAML: parameters from which a policy-gradient step solves a task of a family",
  schema: prompSchema,
  environment: "PointGoal-v0",
  create: (options): Algorithm<PrompState> =>
    metaPolicySearch("promp", options, { ...outerSteps(options), innerSteps: 1 }),
});

/** The settings of the outer steps of a variant. @throws UsageError for options that MAML does not have */
function outerSteps({ variant, gradientSteps, clip, klCoefficient }: Resolved) {
  if (variant === "promp") {
    return { gradientSteps: gradientSteps ?? 5, clip: clip ?? 0.3, klCoefficient: klCoefficient ?? 5e-4 };
  }
  for (const [name, value] of Object.entries({ gradientSteps, clip, klCoefficient })) {
    if (value === undefined) continue;
    throw new UsageError(
      `promp: ${name} ${value} has no meaning with variant maml, whose one outer step follows the policy gradient; ` +
        `leave ${name} out, or set variant to promp`,
    );
  }
  return { gradientSteps: 1, klCoefficient: 0 };
}

/** The options of all variants. */
type Shared = Omit<Resolved, "variant" | "gradientSteps" | "clip" | "klCoefficient">;

interface Search {
  gradientSteps: number;
  clip?: number;
  klCoefficient: number;
  /** Inner steps of a task, S. */
  innerSteps: number;
  /** Units of the network that modulates the policy after the first inner step; unset: it is not modulated. */
  modulationUnits?: number;
}

/** The learner of {@link promp}, and with several inner steps and a modulation that of `mmaml`. */
export function metaPolicySearch(name: string, options: Shared, search: Search): Algorithm<PrompState> {
  const { metaBatch, innerRate, discount, gaeLambda, learningRate, tasks } = options;
  const { innerSteps, modulationUnits, ...outer } = search;
  return {
    name,
    options,
    unit: "environment steps",
    defaultSteps: 500_000,
    abilities: { density: true, memory: true },
    testTasks: (family) => testTasksOf(family, tasks),

    async init(problem: Problem, rng: Rng): Promise<PrompState> {
      const { family, episodes: ofTrial, horizon } = trialShape(name, problem, 2);
      const episodes = episodesOfStage(name, ofTrial, innerSteps);
      const { observationSpace, actionSpace } = problem;
      const { hidden, activation, initialLogStd } = options;
      const settings: AdaptingSettings = {
        ...{ observationSpace, actionSpace, hidden, activation, initialLogStd, modulationUnits },
        actionScaling: actionScaling(actionSpace),
        ...{ innerSteps, innerRate, episodes, horizon, discount, gaeLambda },
      };
      const network = adaptingNetwork(settings);
      const trainer = metaTrainer(network, {
        ...{ innerRate, learningRate, ...outer },
        ...{ tasks: metaBatch, episodes, horizon, stages: innerSteps + 1 },
      });
      return {
        steps: 0,
        network: trainer.initialise(rng.stream("parameters")),
        environments: await problem.vector(metaBatch * episodes, rng.stream("environments")),
        taskRng: rng.stream("tasks"),
        actionRng: rng.stream("actions"),
        ...noEpisodes(),
        live: {
          derived: true,
          ...{ family, pool: trainingTasksOf(family, tasks), settings, network, trainer },
        },
      };
    },

    async update(state: PrompState): Promise<Metrics> {
      const { stages, feeds } = await playStages(state);
      const { report } = await state.live.trainer.run(state.network, feeds);
      const [before, after] = [stages[0].returns, stages[stages.length - 1].returns];
      state.steps += stages.reduce((sum, stage) => sum + stage.steps, 0);
      const record = recordEpisodes(state, after);
      state.episodes += stages.slice(0, -1).reduce((sum, stage) => sum + stage.returns.length, 0);
      return {
        ...{ steps: state.steps, ...record, episodes: state.episodes },
        ...{ returnBefore: mean(before), returnAfter: mean(after) },
        ...report,
      };
    },

    policy: (state) => new AdaptingPolicy(state.live.settings, state.network.parameters),
  };
}

/** K: the episodes of a trial before its last one, in equal parts for the inner steps. */
function episodesOfStage(name: string, ofTrial: number, innerSteps: number): number {
  const episodes = (ofTrial - 1) / innerSteps;
  if (Number.isInteger(episodes)) return episodes;
  const [fewer, more] = [Math.floor, Math.ceil].map((round) => round(episodes) * innerSteps + 1);
  throw new UsageError(
    `${name} takes ${innerSteps} inner steps, each on as many episodes, and plays one more, but a trial has ${ofTrial}: ` +
      `set the environment's option episodesPerTask to ${[...(fewer > 1 ? [fewer] : []), more].join(" or ")}`,
  );
}

/** Algorithm 1, lines 4–8: tasks, and the episodes of each stage, with an inner step of each task between two stages. */
async function playStages({ environments, network, taskRng, actionRng, live }: PrompState) {
  const { family, pool, settings, network: adapting } = live;
  const { episodes, horizon, innerSteps, innerRate } = settings;
  const tasks = environments.count / episodes;
  const drawn = Array.from({ length: tasks }, () =>
    pool ? pool[taskRng.integer(pool.length)] : family.sampleTask(taskRng),
  );
  setTasks(environments, drawn);
  const { size } = adapting.adapted;
  let parameters: Float32Array = Float32Array.from(
    { length: tasks * size },
    (_, k) => network.parameters[k % size],
  );
  let modulation: Float32Array = new Float32Array(tasks * adapting.modulationSize);
  const stages: Stage[] = [];
  const feeds: Record<string, ProgramArray> = {};
  for (let s = 0; s <= innerSteps; s++) {
    const adapted = forNetwork(adapting, { parameters, modulation });
    const shape = { tasks, episodes, horizon };
    const stage = await playStage(environments, adapting, adapted, shape, actionRng, settings);
    stages.push(stage);
    const { observations, actions, logProbs, advantages, shares, rewards, lasts } = stage;
    const batch = { observations, actions, advantages, shares, ...adapted };
    const modulating = { observations, actions, rewards, lasts };
    const fed = { ...batch, logProbs, ...(adapting.modulationSize > 0 && modulating) };
    for (const [field, values] of Object.entries(fed)) feeds[field + s] = values;
    if (s === innerSteps) break;
    const step = innerStepProgram(adapting, episodes * horizon, innerRate);
    parameters = (await step.run(batch)).adapted as Float32Array;
    if (s > 0 || adapting.modulationSize === 0) continue;
    const changed = modulationProgram(adapting, settings).run({ shared: network.parameters, ...modulating });
    modulation = (await changed).modulation as Float32Array;
  }
  return { stages, feeds };
}
