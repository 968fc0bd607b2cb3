/** @file MILET: the bound against a model with a closed form, gradients, what each loss trains, and learning. */

import { describe, expect, it } from "vitest";
import { milet } from "../../../algorithms/index.js";
import { taskDecoder } from "../../../algorithms/meta/belief/decoder.js";
import { type BoundInputs, trialWeightsOf } from "../../../algorithms/meta/belief/variational.js";
import {
  consistencyWeight,
  entropyAt,
  entropyWeight,
  intrinsicRewards,
} from "../../../algorithms/meta/milet/intrinsic.js";
import { clusteredBound, priorNetwork } from "../../../algorithms/meta/milet.js";
import "../../../envs/index.js";
import { problemOf } from "../../../src/env/problem.js";
import * as nn from "../../../src/nn/index.js";
import { beliefEncoder, gaussianHead } from "../../../src/policies/belief/encoder.js";
import { createRng } from "../../../src/random/rng.js";
import { box } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";
import { hiddenNumber } from "../../support/hidden-number.js";

const weightsOf = (latent: number, cluster: number, inTrial = 0, prior = 0) => ({
  latent,
  cluster,
  inTrial,
  prior,
});

describe("the clustered bound of a linear-Gaussian mixture", () => {
  // c uniform on 2 clusters, z | c ~ N(mean_c, s²), and rewards r_i = x_i z + noise of variance 1/2.
  const x = [1, -0.5, 2];
  const means = [-1, 1.5];
  const s2 = 0.6;
  const r = [1.1, -0.4, 2.4];
  const [D, E] = [x.length, 20_000];
  const precision = 1 / s2 + 2 * x.reduce((sum, xi) => sum + xi * xi, 0);
  const posteriorMean = (c: number) =>
    (means[c] / s2 + 2 * x.reduce((sum, xi, i) => sum + xi * r[i], 0)) / precision;

  /** log p(r | c), by completing the square. */
  const logLikelihood = (c: number) => {
    const square =
      r.reduce((sum, ri) => sum + ri * ri, 0) +
      means[c] ** 2 / (2 * s2) -
      (precision * posteriorMean(c) ** 2) / 2;
    return -square - (D / 2) * Math.log(Math.PI) - 0.5 * Math.log(s2 * precision);
  };
  const logs = [0, 1].map((c) => logLikelihood(c) - Math.log(2));
  const evidence = Math.log(Math.exp(logs[0]) + Math.exp(logs[1]));
  const posterior = logs.map((log) => Math.exp(log - evidence));

  /** A prior network whose outputs for one-hot c are mean_c and the variance s². */
  function prior(): Float32Array {
    const layout = nn.layoutOf(priorNetwork(2, 1).parameters);
    const vector = new Float32Array(layout.size);
    const views = layout.views(vector);
    for (const c of [0, 1]) {
      views["hidden0.weight"].data[c * 32 + c] = 1;
      views["output.weight"].data[c * 2] = means[c];
      views["output.weight"].data[c * 2 + 1] = Math.log(Math.expm1(s2 - 1e-6));
    }
    return vector;
  }

  /** The bound in nats for q(c) and q(z | c) = N(posterior mean + shift, posterior variance × wider). */
  function bound(q: number[], shift = 0, wider = 1): number {
    const layout = nn.layoutOf(priorNetwork(2, 1).parameters);
    const rng = createRng("noise");
    const inputs = {
      prior: t.float32([layout.size]),
      latent: t.float32([E, 1, 1]),
      cluster: t.float32([E, 1, 2]),
    };
    const logQ = () => t.log(t.constant(Float32Array.from([...q, ...q]), [2, 1, 2]));
    const program = t.program(inputs, (given) => {
      const encoder = {
        clusterLogProbs: () => logQ(),
        latent: (_: unknown, __: unknown, c: t.Tensor) => {
          const centre = Float32Array.from([0, 1], (k) => posteriorMean(k) + shift);
          const mean = t.matmul(c, t.constant(centre, [2, 1]));
          return nn.diagonalGaussian(mean, t.mul(t.fillLike(mean, 1), Math.log(wider / precision) / 2));
        },
      };
      const decoder = {
        errors: (_: unknown, z: t.Tensor) => {
          const predicted = t.mul(t.reshape(z, [E, 1]), t.constant(Float32Array.from(x), [1, D]));
          return { reward: t.mean(t.square(t.sub(predicted, t.constant(Float32Array.from(r), [1, D])))) };
        },
      };
      const tree = layout.unflatten(given.prior);
      const { loss } = clusteredBound(
        {
          encoder,
          decoder,
          p: { encoder: {}, decoder: {}, prior: tree },
          targets: { prior: tree },
          memories: t.zeros([2, 1, 1]),
          decoded: {},
          // The same time step, drawn E times.
          atTerms: (tensor: t.Tensor) =>
            t.broadcastTo(t.slice(tensor, 0, 1, 0), [E, ...tensor.shape.slice(1)]),
          trialWeights: trialWeightsOf(t.full([1], 1), { steps: 1, terms: 1, decoded: 1 }),
          noise: { latent: given.latent, cluster: given.cluster },
          steps: 1,
        } as unknown as BoundInputs,
        { clusters: 2, latent: 1, temperature: 0.02, weights: weightsOf(1 / D, 1 / D) },
      );
      return { loss };
    });
    const { loss } = program.interpret({
      prior: prior(),
      latent: rng.fillNormal(new Float32Array(E)),
      cluster: rng.fillUniform(new Float32Array(2 * E)),
    });
    return -D * loss[0] - (D / 2) * Math.log(Math.PI);
  }

  it("is the log-evidence at the exact posterior", () => {
    expect(Math.abs(bound(posterior) - evidence)).toBeLessThan(0.03);
  });

  it("is smaller at any other q(c) or q(z | c)", () => {
    const exact = bound(posterior);
    for (const other of [
      bound([0.5, 0.5]),
      bound(posterior, 0.4),
      bound(posterior, 0, 3),
      bound(posterior, 0, 0.3),
    ]) {
      expect(other).toBeLessThan(exact - 0.05);
    }
  });
});

