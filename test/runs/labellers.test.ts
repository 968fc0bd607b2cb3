/** @file The labellers that a config can name: where their questions go, and what is refused. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import "../../envs/index.js";
import type { LabelRequest } from "../../src/people/index.js";
import { labellerFor, requireTerminal } from "../../src/runs/labellers.js";
import { discrete } from "../../src/spaces/index.js";

const request: LabelRequest = {
  kind: "action",
  env: "FrozenLake-v1",
  observationSpace: discrete(16),
  actionSpace: discrete(4),
  asked: 1,
  queries: [{ id: 1, batch: 1, observation: Float32Array.of(0), round: 0, environment: 0 }],
};

const folder = mkdtempSync(join(tmpdir(), "understudy-labellers-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("labellerFor", () => {
  it("refuses a labeller without a folder for questions and answers", async () => {
    const where = { env: "FrozenLake-v1", environmentOptions: {} };
    await expect(labellerFor({ labeller: "files" }, where)).rejects.toThrow(
      'labeller "files" needs a folder for its queries and answers',
    );
  });

  it("writes the questions of the file labeller into `labels` of the run's folder, unless another is named", async () => {
    const out = join(folder, "run");
    const where = { env: "FrozenLake-v1", environmentOptions: {}, out };
    const { labeller } = await labellerFor({ labeller: "files" }, where);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    for await (const _ of labeller.label(request, stop.signal)) expect.unreachable("nobody answers");
    expect(readdirSync(join(out, "labels"))).toContain("queries-000001.json");
  });

  it.each([
    "files",
    "web",
  ] as const)("names the people of %s, of whom a learner may choose one", async (kind) => {
    const where = { env: "", environmentOptions: {}, out: join(folder, kind), asks: "label" as const };
    const annotators = ["ann", "ben"];
    expect((await labellerFor({ labeller: kind, annotators }, where)).labeller).toMatchObject({ annotators });
    expect((await labellerFor({ labeller: kind }, where)).labeller.annotators).toBeUndefined();
  });

  it("refuses the console when standard input is no terminal", () => {
    if (process.stdin.isTTY) return;
    expect(() => requireTerminal({ labeller: { labeller: "console" } })).toThrow(/terminal/);
    expect(() => requireTerminal({ labeller: { labeller: "files" } })).not.toThrow();
  });
});
