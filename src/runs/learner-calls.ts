/** @file Calls of a learner's functions, with errors that name the learner, the function and the step. */

import { UsageError } from "../errors.js";
import type { Artefact, Learner, State } from "../learning/contract.js";

type Called<A extends Artefact, S extends State> = Pick<Learner<never, A, S>, "name" | "update" | "artefact">;

/** `learner.update(state)`. Errors of the language, such as TypeError, name the learner and the step; others are its own. */
export async function update<A extends Artefact, S extends State>(
  learner: Called<A, S>,
  state: S,
  steps: number,
): Promise<Awaited<ReturnType<Called<A, S>["update"]>>> {
  try {
    return await learner.update(state);
  } catch (error) {
    throw named(error, `${learner.name}: update() after step ${steps}`);
  }
}

/**
 * `learner.artefact(state)`, which is `policy(state)` for learners of policies.
 *
 * @throws UsageError for anything that cannot be saved
 */
export function artefact<A extends Artefact, S extends State>(
  learner: Called<A, S>,
  state: S,
  steps: number,
): A {
  let made: A;
  try {
    made = learner.artefact(state);
  } catch (error) {
    throw named(error, `${learner.name}: policy() or artefact() after step ${steps}`);
  }
  if (typeof (made as Partial<Artefact> | undefined)?.toData === "function") return made;
  throw new UsageError(
    `${learner.name}: policy() or artefact() must return an object with toData(), such as new TabularPolicy(…), not ` +
      (made === undefined || made === null ? String(made) : `an object with ${fieldsOf(made)}`),
  );
}

const fieldsOf = (value: object): string => Object.keys(value).slice(0, 8).join(", ") || "no fields";

/** An error of the language with the place before its message, and its stack; other errors as they are. */
function named(error: unknown, place: string): unknown {
  const isOfLanguage = [TypeError, RangeError, ReferenceError, SyntaxError].some(
    (kind) => error instanceof kind,
  );
  if (!isOfLanguage) return error;
  const { name, message, stack } = error as Error;
  const explained = new Error(`${place}: ${name}: ${message}`, { cause: error });
  explained.stack = stack;
  return explained;
}
