/** @file Learnt rewards as files. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type InverseAlgorithm,
  type LearnedReward,
  loadReward,
  maxCausalEntIrl,
  saveReward,
  valueIteration,
} from "../../../../algorithms/index.js";
import { featureMap } from "../../../../algorithms/irl/shared/features.js";
import { dense } from "../../../../algorithms/irl/shared/sparse-rows.js";
import {
  collect,
  type Demonstrations,
  loadArtefact,
  saveArtefact,
  savePolicy,
  train,
} from "../../../../index.js";
import { problemOf } from "../../../../src/env/problem.js";
import { tabularEnvironment } from "../../../../src/env/tabular-environment.js";
import { FormatError, UsageError } from "../../../../src/errors.js";
import type { State } from "../../../../src/learning/contract.js";
import { tabularModel } from "../../../../src/mdp/index.js";
import { TabularPolicy } from "../../../../src/policies/index.js";

const env = "FourRooms-v0";
const folder = mkdtempSync(join(tmpdir(), "reward-"));
afterAll(() => rmSync(folder, { recursive: true }));

let demonstrations: Demonstrations;
beforeAll(async () => {
  const expert = await train(valueIteration(), { env });
  demonstrations = await collect(expert, { env, episodes: 5, seed: 0, deterministic: true });
});

async function learnt(options: object = {}): Promise<LearnedReward> {
  const algorithm = maxCausalEntIrl({ demonstrations, iterations: 3, ...options }) as InverseAlgorithm<State>;
  return (await train.run(algorithm, { env })).reward!;
}

/** One state, in which an action pays and the other does not. */
const oneState = tabularModel({
  states: 1,
  actions: 2,
  discount: 0.9,
  initial: 0,
  transitions: (_, a) => [{ next: 0, probability: 1, reward: a }],
});

/** Transitions between the first states. */
const transitions = () => ({
  observations: Float32Array.of(0, 1, 2, 3),
  actions: Int32Array.of(0, 1, 2, 3),
  nextObservations: Float32Array.of(1, 2, 3, 4),
  terminated: new Uint8Array(4),
});

describe("the file of a learnt reward", () => {
  it.each([
    ["of states", {}],
    ["of states and actions", { rewardOf: "state-action" }],
    ["of a network", { hidden: [8] }],
    ["of rows of features", { features: Array.from({ length: 104 }, (_, s) => [s % 3, s / 104]) }],
    ["of functions of the observation's numbers", { features: { kind: "quadratic", units: [52] } }],
  ])("gives the same rewards, %s", async (_, options) => {
    const reward = await learnt(options);
    const loaded = loadReward(saveReward(reward));
    expect(Array.from(await loaded.rewards(transitions()))).toEqual(
      Array.from(await reward.rewards(transitions())),
    );
    expect(loaded).toMatchObject({ parameters: reward.parameters, table: reward.table, grid: reward.grid });
    expect(saveReward(loaded)).toEqual(saveReward(reward));
  });

  it("reads the numbers in their units, and needs a unit for each", async () => {
    const { width, rows } = featureMap("x", await problemOf("CartPole-v1"), {
      features: { kind: "quadratic", units: [1, 2, 4, 8] },
      rewardOf: "next-state",
    });
    const nextObservations = Float32Array.of(-1, 4, -4, 0);
    const [row] = [
      dense(rows({ observations: nextObservations, actions: new Int32Array(1), nextObservations })),
    ];
    expect(width).toBe(9);
    expect(Array.from(row)).toEqual([1, -1, 2, -1, 0, 1, 4, 1, 0]);
    await expect(learnt({ features: { kind: "linear", units: [1, 2] } })).rejects.toThrow(
      "features.units has 2 numbers, and an observation has 1",
    );
  });

  it("is refused for features that are a function, and for another file", async () => {
    const reward = await learnt({ features: ([state]: Float32Array) => [state] });
    expect(() => saveReward(reward)).toThrow(UsageError);
    const policy = await train(valueIteration(), { env });
    expect(() => loadReward(savePolicy(policy))).toThrow(FormatError);
    expect(() =>
      loadReward(saveArtefact({ toData: () => ({ kind: "x", settings: {}, arrays: {} }) })),
    ).toThrow('not a reward file: it holds an artefact of kind "x"');
    const good = loadArtefact(saveReward(await learnt()));
    for (const changed of [{ kind: "x" }, { settings: {} }, { arrays: {} }]) {
      expect(() => loadReward(saveArtefact({ toData: () => ({ ...good, ...changed }) }))).toThrow(
        FormatError,
      );
    }
  });

  it("keeps rows of features of a single state", async () => {
    const env = () => tabularEnvironment("One", oneState, { maxEpisodeSteps: 3 });
    const shown = await collect(new TabularPolicy(1, Float64Array.of(0.5, 0.5)), {
      env,
      episodes: 2,
      seed: 0,
    });
    const algorithm = maxCausalEntIrl({ demonstrations: shown, iterations: 1, features: [[2, 3]], l2: 1 });
    const reward = (await train.run(algorithm as InverseAlgorithm<State>, { env })).reward!;
    expect(saveReward(loadReward(saveReward(reward)))).toEqual(saveReward(reward));
  });

  it("is in the run folder of an inverse method, whose report draws it and tells whether it converged", async () => {
    const run = join(folder, "run");
    const { outcome, metrics } = await train.run("maxCausalEntIrl", {
      env,
      folder: run,
      options: { demonstrations, iterations: 3 },
    });
    expect(outcome).toMatch(/^not converged after 3 rounds: the norm of the gradient is [\d.]+, above the/);
    expect(metrics.at(-1)!.converged).toBe(0);
    expect(loadReward(readFileSync(join(run, "reward.safetensors"))).table).toHaveLength(104);
    const report = readFileSync(join(run, "report.html"), "utf8");
    expect(report).toContain("The learnt reward");
    expect(report).toContain("Not converged after 3 rounds");
  });
});

describe("the outcome of an inverse method", () => {
  it("is that it converged where the gradient is within the tolerance", async () => {
    const algorithm = maxCausalEntIrl({ demonstrations, l2: 1, tolerance: 0.1 }) as InverseAlgorithm<State>;
    const { outcome, metrics, steps } = await train.run(algorithm, { env });
    expect(outcome).toMatch(new RegExp(`^converged in ${steps} rounds: .*, within the tolerance 0.1$`));
    expect(metrics.at(-1)).toMatchObject({ converged: 1 });
    expect(metrics.at(-1)!.gradientNorm).toBeLessThanOrEqual(0.1);
  });
});
