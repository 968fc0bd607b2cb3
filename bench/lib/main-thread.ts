/** @file What the main thread of a page does: its tasks, from a trace of Chromium. */

import type { Browser, Page } from "playwright-core";

/** A task: how long it took, of the clock and of processor time (ms). */
export interface Task {
  time: number;
  processor: number;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds: of the clock, and of the thread. */
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/** Does something with a page and returns the tasks of its main thread meanwhile. */
export async function mainThread<T>(
  browser: Browser,
  page: Page,
  work: () => Promise<T>,
): Promise<{ result: T; tasks: Task[] }> {
  await browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
  const result = await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
  const isMain = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
      .map(threadOf),
  );
  const tasks = traceEvents
    .filter((event) => event.ph === "X" && /RunTask$/.test(event.name) && isMain.has(threadOf(event)))
    .map(({ dur = 0, tdur = 0 }) => ({ time: dur / 1000, processor: tdur / 1000 }));
  return { result, tasks };
}

export const longest = (tasks: readonly Task[], of: keyof Task): number =>
  Math.max(0, ...tasks.map((task) => task[of]));
