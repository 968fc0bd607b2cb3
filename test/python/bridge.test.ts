/** @file The bridge to Python: transferred data, and its errors for missing parts. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ppo, qLearning } from "../../algorithms/index.js";
import { cartPole, checkEnv, make, makeVector } from "../../envs/index.js";
import { evaluate, train } from "../../index.js";
import type { Environment } from "../../src/env/contracts.js";
import { problemOf } from "../../src/env/problem.js";
import type { NetworkPolicy } from "../../src/policies/index.js";
import {
  type GymnasiumOptions,
  gymnasiumEnvironment,
  gymnasiumVector,
  registerGymnasium,
} from "../../src/python/index.js";
import { createRng } from "../../src/random/rng.js";
import { type Action, box, discrete, flattenInto } from "../../src/spaces/index.js";
import { pythonWithGymnasium as python, pythonWithNumpy } from "../support/gymnasium.js";

const STAND_IN = fileURLToPath(new URL("../support/gymnasium-stand-in", import.meta.url));

const script = new URL("../../python/bridge.py", import.meta.url);

/** A folder with a Python module of the given text, to be found by the name `extra`. */
async function moduleOf(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "understudy-python-test-"));
  writeFileSync(join(folder, "extra.py"), text);
  return folder;
}

/** The module of an environment, registered as Extra-v0, that prints and returns what it is made of. */
const moduleText = (step: string, spaces: string, first: string) => `
import os, sys
import gymnasium
from gymnasium import spaces

class Extra(gymnasium.Env):
    observation_space, action_space = ${spaces}

    def reset(self, seed=None, options=None):
        print("printed by the environment")
        return ${first}, {"options": options, "odd": float("nan"), "array": __import__("numpy").arange(2)}

    def step(self, action):
${step.replace(/^/gm, "        ")}

gymnasium.register("Extra-v0", Extra, max_episode_steps=9, disable_env_checker=True)
`;

/** An environment of that module, in Gymnasium or in the stand-in for it. */
async function extra(
  step: string,
  spaces = "spaces.Box(-1, 1, (2,)), spaces.Discrete(3, start=5)",
  { first = "[0.5, -0.5]", standIn = false } = {},
): Promise<Environment> {
  const path = [await moduleOf(moduleText(step, spaces, first)), ...(standIn ? [STAND_IN] : [])];
  process.env.PYTHONPATH = path.join(delimiter);
  try {
    const options = { python: standIn ? pythonWithNumpy : python, modules: ["extra"] };
    return gymnasiumEnvironment("Extra-v0", options);
  } finally {
    delete process.env.PYTHONPATH;
  }
}

describe("the bridge to Python", () => {
  it("explains how to install Python if it is missing", () => {
    expect(() => gymnasiumEnvironment("CartPole-v1", { python: "no-such-python" })).toThrow(
      'cannot start Python as "no-such-python": install Python 3',
    );
  });

  it("refuses a program that is not Python, and one that exits at once", () => {
    expect(() => gymnasiumEnvironment("CartPole-v1", { python: "cat" })).toThrow(
      '"cat" did not answer like the bridge\'s script',
    );
    expect(() => gymnasiumEnvironment("CartPole-v1", { python: "true" })).toThrow("true ended unexpectedly");
  });

  it("reports the output of a program that exited, also if it read no input", () => {
    // More than a pipe holds: writing it waits until the program has ended, and then fails.
    const options = { pad: "x".repeat(300_000) };
    expect(() => gymnasiumEnvironment("CartPole-v1", { python: "cat", options })).toThrow(
      '"cat" did not answer like the bridge\'s script',
    );
  });

  it("names the missing package, and how to install it", async () => {
    const empty = await mkdtemp(join(tmpdir(), "understudy-python-test-"));
    writeFileSync(join(empty, "numpy.py"), "raise ImportError");
    process.env.PYTHONPATH = empty;
    try {
      expect(() => gymnasiumEnvironment("CartPole-v1", { python: "python3" })).toThrow(
        "python3 has no numpy package: run python3 -m pip install numpy",
      );
    } finally {
      delete process.env.PYTHONPATH;
    }
  });
});

/** Starts the bridge's script, asks it for an environment, and waits to be killed. */
const client = `
const [script] = process.argv.slice(1);
const bridge = require("node:child_process").spawn("python3", [script], { stdio: ["pipe", "ignore", "inherit"] });
const hello = Buffer.from(JSON.stringify({ protocol: 3, id: "X", count: 1, single: true, options: {}, modules: [], actionMask: false }));
const header = Buffer.alloc(8);
header.writeUInt32LE(hello.length);
bridge.stdin.write(Buffer.concat([header, hello]));
setInterval(() => {}, 1000);
`;

