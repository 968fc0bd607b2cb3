/** @file Parquet files that pyarrow wrote with checksums. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { refuseIn } from "../../../src/datasets/formats/arrays.js";
import { openParquet } from "../../../src/datasets/formats/parquet.js";
import { FormatError } from "../../../src/errors.js";

const refuse = refuseIn("f.parquet");
const bytes = new Uint8Array(
  readFileSync(new URL("../../data-files/parquet/checksums.parquet", import.meta.url)),
);

describe("a Parquet file", () => {
  it("is refused where the checksum of a page differs, whichever byte of a page changed", async () => {
    const { columns, read } = await openParquet(bytes, refuse);
    expect(columns).toEqual(["x"]);
    expect(Array.from((await read("x")).values)).toEqual(Array.from({ length: 100 }, (_, i) => i / 2));
    for (let at = 100; at < 500; at += 50) {
      const spoilt = bytes.slice();
      spoilt[at] ^= 1;
      await expect(openParquet(spoilt, refuse)).rejects.toThrow(FormatError);
      await expect(openParquet(spoilt, refuse)).rejects.toThrow(
        "f.parquet: x: the checksum of a page differs",
      );
    }
  });
});
