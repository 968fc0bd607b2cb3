/** @file Runs the command line in a folder: as it is built, in a separate process, or its source in this process. */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, vi } from "vitest";
import type { Built } from "../support/built.js";

export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** The address of the package that the command belongs to, for modules of users. */
export const entry = new URL("../../dist/index.js", import.meta.url).href;

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

/** Runs `understudy-rl` with these words in a folder, to the end, in this process: for words that start no run. */
export async function understudyHere(folder: string, words: string[]): Promise<Outcome> {
  const { runCli } = await import("../../cli/cli.js");
  const heard = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((part) => {
      heard[name] += part;
      return true;
    }),
  );
  const before = process.cwd();
  // What listens to a command would listen to the next ones too.
  const heeded: [NodeJS.EventEmitter, string][] = [
    [process, "uncaughtException"],
    [process.stdout, "error"],
  ];
  const listeners = heeded.map(([emitter, event]) => emitter.listeners(event));
  process.chdir(folder);
  try {
    await runCli(words);
    return { code: Number(process.exitCode ?? 0), ...heard };
  } finally {
    process.chdir(before);
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
    for (const [i, [emitter, event]] of heeded.entries()) {
      for (const listener of emitter.listeners(event)) {
        if (!listeners[i].includes(listener)) emitter.off(event, listener as () => void);
      }
    }
  }
}
