import { expect, test } from "vitest";
import { successTable, watched } from "../../../experiments/meta-rl/successes.js";
import type { Problem } from "../../../src/env/contracts.js";
import { createRng } from "../../../src/random/rng.js";

const success = { reward: 10, kinds: ["near", "far"] };

/** Three copies that are paid `rewards[step][copy]`, with episodes of two steps. */
async function play(rewards: number[][]) {
  let at = 0;
  const vector = {
    rewards: new Float32Array(3),
    terminated: new Uint8Array(3),
    truncated: new Uint8Array(3),
    step() {
      vector.rewards.set(rewards[at]);
      vector.truncated.fill(++at % 2 === 0 ? 1 : 0);
    },
  };
  const { problem, solved } = watched({ vector: async () => vector } as unknown as Problem, { success });
  const made = await problem.vector(3, createRng(0));
  for (const _ of rewards) made.step(new Float32Array(3));
  return solved([0, 1, 1]);
}

test("a task is solved in an episode if some step of it is paid the reward of success", async () => {
  const rewards = [
    [10, 9.9, 0],
    [1, 0, 10],
    [9.99, 10, 0],
    [0, 0, 0],
  ];
  expect(await play(rewards)).toEqual([
    [1, 0.5],
    [0, 0.5],
  ]);
});

test("the table has shares over seeds by kind and episode, and leaves out runs without them", () => {
  const runs = [
    {
      solved: [
        [1, 0.5],
        [0, 0.5],
      ],
      nmi: [0, 0.25],
    },
    {
      solved: [
        [0, 0.5],
        [1, 1],
      ],
    },
    {},
  ];
  const rows = successTable({ success }, [
    { name: "one", runs },
    { name: "none", runs: [{}] },
  ]).split("\n");
  expect(rows).toHaveLength(3);
  expect(rows[2]).toBe("| one | 2 | 50 %, 50 % | 50 %, 75 % | 0.25 |");
  expect(successTable({ success }, [{ name: "none", runs: [{}] }])).toBe("");
});
