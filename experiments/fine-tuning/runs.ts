/**
 * @file Runs of fine-tuning: a clone of noisy demonstrations is tuned on comparisons of its own segments, or on a
 * teacher's answers.
 */

import { bc, dpo, guidedFineTuning, orpo, sft, valueIteration } from "../../algorithms/index.js";
import {
  type Algorithm,
  collect,
  evaluate,
  loadExpert,
  type Metrics,
  mean,
  type Policy,
  train,
  UniformPolicy,
} from "../../index.js";
import { type Preferences, preferencesOf } from "../../src/datasets/preferences.js";
import { pairedSegments, type ShownSegment } from "../../src/datasets/show-segments.js";
import { problemOf } from "../../src/env/problem.js";
import { createRng } from "../../src/random/rng.js";
import { trajectoryReturn } from "../../src/rollout/trajectory.js";
import { markdown } from "../lib/markdown.js";

/** Passes of the clone that are tried in turn, and the share of the teacher's return at which it is taken. */
const PASSES = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 30, 40, 60, 80, 120];
const ENOUGH = 0.45;
const EPISODES = 50;

interface World {
  env: string;
  teacher(): Promise<Policy>;
  /** Noisy episodes that are cloned, and the probability of a random action in them. */
  episodes: number;
  chance: number;
  /** Steps of a segment, or of an answer. */
  segmentLength: number;
  methods: readonly string[];
}

const guided = ["gft dpo", "gft orpo", "gft sft", "gft random teacher"];

export const worlds: readonly World[] = [
  {
    env: "CartPole-v1",
    teacher: () => loadExpert("CartPole-v1"),
    ...{ episodes: 5, chance: 0.25, segmentLength: 100 },
    methods: ["student", "dpo", "dpo ipo", "dpo noisy", "dpo flipped", "orpo", "sft", ...guided],
  },
  {
    env: "FrozenLake-v1",
    teacher: () => train(valueIteration(), { env: "FrozenLake-v1" }),
    ...{ episodes: 20, chance: 0.6, segmentLength: 20 },
    methods: ["student", ...guided],
  },
];

export interface FineTuningRun {
  env: string;
  method: string;
  seed: number;
  /** Mean returns of 50 episodes, of the sampled policy and of its mode, as shares of the teacher's. */
  sampled: number;
  mode: number;
  /** Of the last pass. */
  chosen?: number;
  rejected?: number;
  margin?: number;
}

const PAIRS = 200;
const tuning = { learningRate: 1e-3, epochs: 50 };
const direct = { beta: 0.03, ...tuning };

const returns = async (policy: Policy, env: string, seed: number, deterministic: boolean) =>
  (await evaluate(policy, { env, episodes: EPISODES, seed: 1000 + seed, deterministic })).mean;

/** The clone of noisy episodes, at the first number of passes at which it returns enough. */
async function studentOf(world: World, teacher: Policy, best: number, seed: number): Promise<Policy> {
  const { env, episodes, chance } = world;
  const noise = { chance, record: "executed" as const };
  const demonstrations = await collect(teacher, { env, episodes, seed: 100 + seed, noise });
  let student: Policy | undefined;
  for (const epochs of PASSES) {
    student = await train(bc({ demonstrations, epochs, learningRate: 3e-4 }), { env, seed });
    if ((await returns(student, env, 500 + seed, false)) >= ENOUGH * best) break;
  }
  return student!;
}

/** 200 pairs with the same start and different returns, and the right answers, of which a share is turned around. */
async function comparisonsOf(
  world: World,
  student: Policy,
  seed: number,
  flipped: number,
): Promise<Preferences> {
  const { env, segmentLength } = world;
  const problem = await problemOf(env);
  const rng = createRng(`fine-tuning/${seed}`);
  const vector = await problem.vector(8, rng.stream("environments"));
  const acting = (name: string) => ({ policy: student, acting: { rng: rng.stream(name) } });
  const actors = { first: acting("left"), second: acting("right") };
  const pairs: [ShownSegment, ShownSegment][] = [];
  while (pairs.length < PAIRS) {
    const shown = await pairedSegments(vector, { count: 8, segmentLength, ...actors });
    pairs.push(...shown.pairs.filter(([a, b]) => trajectoryReturn(a) !== trajectoryReturn(b)));
  }
  pairs.length = PAIRS;
  const flips = rng.stream("flips");
  const comparisons = pairs.map(([a, b], i) => {
    const isLeft = trajectoryReturn(a) > trajectoryReturn(b) !== flips.uniform() < flipped;
    return {
      id: i + 1,
      left: 2 * i,
      right: 2 * i + 1,
      choice: isLeft ? ("left" as const) : ("right" as const),
    };
  });
  return preferencesOf(pairs.flat(), comparisons, { ...problem, env });
}

