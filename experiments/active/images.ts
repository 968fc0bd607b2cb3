/** @file Sets of images of 28 × 28 pixels, for acquisitions that are learnt on one and used on another. */

import { existsSync } from "node:fs";
import { readLabelled } from "../../src/datasets/labelled/read.js";
import { itemsIn, type LabelledSet, widthOf, withClasses } from "../../src/datasets/labelled.js";

/** The first items of a set in a folder, with nothing set apart; undefined with a message where there is no folder. */
export async function firstOf(
  path: string | undefined,
  count: number,
  { name, flag }: { name: string; flag: string },
): Promise<LabelledSet | undefined> {
  if (path === undefined || !existsSync(path)) {
    console.log(
      `left out, because there is no ${name}${path ? ` in ${path}` : ""}; give it with ${flag} DIR`,
    );
    return undefined;
  }
  return rowsOf(
    withClasses(await readLabelled(path)),
    Int32Array.from({ length: count }, (_, i) => i),
  );
}

/** Some items of a set, with nothing set apart. */
export function rowsOf(set: LabelledSet, rows: Int32Array): LabelledSet {
  const width = widthOf(set.shape);
  const features = new Float32Array(rows.length * width);
  for (const [n, i] of rows.entries())
    features.set(set.features.subarray(i * width, (i + 1) * width), n * width);
  return { features, shape: set.shape, classes: set.classes, labels: rows.map((i) => set.labels![i]) };
}

/** Images of 8 × 8 pixels as 28 × 28 ones, bilinear, with the range 0 to 255 of Fashion-MNIST. */
export function upscaled(set: LabelledSet): LabelledSet {
  const [items, side] = [itemsIn(set), 28];
  const features = new Float32Array(items * side * side);
  const places = Array.from({ length: side }, (_, n) =>
    Math.min(6.999, Math.max(0, ((n + 0.5) * 8) / side - 0.5)),
  );
  for (let i = 0; i < items; i++) {
    for (const [r, y] of places.entries()) {
      for (const [c, x] of places.entries()) {
        const [top, left] = [Math.floor(y), Math.floor(x)];
        const at = (dy: number, dx: number) => set.features[i * 64 + (top + dy) * 8 + left + dx];
        const [fy, fx] = [y - top, x - left];
        const above = (1 - fx) * at(0, 0) + fx * at(0, 1);
        const below = (1 - fx) * at(1, 0) + fx * at(1, 1);
        features[(i * side + r) * side + c] = 255 * ((1 - fy) * above + fy * below);
      }
    }
  }
  return { ...set, features, shape: [1, side, side] };
}
