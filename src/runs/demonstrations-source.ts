/** @file The source of a run without an environment: the demonstrations that its learner learns from. */

import { dataId, dataProblem } from "../env/data-set.js";
import { UsageError } from "../errors.js";
import type { Artefact, Learner, State } from "../learning/contract.js";
import { evaluateOnData } from "../measure/evaluate-on-data.js";
import type { Policy } from "../policies/contract.js";
import type { OpenedSource } from "./source.js";

/**
 * The spaces of a learner's demonstrations, in which nothing acts. Evaluations are on the episodes that the learner holds
 * out.
 *
 * @param isEvaluated whether the run has evaluations
 * @throws UsageError for a learner that acts, and for evaluations without held-out episodes
 */
export function demonstrationsRun(
  learner: Learner<never, Artefact, State>,
  isEvaluated: boolean,
): OpenedSource {
  const { name, dataSet } = learner;
  if (dataSet === undefined) {
    throw new UsageError(
      `${name} acts in an environment, and a data set has none: give the environment with env (--env on the command ` +
        "line); bc learns from the data alone, iql from data with rewards, and densityReward fits a reward to them",
    );
  }
  if (isEvaluated && learner.heldOut === undefined) {
    throw new UsageError(
      `${name}: evaluations without an environment are on held-out episodes, and there are none: hold some out with ` +
        "heldOut, such as 0.2, or give the environment with env",
    );
  }
  const id = dataId(dataSet.env);
  return {
    source: {
      id,
      value: dataProblem({ ...dataSet, id }),
      criterion: "logLikelihood",
      evaluate: async (policy, _, rng, state) => {
        const { intervals: __, ...metrics } = await evaluateOnData(
          policy as Policy,
          learner.heldOut!(state),
          { rng },
        );
        return { ...metrics };
      },
      close() {},
    },
    record: { env: id, environmentOptions: {} },
  };
}
