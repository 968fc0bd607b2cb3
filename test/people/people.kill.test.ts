/** @file Labellers under SIGKILL: no answer is lost and none counts twice, for each kind of question. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deserialize } from "node:v8";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KindName } from "../../src/people/index.js";
import { answerOf, cases, kindNames } from "./kind-cases.js";
import { createPupil, QUESTIONS, receive } from "./pupil.js";

const parent = mkdtempSync(join(tmpdir(), "killed-"));
/** Inside the package, so that its imports resolve. */
const child = fileURLToPath(new URL("../../dist/test/people-kill-child.mjs", import.meta.url));

beforeAll(() =>
  build({
    entryPoints: [fileURLToPath(new URL("kill-child.ts", import.meta.url))],
    outfile: child,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    logLevel: "error",
  }),
);
const running: ChildProcess[] = [];
afterAll(() => {
  for (const one of running) one.kill("SIGKILL");
  rmSync(parent, { recursive: true });
  rmSync(child, { force: true });
});

/** A running child, what it has written, and ways to wait for it. */
function start(kind: KindName, channel: "files" | "console", folder: string) {
  const asking = spawn(process.execPath, [child, kind, channel, folder]);
  running.push(asking);
  let shown = "";
  for (const stream of [asking.stdout, asking.stderr]) {
    stream.on("data", (chunk) => {
      shown += chunk;
    });
  }
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    asking.on("close", (code, signal) => resolve({ code, signal }));
  });
  const until = async (text: string) => {
    while (!shown.includes(text)) {
      if (asking.exitCode !== null) throw new Error(`it ended before "${text}":\n${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    shown: () => shown,
    ended,
    until,
    type: (lines: string) => asking.stdin.write(lines),
    async kill() {
      asking.kill("SIGKILL");
      expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
    },
  };
}

function suite<K extends KindName>(kind: K) {
  const { field, value } = cases[kind].written;
  const [line] = cases[kind].typed;
  const skips = { id: 7, skipped: true } as const;
  const ids = Array.from({ length: QUESTIONS }, (_, i) => i + 1);

  /** The pupil that was never killed. */
  const undisturbed = createPupil(kind);
  receive(
    kind,
    undisturbed,
    ids.map((id) => (id === 7 ? skips : answerOf(kind, id))),
  );
  const final = (folder: string) => deserialize(readFileSync(join(folder, "final")));

  it("reads file answers given before, between and after two kills", async () => {
    const folder = join(parent, `files-${kind}`);
    const labels = join(folder, "labels");
    mkdirSync(labels, { recursive: true });
    const drop = (name: string, given: number[]) => {
      const answers = given.map((id) => (id === 7 ? skips : { id, [field]: value }));
      writeFileSync(join(labels, `answers-${name}.json`), JSON.stringify({ answers }));
    };
    const first = start(kind, "files", folder);
    drop("a", [9, 2, 4]);
    await first.until("open: 6\n");
    drop("b", [1]);
    await first.until("open: 5\n");
    await first.kill();
    drop("c", [7, 3]);
    const second = start(kind, "files", folder);
    await second.until("open: 3\n");
    await second.kill();
    drop("d", [8, 5, 6, 1]);
    const third = start(kind, "files", folder);
    expect(await third.ended).toEqual({ code: 0, signal: null });
    expect(final(folder)).toEqual(undisturbed);
  });

  it("keeps console answers given before two kills, and does not repeat their questions", async () => {
    const folder = join(parent, `console-${kind}`);
    const typeUpTo = async (asking: ReturnType<typeof start>, from: number, to: number) => {
      for (let id = from; id < to; id++) {
        await asking.until(`query ${id} (`);
        asking.type(id === 7 ? "s\n" : `${line}\n`);
      }
      if (to <= QUESTIONS) await asking.until(`query ${to} (`);
    };
    mkdirSync(folder);
    let asked = 1;
    for (const next of [4, 6, QUESTIONS + 1]) {
      const asking = start(kind, "console", folder);
      await typeUpTo(asking, asked, next);
      for (let id = 1; id < asked; id++) expect(asking.shown()).not.toContain(`query ${id} (`);
      if (next <= QUESTIONS) await asking.kill();
      else expect(await asking.ended).toEqual({ code: 0, signal: null });
      asked = next;
    }
    expect(final(folder)).toEqual(undisturbed);
  });
}

describe.each(kindNames)("a run that is killed during questions of kind %s", suite);
