/** @file The provenance of a run: versions, machine, commit and command, for `provenance.json`. */

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { cpus, release, totalmem, type } from "node:os";
import { relative } from "node:path";

export interface Provenance {
  understudy: string;
  node: string;
  onnxruntime: string;
  machine: { cpu: string; cores: number; memoryGiB: number; os: string; architecture: string };
  /** The commit of the working folder; absent outside a git checkout. */
  git?: { commit: string; dirty: boolean };
  command: string[];
  seed: number | string;
  /** Time of the start (ISO 8601). */
  started: string;
}

/** The provenance in a run folder: of the start, and of each resume. */
export type RecordedProvenance = Provenance & { resumed?: Provenance[] };

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => require(`${name}/package.json`).version;

/** The version of this package. */
export const packageVersion = (): string => versionOf("understudy-rl");

export function provenance(seed: number | string): Provenance {
  const cores = cpus();
  const [node, script, ...rest] = process.argv;
  return {
    understudy: packageVersion(),
    node: process.version,
    onnxruntime: versionOf("onnxruntime-node"),
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
