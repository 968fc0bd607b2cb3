/** @file Structured control flow: `scan` (differentiable) and `loop`. */
import { pullback } from "./autodiff.js";
import {
  constant,
  emitAll,
  type OpAttributes,
  type Pullback,
  Tensor,
  type TensorLike,
  traceBody,
  zeros,
} from "./graph.js";
import { add } from "./ops/elementwise.js";
import { broadcastTo, fillLike, reshape } from "./ops/layout.js";
import { gemm } from "./ops/linear.js";
import { sum } from "./ops/reduce.js";
import { type DType, formatShape, ShapeError, sameShape } from "./shape.js";

function checkCarries(operation: string, before: readonly Tensor[], after: readonly Tensor[]): void {
  if (before.length !== after.length) {
    throw new ShapeError(
      `${operation}: the body was given ${before.length} carries and returned ${after.length}`,
    );
  }
  before.forEach((tensor, i) => {
    if (sameShape(tensor.shape, after[i].shape) && tensor.dtype === after[i].dtype) return;
    throw new ShapeError(
      `${operation}: carry ${i} starts as ${tensor.dtype} ${formatShape(tensor.shape)} ` +
        `but the body returns ${after[i].dtype} ${formatShape(after[i].shape)}`,
    );
  });
}

/** The result of one step of a {@link scan}: the carry for the next step, and the outputs to stack. */
interface Step {
  carry: readonly Tensor[];
  outputs: readonly Tensor[];
}

/**
 * Runs `body` along the leading dimension of `xs` (all of the same length, T), passing `carry` from step
 * to step. Returns the last carry and the stacked outputs of all steps, [T, ...]. `reverse` runs from the
 * last step to the first; outputs stay in the order of `xs`. The body may use any tensor of the enclosing graphs.
 *
 * Differentiable: the gradient is a scan in the opposite direction that recomputes each step from the carry that
 * entered it. The body is traced once more for this, so it must depend only on its arguments and
 * on tensors of the enclosing graphs.
 */
export function scan(
  carry: readonly Tensor[],
  xs: readonly Tensor[],
  body: (carry: Tensor[], x: Tensor[]) => Step,
  { reverse = false } = {},
): Step {
  if (xs.length === 0)
    throw new ShapeError(
      "scan: xs is empty, but scan runs along a sequence; use loop, or pass arange(steps)",
    );
  const [length] = xs[0].shape;
  if (length === undefined || xs.some((x) => x.shape[0] !== length)) {
    throw new ShapeError(
      `scan: leading dimensions of ${xs.map((x) => formatShape(x.shape)).join(" and ")} differ`,
    );
  }
  const n = carry.length;
  // Every scan also stacks the carries that enter its steps, for the gradient; plans drop unused outputs.
  const step = (inputs: readonly Tensor[]): Tensor[] => {
    const entering = inputs.slice(0, n);
    const result = body(entering, inputs.slice(n));
    checkCarries("scan", carry, result.carry);
    return [...result.carry, ...result.outputs, ...entering];
  };
  const rows = xs.map((x) => ({ shape: x.shape.slice(1), dtype: x.dtype }));
  const traced = traceBody([...carry, ...rows], step);
  const types = traced.outputs.map(({ shape, dtype }, i) => ({
    shape: i < n ? shape : [length, ...shape],
    dtype,
  }));
  const stacked = emitAll("scan", [...carry, ...xs], { carries: n, reverse }, types, {
    body: traced,
    pullback: scanPullback(step, reverse),
  });
  return { carry: stacked.slice(0, n), outputs: stacked.slice(n, stacked.length - n) };
}

/** A sum over the steps of a scan: the tensors to stack in each step, and the function from the stacks to the sum. */
interface SumOverSteps {
  stacked: readonly Tensor[];
  total: (stacks: readonly Tensor[]) => Tensor;
}

/**
 * How to sum `part` over all steps. A sum of matrix products is computed as one product of the stacked factors,
 * which is much faster than a small product and an addition in each step. Most gradients of weights have this form.
 */
function sumOverSteps(part: Tensor): SumOverSteps {
  const rows = (stack: Tensor): Tensor => reshape(stack, [-1, stack.shape[2]]);
  const { op, inputs, attributes } = part.node ?? { inputs: [], attributes: {} };
  const { transA, transB, axes } = attributes as Partial<OpAttributes["gemm"] & OpAttributes["sum"]>;
  if (op === "gemm" && inputs.length === 2 && transA && !transB) {
    return { stacked: inputs, total: ([a, b]) => gemm(rows(a), rows(b), undefined, { transA }) };
  }
  if (op === "sum" && inputs[0].shape.length === 2 && axes?.join() === "0") {
    return { stacked: inputs, total: ([stack]) => reshape(sum(rows(stack), 0), part.shape) };
  }
  if (op === "add" && inputs.every(({ shape }) => sameShape(shape, part.shape))) {
    const [a, b] = inputs.map(sumOverSteps);
    const n = a.stacked.length;
    return {
      stacked: [...a.stacked, ...b.stacked],
      total: (stacks) => add(a.total(stacks.slice(0, n)), b.total(stacks.slice(n))),
    };
  }
  return { stacked: [part], total: ([stack]) => sum(stack, 0) };
}

