/** @file Worker threads and the process: the process ends in every case. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, built } from "../../support/built.js";

let sources: Built;
const folder = mkdtempSync(join(tmpdir(), "workers-"));
beforeAll(async () => {
  sources = await built();
});
afterAll(() => {
  sources.remove();
  rmSync(folder, { recursive: true });
});

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** Runs node with these words; `onOutput` sees what it has said so far. */
async function run(words: string[], onOutput?: (output: string, kill: () => void) => void): Promise<Ending> {
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onOutput?.(output, () => child.kill("SIGINT"));
    });
  }
  const [code, signal] = await once(child, "close");
  return { code, signal, output };
}

/** A program that has a vector of two misbehaving environments in two threads. */
function program(misdeed: string, code: string): string {
  const file = join(folder, `${misdeed}.mjs`);
  writeFileSync(
    file,
    `import { makeVector, register } from ${JSON.stringify(sources.url("envs/index.ts"))};
     await import(${JSON.stringify(sources.url("test/support/misbehaving.ts"))});
     const options = { misdeed: ${JSON.stringify(misdeed)} };
     const vector = await makeVector("Misbehaving-v0", 2, { options, workers: 2 });
     vector.step(Int32Array.of(1, 2));
     ${code}
     console.log("end of the program");`,
  );
  return file;
}

describe("a process with worker threads", () => {
  it("ends without help if a vector is not closed", async () => {
    expect(await run([program("throws", "")])).toEqual({
      code: 0,
      signal: null,
      output: "end of the program\n",
    });
  });

  it.each(["throws", "exits", "hoards"])("ends with the error when an environment %s", async (misdeed) => {
    const memory = misdeed === "hoards" ? ["--max-old-space-size=60"] : [];
    const { code, output } = await run([...memory, program(misdeed, "vector.step(Int32Array.of(1, 9));")]);
    expect(code).toBe(1);
    const cause = { throws: /the pole fell off/, exits: /exit code 3/, hoards: /memory limit/ }[misdeed];
    expect(output).toMatch(/Misbehaving-v0, worker 1 \(environment 1\): /);
    expect(output).toMatch(cause!);
  });

  it("ends at Ctrl-C, also during an endless loop of an environment", async () => {
    const file = program("loops", `console.log("stepping"); vector.step(Int32Array.of(1, 9));`);
    const { signal } = await run([file], (output, interrupt) => {
      if (output.includes("stepping")) interrupt();
    });
    expect(signal).toBe("SIGINT");
  });

  it("cannot use its own program as the module of an environment", async () => {
    const code = `register({ id: "Here-v0", make: () => 0, module: import.meta.url });
      await makeVector({ id: "Here-v0" }, 2, { workers: 2 }).catch(({ message }) => console.log(message));`;
    const make = code.replace(
      "make: () => 0",
      "make: () => new (class { step() {} reset() { return 0; } " +
        "observationSpace = { n: 2 }; actionSpace = { n: 2 }; })()",
    );
    const { code: exit, output } = await run([program("throws", make)]);
    expect(output).toMatch(/Here-v0 is registered in .*throws\.mjs, the program itself/);
    expect(exit).toBe(0);
  });
});

describe("the command line", () => {
  it("steps a module's environment in worker threads, with the same values as without", async () => {
    writeFileSync(
      join(folder, "walk.mjs"),
      `export default class Walk {
         observationSpace = { shape: [1], low: -9, high: 9 };
         actionSpace = { n: 2 };
         reset() { this.at = 0; this.time = 0; return [0]; }
         step(action) {
           this.at += action * 2 - 1;
           return [[this.at], this.at, ++this.time === 8, false, {}];
         }
       }`,
    );
    const main = fileURLToPath(sources.url("cli/main.ts"));
    const train = async (workers: string) => {
      const out = `run-${workers}`;
      const words = ["train", "ppo", "--env", "./walk.mjs", "--steps", "64", "--environments", "4"];
      const sizes = ["--rollout-steps", "16", "--minibatch-size", "64", "--hidden", "8"];
      return run([main, ...words, ...sizes, "--workers", workers, "--out", out]);
    };
    for (const workers of ["0", "2"]) {
      const { code, output } = await train(workers);
      expect(output).toMatch(/64 environment steps/);
      expect(code).toBe(0);
    }
    const evaluate = async (run_: string, workers: string) => {
      const words = [
        "evaluate",
        run_,
        "--env",
        "./walk.mjs",
        "--episodes",
        "8",
        "--json",
        "--workers",
        workers,
      ];
      const { output } = await run([main, ...words]);
      return JSON.parse(output).returns as number[];
    };
    expect(await evaluate("run-2", "2")).toEqual(await evaluate("run-0", "0"));
  });
});
