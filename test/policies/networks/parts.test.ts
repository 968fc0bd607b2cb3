/** @file The network "parts": widths, values of each part by hand, and what is refused. */

import { describe, expect, it } from "vitest";
import { layoutOf } from "../../../src/nn/index.js";
import { actorCritic, featuresOf, NetworkPolicy, networkData } from "../../../src/policies/index.js";
import { createRng } from "../../../src/random/rng.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";
import * as t from "../../../src/tensor/index.js";

const dict = (spaces: Record<string, Space>): Space => ({ kind: "dict", spaces });
const space = dict({ speed: box([2], -1, 1), camera: box([8, 8, 1], 0, 255), place: discrete(3) });

describe('the network "parts"', () => {
  it("puts images through convolutions, and leaves other parts as they are, in order", async () => {
    const parts = featuresOf(networkData("parts"), space);
    const camera = featuresOf(networkData("cnn"), box([8, 8, 1], 0, 255));
    expect(parts.width).toBe(2 + camera.width + 3);
    const layout = layoutOf(parts.parameters);
    const alone = layoutOf(camera.parameters);
    expect(layout.size).toBe(alone.size);
    const weights = layout.initialise(createRng("parts"));
    const pixels = Float32Array.from({ length: 64 }, (_, k) => (k * 37) % 256);
    const row = Float32Array.of(0.5, -0.25, ...pixels, 0, 1, 0);
    const shapes = { p: t.float32([layout.size]), x: t.float32([1, 69]), image: t.float32([1, 64]) };
    const { all, one } = await t
      .program(shapes, ({ p, x, image }) => ({
        all: parts.apply(layout.unflatten(p), x),
        one: camera.apply(alone.unflatten(p), image),
      }))
      .run({ p: weights, x: row, image: pixels });
    expect(Array.from(all as Float32Array)).toEqual([0.5, -0.25, ...(one as Float32Array), 0, 1, 0]);
  });

  it("has the networks that are asked for, and acts in a policy", async () => {
    const network = networkData({
      kind: "parts",
      parts: { speed: { kind: "mlp", hidden: [5] }, camera: "cnn" },
    });
    const settings = {
      observationSpace: space,
      actionSpace: discrete(2),
      hidden: [4],
      activation: "tanh" as const,
      critic: false,
      network,
    };
    const { layout } = actorCritic(settings);
    expect(layout.entries.some(({ name }) => name.startsWith("actor.network.speed."))).toBe(true);
    const policy = new NetworkPolicy(settings, layout.initialise(createRng("weights")));
    const { actions } = await policy.act(new Float32Array(2 * 67), { deterministic: true });
    expect(actions).toHaveLength(2);
  });

  it("is refused for parts that are not there, and for observations without parts", () => {
    const missing = networkData({ kind: "parts", parts: { camara: "cnn" } });
    expect(() => featuresOf(missing, space)).toThrow(
      'network "parts": observations have no part "camara"; did you mean "camera"?; they have speed, camera, place',
    );
    expect(() => featuresOf(networkData("parts"), box([3], 0, 1))).toThrow(
      'network "parts" needs observations with parts, not Box(3)',
    );
  });
});
