/**
 * @file Error against horizon on the tightrope with γ = 1 − 1 / T. A cloned policy that errs with probability ε in the
 * states of the expert loses value proportional to ε T², like the bound of proposition 3.1; DAgger's policy loses ε T.
 *
 * Both fit a table with the same entropy bonus, which keeps a probability ε of wrong actions in all labelled states for
 * every T. The stochastic policies are compared, not their modes.
 */

import { valueIteration } from "../../algorithms/index.js";
import { collect, compare, train } from "../../index.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import type { Results } from "../lib/results.js";

const HORIZONS = [5, 10, 20, 40];
const EPISODES = 100;
/** Number of actions. With 99 wrong ones, a random action in an unlabelled state is almost always wrong. */
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
        await results.keep(`${keyOf(method, horizon)}/${seed}`, () => horizonRun(method, horizon, seed));
      }
    }
  }
}

/** A method on a tightrope as a plain run; the world has the seed of the run. */
function rowOf(method: HorizonRun["method"], horizon: number, seed: number): PlainRun {
  const environmentOptions = { length: horizon, actions: ACTIONS, seed, discount: 1 - 1 / horizon };
  const labels = EPISODES * horizon;
  // Enough gradient steps for the table to converge, for every horizon and method.
  const passes = (1200 * TABLE.minibatchSize) / labels;
  const rounds = 5;
  // Without a round driven by the expert, the untrained learner falls at once and queries only states on the ground.
  const own =
    method === "bc"
      ? { epochs: Math.ceil(passes) }
      : {
          rounds,
          roundSteps: labels / rounds,
          beta: { kind: "constant", value: 0.5 },
          epochs: Math.ceil((1.8 * passes) / rounds),
        };
  return { algorithm: method, env: "Tightrope-v0", environmentOptions, options: { ...TABLE, ...own } };
}

/**
 * The commands and the settings of every method and horizon, in the world of seed 0. `DEMOS` and `EXPERT` are the
 * demonstrations and the run folder of an exact planner.
 */
export const recordedHorizonRows = (): Record<string, RecordedRow> =>
  Object.fromEntries(
    HORIZONS.flatMap((horizon) =>
      (["bc", "dagger"] as const).map((method) => [
        keyOf(method, horizon),
        recordOf(rowOf(method, horizon, 0), method === "bc" ? "--demos DEMOS" : "--expert EXPERT"),
      ]),
    ),
  );

const keyOf = (method: HorizonRun["method"], horizon: number) =>
  `horizon/${String(horizon).padStart(3, "0")}/${method}`;

async function horizonRun(method: HorizonRun["method"], horizon: number, seed: number): Promise<HorizonRun> {
  const row = rowOf(method, horizon, seed);
  const { env, environmentOptions } = row;
  const on = { env, environmentOptions, seed };
  const expert = await train(valueIteration(), on);
  const shown = await collect(expert, { ...on, episodes: EPISODES, deterministic: true });
  const { algorithm } = learnerOf(row, method === "bc" ? { demonstrations: shown } : { expert });
  const policy = await train(algorithm, on);
  const { exact } = await compare(expert, policy, { ...on, sampled: false, deterministic: false });
  const { gap, epsilon, bound } = exact!;
  return { kind: "horizon", method, horizon, seed, labels: EPISODES * horizon, gap, epsilon, bound };
}

/** The slope of log y against log x by least squares. */
export function logSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const [mx, my] = [0, 1].map((axis) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length);
  const above = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return above / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}
