/** @file Runs of the offline comparison: a learner for each environment, data set, method and seed. */

import { fingerprint } from "../../algorithms/shared/demonstrations-option.js";
import { createRng, type Demonstrations, evaluate, mean, train } from "../../index.js";
import { countPairs } from "../../src/datasets/transitions.js";
import { UsageError } from "../../src/errors.js";
import { trajectoryReturn } from "../../src/rollout/trajectory.js";
import { learnerOf, type PlainRun, type RecordedRow, recordOf } from "../lib/plain-run.js";
import type { Results } from "../lib/results.js";
import { bestTenth, type DataSets, KINDS, type Kind, type References } from "./data.js";

export interface OfflineRun {
  env: string;
  data: Kind;
  method: string;
  seed: number;
  /** Mean return of the policy's mode; NaN, as null, where its parameters became infinite. */
  return: number;
  score: number;
}

/** A data set as a row of the results. */
export interface DataRecord extends References {
  env: string;
  data: Kind;
  episodes: number;
  transitions: number;
  /** Mean return of the episodes, and its score. */
  meanReturn: number;
  score: number;
  checksum: string;
}

interface Method {
  algorithm: string;
  options?: Record<string, unknown>;
  /** What is learnt from in place of the data set. */
  from?: (data: Demonstrations, seed: number) => Demonstrations;
  /** The data sets of a control; all for a method. */
  kinds?: readonly Kind[];
}

/** The budget and the networks, which all methods share. */
const shared: Readonly<Record<string, Record<string, unknown>>> = {
  "Pendulum-v1": { hidden: [64, 64], minibatchSize: 64, learningRate: 1e-3 },
  "Hopper-v5": { hidden: [64, 64], minibatchSize: 128, learningRate: 1e-3 },
};
const updates: Readonly<Record<string, number>> = {
  "Pendulum-v1": 5000,
  "Hopper-v5": 20_000,
};
const values: Readonly<Record<string, Record<string, unknown>>> = {
  "Pendulum-v1": { discount: 0.98, tau: 0.01 },
  "Hopper-v5": { discount: 0.99, tau: 0.005 },
};

export const methods: Readonly<Record<string, Method>> = {
  bc: { algorithm: "bc" },
  "bc of the best tenth": { algorithm: "bc", from: bestTenth },
  td3bc: { algorithm: "td3bc" },
  iql: { algorithm: "iql" },
  cql: { algorithm: "cql", options: { samples: 4 } },
  "td3bc without cloning": { algorithm: "td3bc", options: { alpha: 1e6 }, kinds: ["expert"] },
  "td3bc with shuffled rewards": { algorithm: "td3bc", from: shuffledRewards, kinds: ["medium-expert"] },
  "iql with shuffled rewards": { algorithm: "iql", from: shuffledRewards, kinds: ["medium-replay"] },
};

/** The data with the rewards of all steps in random order. */
function shuffledRewards(data: Demonstrations, seed: number): Demonstrations {
  const all = data.trajectories.flatMap(({ rewards }) => Array.from(rewards));
  const shuffled = createRng(seed).stream("shuffled rewards").shuffle(all).values();
  const trajectories = data.trajectories.map((trajectory) => ({
    ...trajectory,
    rewards: trajectory.rewards.map(() => shuffled.next().value as number),
  }));
  return { ...data, trajectories };
}

function rowOf(env: string, { algorithm, options }: Method): PlainRun {
  const settings = { ...shared[env], activation: "relu", normaliseObservations: true, ...options };
  return algorithm === "bc"
    ? {
        algorithm,
        env,
        options: { ...settings, loss: "squared-error", epochs: { updates: updates[env], least: 1 } },
      }
    : { algorithm, env, options: { ...settings, ...values[env], updates: updates[env] } };
}

const rowKey = (env: string, kind: Kind, method: string) => `${env}/${kind}/${method}`;
const kindsOf = ({ kinds = KINDS }: Method) => kinds;

/** The commands and settings of the rows that have runs. The data sets are the folders that the script writes. */
export function recordedRows(runs: readonly (OfflineRun | DataRecord)[]): Record<string, RecordedRow> {
  const rows = runs
    .filter((run): run is OfflineRun => "method" in run)
    .map(({ env, data, method }): [string, RecordedRow] => [
      rowKey(env, data, method),
      recordOf(rowOf(env, methods[method]), `--demos runs/offline/${env}/${data}`),
    ]);
  return Object.fromEntries(rows);
}

export interface OfflineOptions extends DataSets {
  env: string;
  kinds: readonly Kind[];
  methods: readonly string[];
  seeds: readonly number[];
}

const EPISODES = 100;

const scoreOf = (value: number, { random, expert }: References): number =>
  (100 * (value - random)) / (expert - random);

/**
 * The same seeds make other data on processors that round differently, and runs on two data sets are not one row.
 *
 * @throws UsageError for a data set whose checksum is not that of the results
 */
export function requireSameData(
  runs: readonly (OfflineRun | DataRecord)[],
  { env, data, checksum }: Pick<DataRecord, "env" | "data" | "checksum">,
): void {
  const known = runs.find(
    (run): run is DataRecord => "checksum" in run && run.env === env && run.data === data,
  );
  if (known === undefined || known.checksum === checksum) return;
  throw new UsageError(
    `the data set ${env}/${data} has the checksum ${checksum}, but the results are of ${known.checksum}: make the data ` +
      "on the processor of those results, or delete their runs on this data set and its record",
  );
}

/** Adds all missing runs, seed by seed, so that an early stop leaves all methods with fewer seeds. */
export async function offlineRuns(
  results: Results<OfflineRun | DataRecord>,
  { env, references, sets, kinds, methods: names, seeds }: OfflineOptions,
): Promise<void> {
  for (const kind of kinds) {
    const { trajectories } = sets[kind];
    const checksum = String(fingerprint(sets[kind], { rewards: true }).checksum);
    await results.keep(`${env}/${kind}`, async () => {
      const meanReturn = mean(trajectories.map(trajectoryReturn));
      return {
        env,
        data: kind,
        episodes: trajectories.length,
        transitions: countPairs(trajectories),
        ...references,
        meanReturn,
        score: scoreOf(meanReturn, references),
        checksum,
      };
    });
    requireSameData(results.runs, { env, data: kind, checksum });
  }
  for (const seed of seeds) {
    for (const kind of kinds) {
      for (const name of names.filter((name) => kindsOf(methods[name]).includes(kind))) {
        await results.keep(`${rowKey(env, kind, name)}/${seed}`, async () => {
          const method = methods[name];
          const demonstrations = method.from?.(sets[kind], seed) ?? sets[kind];
          const { algorithm } = learnerOf(rowOf(env, method), { demonstrations });
          const policy = await train(algorithm, { env, seed });
          const played = { env, episodes: EPISODES, seed: `offline evaluation/${seed}` };
          const { mean: value } = await evaluate(policy, played);
          return { env, data: kind, method: name, seed, return: value, score: scoreOf(value, references) };
        });
      }
    }
  }
}
