/** @file `checkEnv` finds each kind of mistake in an environment, and nothing in a correct one. */

import { describe, expect, it } from "vitest";
import { checkEnv, envIds, formatFindings } from "../../envs/index.js";
import { UsageError } from "../../src/errors.js";
import { createRng, type RngState } from "../../src/random/rng.js";
import { box, discrete } from "../../src/spaces/index.js";
import type { Tree } from "../../src/state/snapshot.js";

/** A random walk on ±10 that makes no mistake; the tests break one thing at a time. */
class Walk {
  id = "Walk";
  observationSpace: unknown = box([1], -10, 10);
  actionSpace: unknown = discrete(2);
  protected rng = createRng(0);
  protected position = 0;
  protected time = 0;

  reset({ seed }: { seed?: number } = {}): unknown {
    if (seed !== undefined) this.rng = createRng(seed);
    this.position = this.rng.uniform();
    this.time = 0;
    return { observation: this.observe(), info: {} };
  }

  step(action: number): unknown {
    if (this.time >= 20) throw new Error("call reset()");
    this.time++;
    this.position += (action - 0.5) * this.rng.uniform();
    return {
      observation: this.observe(),
      reward: this.position,
      terminated: this.position > 3,
      truncated: this.time === 20,
      info: {},
    };
  }

  observe(): unknown {
    return [this.position];
  }

  getState(): Tree {
    return { position: this.position, time: this.time, rng: { ...this.rng.getState() } };
  }

  setState(state: Tree): void {
    const saved = state as unknown as { position: number; time: number; rng: RngState };
    this.position = saved.position;
    this.time = saved.time;
    this.rng.setState(saved.rng);
  }
}

type StepObject = { observation: unknown; reward: number; terminated: boolean; truncated?: boolean };

/** A walk whose step results are changed. */
function changed(change: (result: StepObject, action: number) => unknown) {
  return class extends Walk {
    override step(action: number) {
      return change(super.step(action) as StepObject, action);
    }
  };
}

const shared = new Float32Array(1);
let outside = 0;

