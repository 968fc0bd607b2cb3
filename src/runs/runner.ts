/** @file The training loop: runs any learner, with scheduled evaluations, diagnostics and checkpoints. */

import type { InverseAlgorithm, LearnedReward } from "../../algorithms/irl/shared/contract.js";
import type { Preferences } from "../datasets/preferences.js";
import type { Artefact, Learner, Metrics, State } from "../learning/contract.js";
import type { Measure } from "../measure/measure.js";
import { Paused } from "../people/labeller.js";
import type { Policy } from "../policies/contract.js";
import { createRng, type Rng } from "../random/rng.js";
import { createTurns } from "../rollout/turn.js";
import { restore, snapshot, type Tree } from "../state/snapshot.js";
import { likelyCause, unsoundMetric, unsoundState } from "./finite-checks.js";
import * as calls from "./learner-calls.js";
import type { MetricSink, Row, Table } from "./sinks/sink.js";
import type { RunSource } from "./source.js";

/** A checkpoint, from which a run resumes. */
export interface Checkpoint {
  steps: number;
  seconds: number;
  /** The `snapshot` of the learner's state. */
  state: Tree;
}

/** The storage of a run, such as a run folder. A run in memory has none. */
export interface RunStore<A extends Artefact = Artefact> {
  /** The checkpoint to resume from, its name, and the rows up to it. */
  readonly past?: { checkpoint: Checkpoint; name: string; metrics: Row[]; evaluations: Row[] };
  readonly sinks: readonly MetricSink[];
  /** Saves a checkpoint and returns its name, for messages. */
  save(checkpoint: Checkpoint): Promise<string>;
  /** Saves a recording of the policy after `steps`, an HTML document. */
  saveRecording?(steps: number, html: string): Promise<void>;
  /** Saves the artefact with the best evaluation so far. */
  saveBest(artefact: A): Promise<void>;
  /** Called when the run is over or interrupted. @param also what was learnt or collected beside the artefact */
  finish(artefact: A, ending: "finished" | "interrupted", also?: ByProducts): Promise<void>;
  /** Lines to show before the run starts. */
  readonly notes: readonly string[];
  /** Called once, at the end, also when the run fails. */
  close?(): void;
}

/** What some learners have beside their artefact. */
export interface ByProducts {
  /** The learnt reward of inverse RL, or of comparisons. */
  reward?: LearnedReward;
  /** The segments and answers of preference learning. */
  preferences?: Preferences;
}

export interface RunPlan<Source = unknown, A extends Artefact = Artefact, S extends State = State> {
  learner: Learner<Source, A, S>;
  source: RunSource<Source, A>;
  seed: number | string;
  /** The run ends with the first iteration that reaches this number of steps. */
  steps: number;
  evaluate?: { every: number; episodes: number };
  diagnose?: Diagnosis;
  /** Recordings of the policy, for a run with a store. */
  record?: { every: number; film: Film };
  /** A checkpoint is saved every `every` steps, and `seconds` after the last one. */
  checkpoint: { every: number; seconds: number };
  /** Receivers of the rows. They are closed at the end, like those of the store. */
  sinks: readonly MetricSink[];
  /**
   * Opens the store. Called after `init`, so that a usage error leaves no folder behind.
   *
   * @param unsaveable the reason why the run has no checkpoints, if it has none
   */
  open?: (unsaveable?: string) => Promise<RunStore<A>>;
  /** Called before the first iteration, after all checks have passed, with the notes of the store. */
  onStart?: (notes: readonly string[]) => void;
  /** Ends the run after the first evaluation whose mean return is at least `return`. */
  stop?: { return: number };
  onIteration?: Callback;
  onEvaluation?: Callback;
  /** Called between iterations: true ends the run early, with a checkpoint. */
  interrupted?: () => boolean;
}

/** Plays episodes of a policy with this seed, and returns them as an HTML document with this title. */
export type Film = (policy: Policy, seed: string, title: string) => Promise<string>;

/** A function that is called with each new row of a table, and awaited. */
export type Callback = (row: Row, run: RunControl) => unknown;