/** A whole loss on random trials, as a function of the parameters. */
function wholeLoss(weights: ReturnType<typeof weightsOf>) {
  const [T, B, E, D, C, latent] = [4, 3, 2, 3, 3, 2];
  const encoder = beliefEncoder({
    observationSpace: box([2], -1, 1),
    actionSpace: box([1], -1, 1),
    embeddings: { observation: 3, action: 2, reward: 2 },
    units: 3,
    latent,
    clusters: C,
  });
  const decoder = taskDecoder(
    { observation: 2, action: 1, latent },
    { hidden: [4, 3], reward: "squared", state: true },
  );
  const layout = nn.layoutOf({
    encoder: encoder.parameters,
    decoder: decoder.parameters,
    prior: priorNetwork(C, latent).parameters,
  });
  const rng = createRng("trials");
  const widths = [2, 1, 1, 2];
  const inputs = {
    parameters: t.float32([layout.size]),
    targets: t.float32([layout.size]),
    trials: t.float32([T, B, 6]),
    latent: t.float32([E, B, latent]),
    cluster: t.float32([E, B, C]),
  };
  const program = t.program(inputs, (given) => {
    const p = layout.unflatten(given.parameters) as unknown as Record<string, nn.TensorTree>;
    const [s, a, r, next] = t.split(given.trials, widths, -1);
    const pick = (tensor: t.Tensor) => t.gather(tensor, t.constant(Int32Array.of(0, 1, 3), [D], "int32"), 0);
    const { loss, reported } = clusteredBound(
      {
        encoder,
        decoder,
        p: p as unknown as nn.TensorTree,
        targets: layout.unflatten(given.targets) as unknown as nn.TensorTree,
        memories: encoder.memories(p.encoder, { next, action: a, reward: r }),
        decoded: { observation: pick(s), action: pick(a), reward: pick(r), next: pick(next) },
        atTerms: (tensor) => t.gather(tensor, t.constant(Int32Array.of(1, 4), [E], "int32"), 0),
        trialWeights: trialWeightsOf(t.full([B], T), { steps: T, terms: E, decoded: D }),
        noise: { latent: given.latent, cluster: given.cluster },
        steps: T,
      },
      { clusters: C, latent, temperature: 0.8, weights },
    );
    return {
      loss,
      ...reported,
      gradient: t.grad(loss, [given.parameters])[0],
      targetGradient: t.grad(loss, [given.targets])[0],
    };
  });
  const parameters = layout.initialise(rng.stream("parameters"));
  const feeds = {
    parameters,
    targets: parameters,
    trials: rng.fillNormal(new Float32Array(T * B * 6)),
    latent: rng.fillNormal(new Float32Array(E * B * latent)),
    cluster: rng.fillUniform(new Float32Array(E * B * C)),
  };
  return { layout, program, feeds, rng };
}