const mistakes: [string, () => Walk, "error" | "warning", RegExp][] = [
  [
    "an observation outside the space",
    () => new (changed((r) => ({ ...r, observation: [11] })))(),
    "error",
    /Walk: an observation is outside Box\(1\): entry 0 is 11, outside \[-10, 10\]/,
  ],
  [
    "a wrong shape",
    () => new (changed((r) => ({ ...r, observation: [1, 2] })))(),
    "error",
    /2 numbers, not 1/,
  ],
  [
    "a NaN observation",
    () => new (changed((r) => ({ ...r, observation: [Number.NaN] })))(),
    "error",
    /entry 0 is NaN/,
  ],
  [
    "an infinite reward",
    () => new (changed((r) => ({ ...r, reward: Infinity })))(),
    "error",
    /the reward is Infinity/,
  ],
  [
    "terminated that is not a boolean",
    () => new (changed((r) => ({ ...r, terminated: 0 })))(),
    "error",
    /terminated is 0/,
  ],
  [
    "truncated missing",
    () =>
      new (changed(({ truncated, terminated, ...r }) => ({ ...r, terminated: terminated || truncated })))(),
    "warning",
    /does not return whether the episode was truncated/,
  ],
  [
    "done that says nothing",
    () => new (changed((r) => [r.observation, r.reward, r.terminated || r.truncated, {}]))(),
    "warning",
    /done does not distinguish termination/,
  ],
  [
    "a game that the seed does not decide",
    () => new (changed((r) => ({ ...r, reward: outside++ })))(),
    "error",
    /the same seed and actions gave two different episodes/,
  ],
  [
    "reseeding at every reset",
    () =>
      new (class extends Walk {
        override reset({ seed = 0 } = {}) {
          return super.reset({ seed });
        }
      })(),
    "error",
    /reset\(\) without a seed starts the same episode every time/,
  ],
  [
    "a snapshot without the random stream",
    () =>
      new (class extends Walk {
        override setState(state: Tree) {
          const { rng } = this;
          super.setState(state);
          this.rng = rng;
          this.rng.uniform();
        }
      })(),
    "error",
    /setState\(getState\(\)\) does not continue exactly/,
  ],
  [
    "a snapshot that is not plain data",
    () =>
      new (class extends Walk {
        override getState() {
          return new Map() as unknown as Tree;
        }
      })(),
    "error",
    /getState\(\): it must return plain data/,
  ],
  [
    "no snapshots",
    () => Object.assign(new Walk(), { getState: undefined }),
    "warning",
    /it has no snapshots/,
  ],
  [
    "an array used again",
    () =>
      new (class extends Walk {
        override observe() {
          shared[0] = this.position;
          return shared;
        }
      })(),
    "warning",
    /an observation array changes after it was returned/,
  ],
  [
    "episodes without an end",
    () =>
      new (class extends Walk {
        override step(action: number) {
          this.time = 0;
          this.position = Math.min(2, Math.max(-2, this.position));
          return super.step(action);
        }
      })(),
    "warning",
    /an episode did not end within 500 steps/,
  ],
  [
    "playing on after the end",
    () =>
      new (class extends Walk {
        override step(action: number) {
          if (this.time >= 20) super.reset();
          return super.step(action);
        }
      })(),
    "warning",
    /continues after the end/,
  ],
  [
    "a box with low above high",
    () => Object.assign(new Walk(), { observationSpace: { shape: [1], low: 2, high: 1 } }),
    "error",
    /observationSpace is invalid: low\[0\] = 2 is above high\[0\] = 1/,
  ],
  [
    "actions far from ±1",
    () => {
      const walk = Object.assign(new Walk(), { actionSpace: box([1], 100, 200) });
      return Object.assign(walk, { step: () => Walk.prototype.step.call(walk, 0) });
    },
    "warning",
    /Walk: entry 0 of the action, in \[100, 200\], is far from ±1/,
  ],
  [
    "a box of actions with low above high",
    () => Object.assign(new Walk(), { actionSpace: { shape: [1], low: 2, high: 1 } }),
    "error",
    /actionSpace is invalid: low\[0\] = 2 is above high\[0\] = 1/,
  ],
  [
    "a box of actions whose lower bound is infinity",
    () => Object.assign(new Walk(), { actionSpace: { shape: [1], low: Infinity, high: Infinity } }),
    "error",
    /actionSpace is invalid: low\[0\] = Infinity and high\[0\] = Infinity are not bounds/,
  ],
  [
    "an empty discrete space",
    () => Object.assign(new Walk(), { actionSpace: { n: 0 } }),
    "error",
    /actionSpace is invalid: n must be a positive integer below 2³¹, not 0/,
  ],
  [
    "a step that throws",
    () =>
      new (changed(() => {
        throw new Error("sparks");
      }))(),
    "error",
    /Walk, step 1 of episode 1: the environment threw: sparks/,
  ],
];

describe("checkEnv", () => {
  it.each(mistakes)("finds %s, and nothing else", async (_name, build, severity, what) => {
    const findings = await checkEnv(() => build() as never, { maxEpisodeSteps: 500 });
    expect(findings).toHaveLength(1);
    expect(findings[0].severity).toBe(severity);
    expect(findings[0].what).toMatch(what);
    expect(findings[0].fix).toMatch(/\w/);
  });

  it("finds nothing in a correct environment", async () => {
    expect(await checkEnv(() => new Walk() as never)).toEqual([]);
    expect(await checkEnv(new Walk() as never)).toEqual([]);
  });

  it.each(envIds())("finds nothing in %s", async (id) => {
    expect(await checkEnv(id)).toEqual([]);
  });

  it("throws one error with all findings on request", async () => {
    const broken = () => new (changed((r) => ({ ...r, observation: [11] })))() as never;
    await expect(checkEnv(broken, { throws: true })).rejects.toThrow(UsageError);
    await expect(checkEnv(broken, { throws: true })).rejects.toThrow(
      /error: Walk: an observation.*\n {2}widen/,
    );
    await expect(checkEnv(() => new Walk() as never, { throws: true })).resolves.toEqual([]);
  });

  it("formats findings as text", () => {
    expect(formatFindings([])).toBe("no faults were found");
    expect(formatFindings([{ severity: "warning", what: "a", fix: "b" }])).toBe("warning: a\n  b");
  });
});