/** The pullback of a scan whose step function is `step`; `step` maps inputs to carries and all stacked outputs. */
function scanPullback(step: (inputs: readonly Tensor[]) => readonly Tensor[], reverse: boolean): Pullback {
  return (cotangents, node, needed) => {
    const { inputs, outputs } = node;
    const n = (node.attributes as OpAttributes["scan"]).carries;
    const floats = [...inputs.keys()].filter((i) => i < n && inputs[i].dtype === "float32");
    const given = [...outputs.keys()].filter((i) => i >= n && cotangents[i]);
    const sequences = [...inputs.keys()].filter((i) => i >= n && needed(inputs[i]));
    const captures = node.body!.captures.filter((tensor) => tensor.dtype === "float32" && needed(tensor));
    let sums: SumOverSteps[] = [];
    let stacked: Tensor[] = [];

    const back = scan(
      floats.map((i) => cotangents[i] ?? fillLike(outputs[i], 0)),
      [...outputs.slice(outputs.length - n), ...inputs.slice(n), ...given.map((i) => cotangents[i]!)],
      (carried, x) => {
        const entering = x.slice(0, inputs.length);
        const leaving = step(entering);
        const wrt = [...[...floats, ...sequences].map((i) => entering[i]), ...captures];
        const found = pullback(
          [...floats, ...given].map((i) => leaving[i]),
          [...carried, ...x.slice(inputs.length)],
          wrt,
          { hold: true },
        ).map((g, i) => (g ? broadcastTo(g, wrt[i].shape, wrt[i]) : fillLike(wrt[i], 0)));
        const own = floats.length + sequences.length;
        sums = found.slice(own).map(sumOverSteps);
        stacked = [...new Set(sums.flatMap((part) => part.stacked))];
        return {
          carry: found.slice(0, floats.length),
          outputs: [...found.slice(floats.length, own), ...stacked],
        };
      },
      { reverse: !reverse },
    );

    const totals = sums.map((part) =>
      part.total(part.stacked.map((tensor) => back.outputs[sequences.length + stacked.indexOf(tensor)])),
    );
    return [
      ...inputs.map(
        (_, i) => (i < n ? back.carry[floats.indexOf(i)] : back.outputs[sequences.indexOf(i)]) ?? null,
      ),
      ...node.body!.captures.map((capture) => totals[captures.indexOf(capture)] ?? null),
    ];
  };
}

/** Adds a carry to a {@link loop} from inside its body and returns its current value; the initial value is zeros. */
export type OpenCarry = (shape: readonly number[], dtype?: DType) => Tensor;

/**
 * Runs `body` `count` times (a number or an `int32` scalar), passing `carry` from one iteration to the next, and
 * returns the last carry. The body receives the iteration number and may use any tensor of the enclosing graphs.
 * `grad` works inside the body, but cannot differentiate through the loop.
 *
 * A carry whose shape is known only in the body is opened there with `open`, and its next value is returned after
 * the other carries. Example, the sum of squares 0² + 1² + … + 9²:
 *
 *     const [sum] = t.loop(10, [], (i, _, open) => [t.add(open([], "int32"), t.mul(i, i))]);
 */
export function loop(
  count: TensorLike,
  carry: readonly Tensor[],
  body: (i: Tensor, carry: Tensor[], open: OpenCarry) => readonly Tensor[],
): readonly Tensor[] {
  if (count === 1) return once(carry, body);
  const times = typeof count === "number" ? constant(count, [], "int32") : count;
  if (times.dtype !== "int32" || times.shape.length !== 0) {
    throw new ShapeError(
      `loop: the count must be an int32 scalar, not ${times.dtype} ${formatShape(times.shape)}`,
    );
  }
  const opened: Tensor[] = [];
  const traced = traceBody([{ shape: [], dtype: "int32" }, ...carry], ([i, ...carried], graph) => {
    const open: OpenCarry = (shape, dtype = "float32") => {
      const tensor = new Tensor([...shape], dtype, graph);
      opened.push(tensor);
      return tensor;
    };
    const next = body(i, carried, open);
    checkCarries("loop", [...carry, ...opened], next);
    return next;
  });
  const start = [...carry, ...opened.map(({ shape, dtype }) => zeros(shape as number[], dtype))];
  return emitAll("loop", [times, ...start], {}, start, {
    body: { ...traced, inputs: [...traced.inputs, ...opened] },
    pullback: () => {
      throw new Error("grad: cannot differentiate through loop; call grad inside its body, or use scan");
    },
  });
}

/** A loop of one iteration, without the operator of a loop, which copies the carries. */
function once(carry: readonly Tensor[], body: Parameters<typeof loop>[2]): readonly Tensor[] {
  const opened: Tensor[] = [];
  const next = body(constant(0, [], "int32"), [...carry], (shape, dtype = "float32") => {
    const tensor = zeros(shape, dtype);
    opened.push(tensor);
    return tensor;
  });
  checkCarries("loop", [...carry, ...opened], next);
  return next;
}
