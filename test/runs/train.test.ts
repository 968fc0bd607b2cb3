/** @file Training runs: reproducible by seed, safe folders, clear errors for invalid input. */

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { train as trainOfThePackage } from "../../index.js";
import { UsageError } from "../../src/errors.js";
import { TabularPolicy } from "../../src/policies/index.js";
import { latestCheckpoint, readWhole } from "../../src/runs/checkpoints.js";
import type { Callback } from "../../src/runs/runner.js";
import type { Row } from "../../src/runs/sinks/sink.js";
import { type TrainOptions, train } from "../../src/runs/train.js";
import { decodeTree, encodeTree } from "../../src/state/checkpoint.js";
import { snapshot } from "../../src/state/snapshot.js";
import { chainEnvironment, randomSearch, type SearchState } from "../support/chain.js";

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "train-"));
  folder = join(parent, "run");
});
afterEach(() => rmSync(parent, { recursive: true }));

const STEP = 64;
const short: TrainOptions = { env: chainEnvironment, steps: 20 * STEP };
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
const timeless = (rows: Row[]) => rows.map((row) => ({ ...row, seconds: 0 }));
const checkpoints = () => readdirSync(join(folder, "checkpoints"));

describe("train", () => {
  it("returns the policy, and train.run returns the full result", async () => {
    const run = await train.run(randomSearch(), short);
    expect(run.steps).toBe(20 * STEP);
    expect(run.metrics.map((row) => row.steps)).toEqual(Array.from({ length: 20 }, (_, i) => (i + 1) * STEP));
    expect(run.interrupted).toBe(false);
    expect(run.folder).toBeUndefined();
    const policy = await train(randomSearch(), short);
    expect(policy.toData()).toEqual(run.policy.toData());
  });

  it("gives the same run for the same seed, and a different one for another", async () => {
    const [a, b, c] = await Promise.all(
      [0, 0, 1].map((seed) => train.run(randomSearch(), { ...short, seed })),
    );
    expect(timeless(a.metrics)).toEqual(timeless(b.metrics));
    expect(timeless(a.metrics)).not.toEqual(timeless(c.metrics));
  });

  it("learns the task, where the same run without learning fails", async () => {
    const algorithm = randomSearch({ environments: 16, rolloutSteps: 100 });
    const options = { env: chainEnvironment, steps: 80_000, evaluate: { every: 80_000, episodes: 100 } };
    const learned = await train.run(algorithm, options);
    const idle = { ...algorithm, policy: () => new TabularPolicy(8, new Float64Array(16).fill(0.5)) };
    const control = await train.run(idle, options);
    expect(learned.evaluations[0].mean).toBeGreaterThan(0.5);
    expect(control.evaluations[0].mean).toBeLessThan(0);
  });

  it("defaults to the number of steps of the algorithm", async () => {
    expect((await train.run(randomSearch(), { env: chainEnvironment })).steps).toBe(6400);
  });

  it("stops when the algorithm is done", async () => {
    const done = { ...randomSearch(), done: (state: SearchState) => state.steps >= 3 * STEP };
    expect((await train.run(done, short)).metrics).toHaveLength(3);
  });

  it("writes no files without a folder", async () => {
    const before = readdirSync(process.cwd());
    await train(randomSearch(), short);
    expect(readdirSync(process.cwd())).toEqual(before);
  });

  it("passes every row to the caller's sinks, and closes them once", async () => {
    const received: string[] = [];
    const sink = {
      write: (table: string, row: Row) => void received.push(`${table} ${row.steps}`),
      close: () => void received.push("closed"),
    };
    const evaluate = { every: 2 * STEP, episodes: 1 };
    await train(randomSearch(), { ...short, steps: 3 * STEP, evaluate, sinks: [sink] });
    expect(received).toEqual([
      "metrics 64",
      "metrics 128",
      "evaluations 128",
      "metrics 192",
      "evaluations 192",
      "closed",
    ]);
  });
});

