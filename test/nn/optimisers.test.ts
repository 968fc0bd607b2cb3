import { describe, expect, test } from "vitest";
import {
  adam,
  adamW,
  clipByGlobalNorm,
  type Optimiser,
  rmsprop,
  sgd,
  softUpdate,
} from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import * as t from "../../src/tensor/index.js";
import { evaluate, expectClose, values } from "./support.js";

const SIZE = 7;
const STEPS = 12;

/** One optimiser in tensors, and its textbook definition in plain numbers, for one coordinate. */
interface Case {
  name: string;
  optimiser: Optimiser;
  reference: (learningRate: number) => (parameter: number, gradient: number, step: number) => number;
}

function textbookAdam(beta1: number, beta2: number, epsilon: number, decay = 0): Case["reference"] {
  return (learningRate) => {
    let [m, v] = [0, 0];
    return (parameter, gradient, step) => {
      m = beta1 * m + (1 - beta1) * gradient;
      v = beta2 * v + (1 - beta2) * gradient ** 2;
      const direction = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
      return parameter - learningRate * (direction + decay * parameter);
    };
  };
}

const cases: Case[] = [
  { name: "adam", optimiser: adam(), reference: textbookAdam(0.9, 0.999, 1e-8) },
  {
    name: "adam with a large epsilon",
    optimiser: adam({ beta1: 0.5, beta2: 0.9, epsilon: 0.1 }),
    reference: textbookAdam(0.5, 0.9, 0.1),
  },
  {
    name: "adamW",
    optimiser: adamW({ weightDecay: 0.3, epsilon: 1e-5 }),
    reference: textbookAdam(0.9, 0.999, 1e-5, 0.3),
  },
  {
    name: "rmsprop",
    optimiser: rmsprop({ decay: 0.9, epsilon: 1e-4 }),
    reference: (learningRate) => {
      let v = 0;
      return (parameter, gradient) => {
        v = 0.9 * v + 0.1 * gradient ** 2;
        return parameter - (learningRate * gradient) / (Math.sqrt(v) + 1e-4);
      };
    },
  },
  {
    name: "sgd",
    optimiser: sgd(),
    reference: (learningRate) => (parameter, gradient) => parameter - learningRate * gradient,
  },
  {
    name: "sgd with momentum",
    optimiser: sgd({ momentum: 0.9 }),
    reference: (learningRate) => {
      let sum = 0;
      return (parameter, gradient) => {
        sum = 0.9 * sum + gradient;
        return parameter - learningRate * sum;
      };
    },
  },
];

const rng = createRng("optimisers");
const gradients = rng.fillNormal(new Float32Array(STEPS * SIZE));
const start = rng.fillNormal(new Float32Array(SIZE));

