/** @file A table in Markdown. */

/** The first row is the head; columns are aligned to the left, or as `alignment` says, for example by `---:`. */
export function markdown(
  [head, ...rows]: readonly (readonly string[])[],
  alignment = head.map(() => "---"),
): string {
  return [head, alignment, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
