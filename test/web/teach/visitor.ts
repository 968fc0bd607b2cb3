/** @file A person at the page of teaching, in Chromium: opens it, does what buttons say, and looks whether it is usable. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";

/** How a person does what a button says. */
export type Hand = "keys" | "touch";

const SIZES: Record<Hand, { width: number; height: number }> = {
  keys: { width: 1280, height: 800 },
  touch: { width: 390, height: 844 },
};

/** Longer than the time in which a question takes no answer. */
export const GUARD = 450;

/** The answers in a folder of questions. */
export const linesIn = (folder: string) =>
  readFileSync(join(folder, "answers-web.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ id }) => id !== undefined);

/** Opens a link in a browser context of its own, and reports uncaught errors and those in the console. */
export async function visit(
  browser: Browser,
  url: string,
  hand: Hand,
  report: (fault: string) => void,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: SIZES[hand],
    hasTouch: hand === "touch",
    isMobile: hand === "touch",
  });
  const page = await context.newPage();
  page.on("pageerror", ({ message }) => report(message));
  page.on("console", (line) => line.type() === "error" && report(line.text()));
  await page.goto(url);
  await page.waitForSelector("h1");
  return page;
}

/** Does a command with the key that is printed on its button, or by a tap on the button. */
export async function press(page: Page, hand: Hand, command: string): Promise<void> {
  const button = page.locator(`[data-command="${command}"]`);
  if (hand === "touch") return button.tap();
  const key = await button.getAttribute("aria-keyshortcuts");
  await page.keyboard.press(key!);
}

/** The number of the question that is shown. */
export const shown = (page: Page) =>
  page.evaluate(() => document.querySelector("[data-question]")?.getAttribute("data-question"));

/** Waits until something holds. */
export const until = async (holds: () => boolean | Promise<boolean>) => {
  for (let i = 0; i < 400 && !(await holds()); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await holds()).toBe(true);
};

/** Whether everything fits, can be hit and can be read. */
export async function requireUsable(page: Page): Promise<void> {
  const problems = await page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`${document.documentElement.scrollWidth} px wide`);
    const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]: number[]) => {
      const [x, y, z] = [r, g, b].map((c) =>
        c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = (element: Element | null): number[] => {
      if (!element) return [255, 255, 255];
      const colour = parse(getComputedStyle(element).backgroundColor);
      return colour.length === 4 && colour[3] === 0 ? behind(element.parentElement) : colour;
    };
    for (const button of document.querySelectorAll("button, nav a, input")) {
      const { width, height } = button.getBoundingClientRect();
      if (height < 44 || (width < 44 && button.tagName === "BUTTON")) {
        found.push(`${button.textContent} is ${Math.round(width)} × ${Math.round(height)} px`);
      }
      if (button.tagName === "BUTTON" && !(button.getAttribute("aria-label") ?? button.textContent))
        found.push("a button without a name");
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement!;
      if (!node.textContent!.trim() || element.getClientRects().length === 0) continue;
      const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) found.push(`${node.textContent} has contrast ${contrast.toFixed(2)}`);
    }
    if (!document.querySelector("[aria-live]")) found.push("nothing is read out");
    return found;
  });
  expect(problems).toEqual([]);
}
