/** @file The file labeller: writes questions to files in a folder and waits for files with answers. */

import * as z from "zod";
import { positive, resolveOptions } from "../config/options.js";
import { type KindName, kindName } from "./kinds/index.js";
import type { Labeller } from "./labeller.js";
import { pause } from "./pause.js";
import type { Answer, LabelRequest } from "./question.js";
import { type DropFolder, type DropOptions, isSame, openFolder, QuestionFolder } from "./question-folder.js";

export interface FileLabellerOptions<K extends KindName = "action"> extends DropOptions<K> {
  /** The folder: a path (Node.js) or a folder object. */
  folder: string | DropFolder;
  /** The kind of the questions; `"action"` by default. */
  asks?: K;
  /** The names of the annotators, where a question may be for one of them; unset: anyone answers. */
  annotators?: readonly string[];
  /** Time between two reads of the folder (s); 1 by default. */
  every?: number;
}

/**
 * A labeller that writes each batch of questions to a file such as `queries-000012.json`, where 12 is the number of the
 * batch, and reads answers from every file named `answers-….json`. docs/how-to/ask-people.md describes both.
 */
export function fileLabeller<K extends KindName = "action">({
  folder,
  asks = "action" as K,
  annotators,
  every = 1,
  ...options
}: FileLabellerOptions<K>): Labeller<K> {
  resolveOptions("fileLabeller", schema, { asks, every, annotators });
  let opened: Promise<QuestionFolder<K>> | undefined;
  const given = new Map<number, Answer<K>>();

  /** Answers that were taken back after they were given: the learner forgets them. */
  async function takenBack(
    questions: QuestionFolder<K>,
    request: LabelRequest<K>,
    found: Map<number, Answer<K>>,
  ) {
    const retracted = given.size > 0 ? await questions.retracted(request) : new Set<number>();
    return [...retracted].flatMap((id): Answer<K>[] => {
      const [before, now] = [given.get(id), found.get(id)];
      if (!before || "withdrawn" in before || (now && isSame(asks, before, now))) return [];
      return [{ id, withdrawn: true }];
    });
  }

  return {
    kind: "files",
    asks,
    ...(annotators && { annotators }),
    wantsStates: options.picture !== undefined || options.forPage === true,
    async *label(request, signal) {
      opened ??= openFolder(folder).then((files) => new QuestionFolder(asks, files, options));
      const questions = await opened;
      const release = await questions.lock();
      try {
        await questions.ask(request);
        const open = new Set(request.queries.map(({ id }) => id));
        const withdrawn = new Set<number>();
        while (!signal.aborted) {
          const isNews = (answer: Answer<K>) =>
            open.has(answer.id) || ("withdrawn" in answer && !withdrawn.has(answer.id));
          const found = await questions.read(request);
          const answers = [...found.values()].filter(isNews);
          answers.push(...(await takenBack(questions, request, found)));
          for (const answer of answers) {
            open.delete(answer.id);
            given.set(answer.id, answer);
            if ("withdrawn" in answer) withdrawn.add(answer.id);
          }
          if (answers.length > 0) yield answers;
          if (open.size === 0) return;
          await pause(1000 * every, signal, options.bell);
        }
      } finally {
        release();
      }
    },
  };
}

const schema = z.strictObject({
  asks: kindName(),
  every: positive(),
  annotators: z.array(z.string().min(1)).min(1).optional(),
});
