/** @file Spaces in the form of Minari's metadata (`minari/serialization.py`), written and read. */

import { FormatError } from "../../errors.js";
import { box, discrete, type Space, spaceProblem } from "../../spaces/index.js";

type Json = Record<string, unknown>;

/** A space in the form of Minari's metadata. */
export function serializeSpace(space: Space): unknown {
  switch (space.kind) {
    case "box": {
      const nested = (bounds: number[]) => nest(bounds, space.shape);
      return {
        type: "Box",
        dtype: "float32",
        shape: space.shape,
        low: nested(space.low),
        high: nested(space.high),
      };
    }
    case "discrete":
      return { type: "Discrete", dtype: "int64", start: 0, n: space.n };
    case "dict":
      return {
        type: "Dict",
        subspaces: Object.fromEntries(
          Object.entries(space.spaces).map(([key, part]) => [key, serializeSpace(part)]),
        ),
      };
    case "tuple":
      return { type: "Tuple", subspaces: space.spaces.map(serializeSpace) };
    case "multi-discrete": {
      const { sizes } = space;
      return { type: "MultiDiscrete", dtype: "int64", nvec: sizes, start: sizes.map(() => 0) };
    }
    case "multi-binary":
      return { type: "MultiBinary", n: space.n };
  }
}

/** Nested lists of the shape of an array, from its numbers in row-major order; of no shape, the number. */
export function nest(values: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length <= 1) return shape.length === 0 ? values[0] : values;
  const [rows, ...rest] = shape;
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, i) => nest(values.slice(i * width, (i + 1) * width), rest));
}

/** JSON with infinite bounds in the notation of Python. */
export function pythonJson(value: unknown): string {
  const marked = JSON.stringify(value, (_, node) =>
    typeof node === "number" && !Number.isFinite(node) ? `\u0000${node}` : node,
  );
  return marked.replace(/"\\u0000(-?Infinity|NaN)"/g, "$1");
}

/** A space from the form of Minari's metadata. @throws FormatError when this package does not have it */
export function minariSpace(written: Json, place: string): Space {
  const refuse = (why: string): never => {
    throw new FormatError(`${place}: ${why}`);
  };
  const parts = (value: unknown) =>
    Object.entries((value ?? {}) as Json).map(([name, part]): [string, Space] => [
      name,
      minariSpace((part ?? {}) as Json, `${place}/${name}`),
    ]);
  const { type, start = 0 } = written;
  const starts = [start].flat(8);
  if (type !== "Box" && starts.some((first) => first !== 0)) {
    refuse(`its numbers start at ${starts.join(", ")}, not at 0, which is not read`);
  }
  const space = (): Space => {
    switch (type) {
      case "Box": {
        const shape = [written.shape].flat() as number[];
        if (!isShape(shape)) return refuse(`its shape is ${JSON.stringify(written.shape)}`);
        const bounds = (name: "low" | "high") => [written[name]].flat(Infinity).map(Number);
        // A scalar bounds every entry.
        const spread = (all: number[]) => (all.length === 1 ? all[0] : all);
        return box(shape, spread(bounds("low")), spread(bounds("high")));
      }
      case "Discrete":
        return discrete(written.n as number);
      case "MultiDiscrete":
        return { kind: "multi-discrete", sizes: [written.nvec].flat(Infinity) as number[] };
      case "MultiBinary":
        return { kind: "multi-binary", n: ([written.n].flat() as number[]).reduce((a, b) => a * b, 1) };
      case "Dict":
        return { kind: "dict", spaces: Object.fromEntries(parts(written.subspaces)) };
      case "Tuple":
        return { kind: "tuple", spaces: parts(written.subspaces).map(([, part]) => part) };
      default:
        return refuse(`a space of type ${JSON.stringify(type ?? "nothing")} is not read`);
    }
  };
  const made = space();
  const problem = spaceProblem(made);
  return problem ? refuse(problem) : made;
}

/** Whether these are the sizes of an array that a row may be. */
export const isShape = (shape: readonly unknown[]): boolean =>
  shape.every((size) => Number.isInteger(size) && (size as number) > 0) &&
  shape.reduce<number>((product, size) => product * (size as number), 1) <= 2 ** 22;
