/** @file Chromium, the command of the package, and a person who uses both. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";

/** Not bundled: it is a package of this checkout. */
const PLAYWRIGHT = "playwright-core";

const main = resolve("dist/cli/main.js");

/** @throws Error where there is no Chromium */
export async function launch(): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
    (path) => path !== undefined && existsSync(path),
  );
  if (executablePath === undefined) throw new Error("there is no Chromium: set CHROMIUM to its path");
  const { chromium } = (await import(PLAYWRIGHT)) as typeof import("playwright-core");
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

export interface Started {
  child: ChildProcess;
  /** The link of the first person. */
  url: Promise<string>;
  ended: Promise<number | null>;
}

/** Starts the command with these words in a folder. */
export function command(folder: string, words: string): Started {
  const child = spawn(process.execPath, [main, ...words.split(" ")], { cwd: folder });
  let said = "";
  const url = new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text;
      const [found] = /http:\S+token=[\w-]+/.exec(said) ?? [];
      if (found) resolve(found);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", () => reject(new Error(`the command ended without a link: ${said}`)));
  });
  url.catch(() => {});
  return { child, url, ended: new Promise((resolve) => child.on("close", resolve)) };
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