describe("evaluation and diagnostics", () => {
  it("run on schedule and at the end", async () => {
    const evaluate = { every: 5 * STEP, episodes: 3 };
    const { evaluations } = await train.run(randomSearch(), { ...short, steps: 12 * STEP, evaluate });
    expect(evaluations.map((row) => row.steps / STEP)).toEqual([5, 10, 12]);
    expect(evaluations[0]).toMatchObject({ episodes: 3 });
  });

  it("start in states of their own under every seed", async () => {
    const seedsOfResets = async (seed: number, evaluate?: TrainOptions["evaluate"]) => {
      const seeds: unknown[] = [];
      const env = () => {
        const inner = chainEnvironment();
        const reset: typeof inner.reset = (given) => {
          if (given?.seed !== undefined) seeds.push(given.seed);
          return inner.reset(given);
        };
        return { ...inner, reset };
      };
      await train.run(randomSearch(), { ...short, env, seed, evaluate });
      return seeds;
    };
    const startsOfEvaluation = async (seed: number) => {
      const trained = await seedsOfResets(seed);
      return (await seedsOfResets(seed, { every: 20 * STEP, episodes: 3 })).slice(trained.length);
    };
    const [first, second] = [await startsOfEvaluation(0), await startsOfEvaluation(1)];
    expect(first.length).toBeGreaterThan(0);
    expect(first.filter((seed) => second.includes(seed))).toEqual([]);
  });

  it("do not change training", async () => {
    const alone = await train.run(randomSearch(), short);
    const measured = await train.run(randomSearch(), {
      ...short,
      evaluate: { every: STEP, episodes: 3 },
      diagnose: { every: STEP, measure: async (_, rng) => ({ noise: rng.uniform() }) },
    });
    expect(timeless(measured.metrics)).toEqual(timeless(alone.metrics));
    expect(snapshot(measured.state)).toEqual(snapshot(alone.state));
    expect(new Set(measured.evaluations.map((row) => row.noise)).size).toBe(20);
  });

  const measure = async () => ({ diagnosticSteps: 3 * STEP });
  const when = ({ evaluations }: { evaluations: Row[] }) => evaluations.map((row) => row.steps / STEP);

  it("stay within their share of the steps, except the last", async () => {
    const diagnose = { every: STEP, measure };
    const free = { every: STEP, measure: async () => ({ constant: 1 }), share: 0.01 };
    expect(when(await train.run(randomSearch(), { ...short, diagnose: free }))).toHaveLength(20);
    const half = { ...diagnose, share: 0.5 };
    expect(when(await train.run(randomSearch(), { ...short, diagnose: half }))).toEqual([1, 6, 12, 18, 20]);
    const updates = { ...randomSearch(), unit: "updates" as const };
    expect(when(await train.run(updates, { ...short, diagnose: half }))).toHaveLength(20);
  });

  it("are made at the same steps on a slow machine, and after a resume", async () => {
    const diagnose = { every: STEP, measure, share: 0.4 };
    const whole = await train.run(randomSearch(), { ...short, diagnose });
    const clock = vi.spyOn(performance, "now");
    let now = 0;
    clock.mockImplementation(() => {
      now += 10_000;
      return now;
    });
    const slow = await train.run(randomSearch(), { ...short, diagnose }).finally(() => clock.mockRestore());
    expect(timeless(slow.evaluations)).toEqual(timeless(whole.evaluations));

    const stop = new AbortController();
    const stopping = {
      signal: stop.signal,
      onIteration: (row: Row) => void (row.steps >= 7 * STEP && stop.abort()),
    };
    const kept = { ...short, folder, diagnose };
    expect((await train.run(randomSearch(), { ...kept, ...stopping })).steps).toBe(7 * STEP);
    const resumed = await train.run(randomSearch(), { ...kept, resume: true });
    expect(timeless(resumed.evaluations)).toEqual(timeless(whole.evaluations));
  });

  it("keep the best policy, not the last", async () => {
    const algorithm = randomSearch({
      // From the tenth iteration on, the policy runs away from the goal.
      sabotage: (state) => {
        if (state.steps < 10 * STEP) return;
        state.bestReward = Number.MAX_VALUE;
        for (let i = 0; i < state.best.length; i++) state.best[i] = i % 2 === 0 ? 1 : 0;
      },
    });
    await train(algorithm, { ...short, folder, evaluate: { every: STEP, episodes: 20 } });
    expect(readFileSync(join(folder, "best.safetensors"))).not.toEqual(
      readFileSync(join(folder, "policy.safetensors")),
    );
  });
});

