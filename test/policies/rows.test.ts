/** @file Every kind of policy refuses observations that are not whole rows. */

import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import type { Policy } from "../../src/policies/contract.js";
import {
  actorCritic,
  MixturePolicy,
  NetworkPolicy,
  QPolicy,
  qNetwork,
  TabularPolicy,
  TimeIndexedPolicy,
  UniformPolicy,
} from "../../src/policies/index.js";
import { rowsOf } from "../../src/policies/rows.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";

const observationSpace = box([3], -9, 9);
const shape = { observationSpace, hidden: [4], activation: "tanh" as const };

function network(actionSpace: Space, recurrentUnits?: number): Policy {
  const settings = { ...shape, actionSpace, critic: true, recurrentUnits };
  return new NetworkPolicy(settings, actorCritic(settings).layout.initialise(createRng(0)));
}

function values(): Policy {
  const settings = { ...shape, actionSpace: discrete(2), duelling: false };
  return new QPolicy(settings, qNetwork(settings).layout.initialise(createRng(0)));
}

const states = { space: observationSpace, rows: Float32Array.of(0, 0, 0, 1, 1, 1) };
const tables = Float64Array.of(1, 0, 0, 1);

const policies: Record<string, Policy> = {
  "of a network, discrete": network(discrete(2)),
  "of a network, continuous": network(box([2], -1, 1)),
  "of a network with memory": network(box([2], -1, 1), 4),
  "of action values": values(),
  tabular: new TabularPolicy(2, tables, states),
  "time-indexed": new TimeIndexedPolicy(2, 1, tables, states),
  uniform: new UniformPolicy(observationSpace, discrete(2)),
  mixture: new MixturePolicy([values()], [1]),
};

const message =
  "observations in Box(3) have 3 numbers each, but the array has 2: pass rows of 3 numbers, one after the other";

describe.each(Object.entries(policies))("a policy, %s", (_, policy) => {
  it("refuses observations that are too narrow, and acts on whole rows", async () => {
    const act = (numbers: number) => policy.act(new Float32Array(numbers), { rng: createRng(0) });
    await expect(act(2)).rejects.toThrow(UsageError);
    await expect(act(2)).rejects.toThrow(message);
    await expect(act(7)).rejects.toThrow("the array has 7");
    const { actions } = await act(6);
    expect(actions.length).toBeGreaterThanOrEqual(2);
  });

  it("refuses to value or to weigh them", async () => {
    const narrow = new Float32Array(2);
    if (policy.value) await expect(policy.value(narrow)).rejects.toThrow(message);
    if (policy.probabilities) await expect(policy.probabilities(narrow)).rejects.toThrow(message);
    if (!(policy instanceof UniformPolicy)) {
      await expect(policy.logProb(narrow, new Int32Array(1))).rejects.toThrow(message);
    }
  });
});

describe("rowsOf", () => {
  it("counts rows", () => {
    expect(rowsOf(observationSpace, new Float32Array(12))).toBe(4);
    expect(rowsOf(discrete(7), new Float32Array(5))).toBe(5);
    expect(rowsOf(observationSpace, new Float32Array(0))).toBe(0);
  });
});
