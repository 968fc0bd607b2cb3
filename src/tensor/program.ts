/** @file Programs: a traced function, compiled when it first runs. */
import { inNewGraph, Tensor } from "./graph.js";
import { runPlan, type Value } from "./interpreter.js";
import { type Metadata, type Named, outputNames, writeModel } from "./onnx/model.js";
import { hasLargeProducts, type Plan, plan } from "./plan.js";
import { createSession, currentRuntime, type Runtime, type Session } from "./runtime.js";
import { type DType, formatShape, type Shape, ShapeError, sizeOf } from "./shape.js";

/** The shape and dtype of a program's input. */
export interface InputSpec {
  readonly shape: Shape;
  /** Default `float32`. */
  readonly dtype?: DType;
}

export const float32 = (shape: Shape = []): InputSpec => ({ shape, dtype: "float32" });
export const int32 = (shape: Shape = []): InputSpec => ({ shape, dtype: "int32" });
export const bool = (shape: Shape = []): InputSpec => ({ shape, dtype: "bool" });

/** The arrays that a program takes and returns: flat, in row-major order; booleans are bytes 0 and 1. */
export type ProgramArray = Float32Array | Int32Array | Uint8Array;

const arrayType = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Sizes of the named dimensions, found while the inputs are read. */
type Bindings = Map<string, number>;

class Input {
  /** The number of elements per unit of the named dimension; without one, the number of all elements. */
  private readonly factor: number;
  private readonly dynamic: string | undefined;

  constructor(
    readonly name: string,
    readonly tensor: Tensor,
  ) {
    this.dynamic = tensor.shape.find((dim): dim is string => typeof dim === "string");
    this.factor = Number(sizeOf(tensor.shape.filter((dim) => typeof dim === "number")));
  }

  /** The shape of an array of `length` elements. Checks the length and binds the named dimension. */
  dims(length: number, bindings: Bindings): readonly number[] {
    const { shape } = this.tensor;
    const fail = (why: string): never => {
      throw new ShapeError(
        `input "${this.name}" of shape ${formatShape(shape)} was given ${length} values: ${why}`,
      );
    };
    if (this.dynamic === undefined) {
      return length === this.factor ? (shape as readonly number[]) : fail(`it takes ${this.factor}`);
    }
    const size = length / this.factor;
    if (!Number.isInteger(size) || size < 1) fail(`it takes a positive multiple of ${this.factor}`);
    const bound = bindings.get(this.dynamic) ?? size;
    if (bound !== size) fail(`"${this.dynamic}" would be ${size}, but another input has ${bound}`);
    bindings.set(this.dynamic, size);
    return shape.map((dim) => (typeof dim === "number" ? dim : size));
  }
}

interface Compiled {
  readonly runtime: Runtime;
  readonly session: Session;
}

/**
 * A traced function from named arrays to named arrays. It compiles for ONNX Runtime when it first runs
 * and caches the session; `release` frees it.
 */
export class Program {
  /** Programs are rebuilt from code, not saved: checkpoints leave them out. */
  readonly derived = true;
  private readonly inputs: readonly Input[];
  private readonly names: readonly string[];
  private readonly outputNames: readonly string[];
  private compiled: Promise<Compiled> | undefined;

  /** @internal Use {@link program}. */
  constructor(
    private readonly plan: Plan,
    private readonly namedInputs: Named,
    private readonly namedOutputs: Named,
  ) {
    this.inputs = namedInputs.map(([name, tensor]) => new Input(name, tensor));
    this.names = namedInputs.map(([name]) => name);
    this.outputNames = outputNames(namedInputs, namedOutputs);
  }

