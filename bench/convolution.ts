/**
 * @file Benchmark of a convolutional classifier: processor time of the loss and its gradient in minibatches of 28×28
 * images, one JSON line per size. The network is that of IALE: 32 filters of 4×4 and of 2×2, pooling of 2×2, and dense
 * layers of 128 and 10.
 */
import { createRng } from "../src/random/rng.js";
import * as t from "../src/tensor/index.js";

const SHAPES = { first: [32, 1, 4, 4], second: [32, 32, 2, 2], dense: [6272, 128], head: [128, 10] };

function stepProgram(batch: number): t.Program {
  const weights = Object.entries(SHAPES).map(([name, shape]) => [name, t.float32(shape)] as const);
  return t.program(
    { x: t.float32([batch, 1, 28, 28]), y: t.int32([batch, 1]), ...Object.fromEntries(weights) },
    ({ x, y, ...parameters }) => {
      const { first, second, dense, head } = parameters;
      const convolved = t.relu(t.conv2d(t.relu(t.conv2d(x, first, { padding: 2 })), second));
      const features = t.reshape(t.maxPool2d(convolved, { size: 2 }), [batch, 6272]);
      const logProbs = t.logSoftmax(t.matmul(t.relu(t.matmul(features, dense)), head));
      const loss = t.neg(t.mean(t.takeAlongAxis(logProbs, y, 1)));
      const gradients = t.grad(loss, Object.values(parameters));
      return { loss, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) };
    },
  );
}

for (const batch of [100, 500]) {
  const program = stepProgram(batch);
  const rng = createRng("convolution");
  const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
  const feeds: Record<string, Float32Array | Int32Array> = {
    x: rng.fillUniform(new Float32Array(batch * 784)),
    y: Int32Array.from({ length: batch }, (_, i) => i % 10),
  };
  for (const [name, shape] of Object.entries(SHAPES)) {
    feeds[name] = rng.fillNormal(new Float32Array(size(shape))).map((x) => x / 20);
  }
  await program.run(feeds);
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const before = process.cpuUsage();
    await program.run(feeds);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  const value = Number(times.sort((a, b) => a - b)[5].toPrecision(4));
  console.log(JSON.stringify({ name: `gradient step of a CNN, ${batch} images`, value, unit: "ms" }));
}
