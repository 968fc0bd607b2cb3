/** @file Asks the playground's second worker to draw: tasks are done in order. */

import type { Answer, Request, TaskName, Tasks } from "./jobs.js";

let worker: Worker | undefined;
const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
let last = 0;

function started(): Worker {
  const made = new Worker(new URL("./painter.js", import.meta.url), { type: "module", name: "painter" });
  made.onmessage = ({ data }: MessageEvent<Answer>) => {
    const { resolve, reject } = waiting.get(data.id)!;
    waiting.delete(data.id);
    if ("error" in data) reject(new Error(data.error));
    else resolve(data.result);
  };
  made.onerror = ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(`the drawing worker failed: ${message}`));
    waiting.clear();
  };
  return made;
}

/** @throws Error with the message of the worker when it cannot do the task */
export function ask<Name extends TaskName>(
  task: Name,
  argument: Parameters<Tasks[Name]>[0],
): ReturnType<Tasks[Name]> {
  worker ??= started();
  const request: Request = { id: ++last, task, argument };
  worker.postMessage(request);
  return new Promise((resolve, reject) => waiting.set(request.id, { resolve, reject })) as ReturnType<
    Tasks[Name]
  >;
}
