/** @file The training loop: drives any algorithm, on a schedule of evaluations, diagnostics and checkpoints. */

import type { Problem, VectorEnvironment } from "../env/contracts.js";
import type { Algorithm, Metrics, State } from "../learning/contract.js";
import { evaluateOn } from "../measure/evaluate.js";
import type { Measure } from "../measure/measure.js";
import { Paused } from "../people/index.js";
import type { Policy } from "../policies/contract.js";
import { createRng, type Rng } from "../random/rng.js";
import { restore, snapshot, type Tree } from "../state/snapshot.js";
import { likelyCause, unsoundMetric, unsoundState } from "./finite-checks.js";
import type { MetricSink, Row } from "./sinks/sink.js";

/** What a run leaves behind for the one that resumes it. */
export interface Checkpoint {
  steps: number;
  seconds: number;
  /** `snapshot` of the algorithm's state. */
  state: Tree;
}

/** Where a run is kept, so that a kill loses nothing; a run in memory has none. */
export interface RunStore {
  /** What to go on from, what it is called, and the rows that led there. */
  readonly past?: { checkpoint: Checkpoint; name: string; metrics: Row[]; evaluations: Row[] };
  readonly sinks: readonly MetricSink[];
  /** Keeps the checkpoint and returns its name, for messages. */
  save(checkpoint: Checkpoint): Promise<string>;
  /** Keeps the policy that has been evaluated best so far. */
  saveBest(policy: Policy): Promise<void>;
  /** The run is over or interrupted. */
  finish(policy: Policy): Promise<void>;
}

export interface RunPlan<S extends State = State> {
  algorithm: Algorithm<S>;
  problem: Problem;
  seed: number | string;
  /** The run ends with the first iteration that reaches this many. */
  steps: number;
  evaluate?: { every: number; episodes: number };
  diagnose?: Diagnosis;
  /** A checkpoint every so many steps, and whenever so many seconds have passed since the last. */
  checkpoint: { every: number; seconds: number };
  /** Closed at the end, like those of the store. */
  sinks: readonly MetricSink[];
  /** Called once the algorithm has accepted the problem, so that a mistake leaves no folder behind. */
  open?: () => Promise<RunStore>;
  onProgress?: (row: Row) => void;
  /** Asked between iterations: true ends the run early, with a checkpoint. */
  interrupted?: () => boolean;
}

export interface Diagnosis {
  every: number;
  measure: Measure;
  /** Of the run's time: while measuring has taken more, it waits, except at the end. 1 by default: it never waits. */
  share?: number;
}

export interface RunResult<S extends State = State> {
  policy: Policy;
  /** One row an iteration, those before a resume included. */
  metrics: Row[];
  evaluations: Row[];
  state: S;
  steps: number;
  /** It ended before its steps were done because it was asked to. */
  interrupted: boolean;
  /** Why there are no checkpoints to resume from, where an environment cannot be saved. */
  unsaveable?: string;
  /** Where it is kept, if it is. */
  folder?: string;
  /** Closes the environments that it was trained in, which the state holds; what else it holds can still be read. */
  close(): void;
}

/** Milliseconds after which the loop lets signals, timers and the page have their turn. */
const BREATH = 50;

/**
 * Trains until the steps are done, the algorithm is, or an interrupt is asked for.
 *
 * What is measured on the way never touches training: each evaluation runs on fresh environments and on a stream
 * named after its step.
 *
 * @throws Error when a metric or an entry of the state is not finite, naming it, the step, what most likely did it and
 * the last good checkpoint: none is ever written of such a state.
 */
