/** @file Metric sinks: every format keeps all rows, and is valid for its readers. */

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { csvSink } from "../../src/runs/sinks/csv.js";
import { jsonlSink, resumeRows } from "../../src/runs/sinks/jsonl.js";
import type { MetricSink, Row } from "../../src/runs/sinks/sink.js";
import { tensorboardSink } from "../../src/runs/sinks/tensorboard.js";
import { tfRecord } from "../../src/runs/sinks/tfrecord.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sinks-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string) => readFileSync(join(folder, name), "utf8");

function writeAll(sink: MetricSink, rows: Row[]) {
  for (const row of rows) sink.write("metrics", row);
  sink.close();
}

const rows: Row[] = [
  { steps: 10, seconds: 0.5, loss: 1.5 },
  { steps: 20, seconds: 1, loss: -2e-9 },
  { steps: 30, seconds: 1.5, loss: 0 },
];

describe("JSON lines", () => {
  it("hold every number exactly", () => {
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0));
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), (values) => {
        rmSync(join(folder, "metrics.jsonl"), { force: true });
        const given = values.map((loss, i) => ({ steps: i + 1, seconds: 0, loss }));
        writeAll(jsonlSink(folder), given);
        expect(resumeRows(folder, "metrics", Number.POSITIVE_INFINITY)).toEqual(given);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it("are truncated to the checkpoint's step, and continue from there", () => {
    writeAll(jsonlSink(folder), rows);
    expect(resumeRows(folder, "metrics", 20)).toEqual(rows.slice(0, 2));
    writeAll(jsonlSink(folder), [rows[2]]);
    expect(read("metrics.jsonl")).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  });

  it("drop only a last line that a kill has cut off", () => {
    writeAll(jsonlSink(folder), rows);
    const whole = read("metrics.jsonl");
    appendFileSync(join(folder, "metrics.jsonl"), '{"steps":40,"sec');
    expect(resumeRows(folder, "metrics", 100)).toEqual(rows);
    expect(read("metrics.jsonl")).toBe(whole);
  });

  it("are refused with the line number if damaged, and left unchanged", () => {
    const text = '{"steps":1,"seconds":0}\nnonsense\n';
    writeFileSync(join(folder, "metrics.jsonl"), text);
    expect(() => resumeRows(folder, "metrics", 100)).toThrow(/metrics\.jsonl, line 2/);
    expect(read("metrics.jsonl")).toBe(text);
  });

  it("create no file for a table without rows", () => {
    writeAll(jsonlSink(folder), rows);
    expect(() => read("evaluations.jsonl")).toThrow(/ENOENT/);
    expect(resumeRows(folder, "evaluations", 100)).toEqual([]);
  });
});

describe("CSV", () => {
  it("has a header and one line per row", () => {
    writeAll(csvSink(folder), rows);
    expect(read("metrics.csv")).toBe("steps,seconds,loss\n10,0.5,1.5\n20,1,-2e-9\n30,1.5,0\n");
  });

  it("appends later columns on the right, and leaves missing numbers empty", () => {
    writeAll(csvSink(folder), [rows[0], { steps: 20, seconds: 1, accuracy: 0.5 }, rows[2]]);
    expect(read("metrics.csv")).toBe("steps,seconds,loss,accuracy\n10,0.5,1.5,\n20,1,,0.5\n30,1.5,0,\n");
  });

  it("quotes names that contain commas or quotes", () => {
    writeAll(csvSink(folder), [{ steps: 1, seconds: 0, 'a,"b"': 2 }]);
    expect(read("metrics.csv")).toBe('steps,seconds,"a,""b"""\n1,0,2\n');
  });

  it("writes the two tables to separate files", () => {
    const sink = csvSink(folder);
    sink.write("metrics", rows[0]);
    sink.write("evaluations", { steps: 10, seconds: 0.5, mean: 7 });
    sink.close();
    expect(read("evaluations.csv")).toBe("steps,seconds,mean\n10,0.5,7\n");
  });
});

