/** @file A table in Markdown. */

/** A Markdown table. The first row is the head; columns are left-aligned unless `alignment` is given, e.g. `---:`. */
export function markdown(
  [head, ...rows]: readonly (readonly string[])[],
  alignment = head.map(() => "---"),
): string {
  return [head, alignment, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
