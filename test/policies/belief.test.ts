/** @file Belief policies: sequences of the encoder equal its steps; two actors; saving, export and blindness to noise. */

import { describe, expect, it } from "vitest";
import * as ort from "#ort";
import { createMoments } from "../../src/env/moments.js";
import { feedbackLayout } from "../../src/env/wrappers/feedback-view.js";
import { actorCritic } from "../../src/policies/actor-critic.js";
import { beliefEncoder, type EncoderSettings } from "../../src/policies/belief/encoder.js";
import { BeliefPolicy, type BeliefSettings, beliefRowSpace } from "../../src/policies/belief.js";
import { policyOf } from "../../src/policies/define.js";
import { createRng } from "../../src/random/rng.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const spaces = { observationSpace: box([2], -Infinity, Infinity), actionSpace: box([1], -2, 2) as Space };

const encoderSettings = (extra: Partial<EncoderSettings> = {}): EncoderSettings => ({
  ...spaces,
  embeddings: { observation: 3, action: 2, reward: 2 },
  units: 5,
  latent: 2,
  ...extra,
});

function settingsOf(encoder: EncoderSettings, actors: 1 | 2): BeliefSettings {
  const actor = actorCritic({
    observationSpace: beliefRowSpace(encoder),
    actionSpace: encoder.actionSpace,
    hidden: [6],
    activation: "tanh",
    critic: true,
  }).settings;
  return { encoder, actor, actors };
}

/** A policy with large random weights, so that every input matters. */
function policyWith(encoder: EncoderSettings, actors: 1 | 2 = 1): BeliefPolicy {
  const settings = settingsOf(encoder, actors);
  const rng = createRng("weights");
  const large = (vector: Float32Array) => vector.map((w) => w + 0.4 * rng.normal());
  const moments = createMoments(beliefRowSpace(encoder).low.length);
  moments.count = 10;
  for (let j = 0; j < moments.mean.length; j++) {
    moments.mean[j] = 0.1 * j;
    moments.squares[j] = 10 * (1 + j);
  }
  return new BeliefPolicy(
    settings,
    large(beliefEncoder(encoder).layout.initialise(rng)),
    Array.from({ length: actors }, () => large(actorCritic(settings.actor).layout.initialise(rng))),
    { moments, clip: 10 },
  );
}

/** Random feedback rows of N trials for T steps, `first` at step 0 and an episode's end before step `end`. */
function randomRows(steps: number, count: number, end: number, encoder = encoderSettings()): Float32Array[] {
  const { width, parts } = feedbackLayout(encoder.observationSpace, encoder.actionSpace);
  const rng = createRng("rows");
  const ended = parts[0] + parts[1] + parts[2];
  return Array.from({ length: steps }, (_, step) => {
    const rows = rng.fillNormal(new Float32Array(count * width));
    for (let i = 0; i < count; i++) {
      rows[i * width + ended] = Number(step === end);
      rows[(i + 1) * width - 1] = Number(step === 0);
    }
    return rows;
  });
}

describe.each([
  ["one GRU", {}],
  ["stacked GRUs with clusters", { clusters: 3 }],
  ["clusters without stacking", { clusters: 3, stacked: false }],
])("the encoder with %s", (_, extra) => {
  it("gives in sequences the beliefs of its steps, across the end of an episode", async () => {
    const settings = encoderSettings(extra);
    const encoder = beliefEncoder(settings);
    const policy = policyWith(settings);
    const [steps, count] = [6, 3];
    const rows = randomRows(steps, count, 3, settings);
    const { parts, width } = feedbackLayout(settings.observationSpace, settings.actionSpace);
    let memory = new Float32Array(count * encoder.memoryWidth);
    const acted: number[][] = [];
    for (const row of rows) {
      const result = await policy.step(row, memory, 0, { deterministic: true });
      memory = result.memory as Float32Array<ArrayBuffer>;
      acted.push([...result.raw]);
    }
    const program = t.program(
      { p: t.float32([encoder.layout.size]), rows: t.float32([steps - 1, count, width]) },
      (given) => {
        const p = encoder.layout.unflatten(given.p);
        const [, action, reward, , next] = t.split(given.rows, [...parts], -1);
        const memories = encoder.memories(p, { next, action, reward });
        return { belief: encoder.belief(p, memories).belief };
      },
    );
    const later = new Float32Array((steps - 1) * count * width);
    for (const [k, row] of rows.slice(1).entries()) later.set(row, k * row.length);
    const { belief } = program.interpret({ p: policy.encoder, rows: later });
    const own = 2 * settings.latent;
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < own; j++) {
          const raw = acted[step][i * (3 + own) + 3 + j];
          expect(raw).toBeCloseTo(belief[(step * count + i) * own + j], 5);
        }
      }
    }
  });

  it("starts from the same belief whatever the first row holds", async () => {
    const policy = policyWith(encoderSettings(extra));
    const [first] = randomRows(1, 2, -1);
    const result = await policy.step(first, new Float32Array(2 * policy.memoryWidth), 0, {
      deterministic: true,
    });
    const width = result.raw.length / 2;
    expect([...result.raw.subarray(3, width)]).toEqual([...result.raw.subarray(width + 3)]);
    expect([...result.memory]).toEqual(new Array(2 * policy.memoryWidth).fill(0));
  });
});

