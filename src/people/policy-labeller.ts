/** @file The policy labeller: a policy answers action questions at once. */

import { UsageError } from "../errors.js";
import { type Policy, requireObserver } from "../policies/contract.js";
import { createRng } from "../random/rng.js";
import { executedActions, spaceWidth } from "../spaces/index.js";
import type { Labeller } from "./labeller.js";

/**
 * A labeller that answers with the policy's mode, within the bounds of a box of actions.
 *
 * @throws UsageError (from `label`) for a policy with memory, and at once for one that adapts to its task
 */
export function policyLabeller(policy: Policy): Labeller {
  requireObserver(
    "this expert",
    policy,
    "it cannot label single states: record its episodes with collect, and clone them with bc",
  );
  const width = spaceWidth(policy.actionSpace);
  const isScalar = policy.actionSpace.kind === "discrete";
  const rng = createRng("unused: modes take no chance");
  return {
    kind: `policy: ${policy.toData().kind}`,
    async *label({ queries }) {
      const [{ observation }] = queries;
      const observations = new Float32Array(queries.length * observation.length);
      for (const [i, query] of queries.entries()) observations.set(query.observation, i * observation.length);
      const { actions: chosen, state } = await policy.act(observations, { rng, deterministic: true });
      const actions = executedActions(policy.actionSpace, chosen);
      if (state) {
        throw new UsageError(
          "a policy with memory cannot label single states: it needs the episode before each of them",
        );
      }
      yield queries.map(({ id }, i) => ({
        id,
        action: isScalar ? actions[i] : actions.subarray(i * width, (i + 1) * width),
      }));
    },
  };
}
