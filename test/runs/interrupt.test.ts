/** @file What the first signal, its repetition at once and a second one do. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { listen, onSignals } from "../../src/runs/interrupt.js";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("signals", () => {
  it("within 0.25 s count as one, and a later one as the second", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const heard: string[] = [];
    const stop = onSignals(
      (signal) => heard.push(`first ${signal}`),
      (signal) => heard.push(`second ${signal}`),
    );
    process.emit("SIGINT", "SIGINT");
    vi.advanceTimersByTime(200);
    process.emit("SIGTERM", "SIGTERM");
    expect(heard).toEqual(["first SIGINT"]);
    vi.advanceTimersByTime(100);
    process.emit("SIGTERM", "SIGTERM");
    expect(heard).toEqual(["first SIGINT", "second SIGTERM"]);
    stop();
  });

  it("request the end of a run, and find the default handler at the second time", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const before = process.listeners("SIGINT");
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    const interrupt = listen();
    expect(interrupt.requested()).toBe(false);
    process.emit("SIGINT", "SIGINT");
    expect(interrupt.requested()).toBe(true);
    vi.advanceTimersByTime(300);
    process.emit("SIGINT", "SIGINT");
    expect(kill).toHaveBeenCalledWith(process.pid, "SIGINT");
    expect(process.listeners("SIGINT")).toEqual(before);
  });
});