describe("a run folder", () => {
  it("contains the config with defaults, the provenance, the rows, checkpoints and the policy", async () => {
    const sinks: TrainOptions["sinks"] = ["csv", "tensorboard"];
    const run = await train.run(randomSearch(), { ...short, folder, sinks });
    expect(run.folder).toBe(folder);
    expect(json("config.json")).toEqual({
      format: 1,
      algorithm: { given: "randomSearch" },
      options: { environments: 4, rolloutSteps: 16 },
      env: { given: "Chain-v0" },
      environmentOptions: {},
      seed: 0,
      steps: 1280,
      unit: "environment steps",
      tuned: false,
      checkpoint: { every: 128, seconds: 60, keep: 3 },
      sinks: ["csv", "tensorboard"],
      workers: 0,
      workerTimeout: 300,
    });
    expect(json("provenance.json")).toMatchObject({
      understudy: expect.stringMatching(/^\d+\.\d+\.\d+/),
      onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version,
      seed: 0,
      command: expect.arrayContaining(["node"]),
      ended: "finished",
    });
    const rows = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(rows.map((row) => JSON.parse(row))).toEqual(run.metrics);
    expect(readFileSync(join(folder, "metrics.csv"), "utf8").trim().split("\n")).toHaveLength(21);
    expect(existsSync(join(folder, "events.out.tfevents.understudy"))).toBe(true);
    expect(checkpoints()).toEqual(
      [1024, 1152, 1280].map((s) => `step-${String(s).padStart(12, "0")}.checkpoint`),
    );
    expect(existsSync(join(folder, "policy.safetensors"))).toBe(true);
  });

  it("in use is refused, and left unchanged", async () => {
    await train(randomSearch(), { ...short, folder });
    const before = readFileSync(join(folder, "metrics.jsonl"));
    await expect(train(randomSearch(), { ...short, folder })).rejects.toThrow(UsageError);
    await expect(train(randomSearch(), { ...short, folder })).rejects.toThrow(/already exists; resume/);
    expect(readFileSync(join(folder, "metrics.jsonl"))).toEqual(before);
  });

  it("is not created for a run that cannot start", async () => {
    const refused = {
      ...randomSearch(),
      init: () => Promise.reject(new UsageError("wrong kind of actions")),
    };
    await expect(train(refused, { ...short, folder })).rejects.toThrow("wrong kind of actions");
    expect(existsSync(folder)).toBe(false);
  });

  it("is refused if it is a file", async () => {
    writeFileSync(folder, "");
    await expect(train(randomSearch(), { ...short, folder })).rejects.toThrow(/is a file, not a folder/);
  });

  it("cannot be resumed if it does not exist or is not a run", async () => {
    const resume = { ...short, folder, resume: true };
    await expect(train(randomSearch(), resume)).rejects.toThrow(/no run to resume: .* does not exist/);
    await expect(train(randomSearch(), { ...resume, folder: process.cwd() })).rejects.toThrow(
      /has no config\.json/,
    );
  });
});

