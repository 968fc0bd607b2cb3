/** @file Compiled programs of adapting networks: acting, log-probabilities of actions, the inner step, and the modulation. */

import type { Rng } from "../../random/rng.js";
import { encodedWidth } from "../../spaces/index.js";
import type { ProgramArray } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { actionRows, innerStep, policyOn, type TaskBatch, taskBatchSpecs } from "./inner-step.js";
import type { ModulatingEpisodes } from "./modulation.js";
import type { AdaptingNetwork } from "./network.js";

/** Programs for B rows of each of M tasks; M is the size of the first axis of what is fed. */
export interface ActingPrograms {
  /** `{ parameters, modulation, observations, noise, greedy }` to `{ actions, logProbs }`; where `greedy` is 1, the mode. */
  act: t.Program;
  /** `{ parameters, modulation, observations, actions }` to `{ logProbs }`. */
  logProb: t.Program;
}

const programs = new Map<string, unknown>();

/** What is made for a key, made once. */
function once<T>(key: readonly unknown[], make: () => T): T {
  const text = JSON.stringify(key);
  if (!programs.has(text)) programs.set(text, make());
  return programs.get(text) as T;
}

/** The parameters and, for modulated networks, the modulation of M tasks. */
const taskInputs = ({ adapted, modulationSize }: AdaptingNetwork): Record<string, t.InputSpec> => ({
  parameters: t.float32(["tasks", adapted.size]),
  ...(modulationSize > 0 && { modulation: t.float32(["tasks", modulationSize]) }),
});

/** The programs that act with `rows` rows of each task, traced once for an architecture. */
export const actingPrograms = (network: AdaptingNetwork, rows: number): ActingPrograms =>
  once(["acting", network.settings, rows], () => {
    const { observationSpace, actionSpace } = network.settings;
    const inputs = {
      ...taskInputs(network),
      observations: t.float32(["tasks", rows, encodedWidth(observationSpace)]),
    };
    const perAction = actionSpace.kind === "discrete" ? [] : [1];
    return {
      act: t.program(
        {
          ...inputs,
          noise: t.float32(["tasks", rows, ...network.noise.shape]),
          greedy: t.float32(["tasks", rows, ...perAction]),
        },
        ({ parameters, modulation, observations, noise, greedy }) => {
          const pi = network.evaluate(parameters, observations, modulation);
          const actions = t.where(t.greater(greedy, 0), pi.mode(), pi.sample(noise));
          return { actions, logProbs: pi.logProb(actions) };
        },
      ),
      logProb: t.program(
        { ...inputs, actions: actionRows(actionSpace, "tasks", rows) },
        ({ parameters, modulation, observations, actions }) => ({
          logProbs: network.evaluate(parameters, observations, modulation).logProb(actions),
        }),
      ),
    };
  });

/**
 * The inner step on `steps` steps of each task: `parameters` and `modulation` of M tasks and the fields of a `TaskBatch`
 * but `logProbs`, which are those of the parameters, to `adapted` `[M, adapted.size]`.
 */
export const innerStepProgram = (network: AdaptingNetwork, steps: number, rate: number): t.Program =>
  once(["inner step", network.settings, steps, rate], () => {
    const { logProbs: _, ...batch } = taskBatchSpecs(network, "tasks", steps);
    return t.program({ ...taskInputs(network), ...batch }, ({ parameters, ...fed }) => {
      const taken = fed as unknown as TaskBatch;
      const logProbs = t.stopGradient(policyOn(network, parameters, taken).logProb(taken.actions));
      return { adapted: innerStep(network, parameters, { ...taken, logProbs }, rate) };
    });
  });

/** The inputs of the modulation by `episodes` episodes of each task, of `horizon` steps at most. */
export const modulatingSpecs = (
  network: AdaptingNetwork,
  tasks: t.Dim,
  { episodes, horizon }: { episodes: number; horizon: number },
) => {
  const { observations, actions, shares } = taskBatchSpecs(network, tasks, episodes * horizon);
  return { observations, actions, rewards: shares, lasts: shares };
};

/** All parameters, as `shared`, and the fields of `ModulatingEpisodes` to `modulation` `[M, modulationSize]`. */
export const modulationProgram = (
  network: AdaptingNetwork,
  shape: { episodes: number; horizon: number },
): t.Program =>
  once(["modulation", network.settings, shape.episodes, shape.horizon], () => {
    const inputs = {
      shared: t.float32([network.layout.size]),
      ...modulatingSpecs(network, "tasks", shape),
    };
    return t.program(inputs, ({ shared, ...fed }) => ({
      modulation: network.modulate(shared, fed as unknown as ModulatingEpisodes, shape.episodes),
    }));
  });

/** Of the inputs of a program, those that this network takes. */
export function forNetwork<F extends { modulation: ProgramArray }>(
  { modulationSize }: AdaptingNetwork,
  { modulation, ...feeds }: F,
): Record<string, ProgramArray> {
  return { ...feeds, ...(modulationSize > 0 && { modulation }) } as Record<string, ProgramArray>;
}

/** Noise for `rows` actions; zeros without `rng`, for modes. */
export function drawNoise({ noise }: AdaptingNetwork, rows: number, rng: Rng | undefined): Float32Array {
  const values = new Float32Array(noise.shape.reduce<number>((size, n) => size * (n as number), rows));
  if (!rng) return values;
  return noise.kind === "normal" ? rng.fillNormal(values) : rng.fillUniform(values);
}
