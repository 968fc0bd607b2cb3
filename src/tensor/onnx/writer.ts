/** @file Building blocks of an ONNX model: names, constants shared by all graphs, nodes. */
import type { Tensor } from "../graph.js";
import { source } from "../plan.js";
import type { DType, Shape } from "../shape.js";
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from "./schema.js";

/** The element types in a model. ONNX uses int64 for counts and shapes; programs do not. */
type OnnxType = DType | "int64";

/** TensorProto.DataType. */
export const elementType: Record<OnnxType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export function valueInfo(name: string, shape: Shape, type: OnnxType): ValueInfoProto {
  const dim = shape.map((d) => (typeof d === "number" ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementType[type], shape: { dim } } } };
}

function rawBytes(data: ArrayLike<number>, type: OnnxType): Uint8Array {
  if (type === "bool") return Uint8Array.from(data);
  const bytes = new Uint8Array(data.length * (type === "int64" ? 8 : 4));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    if (type === "float32") view.setFloat32(4 * i, data[i], true);
    else if (type === "int32") view.setInt32(4 * i, data[i], true);
    else view.setBigInt64(8 * i, BigInt(data[i]), true);
  }
  return bytes;
}

/** A key by which equal constants are shared, for constants that are small or uniform; null for others. */
function contentKey(data: ArrayLike<number>): string | null {
  let distinct = data.length;
  while (distinct > 1 && Object.is(data[distinct - 1], data[0])) distinct--;
  if (distinct > 16) return null;
  return Array.from({ length: distinct }, (_, i) => (Object.is(data[i], -0) ? "-0" : data[i])).join();
}

/** The state shared by all graphs of a model: names, and constants, which are stored in the outermost graph. */
export class Model {
  readonly initializers = new Map<string, TensorProto>();
  private readonly names = new Map<Tensor, string>();
  private count = 0;

  /** @param reserved the names of inputs and outputs */
  constructor(private readonly reserved: ReadonlySet<string>) {}

  /** A name that is not taken. */
  fresh(): string {
    const name = `/${this.count++}`;
    return this.reserved.has(name) ? this.fresh() : name;
  }

  setName(tensor: Tensor, name: string): void {
    this.names.set(tensor, name);
  }

  /** The name of a tensor; a constant is stored in the model when it is first named. */
  nameOf(unresolved: Tensor): string {
    const tensor = source(unresolved);
    const known = this.names.get(tensor);
    if (known !== undefined) return known;
    const { data, shape, dtype, name: own } = tensor;
    const name = !data
      ? this.fresh()
      : own === undefined
        ? this.constant(data, shape as readonly number[], dtype)
        : this.store(this.free(own), data, shape as readonly number[], dtype);
    this.setName(tensor, name);
    return name;
  }

  /** The name of a constant with these values. Small or uniform constants with equal values are stored once. */
  constant(data: ArrayLike<number>, dims: readonly number[], type: OnnxType): string {
    const name = this.fresh();
    const content = contentKey(data);
    const key = content === null ? name : `${type} ${dims} ${content}`;
    return this.initializers.get(key)?.name ?? this.store(name, data, dims, type, key);
  }

  private store(
    name: string,
    data: ArrayLike<number>,
    dims: readonly number[],
    type: OnnxType,
    key = name,
  ): string {
    const proto = { name, dims: [...dims], dataType: elementType[type], rawData: rawBytes(data, type) };
    this.initializers.set(key, proto);
    return name;
  }

  /** The name, with a number if it is taken. */
  private free(name: string): string {
    const isTaken = (other: string) => this.reserved.has(other) || this.initializers.has(other);
    let free = name;
    for (let k = 2; isTaken(free); k++) free = `${name}.${k}`;
    return free;
  }
}

/** Numbers are integers, unless in a `Float32Array`. */
export type Attributes = Record<string, number | boolean | string | number[] | Float32Array | GraphProto>;

/** AttributeProto.AttributeType: 1 = float, 2 = int, 3 = string, 5 = graph, 7 = ints. */
function encodeAttribute(name: string, value: Attributes[string]): AttributeProto {
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value };
  if (value instanceof Float32Array) return { name, type: 1, f: value[0] };
  if (typeof value === "object") return { name, type: 5, g: value };
  return { name, type: 2, i: Number(value) };
}

/** Collects the nodes of one graph. */
export class Writer {
  readonly nodes: NodeProto[] = [];
  constructor(readonly model: Model) {}

  /** Adds a node with one output, by default under a fresh name, and returns that name. */
  node(opType: string, input: string[], attributes: Attributes = {}, output = this.model.fresh()): string {
    this.add(opType, input, attributes, [output]);
    return output;
  }

  add(opType: string, input: string[], attributes: Attributes, output: string[]): void {
    const attribute = Object.entries(attributes)
      .filter(([, value]) => !(Array.isArray(value) && value.length === 0)) // the checker refuses empty lists
      .map(([name, value]) => encodeAttribute(name, value));
    this.nodes.push({ opType, input, output, attribute });
  }

  ints(values: readonly number[]): string {
    return this.model.constant(values, [values.length], "int64");
  }

  float(value: number): string {
    return this.model.constant([value], [], "float32");
  }
}
