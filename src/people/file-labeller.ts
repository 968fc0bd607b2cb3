/** @file The labeller that is a folder: it writes queries into files and waits for files with answers. */

import { z } from "zod";
import { positive, resolveOptions } from "../config/options.js";
import { AnswerDrop, type DropFolder, type DropOptions } from "./answer-drop.js";
import type { Answer, Labeller } from "./labeller.js";

export interface FileLabellerOptions extends DropOptions {
  /** Its path (Node.js), or any other place that holds files. */
  folder: string | DropFolder;
  /** Time between two looks into the folder (s); 1 by default. */
  every?: number;
}

/** The folder at a path; loaded only when asked for, so that a browser never meets the modules of Node.js. */
export const openDrop = async (folder: string | DropFolder): Promise<DropFolder> =>
  typeof folder === "string" ? (await import("./disk.js")).diskDrop(folder) : folder;

/**
 * A labeller that writes each batch of queries into `queries-000012.json`, where 12 is the number of the batch, and
 * reads answers from every file called `answers-….json`. docs/explanation/dagger.md says what is in them.
 */
export function fileLabeller({ folder, every = 1, ...options }: FileLabellerOptions): Labeller {
  resolveOptions("fileLabeller", z.strictObject({ every: positive() }), { every });
  let opened: Promise<AnswerDrop> | undefined;
  return {
    kind: "files",
    wantsStates: options.picture !== undefined,
    async *label(request, signal) {
      opened ??= openDrop(folder).then((drop) => new AnswerDrop(drop, options));
      const drop = await opened;
      await drop.ask(request);
      const open = new Set(request.queries.map(({ id }) => id));
      const withdrawn = new Set<number>();
      while (!signal.aborted) {
        const isNews = (answer: Answer) =>
          open.has(answer.id) || ("withdrawn" in answer && !withdrawn.has(answer.id));
        const answers = [...(await drop.read(request)).values()].filter(isNews);
        for (const answer of answers) {
          open.delete(answer.id);
          if ("withdrawn" in answer) withdrawn.add(answer.id);
        }
        if (answers.length > 0) yield answers;
        if (open.size === 0) return;
        await pause(1000 * every, signal);
      }
    },
  };
}

/** Waits, but not beyond an abort. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