describe("the bridge's process", () => {
  it("ends with its client although the environment hangs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "understudy-python-test-"));
    const file = join(folder, "pid");
    mkdirSync(join(folder, "gymnasium"));
    for (const name of ["numpy.py", "gymnasium/spaces.py"]) writeFileSync(join(folder, name), "");
    writeFileSync(
      join(folder, "gymnasium/__init__.py"),
      `import os\ndef make(id):\n  open(${JSON.stringify(file)}, "w").write(str(os.getpid()))\n  while True: pass\n`,
    );
    const parent = spawn(process.execPath, ["-e", client, fileURLToPath(script)], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PYTHONPATH: folder },
    });
    await expect
      .poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 20_000 })
      .toMatch(/\d/);
    const pid = readFileSync(file, "utf8");
    parent.kill("SIGKILL");
    // An ended process that nobody waits for remains in the table, as a zombie.
    const isAlive = () => /^[^Z]/.test(spawnSync("ps", ["-o", "stat=", "-p", pid]).stdout.toString());
    await expect.poll(isAlive, { timeout: 5_000 }).toBe(false);
  }, 30_000);
});

describe.skipIf(!python)("with Gymnasium", () => {
  it("describes the spaces and the limit of an environment", () => {
    const environment = gymnasiumEnvironment("Pendulum-v1", { python });
    expect(environment.observationSpace).toEqual(box([3], [-1, -1, -8], [1, 1, 8]));
    expect(environment.actionSpace).toEqual(box([1], -2, 2));
    expect(environment.maxEpisodeSteps).toBe(200);
    environment.close!();
  });

  it("passes checkEnv, except for snapshots", async () => {
    for (const id of ["CartPole-v1", "Blackjack-v1", "Taxi-v4"]) {
      const environment = gymnasiumEnvironment(id, { python });
      const findings = await checkEnv(environment, { steps: 50 });
      expect(findings.map(({ what }) => what)).toEqual([
        `${id}: it has no snapshots, so its runs can neither checkpoint nor resume`,
      ]);
      environment.close!();
    }
  });

  it("gives the same CartPole episodes as this package's own", () => {
    const theirs = gymnasiumEnvironment("CartPole-v1", { python });
    const ours = cartPole();
    const rng = createRng("actions");
    for (let episode = 0; episode < 5; episode++) {
      const { observation } = theirs.reset({ seed: episode });
      ours.reset({ options: { state: observation } });
      for (let ended = false; !ended; ) {
        const action = rng.integer(2);
        const [a, b] = [theirs.step(action), ours.step(action)];
        // Theirs started from float64 numbers that the first observation shows in float32.
        for (const [i, x] of (a.observation as Float32Array).entries()) {
          expect(x).toBeCloseTo((b.observation as Float32Array)[i], 4);
        }
        expect(a).toMatchObject({ reward: b.reward, terminated: b.terminated, truncated: b.truncated });
        ended = a.terminated || a.truncated;
      }
    }
    theirs.close!();
  });

  it("gives the same episodes in its vector form, with same-step autoreset", () => {
    const count = 3;
    const vector = gymnasiumVector("CartPole-v1", count, { python });
    const single = gymnasiumEnvironment("CartPole-v1", { python });
    vector.reset({ seed: 7 });
    single.reset({ seed: `7/env/1` });
    const rng = createRng("actions");
    let ends = 0;
    for (let step = 0; step < 120; step++) {
      const actions = Int32Array.from({ length: count }, () => rng.integer(2));
      vector.step(actions);
      const { observation, terminated } = single.step(actions[1]);
      expect(vector.terminated[1]).toBe(Number(terminated));
      const shown = terminated ? vector.finalObservations : vector.observations;
      expect(shown.slice(4, 8)).toEqual(observation);
      if (!terminated) continue;
      ends++;
      expect(vector.observations.slice(4, 8)).toEqual(single.reset().observation);
    }
    expect(ends).toBeGreaterThan(2);
    vector.close();
    single.close!();
  });

  it("registers environments by id", async () => {
    const id = registerGymnasium("MountainCar-v0", { python });
    expect(id).toBe("gymnasium:MountainCar-v0");
    const vector = await makeVector(id, 2, { seed: 1, options: { goal_velocity: 0.02 } });
    vector.step(new Int32Array(2));
    expect([...vector.rewards]).toEqual([-1, -1]);
    expect(() => vector.getState()).toThrow("runs in Python and cannot be saved");
    vector.close();
  });

  it("names an environment or an option that Gymnasium does not know", () => {
    expect(() => gymnasiumEnvironment("CartPol-v1", { python })).toThrow("Gymnasium cannot make CartPol-v1");
    expect(() => gymnasiumEnvironment("CartPole-v1", { python, options: { colour: 1 } })).toThrow("colour");
  });

  it("counts discrete actions from 0, keeps printed text out of the frames, and returns info as plain data", async () => {
    const environment = await extra(`return [action / 10, 0], 1, False, False, {"action": action}`);
    expect(environment.actionSpace).toEqual(discrete(3));
    expect(environment.reset({ options: { level: 2 } }).info).toEqual({
      options: { level: 2 },
      odd: null,
      array: [0, 1],
    });
    const { observation, info } = environment.step(2);
    expect(observation).toEqual(Float32Array.of(0.7, 0));
    expect(info).toEqual({ action: 7 });
    environment.close!();
  });

  it("reports an environment's exception with its traceback", async () => {
    const environment = await extra("raise ValueError('the wheel came off')");
    environment.reset();
    expect(() => environment.step(0)).toThrow(
      /Extra-v0, in Python: ValueError: the wheel came off[\s\S]*extra\.py/,
    );
    expect(() => environment.reset()).toThrow("closed");
  });

  it("reports that the process has exited", async () => {
    const environment = await extra("sys.stderr.write('out of fuel'); sys.stderr.flush(); os._exit(3)");
    environment.reset();
    expect(() => environment.step(0)).toThrow(/ended unexpectedly; it said:[\s\S]*out of fuel/);
  });

  it("names a space that is not supported", async () => {
    await expect(extra("pass", "spaces.Text(5), spaces.Discrete(2)")).rejects.toThrow(
      /Text.*is not supported/,
    );
  });

  it("refuses actions that are not in the space, and a step after the end", async () => {
    const environment = await extra("return [0, 0], 1, True, False, {}");
    expect(() => environment.step(0)).toThrow("call reset() before step()");
    environment.reset();
    expect(() => environment.step(3)).toThrow("as action in");
    environment.step(0);
    expect(() => environment.step(0)).toThrow("call reset() before step()");
    environment.close!();
  });
});

