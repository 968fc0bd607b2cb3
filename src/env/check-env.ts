/** @file `checkEnv`: plays an environment and lists its faults, with a fix for each. */

import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import { describeSpace, flattenInto, sample, spaceWidth, whyOutside } from "../spaces/index.js";
import type { Action, Observation } from "../spaces/values.js";
import type { Tree } from "../state/snapshot.js";
import { adaptEnvironment, type EnvironmentLike, nameOfEnvironment } from "./adapter.js";
import { checkActions } from "./check-actions.js";
import type { Environment } from "./contracts.js";
import { construct, make } from "./registry.js";

export interface Finding {
  /** `error`: results are wrong. `warning`: a feature is missing, or some uses are affected. */
  severity: "error" | "warning";
  what: string;
  fix: string;
}

export interface CheckOptions {
  /** The number of steps of each test walk. */
  steps?: number;
  /** The number of steps after which an episode counts as endless. */
  maxEpisodeSteps?: number;
  seed?: number;
  /** Throw a {@link UsageError} with all findings when one of them is an error. */
  throws?: boolean;
}

/**
 * Plays an environment with random actions and reports faults of spaces, shapes, NaN, bounds, flags, seeds, snapshots,
 * shared arrays and episode ends, and unusual bounds of actions. An empty list means that no fault was found.
 *
 * `source` is an id, a function or a class that creates an environment, or an environment. Except with the last, snapshots
 * are also restored into a new environment.
 */
export async function checkEnv(
  source:
    | string
    | EnvironmentLike
    | (() => EnvironmentLike | Promise<EnvironmentLike>)
    | (new () => EnvironmentLike),
  { steps = 100, maxEpisodeSteps = 10_000, seed = 1, throws = false }: CheckOptions = {},
): Promise<Finding[]> {
  const another = async () => {
    if (typeof source === "string") return make(source);
    return typeof source === "function" ? construct(source) : source;
  };
  const findings: Finding[] = [];
  const report = (severity: Finding["severity"], what: string, fix: string) => {
    if (!findings.some((finding) => finding.what === what)) findings.push({ severity, what, fix });
  };
  const spy = new Spy(await another());
  try {
    const environment = adaptEnvironment(spy);
    checkActions(environment.id, environment.actionSpace, report);
    checkEpisodes(environment, spy, { steps, maxEpisodeSteps, seed }, report);
    const isRepeatable = checkSeeds(environment, { steps, seed }, report);
    // An environment that is not reproducible fails the snapshot check too: report that fault once.
    if (isRepeatable) {
      checkSnapshots(environment, adaptEnvironment(new Spy(await another())), { steps, seed }, report);
    }
  } catch (error) {
    const fix = "fix this and check again: later checks were skipped";
    report("error", error instanceof Error ? error.message : String(error), fix);
  }
  if (throws && findings.some(({ severity }) => severity === "error")) {
    throw new UsageError(formatFindings(findings));
  }
  return findings;
}

/** The findings as text: one line each, with the fix below it. */
export function formatFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "no faults were found";
  return findings.map(({ severity, what, fix }) => `${severity}: ${what}\n  ${fix}`).join("\n");
}

type Report = (severity: Finding["severity"], what: string, fix: string) => void;

interface Play {
  steps: number;
  seed: number;
}

/** Forwards all calls, and records the raw return values before the adapter converts them. */
class Spy implements EnvironmentLike {
  returned: unknown;
  readonly id?: string;
  readonly observationSpace: EnvironmentLike["observationSpace"];
  readonly actionSpace: EnvironmentLike["actionSpace"];
  readonly getState?: () => Tree;
  readonly setState?: (state: Tree) => void;

  constructor(private readonly environment: EnvironmentLike) {
    this.id = nameOfEnvironment(environment);
    this.observationSpace = environment.observationSpace ?? environment.observation_space;
    this.actionSpace = environment.actionSpace ?? environment.action_space;
    const { getState, setState } = environment;
    if (getState && setState) {
      this.getState = () => getState.call(environment) as Tree;
      this.setState = (state) => setState.call(environment, state as never);
    }
  }

  reset(options?: never): unknown {
    this.returned = this.environment.reset(options);
    return this.returned;
  }

  step(action: never): unknown {
    this.returned = this.environment.step(action);
    return this.returned;
  }

  seed(seed: number): unknown {
    return this.environment.seed?.(seed);
  }

  /** The array of the last observation, if it is an array. */
  array(): ArrayLike<number> | undefined {
    const { returned } = this;
    const value = Array.isArray(returned)
      ? returned[0]
      : (returned as { observation?: unknown })?.observation;
    return Array.isArray(value) || ArrayBuffer.isView(value)
      ? (value as unknown as ArrayLike<number>)
      : undefined;
  }
}