describe("resume", () => {
  it("from N to 2N steps is bit-identical to the run of 2N steps", async () => {
    const whole = await train.run(randomSearch(), { ...short, evaluate: { every: 5 * STEP, episodes: 3 } });
    const half = { ...short, steps: 10 * STEP, evaluate: { every: 5 * STEP, episodes: 3 }, folder };
    await train(randomSearch(), half);
    const resumed = await train.run(randomSearch(), { ...half, steps: 20 * STEP, resume: true });
    expect(timeless(resumed.metrics)).toEqual(timeless(whole.metrics));
    expect(timeless(resumed.evaluations)).toEqual(timeless(whole.evaluations));
    expect(snapshot(resumed.state)).toEqual(snapshot(whole.state));
    expect(json("provenance.json").resumed).toHaveLength(1);
  });

  it("continues the count of seconds", async () => {
    await train(randomSearch(), { ...short, folder });
    const resumed = await train.run(randomSearch(), { ...short, steps: 40 * STEP, folder, resume: true });
    const seconds = resumed.metrics.map((row) => row.seconds);
    expect(seconds).toEqual(seconds.slice().sort((a, b) => a - b));
  });

  it("does not change a finished run", async () => {
    const first = await train.run(randomSearch(), { ...short, folder });
    const again = await train.run(randomSearch(), { ...short, folder, resume: true });
    expect(again.metrics).toEqual(first.metrics);
    expect(again.policy.toData()).toEqual(first.policy.toData());
  });

  it("fills newly requested formats from the first row on", async () => {
    await train(randomSearch(), { ...short, folder });
    await train(randomSearch(), { ...short, steps: 25 * STEP, folder, resume: true, sinks: ["csv"] });
    expect(readFileSync(join(folder, "metrics.csv"), "utf8").trim().split("\n")).toHaveLength(26);
  });

  it("under another config is refused, with the differences", async () => {
    await train(randomSearch(), { ...short, folder });
    const resume = { ...short, folder, resume: true };
    const other = train(randomSearch({ rolloutSteps: 8 }), resume);
    await expect(other).rejects.toThrow(
      /cannot resume .*: its options\.rolloutSteps is 16, but 8 was requested/,
    );
    await expect(train(randomSearch(), { ...resume, seed: 3 })).rejects.toThrow(
      /its seed is 0, but 3 was requested/,
    );
    const evaluated = train(randomSearch(), { ...resume, evaluate: { every: 10 } });
    await expect(evaluated).rejects.toThrow(/its evaluate\.every is not set, but 10 was requested/);
  });

  it("refuses to start over a run that could not be saved, and keeps its rows", async () => {
    const source = () => {
      const { getState: _, setState: __, ...rest } = chainEnvironment();
      return rest;
    };
    const options = { ...short, env: source as TrainOptions["env"], folder };
    const { unsaveable } = await train.run(randomSearch(), options);
    expect(unsaveable).toMatch(/getState/);
    const rows = readFileSync(join(folder, "metrics.jsonl"), "utf8");
    const resumed = train(randomSearch(), { ...options, steps: 40 * STEP, resume: true });
    await expect(resumed).rejects.toThrow(UsageError);
    await expect(resumed).rejects.toThrow(`cannot resume ${folder}, which ended at step 1280: `);
    expect(readFileSync(join(folder, "metrics.jsonl"), "utf8")).toBe(rows);
  });

  it("refuses a checkpoint of another version, with the version", async () => {
    await train(randomSearch(), { ...short, folder });
    const path = join(folder, "checkpoints", checkpoints().at(-1)!);
    const tree = decodeTree(readFileSync(path), path) as Record<string, never>;
    writeFileSync(path, encodeTree({ ...tree, understudy: "99.0.0" }));
    const resumed = train(randomSearch(), { ...short, folder, resume: true });
    await expect(resumed).rejects.toThrow(/was written by understudy 99\.0\.0/);
  });

  it("refuses a folder in which all checkpoints are damaged, with the file names", async () => {
    await train(randomSearch(), { ...short, folder });
    const path = join(folder, "checkpoints", checkpoints().at(-1)!);
    for (const name of checkpoints()) {
      const file = join(folder, "checkpoints", name);
      writeFileSync(file, readFileSync(file).subarray(0, 100));
    }
    await expect(train(randomSearch(), { ...short, folder, resume: true })).rejects.toThrow(path);
  });
});

