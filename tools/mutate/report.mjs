/** @file Scores of mutation runs: the share of mutants with an effect that the tests notice. */

const STATUSES = ["killed", "timeout", "survived", "equivalent"];

/** A timeout counts as noticed; equivalent mutants do not count. */
function scoreOf(counts) {
  const noticed = counts.killed + counts.timeout;
  const counted = noticed + counts.survived;
  return { ...counts, score: counted > 0 ? Number(((100 * noticed) / counted).toFixed(1)) : 100 };
}

function tally(entries) {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  for (const { status } of entries) counts[status]++;
  return scoreOf(counts);
}

const groupBy = (mutants, keyOf) => {
  const groups = new Map();
  for (const mutant of mutants) groups.set(keyOf(mutant), [...(groups.get(keyOf(mutant)) ?? []), mutant]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
};

/** `algorithms/rl/ppo/loss.ts` is counted in `algorithms/rl`, `src/mdp/model.ts` in `src/mdp`. */
const folderOf = ({ file }) => file.split("/").slice(0, -1).slice(0, 2).join("/");

/** Counts in all, by folder and by file; the survivors, and the equivalent mutants with their reasons. */
export function reportOf(mutants, results) {
  const done = mutants.filter((mutant) => results.has(mutant));
  const scores = (keyOf) =>
    Object.fromEntries(
      groupBy(done, keyOf).map(([key, group]) => [key, tally(group.map((mutant) => results.get(mutant)))]),
    );
  const listed = (status) =>
    done
      .filter((mutant) => results.get(mutant).status === status)
      .map((mutant) => ({
        at: `${mutant.file}:${mutant.line}:${mutant.column}`,
        operator: mutant.operator,
        change: `${mutant.before} → ${mutant.after}`.replace(/\s+/g, " "),
        ...(results.get(mutant).why && { why: results.get(mutant).why }),
      }));
  return {
    ...tally(done.map((mutant) => results.get(mutant))),
    folders: scores(folderOf),
    files: scores(({ file }) => file),
    survivors: listed("survived"),
    equivalents: listed("equivalent"),
  };
}

export function printReport(report) {
  const rows = [...Object.entries(report.files), ...Object.entries(report.folders), ["all", report]];
  const width = Math.max(...rows.map(([name]) => name.length));
  console.log(`\n${"".padEnd(width)}  killed timeout survived equivalent   score`);
  for (const [name, { killed, timeout, survived, equivalent, score }] of rows) {
    const cells = [
      String(killed).padStart(6),
      String(timeout).padStart(7),
      String(survived).padStart(8),
      String(equivalent).padStart(10),
      `${score.toFixed(1)} %`.padStart(9),
    ];
    console.log(`${name.padEnd(width)}  ${cells.join(" ").trimEnd()}`);
  }
  if (report.survivors.length > 0) console.log("\nsurvivors:");
  for (const { at, operator, change } of report.survivors) console.log(`${at} ${operator}: ${change}`);
}
