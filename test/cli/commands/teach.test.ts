/** @file `understudy-rl teach` and `--labeller web`: a page is served, answers reach the run, demonstrations a data set. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Asked } from "../../../src/teaching/wire.js";
import { guestOf, linkOf } from "../page-guest.js";
import { outcome, start, temporaryFolder, understudy } from "../run-cli.js";

const folder = temporaryFolder();

describe("train dagger --labeller web", () => {
  it("waits for answers at the page, keeps them with their people, and ends", async () => {
    const words =
      "train dagger --env FrozenLake-v1 --rounds 1 --round-steps 4 --hidden [] --epochs 1 --labeller web " +
      "--labeller-annotators ada,bob --out taught --evaluate.every 4";
    const child = start(folder, words.split(" "));
    const ended = outcome(child);
    const ask = await guestOf(await linkOf(child));
    const events = ask.listen("/api/events");
    let count = 0;
    const given = new Set<number>();
    while (child.exitCode === null && count < 4) {
      const asked = (await ask(`/api/questions?count=3&have=${[...given]}`).catch(() => [])) as Asked[];
      for (const { id, proposed, film } of asked) {
        given.add(id);
        expect(film!.parts.state).toHaveLength(1);
        await ask("/api/answers", {
          answers: [{ id, nonce: `n${id}`, reply: { action: proposed }, seconds: 1 }],
        });
        count++;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await ended).code).toBe(0);
    expect(await events).toMatch(/event: end\ndata: .*"status":"ended".*\n\n$/);
    const rows = readFileSync(join(folder, "taught/metrics.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(rows.at(-1)!)).toMatchObject({ expertQueries: 4, answered: 4, outstanding: 0 });
    const log = readFileSync(join(folder, "taught/labels/answers-web.jsonl"), "utf8");
    expect(JSON.parse(log.split("\n")[0])).toMatchObject({ session: expect.any(String), seed: 0 });
    expect(log.match(/"annotator":"ada"/g)).toHaveLength(4);
  }, 120_000);
});

describe("teach", () => {
  it("of an environment keeps demonstrations that behaviour cloning reads", async () => {
    const child = start(folder, ["teach", "MountainCar-v0", "--out", "shown", "--annotator", "ada"]);
    const ended = outcome(child);
    const ask = await guestOf(await linkOf(child));
    expect(await ask("/api/overview")).toMatchObject({ me: "ada", env: "MountainCar-v0", status: "none" });
    const actions = Array.from({ length: 20 }, () => [2]);
    expect(await ask("/api/demonstrations", { nonce: "a", seed: "s", actions, total: -20 })).toEqual({
      receipts: [{ nonce: "a", result: "kept" }],
    });
    child.kill("SIGINT");
    const { stdout } = await ended;
    expect(stdout).toContain(
      "1 episode  shown/demonstrations\nnext        npx understudy-rl train bc --demonstrations",
    );
    const again = start(folder, ["teach", "shown"]);
    const askAgain = await guestOf(await linkOf(again));
    expect(await askAgain("/api/overview")).toMatchObject({
      env: "MountainCar-v0",
      episodes: { count: 1, folder: "shown/demonstrations" },
    });
    again.kill("SIGKILL");
    const words = "train bc --demonstrations shown/demonstrations --epochs 1 --hidden [] --out cloned";
    const cloned = await understudy(folder, words.split(" "));
    expect(cloned.stderr).not.toMatch(/understudy-rl: /);
    expect(existsSync(join(folder, "cloned/policy.safetensors"))).toBe(true);
  }, 120_000);

  it("of a run that has ended shows its questions and its course", async () => {
    const child = start(folder, ["teach", "taught"]);
    const ended = outcome(child);
    const ask = await guestOf(await linkOf(child));
    expect(await ask("/api/overview")).toMatchObject({
      algorithm: "dagger",
      asked: 4,
      open: 0,
      status: "ended",
    });
    const path = join(folder, "taught/provenance.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"finished"', '"interrupted"'));
    expect(await ask("/api/overview")).toMatchObject({
      status: "stopped",
      course: { total: 4, resume: "npx understudy-rl train dagger --resume --out taught" },
    });
    child.kill("SIGKILL");
    await ended;
  }, 60_000);

  it.each([
    ["CartPol-v1", /there is no folder CartPol-v1, and unknown environment "CartPol-v1".*CartPole-v1/],
    ["note.txt", /note\.txt is a file; give a folder, or the id of an environment/],
    ["runs/none", /there is no folder runs\/none/],
    ["empty", /empty has neither config\.json, as the folder of a run, nor queries-000001\.json/],
    ["CartPole-v1 --annotator ../x", /annotator.*names of up to 40 letters/],
    ["CartPole-v1 --port 70000", /port/],
  ])("of %s is refused", async (words, message) => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    writeFileSync(join(folder, "note.txt"), "a note");
    const { code, stderr } = await understudy(folder, ["teach", ...words.split(" ")]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
