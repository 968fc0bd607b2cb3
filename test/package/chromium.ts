/** @file A page in Chromium, and the folder that is served to it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { type PageServer, serve as serveFiles } from "../../cli/server.js";
import { files } from "../../cli/static-files.js";

/** The browser of Debian, or another one; undefined where there is none. */
export const browserPath = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));

/** Serves folders, each by the start of its addresses. */
export const serve = (folders: Record<string, string>): Promise<PageServer> =>
  serveFiles(
    files((pathname) => {
      const start = Object.keys(folders).find((each) => pathname.startsWith(each)) ?? "/";
      return join(folders[start], pathname.slice(start.length) || "index.html");
    }),
    0,
  );

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

/** A page with what it reports: errors that nothing caught, and addresses that were not found. */
export async function open(browser: Browser, url: string): Promise<{ page: Page; faults: string[] }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("favicon.ico")) faults.push(response.url());
  });
  await page.goto(url);
  return { page, faults };
}
