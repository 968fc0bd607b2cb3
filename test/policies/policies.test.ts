/** @file Policies: their choices, and their files. */

import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/errors.js";
import type { Policy } from "../../src/policies/contract.js";
import {
  type ActorCriticSettings,
  actorCritic,
  loadPolicy,
  NetworkPolicy,
  savePolicy,
  TabularPolicy,
  UniformPolicy,
} from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import { seal } from "../../src/state/checksum.js";

const observationSpace = box([3], [-1, -Infinity, 0], [1, Infinity, Infinity]);
const spaces: Record<string, Space> = {
  discrete: discrete(4),
  "multi-discrete": { kind: "multi-discrete", sizes: [2, 3] },
  "multi-binary": { kind: "multi-binary", n: 3 },
  box: box([2], -1, 1),
};

function network(actionSpace: Space): NetworkPolicy {
  const settings: ActorCriticSettings = {
    observationSpace,
    actionSpace,
    hidden: [8],
    activation: "tanh",
    critic: true,
  };
  const rng = createRng("weights");
  const weights = actorCritic(settings).layout.initialise(rng);
  return new NetworkPolicy(
    settings,
    weights.map((w) => w + 0.5 * rng.normal()),
  );
}

const observations = createRng("observations").fillNormal(new Float32Array(3 * 5));

describe.each(Object.entries(spaces))("a network policy with %s actions", (_, actionSpace) => {
  const policy = network(actionSpace);

  it("reports the log-probability of its samples", async () => {
    const { actions, unclipped, logProbs } = await policy.act(observations, { rng: createRng(1) });
    const again = await policy.logProb(observations, unclipped ?? actions);
    again.forEach((p, i) => {
      expect(p).toBeCloseTo(logProbs?.[i] ?? Number.NaN, 4);
    });
    expect(await policy.value?.(observations)).toHaveLength(5);
  });

  it("acts the same after loading from its file", async () => {
    const loaded = loadPolicy(savePolicy(policy));
    expect(loaded.observationSpace).toEqual(observationSpace);
    for (const deterministic of [true, false]) {
      const act = (p: Policy) => p.act(observations, { rng: createRng(2), deterministic });
      expect((await act(loaded)).actions).toEqual((await act(policy)).actions);
    }
  });

  it("needs rng for samples only", async () => {
    const { actions } = await policy.act(observations, { deterministic: true });
    expect((await policy.act(observations, { rng: createRng(0), deterministic: true })).actions).toEqual(
      actions,
    );
    await expect(policy.act(observations, {})).rejects.toThrow(/act draws random actions and needs rng/);
  });

  it("has a reproducible mode, and varying samples", async () => {
    const rng = createRng(3);
    const first = await policy.act(observations, { rng, deterministic: true });
    expect((await policy.act(observations, { rng, deterministic: true })).actions).toEqual(first.actions);
    const samples = new Set<string>();
    for (let i = 0; i < 20; i++) samples.add((await policy.act(observations, { rng })).actions.join());
    expect(samples.size).toBeGreaterThan(1);
  });
});

describe("a discrete network policy", () => {
  it("samples each action with its reported probability", async () => {
    const policy = network(discrete(4));
    const row = observations.subarray(0, 3);
    const probabilities = (await policy.probabilities?.(row)) ?? new Float64Array();
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const rows = 4000;
    const many = new Float32Array(3 * rows);
    for (let i = 0; i < rows; i++) many.set(row, 3 * i);
    const { actions } = await policy.act(many, { rng: createRng(4) });
    // χ² with 3 degrees of freedom is above 16.3 once in a thousand.
    const chiSquare = Array.from(probabilities).reduce((sum, p, a) => {
      const seen = (actions as Int32Array).filter((x) => x === a).length;
      return sum + (seen - rows * p) ** 2 / (rows * p);
    }, 0);
    expect(chiSquare).toBeLessThan(16.3);
  });
});

describe("a table", () => {
  const policy = new TabularPolicy(3, [1, 0, 0.25, 0.75, 0, 1]);

  it("acts by its rows", async () => {
    const states = Float32Array.of(0, 1, 2);
    expect((await policy.act(states, { rng: createRng(0), deterministic: true })).actions).toEqual(
      Int32Array.of(0, 1, 1),
    );
    expect(await policy.probabilities(Float32Array.of(1))).toEqual(Float64Array.of(0.25, 0.75));
  });

  it("refuses an unknown state, and rows that are not distributions", async () => {
    await expect(policy.act(Float32Array.of(3), { rng: createRng(0) })).rejects.toThrow(
      /observation 3 is not a state/,
    );
    expect(() => new TabularPolicy(2, [0.5, 0.6, 1, 0])).toThrow(/state 0/);
  });

  it("round-trips through its file", async () => {
    const loaded = loadPolicy(savePolicy(policy));
    expect(await loaded.probabilities?.(Float32Array.of(0, 1, 2))).toEqual(
      Float64Array.of(1, 0, 0.25, 0.75, 0, 1),
    );
  });
});

describe("policy files", () => {
  it("restore a uniform policy", async () => {
    const policy = new UniformPolicy(observationSpace, box([2], [-1, 0], [1, 4]));
    const loaded = loadPolicy(savePolicy(policy));
    expect((await loaded.logProb(observations, new Float32Array(10)))[0]).toBeCloseTo(-Math.log(8), 6);
  });

  it("are refused with the reason if of another type or version, or damaged", () => {
    expect(() => loadPolicy(new Uint8Array(4))).toThrow(/8/);
    const bytes = savePolicy(network(discrete(2)));
    const text = new TextDecoder("latin1").decode(bytes);
    const edited = (from: string, to: string) =>
      seal(Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0)));
    expect(() => loadPolicy(edited('"version":"1"', '"version":"7"'))).toThrow(
      /version 7; this release reads version 1/,
    );
    const flipped = bytes.with(bytes.length - 5, bytes[bytes.length - 5] ^ 0x20);
    expect(() => loadPolicy(flipped)).toThrow(/the file is damaged: its checksum is/);
    for (let bit = 0; bit < 8 * 120; bit++) {
      const at = Math.floor(bit / 8);
      expect(() => loadPolicy(bytes.with(at, bytes[at] ^ (1 << (bit % 8)))), `bit ${bit}`).toThrow(
        FormatError,
      );
    }
    expect(() => loadPolicy(edited('"kind":"network"', '"kind":"netwerk"'))).toThrow(/kind "netwerk"/);
    expect(() => loadPolicy(edited("actor.output.bias", "actor.outptu.bias"))).toThrow(
      /damaged policy file: .*actor.output.bias/,
    );
  });
});
