/** @file Tests of direct preference optimisation: its start, its reference, a claim with controls, and what it refuses. */

import { beforeAll, describe, expect, it } from "vitest";
import { bc, dpo, ppo } from "../../../algorithms/index.js";
import "../../../envs/index.js";
import { collect, evaluate, loadExpert, train } from "../../../index.js";
import { type Preferences, preferencesOf } from "../../../src/datasets/preferences.js";
import { problemOf } from "../../../src/env/problem.js";
import { type NetworkPolicy, UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { shownPreferences } from "../../support/preferences.js";

const env = "CartPole-v1";
let preferences: Preferences;
let student: NetworkPolicy;
beforeAll(async () => {
  const noisy = { chance: 0.25, record: "executed" as const };
  const demonstrations = await collect(await loadExpert(env), { env, episodes: 1, seed: 3, noise: noisy });
  student = (await train(bc({ demonstrations, epochs: 6 }), { env, seed: 3 })) as NetworkPolicy;
  preferences = await shownPreferences({ policy: student, pairs: 100, segmentLength: 60 });
});

const sampled = async (policy: NetworkPolicy) =>
  (await evaluate(policy, { env, episodes: 30, seed: 5, deterministic: false })).mean;

describe("dpo", () => {
  it("starts as the reference, where the loss is ln 2 and the margin 0", async () => {
    const algorithm = dpo({ preferences, reference: student, minibatchSize: 100, epochs: 1 });
    const state = await algorithm.init(await problemOf(env), createRng(0));
    expect(state.tuner.parameters).toEqual(student.parameters);
    const metrics = await algorithm.update(state);
    expect(metrics.loss).toBeCloseTo(Math.LN2, 5);
    expect(metrics.margin).toBeCloseTo(0, 4);
    expect(metrics.chosen).toBeLessThan(0);
    expect(metrics.rejected).toBeLessThan(0);
    expect(state.tuner.parameters).not.toEqual(student.parameters);
  });

  it("leaves the reference as it was", async () => {
    const before = student.parameters.slice();
    await train(dpo({ preferences, reference: student, epochs: 2 }), { env, seed: 0 });
    expect(student.parameters).toEqual(before);
  });

  it("is better than the policy that it starts from, and worse where the answers are flipped", async () => {
    const flipped = {
      ...preferences,
      comparisons: preferences.comparisons.map((one) => ({
        ...one,
        choice: one.choice === "left" ? ("right" as const) : ("left" as const),
      })),
    };
    const tuned = (data: Preferences) =>
      train(dpo({ preferences: data, reference: student, beta: 0.03, learningRate: 1e-3, epochs: 30 }), {
        env,
        seed: 1,
      }) as Promise<NetworkPolicy>;
    const before = await sampled(student);
    expect(await sampled(await tuned(preferences))).toBeGreaterThan(1.3 * before);
    expect(await sampled(await tuned(flipped))).toBeLessThan(0.7 * before);
  }, 60_000);

  it("stays nearer to the reference where β is larger", async () => {
    const rows = createRng(1).fillNormal(new Float32Array(4 * 100));
    const prior = await student.probabilities!(rows);
    const distance = async (beta: number) => {
      const algorithm = dpo({ preferences, reference: student, beta, loss: "ipo", learningRate: 1e-3 });
      const policy = await train(algorithm, { env, seed: 0 });
      const own = await policy.probabilities!(rows);
      return own.reduce((sum, p, i) => sum + Math.abs(p - prior[i]), 0);
    };
    expect(await distance(10)).toBeLessThan(0.5 * (await distance(0.05)));
  });

  it("learns without a reference, against the uniform policy, and from data alone", async () => {
    for (const reference of ["uniform", "none"] as const) {
      const { metrics } = await train.run(dpo({ preferences, reference, epochs: 2, hidden: [8] }), {
        seed: 0,
      });
      expect(Number.isFinite(metrics!.at(-1)!.loss)).toBe(true);
    }
  });

  it("notes pairs with different starts, unless people judge how well it was acted", async () => {
    expect(dpo({ preferences, reference: "uniform" }).notes).toEqual([]);
    const { segments } = preferences;
    const crossed = preferencesOf(segments, [{ id: 1, left: 0, right: 3, choice: "left" }], preferences);
    expect(dpo({ preferences: crossed }).notes!.join()).toMatch(/1 of 1 pairs have different starts/);
    const regret = dpo({ preferences: crossed, reference: "uniform", preference: "regret" });
    expect(regret.notes).toEqual([]);
  });

  it("notes that it starts from random weights where nothing says from which policy", () => {
    const starts = /starts from random weights, because it has no student: .*as reference, or as student/;
    expect(dpo({ preferences }).notes!.join()).toMatch(starts);
    expect(dpo({ preferences, student }).notes).toEqual([]);
    expect(dpo({ preferences, reference: student }).notes).toEqual([]);
  });

  it("learns nearly what careful people say where it weighs careless ones by agreement", async () => {
    const rng = createRng("careless");
    const random = () => (rng.uniform() < 0.5 ? ("left" as const) : ("right" as const));
    const answered = (names: readonly string[], careless: readonly string[]) => ({
      ...preferences,
      comparisons: preferences.comparisons.flatMap((one) =>
        names.map((annotator) => {
          const said = random();
          return { ...one, annotator, choice: careless.includes(annotator) ? said : one.choice };
        }),
      ),
    });
    const rows = createRng(1).fillNormal(new Float32Array(4 * 100));
    const learnt = async (data: Preferences, trust: "equal" | "agreement" | "dawid-skene") => {
      // A minibatch of all comparisons, so that their order makes no difference.
      const all = { minibatchSize: data.comparisons.length, epochs: 15, learningRate: 1e-3 };
      const policy = await train(
        dpo({ preferences: data, reference: student, annotatorWeights: trust, beta: 0.03, ...all }),
        {
          env,
          seed: 1,
        },
      );
      return policy.probabilities!(rows);
    };
    const people = ["ann", "ben", "cy", "di"];
    const [clean, mixed] = [answered(people, []), answered(people, ["cy", "di"])];
    const right = await learnt(clean, "equal");
    const distance = (own: Float64Array) => own.reduce((sum, p, i) => sum + Math.abs(p - right[i]), 0);
    const equal = distance(await learnt(mixed, "equal"));
    for (const trust of ["agreement", "dawid-skene"] as const) {
      expect(distance(await learnt(mixed, trust))).toBeLessThan(0.5 * equal);
    }
    // Where all are right they count alike.
    expect(distance(await learnt(clean, "agreement"))).toBeLessThan(0.02 * equal);
  }, 60_000);

  it("refuses what cannot be learnt from", async () => {
    const equal = {
      ...preferences,
      comparisons: preferences.comparisons.map((one) => ({ ...one, choice: "equal" as const })),
    };
    expect(() => dpo({ preferences: equal })).toThrow(
      /none of 100 comparisons tells which.*100 equal or neither/,
    );
    expect(() => dpo({ preferences, beta: 0 })).toThrow(/option "beta" is 0/);
    const unweighted = {
      ...preferences,
      comparisons: preferences.comparisons.map((one) => ({ ...one, weight: 0 })),
    };
    expect(() => dpo({ preferences: unweighted })).toThrow(/no comparison has a weight above 0/);
    const pendulum = await problemOf("Pendulum-v1");
    await expect(dpo({ preferences }).init(pendulum, createRng(0))).rejects.toThrow(
      /belongs to another environment/,
    );
    const other = new UniformPolicy(pendulum.observationSpace, pendulum.actionSpace);
    const cart = await problemOf(env);
    await expect(dpo({ preferences, reference: other }).init(cart, createRng(0))).rejects.toThrow(
      /the reference has observations/,
    );
    const recurrent = await train(ppo({ recurrentUnits: 4, hidden: [4] }), { env, steps: 1 });
    await expect(dpo({ preferences, reference: recurrent }).init(cart, createRng(0))).rejects.toThrow(
      /the reference has memory/,
    );
    const uniform = new UniformPolicy(cart.observationSpace, cart.actionSpace);
    await expect(dpo({ preferences, student: uniform }).init(cart, createRng(0))).rejects.toThrow(
      /only policies of kind "network"/,
    );
  });
});
