/**
 * @file Rounds of best responses: the common loop of apprenticeship learning and the game-theoretic approach. A round
 * chooses weights of the features, adds the policy that is optimal for the weights, and mixes all policies so far.
 */

import type { Problem } from "../../../src/env/contracts.js";
import type { Metrics, PolicyOptimiser } from "../../../src/learning/contract.js";
import type { Rng } from "../../../src/random/rng.js";
import type { InverseAlgorithm, LearnedReward } from "../shared/contract.js";
import { learnedReward } from "../shared/learned-reward.js";
import { checkExpert, type InverseOptions, isDue, recordOf } from "../shared/options.js";
import { times } from "../shared/sparse-rows.js";
import { mixed } from "../shared/vectors.js";
import { mixturePolicy } from "./mixture.js";
import { createResponder, type Responder, type Response, respond } from "./responder.js";

export interface RoundsState {
  rounds: number;
  responder: Responder;
  responses: Response[];
}

/** Adds the best response to weights `[k]` to the state's responses, and returns it. */
type AddResponse = (weights: Float64Array) => Promise<Response>;

/** The differences between the two methods. */
interface RoundsMethod<S extends RoundsState> {
  /** The state before the first round. */
  start(base: RoundsState, add: AddResponse, rng: Rng): Promise<S>;
  /** One round: chooses weights and adds one response. Returns metrics. */
  round(state: S, add: AddResponse): Promise<Metrics>;
  /** λ: the weights of the responses in the mixture, of sum 1. */
  mixture(state: S): Float64Array;
  done(state: S): boolean;
  /** One sentence about how the rounds ended. */
  outcome(state: S): string;
}

export function roundsOfResponses<S extends RoundsState>(
  name: string,
  options: InverseOptions & { discount?: number; episodes?: number; learner?: PolicyOptimiser },
  { start, round, mixture, done, outcome }: RoundsMethod<S>,
): InverseAlgorithm<S> {
  const adder =
    (state: RoundsState, record: (metrics: Metrics) => void = () => {}): AddResponse =>
    async (weights) => {
      const { response, metrics } = await respond(state.responder, weights, options);
      record(metrics);
      state.responses.push(response);
      return response;
    };
  /**
   * The mean, under the mixture, of the weights that its policies are optimal for: an estimate of the expert's weights.
   */
  const learnedWeights = (state: S): Float64Array =>
    mixed(
      state.responses.map(({ weights }) => weights),
      mixture(state),
    );
  return {
    name,
    options: recordOf(options),
    unit: "rounds",
    defaultSteps: options.iterations,

    async init(problem: Problem, rng: Rng): Promise<S> {
      checkExpert(name, problem, options);
      const responder = await createResponder(name, problem, options, rng);
      const base: RoundsState = { rounds: 0, responder, responses: [] };
      return start(base, adder(base), rng);
    },

    async update(state: S): Promise<Metrics> {
      let learnerMetrics: Metrics = {};
      const add = adder(state, (metrics) => {
        learnerMetrics = metrics;
      });
      const metrics = await round(state, add);
      state.rounds++;
      const { measure } = state.responder.live;
      return {
        steps: state.rounds,
        ...metrics,
        ...(measure &&
          isDue(state.rounds, done(state), options) && {
            epic: measure.distance(times(measure.rows, learnedWeights(state))),
          }),
        ...learnerMetrics,
      };
    },

    policy: (state: S) => mixturePolicy(state.responder, state.responses, mixture(state)),

    done,

    outcome,

    reward(state: S): LearnedReward {
      const { map, exact, problem } = state.responder.live;
      const parameters = learnedWeights(state);
      const table = exact && times(exact.rows, parameters);
      return learnedReward({ map, parameters, table, grid: problem.model?.grid });
    },
  };
}
