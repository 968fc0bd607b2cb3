/** @file Comma-separated values (RFC 4180): cells to write, and the separator of a table to read. */

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
