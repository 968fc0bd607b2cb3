/** @file The job that trains the shipped experts: its recipes, its check for finished runs, and its output. */

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { algorithmFor, ppo } from "../../algorithms/index.js";
import "../../envs/index.js";
import { packExpert } from "../../experiments/experts/packing.js";
import { expertTable } from "../../experiments/experts/page.js";
import { recipes } from "../../experiments/experts/recipes.js";
import { trainExpert } from "../../experiments/experts/training.js";
import { withBetween } from "../../experiments/lib/marks.js";
import { UsageError } from "../../src/errors.js";
import { loadPolicy, type NetworkPolicy } from "../../src/policies/index.js";
import { evaluate, expertIds, expertInfo, loadExpert, train } from "../../src/runs/index.js";
import { actionScaling } from "../../src/spaces/index.js";
import { understudy } from "../cli/run-cli.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "zoo-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the recipes", () => {
  it("cover every shipped expert, and tuned settings equal the recorded ones", async () => {
    for (const id of await expertIds()) {
      const { algorithm, options: recorded, command, steps } = await expertInfo(id);
      // The record of an expert without scaling has deviations in the units of its actions; settings are of normalised ones.
      const { settings, actionSpace } = (await loadExpert(id)) as NetworkPolicy;
      const units = settings.actionScaling || settings.squashed ? undefined : actionScaling(actionSpace);
      const options = { ...recorded };
      if (units && typeof options.initialLogStd === "number") {
        const deviation = options.initialLogStd - Math.log(units.halfWidth[0]);
        options.initialLogStd = Number(deviation.toFixed(1));
      }
      expect(recipes[id].algorithm).toBe(algorithm);
      // JSON, because that is what a record is; an option that came later is not on record.
      const now = JSON.parse(JSON.stringify(algorithmFor(algorithm, id).options));
      const known = Object.keys(options).filter((name) => name in now);
      const asked = Number(/ --steps (\d+)/.exec(command)?.[1]);
      expect(asked).toBeGreaterThan(0.99 * steps);
      expect(asked).toBeLessThanOrEqual(steps);
      expect(known.map((name) => [id, name, now[name]])).toEqual(
        known.map((name) => [id, name, options[name]]),
      );
    }
  });
});

describe("a packed run", () => {
  const run = join(folder, "run");
  const experts = join(folder, "experts");

  beforeAll(async () => {
    const short = { normaliseObservations: true, hidden: [16, 16] };
    const evaluation = { every: 512, episodes: 2 };
    const options = { env: "CartPole-v1", seed: 4, steps: 1024, evaluate: evaluation, folder: run };
    await train(ppo(short), options);
    await packExpert(run, experts, 6);
  });

  it("acts the same, without its critic", async () => {
    const whole = loadPolicy(readFileSync(join(run, "policy.safetensors")));
    const expert = await loadExpert("CartPole-v1", { folder: experts });
    expect(whole.value).toBeDefined();
    expect(expert.value).toBeUndefined();
    const options = { env: "CartPole-v1", episodes: 4, seed: 1, deterministic: false };
    expect(await evaluate(expert, options)).toEqual(await evaluate(whole, options));
  });

  it("has a recorded command that reproduces its weights", async () => {
    const { command } = await expertInfo("CartPole-v1", { folder: experts });
    expect(command).toBe(
      "understudy-rl train ppo --env CartPole-v1 --seed 4 --steps 1024 --normalise-observations --hidden '[16,16]' " +
        "--evaluate.every 512 --evaluate.episodes 2",
    );
    const again = join(folder, "again");
    const words = command.split(" ").slice(1);
    const { code } = await understudy(folder, [
      ...words.map((word) => word.replaceAll("'", "")),
      "--out",
      again,
    ]);
    expect(code).toBe(0);
    const weights = (path: string) => readFileSync(join(path, "policy.safetensors"));
    expect(weights(again)).toEqual(weights(run));
  });

  it("has recorded settings, a curve, and reproducible evaluations", async () => {
    const info = await expertInfo("CartPole-v1", { folder: experts });
    expect(info).toMatchObject({
      steps: 1024,
      options: { hidden: [16, 16] },
    });
    expect(info.learningCurve.map(([steps]) => steps)).toEqual([512, 1024]);
    expect(info.versions.mujoco).toBeUndefined();
    const { seed, episodes, deterministic, stochastic } = info.evaluation;
    const expert = await loadExpert("CartPole-v1", { folder: experts });
    const again = { env: "CartPole-v1", seed, episodes };
    expect((await evaluate(expert, again)).returns).toEqual(deterministic.returns);
    const sampled = await evaluate(expert, { ...again, deterministic: false });
    expect(sampled.returns).toEqual(stochastic.returns);
  });
});

describe("an existing run", () => {
  const recipe = { algorithm: "ppo", seed: 0 } as const;
  const where = join(folder, "ppo-CartPole-v1", "seed-0");

  it("is refused if its settings are not the tuned ones", async () => {
    await train(ppo({ discount: 0.5 }), { env: "CartPole-v1", steps: 256, folder: where });
    const error = await trainExpert("CartPole-v1", recipe, folder).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toMatch(/options\.discount is 0\.5, but 0\.98/);
  });

  it("is used unchanged if it is finished", async () => {
    rmSync(where, { recursive: true });
    await train(algorithmFor("ppo", "CartPole-v1"), { env: "CartPole-v1", steps: 256, folder: where });
    const rows = join(where, "metrics.jsonl");
    writeFileSync(rows, readFileSync(rows, "utf8").replace('"steps":256', '"steps":50176'));
    // Nothing to go on from: a training that went on would say so.
    renameSync(join(where, "checkpoints"), join(where, "gone"));
    const before = readFileSync(join(where, "policy.safetensors"));
    expect(await trainExpert("CartPole-v1", recipe, folder)).toBe(where);
    expect(readFileSync(join(where, "policy.safetensors"))).toEqual(before);
  });
});

describe("docs/evidence/experts.md", () => {
  it("has the table of the records", async () => {
    const page = readFileSync(join(root, "docs/evidence/experts.md"), "utf8");
    const infos = await Promise.all((await expertIds()).map((id) => expertInfo(id)));
    expect(withBetween(page, "experts", expertTable(infos))).toBe(page);
    expect(page).toMatch(/\| CartPole-v1 \| ppo, seed \d+ \|/);
    expect(() => withBetween("# Nothing", "experts", "")).toThrow(/has no lines/);
  });
});
