/** @file The option `network`: algorithms with user-defined networks and with the built-in ones. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { gradientPenalty } from "../../../algorithms/imitation/adversarial/penalties.js";
import { pairScorer, shapedScorer } from "../../../algorithms/imitation/adversarial/scorers.js";
import {
  a2c,
  airl,
  bc,
  dagger,
  distributionMatching,
  dqn,
  gail,
  ppo,
  sac,
  sqil,
} from "../../../algorithms/index.js";
import type { Demonstrations } from "../../../src/datasets/demonstrations.js";
import { UsageError } from "../../../src/errors.js";
import type { Algorithm } from "../../../src/learning/contract.js";
import { collect } from "../../../src/measure/collect.js";
import * as nn from "../../../src/nn/index.js";
import { defineNetwork, loadPolicy, savePolicy, UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { train } from "../../../src/runs/train.js";
import { box, discrete, type Space, spaceWidth, unflatten } from "../../../src/spaces/index.js";
import { snapshot } from "../../../src/state/snapshot.js";
import * as t from "../../../src/tensor/index.js";
import { evaluate, expectClose, finiteDifferences, values } from "../../nn/support.js";
import { signposts } from "../../support/signposts.js";

/** Sums over the rows and the columns of an 8 × 8 image, layer-normalised. */
const projections = defineNetwork({
  name: "projections",
  schema: z.strictObject({ brightness: z.number().default(255) }),
  create({ inputs }, { brightness }) {
    const norm = nn.layerNorm(16);
    const side = Math.sqrt(inputs);
    return {
      width: 16,
      parameters: { norm: norm.parameters },
      apply({ norm: weights }, x) {
        const image = t.div(t.reshape(x, [-1, side, side]), brightness);
        const sums = t.concat([t.sum(image, 1), t.sum(image, 2)], 1);
        return norm.apply(weights as nn.TensorTree<nn.LayerNormParameters>, sums);
      },
    };
  },
});

const env = () => signposts();
/** The same task, whose action is a number in [−1, 1]. */
const steered = () => {
  const inner = signposts();
  return {
    ...inner,
    id: "Steered",
    actionSpace: box([1], -1, 1),
    step: (action: unknown) =>
      inner.step(Math.min(3, Math.floor(2 * ((action as ArrayLike<number>)[0] + 1)))),
  };
};

const seen = box([8, 8, 1], 0, 255);
const shownBy = (
  source: typeof env | typeof steered,
  action = source === env ? discrete(4) : box([1], -1, 1),
) => collect(new UniformPolicy(seen, action), { env: source, episodes: 2, seed: 1 });
const demonstrations: Demonstrations = await shownBy(env);
const steeredDemonstrations: Demonstrations = await shownBy(steered);

const expert = await train(bc({ demonstrations, epochs: 1 }), { env });

const network = projections();
const rollouts = { network, environments: 2, rolloutSteps: 16, minibatchSize: 16, epochs: 2 };
const replays = {
  network,
  hidden: [16],
  learningStarts: 32,
  trainEvery: 16,
  gradientSteps: 4,
  minibatchSize: 16,
};
const discriminator = { network, minibatchSize: 16, updates: 2 };
const optimiser = { algorithm: "ppo", ...rollouts };

