/**
 * @file The feedback view of a vector: observations joined with the previous action, reward, end and next observation.
 *
 * A learner that adapts within a trial infers the task from what its actions caused [Duan et al. 2016, §2.2]. A policy
 * that declares `view: "feedback"` acts on these rows; whatever steps a policy shows it the view.
 */

import { encodeRow } from "../../spaces/encode.js";
import { actionScaling, type Box, box, encodedWidth, type Space } from "../../spaces/index.js";
import type { ActionBatch } from "../../spaces/values.js";
import type { VectorEnvironment } from "../contracts.js";
import { wrapVector } from "./wrap-vector.js";

/** The parts of a feedback row, in order. Discrete parts are one-hot, and box actions are scaled to ±1. */
export interface FeedbackLayout {
  /** Numbers of an encoded observation, and of an encoded action. */
  readonly observation: number;
  readonly action: number;
  /** Sizes of [o, a₋₁, r₋₁, d₋₁, s′₋₁, first]. */
  readonly parts: readonly number[];
  /** The sum of the sizes. */
  readonly width: number;
}

/** The layout of the feedback rows of an environment with these spaces. */
export function feedbackLayout(observationSpace: Space, actionSpace: Space): FeedbackLayout {
  const observation = encodedWidth(observationSpace);
  const action = encodedWidth(actionSpace);
  const parts = [observation, action, 1, 1, observation, 1];
  return { observation, action, parts, width: parts.reduce((a, b) => a + b) };
}

/** The space of feedback rows. */
export const feedbackSpace = (observationSpace: Space, actionSpace: Space): Box =>
  box([feedbackLayout(observationSpace, actionSpace).width], -Infinity, Infinity);

/**
 * `vector` with feedback rows `[o | a₋₁ | r₋₁ | d₋₁ | s′₋₁ | first]` as observations:
 *
 * - `o`: the observation; after the end of an episode inside a trial, the first of the next episode.
 * - `a₋₁`, `r₋₁`: the action that was executed and its raw reward.
 * - `d₋₁`: 1 if the last step ended an episode.
 * - `s′₋₁`: the observation that the step reached; at the end of an episode, its final observation.
 * - `first`: 1 at the start of a trial (without task families: of an episode), where the four parts before are 0.
 *
 * Rows of `finalObservations` are those if the episode had gone on: the final observation as `o` and as `s′₋₁`, and
 * `d₋₁` = 0. A value is bootstrapped from them, and no policy has seen a final observation with `d₋₁` = 1.
 */
export function feedbackView(vector: VectorEnvironment): VectorEnvironment {
  const { observationSpace, actionSpace, count, rewards, terminated, truncated, trialEnded } = vector;
  const layout = feedbackLayout(observationSpace, actionSpace);
  const { width, observation, action } = layout;
  const observations = new Float32Array(count * width);
  const finalObservations = new Float32Array(count * width);
  const executed = new Float32Array(count * action);
  const scaling = actionScaling(actionSpace);
  const offsets = { action: observation, reward: observation + action };
  const ended = offsets.reward + 1;
  const next = ended + 1;
  const first = next + observation;
  const startsTrial = (i: number) =>
    trialEnded ? trialEnded[i] === 1 : (terminated[i] | truncated[i]) === 1;

  function showFirst(i: number): void {
    const at = i * width;
    observations.fill(0, at, at + width);
    encodeRow(observationSpace, vector.observations, i, observations, at);
    observations[at + first] = 1;
  }

  /** The row after a step: `source` row i as the observation, `reached` row i as the observation it reached. */
  function showStep(out: Float32Array, i: number, source: Float32Array, reached: Float32Array): void {
    const at = i * width;
    encodeRow(observationSpace, source, i, out, at);
    for (let j = 0; j < action; j++) out[at + offsets.action + j] = executed[i * action + j];
    out[at + offsets.reward] = rewards[i];
    out[at + ended] = terminated[i] | truncated[i];
    encodeRow(observationSpace, reached, i, out, at + next);
    out[at + first] = 0;
  }

  function keepActions(actions: ActionBatch): void {
    for (let i = 0; i < count; i++) encodeRow(actionSpace, actions, i, executed, i * action);
    if (!scaling) return;
    const { centre, halfWidth } = scaling;
    for (let k = 0; k < executed.length; k++) {
      executed[k] = (executed[k] - centre[k % action]) / halfWidth[k % action];
    }
  }

  const wrapped = wrapVector(vector, {
    observationSpace: feedbackSpace(observationSpace, actionSpace),
    observations,
    finalObservations,
    state: {
      rows: {
        getState: () => observations.slice(),
        setState: (saved: Float32Array) => observations.set(saved),
      },
    },
    afterReset() {
      for (let i = 0; i < count; i++) showFirst(i);
    },
    afterStep() {
      for (let i = 0; i < count; i++) {
        const hasEnded = (terminated[i] | truncated[i]) === 1;
        const reached = hasEnded ? vector.finalObservations : vector.observations;
        if (hasEnded) {
          showStep(finalObservations, i, reached, reached);
          finalObservations[i * width + ended] = 0;
        }
        if (startsTrial(i)) showFirst(i);
        else showStep(observations, i, vector.observations, reached);
      }
    },
  });
  const { step } = wrapped;
  wrapped.step = (actions) => {
    keepActions(actions);
    step(actions);
  };
  for (let i = 0; i < count; i++) showFirst(i);
  return wrapped;
}
