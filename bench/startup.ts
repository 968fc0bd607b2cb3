/**
 * @file How long the command and the package's entries take to start: one JSON line a figure, in seconds of processor time
 * (user and system, median of ten processes) and as a multiple of those of Node.js alone.
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

// In turns, so that what else the machine does meets all of them.
const measured = Object.entries(programs).map(([program, words]) => ({
  program,
  words,
  seconds: [] as number[],
}));
for (let run = 0; run < RUNS; run++) {
  for (const { words, seconds } of measured) seconds.push(secondsOf(words));
}
const medians = measured.map(({ seconds }) => seconds.sort((a, b) => a - b)[RUNS / 2]);
measured.forEach(({ program }, i) => {
  const timesNode = Number((medians[i] / medians[0]).toFixed(2));
  console.log(JSON.stringify({ startup: program, seconds: medians[i], timesNode }));
});
