/** @file The policy of MetaCURE: which actor acts when, the belief of its memory, and its file. */

import { describe, expect, it } from "vitest";
import type { TanhGaussian } from "../../src/nn/index.js";
import {
  type ActorCritic,
  beliefInputs,
  loadPolicy,
  MetaCurePolicy,
  metaCureNetworks,
  savePolicy,
} from "../../src/policies/index.js";
import { createRng } from "../../src/random/rng.js";
import { box } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const [LATENT, UNITS] = [2, 3];
const settings = {
  observationSpace: box([1], -Infinity, Infinity),
  actionSpace: box([1], -1, 3),
  hidden: [4],
  activation: "tanh" as const,
  encoderHidden: [5],
  encoderUnits: UNITS,
  latent: LATENT,
};
const networks = metaCureNetworks(settings);
const vector = (name: "actor" | "explorer" | "encoder") =>
  createRng(name).fillNormal(new Float32Array(networks[name].layout.size));
const parameters = { actor: vector("actor"), explorer: vector("explorer"), encoder: vector("encoder") };
const policy = new MetaCurePolicy(settings, parameters);

/** Rows [o | a₋₁ | r₋₁ | d₋₁ | s′₋₁ | first] of a trial of two episodes of two steps, and of the first of the next. */
const rows = [
  [0.1, 0, 0, 0, 0, 1],
  [0.4, 0.5, -1, 0, 0.4, 0],
  [0.2, -1, 2, 1, 0.9, 0],
  [0.3, 0.7, 1, 0, 0.3, 0],
  [0.6, 0, 0, 0, 0, 1],
];

async function play() {
  let state: Float32Array | undefined;
  const rng = createRng(1);
  const states: number[][] = [];
  const actions: number[] = [];
  for (const row of rows) {
    const result = await policy.act(Float32Array.from(row), { rng, deterministic: true, state });
    state = result.state!;
    states.push([...state]);
    actions.push(result.actions[0]);
  }
  return { states, actions };
}

/** What the networks say, evaluated apart: memories and beliefs of the first episode, and the mode for a row. */
function expected() {
  const program = t.program({}, () => {
    const p = networks.encoder.layout.unflatten(t.constant(parameters.encoder, [parameters.encoder.length]));
    const steps = rows.slice(1, 3);
    const column = (k: number) =>
      t.constant(
        Float32Array.from(steps, (row) => row[k]),
        [2, 1, 1],
      );
    const memories = networks.encoder.sequence(p, {
      observations: t.constant(Float32Array.of(rows[0][0], rows[1][0]), [2, 1, 1]),
      actions: column(1),
      rewards: column(2),
      nextObservations: column(4),
    });
    const belief = networks.encoder.belief(p, memories);
    return { memories, inputs: beliefInputs(belief) };
  });
  const { memories, inputs } = program.interpret({});
  return { memories: [...memories], inputs: [...inputs] };
}
function mode(name: "actor" | "explorer", row: number[]): number {
  const network: ActorCritic = networks[name];
  const program = t.program({ x: t.float32([1, row.length]) }, ({ x }) => {
    const p = network.layout.unflatten(t.constant(parameters[name], [parameters[name].length]));
    return { action: (network.distribution(p, x) as TanhGaussian).mode() };
  });
  return program.interpret({ x: Float64Array.from(row) }).action[0];
}

describe("a trial", () => {
  it("has the memory of the sequence of its first episode, which then stays", async () => {
    const { states } = await play();
    const { memories } = expected();
    const memory = (k: number) => states[k].slice(0, UNITS);
    for (let k = 0; k < 3; k++) {
      memory(k).forEach((x, u) => {
        expect(x).toBeCloseTo(memories[k * UNITS + u], 5);
      });
    }
    expect(memory(3)).toEqual(memory(2));
    expect(memory(4).every((x) => x === 0)).toBe(true);
    expect(states.map((state) => state.at(-1))).toEqual([0, 0, 1, 1, 0]);
  });

  it("is explored on the belief, and then played on a sample of it", async () => {
    const { states, actions } = await play();
    const { inputs } = expected();
    for (const k of [0, 1]) {
      const belief = inputs.slice(2 * LATENT * k, 2 * LATENT * (k + 1));
      expect(actions[k]).toBeCloseTo(mode("explorer", [rows[k][0], ...belief]), 5);
    }
    const z = states[2].slice(UNITS, UNITS + LATENT);
    for (const k of [2, 3]) expect(actions[k]).toBeCloseTo(mode("actor", [rows[k][0], ...z]), 5);
    expect(states[3].slice(UNITS, UNITS + LATENT)).toEqual(z);
    expect(actions[4]).toBeCloseTo(mode("explorer", [rows[4][0], ...inputs.slice(0, 2 * LATENT)]), 5);
  });
});

describe("the file of the policy", () => {
  it("gives the same policy", async () => {
    const again = loadPolicy(savePolicy(policy));
    expect(again.toData()).toEqual(policy.toData());
    const first = Float32Array.from(rows[0]);
    expect(await again.act(first, { rng: createRng(5) })).toEqual(
      await policy.act(first, { rng: createRng(5) }),
    );
    expect(policy.toOnnx().length).toBeGreaterThan(500);
  });

  it("is refused with weights of other sizes", () => {
    const { kind, arrays, settings: shape } = policy.toData();
    const other = { ...shape, encoderUnits: 4 };
    expect(() => MetaCurePolicy.fromData({ kind, arrays, settings: other })).toThrow("has shape");
  });
});
