/** @file A process that an environment ends does not count as a success. */

import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { main, outcome, temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const environment = (ending: string) => `export default class {
  observationSpace = { shape: [1], low: [0], high: [1] };
  actionSpace = { n: 2 };
  steps = 0;
  reset() { return [0]; }
  step() { if (++this.steps > 100) { ${ending} } return [[0], 1, this.steps % 10 === 0, false, {}]; }
}`;

it.each([
  [0, 1],
  [7, 7],
])("process.exit(%i) in an environment ends train with exit code %i and a message", async (asked, code) => {
  writeFileSync(join(folder, `exits-${asked}.mjs`), environment(`process.exit(${asked});`));
  const words = `train ppo --env ./exits-${asked}.mjs --steps 4096 --environments 2 --rollout-steps 64`;
  const ended = await understudy(folder, `${words} --minibatch-size 64 --out run-${asked}`.split(" "));
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(`before the command had finished`);
  expect(ended.stderr).toContain(`process.exit(${asked})`);
  expect(existsSync(join(folder, `run-${asked}`, "policy.safetensors"))).toBe(false);
});

it.each([
  ["a timer", 'setTimeout(() => { throw new Error("it broke"); }, 0);'],
  ["a promise", 'Promise.reject(new Error("it broke"));'],
  ["a promise without an Error", 'Promise.reject("it broke");'],
])("an error of %s that nothing catches ends the command with a line, not a trace", async (what, ending) => {
  const file = `${what.replaceAll(" ", "-")}.mjs`;
  writeFileSync(join(folder, file), environment(ending));
  const ended = await understudy(folder, ["envs", "--check", `./${file}`]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/an error that nothing caught.*it broke.*--resume/);
  if (ending.includes("new Error")) expect(ended.stderr).toContain(`it broke, at ${join(folder, file)}:6:`);
  expect(ended.stderr).not.toMatch(/^ {4}at |Node\.js v/m);
});

it("a value that is thrown and is no Error is printed as it is", async () => {
  writeFileSync(join(folder, "text.mjs"), 'throw "out of luck";');
  const ended = await understudy(folder, ["envs", "--check", "./text.mjs"]);
  expect(ended.stderr).toMatch(/^understudy-rl: cannot load .*text\.mjs: out of luck\n$/);
});

it.skipIf(process.platform === "win32")(
  "a command that may open few files says how to allow more",
  async () => {
    const words = `ulimit -n 40; exec "${process.execPath}" "${main}" train ppo --out few`;
    const ended = await outcome(spawn("sh", ["-c", words], { cwd: folder }));
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /^understudy-rl: .*too many files are open: allow more, as in ulimit -n 1024$/m,
    );
    expect(existsSync(join(folder, "few"))).toBe(false);
  },
);

it("a command that ends by itself has its own exit code and no such message", async () => {
  for (const [words, code] of [
    ["envs CartPole-v1", 0],
    ["envs Nothing-v0", 2],
  ] as const) {
    const ended = await understudy(folder, words.split(" "));
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toContain("before the command had finished");
  }
});
