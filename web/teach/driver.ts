/**
 * @file The agent at the wheel of an episode in the page: it acts by its mode, and remembers the whole episode, also the
 * steps that a person took.
 */

import type { VectorEnvironment } from "../../src/env/contracts.js";
import { feedbackView } from "../../src/env/wrappers/feedback-view.js";
import type { ActResult, Policy } from "../../src/policies/contract.js";
import { createRng } from "../../src/random/rng.js";
import { executedActions } from "../../src/spaces/index.js";
import { allocateActions, spaceWidth } from "../../src/spaces/space.js";
import { flattenInto } from "../../src/spaces/values.js";
import type { Game, Moment } from "./play.js";

export interface Driver {
  /** The agent's action in the present state, within its bounds: a number where actions are discrete, else a flat row. */
  action(game: Pick<Game, "environment" | "seed" | "moments">): Promise<number | number[]>;
}

/** What the agent did, or would have done, at a moment, and its memory afterwards. */
interface Thought extends ActResult {
  at: Moment;
}

/** @throws Error for a policy that is told what an environment in the page does not know */
export function driverOf(policy: Pick<Policy, "act" | "view">): Driver {
  if (policy.view === "cluster") {
    throw new Error(
      "the agent is told the task that is drawn, which the page does not know, so it cannot drive",
    );
  }
  let thoughts: Thought[] = [];
  return {
    async action({ environment, seed, moments: now }) {
      const moments = [...now];
      // Moments are kept until they are undone, so those before a known one are known too.
      const known = thoughts.findLastIndex(({ at }, t) => at === moments[t]);
      const past = thoughts.slice(0, known + 1);
      const rng = createRng(seed).stream("agent");
      const shown = rowsOf(environment, policy.view);
      for (let t = known + 1; t < moments.length; t++) {
        const state = past[t - 1]?.state;
        const row = shown(moments[t], moments[t - 1]);
        past.push({ at: moments[t], ...(await policy.act(row, { rng, deterministic: true, state })) });
      }
      thoughts = past;
      const { actionSpace } = environment;
      const actions = executedActions(actionSpace, past[moments.length - 1].actions);
      return actionSpace.kind === "discrete" ? actions[0] : Array.from(actions);
    },
  };
}

/** The observation row of a moment as the policy sees it: alone, or with what the step before it caused. */
function rowsOf(
  { observationSpace, actionSpace }: Game["environment"],
  view: Policy["view"],
): (moment: Moment, before: Moment | undefined) => Float32Array {
  const flat = ({ observation }: Moment) => {
    const row = new Float32Array(spaceWidth(observationSpace));
    flattenInto(observationSpace, observation, row);
    return row;
  };
  if (view === undefined) return flat;
  return (moment, before) => {
    // A vector of the one step that led to the moment.
    const step: VectorEnvironment = {
      ...{ id: "", count: 1, observationSpace, actionSpace, observations: flat(before ?? moment) },
      ...{ finalObservations: new Float32Array(0), rewards: Float64Array.of(moment.reward) },
      ...{ terminated: new Uint8Array(1), truncated: new Uint8Array(1) },
      reset() {},
      step: () => step.observations.set(flat(moment)),
      close() {},
      getState: () => null,
      setState() {},
    };
    const shown = feedbackView(step);
    if (before) {
      const action = allocateActions(actionSpace, 1);
      action.set(moment.action!);
      shown.step(action);
    }
    return shown.observations;
  };
}
