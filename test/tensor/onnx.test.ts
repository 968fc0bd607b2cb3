/** @file Exported models: valid for the ONNX checker, with the same values in a bare session. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { InferenceSession, Tensor } from "#ort";
import * as t from "../../src/tensor/index.js";
import { everyCase } from "./cases.js";
import { expectClose, numbers } from "./support.js";

/** A Python that has the `onnx` package, if there is one. */
const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import onnx.checker"]).status === 0,
);

const CHECK = `
import sys, onnx
model = onnx.load_model_from_string(sys.stdin.buffer.read())
onnx.checker.check_model(model, full_check=True)
print(model.ir_version, model.opset_import[0].version, *[i.name for i in model.graph.input], *[o.name for o in model.graph.output])
`;

function check(model: Uint8Array): string {
  const { status, stdout, stderr } = spawnSync(python!, ["-c", CHECK], { input: model });
  expect(stderr.toString(), "the ONNX checker").toBe("");
  expect(status).toBe(0);
  return stdout.toString().trim();
}

/** A small policy with its weights baked in. */
function policy(): t.Program {
  const w1 = t.constant(numbers(4 * 16, -1, 1, 1), [4, 16]);
  const w2 = t.constant(numbers(16 * 3, -1, 1, 2), [16, 3]);
  return t.program({ observations: t.float32(["batch", 4]) }, ({ observations }) => {
    const logProbs = t.logSoftmax(t.linear(t.tanh(t.linear(observations, w1)), w2));
    return { logProbs, actions: t.argmax(logProbs) };
  });
}

describe("the ONNX checker accepts", () => {
  test("a policy, with its names", (context) => {
    if (!python) context.skip("needs Python with the onnx package");
    expect(check(policy().toOnnx())).toBe("8 17 observations logProbs actions");
  });

  test("every operation with its derivatives", (context) => {
    if (!python) context.skip("needs Python with the onnx package");
    check(everyCase().program.toOnnx());
  });

  test("a loop that contains a scan, and outputs named like inputs", (context) => {
    if (!python) context.skip("needs Python with the onnx package");
    const program = t.program(
      { xs: t.float32(["steps", 2]), w: t.float32([2]), n: t.int32() },
      ({ xs, w, n }) => ({
        w: t.loop(n, [w], (i, [p]) => {
          const { carry } = t.scan([p], [xs], ([h], [x]) => ({ carry: [t.tanh(t.add(h, x))], outputs: [h] }));
          return [t.add(t.grad(t.sum(carry[0]), [p])[0], t.cast(i, "float32"))];
        })[0],
        n,
      }),
    );
    expect(check(program.toOnnx())).toBe("8 17 xs w n w_out n_out");
  });
});

test("an exported policy gives the same values in a bare session, for any batch size", async () => {
  const program = policy();
  const session = await InferenceSession.create(program.toOnnx());
  for (const batch of [1, 3, 50]) {
    const data = numbers(4 * batch);
    const bare = await session.run({ observations: new Tensor("float32", data, [batch, 4]) });
    const own = await program.run({ observations: data });
    expect(bare.logProbs.dims).toEqual([batch, 3]);
    expect([...(bare.logProbs.data as Float32Array)]).toEqual([...own.logProbs]);
    expect([...(bare.actions.data as Int32Array)]).toEqual([...own.actions]);
    expectClose(own.logProbs, program.interpret({ observations: data }).logProbs, 1e-5);
  }
  await session.release();
  await program.release();
});

describe("a model contains only what its outputs need:", () => {
  test("unused computations and constants are left out", () => {
    const build = (waste: boolean) =>
      t.program({ x: t.float32([2, 2]) }, ({ x }) => {
        const y = t.add(x, 1);
        if (waste) {
          t.grad(t.sum(t.square(t.exp(y))), [x]);
          t.linear(x, t.constant(numbers(200), [2, 100]));
          t.scan([x], [x], ([h]) => ({ carry: [h], outputs: [t.exp(h)] }));
        }
        return { y };
      });
    expect(build(true).toOnnx()).toEqual(build(false).toOnnx());
  });

  test("equal constants are stored once, outside of loop bodies", () => {
    const size = (uses: number) =>
      t
        .program({ x: t.float32([100]) }, ({ x }) => {
          const [y] = t.loop(2, [x], (_, [h]) => {
            for (let i = 0; i < uses; i++) h = t.tanh(t.add(h, t.constant(new Float32Array(100).fill(0.3))));
            return [h];
          });
          return { y };
        })
        .toOnnx().length;
    expect(size(8) - size(1)).toBeLessThan(7 * 100);
  });

  test("the same program gives the same bytes", () => {
    expect(policy().toOnnx()).toEqual(policy().toOnnx());
  });
});
