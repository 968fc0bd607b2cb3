/** @file `compare-segments` and `preferences`: collecting comparisons at the command line, what is in a folder, and errors. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { UniformPolicy } from "../../../src/policies/index.js";
import { savePolicy } from "../../../src/policies/save.js";
import { box, discrete } from "../../../src/spaces/index.js";
import type { Asked } from "../../../src/teaching/wire.js";
import { guestOf, linkOf } from "../page-guest.js";
import { outcome, start, temporaryFolder, understudy } from "../run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));
const eventsIn = (name: string) =>
  readFileSync(join(folder, name, "comparisons.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; annotator?: string; choice?: string });

beforeAll(() => {
  const limits = [4.8, Number.POSITIVE_INFINITY, 0.42, Number.POSITIVE_INFINITY];
  const space = box(
    [4],
    limits.map((x) => -x),
    limits,
  );
  writeFileSync(join(folder, "uniform.safetensors"), savePolicy(new UniformPolicy(space, discrete(2))));
});

describe("compare-segments", () => {
  it("asks an annotator by its short name, and another about the same questions", async () => {
    const pairs = "--env CartPole-v1 --pairs 12 --segment-length 30 --repeats 0.25";
    const first = await run(
      `compare-segments cartpole --policy uniform.safetensors ${pairs} --annotator oracle`,
    );
    expect(first.stderr).toBe("");
    expect(first.stdout).toMatch(/^15 answers of oracle, 0 questions open\n/);
    const second = await run("compare-segments cartpole --annotator random --annotator.seed 4");
    expect(second.stdout).toMatch(/^15 answers of random, 0 questions open\n/);
    const events = eventsIn("cartpole");
    expect(events.filter(({ event }) => event === "question")).toHaveLength(15);
    expect(new Set(events.flatMap(({ annotator = [] }) => annotator))).toEqual(new Set(["oracle", "random"]));
  });

  it("asks a person at a page, and the same command asks what is left", async () => {
    const pairs = "--policy uniform.safetensors --env CartPole-v1 --pairs 3 --segment-length 10";
    const words = "compare-segments shown --labeller web --person ben";
    const answer = async (child: ReturnType<typeof start>, least: number) => {
      const ask = await guestOf(await linkOf(child));
      const given = new Set<number>();
      while (child.exitCode === null && given.size < least) {
        const asked = (await ask(`/api/questions?count=1&have=${[...given]}`).catch(() => [])) as Asked[];
        for (const { id } of asked) {
          given.add(id);
          await ask("/api/answers", {
            answers: [{ id, nonce: `n${id}`, reply: { choice: "right" }, seconds: 1 }],
          });
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const first = start(folder, `${words} ${pairs}`.split(" "));
    const stopped = outcome(first);
    await answer(first, 1);
    await vi.waitUntil(() => eventsIn("shown").some(({ event }) => event === "answer"), 20_000);
    first.kill("SIGINT");
    expect((await stopped).stdout).toMatch(/^stopped; the same command without --policy goes on/);
    const counted = JSON.parse((await run("preferences shown --json")).stdout);
    expect(counted).toMatchObject({ questions: 3, unanswered: 2, right: 1 });

    const second = start(folder, words.split(" "));
    const ended = outcome(second);
    await answer(second, 2);
    expect((await ended).stdout).toMatch(/^2 answers of ben, 0 questions open\n/);
    const answers = eventsIn("shown").filter(({ event }) => event === "answer");
    expect(answers.map(({ annotator, choice }) => [annotator, choice])).toEqual([
      ["ben", "right"],
      ["ben", "right"],
      ["ben", "right"],
    ]);
  }, 60_000);

  it("takes the annotator from a file of options too", async () => {
    writeFileSync(join(folder, "options.json"), JSON.stringify({ annotator: "myopic" }));
    const { stdout } = await run("compare-segments cartpole --config options.json");
    expect(stdout).toMatch(/^15 answers of myopic/);
  });

  it.each([
    [
      "compare-segments cartpole --annotator nobody",
      /annotator\.kind" is "nobody": it must be one of "oracle", "mistaken"/,
    ],
    ["compare-segments cartpole --annotator.mistake 2", /"annotator\.mistake" is 2/],
    [
      "compare-segments empty",
      /empty has no preferences yet: name the policy to compare segments of with --policy/,
    ],
    ["compare-segments new --policy missing --env CartPole-v1", /missing/],
    [
      "compare-segments cartpole --policy uniform.safetensors --env MountainCar-v0",
      /cartpole has preferences whose env is "CartPole-v1", not "MountainCar-v0"|observations/,
    ],
  ])("%s is refused", async (words, message) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(existsSync(join(folder, "new"))).toBe(false);
  });
});

describe("preferences", () => {
  it("counts answers, and says how consistent and able each annotator is", async () => {
    const { segments, questions, sameStart, answers, annotators } = JSON.parse(
      (await run("preferences cartpole --json")).stdout,
    );
    expect({ segments, questions, sameStart, answers }).toEqual({
      ...{ segments: 24, questions: 15, sameStart: 15, answers: 45 },
    });
    const of = (name: string) =>
      annotators.find(({ annotator }: { annotator: string }) => annotator === name);
    expect(of("oracle")).toMatchObject({ answers: 15, consistency: 1 });
    expect(of("oracle").ability).toBeGreaterThan(of("random").ability);
  });

  it("writes and reads lines of prompt, chosen and rejected", async () => {
    const written = await run("preferences cartpole --export pairs.jsonl");
    expect([written.code, written.stderr]).toEqual([
      0,
      expect.stringMatching(/^pairs\.jsonl has \d+ pairs$/m),
    ]);
    const again = await run("preferences again --from pairs.jsonl --env CartPole-v1 --json");
    const { answers, left, right, annotators } = JSON.parse(again.stdout);
    expect(answers).toBe(left + right);
    // The lines do not say on which side a segment was shown, so nobody chose "left" all the time.
    expect(again.stderr).toBe("");
    expect(annotators.map((one: { left: unknown }) => one.left)).toEqual(annotators.map(() => null));
    expect(answers).toBe(readFileSync(join(folder, "pairs.jsonl"), "utf8").trim().split("\n").length);
  });

  it.each([
    ["preferences nothing", 2, /no preferences in nothing: it has no preferences\.json/],
    ["preferences other --from pairs.jsonl", 2, /--from needs --env/],
  ])("%s is refused", async (words, expected, message) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
  });
});