describe("the terms of the bound", () => {
  const [T, B, E, C, latent] = [3, 2, 2, 3, 1];
  const rng = createRng("terms");
  const drawn = [0, 2];
  /** log q(c | τ:t), `[T + 1, B, C]`. */
  const logQ = Float32Array.from({ length: (T + 1) * B }, () => 0).reduce(
    (all, _, row) => {
      const weights = [1, 2, 3].map(() => 0.2 + rng.uniform());
      const total = weights.reduce((a, b) => a + b);
      for (const [c, w] of weights.entries()) all[row * C + c] = Math.log(w / total);
      return all;
    },
    new Float32Array((T + 1) * B * C),
  );
  const layout = nn.layoutOf(priorNetwork(C, latent).parameters);
  const [prior, target] = ["prior", "target"].map((name) => layout.initialise(createRng(name)));

  function terms(weights: { latent: number; cluster: number; inTrial?: number; prior?: number }) {
    const inputs = { prior: t.float32([layout.size]), target: t.float32([layout.size]) };
    const program = t.program(inputs, (given) => {
      const heads = [given.prior, given.target].map((vector) => {
        const each = t.oneHot(t.arange(C), C);
        const { mean, logStd } = gaussianHead(
          priorNetwork(C, latent).apply(layout.unflatten(vector), each),
          latent,
        );
        return t.concat([mean, logStd], -1);
      });
      const { loss, reported } = clusteredBound(
        {
          encoder: {
            clusterLogProbs: () => t.constant(logQ, [T + 1, B, C]),
            latent: () => nn.diagonalGaussian(t.full([E, B, latent], 0.3), t.full([E, B, latent], -0.5)),
          },
          decoder: { errors: () => ({ reward: t.constant(0.7), state: t.constant(0.2) }) },
          p: { encoder: {}, decoder: {}, prior: layout.unflatten(given.prior) },
          targets: { prior: layout.unflatten(given.target) },
          memories: t.zeros([T + 1, B, 1]),
          decoded: {},
          atTerms: (x: t.Tensor) => t.gather(x, t.constant(Int32Array.from(drawn), [E], "int32"), 0),
          trialWeights: trialWeightsOf(t.full([B], T), { steps: T, terms: E, decoded: 1 }),
          noise: { latent: t.zeros([E, B, latent]), cluster: t.full([E, B, C], 0.5) },
          steps: T,
        } as unknown as BoundInputs,
        { clusters: C, latent, temperature: 0.8, weights },
      );
      return { loss, ...reported, own: heads[0], old: heads[1] };
    });
    return program.interpret({ prior, target });
  }
  const found = terms(weightsOf(0.3, 0.2, 0.5, 0.4));
  const at = (step: number, b: number, c: number) => logQ[(step * B + b) * C + c];

  it("are KL(q(c) ‖ uniform) at the drawn steps, and KL(q(c | τ:t) ‖ q(c | τ:t+1)) over all steps", () => {
    let [uniform, inTrial] = [0, 0];
    for (let b = 0; b < B; b++) {
      for (let c = 0; c < C; c++) {
        for (const step of drawn) uniform += Math.exp(at(step, b, c)) * (at(step, b, c) + Math.log(C));
        for (let step = 0; step < T; step++) {
          inTrial += Math.exp(at(step, b, c)) * (at(step, b, c) - at(step + 1, b, c));
        }
      }
    }
    expect(found.klCluster[0]).toBeCloseTo(uniform / (E * B), 6);
    expect(found.inTrial[0]).toBeCloseTo(inTrial / (T * B), 6);
  });

  it("are the mean over clusters of KL(p(z | c) ‖ p_target(z | c))", () => {
    let shift = 0;
    for (let c = 0; c < C; c++) {
      const [m, s] = [found.own[2 * c], Math.exp(found.own[2 * c + 1])];
      const [m0, s0] = [found.old[2 * c], Math.exp(found.old[2 * c + 1])];
      shift += (Math.log(s0 / s) + (s * s + (m - m0) ** 2) / (2 * s0 * s0) - 0.5) / C;
    }
    expect(shift).toBeGreaterThan(1e-3);
    expect(found.priorShift[0]).toBeCloseTo(shift, 5);
  });

  it("are summed with their weights, of which two follow from the others if they are not given", () => {
    const errors = 0.7 + 0.2;
    const [latentKl, cluster, inTrial, shift] = [
      found.klLatent[0],
      found.klCluster[0],
      found.inTrial[0],
      found.priorShift[0],
    ];
    expect(latentKl).toBeGreaterThan(0.01);
    expect(found.loss[0]).toBeCloseTo(
      errors + 0.3 * latentKl + 0.2 * cluster + 0.5 * inTrial + 0.4 * shift,
      5,
    );
    expect(terms({ latent: 3, cluster: 2 }).loss[0]).toBeCloseTo(
      errors + 3 * latentKl + 2 * cluster + 2 * inTrial + 0.3 * shift,
      5,
    );
  });
});