const cases: [name: string, make: () => Algorithm, steps: number, source?: typeof env | typeof steered][] = [
  ["bc", () => bc({ demonstrations, network, epochs: 4, minibatchSize: 16 }), 8],
  ["bc, recurrent", () => bc({ demonstrations, network, epochs: 4, recurrentUnits: 4 }), 4],
  ["bc, standardised", () => bc({ demonstrations, network, epochs: 4, normaliseObservations: true }), 4],
  ["dagger", () => dagger({ expert, network, rounds: 4, roundSteps: 32 }), 128],
  ["ppo", () => ppo(rollouts), 128],
  ["ppo, shared and recurrent", () => ppo({ ...rollouts, sharedTrunk: true, recurrentUnits: 4 }), 128],
  ["ppo, standardised", () => ppo({ ...rollouts, normaliseObservations: true }), 128],
  ["a2c", () => a2c({ network }), 256],
  ["dqn", () => dqn({ ...replays, duelling: true }), 128],
  ["sac, discrete", () => sac(replays), 128],
  ["sac, continuous", () => sac(replays), 128, steered],
  ["gail", () => gail({ demonstrations, optimiser, discriminator }), 128],
  [
    "gail around sac",
    () =>
      gail({
        demonstrations: steeredDemonstrations,
        optimiser: { algorithm: "sac", ...replays },
        discriminator,
      }),
    128,
    steered,
  ],
  ["airl", () => airl({ demonstrations, optimiser, discriminator }), 128],
  ["sqil", () => sqil({ demonstrations, optimiser: { algorithm: "dqn", ...replays } }), 128],
  [
    "distributionMatching",
    () => distributionMatching({ demonstrations, optimiser, discriminator, estimator: "density-ratio" }),
    128,
  ],
];

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "networks-"));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe.each(cases)("%s with a user-defined network", (_, make, steps, source = env) => {
  it("resumes bit for bit, records the network, and acts the same after loading", async () => {
    const options = { env: source, seed: 0 };
    const whole = await train.run(make(), { ...options, steps });
    const folder = join(parent, "run");
    const half = await train.run(make(), { ...options, steps: steps / 2, folder });
    half.close();
    const resumed = await train.run(make(), { ...options, steps, folder, resume: true });
    expect(snapshot(resumed.state)).toEqual(snapshot(whole.state));
    expect(whole.policy.toData().arrays).not.toEqual(half.policy.toData().arrays);

    expect(readFileSync(join(folder, "config.json"), "utf8")).toContain('"projections"');
    const names = Object.keys(whole.policy.toData().arrays);
    expect(names.some((name) => name.includes("network.norm.scale"))).toBe(true);

    const observations = createRng("pixels").fillUniform(new Float32Array(64 * 20));
    const act = (policy: typeof whole.policy) => policy.act(observations, { rng: createRng(3) });
    expect(await act(loadPolicy(savePolicy(whole.policy)))).toEqual(await act(whole.policy));
    expect(whole.policy.toOnnx?.().length).toBeGreaterThan(100);
    whole.close();
    resumed.close();
  });
});

describe("ppo on images", () => {
  const learn = async (network: object | undefined, shuffled: boolean) => {
    const algorithm = ppo({
      network: network as { kind: string } | undefined,
      hidden: [64],
      activation: "relu",
      environments: 16,
      rolloutSteps: 32,
      minibatchSize: 128,
      epochs: 4,
      discount: 0,
      gaeLambda: 0,
      learningRate: 2e-3,
    });
    const { evaluations, close } = await train.run(algorithm, {
      env: () => signposts({ shuffled }),
      steps: 12_288,
      seed: 0,
      evaluate: { every: 12_288, episodes: 30 },
    });
    close();
    return evaluations[0].mean;
  };
  const convolutions = [
    { filters: 8, size: 3 },
    { filters: 16, size: 3, stride: 2 },
  ];

  it("learns with convolutions, and neither on flattened pixels nor on shuffled pixels", async () => {
    const image = await learn({ kind: "cnn", convolutions }, false);
    // Of 16 signs in an episode a random walk follows 4.
    expect(image).toBeGreaterThan(12);
    expect(await learn({ kind: "cnn", convolutions }, true)).toBeLessThan(image - 3);
    expect(await learn({ kind: "flatten" }, false)).toBeLessThan(7);
  }, 180_000);
});

describe("a discriminator with convolutions", () => {
  const spaces = { observationSpace: box([4, 4], 0, 255), actionSpace: discrete(2) };
  const options = {
    hidden: [3],
    activation: "tanh" as const,
    network: { kind: "cnn", activation: "silu", scale: true, convolutions: [{ filters: 2, size: 2 }] },
    normaliseObservations: true,
  };
  const scorers = {
    "that of gail": pairScorer(spaces, options),
    "that of airl": shapedScorer(spaces, { ...options, discount: 0.9, rewardInputs: "state" }),
  };

  it.each(Object.entries(scorers))("%s has the exact gradient penalty", async (_, scorer) => {
    const layout = nn.layoutOf(scorer.parameters);
    const rng = createRng("penalty");
    const normals = (rows: number, width: number) =>
      values([rows, width], rng.fillNormal(new Float32Array(rows * width)));
    const inputs = {
      p: values([layout.size], layout.initialise(rng)),
      ...Object.fromEntries(
        ["expert", "learner"].flatMap((who) => [
          [`${who}State`, normals(2, 17)],
          [`${who}Action`, normals(2, 2)],
          [`${who}Next`, normals(2, 17)],
        ]),
      ),
      shares: values([2], [0.25, 0.75]),
    };
    const penalty = (p: nn.TensorTree, given: Record<string, t.Tensor>) => {
      const [expert, learner] = ["expert", "learner"].map((who) => ({
        state: given[`${who}State`],
        action: given[`${who}Action`],
        next: given[`${who}Next`],
      }));
      return gradientPenalty(scorer, p, expert, learner, given.shares);
    };
    const { gradient } = await evaluate(inputs, (given) => {
      const p = layout.unflatten(given.p);
      return { gradient: layout.gradient(penalty(p, given), p) };
    });
    const expected = finiteDifferences(inputs, "p", (given) => penalty(layout.unflatten(given.p), given));
    expectClose(gradient, expected, 1e-6, "gradient");
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
  });
});

