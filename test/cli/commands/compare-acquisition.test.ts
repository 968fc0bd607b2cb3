/** @file `compare-acquisition`: a table over seeds, and a file of all runs. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ialeImitation } from "../../../algorithms/active/iale-imitation.js";
import { createRng } from "../../../src/random/rng.js";
import { saveArtefact } from "../../../src/runs/artefact-files.js";
import { blobs } from "../../support/blobs.js";
import { temporaryFolder, understudy } from "../run-cli.js";

const folder = temporaryFolder();
const run = (words: string) => understudy(folder, words.split(" "));
const small = "--initial 3 --batch 3 --budget 12 --seeds 2 --classifier.fit-steps 20";

beforeAll(async () => {
  const { features, labels, classes } = blobs({ items: 60 });
  const learner = ialeImitation({ classifier: "softmax-regression", experts: ["margin"], budget: 100 });
  const policy = learner.artefact(await learner.init(blobs(), createRng(0)));
  await saveArtefact(policy, join(folder, "rule", "artefact.safetensors"));
  const lines = Array.from(labels!, (y, i) => `${features[2 * i]},${features[2 * i + 1]},${classes[y]}`);
  writeFileSync(join(folder, "points.csv"), ["x,y-axis,label", ...lines].join("\n"));
});

describe("compare-acquisition", () => {
  it("prints a row an acquisition, with random sampling first, and writes the runs", async () => {
    const { code, stdout } = await run(
      `compare-acquisition --data points.csv --acquisitions margin,./rule@20 ${small} --out runs/active.json`,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /acquisition +mean of curve +gain over random \[95 %\] +deficiency +labels to 0\.\d+ +end/,
    );
    expect(stdout).toMatch(/\nrandom .*\nmargin .*\n\.\/rule@20 /);
    const { runs, summaries, provenance } = JSON.parse(
      readFileSync(join(folder, "runs/active.json"), "utf8"),
    );
    expect(runs).toHaveLength(6);
    expect(runs[0]).toMatchObject({ acquisition: "random", seed: 0, labels: [3, 6, 9, 12] });
    expect(runs[0].items.slice(0, 3)).toEqual(runs[1].items.slice(0, 3));
    expect(summaries[0]).toMatchObject({ acquisition: "random", seeds: 2, gain: 0, deficiency: 1 });
    expect(provenance.seed).toBe("0 to 1");
  });

  it("refuses an unknown acquisition before it runs one, and data without labels", async () => {
    const unknown = await run(`compare-acquisition --data points.csv --acquisitions margin,entropi ${small}`);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toBe(
      'understudy-rl: compare-acquisition: unknown acquisition "entropi"; did you mean "entropy"?\n',
    );
    writeFileSync(join(folder, "bare.csv"), "a,b\n1,2\n");
    const bare = await run(`compare-acquisition --data bare.csv ${small}`);
    expect([bare.code, bare.stderr]).toEqual([
      2,
      expect.stringContaining("no item has a label: name the classes"),
    ]);
  });
});
