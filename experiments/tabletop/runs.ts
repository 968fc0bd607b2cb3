/** @file Plays every kind of task of Tabletop-v0 with the scripted policy and with random actions. */

import { makeVector } from "../../envs/index.js";
import { tabletop } from "../../envs/mujoco/tasks/tabletop.js";
import { tabletopExpert } from "../../envs/mujoco/tasks/tabletop-expert.js";
import { KINDS, type Kind, type TabletopTask } from "../../envs/mujoco/tasks/tabletop-tasks.js";
import { createRng } from "../../src/random/rng.js";
import { markdown } from "../lib/markdown.js";
import type { Results } from "../lib/results.js";

export interface TabletopRun {
  kind: Kind;
  tasks: number;
  /** Tasks with success at some step, and at the last step, of the scripted policy; and at some step, of random actions. */
  solved: number;
  held: number;
  byChance: number;
  /** Mean return of the script and of random actions, and mean number of steps until the script's first success. */
  scriptReturn: number;
  randomReturn: number;
  steps: number;
}

export interface RateRun {
  /** Steps per CPU second of 16 copies with random actions. */
  rate: number;
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Plays `tasks` episodes of a kind; task k is the same for every policy. */
async function play(
  kind: Kind,
  tasks: number,
  policy: (task: TabletopTask) => (observation: Float32Array) => number[],
) {
  const environment = await tabletop({ kinds: [kind], episodesPerTask: 1 });
  const episodes = Array.from({ length: tasks }, (_, k) => {
    let { observation } = environment.reset(k === 0 ? { seed: 0 } : {});
    const act = policy(environment.getTask!() as TabletopTask);
    let [first, held, total] = [0, false, 0];
    for (let step = 1, ended = false; !ended; step++) {
      const result = environment.step(act(observation));
      observation = result.observation;
      held = result.info.success === 1;
      if (held && first === 0) first = step;
      total += result.reward;
      ended = result.truncated;
    }
    return { first, held, total };
  });
  environment.close();
  return episodes;
}

export async function tabletopRuns(results: Results<TabletopRun | RateRun>, tasks: number): Promise<void> {
  for (const kind of KINDS) {
    await results.keep(kind, async () => {
      const script = await play(kind, tasks, (task) => tabletopExpert(kind, task));
      const rng = createRng("random actions");
      const random = await play(
        kind,
        tasks,
        () => () => Array.from({ length: 4 }, () => 2 * rng.uniform() - 1),
      );
      const solved = script.filter(({ first }) => first > 0);
      return {
        kind,
        tasks,
        solved: solved.length,
        held: script.filter(({ held }) => held).length,
        byChance: random.filter(({ first }) => first > 0).length,
        scriptReturn: mean(script.map(({ total }) => total)),
        randomReturn: mean(random.map(({ total }) => total)),
        steps: mean(solved.map(({ first }) => first)),
      };
    });
  }
  await results.keep("rate", async () => {
    const vector = await makeVector("Tabletop-v0", 16);
    const rng = createRng("random actions");
    const actions = new Float32Array(16 * 4);
    const count = 1500;
    const started = process.cpuUsage();
    for (let step = 0; step < count; step++) {
      for (let k = 0; k < actions.length; k++) actions[k] = 2 * rng.uniform() - 1;
      vector.step(actions);
    }
    const { user, system } = process.cpuUsage(started);
    vector.close();
    return { rate: Math.round((16 * count) / ((user + system) / 1e6)) };
  });
}

/** A row for each kind of task. */
export function tabletopTable(runs: readonly (TabletopRun | RateRun)[]): string {
  const kinds = runs.filter((run): run is TabletopRun => "kind" in run);
  const percent = (part: number, whole: number) => `${Number(((100 * part) / whole).toFixed(1))} %`;
  const rows = kinds.map((run) => [
    run.kind,
    percent(run.solved, run.tasks),
    percent(run.held, run.tasks),
    String(Math.round(run.steps)),
    String(Math.round(run.scriptReturn)),
    percent(run.byChance, run.tasks),
    String(Math.round(run.randomReturn)),
  ]);
  const head = [
    "kind",
    "script: solved",
    "and at the last step",
    "after steps",
    "return",
    "random: solved",
    "return",
  ];
  return markdown([head, ...rows], ["---", ...head.slice(1).map(() => "---:")]);
}
