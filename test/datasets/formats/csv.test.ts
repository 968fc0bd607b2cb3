/** @file Demonstrations in CSV files, with the line and column of what is wrong. */

import { describe, expect, it } from "vitest";
import type { ReadingOptions } from "../../../src/datasets/formats/episodes.js";
import { decodeDemonstrations } from "../../../src/datasets/formats/index.js";
import { FormatError } from "../../../src/errors.js";
import { box, discrete, type Space } from "../../../src/spaces/index.js";

const walk: ReadingOptions = {
  env: "Walk-v0",
  observationSpace: box([2], -9, 9),
  actionSpace: discrete(3),
};
const read = (lines: string[], options: Partial<ReadingOptions> = {}, source = "rows.csv") =>
  decodeDemonstrations(new TextEncoder().encode(lines.join("\n")), source, { ...walk, ...options });

const head = "episode,observation_0,observation_1,action,reward,terminated,truncated";
const whole = [head, "0,0,1,2,0.1,0,0", "0,2,3,1,0.2,0,1", "0,4,5,,,,", "b,6,7,0,0.3,true,FALSE"];

describe("a CSV file of demonstrations", () => {
  it("has a row for each step, and a last one without an action for the last observation", async () => {
    const { trajectories, provenance } = await read(whole);
    expect(trajectories).toEqual([
      {
        observations: Float32Array.of(0, 1, 2, 3, 4, 5),
        actions: Int32Array.of(2, 1),
        rewards: Float64Array.of(0.1, 0.2),
        terminated: false,
        truncated: true,
      },
      // After a terminal step without a further row the last observation is repeated.
      {
        observations: Float32Array.of(6, 7, 6, 7),
        actions: Int32Array.of(0),
        rewards: Float64Array.of(0.3),
        terminated: true,
        truncated: false,
      },
    ]);
    expect(provenance).toMatchObject({ format: "CSV", expertReturn: (0.1 + 0.2 + 0.3) / 2 });
  });

  it("is read with other separators, quotes, line ends, a byte order mark and blank lines", async () => {
    const { trajectories } = await read(whole);
    const other = (separator: string, end: string) =>
      read([`\ufeff${whole.map((line) => line.replaceAll(",", separator)).join(end)}${end}${end}`]);
    expect((await other(";", "\r\n")).trajectories).toEqual(trajectories);
    expect((await other("\t", "\n")).trajectories).toEqual(trajectories);
    const quoted = whole.map((line) =>
      line
        .split(",")
        .map((cell) => `"${cell}"`)
        .join(", "),
    );
    expect((await read(quoted)).trajectories).toEqual(trajectories);
  });

  it("is recognised by its columns", async () => {
    const { trajectories } = await read(whole);
    expect((await read(whole, {}, "the given bytes")).trajectories).toEqual(trajectories);
    await expect(read(["a,b", "1,2"], {}, "the given bytes")).rejects.toThrow("or CSV");
  });

  it("may lack the optional columns, have columns in another order, and others", async () => {
    const { trajectories, provenance } = await read([
      "time,action_0,observation_1,observation_0",
      "0.1,2,1,0",
      "0.2,1,3,2",
      "0.3,0,5,4",
    ]);
    // Without flags the last row is the last observation.
    expect(trajectories).toEqual([
      {
        observations: Float32Array.of(0, 1, 2, 3, 4, 5),
        actions: Int32Array.of(2, 1),
        rewards: Float64Array.of(0, 0),
        terminated: false,
        truncated: false,
      },
    ]);
    expect(provenance).toMatchObject({ expertReturn: Number.NaN, omitted: { steps: 1, episodes: 0 } });
  });

  it("is cut at the ends of episodes without the column episode", async () => {
    const lines = [
      "observation_0,observation_1,action,terminated",
      "0,0,1,0",
      "1,1,1,1",
      "5,5,,",
      "2,2,0,1",
      "3,3,2,1",
    ];
    const { trajectories } = await read(lines);
    expect(trajectories.map(({ observations }) => [...observations])).toEqual([
      [0, 0, 1, 1, 5, 5],
      [2, 2, 2, 2],
      [3, 3, 3, 3],
    ]);
  });

  it("has flat rows of nested observations, and actions of several numbers", async () => {
    const observationSpace: Space = {
      kind: "dict",
      spaces: { at: discrete(4), near: { kind: "tuple", spaces: [box([1], 0, 9), box([1], 0, 9)] } },
    };
    const { trajectories } = await read(
      ["observation_0,observation_1,observation_2,action_0,action_1,terminated", "3,0.5,1.5,0.25,-1,1"],
      { observationSpace, actionSpace: box([2], -1, 1) },
    );
    expect(trajectories[0].observations).toEqual(Float32Array.of(3, 0.5, 1.5, 3, 0.5, 1.5));
    expect(trajectories[0].actions).toEqual(Float32Array.of(0.25, -1));
  });

  it.each([
    [
      "a missing column",
      [head.replace("observation_1", "other"), whole[1]],
      'line 1: column "observation_1" is missing',
    ],
    [
      "a column too many",
      [`${head},observation_2`, `${whole[1]},3`],
      'line 1: column "observation_2" has no place',
    ],
    [
      "a misspelt column",
      [head.replace("reward", "rewrd"), whole[1]],
      'unknown column "rewrd"; did you mean "reward"?',
    ],
    ["a column twice", [`${head},reward`, `${whole[1]},3`], 'line 1: column "reward" is there twice'],
    ["a text", [head, "0,0,one,2,0,0,0"], 'line 2, column observation_1: "one" is not a finite number'],
    ["NaN", [head, "0,0,NaN,2,0,0,0"], 'line 2, column observation_1: "NaN" is not a finite number'],
    ["an empty cell", [head, "0,0,,2,0,0,0"], "line 2, column observation_1: it is empty"],
    [
      "a number beyond float32",
      [head, "0,0,1e39,2,0,0,0"],
      "line 2, column observation_1: 1e39 is beyond the range",
    ],
    ["a short line", [head, whole[1], "0,0,1"], "line 3: it has 3 cells, but line 1 has 7"],
    [
      "an action outside",
      [head, "0,0,1,3,0,1,0"],
      "line 2: the action is outside its space: 3 is not an integer from 0 to 2",
    ],
    ["half an action", [head, "0,0,1,0.5,0,1,0"], "line 2: the action is outside its space: 0.5"],
    ["a flag", [head, "0,0,1,0,0,yes,0"], 'line 2, column terminated: "yes" is neither'],
    [
      "rows after the end",
      [head, "0,0,1,0,0,1,0", "0,1,1,0,0,0,0"],
      "line 3: the episode has ended at line 2",
    ],
    [
      "no action within",
      [head, "0,0,1,,0,0,0", "0,1,1,0,0,1,0"],
      "line 2: it has no action, but is not the last row",
    ],
    [
      "scattered rows",
      [head, "0,0,1,0,0,1,0", "1,1,1,0,0,1,0", "0,1,1,0,0,1,0"],
      "line 4, column episode: the rows of episode 0",
    ],
    ["no rows", [head], "it has no row under the names of the columns"],
    ["single rows only", [head, "0,0,1,0,0,0,0"], "it contains no whole episode"],
  ])("is refused for %s, with the place", async (_, lines, message) => {
    await expect(read(lines)).rejects.toThrow(`rows.csv: `);
    await expect(read(lines)).rejects.toThrow(message);
    await expect(read(lines)).rejects.toThrow(FormatError);
  });

  it("may have actions outside their box clipped", async () => {
    const lines = ["observation_0,observation_1,action,terminated", "0,0,1.5,1"];
    const actionSpace = box([1], -1, 1);
    await expect(read(lines, { actionSpace })).rejects.toThrow("set the option clip");
    expect((await read(lines, { actionSpace, clip: true })).trajectories[0].actions).toEqual(
      Float32Array.of(1),
    );
  });
});