export async function run<S extends State>(plan: RunPlan<S>): Promise<RunResult<S>> {
  const sinks = [...plan.sinks];
  const { problem, close } = closing(plan.problem);
  try {
    const rng = createRng(plan.seed);
    const state = await plan.algorithm.init(problem, rng.stream("algorithm"));
    const store = await plan.open?.();
    sinks.push(...(store?.sinks ?? []));
    const unsaveable = store && whyUnsaveable(state);
    return { ...(await iterate(plan, { state, rng, store, unsaveable, sinks })), unsaveable, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    for (const sink of sinks) await sink.close();
  }
}

/** The same problem, and what closes all vectors that were made of it. */
function closing(problem: Problem): { problem: Problem; close: () => void } {
  const made: VectorEnvironment[] = [];
  return {
    problem: {
      ...problem,
      async vector(count, rng) {
        const vector = await problem.vector(count, rng);
        made.push(vector);
        return vector;
      },
    },
    close() {
      for (const vector of made.splice(0)) vector.close();
    },
  };
}

/** The reason why a state cannot be checkpointed: an environment of the user's without snapshots, say. */
function whyUnsaveable(state: State): string | undefined {
  try {
    snapshot(state);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

interface Opened<S> {
  state: S;
  /** The root stream. */
  rng: Rng;
  store?: RunStore;
  unsaveable?: string;
  sinks: readonly MetricSink[];
}

async function iterate<S extends State>(
  plan: RunPlan<S>,
  { state, rng, store, unsaveable, sinks }: Opened<S>,
): Promise<Omit<RunResult<S>, "close">> {
  const { algorithm, problem, interrupted = () => false } = plan;
  const { checkpoint, name: last, metrics = [], evaluations = [] } = store?.past ?? {};
  if (checkpoint) restore(state, checkpoint.state);

  let steps = checkpoint?.steps ?? 0;
  const started = performance.now() - 1000 * (checkpoint?.seconds ?? 0);
  const seconds = () => (performance.now() - started) / 1000;
  const done = () => steps >= plan.steps || algorithm.done?.(state) === true;
  let saved = { steps, at: performance.now(), name: last };
  let breath = performance.now();
  let diagnosing = 0;

  const requireSound = (unsound: string | undefined, at = steps, cause?: unknown) => {
    if (unsound === undefined) return;
    const why = likelyCause(state, algorithm.options, metrics.at(-1));
    throw new UnsoundError(
      `${unsound} at step ${at} of ${algorithm.name} on ${problem.id}${why === undefined ? "" : `; ${why}`}; to ` +
        "resume would repeat it, so train into a new folder",
      { cause },
    );
  };

  const update = async () => {
    const numbers = await algorithm.update(state);
    requireSound(unsoundMetric(numbers), numbers.steps);
    if (!(numbers.steps > steps)) {
      throw new Error(
        `${algorithm.name} went from step ${steps} to step ${numbers.steps}: steps must increase`,
      );
    }
    steps = numbers.steps;
    const row = { steps, seconds: seconds(), ...numbers };
    metrics.push(row);
    for (const sink of sinks) await sink.write("metrics", row);
    plan.onProgress?.(row);
  };

  const diagnosed = async ({ measure }: Diagnosis, policy: Policy) => {
    const before = performance.now();
    const numbers = await measure(policy, rng.stream("diagnostics", steps));
    diagnosing += (performance.now() - before) / 1000;
    return numbers;
  };
  const affordable = ({ share = 1 }: Diagnosis) => done() || diagnosing <= share * seconds();

  const assess = async ({ evaluate, diagnose }: Pick<RunPlan, "evaluate" | "diagnose">) => {
    requireSound(unsoundState(state));
    const policy = algorithm.policy(state);
    const numbers = {
      ...(evaluate &&
        (await evaluation(problem, policy, evaluate.episodes, rng.stream("evaluation", steps)))),
      ...(diagnose && (await diagnosed(diagnose, policy))),
    };
    requireSound(unsoundMetric(numbers));
    const best = evaluate && evaluations.every((row) => !(row.mean >= numbers.mean));
    const row = { steps, seconds: seconds(), ...numbers };
    evaluations.push(row);
    for (const sink of sinks) await sink.write("evaluations", row);
    if (best) await store?.saveBest(policy);
  };

  /** A learner that was paused in an iteration is further than its steps say. */
  const save = async ({ isPaused = false } = {}) => {
    if (!store || unsaveable !== undefined || (saved.steps === steps && !isPaused)) return;
    const copy = snapshot(state);
    requireSound(unsoundState(state, copy));
    const name = await store.save({ steps, seconds: seconds(), state: copy });
    saved = { steps, at: performance.now(), name };
  };

  const iteration = async () => {
    const before = steps;
    await update();
    const passed = (every: number) => Math.floor(steps / every) > Math.floor(before / every);
    const due = <T extends { every: number }>(task?: T) =>
      task && (done() || passed(task.every)) ? task : undefined;
    const [evaluate, asked] = [due(plan.evaluate), due(plan.diagnose)];
    const diagnose = asked && affordable(asked) ? asked : undefined;
    if (evaluate || diagnose) await assess({ evaluate, diagnose });
    if (due(plan.checkpoint) || performance.now() - saved.at > 1000 * plan.checkpoint.seconds) await save();
  };

  const whetherPaused = (error: unknown) => {
    if (error instanceof Paused) return true;
    throw error;
  };

  const loop = async () => {
    let isPaused = false;
    while (!done() && !interrupted()) {
      isPaused = await iteration().then(() => false, whetherPaused);
      if (isPaused) break;
      if (performance.now() - breath > BREATH) {
        await new Promise((resolve) => setTimeout(resolve));
        breath = performance.now();
      }
    }
    await save({ isPaused });
    requireSound(unsoundState(state));
    const policy = algorithm.policy(state);
    await store?.finish(policy);
    return { policy, metrics, evaluations, state, steps, interrupted: !done() };
  };

  /** What a state that has gone wrong leads to, a refused action say, is not what to mend. */
  const explain = (error: unknown) => {
    if (!(error instanceof UnsoundError)) requireSound(unsoundState(state), steps, error);
    throw error;
  };

  return loop()
    .catch(explain)
    .catch((error) => {
      if (error instanceof Error && saved.name !== undefined && !error.message.includes(saved.name)) {
        error.message += `; the last good checkpoint is ${saved.name}`;
      }
      throw error;
    });
}

/** Numbers of a run are not finite. */
class UnsoundError extends Error {}

async function evaluation(problem: Problem, policy: Policy, episodes: number, rng: Rng): Promise<Metrics> {
  const { mean, std, iqm, interval, lengths } = await evaluateOn(problem, policy, { episodes, rng });
  const length = lengths.reduce((sum, steps) => sum + steps, 0) / episodes;
  return { mean, std, iqm, low: interval[0], high: interval[1], length, episodes };
}
