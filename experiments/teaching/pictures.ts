/** @file The pictures of every screen of the page of teaching, on runs of the package, large and on a phone. */

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { fileLabeller } from "../../src/people/file-labeller.js";
import { command, launch, pause } from "./browser.js";

const SIZES = { desktop: { width: 1000, height: 720 }, phone: { width: 390, height: 844 } };
type Size = keyof typeof SIZES;

/** Longer than the time in which a question takes no answer (ms). */
const GUARD = 400;

/** Writes the pictures into a folder. */
export async function pictures(into: string): Promise<void> {
  const out = resolve(into);
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "understudy-pictures-"));
  const browser = await launch();
  try {
    const shoot = async (page: Page, name: string) => {
      const png = await page.screenshot();
      // A palette makes them a third as large.
      await sharp(png)
        .png({ palette: true, colours: 64, compressionLevel: 9 })
        .toFile(join(out, `${name}.png`));
      console.log(join(into, `${name}.png`));
    };
    await ofLabels(folder, browser, shoot);
    await ofDemonstrations(folder, browser, shoot);
    await ofCorrections(folder, browser, shoot);
    await ofComparisons(folder, browser, shoot);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Shoot = (page: Page, name: string) => Promise<void>;

async function opened(browser: Browser, url: string, size: Size): Promise<Page> {
  const isPhone = size === "phone";
  const context = await browser.newContext({ viewport: SIZES[size], hasTouch: isPhone, isMobile: isPhone });
  const page = await context.newPage();
  page.setDefaultTimeout(180_000);
  await page.goto(url);
  await page.waitForSelector("h1");
  await pause(400);
  return page;
}

async function ofComparisons(folder: string, browser: Browser, shoot: Shoot): Promise<void> {
  const words =
    "train preference-learning --env CartPole-v1 --labeller web --comparisons 26 --rounds 2 --initial-share 0.5 " +
    "--round-steps 3000 --steps 12000 --out runs/preferences --labeller-annotators ada,bob";
  const { child, url } = command(folder, words);
  const page = await opened(browser, await url, "desktop");
  await shoot(page, "home");
  await page.setViewportSize(SIZES.phone);
  await shoot(page, "home-phone");
  await page.setViewportSize(SIZES.desktop);
  await page.keyboard.press("1");
  await page.waitForSelector(".compare canvas");
  await pause(900);
  await shoot(page, "compare");
  await page.setViewportSize(SIZES.phone);
  await pause(300);
  await shoot(page, "compare-phone");
  await page.setViewportSize(SIZES.desktop);
  for (let i = 0; i < 22; i++) {
    await page.waitForSelector(".compare canvas");
    await pause(GUARD + 120 * (i % 5));
    // The longer one is better: the pole stands.
    const [left, right] = await page.evaluate(() =>
      fetch("/api/questions?count=1")
        .then((response) => response.json())
        .then(([asked]) =>
          asked ? [asked.record.left.actions.length, asked.record.right.actions.length] : [0, 0],
        ),
    );
    await page.keyboard.press(left === right ? "ArrowDown" : left > right ? "ArrowLeft" : "ArrowRight");
  }
  await page.keyboard.press("Escape");
  await page.waitForSelector(".home");
  await page.keyboard.press("3");
  await pause(800);
  await shoot(page, "trust");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".home");
  await page.keyboard.press("4");
  await pause(1500);
  await shoot(page, "learning");
  await page.setViewportSize(SIZES.phone);
  await shoot(page, "learning-phone");
  await page.context().close();
  child.kill("SIGKILL");
}

async function ofCorrections(folder: string, browser: Browser, shoot: Shoot): Promise<void> {
  const words =
    "train dagger --env Taxi-v3 --labeller web --rounds 3 --round-steps 40 --beta.kind constant --beta.value 0 --epochs 2 --out runs/taught";
  const { child, url } = command(folder, words);
  const page = await opened(browser, await url, "desktop");
  await page.keyboard.press("1");
  await page.waitForSelector(".correct canvas");
  for (let i = 0; i < 5; i++) {
    await pause(GUARD);
    await page.keyboard.press("Enter");
  }
  await pause(700);
  await shoot(page, "correct");
  await page.setViewportSize(SIZES.phone);
  await pause(300);
  await shoot(page, "correct-phone");
  await page.context().close();
  child.kill("SIGKILL");
}

async function ofDemonstrations(folder: string, browser: Browser, shoot: Shoot): Promise<void> {
  for (const [env, key, name] of [
    ["MountainCar-v0", "ArrowRight", "demonstrate"],
    ["Hopper-v5", "ArrowRight", "demonstrate-robot"],
  ]) {
    const { child, url } = command(folder, `teach ${env}`);
    const page = await opened(browser, await url, "desktop");
    await page.keyboard.press("2");
    await page.waitForSelector(".demonstrate canvas");
    await page.keyboard.down(key);
    await pause(1000);
    await page.keyboard.up(key);
    await page.keyboard.press(" ");
    await pause(300);
    await shoot(page, name);
    await page.setViewportSize(SIZES.phone);
    await pause(300);
    await page.keyboard.press("Backspace");
    await pause(200);
    await shoot(page, `${name}-phone`);
    await page.context().close();
    child.kill("SIGKILL");
  }
}

async function ofLabels(folder: string, browser: Browser, shoot: Shoot): Promise<void> {
  const stop = new AbortController();
  const texts = ["It barks at the postman.", "It sings before dawn.", "It sleeps in the sun all day."];
  const labeller = fileLabeller({ folder: join(folder, "animals"), asks: "label" });
  const asking = labeller
    .label(
      {
        kind: "label",
        dataset: "animals",
        classes: ["cat", "dog", "bird"],
        asked: texts.length,
        queries: texts.map((content, item) => ({ id: item + 1, batch: 1, item, content })),
      },
      stop.signal,
    )
    [Symbol.asyncIterator]()
    .next();
  await pause(300);
  stop.abort();
  await asking;
  const { child, url } = command(folder, "teach animals");
  const page = await opened(browser, await url, "desktop");
  await page.keyboard.press("1");
  await page.waitForSelector(".label blockquote");
  await pause(GUARD);
  await page.keyboard.press("2");
  await pause(300);
  await shoot(page, "label");
  await page.context().close();
  child.kill("SIGKILL");
}
