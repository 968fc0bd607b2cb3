/** @file The provenance of a run: versions, machine, commit and command, for `provenance.json`. */

import { execFileSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { basename, isAbsolute, relative } from "node:path";
import { runtimeVersion } from "../tensor/runtime.js";
import { packageVersion } from "./package-version.js";

export interface Provenance {
  understudy: string;
  node: string;
  /** The version of the package that runs the tensor programs. */
  onnxruntime: string;
  /** Its name: `onnxruntime-node`, or `onnxruntime-web` where that is not installed. Absent in older records. */
  runtime?: string;
  machine: { cpu: string; cores: number; memoryGiB: number; os: string; architecture: string };
  /** The commit of the working folder; absent outside a git checkout. */
  git?: { commit: string; dirty: boolean };
  command: string[];
  seed: number | string;
  /** Time of the start (ISO 8601). */
  started: string;
}

/** The provenance in a run folder: of the start, of each resume, and how the run ended, once it has. */
export type RecordedProvenance = Provenance & {
  resumed?: Provenance[];
  ended?: "finished" | "interrupted";
};

/** The provenance of a run that starts now. Loads the runtime, because it is known only then which one runs. */
export async function provenance(seed: number | string): Promise<Provenance> {
  const runtime = await runtimeVersion();
  const cores = cpus();
  const [node, script, ...rest] = process.argv;
  return {
    understudy: packageVersion(),
    node: process.version,
    onnxruntime: runtime.version,
    runtime: runtime.name,
    machine: {
      cpu: cores[0]?.model ?? "unknown",
      cores: cores.length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      os: `${type()} ${release()}`,
      architecture: process.arch,
    },
    git: git(),
    command: ["node", script === undefined ? node : relative(process.cwd(), script), ...rest],
    seed,
    started: new Date().toISOString(),
  };
}

/** Provenance to publish: where data lie on this machine says nothing to others, so their folders are left out. */
export const withoutFolders = ({ command, ...made }: Provenance): Provenance => ({
  ...made,
  command: command.map((word) => (isAbsolute(word) ? basename(word) : word)),
});

function git(): Provenance["git"] {
  const ask = (...words: string[]) =>
    execFileSync("git", words, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 5_000,
    }).trim();
  try {
    return { commit: ask("rev-parse", "HEAD"), dirty: ask("status", "--porcelain") !== "" };
  } catch {
    return undefined;
  }
}
