/** @file How fast the page is: its first paint, and the time from a key to the next question. */

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, launch, pause } from "./browser.js";

const COMPARISONS = 30;

/** Answers the comparisons of a run on CartPole in Chromium, as fast as the page takes them. Times in ms. */
export async function timesOfPage(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), "understudy-times-"));
  const words =
    `train preference-learning --env CartPole-v1 --labeller web --comparisons ${COMPARISONS} --rounds 1 ` +
    "--initial-share 1 --steps 2000 --out run";
  const { child, url } = command(folder, words);
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const faults: string[] = [];
    page.on("console", (line) => line.type() === "error" && faults.push(line.text()));
    await page.goto(await url);
    await page.waitForSelector("h1");
    const paints: number[] = [];
    for (let i = 0; i < 5; i++) {
      await page.reload();
      await page.waitForSelector("h1");
      await pause(300);
      paints.push(
        await page.evaluate(
          () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
        ),
      );
    }
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    await pause(1000);
    const started = performance.now();
    const steps: number[] = [];
    for (let i = 0; i < COMPARISONS - 1; i++) {
      await pause(350);
      steps.push(
        await page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              const shown = () => document.querySelector(".compare")?.getAttribute("data-question");
              const isPainted = () =>
                [...document.querySelectorAll<HTMLCanvasElement>(".compare canvas")].every((canvas) =>
                  canvas
                    .getContext("2d")!
                    .getImageData(0, 0, canvas.width, canvas.height)
                    .data.some((x) => x > 0),
                );
              const before = shown();
              const from = performance.now();
              const look = () => {
                if (shown() !== before && isPainted()) resolve(performance.now() - from);
                else requestAnimationFrame(look);
              };
              dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", bubbles: true }));
              requestAnimationFrame(look);
            }),
        ),
      );
    }
    const seconds = (performance.now() - started) / 1000;
    await page.keyboard.press("ArrowRight");
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let count = 0;
          const from = performance.now();
          requestAnimationFrame(function tick(now) {
            count++;
            if (now - from > 1000) resolve(count);
            else requestAnimationFrame(tick);
          });
        }),
    );
    return {
      firstPaint: summary(paints),
      keyToNext: summary(steps),
      comparisons: steps.length,
      secondsForAll: Number(seconds.toFixed(1)),
      framesPerSecond: frames,
      faultsWhileTheServerRan: faults.filter((fault) => !/ERR_/.test(fault)).length,
    };
  } finally {
    child.kill("SIGKILL");
    await browser.close();
  }
}

function summary(times: readonly number[]): object {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1));
  return { median: at(0.5), p95: at(0.95), most: at(1), of: times.length };
}
