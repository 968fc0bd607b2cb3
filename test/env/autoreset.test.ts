/** @file The modes of autoreset: the same episodes in all modes, and no transition across the end of an episode. */

import { describe, expect, it } from "vitest";
import { makeVector, vectorOf } from "../../envs/index.js";
import type { Autoreset, Environment, VectorEnvironment } from "../../src/env/contracts.js";
import type { Policy } from "../../src/policies/contract.js";
import { UniformPolicy } from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { collectEpisodes } from "../../src/rollout/collect.js";
import { collectRollout, createEpisodeTracker, createRollout } from "../../src/rollout/rollout-buffer.js";
import { box, discrete } from "../../src/spaces/index.js";

/** Observes [episode, time]; episode e of environment i lasts 2 + (e + i) mod 3 steps. The reward is the action. */
function clock(i: number): Environment {
  let episode = 0;
  let time = 0;
  const observation = () => [episode, time];
  return {
    id: "Clock",
    observationSpace: box([2], 0, 100),
    actionSpace: discrete(100),
    reset() {
      episode++;
      time = 0;
      return { observation: observation(), info: {} };
    },
    step(action) {
      time++;
      const ended = time === 2 + ((episode + i) % 3);
      const terminated = ended && episode % 2 === 0;
      return {
        observation: observation(),
        reward: action as number,
        terminated,
        truncated: ended && !terminated,
        info: {},
      };
    },
    getState: () => ({ episode, time }),
    setState(state) {
      ({ episode, time } = state as { episode: number; time: number });
    },
  };
}

const clocks = (autoreset: Autoreset, count = 3) =>
  vectorOf(
    Array.from({ length: count }, (_, i) => clock(i)),
    { autoreset },
  );

interface Transition {
  before: number[];
  reward: number;
  after: number[];
  terminated: number;
  truncated: number;
}

const row = ({ count }: VectorEnvironment, array: Float32Array, i: number) => {
  const width = array.length / count;
  return [...array.subarray(i * width, (i + 1) * width)];
};

/** The action depends on what is seen alone, so that it does not matter in which call a step is made. */
const act = (vector: VectorEnvironment) =>
  Int32Array.from({ length: vector.count }, (_, i) => {
    const [episode, time] = row(vector, vector.observations, i);
    return (7 * episode + 3 * time) % 100;
  });

const ended = ({ terminated, truncated }: VectorEnvironment, i: number) => terminated[i] || truncated[i];

/** What a user would write in each mode: the transitions of each environment, in order. */
function transitionsOf(vector: VectorEnvironment, calls: number): Transition[][] {
  const transitions: Transition[][] = Array.from({ length: vector.count }, () => []);
  const rows = [...transitions.keys()];
  vector.reset();
  for (let call = 0; call < calls; call++) {
    const skipped = vector.autoreset === "next-step" ? rows.map((i) => ended(vector, i)) : [];
    const before = rows.map((i) => row(vector, vector.observations, i));
    vector.step(act(vector));
    for (const i of rows) {
      if (skipped[i]) continue;
      const isLast = ended(vector, i) && vector.autoreset === "same-step";
      transitions[i].push({
        before: before[i],
        reward: vector.rewards[i],
        after: row(vector, isLast ? vector.finalObservations : vector.observations, i),
        terminated: vector.terminated[i],
        truncated: vector.truncated[i],
      });
    }
    const over = rows.map((i) => ended(vector, i) === 1);
    if (vector.autoreset === "disabled" && over.includes(true)) vector.reset({ mask: over });
  }
  return transitions;
}

const modes: Autoreset[] = ["same-step", "next-step", "disabled"];

