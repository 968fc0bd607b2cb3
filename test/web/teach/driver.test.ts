/** @file The agent that drives in the page acts as in rollouts: with its memory, its view, and after a person's steps. */

import { describe, expect, it } from "vitest";
import { ppo, rl2 } from "../../../algorithms/index.js";
import { make } from "../../../envs/index.js";
import type { Environment } from "../../../src/env/contracts.js";
import { problemOf } from "../../../src/env/problem.js";
import { vectorOf } from "../../../src/env/vector.js";
import type { Algorithm, State } from "../../../src/learning/contract.js";
import type { Policy } from "../../../src/policies/contract.js";
import { MixturePolicy, TabularPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { viewOf } from "../../../src/rollout/collect.js";
import { executedActions } from "../../../src/spaces/index.js";
import type { ActionBatch } from "../../../src/spaces/values.js";
import { driverOf } from "../../../web/teach/driver.js";
import { type Game, play } from "../../../web/teach/play.js";

const SEED = "drive";

/** A policy with the parameters that learning starts from. */
async function untrained<S extends State>(algorithm: Algorithm<S>, env: string): Promise<Policy> {
  return algorithm.policy(await algorithm.init(await problemOf(env), createRng(1)));
}

/** What a policy's mode does in the game's episode, as rollouts step it, where some steps are done by others. */
async function rollout(policy: Policy, env: string, steps: number, forced: readonly number[][] = []) {
  const { id, observationSpace, actionSpace, ...inner } = await make(env).then(
    (made): Environment => ({
      ...{ id: made.id, observationSpace: made.observationSpace, actionSpace: made.actionSpace },
      reset: () => made.reset({ seed: SEED }),
      step: (action) => made.step(action),
    }),
  );
  const shown = viewOf(policy, vectorOf([{ id, observationSpace, actionSpace, ...inner }]));
  shown.reset();
  const found: number[][] = [];
  let state: Float32Array | undefined;
  for (let t = 0; t < steps; t++) {
    const result = await policy.act(shown.observations, { rng: createRng(0), deterministic: true, state });
    state = result.state;
    const own = executedActions(actionSpace, result.actions);
    const done: ActionBatch = forced[t] ? own.map((_, j) => forced[t][j]) : own;
    found.push(Array.from(done));
    shown.step(done);
  }
  return found;
}

async function drive(game: Game, driver: ReturnType<typeof driverOf>, steps: number): Promise<void> {
  for (let t = 0; t < steps; t++) game.act(await driver.action(game), false);
}

const small = { environments: 2, hidden: [8], recurrentUnits: 8, epochs: 1 };
const cases = [
  ["without memory", "Pendulum-v1", () => ppo({ hidden: [8] })],
  ["with recurrent units", "Pendulum-v1", () => ppo({ ...small, rolloutSteps: 8, minibatchSize: 8 })],
  ["that is shown rewards and actions", "PointGoal-v0", () => rl2({ ...small, minibatches: 1 })],
] as const;

describe("an agent that drives", () => {
  it.each(cases)("%s, does what it does in a rollout", async (_, env, algorithm) => {
    const policy = await untrained(algorithm() as Algorithm<State>, env);
    const game = play(await make(env), SEED);
    await drive(game, driverOf(policy), 6);
    expect(game.actions).toEqual(await rollout(policy, env, 6));
    expect(game.byPerson).toEqual([]);
    expect(new Set(game.actions.map(String)).size).toBe(6);
  });

  it.each(cases)("%s, goes on after a person's steps, and after an undo", async (_, env, algorithm) => {
    const policy = await untrained(algorithm() as Algorithm<State>, env);
    const game = play(await make(env), SEED);
    const driver = driverOf(policy);
    await drive(game, driver, 2);
    const width = game.actions[0].length;
    const person = new Array<number>(width).fill(0.5);
    game.act([...person].fill(-0.5));
    await drive(game, driver, 1);
    game.undo();
    game.undo();
    game.act(person);
    game.act(person);
    await drive(game, driver, 3);
    const forced: number[][] = [];
    forced[2] = forced[3] = person;
    expect(game.actions).toEqual(await rollout(policy, env, 7, forced));
    expect(game.byPerson).toEqual([2, 3]);
    game.restart(SEED);
    await drive(game, driver, 4);
    expect(game.actions).toEqual(await rollout(policy, env, 4));
  });

  it("draws one policy of a mixture for an episode, and may draw another in the next one", async () => {
    const always = (action: number) =>
      new TabularPolicy(
        16,
        Float64Array.from({ length: 64 }, (_, i) => Number(i % 4 === action)),
      );
    const driver = driverOf(new MixturePolicy([always(0), always(3)], [0.5, 0.5]));
    const game = play(await make("FrozenLake-v1"), "0");
    const drawn = new Set<string>();
    for (let seed = 0; seed < 8; seed++) {
      game.restart(String(seed));
      while (game.steps < 3 && !game.ending) game.act(await driver.action(game), false);
      const [first, ...others] = game.actions.map(String);
      expect(others.every((action) => action === first)).toBe(true);
      drawn.add(first);
    }
    expect(drawn).toEqual(new Set(["0", "3"]));
  });

  it("refuses a policy that is told the task", () => {
    expect(() => driverOf({ act: () => Promise.reject(new Error("unused")), view: "cluster" })).toThrow(
      /is told the task that is drawn/,
    );
  });
});
