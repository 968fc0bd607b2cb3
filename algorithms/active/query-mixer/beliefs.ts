/**
 * @file What is believed of an expert's policy, as a committee of tables of action preferences. Each member is the most
 * probable one under a prior and with weights of the answers of its own, drawn once: so they differ where little is known
 * [Osband et al. 2018; Newton & Raftery 1994]. Every kind of answer is a likelihood of the same preferences, so that the
 * information in questions of different kinds has one unit, the nat [Lindley 1956; Houlsby et al. 2011].
 */

import { ascend } from "../../../src/crowds/ascent.js";
import { logSigmoid } from "../../../src/crowds/logistic.js";
import type { Rng } from "../../../src/random/rng.js";

/** States and the actions taken in them, in order. Plain data. */
export interface Path {
  states: number[];
  actions: number[];
}

/** An answer: of two paths from one state, the first was better, the other, or neither (½). */
export interface Compared {
  first: Path;
  second: Path;
  /** P(the first is better) of the answer: 1, 0 or ½. */
  target: number;
}

/** What the person has said. Plain data. */
export interface Answers {
  /** Actions that were given or accepted, with their states. */
  pairs: Path;
  comparisons: Compared[];
}

export interface BeliefOptions {
  states: number;
  actions: number;
  members: number;
  /** Deviation of the preferences before any answer. */
  deviation: number;
  /** β of P(first is better) = σ(β (ℓ(first) − ℓ(second))), ℓ = Σ_t log π(a_t | s_t) + log A. */
  beta: number;
  /** Quasi-Newton steps after an answer. */
  fitSteps: number;
}

export interface Beliefs {
  /** Preferences before any answer, `[members][states × actions]`. */
  priors(): Float64Array[];
  /** Learns from all answers, starting from the preferences before. */
  fit(members: readonly Float64Array[], answers: Answers): void;
  /** log π_m(a | s), `[members][states × actions]`. */
  logPolicies(members: readonly Float64Array[]): Float64Array[];
}

/** @param rng of the priors and the weights, which depend on the member and on the number of the answer only */
export function beliefsOf(options: BeliefOptions, rng: Rng): Beliefs {
  const { states, actions: A, members: count, deviation, beta, fitSteps } = options;
  const size = states * A;
  const priors = Array.from({ length: count }, (_, m) =>
    rng
      .stream("prior", m)
      .fillNormal(new Float64Array(size))
      .map((x) => deviation * x),
  );
  /** Weights of the answers of one kind, `[answers][members]`, exponential with mean 1. */
  const weights = { pair: [] as Float64Array[], comparison: [] as Float64Array[] };
  const weightsOf = (kind: keyof typeof weights, n: number) => {
    const known = weights[kind];
    while (known.length <= n) {
      const drawn = rng.stream(kind, known.length).fillUniform(new Float64Array(count));
      known.push(drawn.map((u) => -Math.log(1 - u)));
    }
    return known[n];
  };

  function fitMember(m: number, z: Float64Array, { pairs, comparisons }: Answers): void {
    const counts = new Float64Array(size);
    pairs.states.forEach((s, n) => {
      counts[s * A + pairs.actions[n]] += weightsOf("pair", n)[m];
    });
    const scale = 1 / deviation ** 2;
    ascend(
      z,
      (point, gradient) => {
        const logs = logSoftmaxRows(point, A);
        let value = 0;
        for (let at = 0; at < size; at++) {
          const away = point[at] - priors[m][at];
          value += counts[at] * logs[at] - 0.5 * scale * away * away;
          gradient[at] = counts[at] - scale * away;
        }
        for (let s = 0; s < size; s += A) {
          let total = 0;
          for (let a = 0; a < A; a++) total += counts[s + a];
          for (let a = 0; a < A; a++) gradient[s + a] -= total * Math.exp(logs[s + a]);
        }
        comparisons.forEach(({ first, second, target }, n) => {
          const weight = weightsOf("comparison", n)[m];
          const x = beta * (scoreOf(first, logs, A) - scoreOf(second, logs, A));
          value += weight * (target * logSigmoid(x) + (1 - target) * logSigmoid(-x));
          const slope = weight * beta * (target - 1 / (1 + Math.exp(-x)));
          addScoreGradient(first, logs, A, slope, gradient);
          addScoreGradient(second, logs, A, -slope, gradient);
        });
        return value;
      },
      fitSteps,
    );
  }

  return {
    priors: () => priors.map((prior) => prior.slice()),
    fit(members, answers) {
      for (const [m, z] of members.entries()) fitMember(m, z, answers);
    },
    logPolicies: (members) => members.map((z) => logSoftmaxRows(z, A)),
  };
}

function logSoftmaxRows(z: Float64Array, A: number): Float64Array {
  const out = new Float64Array(z.length);
  for (let s = 0; s < z.length; s += A) {
    let most = Number.NEGATIVE_INFINITY;
    for (let a = s; a < s + A; a++) most = Math.max(most, z[a]);
    let sum = 0;
    for (let a = s; a < s + A; a++) sum += Math.exp(z[a] - most);
    for (let a = s; a < s + A; a++) out[a] = z[a] - most - Math.log(sum);
  }
  return out;
}

/** ℓ = Σ_t log π(a_t | s_t) + log A: by how much the path is more probable than under the uniform policy. */
const scoreOf = ({ states, actions }: Path, logs: Float64Array, A: number): number =>
  states.reduce((sum, s, t) => sum + logs[s * A + actions[t]] + Math.log(A), 0);

function addScoreGradient(
  { states, actions }: Path,
  logs: Float64Array,
  A: number,
  slope: number,
  gradient: Float64Array,
): void {
  states.forEach((s, t) => {
    for (let a = 0; a < A; a++) {
      gradient[s * A + a] += slope * (Number(a === actions[t]) - Math.exp(logs[s * A + a]));
    }
  });
}

/** The mean of the members' policies, `[states × actions]`. */
export function meanPolicy(logs: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(logs[0].length);
  for (const row of logs) {
    for (let at = 0; at < row.length; at++) mean[at] += Math.exp(row[at]) / logs.length;
  }
  return mean;
}

/** Information of the person's action in each state about the member, in nats, `[states]`: H[mean] − mean H. */
export function actionInformation(logs: readonly Float64Array[], A: number): Float64Array {
  const mean = meanPolicy(logs);
  return Float64Array.from({ length: mean.length / A }, (_, s) => {
    let information = 0;
    for (let at = s * A; at < (s + 1) * A; at++) {
      if (mean[at] > 0) information -= mean[at] * Math.log(mean[at]);
      for (const row of logs) information += (Math.exp(row[at]) * row[at]) / logs.length;
    }
    return Math.max(0, information);
  });
}

/** Information of the choice between two paths about the member, in nats. */
export function choiceInformation(
  logs: readonly Float64Array[],
  A: number,
  [first, second]: readonly [Path, Path],
  beta: number,
): number {
  const entropy = (p: number) => (p > 0 && p < 1 ? -p * Math.log(p) - (1 - p) * Math.log(1 - p) : 0);
  const each = logs.map(
    (row) => 1 / (1 + Math.exp(-beta * (scoreOf(first, row, A) - scoreOf(second, row, A)))),
  );
  const mean = each.reduce((sum, p) => sum + p / each.length, 0);
  return Math.max(0, entropy(mean) - each.reduce((sum, p) => sum + entropy(p) / each.length, 0));
}
