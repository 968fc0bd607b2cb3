/** @file Pictures of queries: they show the state of the query's environment. */

import { describe, expect, it } from "vitest";
import { make } from "../../envs/index.js";
import { makeVector } from "../../src/env/vector.js";
import { picturesOf, type Query } from "../../src/people/index.js";
import { stateOf } from "../../src/people/states.js";
import type { Tree } from "../../src/state/snapshot.js";

const query = (state?: Tree): Query => ({
  id: 1,
  batch: 1,
  observation: Float32Array.of(0),
  round: 0,
  environment: 0,
  ...(state !== undefined && { state }),
});

describe("a picture of a query", () => {
  it.each([
    "FrozenLake-v1",
    "CartPole-v1",
    "PointNavigation-v0",
    "Taxi-v3",
  ])("of %s shows the query's own environment", async (id) => {
    const vector = await makeVector(id, 3, { seed: 5 });
    for (let step = 0; step < 4; step++) {
      const width = vector.actionSpace.kind === "box" ? 2 : 1;
      const actions = Array.from({ length: 3 * width }, (_, i) => (step + i) % 2);
      vector.step(width === 1 ? Int32Array.from(actions) : Float32Array.from(actions));
    }
    const picture = picturesOf(await make(id))!;
    const pictures = [0, 1, 2].map((i) => picture(query(stateOf(vector.getState(), i, 3))));
    const alone = await Promise.all(
      [0, 1, 2].map(async (i) => {
        const single = await makeVector(id, 1);
        single.setState(stateOf(vector.getState(), i, 3));
        return Array.from(single.observations);
      }),
    );
    expect(alone.flat()).toEqual(Array.from(vector.observations));
    for (const drawn of pictures) expect(Object.values(drawn!)[0]).toMatch(/\S/);
    expect(picture(query())).toBeUndefined();
  });
});
