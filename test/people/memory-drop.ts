/** @file A folder of questions and answers in memory. */

import type { DropFolder } from "../../src/people/index.js";

export interface MemoryDrop extends DropFolder {
  files: Map<string, string>;
  /** Puts a file into the folder, as a person would. */
  drop(name: string, content: unknown): void;
}

export function memoryDrop(path = "memory"): MemoryDrop {
  const files = new Map<string, string>();
  const stamps = new Map<string, number>();
  let time = 0;
  const put = (name: string, text: string) => {
    files.set(name, text);
    stamps.set(name, ++time);
  };
  return {
    path,
    files,
    drop: (name, content) => put(name, typeof content === "string" ? content : JSON.stringify(content)),
    list: async () => [...files.keys()].map((name) => ({ name, stamp: String(stamps.get(name)) })),
    async read(name) {
      const text = files.get(name);
      if (text === undefined) throw new Error("there is no such file");
      return text;
    },
    write: async (name, text) => put(name, text),
    async remove(name) {
      files.delete(name);
    },
  };
}

/** The queries that lie in a folder, in order of their ids. */
export function queriesIn({ files }: MemoryDrop): { id: number; observation: number | number[] }[] {
  return [...files]
    .filter(([name]) => /^queries-\d+\.json$/.test(name))
    .flatMap(([, text]) => JSON.parse(text).queries)
    .sort((a, b) => a.id - b.id);
}
