/** @file The trainer against closed forms: steps on quadratics with known gradients. */

import { describe, expect, it } from "vitest";
import {
  groupTrainer,
  isMultiple,
  type Trainer,
  type TrainState,
  trainer,
} from "../../src/learning/trainer.js";
import * as nn from "../../src/nn/index.js";
import { createRng } from "../../src/random/rng.js";
import * as t from "../../src/tensor/index.js";

const START = [1, -2, 3];
const layout = nn.layoutOf({ w: { shape: [3], initialise: (out) => out.set(START) } });
/** ½ ‖w − goal‖², whose gradient is w − goal. */
const distance = (w: t.Tensor, goal: t.TensorLike) => t.mul(t.sum(t.square(t.sub(w, goal))), 0.5);
const base = { layout, optimiser: nn.sgd(), learningRate: 0.1 };
const perStep = { goal: t.float32([]) };
const rng = createRng("trainer");

const near = (found: ArrayLike<number>, wanted: ArrayLike<number>, digits = 5) =>
  expect(Array.from(found)).toEqual(Array.from(wanted, (x) => expect.closeTo(x, digits)));
const started = (learner: Trainer): TrainState => learner.initialise(rng);

describe("a gradient step", () => {
  it("moves against the gradient with gradient descent, for each minibatch in turn", async () => {
    const learner = trainer({
      ...base,
      steps: 2,
      minibatch: perStep,
      loss: ({ parameters, minibatch }) => ({ loss: distance(parameters.w, minibatch.goal) }),
    });
    const state = started(learner);
    expect(state).toEqual({ parameters: Float32Array.from(START), slots: [], steps: 0 });
    const { steps } = await learner.run(state, { goal: Float32Array.of(0, 10) });
    near(
      state.parameters,
      START.map((w) => 0.9 * (0.9 * w) + 0.1 * 10),
    );
    expect([steps, state.steps]).toEqual([2, 2]);
  });

  it("is taken by a group in every n-th step only, and Adam counts those", async () => {
    const learner = trainer({
      layout,
      learningRate: 0.01,
      every: 3,
      steps: 5,
      minibatch: {},
      target: (_, parameters) => parameters,
      loss: ({ parameters }) => ({ loss: t.sum(t.mul(parameters.w, 5)) }),
    });
    const state = started(learner);
    const moved = (steps: number) => START.map((w) => w - 0.01 * steps);
    // Step 3 of 5, and then 6 and 9 of 10: across the boundary of two runs.
    await learner.run(state, {});
    for (const vector of [state.parameters, state.targets!]) near(vector, moved(1));
    near(state.slots[0], [5, 5, 5]);
    await learner.run(state, {});
    for (const vector of [state.parameters, state.targets!]) near(vector, moved(3));
    near(state.slots[0], [13.55, 13.55, 13.55]);
    expect(state.steps).toBe(10);
  });

  it("hands its number, counted across runs, to the rule of the targets", async () => {
    const learner = trainer({
      ...base,
      steps: 1,
      minibatch: {},
      target: (targets, parameters, _, number) => t.where(isMultiple(number, 2), parameters, targets),
      loss: ({ parameters }) => ({ loss: distance(parameters.w, 0) }),
    });
    const state = started(learner);
    const decayed = (steps: number) => START.map((w) => w * 0.9 ** steps);
    for (const [taken, copied] of [0, 2, 2, 4].entries()) {
      await learner.run(state, {});
      near(state.parameters, decayed(taken + 1));
      near(state.targets!, decayed(copied));
    }
  });

  it("first moves each parameter by the learning rate with Adam, and counts its steps across runs", async () => {
    const learner = trainer({
      layout,
      learningRate: 0.01,
      steps: 1,
      minibatch: {},
      // A gradient that does not change: then every step of Adam is the learning rate long.
      loss: ({ parameters }) => ({ loss: t.sum(t.mul(parameters.w, 5)) }),
    });
    const state = started(learner);
    for (let run = 1; run <= 3; run++) {
      await learner.run(state, {});
      near(
        state.parameters,
        START.map((w) => w - 0.01 * run),
      );
      expect(state.steps).toBe(run);
    }
    expect(state.slots).toHaveLength(2);
    // The decayed sum of gradients of 5: 5 (1 + 0.9 + 0.81).
    near(state.slots[0], [13.55, 13.55, 13.55]);
  });

  it("clips gradients to maxGradientNorm, over all parts of a large layout", async () => {
    const size = 2 ** 14;
    const large = nn.layoutOf({
      first: { shape: [size], initialise: nn.initialisers.zeros },
      second: { shape: [3], initialise: nn.initialisers.zeros },
    });
    expect(large.parts).toHaveLength(2);
    const moved = async (maxGradientNorm: number) => {
      const learner = trainer({
        ...{ layout: large, optimiser: nn.sgd(), learningRate: 1, maxGradientNorm, steps: 1, minibatch: {} },
        loss: ({ parameters: { first, second } }) => ({ loss: t.add(t.sum(first), t.sum(second)) }),
      });
      const state = learner.initialise(rng);
      await learner.run(state, {});
      return state.parameters;
    };
    const norm = Math.sqrt(size + 3);
    near((await moved(2 * norm)).slice(-4), [-1, -1, -1, -1]);
    near((await moved(norm / 4)).slice(-4), [-0.25, -0.25, -0.25, -0.25]);
  });

  it("adds decay times the parameters, and an offset, to the gradient", async () => {
    const learner = trainer({
      ...{ ...base, decay: 2, gradientOffset: 3, steps: 1, minibatch: {} },
      loss: ({ parameters }) => ({ loss: t.mul(t.sum(parameters.w), 0) }),
    });
    const state = started(learner);
    await learner.run(state, {});
    near(
      state.parameters,
      START.map((w) => w - 0.1 * (2 * w + 3)),
    );
  });

  it("updates a target network from its old values and the parameters after the step, if the minibatch says so", async () => {
    const learner = trainer({
      ...{ ...base, steps: 2, minibatch: { move: t.bool([]) } },
      loss: ({ parameters, targets }) => ({
        loss: distance(parameters.w, 0),
        last: { seen: targets.w },
      }),
      target: (old, now, { move }) => t.where(move, t.add(old, now), old),
    });
    const state = started(learner);
    near(state.targets!, START);
    const { last } = await learner.run(state, { move: Uint8Array.of(1, 0) });
    const moved = START.map((w) => w + 0.9 * w);
    near(state.targets!, moved);
    near(last.seen, moved);
    near(
      state.parameters,
      START.map((w) => 0.81 * w),
    );
  });
});

