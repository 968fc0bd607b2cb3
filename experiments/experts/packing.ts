/** @file Packs a finished run as an expert: the weights that are needed to act, and a description with results. */

import { readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { mujoco } from "../../envs/mujoco/index.js";
import { loadPhysics } from "../../envs/mujoco/physics/load.js";
import type { Policy } from "../../src/policies/contract.js";
import { loadPolicy, NetworkPolicy, savePolicy } from "../../src/policies/index.js";
import { type Evaluation, type ExpertInfo, evaluate } from "../../src/runs/index.js";
import type { RecordedProvenance } from "../../src/runs/provenance.js";
import { readProvenance, readRunConfig } from "../../src/runs/run-records.js";
import { lastRow } from "../../src/runs/seeds-run.js";
import { readRows } from "../../src/runs/sinks/jsonl.js";
import { nameOf, type RunConfig } from "../../src/runs/spec.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { EXPERT_INDEX, sha256 } from "../../src/zoo/experts.js";
import { commandOf } from "../scores/protocol.js";

/** Seed of the recorded evaluation; `understudy-rl evaluate expert:ID --seed expert` reproduces it. */
const EVALUATION_SEED = "expert";

/**
 * Writes `ID.safetensors`, `ID.json` and the index to the folder of experts, each to a temporary file that is renamed.
 *
 * @param run The folder of a finished run.
 */
export async function packExpert(run: string, experts: string, episodes = 100): Promise<ExpertInfo> {
  const config = readRunConfig(run)!;
  const provenance = readProvenance(run)!;
  const { options, seed, unit } = config;
  const [id, algorithm] = [nameOf(config.env), nameOf(config.algorithm)];
  const policy = withoutCritic(loadPolicy(readFileSync(join(run, "policy.safetensors"))));
  const bytes = savePolicy(policy);
  const { steps, seconds } = lastRow(run, "metrics")!;
  const measure = async (deterministic: boolean) =>
    summary(await evaluate(policy, { ...where(config), episodes, seed: EVALUATION_SEED, deterministic }));

  const info: ExpertInfo = {
    id,
    command: commandOf(config, `--seed ${seed}`),
    algorithm,
    options,
    seed,
    steps,
    unit,
    seconds: Math.round(seconds),
    date: provenance.started,
    versions: {
      understudy: provenance.understudy,
      ...provenance.git,
      ...resumedAt(provenance),
      node: provenance.node,
      onnxruntime: provenance.onnxruntime,
      runtime: provenance.runtime,
      ...(mujoco.some((spec) => spec.id === id) ? { mujoco: (await loadPhysics()).version } : {}),
    },
    learningCurve: readRows(run, "evaluations").map(({ steps, mean }) => [steps, rounded(mean)]),
    evaluation: {
      seed: EVALUATION_SEED,
      episodes,
      deterministic: await measure(true),
      stochastic: await measure(false),
    },
    file: { bytes: bytes.length, sha256: (await sha256(bytes))! },
  };
  await mkdir(experts, { recursive: true });
  await writeFileAtomic(join(experts, `${id}.safetensors`), bytes);
  await writeFileAtomic(join(experts, `${id}.json`), text(info));
  await writeFileAtomic(join(experts, EXPERT_INDEX), `${JSON.stringify(await idsIn(experts), null, 2)}\n`);
  return info;
}

/** The commits at which a run was resumed, if they differ from the commit at its start. */
function resumedAt({ git, resumed = [] }: RecordedProvenance): { resumed?: string[] } {
  const commits = resumed
    .flatMap((again) => again.git?.commit ?? [])
    .filter((commit) => commit !== git?.commit);
  return commits.length > 0 ? { resumed: [...new Set(commits)] } : {};
}

const where = ({ env, environmentOptions }: RunConfig) => ({ env: nameOf(env), environmentOptions });

/** Removes the value function, which acting does not need. */
function withoutCritic(policy: Policy): Policy {
  if (!(policy instanceof NetworkPolicy)) return policy;
  const { kind, settings, arrays } = policy.toData();
  const acting = Object.entries(arrays).filter(([name]) => !name.startsWith("critic."));
  return NetworkPolicy.fromData({
    kind,
    settings: { ...settings, critic: false },
    arrays: Object.fromEntries(acting),
  });
}

/** Rounds to six significant digits, more than the precision of a hundred episodes. */
const rounded = (value: number) => Number(value.toPrecision(6));

const summary = ({ mean, std, iqm, interval, returns }: Evaluation) => ({
  mean: rounded(mean),
  std: rounded(std),
  iqm: rounded(iqm),
  interval: interval.map(rounded) as Evaluation["interval"],
  returns: returns.map(rounded),
});

/** JSON with each list of numbers on one line. */
const text = (info: ExpertInfo) =>
  `${JSON.stringify(info, null, 2).replace(/\[[^[\]{}"]*\]/g, (list) => list.replace(/\s+/g, ""))}\n`;

const idsIn = async (experts: string) =>
  (await readdir(experts))
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => basename(name, ".safetensors"))
    .sort();
