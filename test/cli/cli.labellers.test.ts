/**
 * @file Labelling through files on the command line: answers dropped into a folder, a stop with open queries, a resume.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { outcome, start, temporaryFolder, understudy } from "./run-cli.js";

const folder = temporaryFolder();
const words =
  "train dagger --env FrozenLake-v1 --rounds 2 --round-steps 4 --hidden [] --epochs 1 --evaluate.every 4";

const labels = (run: string) => join(folder, run, "labels");
const namesIn = (path: string) => (existsSync(path) ? readdirSync(path) : []);

/** Answers all that lies in the folder and has no answer yet. */
function answer(path: string): void {
  for (const name of namesIn(path).filter((n) => /^queries-\d+\.json$/.test(n))) {
    const file = join(path, name.replace("queries", "answers"));
    if (existsSync(file)) continue;
    const { queries } = JSON.parse(readFileSync(join(path, name), "utf8")) as { queries: { id: number }[] };
    writeFileSync(file, JSON.stringify(queries.map(({ id }) => ({ id, action: 1 }))));
  }
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function answeredRun(run: string, more: string[] = []) {
  const child = start(folder, [...words.split(" "), "--labeller", "files", "--out", run, ...more]);
  const answering = setInterval(() => answer(labels(run)), 50);
  const ended = await outcome(child);
  clearInterval(answering);
  return ended;
}

const rows = (run: string) =>
  readFileSync(join(folder, run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), seconds: undefined }));

describe("train dagger --labeller files", () => {
  it("stops with open queries, and resumes with the answers given in the meantime", async () => {
    expect((await answeredRun("whole")).code).toBe(0);

    const child = start(folder, [...words.split(" "), "--labeller", "files", "--out", "stopped"]);
    const ended = outcome(child);
    await until(() => namesIn(labels("stopped")).includes("queries-000001.json"));
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.stderr).toMatch(/resume with: npx understudy-rl train dagger --resume --out stopped/);
    expect(stopped.code).toBe(130);

    answer(labels("stopped"));
    const resumed = start(folder, ["train", "dagger", "--resume", "--out", "stopped"]);
    const answering = setInterval(() => answer(labels("stopped")), 50);
    expect((await outcome(resumed)).code).toBe(0);
    clearInterval(answering);
    expect(rows("stopped")).toEqual(rows("whole"));
    expect(rows("stopped").at(-1)).toMatchObject({ expertQueries: 8, answered: 8, outstanding: 0 });
    const policy = (run: string) => readFileSync(join(folder, run, "policy.safetensors"));
    expect(policy("stopped")).toEqual(policy("whole"));
  }, 180_000);

  it("shows the state of the environment", () => {
    const { queries } = JSON.parse(readFileSync(join(labels("whole"), "queries-000001.json"), "utf8"));
    expect(queries[0].text).toBe("@FFF\nFHFH\nFFFH\nHFFG");
  });
});

describe("train dagger", () => {
  it.each([
    ["", /train dagger needs --expert, or --labeller console, files or web/],
    ["--labeller console", /the console labeller needs a terminal/],
    ["--labeller consle", /option "labeller" is "consle"/],
  ])("%s is refused, and creates no folder", async (more, message) => {
    const { code, stderr } = await understudy(folder, [
      ...words.split(" "),
      ...more.split(" ").filter(Boolean),
      "--out",
      "none",
    ]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});

describe("train dagger without labels", () => {
  it("clones demonstrations from a data set, and needs labels in an environment before it writes anything", async () => {
    const demos =
      "collect expert:CartPole-v1 --env CartPole-v1 --episodes 1 --max-episode-steps 20 --out demos";
    expect((await understudy(folder, demos.split(" "))).code).toBe(0);
    const cloning = "train dagger --demos demos --epochs 1 --hidden []".split(" ");
    expect(await understudy(folder, [...cloning, "--env", "data", "--out", "cloned"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("dagger on data:CartPole-v1: 20 environment steps"),
    });
    expect(existsSync(join(folder, "cloned/policy.safetensors"))).toBe(true);
    expect(await understudy(folder, [...cloning, "--out", "refused"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/needs --expert, or --labeller .* --demos with --env data gives/),
    });
    expect(existsSync(join(folder, "refused"))).toBe(false);
    // What a resumed run lacks is in its record, so a folder without one is the mistake.
    expect(await understudy(folder, "train dagger --resume --out nosuch".split(" "))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there is no run to resume: nosuch does not exist"),
    });
  });
});
