/** @file `label` in Chromium: a person labels pictures by keys and by touch, stops, goes on, and watches the curve. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRng } from "../../../src/random/rng.js";
import { browserPath, launch } from "../../package/chromium.js";
import { type Hand, linesIn, press, requireUsable, shown, visit } from "../../web/teach/visitor.js";
import { linkOf } from "../page-guest.js";
import { outcome, start, temporaryFolder } from "../run-cli.js";

const seen = browserPath === undefined ? describe.skip : describe;
if (browserPath === undefined) console.warn("no Chromium here: the test of labelling at the page is skipped");

const folder = temporaryFolder();
const CLASSES = ["left", "right"];
const SIDE = 8;
/** Items whose class is in the file, for the test, and without a class, which are asked about. */
const [TESTS, POOL] = [60, 40];
const [INITIAL, BATCH, BUDGET] = [2, 5, 12];

/** The difference in brightness of the halves of a picture. */
const tilt = (picture: readonly number[]) =>
  picture.reduce((sum, pixel, n) => sum + (n % SIDE < SIDE / 2 ? -pixel : pixel), 0);
const classOf = (picture: readonly number[]) => (tilt(picture) < 0 ? "left" : "right");

const pictures = Array.from({ length: TESTS + POOL }, (_, item) => {
  const rng = createRng(item);
  const bright = item % 2 === 0 ? 0 : SIDE / 2;
  const isBright = (n: number) => n % SIDE >= bright && n % SIDE < bright + SIDE / 2;
  return Array.from({ length: SIDE * SIDE }, (_, n) => (isBright(n) ? 1 : 0) + Math.round(4 * rng.uniform()));
});

/** What a person sees: the class of the picture that is painted. */
const painted = async (page: Page) => {
  const pixels = await page.locator(".label canvas").evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, n) => n % 4 === 0);
  });
  return classOf(pixels);
};

/** Labels pictures as they are painted; returns the numbers of the questions. */
async function label(page: Page, hand: Hand, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < count; n++) {
    await page.waitForSelector(".label canvas");
    const id = await shown(page);
    ids.push(Number(id));
    const command = `label.${CLASSES.indexOf(await painted(page))}`;
    // Until the question is another one: none takes an answer at once.
    while ((await shown(page)) === id) {
      await press(page, hand, command);
      await page.waitForTimeout(60);
    }
  }
  return ids;
}

/** The accuracy at the end of its curve, which has so many points. */
async function accuracy(page: Page, hand: Hand, points: number): Promise<number> {
  const link = page.locator('nav a[href="#learning"]');
  await (hand === "touch" ? link.tap() : link.click());
  const chart = page.locator("figure.chart", { hasText: "accuracy" });
  const corners = () =>
    chart
      .locator("path")
      .first()
      .evaluate((line) => line.getAttribute("d")!.match(/[ML]/g)!.length);
  await expect.poll(corners).toBe(points);
  await requireUsable(page);
  return Number(await chart.locator("b").textContent());
}

seen("labelling at the page", () => {
  let browser: Browser;
  const faults: string[] = [];
  const opened = (link: string, hand: Hand) => visit(browser, link, hand, (fault) => faults.push(fault));

  beforeAll(async () => {
    const head = ["item", ...pictures[0].map((_, n) => `pixel ${n}`), "label"];
    const rows = pictures.map((p, item) => [`picture ${item}`, ...p, item < TESTS ? classOf(p) : ""]);
    writeFileSync(join(folder, "items.csv"), [head, ...rows].map((row) => row.join(",")).join("\n"));
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it("moves the curve, and loses nothing and asks nothing twice over a reload and a restart", async () => {
    const words =
      `label --data items.csv --classes ${CLASSES} --test ${TESTS} --initial ${INITIAL} --batch ${BATCH} ` +
      `--budget ${BUDGET} --out run`;
    const child = start(folder, words.split(" "));
    const stopped = outcome(child);
    const page = await opened(await linkOf(child), "keys");
    await page.keyboard.press("1");
    const ids = await label(page, "keys", INITIAL + 1);
    await requireUsable(page);
    await page.reload();
    ids.push(...(await label(page, "keys", 2)));
    const before = await accuracy(page, "keys", 1);
    await page.context().close();
    // In the middle of a batch.
    child.kill("SIGINT");
    expect((await stopped).code).toBe(130);

    const resumed = start(folder, ["label", "--resume", "--out", "run"]);
    const ended = outcome(resumed);
    const phone = await opened(await linkOf(resumed), "touch");
    await phone.locator('nav a[href="#label"]').tap();
    await phone.waitForSelector(".label canvas");
    await requireUsable(phone);
    ids.push(...(await label(phone, "touch", BATCH - 3)));
    expect(await accuracy(phone, "touch", 2)).toBeGreaterThan(before);
    await phone.locator('nav a[href="#label"]').tap();
    ids.push(...(await label(phone, "touch", BUDGET - INITIAL - BATCH)));
    expect((await ended).code).toBe(0);

    expect(ids).toEqual(Array.from({ length: BUDGET }, (_, i) => i + 1));
    expect(linesIn(join(folder, "run/labels")).map(({ id }) => id)).toEqual(ids);
    const [, ...rows] = readFileSync(join(folder, "run/labels.csv"), "utf8").trim().split("\n");
    expect(new Set(rows).size).toBe(BUDGET);
    for (const row of rows) {
      const [, item, name] = /^picture (\d+),(.*)$/.exec(row)!;
      expect(Number(item)).toBeGreaterThanOrEqual(TESTS);
      expect(name).toBe(classOf(pictures[Number(item)]));
    }
    expect(faults).toEqual([]);
  }, 60_000);
});
