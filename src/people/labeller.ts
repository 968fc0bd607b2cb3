/**
 * @file The labeller: whoever says what should be done in a state, at once or in an hour. The contract that algorithms
 * ask through, and the labeller that is a policy.
 */

import { UsageError } from "../errors.js";
import type { Policy } from "../policies/contract.js";
import { createRng } from "../random/rng.js";
import { type Space, spaceWidth } from "../spaces/index.js";
import type { Action } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";

/** A question: what is to be done in this state? */
export interface Query {
  /** 1, 2, … over the whole run, also over its kills and resumes. */
  readonly id: number;
  /** The number of the batch that it was first asked in. */
  readonly batch: number;
  /** One flat row, as policies get them. */
  readonly observation: Float32Array;
  /** The round it comes from, from 0. */
  readonly round: number;
  /** Which of the environments that are stepped together it comes from. */
  readonly environment: number;
  /** The environment's snapshot, as its single form restores it, for labellers that want states. */
  readonly state?: Tree;
}

/** All questions that are open, old ones included: asking a question again changes nothing. */
export interface LabelRequest {
  /** The id of the environment. */
  readonly env: string;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  /** Queries of the run so far, which is also the highest id: those that are not open are closed, or yet to be asked. */
  readonly asked: number;
  /** In order of their ids. */
  readonly queries: readonly Query[];
}

/**
 * What a labeller says about the query called `id`: the action; that there will be none (skipped); or that whatever was
 * said, or will be, is not to be used (withdrawn), which also holds for a query that was answered long ago.
 */
export type Answer =
  | { readonly id: number; readonly action: Action }
  | { readonly id: number; readonly skipped: true }
  | { readonly id: number; readonly withdrawn: true };

/** Whoever labels. */
export interface Labeller {
  /** For the run's record, such as `"console"`. */
  readonly kind: string;
  /** Whether queries are to come with the environment's state, to show it; false by default. */
  readonly wantsStates?: boolean;
  /**
   * Yields answers as they come, those that come together as one array, in any order and for any of the queries, until
   * every query has one. May wait for as long as it takes; ends early, without an error, when `signal` is aborted.
   * An answer that was given but not yet yielded when that happened, or when the run was killed, is yielded the next
   * time that its query is asked. Saying a thing twice is saying it once.
   *
   * @throws Paused to end the run with a checkpoint, because whoever answers has had enough for now
   */
  label(request: LabelRequest, signal: AbortSignal): AsyncIterable<readonly Answer[]>;
}

/** The run is to end here and to be resumed later: no mistake and no failure. The learner's state is sound. */
export class Paused extends Error {
  override readonly name = "Paused";
}

/** The labeller that is a policy: its mode, at once. */
export function policyLabeller(policy: Policy): Labeller {
  const width = spaceWidth(policy.actionSpace);
  const isScalar = policy.actionSpace.kind === "discrete";
  const rng = createRng("unused: modes take no chance");
  return {
    kind: `policy: ${policy.toData().kind}`,
    async *label({ queries }) {
      const [{ observation }] = queries;
      const observations = new Float32Array(queries.length * observation.length);
      for (const [i, query] of queries.entries()) observations.set(query.observation, i * observation.length);
      const { actions, state } = await policy.act(observations, { rng, deterministic: true });
      if (state) {
        throw new UsageError(
          "a policy with memory cannot label single states: it would need the episode before each",
        );
      }
      yield queries.map(({ id }, i) => ({
        id,
        action: isScalar ? actions[i] : actions.subarray(i * width, (i + 1) * width),
      }));
    },
  };
}
