/** @file The query mixer: what it asks within its time, what it learns, runs that go on, and bad input. */

import { beforeAll, describe, expect, it } from "vitest";
import { type QueryMixerOptions, queryMixer } from "../../../algorithms/active/query-mixer.js";
import { valueIteration } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { problemOf } from "../../../src/env/problem.js";
import { UsageError } from "../../../src/errors.js";
import type { Policy } from "../../../src/policies/contract.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { restore, snapshot } from "../../../src/state/snapshot.js";

const ENV = "Gridworld-v0";
const environmentOptions = { layout: ["S..", ".#.", "..G"], slip: 0.1 };
let expert: Policy;
let best: number;

beforeAll(async () => {
  const run = await train.run(valueIteration(), { env: ENV, environmentOptions });
  run.close();
  expert = run.artefact;
  best = run.metrics.at(-1)!.value;
});

async function runOf(options: QueryMixerOptions = {}, seed = 0) {
  const learner = queryMixer({ expert, budget: 40, members: 6, ...options });
  const run = await train.run(learner, { env: ENV, environmentOptions, seed });
  run.close();
  return run;
}

describe("the query mixer", () => {
  it("learns the expert's policy, and stays within the person's time", async () => {
    const { metrics, artefact } = await runOf();
    const last = metrics.at(-1)!;
    expect(last.value).toBeGreaterThan(best - 0.02);
    expect(last.seconds).toBeLessThanOrEqual(40);
    expect(last.seconds).toBeGreaterThan(38);
    const { demonstrations, corrections, comparisons, labels } = last;
    expect(10 * demonstrations + 6 * corrections + 4 * comparisons + 2 * labels).toBe(last.seconds);
    expect(demonstrations + corrections + comparisons + labels).toBe(last.steps);
    expect(artefact.toData().kind).toBe("tabular");
  });

  it.each([
    "demonstration",
    "correction",
    "comparison",
    "label",
  ] as const)("may ask for one kind alone: %s", async (kind) => {
    const { metrics, state } = await runOf({ kinds: [kind], budget: 20 });
    const last = metrics.at(-1)!;
    expect(last[`${kind}s`]).toBe(last.steps);
    const { pairs, comparisons } = state.answers;
    expect(comparisons.length).toBe(kind === "comparison" ? last.steps : 0);
    expect(pairs.states.length > 0).toBe(kind !== "comparison");
    if (kind === "label") expect(pairs.states).toHaveLength(10);
  });

  it("asks in turns if it shall, and what costs less more often", async () => {
    const { metrics } = await runOf({ choice: "turns", kinds: ["demonstration", "label"], budget: 24 });
    const { demonstrations, labels } = metrics.at(-1)!;
    expect([demonstrations, labels]).toEqual([2, 2]);
    const dear = await runOf({ labelSeconds: 30, comparisonSeconds: 30, correctionSeconds: 30 });
    expect(dear.metrics.at(-1)!.demonstrations).toBe(4);
  });

  it("learns from a person who errs, and other answers with another seed", async () => {
    const { state, metrics } = await runOf({ mistake: 0.2, kinds: ["label"], budget: 60 });
    expect(metrics.at(-1)!.value).toBeGreaterThan(-1);
    const other = await runOf({ mistake: 0.2, kinds: ["label"], budget: 60 }, 1);
    expect(other.state.answers).not.toEqual(state.answers);
  });

  it("goes on bit for bit from a snapshot after every question", async () => {
    const learner = queryMixer({ expert, budget: 30, members: 4, mistake: 0.1 });
    const problem = await problemOf(ENV, environmentOptions);
    const one = await learner.init(problem, createRng(3));
    const snapshots = [snapshot(one)];
    while (!learner.done!(one)) {
      await learner.update(one);
      snapshots.push(snapshot(one));
    }
    expect(snapshots.length).toBeGreaterThan(4);
    for (const from of [0, 1, snapshots.length - 2]) {
      const again = await learner.init(problem, createRng(3));
      restore(again, structuredClone(snapshots[from]));
      for (let step = from; step + 1 < snapshots.length; step++) {
        await learner.update(again);
        expect(snapshot(again)).toEqual(snapshots[step + 1]);
      }
    }
  });
});

describe("bad input", () => {
  it("is refused", async () => {
    expect(() => queryMixer({})).toThrow("give an expert");
    expect(() => queryMixer({ expert, budget: 1 })).toThrow("the shortest question takes 2 s: raise budget");
    expect(() => queryMixer({ expert, kinds: [] })).toThrow(UsageError);
    expect(() => queryMixer({ expert, kinds: ["nothing" as "label"] })).toThrow(UsageError);
    await expect(train(queryMixer({ expert }), { env: "CartPole-v1" })).rejects.toThrow(
      "queryMixer needs an exact model, which CartPole-v1 does not have",
    );
    await expect(train(queryMixer({ expert }), { env: "FrozenLake-v1" })).rejects.toThrow(UsageError);
  });
});
