/**
 * @file A vector of N environments in worker threads of Node.js. Its arrays are views of shared memory, in which each
 * thread writes its own rows.
 */

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../errors.js";
import { allocateActions, spaceWidth } from "../../spaces/index.js";
import type { ActionBatch } from "../../spaces/values.js";
import type { Tree } from "../../state/snapshot.js";
import { ArrayVector } from "../array-vector.js";
import { refuseMask } from "../autoreset.js";
import type { Autoreset, Environment, VectorEnvironment, VectorResetOptions } from "../contracts.js";
import { refuseBadActions, refuseBadBatch } from "../dynamics.js";
import type { EnvironmentAddress } from "../registry.js";
import { startPool, type WorkerPool } from "./pool.js";
import { countOf, joined, partOf } from "./states.js";

export interface WorkerVectorSettings {
  autoreset: Autoreset;
  workers: number;
  /** The time limit of a step, in seconds. */
  workerTimeout: number;
}

/**
 * Starts the threads and creates the environments in them. `like` is one such environment, created in this thread.
 *
 * @throws UsageError when a worker cannot create the environment; Error when a worker dies during the start.
 */
export async function createWorkerVector(
  address: EnvironmentAddress,
  like: Environment,
  count: number,
  { autoreset, workers, workerTimeout }: WorkerVectorSettings,
): Promise<VectorEnvironment> {
  refuseProgram(address);
  refuseCode(address);
  const { observationSpace, actionSpace } = like;
  const shape = {
    count,
    width: spaceWidth(observationSpace),
    actionWidth: spaceWidth(actionSpace),
    integerActions: allocateActions(actionSpace, 0) instanceof Int32Array,
    workers,
  };
  const pool = await startPool(
    { address, autoreset, spaces: { observationSpace, actionSpace }, shape },
    workerTimeout,
  );
  return new WorkerVector(like, count, autoreset, pool);
}

/** Throws UsageError when the module is the main program, because every worker would run it again. */
function refuseProgram({ id, module }: EnvironmentAddress): void {
  const [, program] = process.argv;
  if (program === undefined || !module.startsWith("file:")) return;
  try {
    if (realpathSync(fileURLToPath(module)) !== realpathSync(program)) return;
  } catch {
    return;
  }
  throw new UsageError(
    `${id} is registered in ${program}, the program itself, which worker threads cannot import without running it ` +
      "again: put the environment into its own module",
  );
}

function refuseCode({ id, options }: EnvironmentAddress): void {
  for (const [name, value] of Object.entries(options)) {
    try {
      structuredClone(value);
    } catch (cause) {
      throw new UsageError(
        `${id}: option "${name}" cannot be sent to worker threads: it must be plain data`,
        { cause },
      );
    }
  }
}

class WorkerVector extends ArrayVector implements VectorEnvironment {
  private readonly actions: ActionBatch;

  constructor(
    like: Environment,
    count: number,
    readonly autoreset: Autoreset,
    private readonly pool: WorkerPool,
  ) {
    const { arrays, actions } = pool.shared;
    super(like, count, arrays, {
      get: (i) => pool.askOne(i, (own) => ({ kind: "getTask", i: own })),
      set: (i, task) => void pool.askOne(i, (own) => ({ kind: "setTask", i: own, task })),
      setPool: (tasks) => void pool.ask(() => ({ kind: "setTasks", tasks })),
    });
    this.actions = actions;
  }

  reset({ seed, options, mask }: VectorResetOptions = {}): void {
    refuseMask(this, mask);
    if (mask && mask.length !== this.count) {
      throw new UsageError(`${this.id}: the mask must have ${this.count} entries, not ${mask.length}`);
    }
    const chosen = mask && Array.from(mask, Boolean);
    this.pool.ask(({ first, count }) => ({
      kind: "reset",
      options: { seed, options, mask: chosen?.slice(first, first + count) },
    }));
  }

  step(actions: ActionBatch): void {
    refuseBadBatch(this, actions);
    refuseBadActions(this.id, this.actionSpace, actions);
    this.actions.set(actions);
    this.pool.step();
  }

  getState(): Tree {
    return joined(this.pool.ask(() => ({ kind: "getState" })));
  }

  setState(state: Tree): void {
    const count = countOf(state);
    if (count !== this.count) {
      throw new UsageError(
        `${this.id}: this snapshot is of ${count ?? "no"} environments, not ${this.count}`,
      );
    }
    this.pool.ask((part) => ({ kind: "setState", state: partOf(state, part, count) }));
  }

  close(): void {
    this.pool.close();
  }
}
