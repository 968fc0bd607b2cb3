/**
 * @file Damaged files of other programs give valid demonstrations or are refused, in bounded time, and the next file is
 * read.
 */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Spaces, trajectoryFault } from "../../src/datasets/demonstrations.js";
import { decodeDemonstrations, type ReadingOptions } from "../../src/datasets/formats/index.js";
import { FormatError } from "../../src/errors.js";
import { box, discrete, type Space } from "../../src/spaces/index.js";
import { damage } from "../support/damage.js";

const endless = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const cartpole = { env: "CartPole-v1", observationSpace: box([4], ...endless), actionSpace: discrete(2) };
const nested = {
  ...cartpole,
  observationSpace: {
    kind: "dict",
    spaces: {
      cart: { kind: "tuple", spaces: [box([1], ...endless), discrete(2)] },
      pole: box([2], ...endless),
    },
  } satisfies Space,
};
const pendulum = { env: "Pendulum-v1", observationSpace: box([3], ...endless), actionSpace: box([1], -2, 2) };

/** What a reading may take, on a slow core; what is damaged takes no longer than what is sound. */
const MOST_SECONDS = 30;

const files: [string, ReadingOptions & Spaces][] = [
  ["minari-cartpole.hdf5", cartpole],
  ["minari-nested.hdf5", nested],
  ["d4rl-pendulum-next.hdf5", pendulum],
  ["d4rl-pendulum.hdf5", pendulum],
  ["imitation-cartpole.npz", cartpole],
  ["imitation-cartpole.parquet", cartpole],
  ["lerobot-pendulum.parquet", pendulum],
  ["imitation-cartpole-arrow/data-00000-of-00001.arrow", cartpole],
  ["robomimic-pendulum.hdf5", { ...pendulum, observationColumn: "state" }],
  [
    "maniskill-pendulum.h5",
    { ...pendulum, observationColumn: "agent/qpos", observationSpace: box([2], ...endless) },
  ],
];

/** Damage where a file says what is in it: many formats have that at one end, and numbers that are too large. */
const extremes = fc
  .array(fc.tuple(fc.nat(1500), fc.constantFrom(0, 0x7f, 0x80, 0xff), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  })
  .map((places) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    for (const [at, value, fromEnd] of places) {
      copy[fromEnd ? copy.length - 1 - (at % copy.length) : at % copy.length] = value;
    }
    return copy;
  });

describe("a damaged file", () => {
  it.each(files)("gives valid demonstrations or a FormatError that names it: %s", async (name, options) => {
    const sound = new Uint8Array(
      readFileSync(new URL(`../data-files/demonstrations/${name}`, import.meta.url)),
    );
    const before = await decodeDemonstrations(sound, name, options);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(damage, extremes), async (spoil) => {
        const started = performance.now();
        try {
          const { trajectories } = await decodeDemonstrations(spoil(sound), name, options);
          for (const trajectory of trajectories) expect(trajectoryFault(trajectory, options)).toBeUndefined();
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect((error as Error).message.startsWith(`${name}: `)).toBe(true);
          refused++;
        }
        expect(performance.now() - started).toBeLessThan(1000 * MOST_SECONDS);
      }),
      { numRuns: 120 },
    );
    expect(refused).toBeGreaterThan(20);
    expect(await decodeDemonstrations(sound, name, options)).toEqual(before);
  });
});

describe("a damaged file whose bytes all have checksums", () => {
  it("gives the numbers that were written or a FormatError: checksummed.hdf5", async () => {
    const written = new Uint8Array(
      readFileSync(new URL("../data-files/hdf5/checksummed.hdf5", import.meta.url)),
    );
    const read = async (bytes: Uint8Array) =>
      (await decodeDemonstrations(bytes, "f", { ...pendulum, maxEpisodeSteps: 200 })).trajectories;
    const before = await read(written);
    expect(before).toHaveLength(1);
    await fc.assert(
      fc.asyncProperty(damage, async (spoil) => {
        try {
          expect(await read(spoil(written))).toEqual(before);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 60 },
    );
  });
});
