/**
 * @file `npm run mutate`: changes the source in small ways, one at a time and in memory, and reports which changes no
 * test notices. `npm run mutate -- --help` describes the options.
 */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createHost, endAll } from "./mutate/hosts.mjs";
import { importsOf, nearestTests } from "./mutate/nearest.mjs";
import { checksums, openRecords } from "./mutate/records.mjs";
import { printReport, reportOf } from "./mutate/report.mjs";

const HELP = `Usage: npm run mutate -- [paths] [options]

Makes mutants of source files, small changes such as a < b → a <= b, and runs the tests of the file on each. A mutant
that no test notices is a survivor: a test is missing, or the change has no effect.

paths              files and folders, such as src/mdp algorithms/rl/ppo.ts; default: the files changed since --since
--since REF        files that differ from a commit, and new ones; default: main
--sample N         N mutants of each path, drawn at random; without paths N of all; default: all
--seed S           seed of the sample; default: 0
--seconds T        tests of a file: those of its name and of its algorithm, up to 4 T seconds each, and, nearest first,
                   others as long as all take T seconds; default: 20
--workers N        processes that run tests; default: 1
--list             prints the mutants, and runs nothing
--fresh            repeats mutants whose results are known
--report FILE      writes the scores and the survivors as JSON
--fail-under P     exit code 1 if less than P % of the mutants of all files are killed

Results are kept in .mutation/results.jsonl: a run that was stopped goes on where it was. Mutants without an effect are
in tools/mutate/equivalent.json, each with the reason.`;

const here = fileURLToPath(new URL("../", import.meta.url));
const MUTATED = /^(src|algorithms|envs|cli)\/.*\.ts$/;

class UsageError extends Error {}

