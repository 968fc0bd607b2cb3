/**
 * @file Runs benchmarks in turns with their peers in Python, and stores the figures behind docs/evidence/speed.md in
 * experiments/results/speed.json, with the commands, the machine, the versions and the commit:
 *
 *     npm run build && taskset -c 0 node dist/bench/record.js --python python3 --rounds 3 [NAME ...]
 *
 * Without names all comparisons are run again; others keep their figures. Without `--python` there are no peers. The run
 * on handwritten digits of `active` needs their file, `--digits FILE`.
 */

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Provenance, provenance, withoutFolders } from "../src/runs/provenance.js";
import { writeFileAtomic } from "../src/state/files.js";

const FILE = "experiments/results/speed.json";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: "string" },
    rounds: { type: "string", default: "3" },
    digits: { type: "string" },
  },
});

/** Benchmarks of this folder with their arguments, and tasks of peers.py. */
const COMPARISONS: Record<string, { ours: [script: string, ...words: string[]]; peers: string[] }> = {
  cartpole: { ours: ["envs", "CartPole-v1"], peers: ["cartpole-vector"] },
  "value-iteration": {
    ours: ["mdp", "sweeps"],
    peers: ["field", "lake"].flatMap((kind) =>
      [100, 200].flatMap((side) =>
        [0.9, 0.99].map((discount) => `value-iteration-${kind}-${side}-${discount}`),
      ),
    ),
  },
  convolution: { ours: ["convolution"], peers: [] },
  sac: { ours: ["sac"], peers: ["sac-256-gradient-steps"] },
  preferences: { ours: ["preferences"], peers: [] },
  meta: { ours: ["meta"], peers: [] },
  active: {
    ours: ["active", ...(options.digits === undefined ? [] : ["--data", options.digits])],
    peers: ["active-digits"],
  },
  crowds: {
    ours: ["crowds"],
    peers: [
      ...[2, 4, 10].flatMap((classes) =>
        ["majority-vote", "dawid-skene"].map((model) => `crowd-kit-${model}-${classes}`),
      ),
      "crowd-kit-glad-4",
    ],
  },
  "crowds-memory": { ours: ["crowds-reading"], peers: [] },
  // Its peer is the same program in Node.js, which it runs itself.
  page: { ours: ["page", "--rounds", "1"], peers: [] },
};

/** A figure that a benchmark prints, with its value in each round. */
interface Figure {
  command: string;
  name: string;
  unit: string;
  /** Of the packages of a peer. */
  versions?: Record<string, string>;
  values: number[];
  median: number;
}

type Stored = Record<string, { provenance: Provenance; figures: Figure[] }>;

const unknown = positionals.find((name) => !Object.hasOwn(COMPARISONS, name));
if (unknown !== undefined) {
  throw new Error(`unknown comparison "${unknown}"; known: ${Object.keys(COMPARISONS).join(", ")}`);
}

/** The lines of JSON that a command prints. */
function printed(program: string, words: string[]): Omit<Figure, "command" | "values" | "median">[] {
  const text = execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

// Before the file is written, which would make the checkout a changed one.
const begun = withoutFolders(await provenance("bench"));
const stored: Stored = JSON.parse(await readFile(FILE, "utf8").catch(() => "{}"));
for (const name of positionals.length > 0 ? positionals : Object.keys(COMPARISONS)) {
  const { ours, peers } = COMPARISONS[name];
  const [script, ...words] = ours;
  const figures = new Map<string, Figure>();
  const keep = (command: string, rows: ReturnType<typeof printed>) => {
    for (const row of rows as (Figure & { value: number })[]) {
      const { value, ...rest } = row;
      const figure = figures.get(row.name) ?? { ...rest, command, values: [], median: 0 };
      figure.values.push(value);
      figure.median = median(figure.values);
      figures.set(row.name, figure);
    }
  };
  for (let round = 0; round < Number(options.rounds); round++) {
    const path = fileURLToPath(new URL(`./${script}.js`, import.meta.url));
    keep(
      [
        "node",
        `dist/bench/${script}.js`,
        ...words.map((word) => (word === options.digits ? "FILE" : word)),
      ].join(" "),
      printed(process.execPath, [path, ...words]),
    );
    if (options.python !== undefined && peers.length > 0) {
      keep(
        `python3 bench/peers.py ${peers.join(" ")}`,
        printed(options.python, ["bench/peers.py", ...peers]),
      );
    }
  }
  stored[name] = { provenance: begun, figures: [...figures.values()] };
  for (const { name: figure, unit, median } of figures.values()) console.log(`${figure}: ${median} ${unit}`);
  const text = `${JSON.stringify(stored, undefined, 1)}\n`;
  await writeFileAtomic(FILE, new TextEncoder().encode(text));
}