/** What a callback can do with the run. */
export interface RunControl {
  /** What has been learnt so far: the policy, or what else the learner makes. Later iterations change it. */
  artefact<A extends Artefact = Policy>(): A;
  /** Ends the run after this iteration, with a checkpoint, so that it can be resumed. */
  stop(): void;
}

export interface Diagnosis {
  every: number;
  measure: Measure;
  /**
   * Limits the steps of measurements (`diagnosticSteps` of their metrics) before the final one to this fraction of the
   * run's environment steps; 1 by default. It counts steps and not seconds, so that the rows of a run do not depend on
   * the machine. Learners that count in another unit are measured at every interval.
   */
  share?: number;
}

export interface RunResult<S extends State = State, A extends Artefact = Policy> {
  artefact: A;
  /** The artefact, for learners of policies. */
  policy: A extends Policy ? A : never;
  /** The learnt reward of inverse RL. */
  reward?: LearnedReward;
  /** One sentence of the learner about how a finished training ended, such as whether it converged. */
  outcome?: string;
  /** One row for each iteration, including those before a resume. */
  metrics: Row[];
  evaluations: Row[];
  state: S;
  steps: number;
  /** Whether the run was interrupted before its last step. */
  interrupted: boolean;
  /** The reason why there are no checkpoints, if an environment cannot be saved. */
  unsaveable?: string;
  /** The run folder, if any. */
  folder?: string;
  /** Closes the training environments in the state. The rest of the state stays readable. */
  close(): void;
}

/**
 * Trains until the steps are done, the learner is done, or the run is interrupted.
 *
 * Measurements do not affect training: each evaluation uses fresh environments and a random stream named after its
 * step.
 *
 * @throws Error when a metric or an entry of the state is not finite, naming it, the step, the likely cause and the
 * last good checkpoint; such a state is never saved
 */
export async function run<Source, A extends Artefact, S extends State>(
  plan: RunPlan<Source, A, S>,
): Promise<RunResult<S, A>> {
  const sinks = [...plan.sinks];
  const { learner, source } = plan;
  const close = () => source.close();
  let store: RunStore<A> | undefined;
  try {
    const rng = createRng(plan.seed);
    const state = await learner.init(source.value, rng.stream("algorithm"));
    const unsaveable = plan.open && whyUnsaveable(state);
    store = await plan.open?.(unsaveable);
    sinks.push(...(store?.sinks ?? []));
    plan.onStart?.(store?.notes ?? []);
    const training = new Training(plan, { state, rng, store, sinks, isSaved: unsaveable === undefined });
    return { ...(await training.run()), unsaveable, close };
  } catch (error) {
    close();
    throw error;
  } finally {
    for (const sink of sinks) await sink.close();
    store?.close?.();
  }
}

