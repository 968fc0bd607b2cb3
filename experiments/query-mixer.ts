/**
 * @file Questions of several kinds on a gridworld: which is asked next by expected information a second, against each kind
 * alone and all in turns, for the same time of a simulated person. `node dist/experiments/query-mixer.js` saves every run
 * in experiments/results/query-mixer.json as soon as it is finished, skips runs that are there, and writes the table of
 * docs/evidence/query-kinds.md.
 *
 *     --seeds 10,11  seeds; by default 10 to 29: others were used to choose the defaults
 *     --pages        train nothing, write the table of the saved results
 */

import { parseArgs } from "node:util";
import { type QueryMixerOptions, queryMixer, valueIteration } from "../algorithms/index.js";
import "../envs/index.js";
import { mean } from "../src/diagnostics/statistics.js";
import { train } from "../src/runs/train.js";
import { markdown } from "./lib/markdown.js";
import { writeBetween } from "./lib/marks.js";
import { Results } from "./lib/results.js";
import { studentInterval } from "./lib/student.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: Array.from({ length: 20 }, (_, i) => 10 + i).join() },
    pages: { type: "boolean", default: false },
  },
});

const ENV = "Gridworld-v0";
const MISTAKE = 0.05;
const SECONDS = 120;
const MIXER = "by information";
const conditions: Readonly<Record<string, QueryMixerOptions>> = {
  [MIXER]: {},
  "demonstrations only": { kinds: ["demonstration"] },
  "corrections only": { kinds: ["correction"] },
  "comparisons only": { kinds: ["comparison"] },
  "labels only": { kinds: ["label"] },
  "in turns": { choice: "turns" },
};

interface MixerRun {
  condition: string;
  seed: number;
  /** The person's time (s) and the exact value of the policy after each question. */
  times: number[];
  values: number[];
  questions: string;
}

/** The mean value from the time at which every kind has an answer to the end, a step function. */
function meanValue({ times, values: own }: MixerRun): number {
  let sum = 0;
  for (const [i, value] of own.entries()) {
    const from = Math.max(FIRST, times[i]);
    const to = i + 1 < own.length ? Math.max(FIRST, times[i + 1]) : SECONDS;
    sum += value * Math.max(0, to - from);
  }
  return sum / (SECONDS - FIRST);
}
const FIRST = 10;

const results = await Results.open<MixerRun>("experiments/results/query-mixer.json");
if (!values.pages) {
  const expert = await train(valueIteration(), { env: ENV });
  for (const seed of values.seeds.split(",").map(Number)) {
    for (const [condition, options] of Object.entries(conditions)) {
      await results.keep(`${condition}, seed ${seed}`, async () => {
        const learner = queryMixer({ expert, mistake: MISTAKE, budget: SECONDS, ...options });
        const run = await train.run(learner, { env: ENV, seed });
        run.close();
        const last = run.metrics.at(-1)!;
        const kinds = ["demonstrations", "corrections", "comparisons", "labels"];
        return {
          condition,
          seed,
          times: run.metrics.map((row) => row.seconds),
          values: run.metrics.map((row) => Number(row.value.toPrecision(6))),
          questions: kinds.map((kind) => last[kind]).join(" / "),
        };
      });
    }
  }
}

const names = Object.keys(conditions);
const bySeed = (condition: string) =>
  new Map(results.runs.filter((run) => run.condition === condition).map((run) => [run.seed, run]));
const mixed = bySeed(MIXER);
const signed = (x: number) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(3)}`;
const rows = names.map((condition) => {
  const own = bySeed(condition);
  const seeds = [...own.keys()].filter((seed) => mixed.has(seed));
  const average = (of: (run: MixerRun) => number) => mean(seeds.map((seed) => of(own.get(seed)!)));
  const differences = seeds.map((seed) => meanValue(mixed.get(seed)!) - meanValue(own.get(seed)!));
  const { value: middle, low, high } = studentInterval(differences);
  const at = (run: MixerRun, time: number) =>
    run.values[
      Math.max(
        0,
        run.times.findLastIndex((t) => t <= time),
      )
    ];
  const counts = [0, 1, 2, 3].map((k) => average((run) => Number(run.questions.split(" / ")[k])).toFixed(1));
  return [
    condition,
    String(seeds.length),
    average(meanValue).toFixed(3),
    condition === MIXER ? "" : `${signed(middle)} [${signed(low)}, ${signed(high)}]`,
    average((run) => at(run, 60)).toFixed(3),
    average((run) => at(run, SECONDS)).toFixed(3),
    counts.join(" / "),
  ];
});
const head = [
  "questions",
  "seeds",
  `mean value, ${FIRST} to ${SECONDS} s`,
  "by information, less this",
  "value at 60 s",
  `value at ${SECONDS} s`,
  "demonstrations / corrections / comparisons / labels",
];
await writeBetween(
  "docs/evidence/query-kinds.md",
  "kinds",
  markdown([head, ...rows], ["---", ...head.slice(1).map(() => "---:")]),
);
