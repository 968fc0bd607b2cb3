/**
 * @file Benchmark of tensor programs: times in microseconds, one JSON line per result.
 *
 * A training step consists of forward pass, backward pass and Adam for a tanh network with two hidden layers. Many steps
 * run in one `loop`, with the parameters and moments as flat vectors.
 */
import * as t from "../src/tensor/index.js";

const OBSERVATIONS = 8;
const ACTIONS = 4;

function values(length: number, scale = 0.3): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * Math.sin(1.7 * i + 0.3 * Math.cos(i)));
}

const elements = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

function mlpShapes(hidden: number): number[][] {
  const widths = [OBSERVATIONS, hidden, hidden, ACTIONS];
  return widths.slice(1).flatMap((width, i) => [[widths[i], width], [width]]);
}

function mlp(x: t.Tensor, weights: readonly t.Tensor[]): t.Tensor {
  const layers = weights.length / 2;
  let h = x;
  for (let i = 0; i < layers; i++) {
    h = t.linear(h, weights[2 * i], weights[2 * i + 1]);
    if (i < layers - 1) h = t.tanh(h);
  }
  return h;
}

function unflatten(flat: t.Tensor, shapes: readonly number[][]): t.Tensor[] {
  return t.split(flat, shapes.map(elements)).map((part, i) => t.reshape(part, shapes[i]));
}

const median = (times: number[]): number => times.sort((a, b) => a - b)[times.length >> 1];

/** Time of a call (µs): the best of ten medians over 0.1 s each, because other processes share the machine. */
async function microseconds(call: () => Promise<unknown>, perCall = 1): Promise<number> {
  for (let i = 0; i < 3; i++) await call();
  const medians: number[] = [];
  for (let round = 0; round < 10; round++) {
    const times: number[] = [];
    const end = performance.now() + 100;
    while (performance.now() < end || times.length < 3) {
      const start = performance.now();
      await call();
      times.push(performance.now() - start);
    }
    medians.push(median(times));
  }
  return (Math.min(...medians) * 1000) / perCall;
}

const report = (name: string, value: number, unit = "us"): void => {
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));
};

async function trainingStep(batch: number, hidden: number): Promise<void> {
  const steps = 32;
  const shapes = mlpShapes(hidden);
  const size = shapes.map(elements).reduce((a, b) => a + b);
  const program = t.program(
    {
      parameters: t.float32([size]),
      mean: t.float32([size]),
      square: t.float32([size]),
      step: t.float32(),
      x: t.float32([batch, OBSERVATIONS]),
      y: t.float32([batch, ACTIONS]),
    },
    ({ x, y, ...start }) => {
      const carry = [start.parameters, start.mean, start.square, start.step];
      const [parameters, mean, square, step] = t.loop(steps, carry, (_, [p, m, v, n]) => {
        const weights = unflatten(p, shapes);
        const loss = t.mean(t.square(t.sub(mlp(x, weights), y)));
        const g = t.concat(t.grad(loss, weights).map((gradient) => t.reshape(gradient, [-1])));
        const count = t.add(n, 1);
        const first = t.add(t.mul(m, 0.9), t.mul(g, 0.1));
        const second = t.add(t.mul(v, 0.999), t.mul(t.square(g), 0.001));
        const rate = t.div(
          t.mul(t.sqrt(t.sub(1, t.exp(t.mul(count, Math.log(0.999))))), 1e-3),
          t.sub(1, t.exp(t.mul(count, Math.log(0.9)))),
        );
        return [t.sub(p, t.div(t.mul(first, rate), t.add(t.sqrt(second), 1e-8))), first, second, count];
      });
      return { parameters, mean, square, step };
    },
  );
  const feeds = {
    parameters: values(size),
    mean: new Float32Array(size),
    square: new Float32Array(size),
    step: new Float32Array(1),
    x: values(batch * OBSERVATIONS),
    y: values(batch * ACTIONS),
  };
  const time = await microseconds(() => program.run(feeds), steps);
  report(`mlp training step, batch ${batch}, ${hidden}x${hidden}`, time);
  await program.release();
}

async function gruGradient(): Promise<void> {
  const [steps, batch, inputs, hidden] = [200, 16, 8, 64];
  const program = t.program(
    {
      xs: t.float32([steps, batch, inputs]),
      h: t.float32([batch, hidden]),
      wx: t.float32([inputs, 3 * hidden]),
      wh: t.float32([hidden, 3 * hidden]),
      bx: t.float32([3 * hidden]),
      bh: t.float32([3 * hidden]),
    },
    ({ xs, h, wx, wh, bx, bh }) => {
      const projected = t.linear(xs, wx, bx);
      const thirds = [hidden, hidden, hidden];
      const { outputs } = t.scan([h], [projected], ([state], [x]) => {
        const [xr, xz, xn] = t.split(x, thirds, 1);
        const [hr, hz, hn] = t.split(t.linear(state, wh, bh), thirds, 1);
        const reset = t.sigmoid(t.add(xr, hr));
        const update = t.sigmoid(t.add(xz, hz));
        const candidate = t.tanh(t.add(xn, t.mul(reset, hn)));
        const next = t.add(candidate, t.mul(update, t.sub(state, candidate)));
        return { carry: [next], outputs: [next] };
      });
      const loss = t.mean(t.square(outputs[0]));
      const [gx, gh, gbx, gbh] = t.grad(loss, [wx, wh, bx, bh]);
      return { loss, gx, gh, gbx, gbh };
    },
  );
  const feeds = {
    xs: values(steps * batch * inputs),
    h: values(batch * hidden),
    wx: values(inputs * 3 * hidden),
    wh: values(hidden * 3 * hidden, 0.1),
    bx: values(3 * hidden),
    bh: values(3 * hidden),
  };
  report(
    "gru forward and backward, T 200, batch 16, hidden 64",
    await microseconds(() => program.run(feeds)),
  );
  await program.release();
}

async function policyForward(): Promise<void> {
  const hidden = 64;
  const shapes = mlpShapes(hidden);
  const weights = shapes.map((shape) => values(elements(shape)));
  const program = t.program({ observations: t.float32(["batch", OBSERVATIONS]) }, ({ observations }) => ({
    logProbs: t.logSoftmax(
      mlp(
        observations,
        weights.map((w, i) => t.constant(w, shapes[i])),
      ),
    ),
  }));
  for (const batch of [1, 8, 64, 1024]) {
    const observations = values(batch * OBSERVATIONS);
    report(`policy forward, batch ${batch}`, await microseconds(() => program.run({ observations })));
  }
  await program.release();
}

for (const [batch, hidden] of [
  [64, 64],
  [256, 64],
  [256, 256],
]) {
  await trainingStep(batch, hidden);
}
await gruGradient();
await policyForward();
