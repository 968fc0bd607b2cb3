/** @file Comma-separated values (RFC 4180): cells to write, and the cells and the separator of a table to read. */

const SEPARATORS = [",", ";", "\t"];

/** The line of a row, without its end. Cells are quoted where they must be; undefined is an empty cell. */
export const csvLine = (cells: readonly (string | number | undefined)[]): string =>
  cells.map(quoted).join(",");

function quoted(cell: string | number | undefined): string {
  const text = String(cell ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The separator that is most frequent in the first line of a table; a comma where there is none. */
export const separatorOf = (head: string): string =>
  SEPARATORS.reduce((best, next) => (head.split(next).length > head.split(best).length ? next : best));

/** The cells of a line of CSV (RFC 4180), without spaces around them; undefined if a quoted cell does not end. */
export function cellsOf(line: string, separator: string): string[] | undefined {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells: string[] = [];
  const pattern = new RegExp(`\\s*(?:"((?:[^"]|"")*)"\\s*|([^${separator}"]*))(${separator}|$)`, "y");
  do {
    const match = pattern.exec(line);
    if (!match) return undefined;
    cells.push(match[1] === undefined ? match[2].trim() : match[1].replaceAll('""', '"'));
    if (match[3] === "") return cells;
  } while (pattern.lastIndex <= line.length);
  return cells;
}
