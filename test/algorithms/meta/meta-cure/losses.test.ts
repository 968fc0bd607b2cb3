/** @file The losses of MetaCURE: what trains the encoder, what pays for exploration. */

import { describe, expect, it } from "vitest";
import {
  type MetaCureBatch,
  type MetaCureTrees,
  metaCureLosses,
} from "../../../../algorithms/meta/meta-cure/losses.js";
import { learntNetworks } from "../../../../algorithms/meta/meta-cure/networks.js";
import { createRng } from "../../../../src/random/rng.js";
import { box } from "../../../../src/spaces/index.js";
import * as t from "../../../../src/tensor/index.js";

const [TASKS, ROWS, HORIZON, LATENT, TRAINING] = [2, 3, 3, 2, 5];
const networks = learntNetworks(
  { observationSpace: box([2], -1, 1), actionSpace: box([1], 0, 6) },
  {
    hidden: [3],
    activation: "tanh",
    encoderHidden: [4],
    encoderUnits: 3,
    latent: LATENT,
    decoderHidden: [4],
    predictNext: true,
  },
  TRAINING,
);
const [rows, context] = [TASKS * ROWS, TASKS * HORIZON];
const { actor, critics, explorer, explorerCritics, encoder, decoder, informed } = networks;
const floats: Record<string, number[]> = {
  actor: [actor.layout.size],
  critics: [critics.layout.size],
  explorer: [explorer.layout.size],
  explorerCritics: [explorerCritics.layout.size],
  encoder: [encoder.layout.size],
  decoder: [decoder.layout.size],
  informed: [informed.layout.size],
  observations: [rows, 2],
  actions: [rows, 1],
  returns: [rows],
  nextObservations: [rows, 2],
  discounts: [rows],
  noise: [rows, 1],
  nextNoise: [rows, 1],
  latentNoise: [rows, LATENT],
  contextObservations: [context, 2],
  contextActions: [context, 1],
  contextRewards: [context],
  contextNextObservations: [context, 2],
  contextDiscounts: [context],
  explorerNoise: [context, 1],
  explorerNextNoise: [context, 1],
};
const rng = createRng("meta-cure losses");
const feeds: Record<string, Float64Array | Int32Array> = Object.fromEntries(
  Object.entries(floats).map(([name, shape]) => [
    name,
    Float64Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal()),
  ]),
);
// Without bootstrap values, which are no part of any gradient, differences show the whole gradient.
feeds.discounts.fill(0);
feeds.contextDiscounts.fill(0);
feeds.tasks = Int32Array.of(4, 1);
/** Each transition of task m with the belief after 1, 2 or 3 steps. */
feeds.beliefs = Int32Array.from({ length: rows }, (_, k) => (1 + (k % 3)) * TASKS + Math.floor(k / ROWS));

const lossesWith = (intrinsicWeight: number, regularisation = 0.1) =>
  t.program(
    {
      ...Object.fromEntries(Object.entries(floats).map(([name, shape]) => [name, t.float32(shape)])),
      tasks: t.int32([TASKS]),
      beliefs: t.int32([rows]),
    },
    (given) => {
      const logTemperature = t.constant(0.2);
      const tree = (name: keyof typeof networks) =>
        (networks[name] as typeof actor).layout.unflatten(given[name]);
      const p: MetaCureTrees = {
        exploiting: {
          actor: tree("actor"),
          critics: tree("critics"),
          targets: tree("critics"),
          logTemperature,
        },
        exploring: {
          actor: tree("explorer"),
          critics: tree("explorerCritics"),
          targets: tree("explorerCritics"),
          logTemperature,
        },
        encoder: tree("encoder"),
        decoder: tree("decoder"),
        informed: tree("informed"),
      };
      const losses = metaCureLosses(networks, p, given as unknown as MetaCureBatch, -1, {
        ...{ rewardScale: 2, klWeight: 0.3, regularisation, intrinsicWeight },
      });
      const others = ["actorLoss", "explorerLoss", "explorerCriticLoss", "decoderLoss"] as const;
      return {
        ...losses,
        encoderGradient: encoder.layout.gradient(losses.encoderLoss, p.encoder),
        ofOthers: t.concat(others.map((name) => encoder.layout.gradient(losses[name], p.encoder))),
        decoderOfExplorer: decoder.layout.gradient(losses.explorerCriticLoss, p.decoder),
      };
    },
  );
const program = lossesWith(0.5);
const losses = (changes: typeof feeds = {}) => program.interpret({ ...feeds, ...changes });
const changed = (name: string, change: (x: number, k: number) => number) => ({
  [name]: (feeds[name] as Float64Array).map(change),
});