/** The reason why a state cannot be checkpointed, such as a user's environment without snapshots. */
function whyUnsaveable(state: State): string | undefined {
  try {
    snapshot(state);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

interface Opened<A extends Artefact, S extends State> {
  state: S;
  /** The root random stream. */
  rng: Rng;
  store?: RunStore<A>;
  sinks: readonly MetricSink[];
  /** Whether the state can be checkpointed. */
  isSaved: boolean;
}

/** A run in progress: the learner's state, the rows, and the time of the last checkpoint. */
class Training<Source, A extends Artefact, S extends State> {
  private steps: number;
  private readonly metrics: Row[];
  private readonly evaluations: Row[];
  private readonly started: number;
  private saved: { steps: number; at: number; name?: string };
  private isStopped = false;

  constructor(
    private readonly plan: RunPlan<Source, A, S>,
    private readonly opened: Opened<A, S>,
  ) {
    const { checkpoint, name, metrics = [], evaluations = [] } = opened.store?.past ?? {};
    if (checkpoint) restore(opened.state, checkpoint.state);
    this.steps = checkpoint?.steps ?? 0;
    this.metrics = metrics;
    this.evaluations = evaluations;
    this.started = performance.now() - 1000 * (checkpoint?.seconds ?? 0);
    this.saved = { steps: this.steps, at: performance.now(), name };
  }

  async run() {
    try {
      const isPaused = await this.iterate();
      await this.save({ isPaused });
      this.requireSound(unsoundState(this.opened.state));
      const artefact = calls.artefact(this.plan.learner, this.opened.state, this.steps);
      const interrupted = !this.isDone();
      const learner = this.plan.learner as Learner<Source, A, S> &
        Partial<Pick<InverseAlgorithm<S>, "reward">> & { preferences?(state: S): Preferences };
      const reward = learner.reward?.(this.opened.state);
      const preferences = learner.preferences?.(this.opened.state);
      const outcome = interrupted ? undefined : this.outcome();
      const ended = interrupted ? "interrupted" : "finished";
      await this.opened.store?.finish(artefact, ended, { reward, preferences });
      const { metrics, evaluations, steps } = this;
      const policy = artefact as RunResult<S, A>["policy"];
      const found = { ...(reward && { reward }), ...(outcome !== undefined && { outcome }) };
      return {
        artefact,
        policy,
        ...found,
        metrics,
        evaluations,
        state: this.opened.state,
        steps,
        interrupted,
      };
    } catch (error) {
      throw this.explained(error);
    }
  }

  /** Runs iterations. @returns whether the learner was paused within an iteration */
  private async iterate(): Promise<boolean> {
    const { interrupted = () => false } = this.plan;
    const turn = createTurns();
    while (!this.isDone() && !this.isStopped && !interrupted()) {
      try {
        await this.iteration();
      } catch (error) {
        if (error instanceof Paused) return true;
        throw error;
      }
      await turn();
    }
    return false;
  }

  private async iteration(): Promise<void> {
    const { evaluate, diagnose, record, checkpoint } = this.plan;
    const before = this.steps;
    await this.update();
    const isDue = (task?: { every: number }) =>
      task !== undefined &&
      (this.isDone() || Math.floor(this.steps / task.every) > Math.floor(before / task.every));
    await this.assess({
      evaluate: isDue(evaluate) ? evaluate : undefined,
      diagnose: isDue(diagnose) && this.mayMeasure(diagnose!) ? diagnose : undefined,
    });
    if (isDue(record)) await this.film(record!.film);
    const sinceSaved = (performance.now() - this.saved.at) / 1000;
    if (isDue(checkpoint) || sinceSaved > checkpoint.seconds) await this.save();
  }

  private async update(): Promise<void> {
    const { learner, onIteration } = this.plan;
    const numbers = await calls.update(learner, this.opened.state, this.steps);
    this.requireSound(unsoundMetric(numbers), numbers.steps);
    if (!(numbers.steps > this.steps)) {
      throw new Error(
        `${learner.name} went from step ${this.steps} to step ${numbers.steps}: steps must increase`,
      );
    }
    this.steps = numbers.steps;
    const row = { steps: this.steps, seconds: this.seconds(), ...numbers };
    this.metrics.push(row);
    await this.write("metrics", row);
    await onIteration?.(row, this.control());
  }

  /** Evaluates and measures the current artefact, and saves it if it is the best so far. */
  private async assess({
    evaluate,
    diagnose,
  }: Pick<RunPlan<Source, A, S>, "evaluate" | "diagnose">): Promise<void> {
    if (!evaluate && !diagnose) return;
    const { learner, source, onEvaluation } = this.plan;
    this.requireSound(unsoundState(this.opened.state));
    const artefact = calls.artefact(learner, this.opened.state, this.steps);
    const rng = this.opened.rng.stream("evaluation", this.steps);
    const evaluated =
      evaluate && (await source.evaluate?.(artefact, evaluate.episodes, rng, this.opened.state));
    // The last evaluation of a run comes with a measurement.
    const measured = evaluated && this.reaches(evaluated) ? this.plan.diagnose : diagnose;
    const numbers: Metrics = { ...evaluated, ...(measured && (await this.measure(measured, artefact))) };
    this.requireSound(unsoundMetric(numbers));
    const score = (row: Metrics) => row[source.criterion ?? ""];
    const isBest =
      evaluate &&
      score(numbers) !== undefined &&
      this.evaluations.every((row) => !(score(row) >= score(numbers)));
    const row = { steps: this.steps, seconds: this.seconds(), ...numbers };
    this.evaluations.push(row);
    await this.write("evaluations", row);
    if (isBest) await this.opened.store?.saveBest(artefact);
    await onEvaluation?.(row, this.control());
  }

  private async film(film: Film): Promise<void> {
    const { learner, source } = this.plan;
    const policy = calls.artefact(learner, this.opened.state, this.steps) as Artefact as Policy;
    const { path } = this.opened.rng.stream("recording", this.steps).getState();
    const title = `${learner.name} on ${source.id} after ${this.steps} ${learner.unit}`;
    await this.opened.store?.saveRecording?.(this.steps, await film(policy, path, title));
  }

  private async measure({ measure }: Diagnosis, artefact: A): Promise<Metrics> {
    const rng = this.opened.rng.stream("diagnostics", this.steps);
    return measure(artefact as Artefact as Policy, rng);
  }

  /** Whether the measurements have stayed within their fraction of the steps. The final one is always made. */
  private mayMeasure({ share = 1 }: Diagnosis): boolean {
    if (this.isDone() || this.plan.learner.unit !== "environment steps") return true;
    const measured = this.evaluations.reduce((sum, { diagnosticSteps = 0 }) => sum + diagnosticSteps, 0);
    return measured <= share * this.steps;
  }

  /** Saves a checkpoint. If paused mid-iteration, saves even though `steps` has not changed. */
  private async save({ isPaused = false } = {}): Promise<void> {
    const { state, store, isSaved } = this.opened;
    if (!store || !isSaved || (this.saved.steps === this.steps && !isPaused)) return;
    const copy = snapshot(state);
    this.requireSound(unsoundState(state, copy));
    const name = await store.save({ steps: this.steps, seconds: this.seconds(), state: copy });
    this.saved = { steps: this.steps, at: performance.now(), name };
  }

  private async write(table: Table, row: Row): Promise<void> {
    for (const sink of this.opened.sinks) await sink.write(table, row);
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  private isDone(): boolean {
    const { learner, steps } = this.plan;
    return (
      this.steps >= steps ||
      this.reaches(this.evaluations.at(-1) ?? {}) ||
      learner.done?.(this.opened.state) === true
    );
  }

  /** Whether an evaluation has the return at which the run stops. */
  private reaches(evaluated: Metrics): boolean {
    const { stop, source } = this.plan;
    return stop !== undefined && evaluated[source.criterion ?? ""] >= stop.return;
  }

  private control(): RunControl {
    return {
      artefact: <T extends Artefact>() =>
        calls.artefact(this.plan.learner, this.opened.state, this.steps) as Artefact as T,
      stop: () => {
        this.isStopped = true;
      },
    };
  }

  /** How a finished training ended. */
  private outcome(): string | undefined {
    const { learner, stop, source } = this.plan;
    const last: Metrics = this.evaluations.at(-1) ?? {};
    if (!this.reaches(last)) return learner.outcome?.(this.opened.state);
    return `stopped after ${this.steps} steps: the evaluated return is ${last[source.criterion!]}, at least ${stop!.return}`;
  }

  private requireSound(unsound: string | undefined, at = this.steps, cause?: unknown): void {
    if (unsound === undefined) return;
    const { learner, source } = this.plan;
    const why = likelyCause(this.opened.state, learner.options, this.metrics.at(-1));
    throw new UnsoundError(
      `${unsound} at step ${at} of ${learner.name} on ${source.id}${why === undefined ? "" : `; ${why}`}; ` +
        "resuming would repeat the failure, so train into a new folder",
      { cause },
    );
  }

  /** The error to report: a non-finite state rather than its consequence, with the last good checkpoint. */
  private explained(error: unknown): unknown {
    let shown = error;
    try {
      if (!(error instanceof UnsoundError))
        this.requireSound(unsoundState(this.opened.state), this.steps, error);
    } catch (unsound) {
      shown = unsound;
    }
    const { name } = this.saved;
    if (shown instanceof Error && name !== undefined && !shown.message.includes(name)) {
      shown.message += `; the last good checkpoint is ${name}`;
    }
    return shown;
  }
}

/** Raised for metrics or a state that are not finite. */
class UnsoundError extends Error {}