describe.each(cases)("$name", ({ optimiser, reference }) => {
  const learningRate = 0.01;

  test("each step equals the textbook's, inside a loop", async () => {
    const { parameters } = await evaluate(
      { start: values([SIZE], start), gradients: values([STEPS, SIZE], gradients) },
      (x) => {
        const zeros = Array.from({ length: optimiser.slots }, () => t.zeros([SIZE]));
        const history = t.zeros([STEPS, SIZE]);
        const [parameters] = t.loop(STEPS, [history, x.start, ...zeros], (i, [rows, current, ...slots]) => {
          const gradient = t.gather(x.gradients, i);
          const next = optimiser.update(current, gradient, slots, t.add(i, 1), t.constant(learningRate));
          const row = t.expandDims(next.parameters, 0);
          return [t.scatterAdd(rows, t.expandDims(i, 0), row), next.parameters, ...next.slots];
        });
        return { parameters };
      },
    );
    const references = Array.from(start, () => reference(learningRate));
    let current = Array.from(start);
    const expected: number[] = [];
    for (let step = 1; step <= STEPS; step++) {
      current = current.map((value, i) => references[i](value, gradients[(step - 1) * SIZE + i], step));
      expected.push(...current);
    }
    expectClose(parameters, expected, 1e-9);
  });

  test("a quadratic is minimised", async () => {
    const { end } = await evaluate(
      { start: values([SIZE], start), curvature: values([SIZE], [0.1, 0.5, 1, 2, 3, 4, 5]) },
      (x) => {
        const zeros = Array.from({ length: optimiser.slots }, () => t.zeros([SIZE]));
        const [end] = t.loop(1500, [x.start, ...zeros], (i, [current, ...slots]) => {
          const distance = t.sub(current, 0.25);
          const loss = t.mul(t.sum(t.mul(x.curvature, t.square(distance))), 0.5);
          const [gradient] = t.grad(loss, [current]);
          // Sign-like rules only settle as the rate goes to zero.
          const progress = t.div(t.cast(i, "float32"), 1500);
          const rate = t.mul(t.sub(1, progress), 0.05);
          const next = optimiser.update(current, gradient, slots, t.add(i, 1), rate);
          return [next.parameters, ...next.slots];
        });
        return { end };
      },
      5e-3,
    );
    // Decoupled decay pulls towards 0, so that its fixed point is elsewhere.
    if (optimiser !== cases[2].optimiser)
      for (const value of end) expect(Math.abs(value - 0.25)).toBeLessThan(0.03);
  });
});

describe("adam", () => {
  test("the first step has the length of the learning rate, for every scale of the gradient", async () => {
    const scales = [1e-4, -1e-2, 1, -100, 1e4];
    const zeros = new Float32Array(5);
    const { parameters } = await evaluate(
      { zeros: values([5], zeros), gradient: values([5], scales), step: values([], [1]) },
      (x) => ({ parameters: adam().update(x.zeros, x.gradient, [x.zeros, x.zeros], x.step, 0.1).parameters }),
    );
    expectClose(
      parameters,
      scales.map((g) => -0.1 * Math.sign(g)),
      2e-5,
    );
  });

  test("a zero gradient changes nothing", async () => {
    const zeros = values([3], [0, 0, 0]);
    const { parameters } = await evaluate({ zeros, step: values([], [1]) }, (x) => ({
      parameters: adam().update(x.zeros, x.zeros, [x.zeros, x.zeros], x.step, 0.1).parameters,
    }));
    expect(Array.from(parameters, Math.abs)).toEqual([0, 0, 0]);
  });
});

describe("clipByGlobalNorm", () => {
  const clip = (gradient: number[], max: number) =>
    evaluate({ g: values([gradient.length], gradient) }, ({ g }) => {
      const clipped = clipByGlobalNorm(g, max);
      return { gradient: clipped.gradient, norm: clipped.norm };
    });

  test("a long gradient keeps its direction and gets the requested norm", async () => {
    const { gradient, norm } = await clip([3, 0, -4], 0.5);
    expectClose(gradient, [0.3, 0, -0.4], 1e-6);
    expectClose(norm, [5], 1e-6);
  });

  test("a short gradient is unchanged bit for bit", async () => {
    const short = Array.from(Float32Array.of(0.1, -0.2, 1e-20));
    const program = t.program({ g: t.float32([3]) }, ({ g }) => ({ out: clipByGlobalNorm(g, 0.5).gradient }));
    expect(Array.from((await program.run({ g: Float32Array.from(short) })).out)).toEqual(short);
    expect(Array.from(program.interpret({ g: short }).out)).toEqual(short);
    await program.release();
  });

  test("a zero gradient stays zero", async () => {
    const { gradient, norm } = await clip([0, 0], 0.5);
    expect(Array.from(gradient)).toEqual([0, 0]);
    expect(norm[0]).toBe(0);
  });

  test("a maximum that is not positive is refused", async () => {
    await expect(clip([1], 0)).rejects.toThrow("the maximum gradient norm is 0; it must be above 0");
  });
});

