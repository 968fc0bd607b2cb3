/** @file `npm install` of the tarball, install scripts included, from the npm registry alone; and the runtime it gives. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyProject, hear, manifest, pack, run, unpack } from "./install.js";

/** Trains PPO, saves and loads the policy, and prints the parameters that it then has. */
const program = `
  import { loadPolicy, savePolicy, train } from "understudy-rl";
  import { ppo } from "understudy-rl/algorithms";
  const algorithm = ppo({ environments: 4, rolloutSteps: 32, minibatchSize: 64, epochs: 2, hidden: [16] });
  const policy = loadPolicy(savePolicy(await train(algorithm, { env: "CartPole-v1", steps: 256, seed: 0 })));
  const arrays = Object.values(policy.toData().arrays);
  console.log(JSON.stringify(arrays.flatMap(({ data }) => Array.from(data))));`;

async function parametersIn(folder: string): Promise<{ parameters: number[]; messages: string }> {
  writeFileSync(join(folder, "train.js"), program);
  const { stdout, stderr } = await hear(folder, process.execPath, "train.js");
  return { parameters: JSON.parse(stdout), messages: stderr };
}

const provenanceOf = (run: string) => JSON.parse(readFileSync(join(run, "provenance.json"), "utf8"));
const words =
  "train ppo --env CartPole-v1 --steps 128 --environments 4 --rollout-steps 32 --minibatch-size 64 --hidden 16";

let tarball: string;

beforeAll(async () => {
  ({ tarball } = await pack(emptyProject()));
});

describe("npm install of the tarball", () => {
  it("needs no flag and no other source than the registry, and gives a command and a runtime that trains", async ({
    skip,
  }) => {
    const project = emptyProject();
    const install = run(project, "npm", "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
    const failure = await install.then(() => undefined, String);
    if (failure && /(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT).*registry|ENOTCACHED/.test(failure))
      skip("no registry");
    expect(failure).toBeUndefined();
    expect(await run(project, "npx", "--no", "--", "understudy-rl", "--version")).toBe(
      `${manifest.version}\n`,
    );
    const { parameters } = await parametersIn(project);
    expect(parameters.every(Number.isFinite)).toBe(true);
    await run(project, "npx", "--no", "--", "understudy-rl", ...words.split(" "), "--out", "run");
    expect(provenanceOf(join(project, "run")).runtime).toMatch(/^onnxruntime-(node|web)$/);
  }, 300_000);

  it("runs no install script of a package that downloads something", () => {
    const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
      packages: Record<string, { dev?: boolean; peer?: boolean; hasInstallScript?: boolean }>;
    };
    const scripted = Object.entries(lock.packages)
      .filter(([, { dev, peer, hasInstallScript }]) => hasInstallScript && !dev && !peer)
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    // Its script compares version numbers.
    expect(scripted.filter((name) => name !== "protobufjs")).toEqual([]);
  });
});

describe("without onnxruntime-node", () => {
  it("WebAssembly trains to close parameters, and one line on stderr says so and tells the way out", async () => {
    const [native, bare] = [emptyProject(), emptyProject()];
    await Promise.all([unpack(native, tarball), unpack(bare, tarball, { optional: false })]);
    const expected = await parametersIn(native);
    const { parameters, messages } = await parametersIn(bare);
    expect(expected.messages).toBe("");
    expect(messages.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/WebAssembly.*npm install onnxruntime-node@.*useRuntime/),
    ]);
    expect(parameters).toHaveLength(expected.parameters.length);
    const errors = parameters.map((value, i) => Math.abs(value - expected.parameters[i]));
    expect(Math.max(...errors)).toBeGreaterThan(0);
    expect(Math.max(...errors)).toBeLessThan(1e-3);

    const script = join(bare, "node_modules/understudy-rl", "dist/cli/main.js");
    const { stderr } = await hear(bare, process.execPath, script, ...words.split(" "), "--out", "run");
    expect(stderr.match(/WebAssembly\)/g)).toHaveLength(1);
    expect(provenanceOf(join(bare, "run"))).toMatchObject({ runtime: "onnxruntime-web" });
  }, 120_000);
});
