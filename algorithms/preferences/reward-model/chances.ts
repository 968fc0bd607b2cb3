/**
 * @file The probabilities of answers under a difference of returns, in float64: of a side [Bradley & Terry 1952] and of a
 * tie [Rao & Kupper 1967].
 */

/** Largest scaled difference of returns: beyond it no answer moves a float64 probability. */
const LARGEST = 50;

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The loss of an answer, and its derivatives. */
export interface AnswerLoss {
  value: number;
  /** In the difference of returns. */
  slope: number;
  /** In the threshold of ties. */
  ofThreshold: number;
}

/** What a model says about an answer. */
export interface AnswerChances {
  /** P(left is better), where a tie counts as half of it. */
  probability: number;
  /** P(tie); undefined where a tie is no answer of its own. */
  tie?: number;
}

export interface AnswerModel {
  /** −log P of an answer, of which the target μ is 1 for left, 0 for right and ½ for a tie. */
  loss(difference: number, target: number, threshold: number): AnswerLoss;
  chances(difference: number, threshold: number): AnswerChances;
}

const clipped = (x: number) => Math.min(LARGEST, Math.max(-LARGEST, x));

/** log(ε / 2 + (1 − ε) σ(x)), and its derivative in x. */
function logChance(x: number, lapse: number): { value: number; slope: number } {
  const other = 1 / (1 + Math.exp(x));
  if (lapse === 0) return { value: -(Math.max(-x, 0) + Math.log1p(Math.exp(-Math.abs(x)))), slope: other };
  const chance = lapse / 2 + (1 - lapse) * (1 - other);
  return { value: Math.log(chance), slope: ((1 - lapse) * other * (1 - other)) / chance };
}

/** P(left) = ε / 2 + (1 − ε) σ(x); a tie is half an answer for each side. */
export const halves = (lapse: number): AnswerModel => ({
  loss(difference, target) {
    const x = clipped(difference);
    const [left, right] = [logChance(x, lapse), logChance(-x, lapse)];
    const slope = x === difference ? -(target * left.slope - (1 - target) * right.slope) : 0;
    return { value: -(target * left.value + (1 - target) * right.value), slope, ofThreshold: 0 };
  },
  chances: (difference) => ({ probability: Math.exp(logChance(clipped(difference), lapse).value) }),
});

/**
 * P(left) = ε / 2 + (1 − ε) σ(x − η), P(right) with −x, and P(tie) what is left of 1 [Rao & Kupper 1967, eq. 2.2], with
 * θ = exp(η), η > 0. An answer without a look is a side.
 */
export const raoKupper = (lapse: number): AnswerModel => ({
  loss(difference, target, threshold) {
    const x = clipped(difference);
    const isInside = x === difference ? 1 : 0;
    if (target !== 0.5) {
      const sign = target === 1 ? 1 : -1;
      const { value, slope } = logChance(sign * x - threshold, lapse);
      return { value: -value, slope: -sign * slope * isInside, ofThreshold: slope };
    }
    // P(tie) = (1 − ε) (exp(2η) − 1) σ(x − η) σ(−x − η).
    const [left, right] = [logChance(x - threshold, 0), logChance(-x - threshold, 0)];
    return {
      value: -(logExpm1(2 * threshold) + left.value + right.value + Math.log1p(-lapse)),
      slope: -(left.slope - right.slope) * isInside,
      ofThreshold: left.slope + right.slope - 2 / -Math.expm1(-2 * threshold),
    };
  },
  chances(difference, threshold) {
    const x = clipped(difference);
    const side = (sign: number) => Math.exp(logChance(sign * x - threshold, lapse).value);
    const tie = Math.max(0, 1 - side(1) - side(-1));
    return { probability: side(1) + tie / 2, tie };
  },
});

/** log(exp(x) − 1), for x > 0. */
const logExpm1 = (x: number) => x + Math.log(-Math.expm1(-x));

/** The threshold η of ties as a function of a parameter without bounds, and its derivative. */
export const thresholdOf = (parameter: number): { value: number; slope: number } => ({
  value: softplus(parameter),
  slope: 1 / (1 + Math.exp(-parameter)),
});