describe("a return to stop at", () => {
  // Every evaluation of the walk to the right has the return of the chain, above any threshold here.
  const evaluate = { every: 2 * STEP, episodes: 20 };
  const whole = () => train.run(randomSearch(), { ...short, evaluate });
  /** A return that is first reached in the middle of the run, and the steps at which it is. */
  async function threshold() {
    const { evaluations } = await whole();
    const best = evaluations.slice(1, -1).reduce((a, b) => (b.mean > a.mean ? b : a));
    const first = evaluations.find((row) => row.mean >= best.mean)!;
    expect(first.steps).toBeLessThan(20 * STEP);
    return { value: best.mean, at: first.steps };
  }

  it("ends the run, as finished, after the first evaluation that has it", async () => {
    const { value, at } = await threshold();
    const run = await train.run(randomSearch(), { ...short, evaluate, stop: { return: value } });
    expect(run).toMatchObject({ steps: at, interrupted: false });
    expect(run.evaluations.at(-1)!.mean).toBe(value);
    expect(run.outcome).toBe(
      `stopped after ${at} steps: the evaluated return is ${value}, at least ${value}`,
    );
    const missed = await train.run(randomSearch(), { ...short, evaluate, stop: { return: 1e9 } });
    expect(missed.steps).toBe(20 * STEP);
    expect(missed).not.toHaveProperty("outcome");
  });

  it("makes the last measurement at that evaluation, whatever its interval", async () => {
    const { value } = await threshold();
    const diagnose = { every: 19 * STEP, measure: async () => ({ constant: 1 }) };
    const run = await train.run(randomSearch(), { ...short, evaluate, diagnose, stop: { return: value } });
    expect(run.evaluations.map((row) => row.constant)).toEqual([
      ...run.evaluations.slice(1).map(() => undefined),
      1,
    ]);
  });

  it("holds after a resume, and a larger one goes on as if nothing had stopped", async () => {
    const { value, at } = await threshold();
    const options = { ...short, evaluate, folder };
    await train(randomSearch(), { ...options, stop: { return: value } });
    expect(json("config.json").stop).toEqual({ return: value });
    const again = await train.run(randomSearch(), { ...options, stop: { return: value }, resume: true });
    expect(again.steps).toBe(at);
    const further = await train.run(randomSearch(), { ...options, stop: { return: 1e9 }, resume: true });
    const unstopped = await whole();
    expect(snapshot(further.state)).toEqual(snapshot(unstopped.state));
    expect(timeless(further.evaluations)).toEqual(timeless(unstopped.evaluations));
  });

  it("needs evaluations", async () => {
    const refused = train(randomSearch(), { ...short, stop: { return: 1 } });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      /stop\.return is compared with evaluated returns: set evaluate\.every/,
    );
  });
});

describe("callbacks", () => {
  it("are awaited after every iteration and evaluation, with the policy so far", async () => {
    const events: string[] = [];
    const policies: unknown[] = [];
    const record =
      (table: string): Callback =>
      async (row, { artefact }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        policies.push(artefact().toData());
        events.push(`${table} ${row.steps}`);
      };
    const run = await train.run(randomSearch(), {
      ...short,
      steps: 2 * STEP,
      evaluate: { every: STEP, episodes: 1 },
      onIteration: record("iteration"),
      onEvaluation: record("evaluation"),
    });
    expect(events).toEqual(["iteration 64", "evaluation 64", "iteration 128", "evaluation 128"]);
    expect(policies.at(-1)).toEqual(run.policy.toData());
  });

  it("can stop the run, which goes on after a resume", async () => {
    const options = { ...short, folder, evaluate: { every: 3 * STEP, episodes: 1 } };
    const run = await train.run(randomSearch(), { ...options, onEvaluation: (_, { stop }) => stop() });
    expect(run).toMatchObject({ interrupted: true, steps: 3 * STEP });
    const resumed = await train.run(randomSearch(), { ...options, resume: true });
    expect(snapshot(resumed.state)).toEqual(snapshot((await train.run(randomSearch(), short)).state));
  });

  it("end the run with their own error", async () => {
    const onEvaluation = async () => {
      throw new Error("no disk");
    };
    const evaluate = { every: STEP, episodes: 1 };
    await expect(train(randomSearch(), { ...short, evaluate, onEvaluation })).rejects.toThrow("no disk");
  });
});

