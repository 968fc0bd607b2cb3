/** @file Runs the built command line in a separate process and folder. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { Built } from "../support/built.js";

export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A temporary folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "understudy-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `understudy-rl` with these words in a folder. */
export function start(folder: string, words: string[], env: Record<string, string> = {}) {
  return spawn(process.execPath, [main, ...words], { cwd: folder, env: { ...process.env, ...env } });
}

/** What a started process said and how it ended. */
export function outcome(child: ReturnType<typeof start>): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the command as built from the sources of now, with these words in a folder, to the end. */
export const runBuilt = (sources: Built, folder: string, words: string): Promise<Outcome> =>
  outcome(
    spawn(process.execPath, [fileURLToPath(sources.url("cli/main.ts")), ...words.split(" ")], {
      cwd: folder,
    }),
  );

/** Runs `understudy-rl` with these words in a folder, to the end. */
export const understudy = (folder: string, words: string[], env?: Record<string, string>): Promise<Outcome> =>
  outcome(start(folder, words, env));