function options() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        since: { type: "string" },
        sample: { type: "string" },
        seed: { type: "string", default: "0" },
        seconds: { type: "string", default: "20" },
        workers: { type: "string", default: "1" },
        list: { type: "boolean", default: false },
        fresh: { type: "boolean", default: false },
        report: { type: "string" },
        "fail-under": { type: "string" },
        root: { type: "string", default: here },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error.message.split(". ")[0]}; npm run mutate -- --help lists the options`);
  }
  const { values, positionals } = parsed;
  const number = (name, least, whole) => {
    if (values[name] === undefined) return undefined;
    const value = values[name].trim() === "" ? Number.NaN : Number(values[name]);
    if (!(value >= least) || (whole && !Number.isInteger(value))) {
      throw new UsageError(
        `--${name} is "${values[name]}": it must be ${whole ? "a whole number" : "a number"} of at least ${least}`,
      );
    }
    return value;
  };
  return {
    ...values,
    paths: positionals,
    sample: number("sample", 1, true),
    seed: number("seed", 0, true),
    seconds: number("seconds", 1, false),
    workers: number("workers", 1, true),
    failUnder: number("fail-under", 0, false),
    root: resolve(values.root),
  };
}

/** The source files that are asked for: a list for each path, or one of the files that changed. */
function selected({ root, paths, since }, known) {
  const sources = known.filter((path) => MUTATED.test(path)).sort();
  if (paths.length > 0) {
    if (since !== undefined) throw new UsageError("give paths or --since, not both");
    return paths.map((given) => {
      const path = relative(root, resolve(root, given)).replaceAll("\\", "/");
      const inside = sources.filter((file) => file === path || file.startsWith(`${path}/`));
      if (inside.length > 0) return inside;
      throw new UsageError(
        existsSync(resolve(root, given))
          ? `${given} has no source files; mutants are made of files of src, algorithms, envs and cli`
          : `there is no ${given}`,
      );
    });
  }
  const ref = since ?? "main";
  const git = (...words) =>
    execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: "pipe" }).split("\n");
  try {
    const changed = git("diff", "--name-only", ref);
    const added = git("ls-files", "--others", "--exclude-standard");
    return [sources.filter((path) => changed.includes(path) || added.includes(path))];
  } catch (error) {
    throw new UsageError(
      `git does not know the files since "${ref}": ${
        String(error.stderr ?? error)
          .trim()
          .split("\n")[0]
      }`,
    );
  }
}

/** Numbers in [0, 1) from a seed [mulberry32]. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` of the mutants, drawn without replacement, in their order. */
function sampleOf(mutants, count, seed) {
  if (count === undefined || count >= mutants.length) return mutants;
  const next = uniform(seed);
  const order = mutants.map((_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(next() * (order.length - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order
    .slice(0, count)
    .sort((a, b) => a - b)
    .map((i) => mutants[i]);
}

/** Known mutants without an effect: by file, the trimmed line and the change, so that they do not depend on line numbers. */
function equivalents(root) {
  const path = join(root, "tools/mutate/equivalent.json");
  const entries = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : [];
  const reasons = new Map(
    entries.flatMap(({ file, line, changes, why }) =>
      changes.map((change) => [`${file}\n${line}\n${change}`, why]),
    ),
  );
  return (mutant, text) => {
    const line = text.split("\n")[mutant.line - 1].trim();
    return reasons.get(`${mutant.file}\n${line}\n${changeOf(mutant)}`);
  };
}

const changeOf = ({ before, after }) => `${before} → ${after}`.replace(/\s+/g, " ");

/** The tests of a file's name and the nearest others that fit the time; each is measured once without a mutant. */
async function testsOf(file, { imports, records, host, root, seconds }) {
  const chosen = [];
  let total = 0;
  for (const { path, named } of nearestTests(imports, file)) {
    const limit = (named ? 4 : 1) * seconds;
    let took = records.duration(path, limit);
    if (took === undefined) {
      const result = await host.run({ tests: [join(root, path)], limit });
      if (result.failed || result.crashed) {
        console.error(`left out: ${path} fails without a mutant: ${result.failed?.test ?? "it crashes"}`);
        continue;
      }
      records.addDuration(path, result.timeout ? limit : result.seconds, result.timeout);
      took = result.timeout ? Number.POSITIVE_INFINITY : result.seconds;
    }
    if (took > limit) continue;
    if (!named && total + took > seconds) break;
    total += took;
    chosen.push(path);
  }
  return { tests: chosen, limit: 10 + 4 * total };
}

async function main() {
  const given = options();
  if (given.help) return console.log(HELP);
  const { root } = given;
  const imports = importsOf(root);
  const groups = selected(given, [...imports.keys()]);
  const files = [...new Set(groups.flat())];
  const { mutantsOf, mutated } = await import("./mutate/operators.mjs");
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const ofFile = new Map(files.map((file) => [file, mutantsOf(file, texts.get(file))]));
  const drawn = groups.map((group) =>
    sampleOf(
      group.flatMap((file) => ofFile.get(file)),
      given.sample,
      given.seed,
    ),
  );
  const mutants = [...new Set(drawn.flat())];
  if (given.list) {
    for (const { file, line, column, operator, ...mutant } of mutants) {
      console.log(`${file}:${line}:${column} ${operator}: ${changeOf(mutant)}`);
    }
    return;
  }
  const found = [...ofFile.values()].reduce((sum, { length }) => sum + length, 0);
  console.log(`${mutants.length} of ${found} mutants of ${files.length} files`);
  const records = openRecords(join(root, ".mutation/results.jsonl"), checksums(root));
  const reasonOf = equivalents(root);
  const hosts = Array.from({ length: Math.min(given.workers, availableParallelism()) }, () =>
    createHost(root),
  );
  const queue = mutants.slice();
  const choices = new Map();
  const results = new Map();
  const finish = () => {
    const report = reportOf(mutants, results);
    printReport(report);
    if (given.report) {
      const command = `npm run mutate -- ${process.argv.slice(2).join(" ")}`;
      writeFileSync(given.report, `${JSON.stringify({ command, ...stamp(root), ...report }, null, 1)}\n`);
    }
    return report;
  };
  process.on("SIGINT", () => {
    console.error("\nstopped; the same command goes on from here");
    finish();
    process.exit(130);
  });
  process.on("SIGTERM", () => process.exit(143));

  async function work(host) {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const text = texts.get(mutant.file);
      const why = reasonOf(mutant, text);
      if (why) {
        results.set(mutant, { status: "equivalent", why });
        continue;
      }
      if (!choices.has(mutant.file)) {
        choices.set(mutant.file, testsOf(mutant.file, { imports, records, host, ...given }));
      }
      const { tests, limit } = await choices.get(mutant.file);
      let result = given.fresh ? undefined : records.result(mutant.id, tests);
      if (!result) {
        const ran =
          tests.length === 0
            ? { seconds: 0 }
            : await host.run({
                file: join(root, mutant.file),
                code: mutated(text, mutant),
                tests: tests.map((test) => join(root, test)),
                limit,
              });
        const status = ran.timeout ? "timeout" : ran.failed || ran.crashed ? "killed" : "survived";
        result = records.add(mutant.id, tests, { status, by: ran.failed, seconds: ran.seconds ?? limit });
        const { file, line, column, operator } = mutant;
        if (status === "survived")
          console.log(`survived: ${file}:${line}:${column} ${operator}: ${changeOf(mutant)}`);
      }
      results.set(mutant, result);
    }
    host.end();
  }
  await Promise.all(hosts.map(work));
  const { score } = finish();
  if (given.failUnder !== undefined && score < given.failUnder) process.exitCode = 1;
}

/** When and on what the report was made. `changed`: files differed from the commit. */
function stamp(root) {
  const git = (...words) => execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: "pipe" }).trim();
  const date = new Date().toISOString().slice(0, 10);
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
    return { date, commit: git("rev-parse", "--short", "HEAD"), changed, node: process.version };
  } catch {
    return { date, node: process.version };
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `mutate: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
} finally {
  endAll();
}
