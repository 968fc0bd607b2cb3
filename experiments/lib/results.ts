/** @file Stores the results of an experiment in a JSON file, run by run. Stored runs are not repeated. */

import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Provenance, provenance, withoutFolders } from "../../src/runs/provenance.js";
import { writeFileAtomic } from "../../src/state/files.js";
import type { RecordedRow } from "./plain-run.js";

interface Stored<R> {
  /** The command and the settings of the table's rows, by the start of their runs' keys. */
  rows?: Record<string, RecordedRow>;
  /** Provenance of every invocation that added runs. */
  provenance: Provenance[];
  /** Runs by key; `made` is the index of the invocation in `provenance`. */
  runs: Record<string, R & { made: number; seconds: number }>;
}

async function read<R>(path: string): Promise<Stored<R>> {
  const text = await readFile(path, "utf8").catch(() => '{ "provenance": [], "runs": {} }');
  return JSON.parse(text) as Stored<R>;
}

export class Results<R extends object> {
  private constructor(
    /** Provenance of the code at the start of this process, even if another commit is checked out later. */
    private readonly provenance: Provenance,
    private readonly path: string,
    private stored: Stored<R>,
  ) {}

  static async open<R extends object>(path: string): Promise<Results<R>> {
    await mkdir(dirname(path), { recursive: true });
    return new Results<R>(withoutFolders(await provenance("0, 1, …")), path, await read<R>(path));
  }

  get runs(): (R & { seconds: number })[] {
    return Object.values(this.stored.runs);
  }

  /** Runs `make` and stores its result, unless the key has one. */
  async keep(key: string, make: () => Promise<R>): Promise<void> {
    if (Object.hasOwn(this.stored.runs, key)) return;
    const started = performance.now();
    const run = await make();
    const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
    // Another process may have added runs to the file in the meantime.
    this.stored = await read<R>(this.path);
    const own = JSON.stringify(this.provenance);
    const invocations = this.stored.provenance;
    const known = invocations.findIndex((other) => JSON.stringify(other) === own);
    const made = known >= 0 ? known : invocations.push(this.provenance) - 1;
    this.stored.runs[key] = { ...run, made, seconds };
    await this.write();
    console.log(`${key} (${seconds.toFixed(1)} s)`);
  }

  /** Records the commands and the settings of rows. */
  async record(rows: Record<string, RecordedRow>): Promise<void> {
    this.stored = await read<R>(this.path);
    this.stored.rows = { ...this.stored.rows, ...rows };
    await this.write();
  }

  private async write(): Promise<void> {
    const { provenance: made, rows, runs } = this.stored;
    const head = JSON.stringify(made, undefined, 1);
    const settings = rows ? `\n "rows": ${linesOf(rows)},` : "";
    const text = `{\n "provenance": ${head},${settings}\n "runs": ${linesOf(runs)}\n}\n`;
    await writeFileAtomic(this.path, new TextEncoder().encode(text));
  }
}

/** A record as JSON, an entry a line, sorted by name so that files can be compared. */
const linesOf = (record: object): string => {
  const sorted = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{\n${sorted.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(",\n")}\n }`;
};
