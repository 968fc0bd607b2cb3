/** @file Demonstrations by path: files and folders of other programs, and of this package. */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { FormatError, readDemonstrations, subsample, UsageError, writeDemonstrations } from "../../index.js";
import { createRng } from "../../src/random/rng.js";

const samples = fileURLToPath(new URL("../data-files/demonstrations/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "demonstrations-"));
afterAll(() => rmSync(folder, { recursive: true }));
const env = "CartPole-v1";

describe("readDemonstrations", () => {
  it("detects files by content, and takes the spaces of the environment", async () => {
    const minari = await readDemonstrations(join(samples, "minari-cartpole.hdf5"), { env });
    expect(minari.env).toBe(env);
    for (const name of ["imitation-cartpole.npz", "imitation-cartpole.parquet"]) {
      const { trajectories } = await readDemonstrations(join(samples, name), { env });
      expect(trajectories.map((t) => t.observations)).toEqual(minari.trajectories.map((t) => t.observations));
    }
    const bytes = new Uint8Array(readFileSync(join(samples, "minari-cartpole.hdf5")));
    expect(await readDemonstrations(bytes, { env })).toEqual(minari);
  });

  it("reads folders: Minari's, and all Parquet files of a LeRobot data set in order", async () => {
    const minari = join(folder, "minari");
    cpSync(join(samples, "minari-cartpole.hdf5"), join(minari, "data/main_data.hdf5"));
    expect((await readDemonstrations(minari, { env })).trajectories).toHaveLength(4);
    const lerobot = join(folder, "lerobot");
    cpSync(join(samples, "lerobot-pendulum.parquet"), join(lerobot, "data/chunk-000/file-000.parquet"));
    const read = await readDemonstrations(lerobot, { env: "Pendulum-v1", provenance: { who: "nobody" } });
    expect(read.trajectories).toHaveLength(3);
    expect(read.provenance.who).toBe("nobody");
  });

  it("reads a LeRobot v3 data set by its root, and ignores its metadata tables", async () => {
    const root = join(folder, "lerobot-v3");
    const put = (name: string, part: string) => cpSync(join(samples, name), join(root, part));
    put("lerobot-pendulum.parquet", "data/chunk-000/file-000.parquet");
    // Parquet files without frames, as the tables in meta/ are.
    put("imitation-cartpole.parquet", "meta/tasks.parquet");
    put("imitation-cartpole.parquet", "meta/episodes/chunk-000/file-000.parquet");
    writeFileSync(join(root, "meta/info.json"), "{}");
    expect((await readDemonstrations(root, { env: "Pendulum-v1" })).trajectories).toHaveLength(3);
    cpSync(join(root, "data/chunk-000/file-000.parquet"), join(root, "train.parquet"));
    rmSync(join(root, "data"), { recursive: true });
    expect((await readDemonstrations(root, { env: "Pendulum-v1" })).trajectories).toHaveLength(3);
    rmSync(join(root, "train.parquet"));
    await expect(readDemonstrations(root, { env: "Pendulum-v1" })).rejects.toThrow(
      "no .parquet or .arrow file of",
    );
  });

  it("reads the output of writeDemonstrations, in the package's format and in Minari's", async () => {
    const original = await readDemonstrations(join(samples, "minari-cartpole.hdf5"), { env });
    const ours = join(folder, "ours");
    const few = subsample(original, { every: 5, rng: createRng(0) });
    await writeDemonstrations(few, ours);
    expect(await readDemonstrations(ours)).toEqual(few);
    const theirs = join(folder, "theirs");
    await writeDemonstrations(original, theirs, { format: "minari" });
    expect(await readDemonstrations(theirs, { env })).toEqual(original);
    await expect(writeDemonstrations(original, ours)).rejects.toThrow("already contains demonstrations");
  });

  it("reads a LeRobot data set that it wrote, whose environment and spaces it knows", async () => {
    const original = await readDemonstrations(join(samples, "minari-cartpole.hdf5"), { env });
    const path = join(folder, "cartpole-lerobot");
    await writeDemonstrations(original, path, { format: "lerobot", fps: 50 });
    expect(JSON.parse(readFileSync(join(path, "meta/info.json"), "utf8")).fps).toBe(50);
    const read = await readDemonstrations(path);
    expect(read).toEqual({ ...original, provenance: { ...original.provenance, format: "LeRobot" } });
    await expect(writeDemonstrations(original, path, { format: "lerobot", fps: 0 })).rejects.toThrow("fps");
    // Of an environment that is not registered, the spaces remain; without them, there are no bounds.
    await writeDemonstrations({ ...original, env: "Mine-v0" }, join(folder, "mine"), { format: "lerobot" });
    const { env: own, observationSpace, provenance } = await readDemonstrations(join(folder, "mine"));
    expect([own, observationSpace, provenance.environment]).toEqual([
      "data:mine",
      original.observationSpace,
      "Mine-v0",
    ]);
    rmSync(join(folder, "mine/meta/spaces.json"));
    const bare = await readDemonstrations(join(folder, "mine"));
    expect(bare.observationSpace).toMatchObject({
      kind: "box",
      low: [-Infinity, -Infinity, -Infinity, -Infinity],
    });
    expect(bare.trajectories).toEqual(original.trajectories);
  });

  it("names what is missing or wrong, and where", async () => {
    const sample = join(samples, "minari-cartpole.hdf5");
    await expect(readDemonstrations(sample, { actionSpace: "Discrete(1)" })).rejects.toThrow(
      "episode_0: step 0: the action is outside its space",
    );
    await expect(readDemonstrations(sample, { actionSpace: "Disc(2)" })).rejects.toThrow(
      'actionSpace is "Disc(2)": write Discrete(4)',
    );
    await expect(readDemonstrations(sample, { env: "CartPol-v1" })).rejects.toThrow(
      'did you mean "CartPole-v1"',
    );
    await expect(readDemonstrations(join(folder, "nowhere"), { env })).rejects.toThrow(UsageError);
    const empty = join(folder, "empty");
    mkdirSync(empty);
    await expect(readDemonstrations(empty, { env })).rejects.toThrow("it has no demonstrations.json");
    const text = join(folder, "notes.txt");
    writeFileSync(text, "hello");
    await expect(readDemonstrations(text, { env })).rejects.toThrow(FormatError);
    await expect(readDemonstrations(text, { env })).rejects.toThrow(
      `${text}: its first bytes are not those of`,
    );
    const wrong = readDemonstrations(sample, { env: "Pendulum-v1" });
    await expect(wrong).rejects.toThrow(`${sample}: episode_0/observations: it must be an array [16, 3]`);
  });
});