describe("the option network", () => {
  it("accepts a name, plain data, or a network of defineNetwork", () => {
    const options = (network: Parameters<typeof ppo>[0]) => ppo(network).options.network;
    expect(options({ network: "projections" })).toEqual({ kind: "projections", brightness: 255 });
    expect(options({ network: projections({ brightness: 1 }) })).toEqual({
      kind: "projections",
      brightness: 1,
    });
    expect(options({ network: { kind: "cnn" } })).toEqual({ kind: "cnn", activation: "relu", scale: true });
    expect(options({})).toBeUndefined();
  });

  it("accepts functions, each a network of its own", async () => {
    const doubled = ({ inputs }: { inputs: number }) => ({
      width: inputs,
      parameters: {},
      apply: (_: unknown, x: t.Tensor) => t.mul(x, 2),
    });
    const { network } = ppo({ network: doubled }).options as { network: { kind: string } };
    expect(network).toEqual({ kind: "doubled" });
    expect(ppo({ network: doubled }).options).toMatchObject({ network });
    const other = { doubled: () => ({ width: 1, parameters: {}, apply: (_: unknown, x: t.Tensor) => x }) };
    expect(ppo({ network: other.doubled }).options).toMatchObject({ network: { kind: "doubled-2" } });
    const policy = await train(ppo({ ...rollouts, network: doubled }), { env, steps: 64, seed: 0 });
    expect(policy.toData().settings.network).toEqual(network);
  });

  it("is cnn for images and parts for dicts with images by default, and none for others", async () => {
    const networkOf = async (observationSpace: Space, make: () => Algorithm<never>) => {
      const blank = () => ({
        id: "Blank",
        observationSpace,
        actionSpace: discrete(2),
        reset: () => zeros(observationSpace),
        step: () => [zeros(observationSpace), 0, true, false, {}],
      });
      const policy = await train(make(), { env: blank as never, steps: 32, seed: 0 });
      return (policy.toData().settings.network as { kind: string } | undefined)?.kind;
    };
    const zeros = (space: Space) =>
      unflatten(space, new Float32Array(spaceWidth(space))) as unknown as Float32Array;
    const small = { ...rollouts, network: undefined, hidden: [4] };
    const makers = [
      () => ppo(small),
      () => dqn({ hidden: [4], learningStarts: 16, trainEvery: 16, gradientSteps: 1, minibatchSize: 4 }),
      () => sac({ hidden: [4], learningStarts: 16, trainEvery: 16, gradientSteps: 1, minibatchSize: 4 }),
    ] as unknown as (() => Algorithm<never>)[];
    const image = box([8, 9, 3], 0, 255);
    const dict = (spaces: Record<string, Space>): Space => ({ kind: "dict", spaces });
    for (const make of makers) {
      expect(await networkOf(image, make)).toBe("cnn");
      expect(await networkOf(dict({ camera: image, speed: box([2], -1, 1) }), make)).toBe("parts");
    }
    expect(await networkOf(box([3, 2, 9, 3], 0, 1), makers[0])).toBeUndefined();
    expect(await networkOf(box([2, 8, 9, 3], 0, 255), makers[0])).toBe("cnn");
    expect(await networkOf(box([20, 20], -1, 1), makers[0])).toBeUndefined();
  });

  it.each([
    [
      { network: "projection" },
      /^ppo: option "network" is "projection": there is no network "projection"; did you mean "projections"\?/,
    ],
    [{ network: {} }, /^ppo: option "network" is an object: it must be one of/],
    [
      { network: { kind: "mlp", layernorm: true } },
      /network "mlp": unknown option "layernorm"; did you mean "layerNorm"\?/,
    ],
  ])("refuses %o and names the valid values", (options, message) => {
    expect(() => ppo(options as Parameters<typeof ppo>[0])).toThrow(UsageError);
    expect(() => ppo(options as Parameters<typeof ppo>[0])).toThrow(message);
  });

  it("is refused with fusion in dagger, which merges hidden layers", () => {
    expect(() => dagger({ expert, network, combine: "fuse" })).toThrow(
      /combine "fuse" cannot merge policies with the network "projections"/,
    );
  });

  it("reports a network that does not fit the environment when training starts", async () => {
    const run = train(ppo({ network: "cnn" }), {
      env: () => ({ ...signposts(), observationSpace: box([64], 0, 255) }),
    });
    await expect(run).rejects.toThrow(/network "cnn" needs images.*the observations are Box\(64\)/);
  });
});