describe("the loss of MILET", () => {
  const all = weightsOf(0.3, 0.2, 0.5, 0.4);

  it("has the gradient of finite differences, and the same on the runtime; the target has none", async () => {
    const { layout, program, feeds, rng } = wholeLoss(all);
    const moved = feeds.parameters.map((w) => w + 0.1 * rng.normal());
    const at = { ...feeds, parameters: moved };
    const { gradient, targetGradient } = program.interpret(at);
    for (let trial = 0; trial < 12; trial++) {
      const k = rng.integer(layout.size);
      const h = 1e-3;
      const shifted = (by: number) => {
        const parameters = Float64Array.from(moved);
        parameters[k] += by;
        return program.interpret({ ...at, parameters: parameters as unknown as Float32Array }).loss[0];
      };
      expect(Math.abs((shifted(h) - shifted(-h)) / (2 * h) - gradient[k])).toBeLessThan(2e-4);
    }
    expect(targetGradient.some((g) => g !== 0)).toBe(true);
    const run = await program.run(at);
    for (let k = 0; k < layout.size; k++) expect(run.gradient[k]).toBeCloseTo(gradient[k], 4);
  });

  it("trains by the consistency in a trial only the GRU of the cluster and its head", () => {
    const { layout, program, feeds } = wholeLoss(weightsOf(0, 0, 1));
    const without = wholeLoss(weightsOf(0, 0, 0)).program.interpret(feeds).gradient;
    const { gradient } = program.interpret(feeds);
    for (const { name, offset, size } of layout.entries) {
      const differs = Array.from({ length: size }, (_, k) =>
        Math.abs(gradient[offset + k] - without[offset + k]),
      );
      const own = /^encoder\.(clusterGru|clusterHead|next|action|reward)/.test(name);
      if (own && name.endsWith("weight")) expect(Math.max(...differs)).toBeGreaterThan(1e-7);
      if (!own) expect(Math.max(...differs)).toBeLessThan(1e-12);
    }
  });

  it("has no shift of the prior right after the target was renewed", () => {
    const { program, feeds } = wholeLoss(all);
    expect(program.interpret(feeds).priorShift[0]).toBeCloseTo(0, 10);
    const elsewhere = { ...feeds, targets: feeds.targets.map((w) => w + 0.1) };
    expect(program.interpret(elsewhere).priorShift[0]).toBeGreaterThan(1e-4);
  });
});

