/** @file Kinds of policies that a user defines: their names, their checks and their files. */

import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import type { Policy, PolicyData } from "../../src/policies/contract.js";
import {
  definePolicy,
  loadPolicy,
  MixturePolicy,
  savePolicy,
  UniformPolicy,
} from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { discrete } from "../../src/spaces/index.js";

/** Always the same action of three, in two states. */
class ConstantPolicy implements Policy {
  readonly observationSpace = discrete(2);
  readonly actionSpace = discrete(3);

  constructor(
    private readonly action: number,
    private readonly kind = "constant",
  ) {}

  async act(observations: Float32Array) {
    return { actions: new Int32Array(observations.length).fill(this.action) };
  }

  async logProb(_: Float32Array, actions: ArrayLike<number>) {
    return Float32Array.from(actions, (a) => (a === this.action ? 0 : Number.NEGATIVE_INFINITY));
  }

  toData(): PolicyData {
    const data = Int32Array.of(this.action);
    return { kind: this.kind, settings: {}, arrays: { action: { shape: [1], data } } };
  }
}

const fromData = ({ arrays }: PolicyData) => new ConstantPolicy(arrays.action.data[0]);
definePolicy({ kind: "constant", fromData });

const actionsOf = async (policy: Policy) => [
  ...(await policy.act(Float32Array.of(0, 1), { rng: createRng(0) })).actions,
];

describe("definePolicy", () => {
  it("lets loadPolicy restore a policy of the kind", async () => {
    const loaded = loadPolicy(savePolicy(new ConstantPolicy(2)));
    expect(loaded).toBeInstanceOf(ConstantPolicy);
    expect(await actionsOf(loaded)).toEqual([2, 2]);
  });

  it("lets a mixture have members of the kind", async () => {
    const mixture = new MixturePolicy([new ConstantPolicy(1), new ConstantPolicy(1)], [0.5, 0.5]);
    expect(await actionsOf(loadPolicy(savePolicy(mixture)))).toEqual([1, 1]);
  });

  it.each(["constant", "network", "mixture"])("refuses %s, which is already defined", (kind) => {
    expect(() => definePolicy({ kind, fromData })).toThrow(
      `policy kind "${kind}" is already defined; choose another name`,
    );
    expect(loadPolicy(savePolicy(new UniformPolicy(discrete(2), discrete(3))))).toBeInstanceOf(UniformPolicy);
  });

  it("refuses an empty kind, and a value that is not a function", () => {
    expect(() => definePolicy({ kind: "", fromData })).toThrow(/needs a kind and a function/);
    expect(() => definePolicy({ kind: "other", fromData: {} as typeof fromData })).toThrow(
      /needs a kind and a function/,
    );
  });
});

describe("a policy of an undefined kind", () => {
  const message =
    'policy file: there is no policy kind "constnat"; did you mean "constant"?; if it is your own, first import the ' +
    'module that calls definePolicy({ kind: "constnat", … })';
  const policy = new ConstantPolicy(1, "constnat");

  it.each([
    ["alone", policy],
    ["in a mixture", new MixturePolicy([policy], [1])],
  ])("is refused with the module to import first, %s", (_, refused) => {
    const bytes = savePolicy(refused);
    expect(() => loadPolicy(bytes)).toThrow(UsageError);
    expect(() => loadPolicy(bytes)).toThrow(message);
  });

  it("may have the name of a property that all objects inherit", () => {
    const bytes = savePolicy(new ConstantPolicy(1, "constructor"));
    expect(() => loadPolicy(bytes)).toThrow(/there is no policy kind "constructor"/);
  });
});
