/** @file Reads `--only`, which selects environments, methods and other parts of an experiment. */

/**
 * The selected names of one kind, or all names of the kind if none of them is selected.
 *
 * @throws {Error} for an unknown name.
 */
export function selection(only: readonly string[], known: readonly string[]) {
  for (const name of only) {
    if (!known.includes(name)) throw new Error(`--only ${name}: it must be among ${known.join(", ")}`);
  }
  return (names: readonly string[]): readonly string[] => {
    const asked = names.filter((name) => only.includes(name));
    return asked.length > 0 ? asked : names;
  };
}
