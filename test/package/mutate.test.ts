/** @file `npm run mutate`: the mutants of a file, runs on a small project, resumption, selection and refused words. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "mutate-"));
afterAll(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
const mutate = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repository, "tools/mutate.mjs"), "--root", root, ...words],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
};

const source = `
export function shrink(x: number, by: number): number {
  if (by === 0) return x;
  return Math.max(0, x - by);
}
`;
write("src/shrink.ts", source);
write(
  "test/shrink.test.ts",
  `import { expect, it } from "vitest";
import { shrink } from "../src/shrink.js";
it("shrinks", () => {
  expect(shrink(5, 2)).toBe(3);
  expect(shrink(2, 5)).toBe(0);
});
`,
);
write(
  "src/options.ts",
  `import * as z from "zod";
export const schema = z.strictObject({ size: z.number().default(1 + 1).describe("a" + "b") });
export function check(n: number): void {
  if (n < 1) throw new Error(\`\${n} - 1 is below \${n + 1}\`);
}
`,
);
symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));

describe("npm run mutate", () => {
  it("lists the mutants of a file", () => {
    const { stdout } = mutate("--list", "src/shrink.ts");
    expect(stdout.trim().split("\n")).toEqual(
      [
        "3:3 removed early exit: if (by === 0) return x; → ;",
        "3:7 comparison: by === 0 → by !== 0",
        "3:14 constant: 0 → 1",
        "4:10 dropped argument: Math.max(0, x - by) → 0",
        "4:10 dropped argument: Math.max(0, x - by) → x - by",
        "4:15 confused function: max → min",
        "4:19 constant: 0 → 1",
        "4:22 arithmetic sign: x - by → x + by",
        "4:22 swapped operands: x - by → by - x",
        "4:22 dropped term: x - by → x",
      ].map((line) => `src/shrink.ts:${line}`),
    );
  });

  it("leaves schemas of options and messages of errors as they are", () => {
    const { stdout } = mutate("--list", "src/options.ts");
    expect(new Set(stdout.match(/options\.ts:\d+/g))).toEqual(new Set(["options.ts:4"]));
    expect(stdout).not.toMatch(/n \+ 2|n - 1[^ ]|\+ "b"/);
  });

  it("tells survivors from the killed, without a change on disk, and goes on from its results", () => {
    write(
      "tools/mutate/equivalent.json",
      JSON.stringify([
        {
          file: "src/shrink.ts",
          line: "if (by === 0) return x;",
          changes: ["if (by === 0) return x; → ;", "0 → 1"],
          why: "no effect",
        },
      ]),
    );
    const first = mutate("src/shrink.ts", "--report", join(root, "report.json"));
    const report = JSON.parse(readFileSync(join(root, "report.json"), "utf8"));
    expect(report.survivors).toEqual([]);
    expect(report.equivalents).toHaveLength(2);
    expect(report).toMatchObject({ killed: 8, survived: 0, equivalent: 2, score: 100 });
    expect(first.stdout).toMatch(/^src\/shrink\.ts +8 +0 +0 +2 +100\.0 %$/m);
    expect(readFileSync(join(root, "src/shrink.ts"), "utf8")).toBe(source);

    write(
      "test/shrink.test.ts",
      readFileSync(join(root, "test/shrink.test.ts"), "utf8").replace("5, 2", "5, 0"),
    );
    write(
      "test/shrink.test.ts",
      readFileSync(join(root, "test/shrink.test.ts"), "utf8").replace("toBe(3)", "toBe(5)"),
    );
    const weaker = mutate("src/shrink.ts", "--fail-under", "90");
    expect(weaker.status).toBe(1);
    expect(weaker.stdout).toContain("survived: src/shrink.ts:4:10 dropped argument: Math.max(0, x - by) → 0");
    const results = readFileSync(join(root, ".mutation/results.jsonl"), "utf8");
    expect(mutate("src/shrink.ts").stdout).not.toContain("survived: src");
    expect(readFileSync(join(root, ".mutation/results.jsonl"), "utf8")).toBe(results);
  }, 120_000);

  it("draws the same sample of each path for the same seed", () => {
    const paths = ["src/shrink.ts", "src/options.ts"];
    const [one, same] = ["1", "1"].map(
      (seed) => mutate("--list", ...paths, "--sample", "2", "--seed", seed).stdout,
    );
    expect(one).toBe(same);
    expect(one.match(/^src\/\w+/gm)).toEqual(["src/shrink", "src/shrink", "src/options", "src/options"]);
  });

  it("selects files that differ from a commit", () => {
    const git = (...words: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...words], {
        cwd: root,
        stdio: "pipe",
      });
    git("init", "-b", "main");
    git("add", "src");
    git("commit", "-m", "Begin");
    write("src/options.ts", "export const twice = (x: number) => 2 * x;\n");
    const { stdout } = mutate("--list");
    expect(stdout).toContain("src/options.ts:1");
    expect(stdout).not.toContain("src/shrink.ts");
    expect(mutate("--list", "--since", "nowhere")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('git does not know the files since "nowhere"'),
    });
  });

  it.each([
    [["src/none.ts"], "there is no src/none.ts"],
    [["test"], "test has no source files"],
    [["src", "--sample", "0"], '--sample is "0": it must be a whole number of at least 1'],
    [["src", "--since", "main"], "give paths or --since, not both"],
    [["--smaple", "1"], "npm run mutate -- --help lists the options"],
  ])("refuses %j", (words, message) => {
    const { status, stderr } = mutate(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});
