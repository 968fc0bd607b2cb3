/** @file The record of demonstrations: checksums as of contiguous arrays of all pairs, computed without a copy. */

import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  demonstrationsSchema,
  fingerprint,
  requireDemonstrationsOf,
  requireExpertOf,
} from "../../../algorithms/shared/demonstrations-option.js";
import { pairsOf } from "../../../algorithms/shared/labelled-pairs.js";
import { type Demonstrations, subsample, weighted } from "../../../index.js";
import { resolveOptions } from "../../../src/config/options.js";
import type { Problem } from "../../../src/env/contracts.js";
import { UniformPolicy } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import { crc32c } from "../../../src/state/crc32c.js";
import { randomDemonstrations } from "../../support/demonstrations.js";

/** What `fingerprint` computes, from a copy of all pairs. */
function fingerprintOfCopy(demonstrations: Demonstrations): Record<string, unknown> {
  const { env, trajectories } = demonstrations;
  const pairs = pairsOf(trajectories, demonstrations);
  const ends = Uint8Array.from(trajectories, ({ terminated }) => Number(terminated));
  const arrays = [pairs.observations, pairs.actions, ends, ...(pairs.weights ? [pairs.weights] : [])];
  const checksum = arrays
    .map(({ buffer, byteOffset, byteLength }) =>
      crc32c(new Uint8Array(buffer, byteOffset, byteLength)).toString(16),
    )
    .join("-");
  return { given: "demonstrations", env, episodes: trajectories.length, pairs: pairs.count, checksum };
}

describe("the fingerprint of demonstrations", () => {
  const spaces: Record<string, [Space, Space]> = {
    "choices in a box": [box([3], -1, 1), discrete(4)],
    "numbered states": [discrete(9), { kind: "multi-discrete", sizes: [3, 2] }],
    "continuous actions": [box([2], -1, 1), box([2], -1, 1)],
  };

  it.each(Object.keys(spaces))("equals that of a copy of all pairs: %s", (kind) => {
    const [observationSpace, actionSpace] = spaces[kind];
    const whole = randomDemonstrations({ episodes: 4, observationSpace, actionSpace });
    const half = subsample(whole, { every: 2, rng: createRng(0) });
    // Runs of several steps, single steps and a gap between them.
    const gaps = {
      ...whole,
      trajectories: whole.trajectories.map((x) => ({
        ...x,
        steps: Int32Array.of(0, 1, 3, 5, 6).filter((t) => t < x.rewards.length),
      })),
    };
    const variants = [whole, half, gaps, weighted(whole, [1, 0, 1, 1]), weighted(half, [1, 2, 0, 0.5])];
    for (const demonstrations of variants) {
      expect(fingerprint(demonstrations)).toEqual(fingerprintOfCopy(demonstrations));
    }
    expect(new Set(variants.map((x) => fingerprint(x).checksum)).size).toBe(variants.length);
  });

  it("is constant across versions", () => {
    const trajectory = {
      observations: Float32Array.of(0.5, -1, 2, 0),
      actions: Int32Array.of(1, 0, 1),
      rewards: new Float64Array(3),
      terminated: true,
      truncated: false,
    };
    const demonstrations = {
      env: "Numbers-v0",
      observationSpace: box([1], -9, 9),
      actionSpace: discrete(2),
      provenance: { expertReturn: 0 },
      trajectories: [trajectory],
    };
    expect(fingerprint(demonstrations)).toEqual({
      given: "demonstrations",
      env: "Numbers-v0",
      episodes: 1,
      pairs: 3,
      checksum: "12593d6-c754cbd5-a016d052",
    });
  });

  it("refuses demonstrations without actions", () => {
    const shown = randomDemonstrations({
      episodes: 1,
      observationSpace: discrete(2),
      actionSpace: discrete(2),
    });
    expect(() => fingerprint(weighted(shown, [0]))).toThrow(/no demonstrated actions/);
    expect(() => fingerprint({ ...shown, trajectories: [] })).toThrow(/no demonstrated actions/);
  });
});

describe("demonstrations and experts of another environment", () => {
  const observationSpace = box([2], -1, 1);
  const problem = { id: "Here-v0", observationSpace, actionSpace: box([1], -2, 2) } as Problem;
  const shown = (actionSpace: Space) => randomDemonstrations({ episodes: 1, observationSpace, actionSpace });

  it("are refused, also if only the bounds of a box differ", () => {
    requireDemonstrationsOf("bc", problem, shown(box([1], -2, 2)));
    expect(() => requireDemonstrationsOf("bc", problem, shown(box([1], -1, 1)))).toThrow(
      /^bc: the data set of .* has actions with other bounds than Here-v0: entry 0 of Box\(1\) is in \[-1, 1\] and in \[-2, 2\]/,
    );
    expect(() =>
      requireExpertOf("dagger", problem, new UniformPolicy(observationSpace, discrete(2))),
    ).toThrow(/^dagger: the expert has actions Discrete\(2\), but Here-v0 has Box\(1\)/);
  });
});

describe("the option demonstrations", () => {
  const whole = randomDemonstrations();
  const option = z.strictObject({ demonstrations: demonstrationsSchema });
  const resolved = (demonstrations: unknown) =>
    resolveOptions("bc", option, { demonstrations }).demonstrations;

  it("is passed on as it is, so that its origin remains known", () => {
    expect(resolved(whole)).toBe(whole);
  });

  it("is checked, because it may have been put together by hand", () => {
    const [first, ...others] = whole.trajectories;
    const odd = { ...first, observations: first.observations.map(() => Number.NaN) };
    expect(() => resolved({ ...whole, trajectories: [...others, odd] })).toThrow(
      `demonstrations of Random-v0: episode ${others.length}: step 0: entry 0 of the observation is NaN`,
    );
    for (const none of [whole.trajectories, { episodes: [] }, null, 3]) {
      expect(() => resolved(none)).toThrow(
        "it must be demonstrations with trajectories, as collect and demonstrationsOf return them",
      );
    }
  });
});
