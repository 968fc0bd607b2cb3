/**
 * @file Properties of every registered environment: seeds, snapshots, spaces, terminations, and equal single and native
 * forms.
 */

import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { checkEnv, envIds, envSpec, make, makeVector, vectorOf } from "../../envs/index.js";
import { mujoco } from "../../envs/mujoco/index.js";
import type { Environment, VectorEnvironment } from "../../src/env/contracts.js";
import { createRng, type Rng } from "../../src/random/rng.js";
import { allocateActions, sample, sampleInto, spaceWidth, whyOutside } from "../../src/spaces/index.js";
import type { Action, ActionBatch } from "../../src/spaces/values.js";

/** Short episodes, so that every property sees time limits and resets too. */
const options = { maxEpisodeSteps: 12 };

const toClose: { close?(): void }[] = [];
afterEach(() => {
  for (const one of toClose.splice(0)) one.close?.();
});

/** Closed after the test. */
function kept<E extends { close?(): void }>(one: E): E {
  toClose.push(one);
  return one;
}

const opened = async (...[id, settings]: Parameters<typeof make>) => kept(await make(id, settings));

/** Environments without chance in their default form: every game with the same actions is the same. */
const deterministic = ["CliffWalking-v1", "CombinationLock-v0", "DeepSea-v0", "Tightrope-v0"];

/** A step of a physics engine costs a thousand of a cheap environment's: fewer runs show the same. */
const engines = new Set(mujoco.map(({ id }) => id));

/** Plays on with random actions, resetting at the end of episodes, and returns all that happened. */
function play(environment: Environment, steps: number, rng: Rng): unknown[] {
  const events: unknown[] = [];
  for (let step = 0; step < steps; step++) {
    const result = environment.step(sample(environment.actionSpace, rng) as Action);
    events.push(result);
    if (result.terminated || result.truncated) events.push(environment.reset());
  }
  return events;
}

function randomActions({ actionSpace, count }: VectorEnvironment, rng: Rng): ActionBatch {
  const width = spaceWidth(actionSpace);
  const actions = allocateActions(actionSpace, count);
  const row = new Array<number>(width);
  for (let i = 0; i < count; i++) {
    sampleInto(actionSpace, rng, row, 0);
    actions.set(row, i * width);
  }
  return actions;
}

/** Everything that a vector shows, copied. */
function shown({ observations, finalObservations, rewards, terminated, truncated }: VectorEnvironment) {
  return [observations, finalObservations, rewards, terminated, truncated].map((array) => array.slice());
}

