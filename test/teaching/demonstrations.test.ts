/** @file Demonstrations from the page: played again, kept once, and read by behaviour cloning. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDemonstrations } from "../../src/datasets/read-demonstrations.js";
import { make } from "../../src/env/registry.js";
import { diskFolder as dropFolder } from "../../src/people/disk-folder.js";
import { diskFolder } from "../../src/state/files.js";
import { openDemonstrationsDesk } from "../../src/teaching/demonstrations.js";
import type { Played } from "../../src/teaching/wire.js";
import { temporary } from "./room-parts.js";

const open = (folder: string, env = "CartPole-v1", report?: (message: string) => void) =>
  openDemonstrationsDesk({
    log: dropFolder(folder),
    folder: diskFolder(folder),
    env,
    environmentOptions: {},
    report,
  });

/** An episode as a page plays it. */
async function played(
  env: string,
  seed: string,
  action: number | Float32Array,
  steps: number,
): Promise<Played> {
  const environment = await make(env);
  environment.reset({ seed });
  const actions: number[][] = [];
  let total = 0;
  for (let t = 0; t < steps; t++) {
    const { reward, terminated, truncated } = environment.step(action);
    actions.push(typeof action === "number" ? [action] : [...action]);
    total += reward;
    if (terminated || truncated) break;
  }
  return { nonce: `n-${seed}`, seed, actions, total };
}

describe("a demonstration", () => {
  it("is in the data set with its annotator, the steps of the person, and its weight", async () => {
    const folder = temporary();
    const desk = await open(folder);
    expect(await desk.post("ada", await played("CartPole-v1", "a", 1, 100))).toMatchObject({
      result: "kept",
    });
    const half = { ...(await played("CartPole-v1", "b", 0, 100)), steps: [2, 3] };
    await desk.post("bob", half);
    await desk.post("bob", { ...(await played("CartPole-v1", "c", 0, 4)), isBad: true });
    const { trajectories, env } = await readDemonstrations(folder);
    expect(env).toBe("CartPole-v1");
    expect(trajectories.map(({ expert }) => expert)).toEqual(["ada", "bob", "bob"]);
    expect(trajectories[0]).toMatchObject({ terminated: true, truncated: false });
    expect([...trajectories[1].steps!]).toEqual([2, 3]);
    expect(trajectories[2]).toMatchObject({ weight: 0, truncated: true });
    expect(trajectories[0].rewards.length).toBe(half.actions.length > 0 ? trajectories[0].actions.length : 0);
    expect([...desk.counts()]).toEqual([
      ["ada", 1],
      ["bob", 2],
    ]);
  });

  it("of a box of actions has the observations of the environment", async () => {
    const folder = temporary();
    const desk = await open(folder, "Pendulum-v1");
    expect(await desk.post("ada", await played("Pendulum-v1", "a", Float32Array.of(0.7), 250))).toMatchObject(
      { result: "kept" },
    );
    const { trajectories } = await readDemonstrations(folder);
    expect(trajectories[0].observations).toHaveLength(3 * 201);
    expect(trajectories[0].truncated).toBe(true);
  });

  it.each<[string, Partial<Played>, RegExp]>([
    ["no steps", { actions: [] }, /has no steps/],
    ["an action outside of the space", { actions: [[7]] }, /step 0: 7/],
    ["an action of two numbers", { actions: [[0, 1]] }, /step 0: an action has 1 numbers/],
    ["another return", { total: 3.5 }, /played again its return is/],
  ])("with %s is refused", async (_, wrong, reason) => {
    const desk = await open(temporary());
    const receipt = await desk.post("ada", { ...(await played("CartPole-v1", "a", 1, 100)), ...wrong });
    expect(receipt.result).toBe("refused");
    expect(receipt.reason).toMatch(reason);
  });

  it("that goes on after its end is refused", async () => {
    const desk = await open(temporary());
    const whole = await played("CartPole-v1", "a", 1, 100);
    const receipt = await desk.post("ada", { ...whole, actions: [...whole.actions, [1]] });
    expect(receipt.reason).toMatch(/the episode ended before step/);
  });

  it("that is sent twice is kept once, also by the next server", async () => {
    const folder = temporary();
    const episode = await played("CartPole-v1", "a", 1, 100);
    const first = await open(folder);
    await first.post("ada", episode);
    expect(await first.post("ada", episode)).toMatchObject({ result: "again" });
    const second = await open(folder);
    expect(await second.post("ada", episode)).toMatchObject({ result: "again" });
    expect((await readDemonstrations(folder)).trajectories).toHaveLength(1);
  });

  it("that a kill left in the log alone comes into the data set when the next server opens it", async () => {
    const folder = temporary();
    const desk = await open(folder);
    await desk.post("ada", await played("CartPole-v1", "a", 1, 100));
    const line = { ...(await played("CartPole-v1", "b", 0, 100)), annotator: "ada" };
    const log = join(folder, "played.jsonl");
    writeFileSync(log, `${readFileSync(log, "utf8")}${JSON.stringify(line)}\n{"nonce":"torn","se`);
    const said: string[] = [];
    await open(folder, "CartPole-v1", (message) => said.push(message));
    expect((await readDemonstrations(folder)).trajectories).toHaveLength(2);
    expect(said).toEqual([expect.stringMatching(/the last line of .*played\.jsonl has no end/)]);
  });

  it.each([
    ["not JSON", "{garbage", /played\.jsonl, line 2 is not valid JSON/],
    [
      "no episode",
      '{"nonce":"a","annotator":"ada","seed":"s"}',
      /played\.jsonl, line 2 is no episode: actions/,
    ],
  ])("in a log with a line that is %s: the line is named", async (_, line, message) => {
    const folder = temporary();
    const whole = { ...(await played("CartPole-v1", "b", 0, 100)), annotator: "ada" };
    writeFileSync(join(folder, "played.jsonl"), `${JSON.stringify(whole)}\n${line}\n`);
    await expect(open(folder)).rejects.toThrow(message);
  });
});
