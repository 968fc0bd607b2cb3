/** @file Gated recurrent units [Cho et al. 2014], for single steps and for whole sequences. */

import type { Tensor } from "../../tensor/index.js";
import * as t from "../../tensor/index.js";
import { type Initialiser, uniform } from "../initialisers.js";
import type { TensorTree } from "../layout.js";
import { type DenseParameters, dense } from "./dense.js";

export type GruParameters = { readonly input: DenseParameters; readonly state: DenseParameters };

/** The weights of a GRU with the columns [r, z, n of the input, n of the state], `4 units` in all. */
export interface JoinedGru {
  /** `[inputs, 4 units]` */
  input: Tensor;
  /** `[units, 4 units]` */
  state: Tensor;
  /** `[4 units]` */
  bias: Tensor;
}

/** A recurrent layer whose state is `[B, units]`. */
export interface Gru {
  readonly parameters: GruParameters;
  readonly units: number;
  /** One step: the next state from the input `[B, inputs]` and the state `[B, units]`. */
  step(parameters: TensorTree<GruParameters>, x: Tensor, state: Tensor): Tensor;
  /** The weights for {@link advance}, with which products of x, of h and of other networks can be one. */
  joined(parameters: TensorTree<GruParameters>): JoinedGru;
  /** The next state from x · input + h · state + bias `[B, 4 units]`, of joined weights, and from the state h. */
  advance(sums: Tensor, state: Tensor): Tensor;
  /**
   * T steps as one `scan`.
   *
   * @param xs `[T, B, inputs]`
   * @param state `[B, units]`, before the first step
   * @param resets `[T, B]`, 1: set the state to zero *before* that step, for example at the start of an episode; else 0
   * @returns the states after each step, `[T, B, units]`, and after the last, `[B, units]`
   */
  sequence(
    parameters: TensorTree<GruParameters>,
    xs: Tensor,
    state: Tensor,
    resets?: Tensor,
  ): { states: Tensor; last: Tensor };
}

export interface GruOptions {
  inputs: number;
  units: number;
  /** Initial weights and biases; default: uniform on ±1/√units. */
  initialiser?: Initialiser;
}

/**
 * A GRU in the convention of PyTorch and cuDNN: the reset gate is applied after the product with the state.
 *
 *     r = σ(x W_r + b_r + h U_r + c_r)
 *     z = σ(x W_z + b_z + h U_z + c_z)
 *     n = tanh(x W_n + b_n + r ⊙ (h U_n + c_n))
 *     h' = (1 − z) ⊙ n + z ⊙ h
 *
 * `input.weight` is [W_r W_z W_n], `[inputs, 3 units]`, with `input.bias` = [b_r b_z b_n]; `state.weight` is
 * [U_r U_z U_n], `[units, 3 units]`, with `state.bias` = [c_r c_z c_n].
 */
export function gru({ inputs, units, initialiser = uniform(1 / Math.sqrt(units)) }: GruOptions): Gru {
  const input = dense(inputs, 3 * units, { weight: initialiser, bias: initialiser });
  const recurrent = dense(units, 3 * units, { weight: initialiser, bias: initialiser });

  /** The next state, from the sums of the gates r and z, the contributions of input and state to n, and the state. */
  const blend = (gates: Tensor, candidate: Tensor, stateCandidate: Tensor, state: Tensor): Tensor => {
    const [r, z] = t.split(t.sigmoid(gates), [units, units], -1);
    const n = t.tanh(t.add(candidate, t.mul(r, stateCandidate)));
    return t.add(n, t.mul(z, t.sub(state, n)));
  };

  /** The next state, from the input's contributions to the gates r and z and to n, and from the state. */
  const cell = (
    weights: TensorTree<DenseParameters>,
    gates: Tensor,
    candidate: Tensor,
    state: Tensor,
  ): Tensor => {
    const [stateGates, stateCandidate] = t.split(recurrent.apply(weights, state), [2 * units, units], -1);
    return blend(t.add(gates, stateGates), candidate, stateCandidate, state);
  };
  /** A weight or bias `[…, 3 units]`, by gates and candidate. */
  const parts = (x: Tensor) => t.split(x, [2 * units, units], -1);

  return {
    parameters: { input: input.parameters, state: recurrent.parameters },
    units,
    step(parameters, x, state) {
      const [gates, candidate] = t.split(input.apply(parameters.input, x), [2 * units, units], -1);
      return cell(parameters.state, gates, candidate, state);
    },
    joined({ input: own, state }) {
      const [weights, biases] = [
        [parts(own.weight), parts(state.weight)],
        [parts(own.bias), parts(state.bias)],
      ];
      return {
        input: t.concat([...weights[0], t.zeros([inputs, units])], 1),
        state: t.concat([weights[1][0], t.zeros([units, units]), weights[1][1]], 1),
        bias: t.concat([t.add(biases[0][0], biases[1][0]), biases[0][1], biases[1][1]], 0),
      };
    },
    advance(sums, state) {
      const [gates, candidate, stateCandidate] = t.split(sums, [2 * units, units, units], -1);
      return blend(gates, candidate, stateCandidate, state);
    },
    sequence(parameters, xs, state, resets) {
      // The input's contributions do not depend on the state: one product for all T steps, outside the scan.
      const shares = t.split(input.apply(parameters.input, xs), [2 * units, units], -1);
      const kept = resets ? [t.expandDims(t.sub(1, resets), -1)] : [];
      const { carry, outputs } = t.scan([state], [...shares, ...kept], ([h], [gates, candidate, keep]) => {
        const next = cell(parameters.state, gates, candidate, keep ? t.mul(h, keep) : h);
        return { carry: [next], outputs: [next] };
      });
      return { states: outputs[0], last: carry[0] };
    },
  };
}
