/** @file Trust in several people who answer DAgger's questions: closed forms, and a claim with a control. */

import { describe, expect, it } from "vitest";
import {
  type Crowd,
  countAnswer,
  createCrowd,
  judge,
  personIn,
  weightOf,
} from "../../../../algorithms/imitation/dagger/crowd.js";
import { dagger } from "../../../../algorithms/index.js";
import "../../../../envs/index.js";
import { train } from "../../../../index.js";
import type { Labeller } from "../../../../src/people/labeller.js";
import { createRng } from "../../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../../src/spaces/index.js";

/** A crowd after answers, by name: pairs of the person's action and the learner's. */
function judged(answers: Record<string, [own: number, learners: number][]>, space: Space): Crowd {
  const crowd = createCrowd(9);
  for (const [name, each] of Object.entries(answers)) {
    for (const [action, own] of each) {
      const difference = space.kind === "box" ? (action - own) ** 2 : Number(action !== own);
      const rows = { action: Float32Array.of(action), own: Float32Array.of(own) };
      countAnswer(crowd, personIn(crowd, name, space), { ...rows, difference });
    }
  }
  judge(crowd, space);
  return crowd;
}
const choices = discrete(2);
const weightIn = (crowd: Crowd, name: string | undefined) => weightOf(crowd, personIn(crowd, name, choices));

describe("the weights of people", () => {
  it("are, for choices, agreement beyond chance, relative to the largest", () => {
    const right: [number, number][] = [
      [0, 0],
      [1, 1],
      [0, 0],
      [1, 1],
    ];
    const crowd = judged(
      {
        ann: right,
        ben: [
          [0, 0],
          [1, 0],
          [1, 1],
          [1, 1],
        ],
      },
      choices,
    );
    // κ is 1 for the one, and (3/4 − 1/2) / (1/2) for the other; everybody starts with four answers of the mean.
    const usual = (1 + 0.5) / 2;
    expect(weightIn(crowd, "ann")).toBe(1);
    expect(weightIn(crowd, "ben")).toBeCloseTo((0.5 + usual) / (1 + usual), 12);
    expect(weightIn(crowd, undefined)).toBe(1);
  });

  it("are small for one answer to all questions, even if the learner often agrees", () => {
    const often = Array.from({ length: 40 }, (_, i): [number, number] => [0, Number(i % 10 === 0)]);
    const mostly = often.map(([, learners]): [number, number] => [learners, learners]);
    const crowd = judged({ always: often, looks: mostly }, choices);
    expect(weightIn(crowd, "always")).toBeLessThan(0.1);
    expect(weightIn(crowd, "looks")).toBe(1);
  });

  it("are, for boxes, inverse mean squared distances", () => {
    const of = (far: number) => new Array<[number, number]>(4).fill([far, 0]);
    const crowd = judged({ ann: of(1), ben: of(3) }, box([1], -9, 9));
    expect(weightIn(crowd, "ben")).toBeCloseTo((4 + 20) / (36 + 20), 12);
  });

  it("are 1 where nobody agrees more than by chance, and before any answer", () => {
    const crowd = judged(
      {
        ann: [
          [0, 1],
          [1, 0],
        ],
        ben: [
          [0, 0],
          [0, 1],
        ],
      },
      choices,
    );
    expect(crowd.people.map(({ weight }) => weight)).toEqual([1, 1]);
    expect(judged({}, choices).people).toEqual([]);
  });
});

describe("dagger with trust", () => {
  /** The action that the people mean. */
  const right = (observation: ArrayLike<number>) => Number(observation[2] + 0.3 * observation[3] > 0);
  /** Five people in turn, of whom some always press left. */
  const crowd = (careless: readonly number[]): Labeller => ({
    kind: "crowd",
    async *label({ queries }) {
      yield queries.map(({ id, observation }) => ({
        ...{ id, annotator: `person ${id % 5}` },
        action: careless.includes(id % 5) ? 0 : right(observation as Float32Array),
      }));
    },
  });
  const learnt = async (careless: readonly number[], annotatorWeights: "equal" | "agreement") => {
    const algorithm = dagger({
      ...{ labeller: crowd(careless), annotatorWeights, rounds: 4, roundSteps: 150, epochs: 20 },
      ...{ hidden: [16], learningRate: 3e-3, minibatchSize: 32, beta: { kind: "constant", value: 0 } },
    });
    const { policy, state } = await train.run(algorithm, { env: "CartPole-v1", seed: 0 });
    const rows = createRng("states")
      .fillNormal(new Float32Array(4 * 500))
      .map((x) => x / 10);
    const { actions } = await policy.act(rows, { deterministic: true });
    const agreeing = Array.from(actions).filter(
      (a, i) => a === right(rows.subarray(4 * i, 4 * i + 4)),
    ).length;
    return { accuracy: agreeing / 500, people: state.crowd?.people ?? [], weights: state.pairs.weights };
  };

  it("counts those who do not look less, which makes the policy better; and all alike where all are right", async () => {
    const [equal, trusting, control] = [
      await learnt([1, 3], "equal"),
      await learnt([1, 3], "agreement"),
      await learnt([], "agreement"),
    ];
    expect(equal.weights).toBeUndefined();
    for (const { name, weight } of trusting.people) {
      if (name === "person 1" || name === "person 3") expect(weight).toBeLessThan(0.5);
      else expect(weight).toBeGreaterThan(0.7);
    }
    expect(trusting.accuracy).toBeGreaterThan(equal.accuracy + 0.1);
    expect(trusting.accuracy).toBeGreaterThan(control.accuracy - 0.1);
    for (const { weight } of control.people) expect(weight).toBeGreaterThan(0.6);
  }, 60_000);
});
