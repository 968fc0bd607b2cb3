/** @file The links in the project's documents. */

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../package/install.js";

/** The text without its code, in which brackets and parentheses are no links. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");

const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const ofRepository = new RegExp(`^${repository.url.replace(/^git\+|\.git$/g, "")}/(blob|tree)/main/(.+)$`);

export interface Link {
  /** As it is written. */
  target: string;
  /** The path of its file or folder in the project; undefined for pages of others. */
  file?: string;
  anchor?: string;
  /** In the address of the repository: `blob` for files, `tree` for folders. */
  repository?: string;
}

/** The links of a document, by its path in the project. */
export function linksOf(path: string): Link[] {
  const text = prose(readFileSync(join(root, path), "utf8"));
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => {
    const [place, anchor] = target.split("#");
    const [, kind, file] = ofRepository.exec(place) ?? [];
    if (file !== undefined || /^[a-z]+:/.test(place)) return { target, file, anchor, repository: kind };
    return { target, file: place === "" ? path : posix.join(posix.dirname(path), place), anchor };
  });
}
