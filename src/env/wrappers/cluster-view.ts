/** @file The view of an oracle: feedback rows with the true cluster of the task. For references that know it. */

import { UsageError } from "../../errors.js";
import { box } from "../../spaces/index.js";
import type { VectorEnvironment } from "../contracts.js";
import { feedbackLayout, feedbackView } from "./feedback-view.js";
import { wrapVector } from "./wrap-vector.js";

/**
 * `vector` with rows `[feedback row | cluster]`, where the cluster is that of the current task. Rows of
 * `finalObservations` have the cluster of the task that has ended.
 *
 * @throws UsageError for an environment that is no task family
 */
export function clusterView(vector: VectorEnvironment): VectorEnvironment {
  const { tasks, getTask, count, trialEnded } = vector;
  if (!tasks || !getTask) throw new UsageError(`${vector.id} is no task family: its tasks have no clusters`);
  const inner = feedbackView(vector);
  const { width } = feedbackLayout(vector.observationSpace, vector.actionSpace);
  const clusters = new Float32Array(count);
  const observations = new Float32Array(count * (width + 1));
  const finalObservations = new Float32Array(count * (width + 1));
  const read = (i: number) => {
    clusters[i] = tasks.clusterOf(getTask.call(vector, i));
  };
  function show(out: Float32Array, rows: Float32Array): void {
    for (let i = 0; i < count; i++) {
      out.set(rows.subarray(i * width, (i + 1) * width), i * (width + 1));
      out[(i + 1) * (width + 1) - 1] = clusters[i];
    }
  }
  function restart(): void {
    for (let i = 0; i < count; i++) read(i);
    show(observations, inner.observations);
  }
  const wrapped = wrapVector(inner, {
    observationSpace: box([width + 1], -Infinity, Infinity),
    observations,
    finalObservations,
    state: {},
    afterReset: restart,
    afterStep() {
      show(finalObservations, inner.finalObservations);
      for (let i = 0; i < count; i++) if (trialEnded![i]) read(i);
      show(observations, inner.observations);
    },
    afterRestore: restart,
  });
  return wrapped;
}