describe("an interrupt", () => {
  it("ends the run after the current iteration, and the resumed run equals the whole one", async () => {
    const stop = new AbortController();
    const options = { ...short, folder };
    const run = await train.run(randomSearch(), {
      ...options,
      signal: stop.signal,
      onIteration: ({ steps }) => steps === 7 * STEP && stop.abort(),
    });
    expect(run).toMatchObject({ interrupted: true, steps: 7 * STEP });
    const resumed = await train.run(randomSearch(), { ...options, resume: true });
    const whole = await train.run(randomSearch(), short);
    expect(snapshot(resumed.state)).toEqual(snapshot(whole.state));
  });

  it("restores the process's signal handlers", async () => {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const counts = () => signals.map((signal) => process.listenerCount(signal));
    const before = signals.map((signal) => process.listeners(signal));
    const idle = counts();
    let during: number[] = [];
    const onIteration = () => {
      during = counts();
    };
    await train(randomSearch(), { ...short, handleInterrupt: true, onIteration });
    expect(during).toEqual(idle.map((count) => count + 1));
    expect(signals.map((signal) => process.listeners(signal))).toEqual(before);
  });

  it("is received also if the algorithm never awaits", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const { interrupted } = await train.run(randomSearch(), { ...short, steps: 1e9, signal: stop.signal });
    expect(interrupted).toBe(true);
  });
});

describe("the environments of a run", () => {
  /** Those of a chain that are open. */
  function counted() {
    const open = new Set<object>();
    const make = () => {
      const chain = chainEnvironment();
      open.add(chain);
      return Object.assign(chain, { close: () => void open.delete(chain) });
    };
    return { open, make };
  }
  const settings = { ...short, evaluate: { every: 128, episodes: 2 } };

  it("are closed when the run ends with a policy", async () => {
    const { open, make } = counted();
    for (const trained of [train, trainOfThePackage]) {
      await trained(randomSearch({ environments: 3 }), { ...settings, env: make });
      expect(open.size).toBe(0);
    }
  });

  it("are closed when the run fails", async () => {
    const { open, make } = counted();
    const onIteration = () => {
      throw new Error("enough");
    };
    const algorithm = randomSearch({ environments: 3 });
    await expect(train(algorithm, { ...settings, env: make, onIteration })).rejects.toThrow("enough");
    expect(open.size).toBe(0);
  });

  it("stay open in the state of train.run until its result is closed", async () => {
    const { open, make } = counted();
    const algorithm = randomSearch({ environments: 3 });
    const { state, close } = await train.run(algorithm, { ...settings, env: make });
    expect(open.size).toBe(3);
    await algorithm.update(state);
    close();
    expect(open.size).toBe(0);
  });
});

describe("checkpoints", () => {
  it("are read completely in pieces, as needed above 2 GiB", async () => {
    const path = join(folder, "large");
    await mkdir(folder, { recursive: true });
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    writeFileSync(path, bytes);
    for (const piece of [1, 7, 999, 1000, 1001]) expect(readWhole(path, piece)).toEqual(bytes);
  });

  it("leave no partial files after a kill", async () => {
    await train(randomSearch(), { ...short, folder: join(folder, "run") });
    const half = join(folder, "run", "checkpoints", "step-000000000001.checkpoint.partial");
    writeFileSync(half, "half");
    await train(randomSearch(), { ...short, steps: 40 * STEP, folder: join(folder, "run"), resume: true });
    expect(existsSync(half)).toBe(false);
  });
});

