/** @file Pictures of questions: replayed from snapshots, and numbers where that is not possible. */

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { make } from "../../src/env/registry.js";
import type { KindName, LabelRequest } from "../../src/people/index.js";
import type { FiledQuestion } from "../../src/teaching/desk.js";
import { createPainter } from "../../src/teaching/pictures.js";
import { actions, askIn, comparisons } from "./room-parts.js";

/** The questions of a request as they are in their file. */
async function filed<K extends KindName>(request: LabelRequest<K>): Promise<Map<number, FiledQuestion>> {
  const folder = mkdtempSync(join(tmpdir(), "understudy-pictures-"));
  await askIn(folder, request);
  const { queries } = JSON.parse(readFileSync(join(folder, "queries-000001.json"), "utf8")) as {
    queries: { id: number }[];
  };
  return new Map(queries.map(({ id, ...record }) => [id, { id, batch: 1, record }]));
}

describe("a comparison", () => {
  it("is replayed: a picture a state, of both sides, and lines are sent once", async () => {
    const questions = await filed(await comparisons(1, 8));
    const painter = createPainter(await make("CartPole-v1"), questions);
    const { film, record, notDrawn } = painter.draw(questions.get(1)!, "comparison");
    expect(notDrawn).toBeUndefined();
    expect(film!.parts.left).toHaveLength(9);
    expect(film!.parts.right).toHaveLength(9);
    expect(new Set(film!.lines).size).toBe(film!.lines.length);
    const [first] = film!.parts.left;
    expect(film!.lines[first[0]]).toMatch(/^<svg/);
    expect(record).not.toHaveProperty("snapshots");
    const environment = await make("CartPole-v1");
    environment.reset({ seed: "l1" });
    expect(first.map((line) => film!.lines[line]).join("\n")).toBe(environment.renderSvg!());
  });

  it("that goes elsewhere when it is played again is shown by its numbers", async () => {
    const questions = await filed(await comparisons(1, 8));
    const { left } = questions.get(1)!.record as { left: { observations: number[][] } };
    left.observations[4][0] += 0.01;
    const painter = createPainter(await make("CartPole-v1"), questions);
    const { film, notDrawn, record } = painter.draw(questions.get(1)!, "comparison");
    expect(film).toBeUndefined();
    expect(notDrawn).toBe("the environment goes elsewhere in step 3 when the segment is played again");
    expect(record).toHaveProperty("left");
  });

  it.each<[string, object, string]>([
    ["cannot be set to a state", { setState: undefined }, "the environment cannot be set to a state"],
    ["draws nothing", { renderSvg: undefined, render: undefined }, "the environment draws no pictures"],
  ])("in an environment that %s is shown by its numbers", async (_, lacking, reason) => {
    const questions = await filed(await comparisons(1, 3));
    const environment = Object.assign(Object.create(await make("CartPole-v1")), lacking);
    expect(createPainter(environment, questions).draw(questions.get(1)!, "comparison").notDrawn).toBe(reason);
    expect(createPainter(undefined, questions).draw(questions.get(1)!, "comparison").notDrawn).toBeDefined();
  });

  it("that was asked without the page has no snapshots", async () => {
    const questions = await filed(await comparisons(1, 3));
    delete (questions.get(1)!.record as { snapshots?: object }).snapshots;
    const { notDrawn } = createPainter(await make("CartPole-v1"), questions).draw(
      questions.get(1)!,
      "comparison",
    );
    expect(notDrawn).toMatch(/asked without the page/);
  });
});

describe("a state", () => {
  it("comes with its picture, those before it, and what the learner would do", async () => {
    const questions = await filed(await actions(6));
    const painter = createPainter(await make("FrozenLake-v1"), questions);
    const { film, trace, proposed } = painter.draw(questions.get(6)!, "action");
    expect(film!.parts.state).toHaveLength(1);
    expect(trace).toHaveLength(4);
    expect(proposed).toBe(0);
    expect(painter.draw(questions.get(1)!, "action").trace).toBeUndefined();
  });
});
