/** @file An episode that a person plays in the page: the environment of the package, its pictures, and how to undo a step. */

import type * as environments from "../../envs/index.js";
import type { Environment } from "../../src/env/contracts.js";
import { moduleSpec } from "../../src/env/registry.js";
import type * as policies from "../../src/policies/index.js";
import type { Action, Observation } from "../../src/spaces/values.js";
import type { Tree } from "../../src/state/snapshot.js";
import type { Overview } from "../../src/teaching/wire.js";
import type { Draft } from "./draft.js";
import { type Driver, driverOf } from "./driver.js";

/** The package's build for browsers, which the server serves. */
const ENVIRONMENTS = "/understudy/envs.js";
const LIBRARY = "/understudy/index.js";

/** A state of the episode, and the step that led there. */
export interface Moment {
  readonly observation: Observation;
  /** The environment's snapshot, if it has any. */
  readonly state?: Tree;
  /** The return so far. */
  readonly total: number;
  /** The flat row of the last action; undefined at the start. */
  readonly action?: number[];
  readonly reward: number;
  readonly isPerson: boolean;
}

export interface Game {
  readonly environment: Environment;
  readonly seed: string;
  /** The states so far, the present one last. */
  readonly moments: readonly Moment[];
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
  /** Plays an episode up to its last action. @throws Error where the environment does not play it as before */
  resume(draft: Draft): void;
  /** The episode so far; undefined before its first step. */
  draft(): Draft | undefined;
  picture(): { svg: string } | { text: string } | undefined;
}

/** A game of an environment in the build for browsers, or in a module of the user's. @throws Error where none can be made */
export async function newGame(
  { env, environmentOptions, module }: Pick<Overview, "env" | "environmentOptions" | "module">,
  seed: string,
): Promise<Game> {
  const { envIds, make, register } = (await import(ENVIRONMENTS)) as typeof environments;
  if (module !== undefined && !envIds().includes(env)) {
    const { default: exported } = await import(module);
    // A module may register its environments itself.
    if (!envIds().includes(env)) register(moduleSpec(env, module, exported));
  }
  return play(await make(env, environmentOptions), seed);
}

/** The agent whose policy is in a file. @throws Error where it cannot drive in the page */
export async function driverFrom(bytes: Uint8Array): Promise<Driver> {
  const { loadPolicy } = (await import(LIBRARY)) as Pick<typeof policies, "loadPolicy">;
  return driverOf(loadPolicy(bytes));
}

/** The game of an environment from a seed on. */
export function play(environment: Environment, firstSeed: string): Game {
  let seed = firstSeed;
  let moments: Moment[] = [];
  let ending: Game["ending"];
  const now = () => moments[moments.length - 1];
  const keep = (moment: Omit<Moment, "state">) =>
    void moments.push({ ...moment, state: environment.getState?.() });
  const game: Game = {
    environment,
    get seed() {
      return seed;
    },
    get moments() {
      return moments;
    },
    get steps() {
      return moments.length - 1;
    },
    get total() {
      return now().total;
    },
    get ending() {
      return ending;
    },
    get actions() {
      return moments.slice(1).map(({ action }) => action!);
    },
    get byPerson() {
      return moments.flatMap(({ isPerson }, t) => (isPerson ? [t - 1] : []));
    },
    get observation() {
      return now().observation;
    },
    get canUndo() {
      return moments.length > 1 && environment.setState !== undefined;
    },
    act(action, isPerson = true) {
      if (ending) return;
      // As the server plays it again: in the precision of a data set.
      const result = environment.step(typeof action === "number" ? action : Float32Array.from(action));
      const { observation, reward } = result;
      keep({
        ...{ observation, reward, isPerson, total: now().total + reward },
        action: typeof action === "number" ? [action] : Array.from(action),
      });
      if (result.terminated || result.truncated) ending = result.terminated ? "terminated" : "truncated";
    },
    undo() {
      if (!game.canUndo) return;
      moments.pop();
      environment.setState!(now().state);
      ending = undefined;
    },
    restart(next) {
      seed = next;
      moments = [];
      keep({ observation: environment.reset({ seed }).observation, reward: 0, isPerson: false, total: 0 });
      ending = undefined;
    },
    resume({ seed: from, actions, byPerson }) {
      game.restart(from);
      const { actionSpace } = environment;
      const own = new Set(byPerson);
      for (const [t, row] of actions.entries()) {
        if (ending) throw new Error(`the episode ended before step ${t}`);
        game.act(actionSpace.kind === "discrete" ? row[0] : row, own.has(t));
      }
    },
    draft: () => (game.steps > 0 ? { seed, actions: game.actions, byPerson: game.byPerson } : undefined),
    picture() {
      if (environment.renderSvg) return { svg: environment.renderSvg() };
      return environment.render ? { text: environment.render() } : undefined;
    },
  };
  game.restart(firstSeed);
  return game;
}
