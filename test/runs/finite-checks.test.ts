/**
 * @file A NaN or an infinity ends a run with a message that names the quantity, the step and the cause, and never
 * enters a checkpoint.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bc, dqn, ppo, sac } from "../../algorithms/index.js";
import "../../envs/index.js";
import type { Environment } from "../../src/env/contracts.js";
import { makeVector } from "../../src/env/vector.js";
import type { Algorithm } from "../../src/learning/contract.js";
import { collect } from "../../src/measure/collect.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { latestCheckpoint } from "../../src/runs/checkpoints.js";
import { likelyCause, unsoundMetric, unsoundState } from "../../src/runs/finite-checks.js";
import { type TrainOptions, train } from "../../src/runs/train.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import { chainEnvironment, randomSearch, type SearchState } from "../support/chain.js";

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sound-"));
  folder = join(parent, "run");
});
afterEach(() => rmSync(parent, { recursive: true }));

/** Why a run ended. */
async function failure(algorithm: Algorithm, options: TrainOptions): Promise<string> {
  const error = await train(algorithm, options).then(
    () => undefined,
    (reason: Error) => reason,
  );
  return error?.message ?? "it did not fail";
}

/** That what can be resumed is sound, and was written before `steps`. */
function expectSoundCheckpoint(message: string, steps: number) {
  const { checkpoint, path } = latestCheckpoint(folder)!;
  expect(message).toContain(`; the last good checkpoint is ${path}`);
  expect(checkpoint.steps).toBeLessThan(steps);
  expect(checkpoint.steps).toBeGreaterThan(0);
  expect(unsoundState({}, checkpoint.state)).toBeUndefined();
}

const small = { hidden: [8], minibatchSize: 16 };
const offPolicy = { ...small, learningStarts: 32, trainEvery: 16, replaySize: 200, environments: 2 };
const onPolicy = { ...small, environments: 2, rolloutSteps: 8, epochs: 2 };

interface Learner {
  algorithm: (options?: { learningRate?: number }) => Algorithm;
  actionSpace: Space;
}
const learners: Record<string, Learner> = {
  ppo: { algorithm: (options) => ppo({ ...onPolicy, ...options }), actionSpace: discrete(2) },
  "ppo with continuous actions": {
    algorithm: (options) => ppo({ ...onPolicy, ...options }),
    actionSpace: box([1], -1, 1),
  },
  sac: { algorithm: (options) => sac({ ...offPolicy, ...options }), actionSpace: box([1], -1, 1) },
  dqn: { algorithm: (options) => dqn({ ...offPolicy, ...options }), actionSpace: discrete(2) },
};

interface Numbers {
  observation?: number;
  reward?: number;
}

/** Episodes of 10 steps. From the third step of the fifth episode on, it shows and pays these numbers. */
const breaking = (actionSpace: Space, numbers: Numbers) => (): Environment => {
  let [episode, steps] = [0, 0];
  return {
    id: "Breaking-v0",
    observationSpace: box([2], -10, 10),
    actionSpace,
    reset() {
      episode++;
      steps = 0;
      return { observation: Float32Array.of(0, 1), info: {} };
    },
    step() {
      steps++;
      const { observation = steps / 10, reward = 1 } = episode === 5 && steps >= 3 ? numbers : {};
      const truncated = steps === 10;
      return { observation: Float32Array.of(0, observation), reward, terminated: false, truncated, info: {} };
    },
    getState: () => [episode, steps],
    setState(saved) {
      [episode, steps] = saved as number[];
    },
  };
};

