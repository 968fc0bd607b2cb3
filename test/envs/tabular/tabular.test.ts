/** Tabular problems: values in closed form, and what dithering and cloning cost, exactly. */

import { describe, expect, it } from "vitest";
import { checkEnv, envIds, make } from "../../../envs/index.js";
import { chain } from "../../../envs/tabular/chain.js";
import { combinationLock } from "../../../envs/tabular/combination-lock.js";
import { deepSea } from "../../../envs/tabular/deep-sea.js";
import { garnet } from "../../../envs/tabular/garnet.js";
import { riverSwim } from "../../../envs/tabular/river-swim.js";
import { tightrope } from "../../../envs/tabular/tightrope.js";
import type { TabularModel } from "../../../src/env/contracts.js";
import {
  deterministicTable,
  evaluatePolicy,
  expectedRewards,
  finiteHorizonEvaluate,
  finiteHorizonValueIteration,
  greedyTable,
  policyReturn,
  uniformTable,
  valueIteration,
} from "../../../src/mdp/index.js";

const ids = ["Garnet-v0", "Chain-v0", "RiverSwim-v0", "DeepSea-v0", "CombinationLock-v0", "Tightrope-v0"];

/** The same action everywhere. */
const always = (model: TabularModel, action: number) =>
  deterministicTable(model, new Array<number>(model.states).fill(action));

/** A mixture of two policy tables. */
const mixed = (one: Float64Array, other: Float64Array, weight: number) =>
  one.map((p, k) => (1 - weight) * p + weight * other[k]);

describe.each(ids)("%s", (id) => {
  it("is registered, has a model, and passes checkEnv", async () => {
    expect(envIds()).toContain(id);
    expect(await checkEnv(id)).toEqual([]);
    const environment = await make(id);
    expect(environment.model!().states).toBe((environment.observationSpace as { n: number }).n);
  });

  it("refuses a discount of 1 and unknown options", async () => {
    await expect(make(id, { discount: 1 })).rejects.toThrow(`${id}: option "discount" is 1`);
    await expect(make(id, { sead: 1 })).rejects.toThrow(`${id}: unknown option "sead"`);
  });
});

