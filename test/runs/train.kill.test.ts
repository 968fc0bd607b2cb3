/** @file A run that is killed and resumed is bit-identical to an uninterrupted run. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Algorithm } from "../../src/learning/contract.js";
import { createRng } from "../../src/random/rng.js";
import { latestCheckpoint } from "../../src/runs/checkpoints.js";
import { type TrainOptions, train } from "../../src/runs/train.js";
import { LOCK } from "../../src/state/lock.js";
import { bundled } from "../support/built.js";
import { killCases } from "../support/kill-cases.js";

let child: Awaited<ReturnType<typeof bundled>>;
beforeAll(async () => {
  child = await bundled("test/support/kill-child.ts");
});
afterAll(() => child.remove());

const parent = mkdtempSync(join(tmpdir(), "kill-"));
afterAll(() => rmSync(parent, { recursive: true }));

/** The folder of the run that nobody interrupts, made once. */
const wholes = new Map<string, Promise<string>>();
function wholeRun(name: string, workers?: number): Promise<string> {
  const folder = join(parent, `${name}, whole${workers === undefined ? "" : `, workers ${workers}`}`);
  const made = async () => {
    expect(await exit(start(name, folder, workers))).toEqual({ code: 0, signal: null });
    return folder;
  };
  if (!wholes.has(folder)) wholes.set(folder, made());
  return wholes.get(folder)!;
}

/** @param workers in place of the case's own */
function start(name: string, folder: string, workers?: number): ChildProcess {
  const words = [
    existsSync(folder) ? "resume" : "begin",
    ...(workers === undefined ? [] : [String(workers)]),
  ];
  return spawn(process.execPath, [child.path, name, folder, ...words], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}

async function exit(process: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const [code, signal] = await once(process, "exit");
  return { code, signal };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const lines = (folder: string, file: string): string[] =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").split("\n").slice(0, -1) : [];

/** Rows without the wall clock. */
const rows = (folder: string, file: string) =>
  lines(folder, file).map((line) => ({ ...JSON.parse(line), seconds: undefined }));

const artefactIn = (folder: string) =>
  ["policy.safetensors", "artefact.safetensors"].find((name) => existsSync(join(folder, name)))!;

/** All that must not depend on whether a run was interrupted. */
const outcome = (folder: string) => ({
  metrics: rows(folder, "metrics.jsonl"),
  evaluations: rows(folder, "evaluations.jsonl"),
  artefact: readFileSync(join(folder, artefactIn(folder))),
  state: { ...latestCheckpoint(folder)?.checkpoint, seconds: undefined },
});

async function untilRows(running: ChildProcess, folder: string, count: number) {
  while (running.exitCode === null && lines(folder, "metrics.jsonl").length < count) await pause(2);
}

/** Cases that run in processes of their own: those with worker threads, and the smallest. */
const needsProcess = (name: string) => name.includes("worker threads") || name.startsWith("random search");

// What only a process can show: the signal, worker threads, and files that the operating system holds.
describe.each(Object.keys(killCases).filter(needsProcess))("%s", { timeout: 180_000 }, (name) => {
  it("killed repeatedly at random times, has the metrics and weights of an uninterrupted run", async () => {
    const whole = await wholeRun(name);
    const total = lines(whole, "metrics.jsonl").length;
    const rng = createRng(`kill ${name}`);
    // At the start and twice later for the smallest; a start of the others takes most of a second.
    const first = name.startsWith("random search") ? [0, 0.4 * rng.uniform()] : [];
    const moments = [...first, 0.4 + 0.5 * rng.uniform()];

    const killed = join(parent, `${name}, killed`);
    for (const moment of moments) {
      const running = start(name, killed);
      const exited = exit(running);
      await untilRows(running, killed, moment * total);
      running.kill("SIGKILL");
      expect(await exited).toEqual({ code: null, signal: "SIGKILL" });
    }
    expect(await exit(start(name, killed))).toEqual({ code: 0, signal: null });
    expect(outcome(killed)).toEqual(outcome(whole));
  });
});

// A copy of the folder in the middle of a run is what a kill leaves, without the lock of the process, which goes on.
describe.each(Object.keys(killCases).filter((name) => !needsProcess(name)))(
  "%s",
  { timeout: 180_000 },
  (name) => {
    it("goes on from what a kill would leave, to the metrics and weights of the whole run", async () => {
      const made = async () => (await killCases[name]()) as { algorithm: Algorithm; options: TrainOptions };
      const { algorithm, options } = await made();
      const [whole, killed] = [join(parent, name), join(parent, `${name}, killed`)];
      const moment =
        (0.3 + 0.6 * createRng(`kill ${name}`).uniform()) * (options.steps ?? algorithm.defaultSteps!);
      const onIteration = ({ steps }: { steps: number }) => {
        if (steps < moment || existsSync(killed)) return;
        cpSync(whole, killed, { recursive: true, filter: (path) => !path.endsWith(LOCK) });
      };
      await train.run(algorithm, { ...options, folder: whole, onIteration });

      const { steps } = latestCheckpoint(killed)!.checkpoint;
      expect(steps).toBeGreaterThan(0);
      expect(steps).toBeLessThan(outcome(whole).state.steps!);
      const again = await made();
      await train.run(again.algorithm, { ...again.options, folder: killed, resume: true });
      expect(outcome(killed)).toEqual(outcome(whole));
    });
  },
);

// Worker threads change where numbers are computed, not which.
describe.each(["ppo in worker threads", "sac in worker threads"])("%s", { timeout: 180_000 }, (name) => {
  it("has the results of a run without worker threads", async () => {
    expect(outcome(await wholeRun(name, 0))).toEqual(outcome(await wholeRun(name)));
  });
});

describe("Ctrl-C or a termination signal", () => {
  const name = "random search";

  it.each([
    "SIGINT",
    "SIGTERM",
  ] as const)("(%s) ends after the iteration with a checkpoint, and the resumed run equals an uninterrupted one", async (signal) => {
    const folder = join(parent, signal);
    const running = start(name, folder);
    const exited = exit(running);
    await untilRows(running, folder, 20);
    running.kill(signal);
    expect(await exited).toEqual({ code: 130, signal: null });
    expect(latestCheckpoint(folder)?.checkpoint.steps).toBe(rows(folder, "metrics.jsonl").at(-1).steps);

    expect(await exit(start(name, folder))).toEqual({ code: 0, signal: null });
    expect(outcome(folder)).toEqual(outcome(await wholeRun(name)));
  });
});

// A limit on the size of files stands in for a disk that fills up: the write fails in the operating system.
describe.skipIf(process.platform === "win32")("a full disk at the next row", () => {
  it("ends the process with exit code 1, and the resumed run equals an uninterrupted one", async () => {
    const name = "random search";
    const folder = join(parent, "out of room");
    const command = `ulimit -f 16; exec "$0" "$@"`;
    const arguments_ = ["-c", command, process.execPath, child.path, name, folder];
    const limited = spawn("sh", arguments_, { stdio: ["ignore", "inherit", "pipe"] });
    const message = limited.stderr.toArray();
    expect(await exit(limited)).toEqual({ code: 1, signal: null });
    expect(Buffer.concat(await message).toString()).toMatch(/^cannot write .*metrics.jsonl: EFBIG[^\n]*\n$/);
    expect(latestCheckpoint(folder)?.checkpoint.steps).toBeGreaterThan(0);

    expect(await exit(start(name, folder))).toEqual({ code: 0, signal: null });
    expect(outcome(folder)).toEqual(outcome(await wholeRun(name)));
  });
});
