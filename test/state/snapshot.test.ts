import { describe, expect, it } from "vitest";
import { createRng } from "../../src/random/rng.js";
import { restore, snapshot, type Tree } from "../../src/state/snapshot.js";

/** Something that saves itself, as environments and random streams do. */
const counter = (value: number) => ({
  value,
  log: Float64Array.of(value) as Float64Array,
  getState(): Tree {
    return { value: this.value, log: this.log };
  },
  setState(state: Tree) {
    const saved = state as { value: number; log: Float64Array };
    this.value = saved.value;
    this.log = saved.log;
  },
});

describe("snapshot", () => {
  it("copies plain data of every kind", () => {
    const state = {
      weights: Float32Array.of(1, 2),
      steps: 3,
      name: "a",
      done: false,
      best: null,
      nested: [{ indices: Int32Array.of(4) }, Number.NaN],
    };
    const saved = snapshot(state) as typeof state;
    expect(saved).toEqual(state);
    state.weights[0] = 9;
    (state.nested[0] as { indices: Int32Array }).indices[0] = 9;
    expect(saved.weights[0]).toBe(1);
    expect(saved.nested[0]).toEqual({ indices: Int32Array.of(4) });
  });

  it("calls getState of nodes at any depth, and copies the result", () => {
    const node = counter(5);
    const saved = snapshot({ list: [{ node }] });
    node.log[0] = 9;
    expect(saved).toEqual({ list: [{ node: { value: 5, log: Float64Array.of(5) } }] });
  });

  it("omits functions, undefined fields and nodes marked as derived", () => {
    const state = {
      kept: 1,
      missing: undefined,
      compute: () => 1,
      program: { derived: true, steps: new Map() },
    };
    expect(snapshot(state)).toEqual({ kept: 1 });
    expect(Object.keys(snapshot(state) as object)).toEqual(["kept"]);
  });

  it("names the path of a node that cannot be saved", () => {
    const state = { learner: { replay: [{ ok: 1 }, { index: new Map() }] } };
    expect(() => snapshot(state)).toThrow(
      "state.learner.replay[1].index cannot be saved: it is a [object Map]",
    );
    expect(() => snapshot({ big: 1n })).toThrow("state.big cannot be saved");
    expect(() => snapshot({ list: [() => 1] })).toThrow("state.list[0] cannot be saved");
  });
});

describe("restore", () => {
  it("restores a live tree to its saved state", () => {
    const live = {
      steps: 1,
      log: [{ reward: 1 }],
      weights: Float32Array.of(1),
      nested: { best: null as null | number },
    };
    const saved = snapshot(live);
    live.steps = 9;
    live.log.push({ reward: 2 });
    live.weights = Float32Array.of(7, 8);
    live.nested.best = 3;
    restore(live, saved);
    expect(live).toEqual({
      steps: 1,
      log: [{ reward: 1 }],
      weights: Float32Array.of(1),
      nested: { best: null },
    });
  });

  it("fills existing nodes instead of replacing them", () => {
    const rng = createRng("live");
    const node = counter(1);
    const program = { derived: true };
    const live = { rng, inner: { node, program } };
    const saved = snapshot(live);
    const expected = [rng.uniform(), rng.uniform()];
    node.value = 2;
    const { inner } = live;
    restore(live, saved);
    expect(live.rng).toBe(rng);
    expect(live.inner).toBe(inner);
    expect(live.inner.node).toBe(node);
    expect(live.inner.program).toBe(program);
    expect(node.value).toBe(1);
    expect([rng.uniform(), rng.uniform()]).toEqual(expected);
  });

  it("separates two arrays that are the same object in the live tree", () => {
    const shared = Float32Array.of(0);
    const live = { best: shared, trial: shared };
    restore(live, { best: Float32Array.of(1), trial: Float32Array.of(2) });
    expect(live).toEqual({ best: Float32Array.of(1), trial: Float32Array.of(2) });
    expect([...shared]).toEqual([0]);
  });

  it("removes new nodes, and adds missing ones", () => {
    const live: Record<string, unknown> = { added: 1, kept: 2, list: [1, 2, 3] };
    restore(live, { kept: 3, gone: "back", list: [4] });
    expect(live).toEqual({ kept: 3, gone: "back", list: [4] });
  });

  it("shares no memory with the snapshot", () => {
    const live: { weights?: Float32Array; list?: { data: Float32Array }[] } = {};
    const saved = { weights: Float32Array.of(1), list: [{ data: Float32Array.of(2) }] };
    restore(live, saved);
    live.weights![0] = 9;
    live.list![0].data[0] = 9;
    expect(saved).toEqual({ weights: Float32Array.of(1), list: [{ data: Float32Array.of(2) }] });
  });
});
