/** @file Compiled programs of adapting networks: acting, the log-probabilities of actions, and the inner step. */

import type { Rng } from "../../random/rng.js";
import { encodedWidth } from "../../spaces/index.js";
import * as t from "../../tensor/index.js";
import { actionRows, innerStep, taskBatchSpecs } from "./inner-step.js";
import type { AdaptingNetwork } from "./network.js";

/** Programs for B rows of each of M tasks; M is the size of the first axis of what is fed. */
export interface AdaptingPrograms {
  /** `{ parameters, observations, noise, greedy }` to `{ actions, logProbs }`; where `greedy` `[M, B]` is 1, the mode. */
  act: t.Program;
  /** `{ parameters, observations, actions }` to `{ logProbs }`. */
  logProb: t.Program;
}

const acting = new Map<string, AdaptingPrograms>();
const adapting = new Map<string, t.Program>();

/** The programs that act with `rows` rows of each task, traced once for an architecture. */
export const actingPrograms = (network: AdaptingNetwork, rows: number): AdaptingPrograms =>
  once(acting, [network.settings, rows], () => {
    const { settings, layout, noise } = network;
    const inputs = {
      parameters: t.float32(["tasks", layout.size]),
      observations: t.float32(["tasks", rows, encodedWidth(settings.observationSpace)]),
    };
    const entries = settings.actionSpace.kind === "discrete" ? [] : [1];
    return {
      act: t.program(
        {
          ...inputs,
          noise: t.float32(["tasks", rows, ...noise.shape]),
          greedy: t.float32(["tasks", rows, ...entries]),
        },
        ({ parameters, observations, noise, greedy }) => {
          const pi = network.evaluate(parameters, observations);
          const actions = t.where(t.greater(greedy, 0), pi.mode(), pi.sample(noise));
          return { actions, logProbs: pi.logProb(actions) };
        },
      ),
      logProb: t.program(
        { ...inputs, actions: actionRows(settings.actionSpace, "tasks", rows) },
        ({ parameters, observations, actions }) => ({
          logProbs: network.evaluate(parameters, observations).logProb(actions),
        }),
      ),
    };
  });

/**
 * The inner step on `steps` steps of each task: the fields of a `TaskBatch` but `logProbs`, which are those of the
 * parameters, and `parameters` `[M, size]`, to `adapted` `[M, size]`.
 */
export const innerStepProgram = (network: AdaptingNetwork, steps: number, rate: number): t.Program =>
  once(adapting, [network.settings, steps, rate], () => {
    const { logProbs: _, ...batch } = taskBatchSpecs(network, "tasks", steps);
    const inputs = { ...batch, parameters: t.float32(["tasks", network.layout.size]) };
    return t.program(inputs, ({ parameters, ...fed }) => {
      const taken = fed as Record<keyof typeof batch, t.Tensor>;
      const pi = network.evaluate(parameters, taken.observations);
      const logProbs = t.stopGradient(pi.logProb(taken.actions));
      return { adapted: innerStep(network, parameters, { ...taken, logProbs }, rate) };
    });
  });

function once<T>(made: Map<string, T>, key: unknown, make: () => T): T {
  const text = JSON.stringify(key);
  const known = made.get(text);
  if (known) return known;
  const fresh = make();
  made.set(text, fresh);
  return fresh;
}

/** Noise for `rows` actions; zeros without `rng`, for modes. */
export function drawNoise({ noise }: AdaptingNetwork, rows: number, rng: Rng | undefined): Float32Array {
  const values = new Float32Array(noise.shape.reduce<number>((size, n) => size * (n as number), rows));
  if (!rng) return values;
  return noise.kind === "normal" ? rng.fillNormal(values) : rng.fillUniform(values);
}
