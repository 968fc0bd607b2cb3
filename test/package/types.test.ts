/** @file The package's types, as the compilers of users read them. */

import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyProject, pack, root, run, unpack } from "./install.js";

const program = `
  import { evaluate, tensor, train } from "understudy-rl";
  import { ppo } from "understudy-rl/algorithms";
  import { make } from "understudy-rl/envs";
  import { gymnasiumEnvironment } from "understudy-rl/python";
  import * as web from "onnxruntime-web";

  export async function mean(): Promise<number> {
    tensor.useRuntime(web);
    const policy = await train(ppo({ hidden: [16] }), { env: "CartPole-v1", steps: 128, seed: 0 });
    const result = await evaluate(policy, { env: "CartPole-v1", episodes: 2, seed: 1 });
    return result.mean;
  }
  export const environments = [make("CartPole-v1"), gymnasiumEnvironment("CartPole-v1")];`;

const folder = emptyProject();

beforeAll(async () => {
  await unpack(folder, (await pack(folder)).tarball);
  symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"), "junction");
  writeFileSync(join(folder, "program.ts"), program);
});

describe("the package", () => {
  it.each([
    ["typescript", "bundler", "esnext"],
    ["typescript", "nodenext", "nodenext"],
    ["typescript-5", "bundler", "esnext"],
    ["typescript-5", "nodenext", "nodenext"],
  ])(
    "has types that %s with %s resolution compiles, declarations included",
    async (compiler, moduleResolution, module) => {
      const project = `${compiler}-${module}.json`;
      const compilerOptions = {
        strict: true,
        noEmit: true,
        target: "es2022",
        module,
        moduleResolution,
        skipLibCheck: false,
        types: ["node"],
      };
      writeFileSync(join(folder, project), JSON.stringify({ compilerOptions, files: ["program.ts"] }));
      const tsc = join(root, "node_modules", compiler, "bin/tsc");
      const failure = await run(folder, process.execPath, tsc, "-p", project).then(
        () => "",
        ({ stdout }) => stdout,
      );
      expect(failure).toBe("");
    },
    120_000,
  );
});
