/** @file Results of mutants in a file of JSON lines, so that a run that was stopped goes on where it was. */

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The checksums of files, for results that hold as long as the files are the same. */
export function checksums(root) {
  const known = new Map();
  return (path) => {
    if (!known.has(path)) {
      const bytes = existsSync(join(root, path)) ? readFileSync(join(root, path)) : "";
      known.set(path, createHash("sha1").update(bytes).digest("hex").slice(0, 12));
    }
    return known.get(path);
  };
}

/**
 * Opens the results. A mutant's id is of its source file's text. A killed mutant stays killed while the test that killed
 * it is the same; one that survived is tried again if one of its tests changed, or if it has more tests.
 */
export function openRecords(path, checksum) {
  mkdirSync(dirname(path), { recursive: true });
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  const results = new Map();
  const durations = new Map();
  for (const line of lines) {
    let entry;
    try {
      entry = JSON.parse(line);
    } catch {
      continue; // The process ended while it wrote.
    }
    if (entry.test) durations.set(entry.test, entry);
    else results.set(entry.id, entry);
  }
  const keep = (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`);
  const state = (tests) => tests.map((test) => checksum(test)).join();
  return {
    /** The known result of a mutant with these tests. */
    result(id, tests) {
      const known = results.get(id);
      if (!known) return undefined;
      if (known.status === "survived") return known.tests === state(tests) ? known : undefined;
      return known.by === undefined || known.killer === checksum(known.by.file) ? known : undefined;
    },
    /** Stores `{ status, by?, seconds }`. */
    add(id, tests, result) {
      const entry = {
        id,
        ...result,
        ...(result.by && { killer: checksum(result.by.file) }),
        ...(result.status === "survived" && { tests: state(tests) }),
      };
      results.set(id, entry);
      keep(entry);
      return entry;
    },
    /**
     * Seconds of a test file on the sources as they are; Infinity if it took more than `limit`; undefined if it is not
     * known.
     */
    duration(test, limit) {
      const known = durations.get(test);
      if (known?.of !== checksum(test)) return undefined;
      if (!known.stopped) return known.seconds;
      return known.seconds >= limit ? Number.POSITIVE_INFINITY : undefined;
    },
    /** Stores the seconds of a test file, or with `stopped` those after which it was stopped. */
    addDuration(test, seconds, stopped) {
      const entry = { test, of: checksum(test), seconds, ...(stopped && { stopped }) };
      durations.set(test, entry);
      keep(entry);
    },
  };
}