/** CRC-32C one bit at a time, by polynomial division: shares nothing with the table that is tested. */
function slowCrc(bytes: Uint8Array): number {
  let register = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const feedback = (register ^ (byte >> bit)) & 1;
      register = (register >>> 1) ^ (feedback ? 0x82f63b78 : 0);
    }
  }
  return ~register >>> 0;
}

/** Undoes the mask as the format's reader does (tensorflow/core/lib/hash/crc32c.h, `Unmask`). */
function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

function readRecords(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(unmask(view.getUint32(at + 8, true))).toBe(slowCrc(bytes.subarray(at, at + 8)));
    const record = bytes.subarray(at + 12, at + 12 + length);
    expect(unmask(view.getUint32(at + 12 + length, true))).toBe(slowCrc(record));
    records.push(record);
    at += 16 + length;
  }
  return records;
}

/** The fields of a protobuf message by number, read byte by byte. */
function fields(message: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const found = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    let value: number | Uint8Array;
    if (tag % 8 === 0) value = varint();
    else if (tag % 8 === 1) {
      value = view.getFloat64(at, true);
      at += 8;
    } else if (tag % 8 === 5) {
      value = view.getFloat32(at, true);
      at += 4;
    } else {
      const length = varint();
      value = message.subarray(at, at + length);
      at += length;
    }
    const number = Math.floor(tag / 8);
    found.set(number, [...(found.get(number) ?? []), value]);
  }
  return found;
}

const text = (bytes: number | Uint8Array) => new TextDecoder().decode(bytes as Uint8Array);

function readEvents() {
  const bytes = readFileSync(join(folder, "events.out.tfevents.understudy"));
  return readRecords(bytes).map((record) => {
    const event = fields(record);
    const values = event.get(5) ? fields(event.get(5)![0] as Uint8Array).get(1)! : [];
    return {
      wallTime: event.get(1)?.[0],
      step: event.get(2)?.[0],
      version: event.has(3) ? text(event.get(3)![0]) : undefined,
      scalars: Object.fromEntries(
        values.map((value) => {
          const entry = fields(value as Uint8Array);
          return [text(entry.get(1)![0]), entry.get(2)![0]];
        }),
      ),
    };
  });
}

describe("TensorBoard event files", () => {
  it("are checked with a checksum of the published value (RFC 3720, appendix B.4)", () => {
    expect(slowCrc(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  });

  it("frame a record as the format specifies", () => {
    const record = tfRecord(Uint8Array.of(1, 2, 3));
    expect(record.length).toBe(19);
    expect(readRecords(record)).toEqual([Uint8Array.of(1, 2, 3)]);
  });

  it("start with the version and contain a scalar for each number, with valid checksums", () => {
    const sink = tensorboardSink(folder, 1_700_000_000);
    sink.write("metrics", { steps: 2 ** 33, seconds: 1.5, loss: 0.25, entropy: -0.5 });
    sink.write("evaluations", { steps: 2 ** 33, seconds: 2, mean: 500 });
    sink.close();
    expect(readEvents()).toEqual([
      { wallTime: 1_700_000_000, step: undefined, version: "brain.Event:2", scalars: {} },
      {
        wallTime: 1_700_000_001.5,
        step: 2 ** 33,
        version: undefined,
        scalars: { "metrics/loss": 0.25, "metrics/entropy": -0.5 },
      },
      { wallTime: 1_700_000_002, step: 2 ** 33, version: undefined, scalars: { "evaluations/mean": 500 } },
    ]);
  });

  it("keep a number that is zero", () => {
    const sink = tensorboardSink(folder, 0);
    sink.write("metrics", { steps: 1, seconds: 0, loss: 0 });
    sink.close();
    expect(readEvents()[1].scalars).toEqual({ "metrics/loss": 0 });
  });
});

describe("a disk error", () => {
  it("names the file", () => {
    expect(() => jsonlSink(join(folder, "absent")).write("metrics", rows[0])).toThrow(
      /cannot write .*absent\/metrics\.jsonl: ENOENT/,
    );
  });
});
