/**
 * @file How long the command and the package's entries take to start: one JSON line a figure, in seconds of processor time
 * (user and system, median of ten processes) beside those of Node.js alone.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const RUNS = 10;

/** Built into dist/bench. */
const dist = (path: string) => new URL(`../${path}`, import.meta.url);
const main = fileURLToPath(dist("cli/main.js"));

const programs: Record<string, string[]> = {
  node: ["-e", "0"],
  "understudy-rl --help": [main, "--help"],
  "understudy-rl train ppo --help": [main, "train", "ppo", "--help"],
  "understudy-rl envs": [main, "envs"],
  ...Object.fromEntries(
    ["index.js", "algorithms/index.js", "envs/index.js"].map((entry) => [
      `import ${entry}`,
      ["--input-type=module", "-e", `import ${JSON.stringify(dist(entry).href)}`],
    ]),
  ),
};

/** Prints the seconds that a process has used, after all else that it prints. */
const REPORT =
  'process.on("exit", () => { const { user, system } = process.cpuUsage(); ' +
  'require("node:fs").writeSync(2, "\\n" + (user + system) / 1e6); });';

function secondsOf(words: string[]): number {
  const preload = `data:text/javascript,${encodeURIComponent(
    `import { createRequire } from "node:module"; const require = createRequire("file:///"); ${REPORT}`,
  )}`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", preload, ...words], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${words.join(" ")} failed: ${stderr}`);
  return Number(stderr.trim().split("\n").at(-1));
}

for (const [program, words] of Object.entries(programs)) {
  const seconds = Array.from({ length: RUNS }, () => secondsOf(words)).sort((a, b) => a - b);
  console.log(JSON.stringify({ startup: program, seconds: seconds[RUNS / 2] }));
}