describe("a run", () => {
  it("accepts a learning rate and other numbers that change from run to run", async () => {
    const learner = trainer({
      ...{ ...base, steps: 1, minibatch: {} },
      learningRate: (shared) => shared.rate,
      shared: { rate: t.float32([]), goal: t.float32([]) },
      loss: ({ parameters, shared }) => ({ loss: distance(parameters.w, shared.goal) }),
    });
    const state = started(learner);
    await learner.run(state, { rate: 0, goal: 7 });
    near(state.parameters, START);
    await learner.run(state, { rate: 1, goal: 7 });
    near(state.parameters, [7, 7, 7]);
  });

  it("selects minibatches by index from rows that are fed once, after preprocessing them", async () => {
    const learner = trainer({
      ...{ ...base, learningRate: 1, steps: 2 },
      shared: { goals: t.float32([4]) },
      prepare: ({ goals }) => ({ doubled: t.mul(goals, 2) }),
      minibatch: { rows: t.int32([2]) },
      loss({ parameters, shared, minibatch: { rows } }) {
        const goal = t.mean(t.gather(shared.doubled, rows));
        return { loss: distance(parameters.w, goal), last: { goal } };
      },
    });
    const state = started(learner);
    const feeds = { goals: Float32Array.of(1, 2, 3, 4), rows: Int32Array.of(2, 3, 0, 1) };
    const { last } = await learner.run(state, feeds);
    near(last.goal, [3]);
    near(state.parameters, [3, 3, 3]);
  });

  it("returns the means of the reported values, the last tensors, and a final report on the parameters", async () => {
    const learner = trainer({
      ...{ ...base, steps: 3, minibatch: perStep, shared: { factor: t.float32([]) } },
      loss: ({ parameters, minibatch: { goal } }) => ({
        loss: distance(parameters.w, 0),
        reported: { goal, first: t.gather(parameters.w, t.constant(0, [], "int32")) },
        last: { errors: t.sub(parameters.w, goal) },
      }),
      report: ({ parameters, shared }) => ({ length: t.mul(t.sum(parameters.w), shared.factor) }),
    });
    const state = started(learner);
    const { means, last, report } = await learner.run(state, { goal: Float32Array.of(1, 2, 6), factor: 5 });
    expect(means).toEqual({ goal: 3, first: expect.closeTo((1 + 0.9 + 0.81) / 3, 5) });
    near(
      last.errors,
      START.map((w) => 0.81 * w - 6),
    );
    expect(report).toEqual({ length: expect.closeTo(5 * 0.729 * 2, 4) });
  });

  it("takes the requested number of steps, if the number is variable", async () => {
    const learner = trainer({
      ...{ ...base, steps: 4, variable: true, minibatch: perStep },
      loss: ({ parameters, minibatch: { goal } }) => ({
        loss: distance(parameters.w, 0),
        reported: { goal },
      }),
    });
    const state = started(learner);
    const feeds = { goal: Float32Array.of(1, 3, 100, 100) };
    const { means, steps } = await learner.run(state, feeds, 2);
    expect([steps, state.steps, means.goal]).toEqual([2, 2, 2]);
    near(
      state.parameters,
      START.map((w) => 0.81 * w),
    );
    expect(await learner.run(state, feeds)).toMatchObject({ steps: 4, means: { goal: 51 } });
  });

  it("stops at the first step with a closed gate, also if later gates are open", async () => {
    const learner = trainer({
      ...{ layout, learningRate: 0.01, steps: 5, minibatch: { open: t.bool([]), goal: t.float32([]) } },
      carried: { count: t.float32([1]) },
      target: (old, now) => t.add(old, now),
      loss: ({ parameters, minibatch: { open, goal }, carried }) => ({
        loss: t.sum(t.mul(parameters.w, 5)),
        reported: { goal },
        last: { goal },
        carried: { count: t.add(carried.count, 1) },
        proceed: open,
      }),
    });
    const feeds = (open: number[]) => ({
      open: Uint8Array.from(open),
      goal: Float32Array.of(1, 2, 3, 4, 5),
      count: Float32Array.of(10),
    });
    const stopped = started(learner);
    const result = await learner.run(stopped, feeds([1, 1, 0, 1, 1]));
    expect(result).toMatchObject({ steps: 2, means: { goal: 1.5 } });
    expect([result.last.goal[0], result.carried.count[0], stopped.steps]).toEqual([2, 12, 2]);
    near(
      stopped.parameters,
      START.map((w) => w - 0.02),
    );
    near(
      stopped.targets!,
      START.map((w) => 3 * w - 0.03),
    );
    // The next run goes on with the third step of Adam, whose first moment decays on.
    await learner.run(stopped, feeds([1, 0, 0, 0, 0]));
    near(stopped.slots[0], [13.55, 13.55, 13.55]);
    near(
      stopped.parameters,
      START.map((w) => w - 0.03),
    );
  });

  it("leaves the state unchanged, and has no means, if its first gate is closed", async () => {
    const learner = trainer({
      ...{ ...base, steps: 2, minibatch: {} },
      loss: ({ parameters }) => ({
        ...{ loss: distance(parameters.w, 0), reported: { one: t.constant(1) } },
        proceed: t.greater(0, t.sum(t.square(parameters.w))),
      }),
    });
    const state = started(learner);
    expect(await learner.run(state, {})).toMatchObject({ steps: 0, means: { one: Number.NaN } });
    expect(state).toEqual(started(learner));
  });

  it("passes carried vectors from step to step", async () => {
    const learner = trainer({
      ...{ ...base, steps: 3, minibatch: perStep, carried: { memory: t.float32([2]) } },
      loss: ({ parameters, minibatch, carried: { memory } }) => ({
        loss: distance(parameters.w, 0),
        carried: { memory: t.add(t.mul(memory, 2), minibatch.goal) },
      }),
    });
    const feeds = { goal: Float32Array.of(1, 2, 3), memory: Float32Array.of(0, 1) };
    const { carried } = await learner.run(started(learner), feeds);
    near(carried.memory, [11, 19]);
  });

  it("traces the loss once", () => {
    let traced = 0;
    trainer({
      ...{ ...base, steps: 3, minibatch: {} },
      loss({ parameters }) {
        traced++;
        const loss = distance(parameters.w, 0);
        return { loss, reported: { loss }, last: { loss } };
      },
    });
    expect(traced).toBe(1);
  });
});

