/** @file `checkEnv`: plays an environment and lists what is wrong with it, and how to put it right. */

import { UsageError } from "../errors.js";
import { createRng } from "../random/rng.js";
import { describeSpace, flattenInto, sample, spaceWidth, whyOutside } from "../spaces/index.js";
import type { Action, Observation } from "../spaces/values.js";
import { snapshot, type Tree } from "../state/snapshot.js";
import { adaptEnvironment, type EnvironmentLike } from "./adapter.js";
import type { Environment } from "./contracts.js";
import { make } from "./registry.js";

export interface Finding {
  /** Errors make results wrong; warnings cost comfort, or are wrong for some uses. */
  severity: "error" | "warning";
  what: string;
  fix: string;
}

export interface CheckOptions {
  /** Steps of each of the short games that are played. */
  steps?: number;
  /** Steps after which an episode counts as endless. */
  maxEpisodeSteps?: number;
  seed?: number;
  /** Throws a {@link UsageError} that lists everything when there is an error among the findings. */
  throws?: boolean;
}

/**
 * Plays an environment with random actions and reports what it does wrong: spaces, shapes, NaN, bounds, flags, seeds,
 * snapshots, shared arrays, endings. An empty list means that nothing was found.
 *
 * `source` is an id, a function that makes an environment, or an environment; with one of the former two, snapshots are
 * also restored into a new environment.
 */
export async function checkEnv(
  source: string | EnvironmentLike | (() => EnvironmentLike | Promise<EnvironmentLike>),
  { steps = 100, maxEpisodeSteps = 10_000, seed = 1, throws = false }: CheckOptions = {},
): Promise<Finding[]> {
  const another = async () => {
    if (typeof source === "string") return make(source);
    return typeof source === "function" ? source() : source;
  };
  const findings: Finding[] = [];
  const report = (severity: Finding["severity"], what: string, fix: string) => {
    if (!findings.some((finding) => finding.what === what)) findings.push({ severity, what, fix });
  };
  const spy = new Spy(await another());
  try {
    const environment = adaptEnvironment(spy);
    checkEpisodes(environment, spy, { steps, maxEpisodeSteps, seed }, report);
    const isRepeatable = checkSeeds(environment, { steps, seed }, report);
    // A game that never goes the same way twice does not go on from a snapshot either: one mistake, one finding.
    if (isRepeatable) {
      checkSnapshots(environment, adaptEnvironment(new Spy(await another())), { steps, seed }, report);
    }
  } catch (error) {
    const fix = "put this right and check again: nothing after it was checked";
    report("error", error instanceof Error ? error.message : String(error), fix);
  }
  if (throws && findings.some(({ severity }) => severity === "error")) {
    throw new UsageError(formatFindings(findings));
  }
  return findings;
}

/** The findings as text, a line each and the way out below it. */
export function formatFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return "nothing wrong was found";
  return findings.map(({ severity, what, fix }) => `${severity}: ${what}\n  ${fix}`).join("\n");
}

type Report = (severity: Finding["severity"], what: string, fix: string) => void;

interface Play {
  steps: number;
  seed: number;
}

/** Passes everything on, and remembers what came back before the adapter tidied it. */
class Spy implements EnvironmentLike {
  returned: unknown;
  readonly id?: string;
  readonly observationSpace: EnvironmentLike["observationSpace"];
  readonly actionSpace: EnvironmentLike["actionSpace"];
  readonly getState?: () => Tree;
  readonly setState?: (state: Tree) => void;

  constructor(private readonly environment: EnvironmentLike) {
    const name = environment.constructor?.name;
    this.id = environment.id ?? (name === "Object" ? "the environment" : name);
    this.observationSpace = environment.observationSpace ?? environment.observation_space;
    this.actionSpace = environment.actionSpace ?? environment.action_space;
    const { getState, setState } = environment;
    if (getState && setState) {
      this.getState = () => getState.call(environment);
      this.setState = (state) => setState.call(environment, state);
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

  /** The array that holds the observation of the last call, where it is one. */
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

/** One walk with everything looked at: bounds, flags, shared arrays, endings. */
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
      const fix = "return a new array from every step: whoever keeps observations keeps references";
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
    report("warning", `${id}: step() does not say whether the episode was truncated`, fix);
  }
  const info = (isArray ? returned.at(-1) : record.info) as Record<string, unknown> | undefined;
  const isOld = isArray ? returned.length === 4 : !("terminated" in record);
  if (isOld && ended && info?.["TimeLimit.truncated"] === undefined) {
    const fix = 'return terminated and truncated apart, or set info["TimeLimit.truncated"]';
    report("warning", `${id}: done does not say whether the task ended or the time ran out`, fix);
  }
}

function checkAfterEnd(environment: Environment, action: Action, report: Report): void {
  try {
    const { terminated, truncated } = environment.step(action);
    if (terminated || truncated) return;
  } catch {
    return;
  }
  const fix = "leave the reset to the caller, and throw when step() is called before it";
  report("warning", `${environment.id}: step() plays on after the end of an episode`, fix);
}

/** Everything that happens in `steps` random steps, episodes following one another, as one list of numbers. */
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

/** The same seed must give the same game, which is what is returned; no seed must not. */
function checkSeeds(environment: Environment, { steps, seed }: Play, report: Report): boolean {
  const game = (gameSeed?: number) => {
    const { observation } = environment.reset(gameSeed === undefined ? {} : { seed: gameSeed });
    return play(environment, { steps, seed }, observation);
  };
  const { id } = environment;
  const reference = game(seed);
  if (!same(reference, game(seed))) {
    const fix = "draw every random number from a generator that reset({ seed }) seeds, and from nothing else";
    report("error", `${id}: the same seed and actions gave two different games`, fix);
    return false;
  }
  const others = [1, 2, 3].map((offset) => game(seed + offset));
  const unseeded = [game(), game(), game()];
  // Where some seeds give the same game by chance, so may some resets without one.
  const isPlainlyRandom = others.every((other) => !same(other, reference));
  if (isPlainlyRandom && unseeded.every((other) => same(other, unseeded[0]))) {
    const fix = "seed the generator only when reset() is given a seed, and let it go on otherwise";
    report("error", `${id}: reset() without a seed starts the same game every time`, fix);
  }
  return true;
}

/** A snapshot must go on exactly, here and in another environment. */
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
    report("warning", `${id}: it cannot be saved, so runs on it can neither checkpoint nor resume`, fix);
    return;
  }
  environment.reset({ seed });
  for (let step = 0, rng = createRng(seed); step < 3; step++) {
    const { terminated, truncated } = environment.step(sample(environment.actionSpace, rng) as Action);
    if (terminated || truncated) environment.reset();
  }
  const state = environment.getState();
  try {
    snapshot(state);
  } catch (error) {
    const fix = "return only numbers, strings, booleans, arrays, typed arrays and plain objects of these";
    report("error", `${id}: getState() is not plain data: ${(error as Error).message}`, fix);
    return;
  }
  const expected = play(environment, { steps, seed }, undefined);
  for (const target of [environment, other]) {
    target.reset({ seed: seed + 1 });
    target.setState!(state);
    if (same(play(target, { steps, seed }, undefined), expected)) continue;
    const fix =
      "save all that step() and reset() read: dynamics, elapsed time, the random stream; copy arrays";
    report("error", `${id}: setState(getState()) does not continue exactly`, fix);
  }
}
