/** @file `understudy-rl watch`: files, the served page, and what is refused. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { outcome, start, temporaryFolder } from "../run-cli.js";

const folder = temporaryFolder();
const watch = (...words: string[]) => start(folder, ["watch", ...words]);

describe("understudy-rl watch", () => {
  it("writes a replay", async () => {
    const words = ["expert:CartPole-v1", "--out", "a.html", "--max-episode-steps", "7", "--episodes", "2"];
    expect(await outcome(watch(...words))).toMatchObject({
      code: 0,
      stdout: "a.html  2 episodes, return 7, 7\n",
    });
    const html = readFileSync(join(folder, "a.html"), "utf8");
    expect(html).toContain("<title>expert:CartPole-v1 in CartPole-v1</title>");
    expect(html).toContain("episode 2 · step 7 · action");
  });

  it("serves a page that leads from episode to episode", async () => {
    const child = watch("expert:CartPole-v1", "--max-episode-steps", "3");
    const ended = outcome(child);
    const url = await new Promise<string>((resolve) => {
      child.stdout.on("data", (text: string) => resolve(/^http:\S+/.exec(text)![0]));
    });
    const pages = await Promise.all([url, `${url}episode/1`].map(async (at) => (await fetch(at)).text()));
    child.kill();
    await ended;
    expect(pages[0]).toContain("CartPole-v1, episode 1</title>");
    expect(pages[0]).toContain('"next":"/episode/1"');
    expect(pages[1]).toContain('"next":"/episode/2"');
    expect(pages[1].slice(-400)).not.toBe(pages[0].slice(-400));
  });

  it("refuses files of other kinds", async () => {
    expect(await outcome(watch("expert:CartPole-v1", "--out", "a.avi"))).toMatchObject({
      code: 2,
      stderr: "understudy-rl: watch: the file a.avi must end with .html, .gif or .mp4\n",
    });
  });
});
