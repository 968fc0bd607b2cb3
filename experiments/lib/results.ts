/** @file The results of an experiment in one JSON file that grows run by run: what is in it is not run again. */

import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { provenance } from "../../src/runs/provenance.js";
import { writeFileAtomic } from "../../src/state/files.js";

interface Stored<R> {
  /** Of every invocation that added runs. */
  provenance: ReturnType<typeof provenance>[];
  /** By key; `made` is the index of the invocation. */
  runs: Record<string, R & { made: number; seconds: number }>;
}

async function read<R>(path: string): Promise<Stored<R>> {
  const text = await readFile(path, "utf8").catch(() => '{ "provenance": [], "runs": {} }');
  return JSON.parse(text) as Stored<R>;
}

export class Results<R extends object> {
  /** Of the code as it was when this process started, whatever is checked out while it runs. */
  private readonly provenance = provenance("0, 1, …");

  private constructor(
    private readonly path: string,
    private stored: Stored<R>,
  ) {}

  static async open<R extends object>(path: string): Promise<Results<R>> {
    await mkdir(dirname(path), { recursive: true });
    return new Results<R>(path, await read<R>(path));
  }

  get runs(): (R & { seconds: number })[] {
    return Object.values(this.stored.runs);
  }

  /** Runs `make` unless its result is there, and keeps what it gives. Keys are sorted, so that files compare. */
  async keep(key: string, make: () => Promise<R>): Promise<void> {
    if (Object.hasOwn(this.stored.runs, key)) return;
    const started = performance.now();
    const run = await make();
    const seconds = Number(((performance.now() - started) / 1000).toFixed(2));
    // Another process may have added to the file meanwhile.
    this.stored = await read<R>(this.path);
    const own = JSON.stringify(this.provenance);
    const invocations = this.stored.provenance;
    const known = invocations.findIndex((other) => JSON.stringify(other) === own);
    const made = known >= 0 ? known : invocations.push(this.provenance) - 1;
    this.stored.runs[key] = { ...run, made, seconds };
    const runs = Object.fromEntries(Object.entries(this.stored.runs).sort(([a], [b]) => (a < b ? -1 : 1)));
    const lines = Object.entries(runs).map(
      ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
    );
    const head = JSON.stringify(this.stored.provenance, undefined, 1);
    const text = `{\n "provenance": ${head},\n "runs": {\n${lines.join(",\n")}\n }\n}\n`;
    await writeFileAtomic(this.path, new TextEncoder().encode(text));
    console.log(`${key} (${seconds.toFixed(1)} s)`);
  }
}
