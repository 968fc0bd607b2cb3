/** @file An episode that a person plays in the page: the environment of the package, its pictures, and how to undo a step. */

import type * as environments from "../../envs/index.js";
import type { Environment } from "../../src/env/contracts.js";
import type { Policy } from "../../src/policies/contract.js";
import type * as policies from "../../src/policies/index.js";
import type { Action, Observation } from "../../src/spaces/values.js";
import type { Tree } from "../../src/state/snapshot.js";

/** The package's build for browsers, which the server serves. */
const ENVIRONMENTS = "/understudy/envs.js";
const LIBRARY = "/understudy/index.js";

export interface Game {
  readonly environment: Environment;
  readonly seed: string;
  readonly steps: number;
  readonly total: number;
  /** How it ended; undefined while it goes on. */
  readonly ending?: "terminated" | "truncated";
  /** Flat rows of the actions. */
  readonly actions: readonly number[][];
  /** The steps in which the person acted. */
  readonly byPerson: readonly number[];
  readonly observation: Observation;
  readonly canUndo: boolean;
  act(action: Action, isPerson?: boolean): void;
  undo(): void;
  restart(seed: string): void;
  picture(): { svg: string } | { text: string } | undefined;
}

/** @throws Error where the environment is not in the build for browsers */
export async function newGame(env: string, options: Record<string, unknown>, seed: string): Promise<Game> {
  const { make } = (await import(ENVIRONMENTS)) as typeof environments;
  return play(await make(env, options), seed);
}

export async function policyFrom(bytes: Uint8Array): Promise<Policy> {
  const { loadPolicy } = (await import(LIBRARY)) as Pick<typeof policies, "loadPolicy">;
  return loadPolicy(bytes);
}

interface Before {
  state?: Tree;
  observation: Observation;
  total: number;
}

function play(environment: Environment, firstSeed: string): Game {
  let seed = firstSeed;
  let observation = environment.reset({ seed }).observation;
  let total = 0;
  let ending: Game["ending"];
  let actions: number[][] = [];
  let byPerson: number[] = [];
  let past: Before[] = [];
  return {
    environment,
    get seed() {
      return seed;
    },
    get steps() {
      return actions.length;
    },
    get total() {
      return total;
    },
    get ending() {
      return ending;
    },
    get actions() {
      return actions;
    },
    get byPerson() {
      return byPerson;
    },
    get observation() {
      return observation;
    },
    get canUndo() {
      return past.length > 0 && environment.setState !== undefined;
    },
    act(action, isPerson = true) {
      if (ending) return;
      past.push({ state: environment.getState?.(), observation, total });
      const row = typeof action === "number" ? [action] : Array.from(action);
      if (isPerson) byPerson.push(actions.length);
      actions.push(row);
      // As the server plays it again: in the precision of a data set.
      const result = environment.step(typeof action === "number" ? action : Float32Array.from(action));
      observation = result.observation;
      total += result.reward;
      if (result.terminated || result.truncated) ending = result.terminated ? "terminated" : "truncated";
    },
    undo() {
      const before = past.pop();
      if (!before || !environment.setState) return;
      environment.setState(before.state);
      ({ observation, total } = before);
      actions.pop();
      byPerson = byPerson.filter((step) => step < actions.length);
      ending = undefined;
    },
    restart(next) {
      seed = next;
      observation = environment.reset({ seed }).observation;
      total = 0;
      ending = undefined;
      actions = [];
      byPerson = [];
      past = [];
    },
    picture() {
      if (environment.renderSvg) return { svg: environment.renderSvg() };
      return environment.render ? { text: environment.render() } : undefined;
    },
  };
}
