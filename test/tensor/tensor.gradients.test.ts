/** @file Every operation and its gradients: finite differences, and ONNX Runtime against the interpreter. */
import { describe, expect, test } from "vitest";
import * as t from "../../src/tensor/index.js";
import { cases, data, derivatives, everyCase, inputName, specs } from "./cases.js";
import { expectClose, finiteDifferences } from "./support.js";

describe("the gradient on the interpreter equals central finite differences", () => {
  test.each(cases.map((example, i) => ({ ...example, i })))("gradient of $title", ({ i, ...example }) => {
    const program = t.program(specs(example), (inputs) => derivatives(example, inputs));
    const scalars = t.program(specs(example), (inputs) => {
      const { loss, penalty } = derivatives(example, inputs);
      return { loss, penalty };
    });
    const feeds: Record<string, ArrayLike<number>> = data(example, i);
    const results = program.interpret(feeds);
    example.inputs.forEach((_, k) => {
      const name = inputName(k);
      for (const [scalar, gradient] of [
        ["loss", "first"],
        ["penalty", "second"],
      ]) {
        const numeric = finiteDifferences(
          (x) => scalars.interpret({ ...feeds, [name]: x })[scalar][0],
          feeds[name],
        );
        expectClose(results[`${gradient}${k}`], numeric, 1e-6, `${gradient} derivative for input ${k}`);
      }
    });
  });
});

test("values, gradients and second gradients on ONNX Runtime equal the interpreter's", async () => {
  const { program, feeds } = everyCase();
  const actual = await program.run(feeds);
  const expected = program.interpret(feeds);
  expect(Object.keys(expected).length).toBeGreaterThan(4 * cases.length);
  for (const name of Object.keys(expected)) expectClose(actual[name], expected[name], 5e-5, name);
  await program.release();
});