/** CartPole seen as a small picture, and as a dict of the picture and its numbers, by Gymnasium's wrappers. */
const PIXELS = `
import gymnasium
from gymnasium.spaces import Box, Dict
from gymnasium.wrappers import AddRenderObservation, TransformObservation

SMALL = Box(0, 255, (40, 60, 3), "uint8")

def picture():
    seen = AddRenderObservation(gymnasium.make("CartPole-v1", render_mode="rgb_array"), render_only=True)
    return TransformObservation(seen, lambda o: o[::10, ::10], SMALL)

def both():
    seen = AddRenderObservation(gymnasium.make("CartPole-v1", render_mode="rgb_array"), render_only=False)
    parts = Dict({"pixels": SMALL, "state": seen.observation_space["state"]})
    return TransformObservation(seen, lambda o: {**o, "pixels": o["pixels"][::10, ::10]}, parts)

gymnasium.register("CartPicture-v0", picture)
gymnasium.register("CartBoth-v0", both)
`;

describe.skipIf(!python)("with environments of Gymnasium", () => {
  it("sees the mask of Taxi by itself, and takes legal actions alone", async () => {
    const env = registerGymnasium("Taxi-v4", { python });
    const small = ppo({ environments: 2, rolloutSteps: 8, minibatchSize: 16, hidden: [4] });
    const policy = await train(small, { env, steps: 16, seed: 0 });
    const taxi = await make(env);
    let { observation, info } = taxi.reset({ seed: 3 });
    const rng = createRng(0);
    for (let step = 0; step < 50; step++) {
      expect((observation as { actionMask: unknown }).actionMask).toEqual(info.action_mask);
      const row = new Float32Array(1 + 6);
      flattenInto(taxi.observationSpace, observation, row);
      const [action] = (await policy.act(row, { rng })).actions;
      expect((info.action_mask as number[])[action]).toBe(1);
      ({ observation, info } = taxi.step(action));
    }
    taxi.close!();
  });

  it.each([
    ["a robot", "Hopper-v5", undefined],
    ["a picture", "CartPicture-v0", "cnn"],
    ["a dict of a picture and numbers", "CartBoth-v0", "parts"],
    ["a tuple", "Blackjack-v1", undefined],
  ])("trains on %s", async (_, id, network) => {
    process.env.PYTHONPATH = await moduleOf(PIXELS);
    try {
      const env = registerGymnasium(id, { python, modules: ["extra"] });
      const small = ppo({ environments: 2, rolloutSteps: 8, minibatchSize: 16, epochs: 1, hidden: [4] });
      const policy = await train(small, { env, steps: 16, seed: 0 });
      expect((policy as NetworkPolicy).settings.network?.kind).toBe(network);
      const { mean } = await evaluate(policy, { env, episodes: 1, maxEpisodeSteps: 20, seed: 0 });
      expect(mean).toBeGreaterThan(-2);
    } finally {
      delete process.env.PYTHONPATH;
    }
  });

  it("draws a picture of each state with render_mode", () => {
    const environment = gymnasiumEnvironment("CartPole-v1", {
      python,
      options: { render_mode: "rgb_array" },
    });
    environment.reset({ seed: 0 });
    const first = environment.renderSvg!();
    expect(first).toContain('viewBox="0 0 600 400"');
    for (let step = 0; step < 5; step++) environment.step(1);
    expect(environment.renderSvg!()).not.toBe(first);
    environment.close!();
  });
});