it("the actors' losses grow with the weight of the size of their outputs, and no other loss does", () => {
  const [none, some, more] = [0, 0.1, 0.3].map((weight) => lossesWith(0.5, weight).interpret(feeds));
  for (const name of ["actorLoss", "explorerLoss"] as const) {
    const grown = some[name][0] - none[name][0];
    expect(grown).toBeGreaterThan(1e-4);
    expect(more[name][0] - none[name][0]).toBeCloseTo(3 * grown, 9);
  }
  for (const name of ["criticLoss", "explorerCriticLoss", "encoderLoss", "decoderLoss"] as const)
    expect(more[name][0]).toBe(none[name][0]);
});

describe("the encoder", () => {
  it("has the gradient of the exploiting critics and of the divergence from the prior", () => {
    const { encoderGradient, encoderLoss, criticLoss, kl } = losses();
    expect(encoderLoss[0]).toBeCloseTo(criticLoss[0] + 0.3 * kl[0], 10);
    const step = 1e-5;
    for (let k = 0; k < encoderGradient.length; k += 7) {
      const at = (shift: number) =>
        losses(changed("encoder", (x, j) => (j === k ? x + shift : x))).encoderLoss[0];
      expect(encoderGradient[k]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 5);
    }
  });

  it("gets no gradient of actors, of exploration and of the decoder", () => {
    expect([...losses().ofOthers].every((x) => x === 0)).toBe(true);
    expect(Math.max(...[...losses().encoderGradient].map(Math.abs))).toBeGreaterThan(1e-2);
  });

  it("has beliefs of the steps so far only", () => {
    // The last step of each first episode: its reward is in the beliefs after 3 steps, not in those before.
    const later = changed("contextRewards", (r, k) => (k % HORIZON === HORIZON - 1 ? r + 3 : r));
    const early = { beliefs: (feeds.beliefs as Int32Array).map((k) => k % TASKS) };
    const one = { beliefs: (feeds.beliefs as Int32Array).map((k) => 2 * TASKS + (k % TASKS)) };
    for (const beliefs of [early, one]) {
      expect(losses({ ...later, ...beliefs }).criticLoss[0]).toBeCloseTo(losses(beliefs).criticLoss[0], 12);
    }
    expect(losses(later).criticLoss[0]).not.toBeCloseTo(losses().criticLoss[0], 4);
    expect(losses(early).criticLoss[0]).not.toBeCloseTo(losses(one).criticLoss[0], 4);
  });
});

describe("exploration", () => {
  it("is paid by the decoder's error minus the informed predictor's", () => {
    const { intrinsic, decoderLoss, informedLoss, decoderOfExplorer } = losses();
    expect(intrinsic[0]).toBeCloseTo(0.5 * (decoderLoss[0] - informedLoss[0]), 10);
    expect([...decoderOfExplorer].every((x) => x === 0)).toBe(true);
    const worse = losses(changed("decoder", (x) => 2 * x));
    expect(worse.explorerCriticLoss[0]).not.toBeCloseTo(losses().explorerCriticLoss[0], 3);
    const unpaid = lossesWith(0);
    const plain = unpaid.interpret(feeds as Record<string, Float64Array>);
    const same = unpaid.interpret({ ...feeds, ...changed("decoder", (x) => 2 * x) } as Record<
      string,
      Float64Array
    >);
    expect(plain.intrinsic[0]).toBeCloseTo(0, 12);
    expect(same.explorerCriticLoss[0]).toBeCloseTo(plain.explorerCriticLoss[0], 12);
  });

  it("is paid in addition to the reward", () => {
    // The last parameter is the bias of the critics' output: where the pay is large, critics that predict more err less.
    const wrong = changed("decoder", (x) => 4 * x);
    const more = changed("explorerCritics", (x, k) => (k === explorerCritics.layout.size - 1 ? x + 1 : x));
    const gained = [100, -100].map((weight) => {
      const paid = lossesWith(weight);
      const loss = (changes: typeof feeds) =>
        paid.interpret({ ...feeds, ...wrong, ...changes }).explorerCriticLoss[0];
      return loss({}) - loss(more);
    });
    expect(losses(wrong).intrinsic[0]).toBeGreaterThan(0);
    expect(gained[0]).toBeGreaterThan(10);
    expect(gained[1]).toBeLessThan(-10);
  });

  it("reads the identity of the task only in the informed predictor", () => {
    const other = losses({ tasks: Int32Array.of(0, 3) });
    const base = losses();
    expect(other.informedLoss[0]).not.toBeCloseTo(base.informedLoss[0], 4);
    for (const name of ["decoderLoss", "criticLoss", "kl", "actorLoss"] as const) {
      expect(other[name][0]).toBe(base[name][0]);
    }
  });
});
