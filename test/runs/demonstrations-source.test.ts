/** @file Runs without an environment: the same spec, runner, checkpoints and report. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bc, dagger, density, gail } from "../../algorithms/index.js";
import { loadPolicy, readDemonstrations, train } from "../../index.js";
import { box } from "../../src/spaces/index.js";

const samples = fileURLToPath(new URL("../data-files/demonstrations/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "data-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = join(samples, "lerobot-pendulum.parquet");
const demonstrations = await readDemonstrations(path);
const small = { epochs: 4, hidden: [8], minibatchSize: 8 };
const recorded = (run: string) => JSON.parse(readFileSync(join(run, "config.json"), "utf8"));

describe("a run on a data set alone", () => {
  it("learns the same policy as in the environment, and keeps its spaces", async () => {
    const run = join(folder, "bc");
    const alone = await train(bc({ demonstrations, ...small }), { folder: run });
    const within = await readDemonstrations(path, { env: "Pendulum-v1" });
    const spaces = { observationSpace: within.observationSpace, actionSpace: within.actionSpace };
    const given = await readDemonstrations(path, spaces);
    const same = await train(bc({ demonstrations: given, ...small }), {});
    const { arrays } = (
      await train(bc({ demonstrations: within, ...small }), { env: "Pendulum-v1" })
    ).toData();
    expect(same.toData().arrays).toEqual(arrays);
    expect(alone.observationSpace).toEqual(box([3], -Infinity, Infinity));
    const saved = loadPolicy(new Uint8Array(readFileSync(join(run, "policy.safetensors"))));
    expect(saved.actionSpace).toEqual(alone.actionSpace);
    expect(recorded(run)).toMatchObject({
      env: "data:lerobot-pendulum",
      options: { demonstrations: { from: path } },
    });
    const report = readFileSync(join(run, "report.html"), "utf8");
    expect(report).toContain("bc on data:lerobot-pendulum");
    expect(report).toContain("no environment");
  });

  it("resumes bit for bit, from its record alone", async () => {
    const options = { options: { demonstrations: { from: path }, ...small } };
    const whole = await train("bc", options);
    const cut = new AbortController();
    const part = join(folder, "cut");
    const onIteration = ({ steps }: { steps: number }) => {
      if (steps > 2) cut.abort();
    };
    const stopped = await train.run("bc", { ...options, folder: part, signal: cut.signal, onIteration });
    expect(stopped.interrupted).toBe(true);
    const resumed = await train({ ...recorded(part), folder: part, resume: true });
    expect(resumed.toData()).toEqual(whole.toData());
  });

  it("is by name where the environment of the demonstrations is not known, or is asked to be left out", async () => {
    const spaces = { observationSpace: "Box(3, -8, 8)", actionSpace: "Box(1, -2, 2)" };
    const run = join(folder, "given");
    const policy = await train("bc", {
      options: { demonstrations: { from: path, ...spaces }, ...small },
      folder: run,
    });
    expect(policy.actionSpace).toEqual(box([1], -2, 2));
    expect(await train(recorded(run))).toMatchObject({ actionSpace: box([1], -2, 2) });
    const within = { ...demonstrations, env: "Pendulum-v1" };
    const { env } = (
      await train.run(bc({ demonstrations: within, ...small }), { env: "data", folder: join(folder, "d") })
    ).folder
      ? recorded(join(folder, "d"))
      : {};
    expect(env).toBe("data:Pendulum-v1");
  });

  it("is DAgger's first round, which is a clone of the demonstrations", async () => {
    const result = await train.run(dagger({ demonstrations, ...small }), {});
    expect(result.metrics).toHaveLength(1);
    expect(result.metrics[0]).toMatchObject({ round: 0, steps: 15 });
    expect(result.metrics[0].loss).toBeGreaterThan(0);
    const within = await readDemonstrations(path, { env: "Pendulum-v1" });
    await expect(train(dagger({ demonstrations: within, ...small }), { env: "Pendulum-v1" })).rejects.toThrow(
      "expert, which is a policy, or a labeller",
    );
  });

  it("is refused for learners that act, for returns and for distances, with the way out", async () => {
    const missing = 'option "env" is required: gail acts in an environment';
    await expect(train(gail({ demonstrations }), {})).rejects.toThrow(missing);
    await expect(train("density", { options: { demonstrations: { from: path } } })).rejects.toThrow(
      "density acts in an environment, and a data set has none: give the environment with env",
    );
    await expect(train(density({ demonstrations }), { env: "data" })).rejects.toThrow("density acts");
    await expect(train(bc({ demonstrations }), { evaluate: { every: 1 } })).rejects.toThrow(
      "bc: evaluations without an environment are on held-out episodes, and there are none",
    );
    await expect(train(bc({ demonstrations }), { diagnose: { episodes: 1 } })).rejects.toThrow(
      "diagnose needs an environment",
    );
  });
});

describe("a folder with metadata", () => {
  it("has the environment of its metadata where the spaces are the same, and else its own name", async () => {
    const minari = join(folder, "minari/cartpole");
    cpSync(join(samples, "minari-cartpole.hdf5"), join(minari, "data/main_data.hdf5"));
    const metadata = (observations: object) =>
      writeFileSync(
        join(minari, "data/metadata.json"),
        JSON.stringify({
          dataset_id: "cartpole/few-v0",
          env_spec: JSON.stringify({ id: "CartPole-v1" }),
          observation_space: JSON.stringify(observations),
          action_space: JSON.stringify({ type: "Discrete", dtype: "int64", n: 2, start: 0 }),
        }),
      );
    const within = await readDemonstrations(join(samples, "minari-cartpole.hdf5"), { env: "CartPole-v1" });
    const { shape, low, high } = within.observationSpace as ReturnType<typeof box>;
    const bound = (values: number[]) => values.map((x) => (Number.isFinite(x) ? x : String(x)));
    metadata({ type: "Box", dtype: "float32", shape, low: bound(low), high: bound(high) });
    expect((await readDemonstrations(minari)).env).toBe("CartPole-v1");
    metadata({ type: "Box", dtype: "float32", shape, low: [-9, -9, -9, -9], high: [9, 9, 9, 9] });
    const own = await readDemonstrations(minari);
    expect(own).toMatchObject({ env: "data:cartpole/few-v0", observationSpace: box([4], -9, 9) });
    expect(own.provenance).toMatchObject({ environment: "CartPole-v1" });
    expect(own.provenance).not.toHaveProperty("inferred");
    await expect(
      readDemonstrations(minari, { env: "CartPole-v1", actionSpace: "Discrete(2)" }),
    ).rejects.toThrow("give either env, which has spaces, or observationSpace and actionSpace");
  });
});