describe("milet", () => {
  it("pays the first episode for certainty and for keeping to a cluster, and reports both", async () => {
    const [count, horizon, clusters] = [3, 4, 2];
    const problem = await problemOf(hiddenNumber);
    const played = async (
      intrinsic: { entropy: number; consistency: number; rate: number },
      exploration = "policy",
    ) => {
      const learner = milet({
        ...{ environments: count, clusters, intrinsic, exploration: exploration as "policy" },
        ...{ hidden: [4], latent: 1, encoderUnits: 3, epochs: 1, minibatches: 1, vaeBatch: 9, warmUp: 1e6 },
      });
      const state = await learner.init(problem, createRng(0));
      const metrics = await learner.update(state);
      return { record: state.live.record, rewards: state.live.record.phases[0].rollout.rewards, metrics };
    };
    const options = { entropy: 3, consistency: 2, rate: 5 };
    const [paid, plain] = [await played(options), await played({ ...options, entropy: 0, consistency: 0 })];
    const q = paid.record.clusters;
    const size = count * clusters;
    const { entropy, consistency } = intrinsicRewards(q.slice(0, (horizon + 1) * size), horizon, [4, 4, 4]);
    expect(Math.max(...entropy.map(Math.abs))).toBeGreaterThan(1e-4);
    expect(paid.rewards.length).toBe(horizon * count);
    for (const [k, reward] of paid.rewards.entries()) {
      const step = Math.floor(k / count);
      const extra =
        entropyWeight(step, horizon, options) * entropy[k] +
        consistencyWeight(step, horizon, options) * consistency[k];
      expect(reward - plain.rewards[k]).toBeCloseTo(extra, 9);
    }
    const mean = (x: ArrayLike<number>) => Array.from(x).reduce((a, b) => a + b, 0) / count;
    expect(paid.metrics.entropyReward).toBeCloseTo(mean(entropy), 9);
    expect(paid.metrics.consistencyReward).toBeCloseTo(mean(consistency), 9);
    const last = q.slice(horizon * size, (horizon + 1) * size);
    expect(paid.metrics.clusterEntropy).toBeCloseTo(
      mean([0, 1, 2].map((i) => entropyAt(last, i * clusters, clusters))),
      9,
    );
    const usage = [0, 1].map((c) => mean([0, 1, 2].map((i) => last[i * clusters + c])));
    expect(paid.metrics.clusterUsage).toBeCloseTo(-usage.reduce((sum, p) => sum + p * Math.log(p), 0), 6);
    // Without a policy of exploration nobody is paid, and the same is reported.
    const none = await played(options, "none");
    const whole = await played({ ...options, entropy: 0, consistency: 0 }, "none");
    expect(none.rewards).toEqual(whole.rewards);
    expect(none.metrics.entropyReward).not.toBe(0);
  });

  it("reports clusters that collapsed: an entropy of the mean q(c) below a tenth of log C", () => {
    const told = (clusters: number, clusterUsage: number) =>
      milet({ clusters }).outcome!({ metrics: { clusterUsage } } as never);
    expect(told(4, 0.1 * Math.log(4) - 0.01)).toMatch(
      /the clusters collapsed: the entropy of the mean q\(c\) is 0.129 of 1.386 nats/,
    );
    expect(told(4, 0.1 * Math.log(4) + 0.01)).toBeUndefined();
    expect(told(1, -1)).toBeUndefined();
  });

  it("refuses what cannot work, with the way out", () => {
    expect(() => milet({ clusters: 0 })).toThrow('"clusters" is 0');
    expect(() => milet({ temperature: 0 })).toThrow('"temperature" is 0');
    expect(() => milet({ buffer: 10, vaeBatch: 25 })).toThrow("smaller than vaeBatch 25");
  });
});
