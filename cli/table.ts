/** @file Tables as aligned text. */

/** Formats rows as columns two spaces apart. Columns of numbers are right-aligned. */
export function table(header: string[], rows: (string | number)[][]): string {
  const cells = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const right = header.map((_, column) => rows.length > 0 && rows.every((row) => isNumeric(row[column])));
  const rule = widths.map((width) => "─".repeat(width));
  return [cells[0], rule, ...cells.slice(1)]
    .map((row) =>
      row
        .map((cell, column) => (right[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const isNumeric = (cell: string | number) => typeof cell === "number" || /^[−\d.,]+$/.test(cell);
