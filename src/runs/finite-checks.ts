/** @file Numbers that are none: where in a state they are, and what most likely did it. */

import type { VectorEnvironment } from "../env/contracts.js";
import type { Metrics, State } from "../learning/contract.js";
import { isDerived, isSnapshotNode, type Tree } from "../state/snapshot.js";

/**
 * The first array of a state that holds NaN, such as `state.parameters[3] became NaN`, or the first environment that
 * shows one. In float32 arrays an infinity is as bad; float64 tables may mean it, as the log-probability of 0.
 *
 * @param saved its snapshot, to look also into what saves itself; what environments save is their own affair.
 */
export function unsoundState(state: State, saved: Tree | State = state): string | undefined {
  return search(saved, state, "state");
}

/** The first metric that is not finite, such as `policyLoss became NaN`. */
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
    return `entry ${entry} of what environment ${row} of ${id} shows became ${observations[at]}`;
  }
  const i = rewards.findIndex((reward) => !Number.isFinite(reward));
  return i < 0 ? undefined : `the reward of environment ${i} of ${id} became ${rewards[i]}`;
}

/** Observations, rewards and returns beyond this strain float32 losses, which square them. */
const LARGE = 1e6;

/**
 * What most likely made numbers of a run not finite, and the way out: an environment that shows such numbers itself, or
 * very large ones; else, of an algorithm that takes gradient steps, their size.
 *
 * @param last the metrics of the last sound iteration
 */
export function likelyCause(
  state: State,
  options: Record<string, unknown>,
  last: Metrics = {},
): string | undefined {
  const vectors = vectorsIn(state);
  if (vectors.some((vector) => unsoundRow(vector) !== undefined)) {
    return "the likely cause is the environment: checkEnv(env) tests it by itself";
  }
  const largest = (arrays: readonly ArrayLike<number>[]) =>
    arrays.reduce((most, array) => Array.from(array).reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
  const advice = (option: string) => (options[option] === false ? `set ${option}, or ` : "");
  const seen = largest(vectors.map(({ observations }) => observations));
  if (seen > LARGE) {
    return `the likely cause are observations as large as ${show(seen)}: ${advice("normaliseObservations")}scale them`;
  }
  const paid = Math.max(largest(vectors.map(({ rewards }) => rewards)), Math.abs(last.return ?? 0));
  if (paid > LARGE) {
    return `the likely cause are rewards or returns as large as ${show(paid)}: ${advice("normaliseRewards")}scale them`;
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
