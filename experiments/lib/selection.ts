/** @file What `--only` selects of an experiment that has several kinds of parts: environments, methods. */

/**
 * Of the names of a kind those that are asked for, or all where none of that kind is.
 *
 * @throws Error for a name that is none
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
