/** @file Observations after each action, where a file has them beside those before it. */

import { type ArrayTree, describeNode, type Refuse } from "./arrays.js";

/** @throws FormatError when next observations have another layout than observations. */
export function requireAlike(
  next: ArrayTree | undefined,
  rows: ArrayTree,
  place: string,
  refuse: Refuse,
): void {
  if (rows.kind === "group" && next?.kind === "group") {
    for (const [name, part] of rows.parts)
      requireAlike(next.parts.get(name), part, `${place}/${name}`, refuse);
    return;
  }
  if (rows.kind === "unreadable") return;
  if (rows.kind === "array" && next?.kind === "array" && String(next.shape) === String(rows.shape)) return;
  const [found, wanted] = [describeNode(next), describeNode(rows)];
  refuse(place, `it is ${found}, but observations has ${wanted}: their layouts must be equal`);
}

/** Where next observations are. */
interface Place {
  place: string;
  refuse: Refuse;
  /** What marks the ends of episodes, for messages. */
  ends: string;
}

/** @throws FormatError when a next observation in the rows `from` to `last` is not the observation of the next row. */
export function requireConsecutive(
  next: ArrayTree,
  rows: ArrayTree,
  from: number,
  last: number,
  { place, refuse, ends }: Place,
): void {
  if (rows.kind === "group" && next.kind === "group") {
    for (const [name, part] of rows.parts) {
      requireConsecutive(next.parts.get(name)!, part, from, last, {
        place: `${place}/${name}`,
        refuse,
        ends,
      });
    }
    return;
  }
  if (rows.kind !== "array" || next.kind !== "array") return;
  const width = rows.data.length / rows.shape[0];
  for (let i = from * width; i < last * width; i++) {
    // NaN is not equal to itself; it is refused as an observation.
    if (next.data[i] === rows.data[i + width] || Number.isNaN(next.data[i])) continue;
    const row = Math.floor(i / width);
    refuse(
      place,
      `row ${row} differs from row ${row + 1} of observations, although no episode ends at row ${row}: the rows are out of order, or an end is not marked in ${ends}`,
    );
  }
}