describe("softUpdate", () => {
  test("it moves by the fraction: all the way at 1, and not at all between equal parameters", async () => {
    const program = t.program({ target: t.float32([3]), source: t.float32([3]) }, ({ target, source }) => ({
      part: softUpdate(target, source, 0.25),
      all: softUpdate(target, source, 1),
      fixed: softUpdate(source, source, 0.005),
    }));
    const target = Float32Array.of(0, 1, -2);
    const source = Float32Array.of(4, 0.1, 0.3);
    const out = await program.run({ target, source });
    expectClose(out.part, [1, 0.775, -1.425], 1e-6);
    expect(out.all).toEqual(source);
    expect(out.fixed).toEqual(source);
    expectClose(program.interpret({ target, source }).part, out.part, 1e-6);
    await program.release();
  });

  test("repeated, it converges geometrically to the source", async () => {
    const { end } = await evaluate({ target: values([1], [1]), source: values([1], [3]) }, (x) => ({
      end: t.loop(10, [x.target], (_, [target]) => [softUpdate(target, x.source, 0.2)])[0],
    }));
    expectClose(end, [3 - 2 * 0.8 ** 10], 1e-9);
  });
});

describe("derivatives through the optimisers at gradients of 0", () => {
  const rules: [string, Optimiser][] = [
    ["adam", adam({ epsilon: 0.1 })],
    ["adamW", adamW({ epsilon: 0.1 })],
    ["rmsprop", rmsprop({ epsilon: 0.1 })],
    ["sgd", sgd({ momentum: 0.9 })],
  ];
  const gradients = [
    [0, 0, 0],
    [0, 0.5, -2],
  ];

  /** The sum of squares of the parameters after two steps, the second one with twice the gradient. */
  const trained = (optimiser: Optimiser) => (gradient: t.Tensor) => {
    let parameters = t.constant([1, -1, 2]);
    let slots: readonly t.Tensor[] = Array.from({ length: optimiser.slots }, () => t.constant([0, 0, 0]));
    for (const step of [1, 2]) {
      const scaled = t.mul(gradient, step);
      ({ parameters, slots } = optimiser.update(parameters, scaled, slots, t.constant(step), 0.1));
    }
    return t.sum(t.square(parameters));
  };

  test.each(rules)("%s", (_, optimiser) => {
    for (const gradient of gradients) expectDerivative(trained(optimiser), gradient);
  });

  test("clipByGlobalNorm, its norm and its scale", () => {
    for (const gradient of gradients) {
      expectDerivative((g) => t.sum(t.mul(clipByGlobalNorm(g, 1).gradient, t.constant([1, 2, 3]))), gradient);
      expectDerivative((g) => clipByGlobalNorm(g, 1).scale, gradient);
    }
    // The norm has a corner at 0, where 0 is a subgradient.
    expect(derivative((g) => clipByGlobalNorm(g, 1).norm, [0, 0, 0])).toEqual([0, 0, 0]);
    expectDerivative((g) => clipByGlobalNorm(g, 1).norm, gradients[1]);
  });

  function derivative(f: (gradient: t.Tensor) => t.Tensor, at: number[]): number[] {
    const program = t.program({ g: t.float32([at.length]) }, ({ g }) => ({ slope: t.grad(f(g), [g])[0] }));
    return [...program.interpret({ g: at }).slope];
  }

  /** Compares with central differences. */
  function expectDerivative(f: (gradient: t.Tensor) => t.Tensor, at: number[]): void {
    const value = t.program({ g: t.float32([at.length]) }, ({ g }) => ({ y: f(g) }));
    const h = 1e-6;
    const differences = at.map((_, i) => {
      const [above, below] = [h, -h].map(
        (d) => value.interpret({ g: at.map((x, j) => (i === j ? x + d : x)) }).y[0],
      );
      return (above - below) / (2 * h);
    });
    expectClose(derivative(f, at), differences, 1e-4);
  }
});
