/** @file Signals to `understudy-rl train` while its main thread is busy, and what remains after a kill. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { main, temporaryFolder } from "./run-cli.js";

/** Writes its process id at the first step, then hangs: in a loop, or until the test is over. */
const hangs = `import { writeFileSync } from "node:fs";
export default class Hangs {
  observationSpace = { shape: [1], low: -9, high: 9 };
  actionSpace = { n: 2 };
  reset() { return [0]; }
  step() { writeFileSync(process.env.PID_FILE, String(process.pid)); for (;;); }
  getState() { return {}; }
  setState() {}
}`;

const started: ChildProcess[] = [];
const folder = temporaryFolder();
writeFileSync(join(folder, "hangs.mjs"), hangs);
afterAll(() => {
  // What a failed test leaves.
  for (const child of started) child.kill("SIGKILL");
});

const small = "--rollout-steps 16 --environments 2 --minibatch-size 16 --hidden 4 --epochs 1 --no-tuned";

/** @param file where the environment writes its process id */
function start(words: string, file = "pid", stderr: "ignore" | "pipe" = "ignore"): ChildProcess {
  const child = spawn(process.execPath, [main, ...`train ppo ${small} ${words}`.split(" ")], {
    cwd: folder,
    stdio: ["ignore", "ignore", stderr],
    env: { ...process.env, PID_FILE: file },
  });
  started.push(child);
  return child;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = async (isSo: () => boolean) => {
  while (!isSo()) await pause(20);
};

/** The process id in a file that an environment writes. */
async function pidIn(file: string): Promise<number> {
  const path = join(folder, file);
  await until(() => existsSync(path) && readFileSync(path, "utf8") !== "");
  return Number(readFileSync(path, "utf8"));
}

describe.skipIf(process.platform === "win32")(
  "train, with an environment that hangs,",
  () => {
    it.each([
      ["SIGINT", 130, ""],
      ["SIGTERM", 143, ""],
      ["SIGINT", 130, " --workers 2"],
    ] as const)("ends at the second %s with exit code %i%s", async (signal, code, more) => {
      const file = `${signal}${more.replaceAll(" ", "")}`;
      const child = start(`--env ./hangs.mjs --out runs/${file}${more}`, file);
      const ended = once(child, "exit");
      const pid = await pidIn(file);
      child.kill(signal);
      await pause(500);
      expect(isAlive(pid)).toBe(true);
      const before = performance.now();
      child.kill(signal);
      expect(await ended).toEqual([code, null]);
      expect(performance.now() - before).toBeLessThan(1000);
      await until(() => !isAlive(pid));
    });

    it("is named after the first signal as what the command may wait for, with the way out", async () => {
      const child = start("--env ./hangs.mjs --out runs/told", "told", "pipe");
      const said: string[] = [];
      child.stderr!.setEncoding("utf8").on("data", (text: string) => said.push(text));
      const ended = once(child, "exit");
      await pidIn("told");
      child.kill("SIGTERM");
      await until(() => said.length > 0);
      child.kill("SIGTERM");
      await ended;
      expect(said.join("")).toMatch(
        /^understudy-rl: SIGTERM: .*hang in the environment; a second SIGTERM ends/,
      );
    });

    it("ends when its supervisor is killed", async () => {
      const child = start("--env ./hangs.mjs --out runs/killed", "killed");
      const pid = await pidIn("killed");
      expect(pid).not.toBe(child.pid);
      child.kill("SIGKILL");
      await until(() => !isAlive(pid));
    });

    it("ends all its seeds at the second signal", async () => {
      const child = start("--env ./hangs.mjs --seeds 1 --out runs/seeds", "seeds");
      const ended = once(child, "exit");
      const pid = await pidIn("seeds");
      child.kill("SIGINT");
      await pause(500);
      child.kill("SIGINT");
      expect(await ended).toEqual([130, null]);
      await until(() => !isAlive(pid));
    });
  },
  60_000,
);

describe.skipIf(process.platform === "win32")(
  "train, with an environment that works,",
  () => {
    it.each([
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const)("takes %s that comes twice at once as one, and saves a checkpoint", async (signal, code) => {
      const out = join("runs", `both-${signal}`);
      const child = start(`--env CartPole-v1 --steps 100000000 --out ${out}`);
      const ended = once(child, "exit");
      await until(() => existsSync(join(folder, out, "metrics.jsonl")));
      child.kill(signal);
      await pause(20);
      child.kill(signal);
      expect(await ended).toEqual([code, null]);
      expect(existsSync(join(folder, out, "policy.safetensors"))).toBe(true);
    });

    it("reports the signal of a crash", async () => {
      writeFileSync(
        join(folder, "crashes.mjs"),
        `${hangs.replace("for (;;);", 'process.kill(process.pid, "SIGSEGV");')}`,
      );
      const child = start("--env ./crashes.mjs --out runs/crashed", "pid", "pipe");
      let said = "";
      child.stderr!.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      expect(await once(child, "close")).toEqual([null, "SIGSEGV"]);
      expect(said).toMatch(/ended by SIGSEGV.*resumes with --resume/);
    });
  },
  60_000,
);
