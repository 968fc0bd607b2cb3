/** @file Help of the command line, and its errors for invalid words. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { temporaryFolder, understudy, understudyHere } from "./run-cli.js";

vi.mock("yargs", () => import("../support/brief-yargs.js"));

const folder = temporaryFolder();
const commands = [
  "train",
  "collect",
  "convert",
  "evaluate",
  "compare",
  "report",
  "export",
  "envs",
  "algorithms",
  "experts",
];

describe("help", () => {
  it("lists every command", async () => {
    const { code, stdout } = await understudy(folder, ["--help"]);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`understudy-rl ${command}\\b`));
  });

  it.each([
    ...commands,
    "train ppo",
    "train bc",
    "train dagger",
    "train valueIteration",
  ])("of %s shows an example", async (command) => {
    const { code, stdout } = await understudy(folder, [...command.split(" "), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example: understudy-rl ${command}\\b`));
  });

  it("shows an algorithm's options with their defaults and meanings", async () => {
    const { stdout } = await understudy(folder, ["train", "ppo", "--help"]);
    // The lines of one flag, up to the next.
    const linesOf = (flag: string) =>
      stdout.split(/\n +(?=--)/).find((lines) => lines.startsWith(`${flag} `));
    expect(linesOf("--learning-rate")).toMatch(/number or object > 0\)\s+\[default: 0\.001\]/);
    expect(linesOf("--hidden")).toMatch(/integer\[\], each > 0\)\s+\[array\] \[default: \[64,64\]\]/);
    expect(linesOf("--checkpoint.keep")).toMatch(/integer > 0\)\s+\[default: 3\]/);
  });

  it("--version prints the version", async () => {
    const { stdout } = await understudy(folder, ["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("an invalid command", () => {
  const mistakes: [words: string, message: RegExp][] = [
    ["", /which command\? train, collect, convert/],
    ["trian ppo", /unknown command "trian"; did you mean "train"\?/],
    ["train", /which algorithm\?.*ppo/],
    ["train ppi", /unknown algorithm "ppi"; did you mean "ppo"\?/],
    ["train ppo --learnig-rate 1", /unknown option --learnig-rate; did you mean "--learning-rate"\?/],
    ["train ppo --learningRate fast", /option "learningRate" is "fast": it must be a number/],
    ["train ppo --steps 1.5", /option "steps" is 1\.5/],
    ["train ppo --clip -1", /option "clip" is -1/],
    ["train ppo --activation thanh", /option "activation" is "thanh"/],
    [
      "train ppo --checkpoint.evry 5",
      /unknown option --checkpoint\.evry; did you mean "--checkpoint\.every"\?/,
    ],
    ["train ppo --steps", /Not enough arguments following: steps/],
    ["train ppo CartPole-v1", /unexpected argument "CartPole-v1"/],
    ["train ppo --env CartPol-v1", /unknown environment "CartPol-v1"; did you mean "CartPole-v1"\?/],
    ["train ppo --env ./nowhere.mjs", /no environment module at \.\/nowhere\.mjs/],
    ["train ppo --environment-options.maxSteps 5", /unknown option "maxSteps"/],
    ["train ppo --config nowhere.json", /cannot read nowhere\.json: there is no such file/],
    [
      "train ppo --env Blackjack-v1 --normalise-observations",
      /ppo: normaliseObservations needs box observations/,
    ],
    ["train ppo --jobs 2", /--jobs is the number of seeds that run at the same time: give --seeds too/],
    [
      "train dqn --env Pendulum-v1",
      /dqn needs discrete actions; those of Pendulum-v1 are Box\(1\): use sac or ppo/,
    ],
    [
      "train dqn --environments 64 --replay-size 10",
      /dqn: replaySize 10 must be at least the number of environments, 64/,
    ],
    ["train dagger --expert expert --beta linear", /option "beta\.rounds" is required/],
    [
      "train dagger --expert expert --beta fast",
      /option "beta\.kind" is "fast": it must be expert-first, linear/,
    ],
    ["train bc", /train bc needs --demonstrations/],
    ["train dagger", /train dagger needs --expert, or --labeller console, files or web: a source of labels/],
    [
      "train maxEntIrl",
      /train maxEntIrl needs --demonstrations or --expert, one of them: what to learn from/,
    ],
    ["train maxEntIrl --demos expert --expert expert", /needs --demonstrations or --expert, one of them/],
    ["train dagger --expert expert --labeller files", /give either an expert, .* and not both/],
    ["train bc --demos nowhere", /cannot read nowhere: there is no such file/],
    ["train dagger --expert nowhere", /cannot read nowhere/],
    ["evaluate", /evaluate needs <policy>/],
    ["evaluate nowhere", /cannot read nowhere: there is no such file or folder/],
    ["evaluate expert", /which expert\? give the environment with --env/],
    ["evaluate expert:CartPole-v2", /no expert for "CartPole-v2"; did you mean "CartPole-v1"\?/],
    ["train bc --demos expert --env Blackjack-v1", /no expert for "Blackjack-v1"/],
    ["evaluate a b", /unexpected argument "b"/],
    ["report nowhere", /there is no run in nowhere/],
    ["envs --jsno", /unknown option --jsno; did you mean "--json"\?/],
  ];

  it.each(mistakes)("understudy-rl %s: one clear message and exit code 2", async (words, message) => {
    const { code, stdout, stderr } = await understudyHere(folder, words.split(" ").filter(Boolean));
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^understudy-rl: .*\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("prints a stack trace on request", async () => {
    const words = ["train", "ppo", "--env", "CartPol-v1"];
    const asked = await understudy(folder, [...words, "--verbose"]);
    const debugging = await understudy(folder, words, { UNDERSTUDY_DEBUG: "1" });
    for (const { code, stderr } of [asked, debugging]) {
      expect(stderr).toMatch(/\n\s+at /);
      expect(code).toBe(2);
    }
  });

  it("in a configuration file is refused too", async () => {
    writeFileSync(join(folder, "typo.json"), JSON.stringify({ options: { learningRat: 1 } }));
    const typo = await understudyHere(folder, ["train", "ppo", "--config", "typo.json"]);
    expect(typo.stderr).toMatch(/unknown option "learningRat"; did you mean "learningRate"\?/);
    expect(typo.code).toBe(2);

    writeFileSync(join(folder, "torn.json"), '{ "seed": ');
    const torn = await understudyHere(folder, ["train", "ppo", "--config", "torn.json"]);
    expect(torn.stderr).toMatch(/torn\.json is not valid JSON/);
    expect(torn.code).toBe(1);

    writeFileSync(join(folder, "other.json"), JSON.stringify({ algorithm: "bc" }));
    const other = await understudyHere(folder, ["train", "ppo", "--config", "other.json"]);
    expect(other.stderr).toMatch(/config is for bc, not for ppo/);
    expect(other.code).toBe(2);
  });
});

describe("--print-config", () => {
  const config = async (words: string[]) => {
    const { code, stdout } = await understudyHere(folder, [...words, "--print-config"]);
    expect(code).toBe(0);
    return JSON.parse(stdout);
  };

  it("prints every default of a run", async () => {
    expect(await config(["train", "ppo"])).toMatchObject({
      algorithm: "ppo",
      options: { learningRate: 1e-3, hidden: [64, 64], environments: 8, rolloutSteps: 32 },
      env: "CartPole-v1",
      steps: 50_000,
      unit: "environment steps",
      seed: 0,
      checkpoint: { keep: 3, seconds: 60 },
      out: join("runs", "ppo-CartPole-v1-0"),
    });
  });

  it("prefers flags to the file, and the file to the defaults, for nested options too", async () => {
    const file = { env: "Pendulum-v1", seed: 7, options: { hidden: [8] }, checkpoint: { keep: 9 } };
    writeFileSync(join(folder, "run.json"), JSON.stringify(file));
    const flags = [
      "--seed",
      "8",
      "--checkpoint.every",
      "100",
      "--learning-rate",
      "1e-4",
      "--hidden",
      "32",
      "16",
    ];
    const words = ["train", "ppo", "--config", "run.json"];
    expect(await config(words)).toMatchObject({ ...file, checkpoint: { keep: 9, seconds: 60 } });
    expect(await config([...words, ...flags])).toMatchObject({
      env: "Pendulum-v1",
      seed: 8,
      options: { hidden: [32, 16], learningRate: 1e-4, clip: 0.2 },
      checkpoint: { keep: 9, every: 100, seconds: 60 },
    });
  });

  it("prints a file that --config reads", async () => {
    const once = await config(["train", "ppo", "--clip", "0.3", "--evaluate.every", "1000"]);
    writeFileSync(join(folder, "again.json"), JSON.stringify(once));
    expect(await config(["train", "ppo", "--config", "again.json"])).toEqual(once);
  });

  it("leaves out the environment options of the file for another environment, and says so", async () => {
    const words = ["train", "valueIteration", "--env", "FrozenLake-v1", "--environment-options.map", "8x8"];
    writeFileSync(join(folder, "lake.json"), JSON.stringify(await config(words)));
    const again = ["train", "valueIteration", "--config", "lake.json", "--print-config", "--env"];
    const same = await understudyHere(folder, [...again, "FrozenLake-v1"]);
    expect(JSON.parse(same.stdout).environmentOptions).toMatchObject({ map: "8x8" });
    const other = await understudyHere(folder, [...again, "CliffWalking-v1"]);
    expect(JSON.parse(other.stdout).environmentOptions).not.toHaveProperty("map");
    expect(other.stderr).toContain(
      "environment options of the config are those of FrozenLake-v1, and are left out",
    );
  });

  it("does not need demonstrations or an environment", async () => {
    expect(await config(["train", "bc", "--no-tuned"])).toMatchObject({
      algorithm: "bc",
      options: { epochs: 50 },
    });
    expect(await config(["evaluate"])).toMatchObject({ episodes: 100, deterministic: true, seed: 0 });
  });

  it.each([
    ["--hidden", "8,9", "[8,9]"],
    ["--hidden", "[]", "[]"],
    ["--hidden", "7", "[7]"],
  ])("reads %s %s as the list %s", async (flag, value, list) => {
    expect((await config(["train", "ppo", flag, value])).options.hidden).toEqual(JSON.parse(list));
  });

  it("reads nested options as JSON or one by one", async () => {
    const expected = { kind: "linear", rounds: 4 };
    const whole = await config(["train", "dagger", "--beta", '{"kind":"linear","rounds":4}']);
    const parts = await config(["train", "dagger", "--beta.kind", "linear", "--beta.rounds", "4"]);
    expect([whole.options.beta, parts.options.beta]).toEqual([expected, expected]);
    const word = await config(["train", "dagger", "--beta", "linear", "--beta.rounds", "4"]);
    const alone = await config(["train", "dagger", "--beta", "expert-first"]);
    expect([word.options.beta, alone.options.beta]).toEqual([expected, { kind: "expert-first" }]);
  });
});
