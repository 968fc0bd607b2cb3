/** @file Writes a planned graph as an ONNX model (operator set 17). */
import type { Op, OpAttributes, Tensor } from "../graph.js";
import type { Plan, PlannedNode } from "../plan.js";
import { type Emit, emitters } from "./operations.js";
import { encodeModel, type GraphProto } from "./schema.js";
import { elementType, Model, valueInfo, Writer } from "./writer.js";

function writeSplit(
  w: Writer,
  { axis, sizes }: OpAttributes["split"],
  inputs: string[],
  outputs: string[],
): void {
  w.add("Split", [...inputs, w.ints(sizes)], { axis }, outputs);
}

function writeScan(w: Writer, { node, body }: PlannedNode, inputs: string[], outputs: string[]): void {
  const { carries, reverse } = node.attributes as OpAttributes["scan"];
  const directions = (n: number): number[] => new Array(n).fill(Number(reverse));
  const attributes = {
    body: writeBody(w.model, body!, node.body!.inputs),
    num_scan_inputs: inputs.length - carries,
    scan_input_directions: directions(inputs.length - carries),
    scan_output_directions: directions(outputs.length - carries),
  };
  w.add("Scan", inputs, attributes, outputs);
}

function writeLoop(w: Writer, { node, body }: PlannedNode, inputs: string[], outputs: string[]): void {
  const [times, ...carries] = inputs;
  const limit = w.node("Cast", [times], { to: elementType.int64 });
  const attributes = { body: writeLoopBody(w.model, body!, node.body!.inputs) };
  w.add("Loop", [limit, w.model.constant([1], [], "bool"), ...carries], attributes, outputs);
}

function writeNode(w: Writer, planned: PlannedNode): void {
  const { node } = planned;
  const inputs = node.inputs.map((input) => w.model.nameOf(input));
  const outputs = planned.outputs.map((output) => w.model.nameOf(output));
  if (node.op === "split") writeSplit(w, node.attributes as OpAttributes["split"], inputs, outputs);
  else if (node.op === "scan") writeScan(w, planned, inputs, outputs);
  else if (node.op === "loop") writeLoop(w, planned, inputs, outputs);
  else (emitters[node.op as keyof typeof emitters] as Emit<Op>)(w, inputs, node.attributes, outputs[0], node);
}

function writeBody(model: Model, plan: Plan, inputs: readonly Tensor[]): GraphProto {
  const w = new Writer(model);
  for (const planned of plan.nodes) writeNode(w, planned);
  // ONNX requires each output of a body to be computed in that body, and to be listed once.
  const free = new Set(plan.nodes.flatMap(({ outputs }) => outputs));
  const output = plan.outputs.map((tensor) => {
    const name = model.nameOf(tensor);
    return valueInfo(free.delete(tensor) ? name : w.node("Identity", [name]), tensor.shape, tensor.dtype);
  });
  const input = inputs.map((tensor) => valueInfo(model.nameOf(tensor), tensor.shape, tensor.dtype));
  return { name: "body", node: w.nodes, input, output };
}

/** The body of an ONNX Loop: its counter is int64, and it has a condition besides the carries. */
function writeLoopBody(model: Model, plan: Plan, [counter, ...carries]: readonly Tensor[]): GraphProto {
  const [iteration, keepGoing] = [model.fresh(), model.fresh()];
  const body = writeBody(model, plan, carries);
  const w = new Writer(model);
  if (plan.uses.has(counter)) w.node("Cast", [iteration], { to: elementType.int32 }, model.nameOf(counter));
  return {
    ...body,
    node: [...w.nodes, ...body.node],
    input: [valueInfo(iteration, [], "int64"), valueInfo(keepGoing, [], "bool"), ...body.input],
    output: [valueInfo(keepGoing, [], "bool"), ...body.output],
  };
}

export type Named = readonly (readonly [name: string, tensor: Tensor])[];

/** The names of outputs in the model; "_out" is appended to a name that an input also has. */
export function outputNames(inputs: Named, outputs: Named): string[] {
  const taken = new Set([...inputs, ...outputs].map(([name]) => name));
  return outputs.map(([key]) => {
    if (!inputs.some(([name]) => name === key)) return key;
    let name = key;
    while (taken.has(name)) name += "_out";
    taken.add(name);
    return name;
  });
}

/** Texts by name, which a model carries beside its graph. */
export type Metadata = Readonly<Record<string, string>>;

/** The bytes of an `.onnx` file that computes a plan's outputs. */
export function writeModel(plan: Plan, inputs: Named, outputs: Named, metadata: Metadata = {}): Uint8Array {
  const names = outputNames(inputs, outputs);
  const model = new Model(new Set([...inputs.map(([name]) => name), ...names]));
  const w = new Writer(model);
  for (const [name, tensor] of inputs) model.setName(tensor, name);
  // A computed tensor takes the name of the first output that refers to it; further outputs are copies.
  const free = new Set(plan.nodes.flatMap((planned) => planned.outputs));
  const copied = plan.outputs.map((tensor, i) => {
    if (!free.delete(tensor)) return true;
    model.setName(tensor, names[i]);
    return false;
  });
  for (const planned of plan.nodes) writeNode(w, planned);
  plan.outputs.forEach((tensor, i) => {
    if (copied[i]) w.node("Identity", [model.nameOf(tensor)], {}, names[i]);
  });
  return encodeModel({
    irVersion: 8,
    producerName: "understudy",
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "program",
      node: w.nodes,
      input: inputs.map(([name, { shape, dtype }]) => valueInfo(name, shape, dtype)),
      output: plan.outputs.map(({ shape, dtype }, i) => valueInfo(names[i], shape, dtype)),
      initializer: [...model.initializers.values()],
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
}
