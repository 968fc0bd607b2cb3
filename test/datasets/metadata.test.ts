/** @file Metadata of data sets of other programs. */

import { expect, it } from "vitest";
import { describedByLerobot, describedByMinari, jsonOf } from "../../src/datasets/metadata.js";
import { FormatError } from "../../src/errors.js";
import { box, discrete } from "../../src/spaces/index.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const minari = (metadata: object) => describedByMinari(metadata as Record<string, unknown>, "m");

it("of Minari give the name, the environment and the spaces, with infinite bounds as Python writes them", () => {
  const written = {
    dataset_id: "cartpole/expert-v0",
    env_spec: '{"id": "CartPole-v1", "max_episode_steps": 500}',
    observation_space:
      '{"type": "Dict", "subspaces": {"a": {"type": "Box", "dtype": "float32", "shape": [2], "low": [-Infinity, 0.0], "high": [Infinity, 1.0]}, "b": {"type": "Tuple", "subspaces": [{"type": "MultiBinary", "n": 3}, {"type": "MultiDiscrete", "dtype": "int64", "nvec": [2, 3], "start": [0, 0]}]}}}',
    action_space: '{"type": "Discrete", "dtype": "int64", "start": 0, "n": 4}',
  };
  expect(minari(written)).toEqual({
    name: "cartpole/expert-v0",
    env: "CartPole-v1",
    maxEpisodeSteps: 500,
    observationSpace: {
      kind: "dict",
      spaces: {
        a: box([2], [-Infinity, 0], [Infinity, 1]),
        b: {
          kind: "tuple",
          spaces: [
            { kind: "multi-binary", n: 3 },
            { kind: "multi-discrete", sizes: [2, 3] },
          ],
        },
      },
    },
    actionSpace: discrete(4),
  });
  expect(minari({})).toEqual({});
});

it.each<[string, object, string]>([
  ["a text", { type: "Text", max_length: 3 }, 'm: action_space: a space of type "Text" is not read'],
  ["numbers from 1", { type: "Discrete", n: 3, start: 1 }, "its numbers start at 1, not at 0"],
  [
    "a huge shape",
    { type: "Box", shape: [1e9, 1e9], low: 0, high: 1 },
    "its shape is [1000000000,1000000000]",
  ],
  ["crossed bounds", { type: "Box", shape: [1], low: [1], high: [0] }, "low[0] = 1 is above high[0] = 0"],
])("with a space of %s are refused", (_, space, message) => {
  expect(() => minari({ action_space: JSON.stringify(space) })).toThrow(FormatError);
  expect(() => minari({ action_space: JSON.stringify(space) })).toThrow(message);
});

it("of LeRobot give the shapes of floats; the values of integers are not in them", () => {
  const features = {
    "observation.state": { dtype: "float32", shape: [6], names: null },
    action: { dtype: "int64", shape: [1] },
  };
  expect(describedByLerobot({ features }, "i")).toEqual({ observationSpace: box([6], -Infinity, Infinity) });
  expect(describedByLerobot({}, "i")).toEqual({});
  expect(() => describedByLerobot({ features: { action: { dtype: "float32", shape: [0] } } }, "i")).toThrow(
    "i: features.action.shape is [0], not a list of sizes",
  );
});

it("are JSON, also that of Python", () => {
  expect(jsonOf(bytes('{"a": NaN, "b": "NaN \\" Infinity", "c": [-Infinity]}'), "j")).toEqual({
    a: "NaN",
    b: 'NaN " Infinity',
    c: ["-Infinity"],
  });
  expect(() => jsonOf(bytes("{"), "j")).toThrow(/^j: it is not JSON/);
});