/** An environment of the stand-in whose observations are `value` in a space. */
const observing = (space: string, value: string, first = value) =>
  extra(`return ${value}, 1, False, False, {"action": action}`, `${space}, spaces.Discrete(2)`, {
    first,
    standIn: true,
  });

describe.skipIf(!pythonWithNumpy)("values that cross the bridge to Python", () => {
  const dict =
    'spaces.Dict({"10": spaces.Discrete(99), "b": spaces.Discrete(9), "2": spaces.Box(0, 999, (1,)), "a": spaces.Discrete(9), "01": spaces.Discrete(9)})';
  const value = '{"10": 7, "b": 1, "2": [222], "a": 3, "01": 5}';
  const right = { "2": Float32Array.of(222), "10": 7, b: 1, a: 3, "01": 5 };

  it("keep their keys in a Dict whose keys are whole numbers, and inside a Tuple", async () => {
    const plain = await observing(dict, value);
    expect(plain.reset().observation).toEqual(right);
    expect(plain.step(0).observation).toEqual(right);
    plain.close!();
    const nested = await observing(`spaces.Tuple([${dict}, spaces.Discrete(9)])`, `(${value}, 8)`);
    expect(nested.reset().observation).toEqual([right, 8]);
    nested.close!();
  });

  it("keep their keys in a Dict of integers, and in an action", async () => {
    const keys = await observing(
      "spaces.Dict({10: spaces.Discrete(99), 9: spaces.Discrete(99)})",
      "{9: 90, 10: 7}",
    );
    expect(keys.reset().observation).toEqual({ "9": 90, "10": 7 });
    keys.close!();
    const spaces = `spaces.Box(-1, 1, (2,)), ${dict}`;
    const acting = await extra(
      "return [0, 0], 1, False, False, {key: action[key] for key in action}",
      spaces,
      { standIn: true },
    );
    acting.reset();
    expect(acting.step(right as unknown as Action).info).toEqual({
      "2": [222],
      "10": 7,
      b: 1,
      a: 3,
      "01": 5,
    });
    acting.close!();
  });

  it.each([
    [
      "spaces.Box(-1, 1, (2,))",
      "[0, float('nan')]",
      "entry 1 of the observation is nan, not a finite number",
    ],
    [
      "spaces.Box(-1, 1, (2,))",
      "[float('inf'), 0]",
      "entry 0 of the observation is inf, not a finite number",
    ],
    [
      "spaces.Box(-1, 1, (2,))",
      "[1e39, 0]",
      "entry 0 of the observation is 1e+39, not a finite number of 32 bits",
    ],
    ["spaces.Box(-1, 1, (2,))", "[0]", "the observation has 1 entries, not 2"],
    ["spaces.Box(-1, 1, (2,))", "0.5", "the observation has 1 entries, not 2"],
    ["spaces.Box(-1, 1, (2,))", "None", "the observation"],
    ["spaces.Discrete(3)", "7", "entry 0 of the observation is 7.0, not an integer in the range of Discrete"],
    ["spaces.Discrete(3, start=5)", "4", "entry 0 of the observation is 4.0, not an integer"],
    ["spaces.Discrete(3)", "0.5", "entry 0 of the observation is 0.5, not an integer"],
    ["spaces.MultiDiscrete([2, 3])", "[1, 3]", "entry 1 of the observation is 3.0, not an integer"],
    ["spaces.MultiBinary(2)", "[2, 0]", "entry 0 of the observation is 2.0, not an integer"],
    ['spaces.Dict({"a": spaces.Discrete(2)})', "{}", "the observation has no part 'a'"],
    ['spaces.Dict({"a": spaces.Discrete(2)})', '{"a": 2}', "entry 0 of the observation['a'] is 2.0"],
  ])("are refused where the space is %s and the observation %s", async (space, value, message) => {
    const environment = await observing(space, value);
    expect(() => environment.reset()).toThrow(message);
  });

  it.each([
    ["float('nan')", "the reward is nan, not a finite number"],
    ["float('-inf')", "the reward is -inf, not a finite number"],
    ["None", "the reward is None, not a number"],
    ["'much'", "the reward is 'much', not a number"],
  ])("are refused where the reward is %s", async (reward, message) => {
    const environment = await extra(`return [0, 0], ${reward}, False, False, {}`, undefined, {
      standIn: true,
    });
    environment.reset();
    expect(() => environment.step(0)).toThrow(`Extra-v0, in Python: ${message}`);
  });

  it("come from a module in the working directory too", async () => {
    const folder = await moduleOf(moduleText("pass", "spaces.Discrete(2), spaces.Discrete(2)", "1"));
    const before = process.cwd();
    process.env.PYTHONPATH = STAND_IN;
    process.chdir(folder);
    try {
      const environment = gymnasiumEnvironment("Extra-v0", { python: pythonWithNumpy, modules: ["extra"] });
      expect(environment.reset().observation).toBe(1);
      environment.close!();
    } finally {
      process.chdir(before);
      delete process.env.PYTHONPATH;
    }
  });

  it("are refused where an action is NaN", async () => {
    const spaces = "spaces.Box(-1, 1, (2,)), spaces.Box(-1, 1, (1,))";
    const environment = await extra("return [0, 0], 1, False, False, {}", spaces, { standIn: true });
    environment.reset();
    expect(() => environment.step(Float32Array.of(NaN))).toThrow("NaN");
    environment.close!();
  });
});

