/** @file Detects NaN and infinity in metrics and state, and suggests the likely cause. */

import type { VectorEnvironment } from "../env/contracts.js";
import type { Metrics, State } from "../learning/contract.js";
import { isDerived, isSnapshotNode, type Tree } from "../state/snapshot.js";

/**
 * A message about the first NaN in a state's arrays, such as `state.parameters[3] became NaN`, or in the observations
 * and rewards of its environments; undefined if there is none. Infinities count in float32 arrays; in float64 tables
 * they are valid, such as the logarithm of probability 0.
 *
 * @param saved the state's snapshot, which also exposes nodes with their own `getState`; environments' are skipped
 */
export function unsoundState(state: State, saved: Tree | State = state): string | undefined {
  return search(saved, state, "state");
}

/** A message about the first metric that is not finite, such as `policyLoss became NaN`; undefined if there is none. */
export function unsoundMetric(metrics: Metrics): string | undefined {
  const bad = Object.keys(metrics).find((name) => !Number.isFinite(metrics[name]));
  return bad === undefined ? undefined : `${bad} became ${metrics[bad]}`;
}

function search(value: unknown, live: unknown, path: string): string | undefined {
  if (isVector(live)) return unsoundRow(live);
  if (value instanceof Float32Array || value instanceof Float64Array) {
    const at = firstBad(value);
    return at < 0 ? undefined : `${path}[${at}] became ${value[at]}`;
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return undefined;
  if (isDerived(value) || isSnapshotNode(value)) return undefined;
  for (const [key, child] of Object.entries(value)) {
    const part = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
    const found = search(child, (live as Record<string, unknown> | undefined)?.[key], part);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isVector = (value: unknown): value is VectorEnvironment =>
  isSnapshotNode(value) && ArrayBuffer.isView((value as Partial<VectorEnvironment>).finalObservations);

function firstBad(array: Float32Array | Float64Array): number {
  const isBad = array instanceof Float32Array ? (x: number) => !Number.isFinite(x) : Number.isNaN;
  for (let i = 0; i < array.length; i++) if (isBad(array[i])) return i;
  return -1;
}

function unsoundRow({ id, count, observations, rewards }: VectorEnvironment): string | undefined {
  const width = observations.length / count;
  const at = firstBad(observations);
  if (at >= 0) {
    const [row, entry] = [Math.floor(at / width), at % width];
    return `entry ${entry} of the observation of environment ${row} of ${id} became ${observations[at]}`;
  }
  const i = rewards.findIndex((reward) => !Number.isFinite(reward));
  return i < 0 ? undefined : `the reward of environment ${i} of ${id} became ${rewards[i]}`;
}

/** Observations, rewards and returns above this size lose precision in float32 losses, which square them. */
const LARGE = 1e6;

/**
 * The likely cause of non-finite numbers in a run, and a remedy: an environment with non-finite or very large numbers,
 * else the learning rate of an algorithm that takes gradient steps. Undefined if no cause is known.
 *
 * @param last the metrics of the last iteration with finite numbers
 */
export function likelyCause(
  state: State,
  options: Record<string, unknown>,
  last: Metrics = {},
): string | undefined {
  const vectors = vectorsIn(state);
  if (vectors.some((vector) => unsoundRow(vector) !== undefined)) {
    return "the likely cause is the environment: test it with checkEnv(env)";
  }
  const largest = (arrays: readonly ArrayLike<number>[]) =>
    arrays.reduce((most, array) => Array.from(array).reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
  const advice = (option: string) => (options[option] === false ? `set ${option}, or ` : "");
  const seen = largest(vectors.map(({ observations }) => observations));
  if (seen > LARGE) {
    return `the likely cause is observations as large as ${show(seen)}: ${advice("normaliseObservations")}scale them`;
  }
  const paid = Math.max(largest(vectors.map(({ rewards }) => rewards)), Math.abs(last.return ?? 0));
  if (paid > LARGE) {
    return `the likely cause is rewards or returns as large as ${show(paid)}: ${advice("normaliseRewards")}scale them`;
  }
  const rate = last.learningRate ?? options.learningRate;
  if (typeof rate !== "number") return undefined;
  const norm = typeof options.maxGradientNorm === "number" ? " or maxGradientNorm" : "";
  return `the likely cause is the learningRate of ${rate}: lower it${norm}`;
}

const show = (x: number): string => x.toPrecision(2);

function vectorsIn(value: unknown): VectorEnvironment[] {
  if (isVector(value)) return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  if (isDerived(value) || isSnapshotNode(value)) return [];
  return Object.values(value).flatMap(vectorsIn);
}
