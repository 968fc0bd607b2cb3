/**
 * @file Takes the place of the package `wrap-ansi` in the bundled command, whose texts have no escape sequences: to look
 * for them takes a fifth of the time of a `--help`.
 */

import stringWidth from "./string-width.js";

/** Breaks the lines of a text between words, so that each takes at most `columns` columns; longer words are broken. */
export default function wrap(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => rowsOf(line.trim(), columns))
    .join("\n");
}

function rowsOf(line: string, columns: number): string[] {
  const rows: string[] = [];
  let row = "";
  for (const word of line.split(" ")) {
    const longer = row === "" ? word : `${row} ${word}`;
    if (stringWidth(longer) <= columns) {
      row = longer;
      continue;
    }
    if (row !== "") rows.push(row);
    row = "";
    for (const character of word) {
      if (row !== "" && stringWidth(row + character) > columns) {
        rows.push(row);
        row = "";
      }
      row += character;
    }
  }
  return [...rows, row].map((each) => each.trimEnd());
}
