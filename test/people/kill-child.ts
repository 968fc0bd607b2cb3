/**
 * @file A learner in a separate process, for tests that kill it: `node <this, built> <kind> files|console <folder>`.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { consoleLabeller, fileLabeller, type KindName } from "../../src/people/index.js";
import { streamTerminal } from "../../src/people/terminal.js";
import { writeFileAtomic } from "../../src/state/files.js";
import { restore, snapshot } from "../../src/state/snapshot.js";
import { createPupil, learn } from "./pupil.js";

const [name, channel, folder] = process.argv.slice(2);
const kind = name as KindName;
const checkpoint = join(folder, "checkpoint");
const labels = join(folder, "labels");

const pupil = createPupil(kind);
if (existsSync(checkpoint)) restore(pupil, deserialize(readFileSync(checkpoint)));
const labeller =
  channel === "files"
    ? fileLabeller({ folder: labels, asks: kind, every: 0.005 })
    : consoleLabeller({
        terminal: () => streamTerminal(Object.assign(process.stdin, { isTTY: true }), process.stdout),
        folder: labels,
        asks: kind,
      });

// Every other array of answers is followed by a checkpoint: the answers since the last one are lost with the process.
let arrays = 0;
let saving = Promise.resolve();
await learn(kind, pupil, labeller, {
  received() {
    if (arrays++ % 2 === 0) {
      const saved = serialize(snapshot(pupil));
      saving = saving.then(() => writeFileAtomic(checkpoint, saved));
    }
    process.stdout.write(`open: ${pupil.book.open.length}\n`);
  },
});
await saving;
await writeFileAtomic(join(folder, "final"), serialize(snapshot(pupil)));