describe("several networks", () => {
  const scalar = (value: number) =>
    nn.layoutOf({ x: { shape: [], initialise: nn.initialisers.constant(value) } });
  const pair = () =>
    groupTrainer({
      groups: {
        a: { layout: scalar(4), optimiser: nn.sgd(), learningRate: 0.5 },
        b: { layout: scalar(10), learningRate: (shared) => shared.rate, target: (_, now) => now },
      },
      steps: 2,
      shared: { rate: t.float32([]) },
      minibatch: {},
      // Both losses read both networks; each moves its own alone.
      losses: ({ parameters: { a, b } }) => ({
        losses: { a: t.mul(a.x, t.add(b.x, 1)), b: t.mul(b.x, a.x) },
        reported: { product: t.mul(a.x, b.x) },
      }),
      report: ({ parameters: { a, b } }) => ({ sum: t.add(a.x, b.x) }),
    });

  it("step together, each on its own loss with its own optimiser and learning rate", async () => {
    const learner = pair();
    const state = learner.initialise(rng);
    const { means, report } = await learner.run(state, { rate: 1 });
    // a: 4 → 4 − (10 + 1)/2 = −1.5 → −1.5 − (9 + 1)/2. b: Adam's first step is 1 down; at a = −1.5 its second is
    // (0.1 (0.9 · 4 − 1.5) / 0.19) / √(0.001 (0.999 · 16 + 2.25) / 0.001999).
    const second = (0.1 * (0.9 * 4 - 1.5)) / 0.19 / Math.sqrt((0.001 * (0.999 * 16 + 2.25)) / 0.001999);
    near(state.a.parameters, [-6.5]);
    near(state.b.parameters, [9 - second], 4);
    near(state.b.targets!, [9 - second], 4);
    expect(state.a.targets).toBeUndefined();
    expect([state.a.steps, state.b.steps]).toEqual([2, 2]);
    expect(means.product).toBeCloseTo((40 - 13.5) / 2, 4);
    expect(report.sum).toBeCloseTo(-6.5 + 9 - second, 4);
  });

  it("are initialised from separate streams", () => {
    const normal = nn.layoutOf({ w: { shape: [4], initialise: (out, _, r) => r.fillNormal(out) } });
    const groups = { a: { layout: normal, learningRate: 1 }, b: { layout: normal, learningRate: 1 } };
    const losses = ({ parameters: { a, b } }: { parameters: Record<"a" | "b", { w: t.Tensor }> }) => ({
      losses: { a: t.sum(a.w), b: t.sum(b.w) },
    });
    const { a, b } = groupTrainer({ groups, steps: 1, minibatch: {}, losses }).initialise(rng);
    expect(a.parameters).toEqual(normal.initialise(rng.stream("a")));
    expect(b.parameters).toEqual(normal.initialise(rng.stream("b")));
  });
});

it("the program on ONNX Runtime equals the interpreter's", async () => {
  const learner = trainer({
    ...{ layout, learningRate: 0.3, maxGradientNorm: 0.5, steps: 4, minibatch: perStep },
    loss: ({ parameters, minibatch: { goal } }) => ({
      loss: distance(t.tanh(parameters.w), goal),
      proceed: t.less(goal, 3),
    }),
  });
  const state = started(learner);
  const feeds = { goal: Float32Array.of(1, -1, 2, 3) };
  const exact = learner.program.interpret(learner.feeds(state, feeds));
  await learner.run(state, feeds);
  near(state.parameters, exact["state.network.parameters"]);
  expect(exact["taken.steps"][0]).toBe(3);
});