describe.each(Object.entries(learners))("%s", (_, { algorithm, actionSpace }) => {
  const options = { steps: 1600, checkpoint: { every: 32 } };

  it.each<[string, Numbers, string]>([
    ["a reward of NaN", { reward: Number.NaN }, "the reward is NaN, but must be a finite number"],
    ["an infinite observation", { observation: Infinity }, "entry 1 is Infinity, not a finite number"],
  ])("reports %s at the environment's boundary, with environment, step, entry and the checkEnv hint", async (_, numbers, what) => {
    const message = await failure(algorithm(), { ...options, env: breaking(actionSpace, numbers), folder });
    expect(message).toContain("environment 0: Breaking-v0, step 3 of episode 5: ");
    expect(message).toContain(what);
    expect(message).toContain("checkEnv(env) lists everything");
    expectSoundCheckpoint(message, 96);
  });

  it("reports rewards that are too large for its losses, and keeps the last sound checkpoint", async () => {
    const message = await failure(algorithm(), {
      ...options,
      env: breaking(actionSpace, { reward: 3e38 }),
      folder,
    });
    expect(message).toMatch(/ became (NaN|-?Infinity) at step \d+ of \w+ on Breaking-v0; /);
    expect(message).toContain("the likely cause is rewards or returns as large as 3.0e+38: ");
    expectSoundCheckpoint(message, 400);
  });

  it("with diverging weights names quantity, step, learning rate and remedy, and keeps the last sound checkpoint", async () => {
    const env = breaking(actionSpace, {});
    const exploding = { ...options, env, evaluate: { every: 16, episodes: 1 }, folder };
    const message = await failure(algorithm({ learningRate: 1e37 }), exploding);
    expect(message).toMatch(/^[\w.[\]]+ became (NaN|-?Infinity) at step \d+ of \w+ on Breaking-v0; /);
    expect(message).toContain("the likely cause is the learningRate of 1e+37: lower it");
    expect(message).toContain("; resuming would repeat the failure, so train into a new folder");
    const kept = latestCheckpoint(folder);
    expect(unsoundState({}, kept?.checkpoint.state ?? {})).toBeUndefined();
    expect(message.includes("the last good checkpoint")).toBe(kept !== undefined);
  });
});

describe("bc", () => {
  it("with diverging weights reports them too", async () => {
    const policy = new UniformPolicy(box([4], -Infinity, Infinity), discrete(2));
    const demonstrations = await collect(policy, { env: "CartPole-v1", episodes: 3 });
    const run = { env: "CartPole-v1", folder, checkpoint: { every: 1 } };
    const message = await failure(bc({ demonstrations, learningRate: 1e38, epochs: 20 }), run);
    expect(message).toMatch(/^[\w.[\]]+ became (NaN|-?Infinity) at step \d+ of bc on CartPole-v1; /);
    expect(message).toContain("the learningRate of 1e+38");
    expect(unsoundState({}, latestCheckpoint(folder)?.checkpoint.state ?? {})).toBeUndefined();
  });
});

describe("a NaN in the state with finite metrics", () => {
  const STEP = 64;
  const broken = (sabotage: (state: SearchState) => void) =>
    randomSearch({ sabotage: (state) => void (state.steps === 10 * STEP && sabotage(state)) });
  const options: TrainOptions = { env: chainEnvironment, steps: 20 * STEP };
  const parameter = (state: SearchState) => {
    state.best[15] = Number.NaN;
    state.bestReward = Number.MAX_VALUE;
  };

  it("is found at the next checkpoint, which is not written", async () => {
    const message = await failure(broken(parameter), { ...options, folder, checkpoint: { every: STEP } });
    expect(message).toMatch(/^state\.best\[15\] became NaN at step 704 of randomSearch on Chain-v0; /);
    expectSoundCheckpoint(message, 641);
    expect(latestCheckpoint(folder)?.checkpoint.steps).toBe(640);
  });

  it("is found before an evaluation, and at the end of a run without a folder: no policy is returned", async () => {
    const evaluated = await failure(broken(parameter), {
      ...options,
      evaluate: { every: STEP, episodes: 1 },
    });
    expect(evaluated).toMatch(/^state\.best\[15\] became NaN at step 704/);
    expect(await failure(broken(parameter), options)).toMatch(/^state\.best\[15\] became NaN at step 1280/);
  });

  it("is reported in place of the error that it causes, which becomes the cause", async () => {
    const led = broken((state) => {
      parameter(state);
      throw new Error("action NaN is not in the space");
    });
    const error = await train(led, { ...options, folder }).catch((reason: Error) => reason);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^state\.best\[15\] became NaN at step 640/),
      cause: { message: "action NaN is not in the space" },
    });
  });

  it("leaves the policy file unwritten", async () => {
    await failure(broken(parameter), { ...options, folder });
    expect(existsSync(join(folder, "policy.safetensors"))).toBe(false);
    expect(readFileSync(join(folder, "metrics.jsonl"), "utf8")).not.toMatch(/NaN|null/);
  });
});

