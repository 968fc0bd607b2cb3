/** @file Reverse-mode differentiation. A gradient is itself a graph, so it can be differentiated again. */
import { constant, dependencies, type Node, type Tensor } from "./graph.js";
import { add } from "./ops/elementwise.js";
import { broadcastTo, fillLike } from "./ops/layout.js";
import { elementwiseRules, rules, unbroadcast } from "./rules.js";
import { formatShape, ShapeError } from "./shape.js";

/** The nodes that compute `outputs`, in tracing order; the search stops at the tensors in `stop`. */
function nodesBehind(outputs: readonly Tensor[], stop: ReadonlySet<Tensor>): Node[] {
  const found = new Set<Node>();
  const open = [...outputs];
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    const { node } = tensor;
    if (node === null || found.has(node) || stop.has(tensor)) continue;
    found.add(node);
    open.push(...dependencies(node));
  }
  return [...found].sort((a, b) => a.id - b.id);
}

type AnyRule = (
  g: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  attributes: unknown,
) => (Tensor | null)[];
const ruleOf = (table: object, op: string): AnyRule | undefined => (table as Record<string, AnyRule>)[op];

/** The cotangents of a node's {@link dependencies}, each in a shape that broadcasts to the dependency's shape. */
function pullbackNode(
  node: Node,
  cotangents: readonly (Tensor | null)[],
  needed: (tensor: Tensor) => boolean,
): readonly (Tensor | null)[] {
  const { op, inputs, outputs, attributes } = node;
  const full = (g: Tensor | null, i: number): Tensor | null =>
    g && broadcastTo(g, outputs[i].shape, outputs[i]);
  if (node.pullback) return node.pullback(cotangents.map(full), node, needed);
  const [g] = cotangents as [Tensor];
  const elementwise = ruleOf(elementwiseRules, op);
  if (elementwise) {
    return elementwise(g, inputs, outputs[0], attributes).map((result, i) =>
      result && needed(inputs[i]) ? unbroadcast(result, inputs[i], outputs[0]) : null,
    );
  }
  // A scalar cotangent stays a scalar under operations that only move elements.
  if (g.shape.length === 0 && (op === "reshape" || op === "transpose")) return [g];
  return ruleOf(rules, op)!(full(g, 0)!, inputs, outputs[0], attributes);
}

/**
 * The cotangents of `wrt`, computed from the cotangents of `outputs`; null for a tensor on which no output
 * depends. A cotangent may have any shape that broadcasts to the shape of its tensor. With `hold`, the tensors
 * in `wrt` count as independent of each other.
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
  { hold = false } = {},
): (Tensor | null)[] {
  const stop = new Set(hold ? wrt : []);
  const nodes = nodesBehind(outputs, stop);
  const onPath = new Set(wrt);
  for (const node of nodes) {
    if (node.op === "stopGradient" || !dependencies(node).some((tensor) => onPath.has(tensor))) continue;
    for (const output of node.outputs) if (output.dtype === "float32") onPath.add(output);
  }
  const found = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, g: Tensor | null): void => {
    if (g === null || !onPath.has(tensor)) return;
    const sofar = found.get(tensor);
    found.set(tensor, sofar ? add(sofar, g) : g);
  };
  outputs.forEach((output, i) => {
    accumulate(output, cotangents[i]);
  });
  for (const node of nodes.reverse()) {
    const cotangents = node.outputs.map((output) => found.get(output) ?? null);
    if (cotangents.every((g) => g === null)) continue;
    const results = pullbackNode(node, cotangents, (tensor) => onPath.has(tensor));
    dependencies(node).forEach((tensor, i) => {
      accumulate(tensor, results[i] ?? null);
    });
  }
  return wrt.map((tensor) => found.get(tensor) ?? null);
}

/**
 * The gradients of a scalar with respect to each tensor of `wrt`, in the same shapes; zeros for a tensor on
 * which the scalar does not depend. Works inside the bodies of `scan` and `loop`, and on gradients.
 * Throws ShapeError when `loss` is not a float32 scalar or a tensor of `wrt` is not float32.
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0 || loss.dtype !== "float32") {
    throw new ShapeError(
      `grad: the loss must be a float32 scalar, not ${loss.dtype} ${formatShape(loss.shape)}`,
    );
  }
  const integer = wrt.find((tensor) => tensor.dtype !== "float32");
  if (integer) {
    throw new ShapeError(
      `grad: cannot differentiate with respect to ${integer.dtype} ${formatShape(integer.shape)}`,
    );
  }
  return pullback([loss], [constant(1)], wrt).map((g, i) =>
    g ? broadcastTo(g, wrt[i].shape, wrt[i]) : fillLike(wrt[i], 0),
  );
}