describe("failures", () => {
  const failing = (break_: (state: SearchState) => void) => randomSearch({ sabotage: break_ });

  it("a non-finite metric ends the run with its name and step, and keeps the checkpoints", async () => {
    const algorithm = failing((state) => {
      if (state.steps === 10 * STEP) state.bestReward = Number.NaN;
    });
    const run = train(algorithm, { ...short, folder });
    await expect(run).rejects.toThrow(
      /bestReward became NaN at step 704 of randomSearch on Chain-v0; .*; the last good checkpoint is .*step-000000000640/,
    );
    expect(latestCheckpoint(folder)?.checkpoint.steps).toBe(640);
    const rows = readFileSync(join(folder, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(rows).toHaveLength(10);
  });

  it("an environment that throws ends the run with its own error and how to resume", async () => {
    const algorithm = failing(({ steps }) => {
      if (steps === 3 * STEP) throw new UsageError("the robot fell over");
    });
    await expect(train(algorithm, short)).rejects.toThrow(/^the robot fell over$/);
    const kept = train(algorithm, { ...short, folder });
    await expect(kept).rejects.toThrow(/^the robot fell over; the last good checkpoint is .*-000000000128/);
    await expect(kept).rejects.toThrow(UsageError);
  });

  it("a folder that cannot be written is named, and earlier files are kept", async () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    const under = train(randomSearch(), { ...short, folder: join(file, "run") });
    await expect(under).rejects.toThrow(/cannot create the folder .*file\/run: ENOTDIR/);

    const aside = join(parent, "aside");
    const algorithm = failing(({ steps }) => {
      if (steps !== 5 * STEP) return;
      renameSync(join(folder, "checkpoints"), aside);
      writeFileSync(join(folder, "checkpoints"), "");
    });
    const run = train(algorithm, { ...short, folder });
    await expect(run).rejects.toThrow(
      /cannot write .*step-000000000384\.checkpoint: .*; the last good checkpoint is .*step-000000000256/,
    );
    rmSync(join(folder, "checkpoints"));
    renameSync(aside, join(folder, "checkpoints"));
    const resumed = await train.run(randomSearch(), { ...short, folder, resume: true });
    expect(snapshot(resumed.state)).toEqual(snapshot((await train.run(randomSearch(), short)).state));
  });

  it("an update without new steps is an error, not an endless run", async () => {
    const algorithm = randomSearch();
    const update = async () => ({ steps: 5 });
    await expect(train({ ...algorithm, update }, short)).rejects.toThrow(/from step 5 to step 5/);
  });
});

describe("options", () => {
  it.each<[string, object, RegExp]>([
    ["an unknown name", { step: 5 }, /train: unknown option "step"; did you mean "steps"\?/],
    [
      "an unknown nested name",
      { evaluate: { every: 5, episode: 2 } },
      /unknown option "episode" in "evaluate"; did you mean "episodes"/,
    ],
    ["a number that is none", { steps: "many" }, /option "steps" is "many": it must be a/],
    ["a negative number", { steps: -1 }, /option "steps" is -1/],
    [
      "an environment of the wrong type",
      { env: 5 },
      /option "env" is 5: it must be the id of an environment/,
    ],
    [
      "a sink of the wrong type",
      { sinks: ["xml"] },
      /option "sinks\.0" is "xml": it must be "csv", "mlflow", "tensorboard"/,
    ],
    ["resume without a folder", { resume: true }, /resume needs a folder/],
    ["a format without a folder", { sinks: ["csv"] }, /sink "csv" needs a folder/],
  ])("%s gives a clear error", async (_, wrong, message) => {
    const given = { ...short, ...wrong } as TrainOptions;
    await expect(train(randomSearch(), given)).rejects.toThrow(UsageError);
    await expect(train(randomSearch(), given)).rejects.toThrow(message);
  });

  it("are named if required and missing", async () => {
    await expect(train(randomSearch(), {} as TrainOptions)).rejects.toThrow(/option "env" is required/);
  });

  it("describe the algorithm interface if there is no algorithm", async () => {
    await expect(train(5 as never, short)).rejects.toThrow(/must be an algorithm, such as ppo\(\)/);
  });
});