describe("non-finite state", () => {
  it("is a NaN anywhere, and an infinity in float32 arrays", () => {
    const state = { a: [{ weights: new Float32Array(3) }], table: new Float64Array(3), count: 1 };
    expect(unsoundState(state)).toBeUndefined();
    state.table[1] = -Infinity;
    expect(unsoundState(state)).toBeUndefined();
    state.table[2] = Number.NaN;
    expect(unsoundState(state)).toBe("state.table[2] became NaN");
    state.a[0].weights[1] = Infinity;
    expect(unsoundState(state)).toBe("state.a[0].weights[1] became Infinity");
    expect(unsoundState({ live: { derived: true, buffer: Float32Array.of(Number.NaN) } })).toBeUndefined();
    expect(unsoundMetric({ steps: 1, loss: 0 })).toBeUndefined();
    expect(unsoundMetric({ steps: 1, loss: -Infinity })).toBe("loss became -Infinity");
  });

  it("is searched in objects that save themselves, but not in environments", async () => {
    const memory = { getState: () => ({ rows: Float32Array.of(1, Number.NaN) }), setState() {} };
    expect(unsoundState({ memory })).toBeUndefined();
    expect(unsoundState({ memory }, { memory: memory.getState() })).toBe("state.memory.rows[1] became NaN");
    const vector = await makeVector("CartPole-v1", 3);
    const saved = { vector: { marks: Float32Array.of(Number.NaN) } };
    expect(unsoundState({ vector }, saved)).toBeUndefined();
    vector.rewards[2] = Number.NaN;
    expect(unsoundState({ vector }, saved)).toBe("the reward of environment 2 of CartPole-v1 became NaN");
    vector.observations[4 + 3] = Infinity;
    expect(unsoundState({ vector })).toBe(
      "entry 3 of the observation of environment 1 of CartPole-v1 became Infinity",
    );
    expect(likelyCause({ vector }, { learningRate: 1 })).toMatch(
      /the environment: test it with checkEnv\(env\)/,
    );
  });
});

describe("the likely cause", () => {
  const options = { learningRate: 3e-4, normaliseObservations: false, normaliseRewards: false };

  it("is the magnitude of observations, rewards or returns, if it exceeds what the losses can represent", async () => {
    const vector = await makeVector("CartPole-v1", 2);
    expect(likelyCause({ vector }, options, { return: -3e9 })).toBe(
      "the likely cause is rewards or returns as large as 3.0e+9: set normaliseRewards, or scale them",
    );
    vector.rewards[1] = 1e12;
    expect(likelyCause({ vector }, { learningRate: 1 })).toBe(
      "the likely cause is rewards or returns as large as 1.0e+12: scale them",
    );
    vector.observations[5] = -5e7;
    expect(likelyCause({ vector }, options)).toBe(
      "the likely cause is observations as large as 5.0e+7: set normaliseObservations, or scale them",
    );
  });

  it("is otherwise the current learning rate, or undefined without one", () => {
    expect(likelyCause({}, options)).toBe("the likely cause is the learningRate of 0.0003: lower it");
    expect(likelyCause({}, { ...options, maxGradientNorm: 1 }, { learningRate: 0.1 })).toBe(
      "the likely cause is the learningRate of 0.1: lower it or maxGradientNorm",
    );
    expect(likelyCause({}, {})).toBeUndefined();
  });
});