/** An environment that draws its last action, or says it. */
const DRAWN = `
import gymnasium, numpy
from gymnasium import spaces

class Drawn(gymnasium.Env):
    observation_space, action_space = spaces.Discrete(9), spaces.Discrete(200)

    def __init__(self, render_mode=None):
        self.render_mode, self.drawn = render_mode, 0

    def reset(self, seed=None, options=None):
        return 0, {}

    def step(self, action):
        self.drawn = action
        return 0, 1.0, False, False, {}

    def render(self):
        if self.render_mode == "ansi":
            return f"action {self.drawn}"
        picture = numpy.zeros((2, 3, 3 if self.drawn < 100 else 4), numpy.uint8)
        picture[1, 2] = self.drawn
        return picture

gymnasium.register("Drawn-v0", Drawn, max_episode_steps=50)
`;

describe.skipIf(!pythonWithNumpy)("pictures of environments in Python", () => {
  const drawn = async (render_mode?: string) => {
    process.env.PYTHONPATH = [await moduleOf(DRAWN), STAND_IN].join(delimiter);
    try {
      const options = render_mode === undefined ? {} : { render_mode };
      return gymnasiumEnvironment("Drawn-v0", { python: pythonWithNumpy, modules: ["extra"], options });
    } finally {
      delete process.env.PYTHONPATH;
    }
  };

  it("are a PNG in an SVG document, whose rows are those of the array", async () => {
    const environment = await drawn("rgb_array");
    environment.reset();
    environment.step(77);
    const svg = environment.renderSvg!();
    expect(svg).toContain('viewBox="0 0 3 2"');
    const png = Buffer.from(/base64,([^"]*)"/.exec(svg)![1], "base64");
    const length = png.readUInt32BE(33);
    expect(png.toString("latin1", 37, 41)).toBe("IDAT");
    expect(png.readUInt32BE(41 + length)).toBe(crc32(png.subarray(37, 41 + length)));
    const rows = [...inflateSync(png.subarray(41, 41 + length))];
    expect(rows).toEqual([...new Array(10).fill(0), ...new Array(7).fill(0), 77, 77, 77]);
    environment.step(100);
    expect(() => environment.renderSvg!()).toThrow(
      "render() returned an array of shape (2, 3, 4) and uint8, not [height, width, 3] of uint8",
    );
  });

  it("are text with the mode ansi, and there are none without a mode", async () => {
    const environment = await drawn("ansi");
    environment.reset();
    environment.step(5);
    expect(environment.render!()).toBe("action 5");
    environment.close!();
    const plain = await drawn();
    expect([plain.render, plain.renderSvg]).toEqual([undefined, undefined]);
    plain.close!();
  });
});

/** An environment of the stand-in in which only the action `state % 3` is legal; its mask is in `info`. */
const MASKED = `
import gymnasium, numpy
from gymnasium import spaces

class Legal(gymnasium.Env):
    observation_space, action_space = spaces.Discrete(9), spaces.Discrete(3)

    def __init__(self, fault=None):
        self.fault = fault

    def info(self):
        mask = numpy.zeros(3, numpy.int8)
        mask[self.state % 3] = 0 if self.fault == "nothing" and self.state > 0 else 1
        return {} if self.fault == "none" and self.state > 0 else {"action_mask": mask}

    def reset(self, seed=None, options=None):
        self.state = 0
        return self.state, self.info()

    def step(self, action):
        if action != self.state % 3:
            raise ValueError(f"illegal action {action}")
        self.state += 1
        ended = self.state == 8
        return self.state, 1.0, ended, False, {} if ended else self.info()

gymnasium.register("Legal-v0", Legal, max_episode_steps=50)
`;

describe.skipIf(!pythonWithNumpy)("masks in the info of Python", () => {
  const inPython = async <T>(work: (options: GymnasiumOptions) => T): Promise<Awaited<T>> => {
    process.env.PYTHONPATH = [await moduleOf(MASKED), STAND_IN].join(delimiter);
    try {
      return await work({ python: pythonWithNumpy, modules: ["extra"] });
    } finally {
      delete process.env.PYTHONPATH;
    }
  };
  const spaces = {
    kind: "dict",
    spaces: { observation: { kind: "discrete", n: 9 }, actionMask: { kind: "multi-binary", n: 3 } },
  };

  it("are observed, and a policy takes legal actions alone, in one environment and in several", async () => {
    await inPython(async (options) => {
      const env = registerGymnasium("Legal-v0", options);
      const plain = await make(env, { actionMask: false });
      expect(plain.observationSpace).toEqual(discrete(9));
      plain.close!();
      const masked = await problemOf(env, { actionMask: true });
      expect(masked.observationSpace).toEqual(spaces);
      const policy = await train(ppo({ environments: 3, rolloutSteps: 8, minibatchSize: 24, hidden: [4] }), {
        env,
        steps: 48,
        seed: 0,
      });
      expect(policy.observationSpace).toEqual(spaces);
      // An illegal action is an error of the environment.
      const { mean } = await evaluate(policy, { env, episodes: 2, deterministic: false });
      expect(mean).toBe(8);
      const tabular = train(qLearning(), { env, steps: 16, seed: 0 });
      await expect(tabular).rejects.toThrow("or set the environment's option actionMask to false");
    });
  });

  it("are looked for where the option is left out, and refuse another value of it", async () => {
    const spacesOf = (options: GymnasiumOptions) => {
      const environment = gymnasiumEnvironment("Legal-v0", options);
      environment.close!();
      return environment.observationSpace;
    };
    expect(await inPython(spacesOf)).toEqual(spaces);
    const unknown = await inPython((options) => registerGymnasium("Legal-v0", options));
    await expect(make(unknown, { actionMask: "yes" })).rejects.toThrow(
      'actionMask must be true or false, not "yes"',
    );
    // Its first reset fails: it is found to have no mask, and the client's own reset says why.
    const broken = await extra("pass", undefined, { first: "1 / 0, 0", standIn: true });
    expect(() => broken.reset()).toThrow("ZeroDivisionError");
  });

  it.each([
    [
      "none",
      "info has no action_mask; give one at every reset and step, or set the option actionMask to false",
    ],
    ["nothing", "the action mask in info allows nothing, and the episode has not ended"],
  ])("are refused where there is %s", async (fault, message) => {
    const environment = await inPython((options) =>
      gymnasiumEnvironment("Legal-v0", { ...options, options: { fault } }),
    );
    environment.reset();
    expect(() => environment.step(0)).toThrow(message);
  });
});