describe("in every mode of autoreset", () => {
  it("a user's loop sees the same episodes", () => {
    const [same, next, disabled] = modes.map((mode) => transitionsOf(clocks(mode), 60));
    expect(disabled).toEqual(same);
    // A call in which an environment is reset steps it nowhere, so there are fewer transitions in as many calls.
    for (const [i, transitions] of next.entries()) {
      expect(transitions.length).toBeGreaterThan(30);
      expect(transitions).toEqual(same[i].slice(0, transitions.length));
    }
  });

  it.each(modes)("%s: no transition crosses the end of an episode", (mode) => {
    for (const transition of transitionsOf(clocks(mode), 60).flat()) {
      const [episode, time] = transition.before;
      expect(transition.after).toEqual([episode, time + 1]);
      expect(transition.reward).toBe((7 * episode + 3 * time) % 100);
    }
  });

  it.each(modes)("%s: the final observations are those of the episodes that have just ended", (mode) => {
    const vector = clocks(mode);
    vector.reset();
    for (let call = 0; call < 4; call++) {
      vector.step(act(vector));
      for (let i = 0; i < vector.count; i++) {
        if (!ended(vector, i)) continue;
        expect(row(vector, vector.finalObservations, i)).toEqual([1, 2 + ((1 + i) % 3)]);
        return;
      }
    }
    expect.fail("no episode ended");
  });

  it.each(modes)("%s: a snapshot resumes exactly, ends of episodes included", (mode) => {
    const [one, other] = [clocks(mode), clocks(mode)];
    one.reset();
    other.reset();
    for (let call = 0; call < 12; call++) {
      const over = [0, 1, 2].map((i) => ended(one, i) === 1);
      if (mode === "disabled" && over.includes(true)) one.reset({ mask: over });
      one.step(act(one));
      other.setState(one.getState());
      expect(other.observations).toEqual(one.observations);
      const later = [0, 1, 2].map((i) => ended(other, i) === 1);
      expect(later).toEqual([0, 1, 2].map((i) => ended(one, i) === 1));
      if (mode === "disabled" && later.includes(true)) continue;
      const copy = clocks(mode);
      copy.setState(one.getState());
      const actions = act(other);
      copy.step(actions);
      other.step(actions);
      expect(copy.observations).toEqual(other.observations);
      expect(copy.rewards).toEqual(other.rewards);
    }
  });

  it.each(modes)("%s: built-in environments draw from the same streams", async (mode) => {
    const options = { maxEpisodeSteps: 3 };
    const vectors = [
      await makeVector("CartPole-v1", 2, { options, seed: 5 }),
      await makeVector("CartPole-v1", 2, { options, seed: 5, autoreset: mode }),
    ];
    const seen = vectors.map((vector) => {
      const starts: number[][] = [row(vector, vector.observations, 0)];
      for (let call = 0; call < 12; call++) {
        vector.step(Int32Array.of(1, 1));
        if (mode === "disabled" && vector.autoreset === mode && ended(vector, 0)) {
          vector.reset({ mask: [true, true] });
          starts.push(row(vector, vector.observations, 0));
        } else if ((vector.autoreset ?? "same-step") === "same-step" && ended(vector, 0)) {
          starts.push(row(vector, vector.observations, 0));
        } else if (vector.autoreset === "next-step" && ended(vector, 0)) {
          vector.step(Int32Array.of(1, 1));
          starts.push(row(vector, vector.observations, 0));
        }
      }
      return starts.slice(0, 4);
    });
    expect(seen[1]).toEqual(seen[0]);
    expect(new Set(seen[0].map(String)).size).toBe(4);
  });
});

describe("autoreset", () => {
  it("ignores the action and gives reward 0 in next-step mode", () => {
    const vector = clocks("next-step", 1);
    vector.reset();
    while (!ended(vector, 0)) vector.step(Int32Array.of(5));
    expect(row(vector, vector.observations, 0)).toEqual([1, 3]);
    vector.step(Int32Array.of(5));
    expect(row(vector, vector.observations, 0)).toEqual([2, 0]);
    expect([vector.rewards[0], vector.terminated[0], vector.truncated[0]]).toEqual([0, 0, 0]);
  });

  it("requires a reset before the next step when disabled, and resets the rows of the mask", () => {
    const vector = clocks("disabled", 2);
    vector.reset();
    while (!ended(vector, 0)) vector.step(Int32Array.of(5, 5));
    const untouched = row(vector, vector.observations, 1);
    expect(untouched).toEqual([1, 3]);
    expect(() => vector.step(Int32Array.of(5, 5))).toThrow(/environment 0 has ended; .*reset\(\{ mask \}\)/);
    expect(row(vector, vector.observations, 1)).toEqual(untouched);
    expect(() => vector.reset({ mask: [true] })).toThrow(/mask must have 2 entries, not 1/);
    vector.reset({ mask: Uint8Array.of(1, 0) });
    expect(row(vector, vector.observations, 1)).toEqual(untouched);
    expect(row(vector, vector.observations, 0)).toEqual([2, 0]);
  });

  it.each([
    ["wrapped", async () => clocks("next-step")],
    ["native", () => makeVector("CartPole-v1", 3)],
  ])("refuses a mask unless it is disabled, in the %s form", async (_form, build) => {
    const vector = await build();
    expect(() => vector.reset({ mask: [1, 1, 1] })).toThrow(/made with autoreset "disabled"/);
  });

  it("has three modes", async () => {
    await expect(makeVector("CartPole-v1", 2, { autoreset: "next" as Autoreset })).rejects.toThrow(
      /unknown autoreset "next"/,
    );
    expect(() => vectorOf([clock(0)], { autoreset: "samestep" as Autoreset })).toThrow(
      /did you mean "same-step"/,
    );
  });

  it.each([
    "next-step",
    "disabled",
  ] as const)("%s is refused by functions that record episodes", async (mode) => {
    const vector = clocks(mode);
    const policy = new UniformPolicy(vector.observationSpace, vector.actionSpace);
    const rng = createRng(0);
    const message = new RegExp(`Clock: this vector has autoreset "${mode}".*"same-step"`);
    await expect(collectEpisodes(policy, vector, 2, { rng })).rejects.toThrow(message);
    const critic = { ...policy, value: async () => new Float32Array(3) } as unknown as Policy;
    const rollout = createRollout(vector, 4);
    const tracker = createEpisodeTracker(3);
    await expect(collectRollout(critic, vector, rollout, tracker, rng)).rejects.toThrow(message);
  });
});
