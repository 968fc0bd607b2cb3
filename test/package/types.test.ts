/** @file The package's types, as the compilers of users read them. */

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { documents, examplesIn, fileOf } from "../readme/examples.js";
import { emptyProject, pack, root, run, unpack } from "./install.js";

const program = `
  import { createRng, evaluate, type Rng, tensor, train } from "understudy-rl";
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
  class Walk {
    observationSpace = { kind: "box", shape: [1], low: 0, high: 9 };
    actionSpace = { kind: "discrete", n: 2 };
    at = 0;
    rng = createRng(0);
    reset() {
      return [(this.at = this.rng.integer(9))];
    }
    step(action: number) {
      this.at += action;
      return { observation: [this.at], reward: 1, terminated: this.at > 8, truncated: false };
    }
    getState() {
      return { at: this.at, rng: this.rng.getState() };
    }
    setState({ at, rng }: { at: number; rng: ReturnType<Rng["getState"]> }) {
      this.at = at;
      this.rng.setState(rng);
    }
  }
  export const policy = train(ppo(), { env: Walk, seed: 0 });
  export const environments = [make("CartPole-v1"), gymnasiumEnvironment("CartPole-v1")];`;

const folder = emptyProject();

beforeAll(async () => {
  await unpack(folder, (await pack(folder)).tarball);
  symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"), "junction");
  writeFileSync(join(folder, "program.ts"), program);
});

/** What a compiler says of a project; empty where it finds no error. */
async function errorsOf(compiler: string, name: string, settings: object, files: object): Promise<string> {
  const given = { strict: true, noEmit: true, target: "es2022", lib: ["es2023", "dom"], types: ["node"] };
  const compilerOptions = { ...given, ...settings };
  writeFileSync(join(folder, name), JSON.stringify({ compilerOptions, ...files }));
  const tsc = join(root, "node_modules", compiler, "bin/tsc");
  return run(folder, process.execPath, tsc, "-p", name).then(
    () => "",
    ({ stdout }) => stdout,
  );
}

describe("the package", () => {
  it.each([
    ["typescript", "bundler", "esnext"],
    ["typescript", "nodenext", "nodenext"],
    ["typescript-5", "nodenext", "nodenext"],
  ])(
    "has types that %s with %s resolution compiles, declarations included",
    async (compiler, moduleResolution, module) => {
      const settings = { module, moduleResolution, skipLibCheck: false };
      const errors = await errorsOf(compiler, `${compiler}-${module}.json`, settings, {
        files: ["program.ts"],
      });
      expect(errors).toBe("");
    },
    120_000,
  );

  it("has types that accept every example of the documents", async () => {
    for (const document of documents) {
      const page = join(folder, "pages", document.replace(/\W/g, "-"));
      for (const example of examplesIn(document).filter(({ language }) => language === "js")) {
        mkdirSync(page, { recursive: true });
        writeFileSync(join(page, fileOf(example)), example.code);
      }
    }
    // JavaScript has no place for the types of parameters.
    const settings = {
      module: "nodenext",
      allowJs: true,
      checkJs: true,
      noImplicitAny: false,
      skipLibCheck: true,
    };
    const errors = await errorsOf("typescript", "pages.json", settings, { include: ["pages"] });
    expect(errors).toBe("");
  }, 120_000);
});