describe("Garnet-v0", () => {
  it("leads from each pair to the requested number of states, with probabilities that sum to 1", () => {
    const { states, actions, rowStart, next, probability, initial } = garnet({
      states: 40,
      actions: 3,
      branching: 5,
    }).model!();
    for (let pair = 0; pair < states * actions; pair++) {
      const [from, to] = [rowStart[pair], rowStart[pair + 1]];
      expect(new Set(next.subarray(from, to)).size).toBe(5);
      expect(to - from).toBe(5);
      expect(probability.subarray(from, to).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
    expect(initial.every((p) => p === initial[0])).toBe(true);
  });

  it("reaches every state equally often, with the pieces of a uniformly cut interval as probabilities", () => {
    const { next, probability } = garnet({ states: 20, actions: 50, branching: 4, seed: 3 }).model!();
    const counts = new Array<number>(20).fill(0);
    for (const state of next) counts[state]++;
    // 1000 pairs choose each state with probability 1/5: binomial, 12.6 about 200.
    for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(4.5 * 12.65);
    // A piece of 4 is Beta(1, 3): mean 1/4 and second moment 1/10.
    const second = probability.reduce((sum, p) => sum + p * p, 0) / probability.length;
    expect(Math.abs(second - 0.1)).toBeLessThan(0.01);
  });

  it("rewards exactly the requested share of the pairs", () => {
    const rewards = expectedRewards(garnet({ states: 10, actions: 4, rewarded: 0.25 }).model!());
    expect(rewards.filter((reward) => reward !== 0)).toHaveLength(10);
    const all = expectedRewards(garnet({ states: 200, actions: 10 }).model!());
    const mean = all.reduce((a, b) => a + b, 0) / all.length;
    const square = all.reduce((a, b) => a + b * b, 0) / all.length;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(2000));
    expect(Math.abs(square - 1)).toBeLessThan(4 * Math.sqrt(2 / 2000));
  });

  it("is the same process for the same seed, and a different one for another", () => {
    expect(garnet({ seed: 1 }).model!()).toEqual(garnet({ seed: 1 }).model!());
    expect(garnet({ seed: 1 }).model!().next).not.toEqual(garnet({ seed: 2 }).model!().next);
    const deterministic = garnet({ branching: 1 }).model!();
    expect(deterministic.probability.every((p) => p === 1)).toBe(true);
  });

  it("refuses more branches than states", () => {
    expect(() => garnet({ states: 3, branching: 4 })).toThrow('Garnet-v0: option "branching" is 4');
  });
});

describe("Chain-v0", () => {
  it.each([
    { states: 5, slip: 0.2, discount: 0.99 },
    { states: 9, slip: 0.05, discount: 0.95 },
    { states: 2, slip: 0, discount: 0.5 },
  ])("has its closed-form value for the policy that always goes forward, %o", ({
    states,
    slip,
    discount,
  }) => {
    const model = chain({ states, slip, discount }).model!();
    const q = discount * (1 - slip);
    const value = (q ** (states - 1) * (1 - slip) * 10 + slip * 2) / (1 - q - slip * discount);
    expect(policyReturn(model, evaluatePolicy(model, always(model, 0)))).toBeCloseTo(value, 8);
  });

  it("has a far-sighted optimal policy that goes to the end, and a short-sighted one that leaves at once", () => {
    const best = (discount: number) => {
      const model = chain({ discount }).model!();
      return Array.from(valueIteration(model).policy).filter((_, k) => k % 2 === 0);
    };
    expect(best(0.99)).toEqual([1, 1, 1, 1, 1]);
    expect(best(0.5)[0]).toBe(0);
  });
});

describe("RiverSwim-v0", () => {
  it("has value γ^s 5 / (1 − γ) for drifting", () => {
    const model = riverSwim({ discount: 0.9 }).model!();
    const values = evaluatePolicy(model, always(model, 0));
    for (let s = 0; s < 6; s++) expect(values[s]).toBeCloseTo(50 * 0.9 ** s, 10);
  });

  it.each([
    6, 12,
  ])("is optimally swum up in %d states, with the value of the difference equation", (states) => {
    const discount = 0.99;
    const model = riverSwim({ states, discount }).model!();
    const { values, policy } = valueIteration(model);
    expect(policy).toEqual(always(model, 1));
    // Inside, V(s) = γ (0.3 V(s + 1) + 0.6 V(s) + 0.1 V(s − 1)) has the solutions x^s with these roots x; their weights
    // solve V(0) = γ (0.3 V(1) + 0.7 V(0)) and V(N) = 0.3 (10 000 + γ V(N)) + 0.7 γ V(N − 1).
    const [a, b, c] = [0.3 * discount, 0.6 * discount - 1, 0.1 * discount];
    const root = Math.sqrt(b * b - 4 * a * c);
    const roots = [(-b + root) / (2 * a), (-b - root) / (2 * a)];
    const last = states - 1;
    const lower = roots.map((x) => 1 - discount * (0.3 * x + 0.7));
    const upper = roots.map((x) => x ** last * (1 - 0.3 * discount) - 0.7 * discount * x ** (last - 1));
    const scale = 3000 / (upper[1] * lower[0] - upper[0] * lower[1]);
    const weights = [-lower[1] * scale, lower[0] * scale];
    for (let s = 0; s < states; s++) {
      const exact = weights[0] * roots[0] ** s + weights[1] * roots[1] ** s;
      expect(values[s] / exact).toBeCloseTo(1, 8);
    }
  });

  it("starts in state 1 or 2", () => {
    expect(Array.from(riverSwim().model!().initial)).toEqual([0, 0.5, 0.5, 0, 0, 0]);
    expect(() => riverSwim({ states: 3 })).toThrow('option "states" is 3');
  });
});

describe("DeepSea-v0", () => {
  const bestReturn = (model: TabularModel, horizon: number) =>
    policyReturn(model, finiteHorizonValueIteration(model, { horizon }).values);

  it.each([
    2, 5, 10, 20,
  ])("has optimal value 1 − moveCost in size %d, and its closed form with wind", (size) => {
    expect(bestReturn(deepSea({ size }).model!(), size)).toBeCloseTo(0.99, 12);
    const q = 1 - 1 / size;
    const windy = bestReturn(deepSea({ size, windy: true, moveCost: 0.05 }).model!(), size);
    expect(windy).toBeCloseTo(q ** (size - 1) - 0.05 * (1 - q ** size), 12);
  });

  it.each([3, 6, 10])("is solved by random actions in one of 2^%d episodes", (size) => {
    const model = deepSea({ size, moveCost: 0 }).model!();
    const values = finiteHorizonEvaluate(model, uniformTable(model), { horizon: size });
    expect(policyReturn(model, values)).toBeCloseTo(2 ** -size, 15);
  });

  it("is solved in one of (2/ε)^N episodes by an ε-greedy policy that has learnt the costs only", () => {
    const size = 6;
    const epsilon = 0.1;
    const costs = deepSea({ size }).model!();
    // What is known before the treasure was seen: all the rewards but that one.
    const known = { ...costs, reward: costs.reward.map((r) => Math.min(r, 0)) };
    const { q } = valueIteration(known);
    const free = deepSea({ size, moveCost: 0 }).model!();
    const dithering = mixed(greedyTable(free, q), uniformTable(free), epsilon);
    const found = policyReturn(free, finiteHorizonEvaluate(free, dithering, { horizon: size }));
    expect(found / (epsilon / 2) ** size).toBeCloseTo(1, 10);
  });

  it("assigns the correct actions by its seed, and ends after N steps", () => {
    const environment = deepSea({ size: 4 });
    const treasure = (seed: number) => valueIteration(deepSea({ size: 12, seed }).model!()).policy;
    expect(treasure(1)).not.toEqual(treasure(2));
    expect(treasure(1)).toEqual(treasure(1));
    environment.reset();
    const results = [0, 1, 0, 1].map((action) => environment.step(action));
    expect(results.map(({ terminated }) => terminated)).toEqual([false, false, false, true]);
    expect(results[3].observation).toBe(16);
    expect(environment.reset().observation).toBe(0);
    expect(environment.render!()).toBe("@...\n....\n....\n....");
  });
});

describe("CombinationLock-v0", () => {
  it("has optimal value γ^(N − 1)", () => {
    const model = combinationLock({ wheels: 7, discount: 0.9 }).model!();
    expect(policyReturn(model, valueIteration(model).values)).toBeCloseTo(0.9 ** 6, 10);
  });

  it.each([
    { wheels: 1, actions: 5 },
    { wheels: 3, actions: 2 },
    { wheels: 4, actions: 4 },
  ])("takes (A^N − 1) A / (A − 1) steps with random actions, %o", ({ wheels, actions }) => {
    const model = combinationLock({ wheels, actions, discount: 0.999 }).model!();
    // A cost of 1 a step, nearly undiscounted: solved exactly, with one step of Richardson's extrapolation to γ = 1.
    const steps = (discount: number) => {
      const costs = { ...model, discount, reward: model.reward.map(() => 1) };
      for (let entry = 0; entry < costs.reward.length; entry++) {
        const pair = costs.rowStart.findIndex((start) => start > entry) - 1;
        if (model.terminal[Math.floor(pair / actions)]) costs.reward[entry] = 0;
      }
      return evaluatePolicy(costs, uniformTable(costs), { method: "solve" })[0];
    };
    const exact = ((actions ** wheels - 1) * actions) / (actions - 1);
    expect((2 * steps(1 - 1e-8) - steps(1 - 2e-8)) / exact).toBeCloseTo(1, 6);
  });
});

describe("Tightrope-v0", () => {
  /** Errs with probability ε on the rope, and with `lost` on the ground, by an action that is never right. */
  function learner(model: TabularModel, length: number, epsilon: number, lost: number): Float64Array {
    const { policy } = valueIteration(model);
    return policy.map((p, k) => {
      const [state, action] = [Math.floor(k / model.actions), k % model.actions];
      const row = policy.subarray(state * model.actions, (state + 1) * model.actions);
      const wrong = (row.indexOf(1) + 1) % model.actions;
      const error = state < length ? epsilon : lost;
      return (1 - error) * p + (action === wrong ? error : 0);
    });
  }

  const cost = (model: TabularModel, table: Float64Array, horizon: number) =>
    -policyReturn(model, finiteHorizonEvaluate(model, table, { horizon }));

  const cases = [10, 50, 200].flatMap((length) => [0.001, 0.01, 0.1].map((epsilon) => ({ length, epsilon })));

  it.each(cases)("gives a clone its closed-form loss, at most ε T² and of that order, %o", ({
    length,
    epsilon,
  }) => {
    const model = tightrope({ length, actions: 3 }).model!();
    expect(cost(model, valueIteration(model).policy, length)).toBeCloseTo(0, 12);
    const clone = cost(model, learner(model, length, epsilon, 1), length);
    const survival = (1 - epsilon) ** length;
    // A step that ends the episode ends nowhere, but costs as if it ended on the ground.
    expect(clone).toBeCloseTo(length - ((1 - epsilon) * (1 - survival)) / epsilon, 9);
    expect(clone).toBeLessThanOrEqual(epsilon * length ** 2);
    // 1 − (1 − ε)^t ≥ ε t − ε² t (t − 1) / 2, summed over t.
    const quadratic = (epsilon * length * (length + 1)) / 2;
    expect(clone).toBeGreaterThanOrEqual(quadratic * (1 - (epsilon * (length - 1)) / 3) - 1e-9);
  });

  it.each(
    cases,
  )("gives a loss of ε T to a policy with the same error rate on the ground as on the rope, %o", ({
    length,
    epsilon,
  }) => {
    const model = tightrope({ length, actions: 3 }).model!();
    expect(cost(model, learner(model, length, epsilon, epsilon), length)).toBeCloseTo(epsilon * length, 9);
  });

  it("quadruples the loss of a clone when the rope is twice as long, and doubles that of a policy that recovers", () => {
    const costs = (lost: (epsilon: number) => number) =>
      [100, 200].map((length) => {
        const model = tightrope({ length }).model!();
        const epsilon = 1e-5;
        return cost(model, learner(model, length, epsilon, lost(epsilon)), length);
      });
    const [short, long] = costs(() => 1);
    expect(long / short).toBeCloseTo((200 * 201) / (100 * 101), 2);
    const [shorter, longer] = costs((epsilon) => epsilon);
    expect(longer / shorter).toBeCloseTo(2, 9);
  });

  it("falls at a wrong action, climbs back at a correct one, and ends after T steps", () => {
    const environment = tightrope({ length: 4, actions: 2 });
    const { policy } = valueIteration(environment.model!());
    const right = (state: number) => (policy[2 * state] === 1 ? 0 : 1);
    let state = environment.reset().observation as number;
    const path = [true, false, true, false].map((isRight) => {
      const action = isRight ? right(state) : 1 - right(state);
      const { observation, reward, terminated } = environment.step(action);
      state = observation as number;
      return [observation, reward, terminated];
    });
    expect(path).toEqual([
      [1, 0, false],
      [6, -1, false],
      [3, 0, false],
      [8, -1, true],
    ]);
  });
});