const cache = new Map<string, Promise<{ teacher: Policy; best: number; student: Policy }>>();

function startOf(world: World, seed: number) {
  const key = `${world.env}/${seed}`;
  const made = cache.get(key) ?? prepare(world, seed);
  cache.set(key, made);
  return made;
}

async function prepare(world: World, seed: number) {
  const teacher = await world.teacher();
  const best = await returns(teacher, world.env, 0, true);
  return { teacher, best, student: await studentOf(world, teacher, best, seed) };
}

export async function fineTuningRun(world: World, method: string, seed: number): Promise<FineTuningRun> {
  const { env } = world;
  const { teacher, best, student } = await startOf(world, seed);
  const learner = await learnerOf(world, method, { teacher, student }, seed);
  const run = learner && (await train.run(learner, { env, seed }));
  const policy = run?.artefact ?? student;
  const share = async (deterministic: boolean) =>
    Number(((await returns(policy, env, seed, deterministic)) / best).toPrecision(4));
  const { chosen, rejected, margin }: Metrics = run?.metrics.at(-1) ?? {};
  const rounded = (x: number) => Number(x.toPrecision(4));
  return {
    ...{ env, method, seed, sampled: await share(false), mode: await share(true) },
    ...(chosen !== undefined && {
      chosen: rounded(chosen),
      rejected: rounded(rejected),
      margin: rounded(margin),
    }),
  };
}

async function learnerOf(
  world: World,
  method: string,
  { teacher, student }: { teacher: Policy; student: Policy },
  seed: number,
): Promise<Algorithm | undefined> {
  const [name, variant] = [method.split(" ")[0], method.split(" ").slice(1).join(" ")];
  if (name === "student") return undefined;
  if (name === "gft") {
    const { observationSpace, actionSpace } = student;
    const isControl = variant === "random teacher";
    return guidedFineTuning({
      teacher: isControl ? new UniformPolicy(observationSpace, actionSpace) : teacher,
      ...(isControl && { teacherActs: "sample" }),
      method: isControl ? "dpo" : (variant as "dpo" | "orpo" | "sft"),
      student,
      learningRate: 1e-3,
    });
  }
  const flipped = variant === "flipped" ? 1 : variant === "noisy" ? 0.2 : 0;
  const preferences = await comparisonsOf(world, student, seed, flipped);
  if (name === "orpo") return orpo({ preferences, student, lambda: 1, ...tuning });
  if (name === "sft") return sft({ preferences, student, ...tuning });
  return dpo({ preferences, reference: student, ...direct, loss: variant === "ipo" ? "ipo" : "sigmoid" });
}

const titles: Record<string, string> = {
  student: "the clone",
  dpo: "`dpo`",
  "dpo ipo": "`dpo`, `--loss ipo`",
  "dpo noisy": "`dpo`, one answer in five wrong",
  "dpo flipped": "control: `dpo`, opposite answers",
  orpo: "`orpo`, λ 1",
  sft: "`sft`",
  "gft dpo": "`guidedFineTuning`, dpo",
  "gft orpo": "`guidedFineTuning`, orpo",
  "gft sft": "`guidedFineTuning`, sft",
  "gft random teacher": "control: the teacher acts at random",
};

/** A table for each environment, with every seed. */
export function fineTuningTables(runs: readonly FineTuningRun[]): string {
  return worlds
    .map(({ env, methods }) => {
      const head = [
        "method",
        "sampled, each seed",
        "mean",
        "median",
        "mode, mean",
        "chosen",
        "rejected",
        "margin",
      ];
      const body = methods.flatMap((method) => {
        const own = runs
          .filter((run) => run.env === env && run.method === method)
          .sort((a, b) => a.seed - b.seed);
        if (own.length === 0) return [];
        const scores = own.map(({ sampled }) => sampled);
        const shown = (name: "chosen" | "rejected" | "margin") =>
          own[0][name] === undefined ? "" : mean(own.map((run) => run[name]!)).toFixed(1);
        return [
          [
            titles[method],
            scores.map((score) => score.toFixed(2)).join(", "),
            mean(scores).toFixed(2),
            [...scores].sort((a, b) => a - b)[scores.length >> 1].toFixed(2),
            mean(own.map(({ mode }) => mode)).toFixed(2),
            ...[shown("chosen"), shown("rejected"), shown("margin")],
          ],
        ];
      });
      return `### ${env}\n\n${markdown([head, ...body])}`;
    })
    .join("\n\n");
}