describe("a belief policy", () => {
  const settings = encoderSettings({ clusters: 3 });

  it("acts row by row as in a batch, with the first actor in the first episode and the second after it", async () => {
    const policy = policyWith(settings, 2);
    const single = [0, 1].map(
      (k) =>
        new BeliefPolicy(
          { ...policy.settings, actors: 1 },
          policy.encoder,
          [policy.actors[k]],
          policy.statistics,
        ),
    );
    const rows = randomRows(4, 2, 2, settings);
    // Environment 1 is an episode behind: its row never says that an episode ended.
    const { width, parts } = feedbackLayout(settings.observationSpace, settings.actionSpace);
    rows[2][width + parts[0] + parts[1] + parts[2]] = 0;
    let state: Float32Array | undefined;
    const singles: (Float32Array | undefined)[] = [undefined, undefined];
    for (const [step, row] of rows.entries()) {
      const result = await policy.act(row, { deterministic: true, state });
      for (const k of [0, 1]) {
        const own = await single[k].act(row, { deterministic: true, state: singles[k] });
        singles[k] = own.state;
        for (const i of [0, 1]) {
          const expected = i === 0 && step >= 2 ? 1 : 0;
          if (k === expected) expect(result.actions[i]).toBeCloseTo(own.actions[i], 6);
          else expect(Math.abs(result.unclipped![i] - own.unclipped![i])).toBeGreaterThan(1e-4);
        }
      }
      state = result.state;
      expect(result.clusters).toHaveLength(6);
      expect(result.clusters!.subarray(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
    const value = await policy.value(rows[3], state);
    expect(value).toHaveLength(2);
    const logProb = await policy.logProb(rows[3], new Float32Array(2), state);
    expect(logProb.every(Number.isFinite)).toBe(true);
  });

  it("gives log-probabilities of its samples", async () => {
    for (const actionSpace of [spaces.actionSpace, discrete(3)]) {
      const policy = policyWith(encoderSettings({ actionSpace }));
      const [first, second] = randomRows(2, 4, -1, encoderSettings({ actionSpace }));
      const rng = createRng("actions");
      const { state } = await policy.act(first, { rng });
      const { actions, unclipped = actions, logProbs } = await policy.act(second, { rng, state });
      const again = await policy.logProb(second, unclipped, state);
      for (const [i, value] of again.entries()) expect(value).toBeCloseTo(logProbs![i], 5);
    }
  });

  it("has stored log-probabilities and values that PPO computes again from the rows seen: the ratio is 1", async () => {
    const policy = policyWith(settings);
    const rng = createRng("actions");
    const network = actorCritic(policy.settings.actor);
    const [first, second] = randomRows(2, 4, -1, settings);
    const { memory } = await policy.step(first, new Float32Array(4 * policy.memoryWidth), 0, { rng });
    const { seen, unclipped, logProbs } = await policy.step(second, memory, 0, { rng });
    const values = await policy.values(seen, 0);
    const learning = t.program(
      {
        p: t.float32([network.layout.size]),
        seen: t.float32(["batch", seen.length / 4]),
        actions: t.float32(["batch", 1]),
      },
      (fed) => {
        const { distribution, value } = network.evaluate(network.layout.unflatten(fed.p), fed.seen);
        return { logProbs: distribution.logProb(fed.actions), values: value() };
      },
    );
    const again = await learning.run({ p: policy.actors[0], seen, actions: unclipped });
    for (const i of logProbs.keys()) {
      expect(Math.exp(again.logProbs[i] - logProbs[i])).toBeCloseTo(1, 5);
      expect(again.values[i]).toBeCloseTo(values[i], 5);
    }
  });

  it("is saved and restored, and draws nothing when it acts by its mode", async () => {
    const policy = policyWith(settings, 2);
    const copy = policyOf(structuredClone(policy.toData()));
    expect(copy.view).toBe("feedback");
    const rows = randomRows(3, 2, 1, settings);
    let states: (Float32Array | undefined)[] = [undefined, undefined];
    for (const row of rows) {
      const results = [
        await policy.act(row, { deterministic: true, state: states[0] }),
        await copy.act(row, { deterministic: true, state: states[1] }),
      ];
      expect(results[1]).toEqual(results[0]);
      states = results.map((result) => result.state);
    }
  });

  it("has an ONNX model of one step: the action, the value and the next memory", async () => {
    const policy = policyWith(settings);
    const [first, second] = randomRows(2, 2, -1, settings);
    const begun = await policy.act(first, { deterministic: true });
    const acted = await policy.act(second, { deterministic: true, state: begun.state });
    const width = policy.memoryWidth;
    const memoryOf = (state: Float32Array) => state.filter((_, k) => k % (width + 1) !== width);
    const session = await ort.InferenceSession.create(policy.toOnnx());
    const outputs = await session.run({
      observations: new ort.Tensor("float32", second, [2, second.length / 2]),
      state: new ort.Tensor("float32", memoryOf(begun.state!), [2, width]),
    });
    const values = await policy.value(second, begun.state);
    const expected = { actions: acted.unclipped!, values, state_out: memoryOf(acted.state!) };
    for (const [name, data] of Object.entries(expected)) {
      const own = outputs[name].data as Float32Array;
      expect(own).toHaveLength(data.length);
      for (const [k, value] of data.entries()) expect(own[k]).toBeCloseTo(value, 5);
    }
  });

  it("refuses rows of another width", async () => {
    const policy = policyWith(settings);
    await expect(policy.act(new Float32Array(5), { deterministic: true })).rejects.toThrow("numbers each");
  });
});

describe("calls of act at the same time", () => {
  it("sample what calls one after the other sample", async () => {
    const policy = policyWith(encoderSettings());
    const [rows] = randomRows(1, 2, -1);
    const act = async (seed: number) => (await policy.act(rows, { rng: createRng(seed) })).actions;
    const together = await Promise.all([1, 2, 3].map(act));
    for (const [k, actions] of together.entries()) expect(await act(k + 1)).toEqual(actions);
  });
});
