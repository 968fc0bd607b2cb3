/** @file Reads a row of JSON lines. */

import { FormatError } from "../../errors.js";
import { parseJson } from "../../state/json.js";
import type { Row } from "./sink.js";

/** The longest row, in bytes: a row of metrics has some hundred numbers. */
const MOST_ROW = 2 ** 24;

/** @throws FormatError, naming the place, for anything but an object of numbers with `steps` */
export function parseRow(line: string | Uint8Array, where: string): Row {
  if (line.length > MOST_ROW) {
    throw new FormatError(
      `${where}: not a row of numbers: it has ${line.length} bytes, more than ${MOST_ROW}`,
    );
  }
  let row: unknown;
  try {
    row = parseJson(line);
  } catch (cause) {
    throw new FormatError(`${where}: not a row of numbers: ${(cause as Error).message}`, { cause });
  }
  const isRow = typeof (row as Partial<Row> | null)?.steps === "number";
  if (isRow && Object.values(row as Row).every((value) => typeof value === "number")) return row as Row;
  throw new FormatError(`${where}: not a row of numbers with "steps": ${JSON.stringify(row).slice(0, 80)}`);
}
