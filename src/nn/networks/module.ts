/** @file What a network is: the parameters it asks for, and a function of them and of its input. */

import type { Tensor } from "../../tensor/index.js";
import type { ParameterTree, TensorTree } from "../layout.js";

/** A network from one tensor to one tensor. It holds no values: those live in a flat vector, see `layoutOf`. */
export interface Module<P extends ParameterTree = ParameterTree> {
  readonly parameters: P;
  apply(parameters: TensorTree<P>, x: Tensor): Tensor;
}

/** A network that turns rows `[B, inputs]` into features `[B, width]`. */
export interface Features<P extends ParameterTree = ParameterTree> extends Module<P> {
  readonly width: number;
}

/** Modules, and plain functions, one after the other. The names become those of the parameters. */
export function sequential(layers: Readonly<Record<string, Module | ((x: Tensor) => Tensor)>>): Module {
  const steps = Object.entries(layers);
  return {
    parameters: Object.fromEntries(
      steps.flatMap(([name, layer]) => (typeof layer === "function" ? [] : [[name, layer.parameters]])),
    ),
    apply: (parameters, x) =>
      steps.reduce(
        (value, [name, layer]) =>
          typeof layer === "function" ? layer(value) : layer.apply(parameters[name] as TensorTree, value),
        x,
      ),
  };
}
