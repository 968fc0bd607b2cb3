/** @file The same programs on onnxruntime-web, the WebAssembly build that browsers use. */
import * as web from "onnxruntime-web";
import { beforeAll, expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { cases, everyCase } from "./cases.js";
import { expectClose, numbers } from "./support.js";

beforeAll(() => {
  web.env.wasm.numThreads = 1;
  t.useRuntime(web);
});

test("every operation, its gradient and second gradient equal the interpreter's", async () => {
  const { program, feeds } = everyCase();
  const actual = await program.run(feeds);
  const expected = program.interpret(feeds);
  expect(Object.keys(expected).length).toBeGreaterThan(4 * cases.length);
  for (const name of Object.keys(expected)) expectClose(actual[name], expected[name], 5e-5, name);
  await program.release();
});

test("a loop that trains, with integers, booleans and a dynamic dimension, equals the interpreter's", async () => {
  const program = t.program(
    { x: t.float32(["batch", 3]), w: t.float32([3, 2]), rows: t.int32([4, 2]), on: t.bool([2]) },
    ({ x, w, rows, on }) => {
      const [trained, steps] = t.loop(4, [w, t.constant(0, [], "int32")], (i, [p, n]) => {
        const minibatch = t.gather(x, t.gather(rows, i));
        const [g] = t.grad(t.mean(t.square(t.tanh(t.linear(minibatch, p)))), [p]);
        return [t.sub(p, t.where(on, g, 0)), t.add(n, 1)];
      });
      return { trained, steps, best: t.argmax(t.linear(x, trained)), off: t.logicalNot(on) };
    },
  );
  const feeds = {
    x: numbers(15),
    w: numbers(6, -1, 1),
    rows: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2),
    on: Uint8Array.of(1, 0),
  };
  const actual = await program.run(feeds);
  const expected = program.interpret(feeds);
  for (const name of Object.keys(expected)) expectClose(actual[name], expected[name], 1e-5, name);
  await program.release();
});
