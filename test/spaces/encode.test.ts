/** @file The plain encoding of rows is that of the networks. */

import { expect, it } from "vitest";
import { encodeObservations } from "../../src/policies/actor-critic.js";
import { createRng } from "../../src/random/rng.js";
import { encodeRow } from "../../src/spaces/encode.js";
import { box, discrete, encodedWidth, type Space, sampleInto, spaceWidth } from "../../src/spaces/index.js";
import * as t from "../../src/tensor/index.js";

const nested: Space = {
  kind: "dict",
  spaces: {
    place: discrete(5),
    pair: { kind: "tuple", spaces: [box([2], -1, 1), { kind: "multi-discrete", sizes: [2, 3] }] },
    bits: { kind: "multi-binary", n: 3 },
  },
} as Space;

it.each([discrete(4), box([3], -1, 1), nested])("encodes rows as networks do: %j", (space) => {
  const rng = createRng("rows");
  const [width, encoded] = [spaceWidth(space), encodedWidth(space)];
  const rows = new Float32Array(4 * width);
  for (let i = 0; i < 4; i++) sampleInto(space, rng, rows as unknown as number[], i * width);
  const program = t.program({ rows: t.float32([4, width]) }, (given) => ({
    encoded: encodeObservations(space, given.rows),
  }));
  const out = new Float32Array(4 * encoded).fill(9);
  for (let i = 0; i < 4; i++) encodeRow(space, rows, i, out, i * encoded);
  expect([...out]).toEqual([...program.interpret({ rows }).encoded].map(Math.fround));
});