  /**
   * Runs on ONNX Runtime. `feeds` holds an array for each input (`Float32Array`, `Int32Array`, or
   * `Uint8Array` for booleans), which must not change before the promise settles; the arrays returned
   * belong to the caller. Throws ShapeError when an input is missing, unknown, or of another length or type.
   */
  async run(feeds: Readonly<Record<string, ProgramArray>>): Promise<Record<string, ProgramArray>> {
    this.compiled ??= this.compile();
    const { runtime, session } = await this.compiled;
    const bindings: Bindings = new Map();
    const tensors: Record<string, object> = {};
    this.checkNames(feeds);
    for (const input of this.inputs) {
      const data = feeds[input.name];
      const { dtype } = input.tensor;
      if (!(data instanceof arrayType[dtype])) {
        throw new ShapeError(`input "${input.name}" is ${dtype}: it takes a ${arrayType[dtype].name}`);
      }
      tensors[input.name] = new runtime.Tensor(
        dtype as "float32",
        unshared(data) as Float32Array,
        input.dims(data.length, bindings),
      );
    }
    const results = await session.run(tensors);
    const outputs: Record<string, ProgramArray> = {};
    this.namedOutputs.forEach(([key], i) => {
      outputs[key] = results[this.outputNames[i]].data as ProgramArray;
    });
    return outputs;
  }

  /** Runs on the reference interpreter, in double precision: slow, for tests. */
  interpret(feeds: Readonly<Record<string, ArrayLike<number>>>): Record<string, Float64Array> {
    const bindings: Bindings = new Map();
    this.checkNames(feeds);
    const values: Value[] = this.inputs.map((input) => {
      const data = feeds[input.name];
      return { shape: input.dims(data.length, bindings), data: Float64Array.from(data) };
    });
    const results = runPlan(
      this.plan,
      this.namedInputs.map(([, tensor]) => tensor),
      values,
    );
    return Object.fromEntries(this.namedOutputs.map(([key], i) => [key, results[i].data]));
  }

  /**
   * The program as the bytes of an `.onnx` file (operator set 17, IR version 8). Inputs and outputs keep
   * their names, except that "_out" is appended to an output's name that an input also has.
   *
   * @param metadata texts that the file carries besides
   */
  toOnnx(metadata?: Metadata): Uint8Array {
    return writeModel(this.plan, this.namedInputs, this.namedOutputs, metadata);
  }

  /** Frees the runtime's session. The next run compiles again. */
  async release(): Promise<void> {
    const compiled = await this.compiled;
    this.compiled = undefined;
    await compiled?.session.release();
  }

  private async compile(): Promise<Compiled> {
    const runtime = await currentRuntime();
    return { runtime, session: await createSession(runtime, this.toOnnx(), hasLargeProducts(this.plan)) };
  }

  private checkNames(feeds: object): void {
    const names = this.names;
    const missing = names.filter((name) => !(name in feeds));
    const unknown = Object.keys(feeds).filter((name) => !names.includes(name));
    if (missing.length > 0 || unknown.length > 0) {
      const lists = [
        missing.length && `missing ${missing.join(", ")}`,
        unknown.length && `unknown ${unknown.join(", ")}`,
      ];
      throw new ShapeError(
        `program inputs: ${lists.filter(Boolean).join("; ")}; it takes ${names.join(", ") || "none"}`,
      );
    }
  }
}

/** The data, copied when it lies in a SharedArrayBuffer, which ONNX Runtime cannot read. */
const unshared = (data: ProgramArray): ProgramArray =>
  data.buffer instanceof ArrayBuffer ? data : data.slice();

/** Traces `build` on symbolic inputs. Shape errors are thrown here, before anything runs. */
export function program(
  inputs: Readonly<Record<string, InputSpec>>,
  build: (inputs: Record<string, Tensor>) => Record<string, Tensor>,
): Program {
  return inNewGraph((graph) => {
    const named: Named = Object.entries(inputs).map(([name, { shape, dtype = "float32" }]) => {
      if (shape.filter((dim) => typeof dim === "string").length > 1) {
        throw new ShapeError(`input "${name}": only one dimension of ${formatShape(shape)} may be dynamic`);
      }
      return [name, new Tensor([...shape], dtype, graph)];
    });
    const outputs = Object.entries(build(Object.fromEntries(named)));
    return new Program(
      plan(
        graph,
        outputs.map(([, tensor]) => tensor),
      ),
      named,
      outputs,
    );
  }, null);
}
