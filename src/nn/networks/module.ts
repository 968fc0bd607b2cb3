/** @file The interface of networks: a tree of parameters, and a function of parameters and input. */

import type { Tensor } from "../../tensor/index.js";
import type { ParameterTree, TensorTree } from "../layout.js";

/** A network from one tensor to one tensor. It stores no values: they are in a flat vector, see `layoutOf`. */
export interface Module<P extends ParameterTree = ParameterTree> {
  readonly parameters: P;
  apply(parameters: TensorTree<P>, x: Tensor): Tensor;
}

/** A network that maps rows `[B, inputs]` to features `[B, width]`. */
export interface Features<P extends ParameterTree = ParameterTree> extends Module<P> {
  readonly width: number;
}

/** Applies modules and plain functions in order. The keys prefix the names of the parameters. */
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
