/** @file Tests of synthetic annotators: probabilities of choices, and each way of erring. */

import { describe, expect, it } from "vitest";
import { type AnnotatorOptions, annotator, annotatorSchema } from "../../src/people/annotator.js";
import type { Segment } from "../../src/people/index.js";
import { discrete } from "../../src/spaces/index.js";

const segment = (...rewards: number[]): Segment => ({
  observations: new Float32Array(rewards.length + 1),
  actions: new Int32Array(rewards.length),
  rewards: Float64Array.from(rewards),
});

function requestOf(queries: { id: number; batch: number; left: Segment; right: Segment }[]) {
  const spaces = { observationSpace: discrete(2), actionSpace: discrete(2) };
  return { kind: "comparison" as const, env: "Two-v0", ...spaces, asked: queries.length, queries };
}

/** The choices of an annotator in `count` questions about the same two segments. */
async function choices(options: AnnotatorOptions, left: Segment, right: Segment, count = 1, from = 1) {
  const queries = Array.from({ length: count }, (_, k) => ({ id: from + k, batch: 1, left, right }));
  const found: string[] = [];
  for await (const batch of annotator(options).label(requestOf(queries), new AbortController().signal)) {
    for (const answer of batch) found.push("choice" in answer ? answer.choice : Object.keys(answer)[1]);
  }
  return found;
}

const share = (found: readonly string[], choice: string) =>
  found.filter((each) => each === choice).length / found.length;

describe("the kind of an annotator", () => {
  it("says which errors it makes, and its name, where these are not given", () => {
    const of = (options: AnnotatorOptions) => annotatorSchema.parse(options);
    expect(of({})).toMatchObject({ name: "oracle", mistake: 0, myopia: 1 });
    expect(of({ kind: "oracle" })).toEqual({ ...of({}), kind: "oracle" });
    expect(of({ kind: "mistaken" })).toMatchObject({ name: "mistaken", mistake: 0.1, myopia: 1 });
    expect(of({ kind: "myopic", name: "ann", mistake: 0.2 })).toMatchObject({
      ...{ name: "ann", mistake: 0.2, myopia: 0.9 },
    });
    expect(of(of({ kind: "random" }))).toEqual(of({ kind: "random" }));
  });

  it("is one of those that there are", () => {
    expect(() => annotator({ kind: "nobody" as "oracle" })).toThrow(
      /option "kind" is "nobody": it must be one of "oracle", "mistaken", "myopic", "random"/,
    );
  });

  it("errs as often as it says", async () => {
    const [better, worse] = [segment(2), segment(0)];
    expect(share(await choices({ kind: "mistaken" }, better, worse, 400), "left")).toBeCloseTo(0.9, 1);
    expect(share(await choices({ kind: "random" }, better, worse, 400), "left")).toBeCloseTo(0.5, 1);
    expect(await choices({ kind: "myopic" }, segment(2.1, 0), segment(0, 2))).toEqual(["right"]);
  });
});

describe("an annotator", () => {
  it("chooses the larger return at temperature 0, and calls equal returns equal", async () => {
    expect(await choices({}, segment(1, 2), segment(2, 0))).toEqual(["left"]);
    expect(await choices({}, segment(0, 1), segment(2, 0))).toEqual(["right"]);
    expect(await choices({}, segment(1, 1), segment(2, 0))).toEqual(["equal"]);
  });

  it.each([
    [1, 5, 0.9933],
    [10, 5, 0.6225],
    [2, -1, 0.3775],
  ])("at temperature %d and a difference of %d chooses left with probability %d", async (temperature, difference, p) => {
    const found = await choices({ temperature }, segment(difference), segment(0), 5_000);
    expect(Math.abs(share(found, "left") - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 5_000) + 1e-9);
  });

  it("makes mistakes, is biased and is indifferent at the given rates", async () => {
    expect(share(await choices({ mistake: 0.1 }, segment(1), segment(0), 5_000), "right")).toBeCloseTo(
      0.1,
      1,
    );
    expect(share(await choices({ bias: 0.25 }, segment(0), segment(1), 5_000), "left")).toBeCloseTo(0.25, 1);
    expect(await choices({ mistake: 1 }, segment(1), segment(0))).toEqual(["right"]);
    expect(await choices({ equal: 1 }, segment(1), segment(0))).toEqual(["equal"]);
    expect(await choices({ equal: 0.9 }, segment(1), segment(0))).toEqual(["left"]);
  });

  it("skips where both returns are below the limit", async () => {
    expect(await choices({ skip: 2 }, segment(1), segment(0))).toEqual(["skipped"]);
    expect(await choices({ skip: 1 }, segment(1), segment(0))).toEqual(["left"]);
  });

  it("with myopia counts the end of a segment more", async () => {
    // 3 γ against 2 at the last step: 1.5 < 2 for γ = 0.5.
    expect(await choices({ myopia: 0.5 }, segment(3, 0), segment(0, 2))).toEqual(["right"]);
    expect(await choices({}, segment(3, 0), segment(0, 2))).toEqual(["left"]);
  });

  it("answers a question alike whenever it is asked, and differently under another name", async () => {
    const options = { temperature: 5 };
    const all = await choices(options, segment(1), segment(0), 40);
    expect(await choices(options, segment(1), segment(0), 20, 21)).toEqual(all.slice(20));
    expect(await choices({ ...options, name: "other" }, segment(1), segment(0), 40)).not.toEqual(all);
  });

  it("takes its time for each answer, and ends at once when nobody waits any more", async () => {
    const queries = [1, 2, 3].map((id) => ({ id, batch: 1, left: segment(id), right: segment(2) }));
    const stop = new AbortController();
    const came: unknown[] = [];
    const began = performance.now();
    for await (const answers of annotator({ delay: 0.02 }).label(requestOf(queries), stop.signal)) {
      came.push(...answers);
      if (came.length === 2) stop.abort();
    }
    expect(performance.now() - began).toBeGreaterThan(38);
    expect(came).toEqual([
      { id: 1, choice: "right", annotator: "oracle", seconds: 0.02 },
      { id: 2, choice: "equal", annotator: "oracle", seconds: 0.02 },
    ]);
  });

  it("refuses segments without rewards and options that do not exist", async () => {
    const { rewards: _, ...unrewarded } = segment(1);
    await expect(choices({}, unrewarded, segment(0))).rejects.toThrow(
      /annotator "oracle": a segment has no rewards/,
    );
    expect(() => annotator({ temprature: 1 } as AnnotatorOptions)).toThrow(/unknown option "temprature"/);
  });
});
