/** @file Selects the nodes of a traced graph that its outputs need. */
import type { Graph, Node, OpAttributes, Tensor } from "./graph.js";
import type { Shape } from "./shape.js";

/** One node to run. */
export interface PlannedNode {
  readonly node: Node;
  /** The outputs that are used. */
  readonly outputs: readonly Tensor[];
  readonly body?: Plan;
}

export interface Plan {
  readonly nodes: readonly PlannedNode[];
  readonly outputs: readonly Tensor[];
  /** Every tensor that is read, in this graph or in a body. */
  readonly uses: ReadonlySet<Tensor>;
}

/** The tensor with the same value, behind any `stopGradient` (which has no effect after differentiation). */
export function source(tensor: Tensor): Tensor {
  return tensor.node?.op === "stopGradient" ? source(tensor.node.inputs[0]) : tensor;
}

export function plan(graph: Graph, wanted: readonly Tensor[]): Plan {
  const outputs = wanted.map(source);
  const uses = new Set(outputs);
  const nodes: PlannedNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (node.op === "stopGradient" || !node.outputs.some((output) => uses.has(output))) continue;
    const planned = planNode(node, uses);
    nodes.push(planned);
    for (const input of node.inputs) uses.add(source(input));
    for (const tensor of planned.body?.uses ?? []) uses.add(tensor);
  }
  return { nodes: nodes.reverse(), outputs, uses };
}

function planNode(node: Node, uses: ReadonlySet<Tensor>): PlannedNode {
  if (!node.body) return { node, outputs: node.outputs };
  // Unused stacked outputs of a scan are dropped; the carries of scans and loops must stay.
  const carries =
    node.op === "scan" ? (node.attributes as OpAttributes["scan"]).carries : node.outputs.length;
  const live = node.outputs.map((output, i) => i < carries || uses.has(output));
  const body = plan(
    node.body.graph,
    node.body.outputs.filter((_, i) => live[i]),
  );
  return { node, outputs: node.outputs.filter((_, i) => live[i]), body };
}

/** A factor with at least this many numbers makes a product large: a matrix 128 × 128. */
const LARGE = 2 ** 14;

/** Whether a plan multiplies matrices of which one is large. A dynamic dimension counts as 1. */
export function hasLargeProducts({ nodes }: Plan): boolean {
  return nodes.some(
    ({ node, body }) =>
      ((node.op === "gemm" || node.op === "matmul") &&
        node.inputs.some(({ shape }) => numbers(shape) >= LARGE)) ||
      (body !== undefined && hasLargeProducts(body)),
  );
}

const numbers = (shape: Shape) =>
  shape.reduce<number>((size, dim) => size * (typeof dim === "number" ? dim : 1), 1);
