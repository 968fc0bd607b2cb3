/** @file Spaces in the notation of messages and tables, such as `Discrete(4)` or `Box(3)`, as they are typed. */

import { UsageError } from "../errors.js";
import { box, discrete, type Space, spaceProblem } from "./space.js";

const NOTATION = /^(Box|Discrete|MultiDiscrete|MultiBinary)\(\s*([^()]*?)\s*\)$/i;

/**
 * The space that a text or an object denotes: the notation of `describeSpace`, in which a box has no bounds unless they
 * follow its shape, as in `Box(3, -1, 1)` or `Box(64×64×3, 0, 255)`; or a space as data or as JSON, in which a box
 * without `low` or `high` has no bounds either.
 *
 * @param what the name of the option, for messages
 * @throws UsageError when it denotes no space
 */
export function spaceOf(value: unknown, what: string): Space {
  const space = typeof value === "string" ? fromText(value.trim(), what) : withBounds(value);
  const problem = spaceProblem(space as Space);
  if (problem) throw new UsageError(`${what} is ${JSON.stringify(value)}: ${problem}`);
  return space as Space;
}

function fromText(text: string, what: string): unknown {
  if (text.startsWith("{")) {
    try {
      return withBounds(JSON.parse(text));
    } catch (cause) {
      throw new UsageError(`${what} is not JSON: ${(cause as Error).message}`);
    }
  }
  const [, kind, inner] = text.match(NOTATION) ?? [];
  const parts = (inner ?? "").split(/\s*,\s*/);
  const numbers = parts.map((part) =>
    part === "" ? Number.NaN : Number(part.replace(/inf(inity)?$/i, "Infinity")),
  );
  switch (kind?.toLowerCase()) {
    case "discrete":
      if (numbers.length === 1) return discrete(numbers[0]);
      break;
    case "multibinary":
      if (numbers.length === 1) return { kind: "multi-binary", n: numbers[0] };
      break;
    case "multidiscrete":
      return { kind: "multi-discrete", sizes: numbers };
    case "box": {
      const [shape, low = -Infinity, high = Infinity] = [
        parts[0].split(/[×x*]/).map(Number),
        ...numbers.slice(1),
      ];
      if (parts.length === 1 || parts.length === 3) {
        if (shape.every((size) => size > 0 && size < 2 ** 31)) return box(shape, low, high);
      }
      break;
    }
  }
  throw new UsageError(
    `${what} is "${text}": write Discrete(4), MultiDiscrete(3, 2), MultiBinary(5), Box(3), Box(3, -1, 1) with bounds, ` +
      'Box(64×64×3, 0, 255) with a shape, or JSON such as {"kind":"discrete","n":4}',
  );
}

/** A space as data, with infinite bounds where there are none. */
function withBounds(value: unknown): unknown {
  const space = value as { kind?: unknown; shape?: unknown; low?: unknown; high?: unknown; spaces?: unknown };
  if (space?.kind === "box" && Array.isArray(space.shape)) {
    const { shape, low, high } = space;
    const spread = (bound: unknown, otherwise: number) => {
      if (Array.isArray(bound)) return bound.map((entry) => entry ?? otherwise);
      return box(shape as number[], Number(bound ?? otherwise), 0).low;
    };
    const isShape = shape.every((size) => Number.isInteger(size) && size > 0 && size < 2 ** 31);
    return isShape ? { ...space, low: spread(low, -Infinity), high: spread(high, Infinity) } : value;
  }
  if (space?.kind === "tuple" && Array.isArray(space.spaces)) {
    return { ...space, spaces: space.spaces.map(withBounds) };
  }
  if (space?.kind === "dict" && typeof space.spaces === "object" && space.spaces !== null) {
    const parts = Object.entries(space.spaces).map(([key, part]) => [key, withBounds(part)]);
    return { ...space, spaces: Object.fromEntries(parts) };
  }
  return value;
}
