/**
 * @file Error against horizon on the tightrope: with γ = 1 − 1 / T, a clone that errs with probability ε where the expert
 * walks loses value as ε T², like proposition 3.1's bound, and DAgger's learner as ε T.
 *
 * Both fit a table with the same entropy bonus, which keeps a probability ε of wrong actions wherever there are labels,
 * whatever T is. The policies are compared as they are, errors and all.
 */

import { bc, dagger, valueIteration } from "../../algorithms/index.js";
import { collect, compare, train } from "../../index.js";
import type { Results } from "../lib/results.js";

const HORIZONS = [5, 10, 20, 40];
const EPISODES = 100;
/** With 99 wrong actions, one that nobody labelled is wrong nearly always. */
const ACTIONS = 100;
const TABLE = { hidden: [], learningRate: 0.1, minibatchSize: 128, entropyCoefficient: 0.1 };

export interface HorizonRun {
  kind: "horizon";
  method: "bc" | "dagger";
  horizon: number;
  seed: number;
  labels: number;
  gap: number;
  epsilon: number;
  bound: number;
}

export async function horizonRuns(results: Results<HorizonRun>, seeds: number): Promise<void> {
  for (let seed = 0; seed < seeds; seed++) {
    for (const horizon of HORIZONS) {
      for (const method of ["bc", "dagger"] as const) {
        const key = `horizon/${String(horizon).padStart(3, "0")}/${method}/${seed}`;
        await results.keep(key, () => horizonRun(method, horizon, seed));
      }
    }
  }
}

async function horizonRun(method: "bc" | "dagger", horizon: number, seed: number): Promise<HorizonRun> {
  const env = "Tightrope-v0";
  const environmentOptions = { length: horizon, actions: ACTIONS, seed, discount: 1 - 1 / horizon };
  const on = { env, environmentOptions, seed };
  const expert = await train(valueIteration(), on);
  const labels = EPISODES * horizon;
  // As many gradient steps for every horizon and method as bring a table to its fixed point.
  const updates = 1200;
  const shown = await collect(expert, { ...on, episodes: EPISODES, deterministic: true });
  const rounds = 5;
  // Without an expert-driven round the first learner, which knows nothing, falls at once and asks about the ground.
  const algorithm =
    method === "bc"
      ? bc({ ...TABLE, demonstrations: shown, epochs: Math.ceil((updates * TABLE.minibatchSize) / labels) })
      : dagger({
          ...TABLE,
          expert,
          rounds,
          roundSteps: labels / rounds,
          beta: { kind: "constant", value: 0.5 },
          epochs: Math.ceil((1.8 * updates * TABLE.minibatchSize) / labels / rounds),
        });
  const policy = await train(algorithm as ReturnType<typeof bc>, on);
  const { exact } = await compare(expert, policy, { ...on, sampled: false, deterministic: false });
  const { gap, epsilon, bound } = exact!;
  return { kind: "horizon", method, horizon, seed, labels, gap, epsilon, bound };
}

/** The slope of log y against log x by least squares. */
export function logSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const [mx, my] = [0, 1].map((axis) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length);
  const above = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return above / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}