describe.each(envIds())("%s", (id) => {
  const runs = { seed: 1, numRuns: engines.has(id) ? 3 : 15 };

  it("passes checkEnv", async () => {
    const findings = await checkEnv(() => opened(id, options), { steps: 40 });
    expect(findings).toEqual([]);
  });

  it("accepts its own options after a JSON round trip, as in a run folder", async () => {
    const { options: schema } = envSpec(id);
    const defaults = schema!.parse({});
    const read = schema!.parse(JSON.parse(JSON.stringify(defaults)));
    expect(read).toEqual(defaults);
    await opened(id, JSON.parse(JSON.stringify(defaults)));
  });

  it("is deterministic by seed and actions, and does not repeat without a seed", async () => {
    const [one, other] = [await opened(id, options), await opened(id, options)];
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(one.reset({ seed })).toEqual(other.reset({ seed }));
        const first = play(one, 40, createRng("actions"));
        expect(play(other, 40, createRng("actions"))).toEqual(first);
        expect(one.reset()).toEqual(other.reset());
        expect(play(other, 40, createRng("actions"))).toEqual(play(one, 40, createRng("actions")));
      }),
      runs,
    );
  });

  it("does not reseed when it is reset without a seed", async () => {
    const environment = await opened(id);
    const game = (seed?: number) => {
      const first = environment.reset(seed === undefined ? {} : { seed });
      return JSON.stringify([first, play(environment, 60, createRng("actions"))]);
    };
    const distinct = (count: number, seedOf: (i: number) => number | undefined) =>
      new Set(Array.from({ length: count }, (_, i) => game(seedOf(i)))).size;
    const count = engines.has(id) ? 3 : 30;
    const isRandom = distinct(count, (i) => i) > 1;
    environment.reset({ seed: 4 });
    if (isRandom) expect(distinct(count, () => undefined)).toBeGreaterThan(1);
    else expect(deterministic).toContain(id);
  });

  it("continues exactly from a snapshot, in the same environment and in a new one", async () => {
    const [environment, fresh] = [await opened(id, options), await opened(id, options)];
    fc.assert(
      fc.property(fc.nat(), fc.nat(30), (seed, steps) => {
        environment.reset({ seed });
        play(environment, steps, createRng("before"));
        // Through text and back: what a checkpoint does to it, at the least.
        const state = environment.getState!();
        const copy = structuredClone(state);
        const ahead = play(environment, 40, createRng("after"));
        expect(state).toEqual(copy);
        for (const target of [environment, fresh]) {
          target.setState!(state);
          expect(play(target, 40, createRng("after"))).toEqual(ahead);
        }
      }),
      runs,
    );
  });

  it("observes inside its space, and never terminates and truncates at once", async () => {
    const environment = await opened(id, options);
    const rng = createRng("inside");
    let elapsed = 0;
    expect(
      whyOutside(environment.observationSpace, environment.reset({ seed: 1 }).observation),
    ).toBeUndefined();
    for (let step = 0; step < (engines.has(id) ? 100 : 1500); step++) {
      const result = environment.step(sample(environment.actionSpace, rng) as Action);
      elapsed++;
      expect(whyOutside(environment.observationSpace, result.observation)).toBeUndefined();
      expect(Number.isFinite(result.reward)).toBe(true);
      expect(result.truncated).toBe(elapsed === options.maxEpisodeSteps && !result.terminated);
      if (!result.terminated && !result.truncated) continue;
      elapsed = 0;
      expect(whyOutside(environment.observationSpace, environment.reset().observation)).toBeUndefined();
    }
  });

  it("is bit-identical in its native vector form and as a vector of single environments", async () => {
    const count = 5;
    const native = kept(await makeVector(id, count, { options }));
    const wrapped = vectorOf(await Promise.all(Array.from({ length: count }, () => opened(id, options))));
    expect(native.constructor).not.toBe(wrapped.constructor);
    let ends = 0;
    for (const seed of [0, "another"]) {
      native.reset({ seed });
      wrapped.reset({ seed });
      expect(shown(native)).toEqual(shown(wrapped));
      const rng = createRng("actions");
      for (let step = 0; step < (engines.has(id) ? 30 : 60); step++) {
        const actions = randomActions(native, rng);
        native.step(actions);
        wrapped.step(actions);
        expect(shown(native)).toEqual(shown(wrapped));
        ends += native.terminated[0] + native.truncated[0];
      }
      native.reset();
      wrapped.reset();
      // The same draws have been made: unseeded episodes go on alike.
      expect(native.observations).toEqual(wrapped.observations);
    }
    expect(ends).toBeGreaterThan(3);
  });

  it.each(["native", "wrapped"])("continues exactly from a snapshot of its %s vector form", async (form) => {
    const build = async (seed: number) => {
      if (form === "native") return kept(await makeVector(id, 3, { seed, options }));
      const vector = vectorOf(await Promise.all(Array.from({ length: 3 }, () => opened(id, options))));
      vector.reset({ seed });
      return vector;
    };
    const [vector, fresh] = [await build(1), await build(2)];
    const steps = (target: VectorEnvironment, name: string) => {
      const rng = createRng(name);
      return Array.from({ length: 30 }, () => {
        target.step(randomActions(target, rng));
        return [target.observations, target.rewards, target.terminated, target.truncated].map((a) =>
          a.slice(),
        );
      });
    };
    steps(vector, "before");
    const state = vector.getState();
    const now = vector.observations.slice();
    const ahead = steps(vector, "after");
    for (const target of [fresh, vector]) {
      target.setState(state);
      expect(target.observations).toEqual(now);
      expect(steps(target, "after")).toEqual(ahead);
    }
  });
});