/** A test walk that checks bounds, flags, shared arrays and episode ends. */
function checkEpisodes(
  environment: Environment,
  spy: Spy,
  limits: Play & CheckOptions,
  report: Report,
): void {
  const { id, observationSpace, actionSpace } = environment;
  const rng = createRng(limits.seed).stream("check");
  const look = (observation: Observation) => {
    const reason = whyOutside(observationSpace, observation);
    if (!reason) return;
    const fix = "widen the observation space, or clip what the environment returns";
    report("error", `${id}: an observation is outside ${describeSpace(observationSpace)}: ${reason}`, fix);
  };
  look(environment.reset({ seed: limits.seed }).observation);
  let ended = 0;
  let elapsed = 0;
  for (let step = 0; step < limits.steps || (ended === 0 && elapsed < limits.maxEpisodeSteps!); step++) {
    const before = spy.array();
    const copy = before && Array.from(before);
    const { observation, terminated, truncated } = environment.step(sample(actionSpace, rng) as Action);
    elapsed++;
    look(observation);
    if (before && (before === spy.array() || copy!.some((value, i) => !Object.is(value, before[i])))) {
      const fix = "return a new array from every step: callers store observations by reference";
      report("warning", `${id}: an observation array changes after it was returned`, fix);
    }
    checkFlags(id, spy.returned, terminated || truncated, report);
    if (terminated || truncated) {
      if (ended === 0) checkAfterEnd(environment, sample(actionSpace, rng) as Action, report);
      ended++;
      elapsed = 0;
      look(environment.reset().observation);
    }
  }
  if (ended === 0) {
    const fix = "give it a time limit: adaptEnvironment(env, { maxEpisodeSteps: 500 })";
    report("warning", `${id}: an episode did not end within ${limits.maxEpisodeSteps} steps`, fix);
  }
}

function checkFlags(id: string, returned: unknown, ended: boolean, report: Report): void {
  const isArray = Array.isArray(returned);
  const record = returned as Record<string, unknown>;
  if (!isArray && "terminated" in record && record.truncated === undefined) {
    const fix = "return truncated: true when a time limit ends the episode, else false";
    report("warning", `${id}: step() does not return whether the episode was truncated`, fix);
  }
  const info = (isArray ? returned.at(-1) : record.info) as Record<string, unknown> | undefined;
  const isOld = isArray ? returned.length === 4 : !("terminated" in record);
  if (isOld && ended && info?.["TimeLimit.truncated"] === undefined) {
    const fix = 'return terminated and truncated apart, or set info["TimeLimit.truncated"]';
    report("warning", `${id}: done does not distinguish termination from the time limit`, fix);
  }
}

function checkAfterEnd(environment: Environment, action: Action, report: Report): void {
  try {
    const { terminated, truncated } = environment.step(action);
    if (terminated || truncated) return;
  } catch {
    return;
  }
  const fix = "leave the reset to the caller, and throw when step() is called before reset()";
  report("warning", `${environment.id}: step() continues after the end of an episode`, fix);
}

/** All results of `steps` random steps over consecutive episodes, as one list of numbers. */
function play(environment: Environment, { steps, seed }: Play, first: Observation | undefined): number[] {
  const { observationSpace, actionSpace } = environment;
  const width = spaceWidth(observationSpace);
  const rng = createRng(seed).stream("actions");
  const trace: number[] = [];
  const record = (observation: Observation) => {
    const at = trace.length;
    for (let i = 0; i < width; i++) trace.push(0);
    flattenInto(observationSpace, observation, trace, at);
  };
  if (first !== undefined) record(first);
  for (let step = 0; step < steps; step++) {
    const { observation, reward, terminated, truncated } = environment.step(
      sample(actionSpace, rng) as Action,
    );
    record(observation);
    trace.push(reward, Number(terminated), Number(truncated));
    if (terminated || truncated) record(environment.reset().observation);
  }
  return trace;
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

/** Checks that equal seeds give equal walks, and returns whether they do; resets without a seed must differ. */
function checkSeeds(environment: Environment, { steps, seed }: Play, report: Report): boolean {
  const game = (gameSeed?: number) => {
    const { observation } = environment.reset(gameSeed === undefined ? {} : { seed: gameSeed });
    return play(environment, { steps, seed }, observation);
  };
  const { id } = environment;
  const reference = game(seed);
  if (!same(reference, game(seed))) {
    const fix = "draw every random number from a generator that reset({ seed }) seeds";
    report("error", `${id}: the same seed and actions gave two different episodes`, fix);
    return false;
  }
  const others = [1, 2, 3].map((offset) => game(seed + offset));
  const unseeded = [game(), game(), game()];
  // If some seeds give equal walks by chance, resets without a seed may too.
  const isPlainlyRandom = others.every((other) => !same(other, reference));
  if (isPlainlyRandom && unseeded.every((other) => same(other, unseeded[0]))) {
    const fix = "seed the generator only when reset() receives a seed; otherwise continue its stream";
    report("error", `${id}: reset() without a seed starts the same episode every time`, fix);
  }
  return true;
}

/** Checks that an environment continues exactly from a snapshot, and so does another environment. */
function checkSnapshots(
  environment: Environment,
  other: Environment,
  { steps, seed }: Play,
  report: Report,
): void {
  const { id } = environment;
  if (!environment.getState || !environment.setState) {
    const fix =
      "add getState(), which returns plain data, and setState(state): runs can then stop and resume";
    report("warning", `${id}: it has no snapshots, so its runs can neither checkpoint nor resume`, fix);
    return;
  }
  environment.reset({ seed });
  for (let step = 0, rng = createRng(seed); step < 3; step++) {
    const { terminated, truncated } = environment.step(sample(environment.actionSpace, rng) as Action);
    if (terminated || truncated) environment.reset();
  }
  let state: Tree;
  try {
    state = environment.getState();
  } catch (error) {
    const fix = "return only numbers, strings, booleans, arrays, typed arrays and plain objects of these";
    report("error", (error as Error).message, fix);
    return;
  }
  const expected = play(environment, { steps, seed }, undefined);
  for (const target of [environment, other]) {
    target.reset({ seed: seed + 1 });
    target.setState!(state);
    if (same(play(target, { steps, seed }, undefined), expected)) continue;
    const fix =
      "save everything that step() and reset() read: dynamics, elapsed time, the random stream; copy arrays";
    report("error", `${id}: setState(getState()) does not continue exactly`, fix);
  }
}
