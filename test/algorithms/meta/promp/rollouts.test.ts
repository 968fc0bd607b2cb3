/** @file The episodes of a stage: their tasks, their ends, and what a step's entries belong to. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { playStage, setTasks } from "../../../../algorithms/meta/promp/rollouts.js";
import { environmentOf } from "../../../../src/env/array-environments.js";
import type { TaskFamily } from "../../../../src/env/contracts.js";
import { taskChecker } from "../../../../src/env/task-families.js";
import { makeVector } from "../../../../src/env/vector.js";
import { adaptingNetwork } from "../../../../src/policies/adapting/network.js";
import { createRng } from "../../../../src/random/rng.js";
import { discrete } from "../../../../src/spaces/index.js";

type Pay = { pay: number };
const family: TaskFamily<Pay> = {
  clusters: 1,
  sampleTask: (rng) => ({ pay: rng.uniform() }),
  clusterOf: () => 0,
  checkTask: taskChecker("Doors", z.strictObject({ pay: z.number() })),
};

/** Observes the time; each step pays the task's reward, action 1 ends the episode, as do 5 steps. */
const doors = () =>
  environmentOf({
    id: "Doors",
    observationSpace: discrete(6),
    actionSpace: discrete(2),
    maxEpisodeSteps: 5,
    resetOptions: [],
    tasks: family,
    episodesPerTask: 2,
    dynamics(copies) {
      const pay = new Float64Array(copies);
      const time = new Int32Array(copies);
      return {
        state: { time },
        setTask(i, task: Pay) {
          pay[i] = task.pay;
        },
        reset(i) {
          time[i] = 0;
        },
        step(actions, _, rewards, terminated) {
          for (let i = 0; i < copies; i++) {
            time[i]++;
            rewards[i] = pay[i];
            terminated[i] = actions[i];
          }
        },
        observe(from, to, out) {
          for (let i = from; i < to; i++) out[i] = time[i];
        },
      };
    },
  });

describe("a stage", () => {
  it("is one episode in each environment, and what follows an early end has no share", async () => {
    const shape = { tasks: 2, episodes: 3, horizon: 5 };
    const vector = await makeVector(doors, 6, { seed: 0 });
    setTasks(vector, [{ pay: 1 }, { pay: 10 }]);
    const network = adaptingNetwork({
      observationSpace: vector.observationSpace,
      actionSpace: vector.actionSpace,
      hidden: [],
      activation: "tanh",
    });
    const adapted = { parameters: new Float32Array(2 * network.layout.size) };
    const estimate = { discount: 1, gaeLambda: 1 };
    const lengths = new Set<number>();
    for (let repetition = 0; repetition < 4; repetition++) {
      const rng = createRng("actions").stream("repetition", repetition);
      const stage = await playStage(vector, network, adapted, shape, rng, estimate);
      for (let row = 0; row < 6; row++) {
        const own = stage.actions.subarray(row * 5, (row + 1) * 5);
        const length = own.includes(1) ? own.indexOf(1) + 1 : 5;
        lengths.add(length);
        expect(stage.returns[row]).toBe(length * (row < 3 ? 1 : 10));
        for (let step = 0; step < 5; step++) {
          const at = row * 5 + step;
          expect(stage.shares[at] > 0).toBe(step < length);
          if (step < length) expect(stage.observations[at * 6 + step]).toBe(1);
          if (step < length) expect(stage.logProbs[at]).toBeCloseTo(-Math.LN2, 6);
        }
      }
      for (const task of [0, 1]) {
        const shares = stage.shares.subarray(task * 15, (task + 1) * 15);
        expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      }
      expect(stage.steps % 6).toBe(0);
    }
    expect(lengths.size).toBeGreaterThan(2);
  });
});
