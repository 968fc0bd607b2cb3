/** @file Progress lines on a terminal and in a log. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { consoleSink } from "../../../src/runs/sinks/console.js";
import { createProgress } from "../../../src/runs/sinks/progress.js";

beforeEach(() => vi.stubEnv("TERM", "xterm"));
afterEach(() => vi.unstubAllEnvs());

function setUp({ isTTY = false, columns = 200 } = {}) {
  const clock = { ms: 0 };
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const options = { stream, label: "ppo on CartPole-v1", total: 50_000, unit: "steps", now: () => clock.ms };
  return { clock, written, options };
}

describe("without a terminal", () => {
  it("writes a plain line per tenth of the total and one at the end", () => {
    const { clock, written, options } = setUp();
    const progress = createProgress(options);
    for (let done = 0; done <= 48_000; done += 100) {
      clock.ms = done / 10;
      progress.update(done, "return 21");
    }
    progress.finish();
    expect(written).toHaveLength(1 + 9 + 1);
    expect(written[5]).toBe(
      "ppo on CartPole-v1  50%  25 000 of 50 000 steps  10 000/s  3 s left  return 21\n",
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    expect(written.join("")).not.toMatch(/[\r\x1b]/);
  });

  it("writes a line every 30 seconds at slow progress", () => {
    const { clock, written, options } = setUp();
    const progress = createProgress(options);
    for (let second = 0; second <= 100; second++) {
      clock.ms = 1000 * second;
      progress.update(second);
    }
    expect(written).toHaveLength(4);
  });
});

describe("more updates than the total", () => {
  it("show 100 % and their count, without the total", () => {
    const { written, options } = setUp();
    const progress = createProgress({ ...options, total: 1, unit: "sweeps" });
    progress.update(13);
    progress.finish();
    expect(written).toEqual([expect.stringMatching(/ {2}100% {2}13 sweeps\b/)]);
  });
});

describe("on a terminal", () => {
  it("redraws one line at most ten times a second, and keeps the closing line", () => {
    const { clock, written, options } = setUp({ isTTY: true });
    const progress = createProgress(options);
    for (let ms = 0; ms <= 1000; ms++) {
      clock.ms = ms;
      progress.update(ms * 50);
    }
    expect(written).toHaveLength(11);
    expect(written.every((text) => text.startsWith("\r") && text.endsWith("\x1b[K"))).toBe(true);
    progress.finish();
    expect(written.at(-1)).toBe("\r\x1b[Kppo on CartPole-v1  100%  50 000 of 50 000 steps  50 000/s  1 s\n");
  });

  it("never wraps the line", () => {
    const { clock, written, options } = setUp({ isTTY: true, columns: 30 });
    createProgress(options).update(1);
    clock.ms = 500;
    expect(written[0].replace("\r", "").replace("\x1b[K", "")).toHaveLength(29);
  });

  it("writes plain lines if the cursor cannot be moved", () => {
    vi.stubEnv("TERM", "dumb");
    const { written, options } = setUp({ isTTY: true });
    createProgress(options).update(50_000);
    expect(written[0]).toMatch(/^ppo.*\n$/);
  });

  it("shows long times in minutes and hours", () => {
    const { clock, written, options } = setUp();
    const progress = createProgress(options);
    progress.update(0);
    clock.ms = 125_000;
    progress.update(5_000);
    clock.ms = 400_000;
    progress.update(10_000);
    expect(written[1]).toContain("18:45 left");
    clock.ms = 4_000_000;
    progress.update(20_000);
    expect(written[3]).toContain("1:40:00 left");
  });
});

describe("a resumed job", () => {
  it("computes its rate from where it resumed", () => {
    const { clock, written, options } = setUp();
    const progress = createProgress(options);
    progress.update(40_000);
    clock.ms = 1000;
    progress.update(45_000);
    expect(written[1]).toContain("5 000/s  1 s left");
  });
});

describe("the console sink", () => {
  it("shows the headline metric and the latest evaluation", async () => {
    const { written, options } = setUp();
    const sink = consoleSink(options);
    await sink.write("metrics", { steps: 5_000, seconds: 0, loss: 0.123456, return: 20 });
    await sink.write("evaluations", { steps: 5_000, seconds: 0, mean: 31.41592 });
    await sink.write("metrics", { steps: 10_000, seconds: 1, loss: 0.123456 });
    await sink.close();
    expect(written[0]).toMatch(/return 20\n$/);
    expect(written[1]).toMatch(/loss 0.1235 {2}evaluation 31.42\n$/);
  });
});
