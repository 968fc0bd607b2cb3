/**
 * @file The relative paths in the record of a run (Node.js only). They are relative to the working folder in which the
 * run was started, as the user gave them. The record names that folder as it is seen from the record's own folder, so
 * that a run is resumed and made again from anywhere, also when its folder and the files that it reads are moved
 * together.
 */

import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { isModulePath, isReference } from "../config/references.js";
import { isReferenceOption } from "./reference-options.js";

type Values = Record<string, unknown>;

/** The keys of references that hold a path. */
const PATH_KEYS = ["module", "from", "policy", "folder"] as const;

/** A record with each of its paths replaced. */
function withPaths<R extends object>(record: R, replace: (path: string) => string): R {
  const inReference = (value: unknown): unknown => {
    if (typeof value === "string") return isModulePath(value) ? replace(value) : value;
    if (!isReference(value)) return value;
    const paths = PATH_KEYS.map((key) => [key, (value as Values)[key]] as const);
    const found = paths.filter(([, path]) => typeof path === "string");
    return { ...value, ...Object.fromEntries(found.map(([key, path]) => [key, replace(path as string)])) };
  };
  const each = (values: object, isPlace: (name: string) => boolean) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, isPlace(name) ? inReference(value) : value]),
    );
  const { options } = record as { options?: object | null };
  const replaced = each(record, (name) => ["algorithm", "env", "data"].includes(name));
  return (options ? { ...replaced, options: each(options, isReferenceOption) } : replaced) as R;
}

/**
 * A record as it is written into a folder: with the working folder, if it has paths that are relative to it.
 *
 * @param folder the folder of the record
 */
export function withWorkingFolder<R extends object>(record: R, folder: string): R {
  const { workingFolder: _, ...rest } = record as R & { workingFolder?: string };
  let isRelative = false;
  withPaths(record, (path) => {
    isRelative ||= !isAbsolute(path);
    return path;
  });
  if (!isRelative) return rest as R;
  return { ...rest, workingFolder: (relative(folder, ".") || ".").replaceAll("\\", "/") } as unknown as R;
}

/**
 * A record as it was read from a file: with paths that lead there from the working folder of this process. A path that
 * leads nowhere from the recorded working folder, because the run's folder was moved alone, stays as it is.
 *
 * @param folder the folder of the file
 */
export function fromWorkingFolder<R extends object>(record: R, folder: string): R {
  const { workingFolder, ...rest } = record as R & { workingFolder?: unknown };
  if (typeof workingFolder !== "string") return record;
  const base = resolve(folder, workingFolder);
  if (base === process.cwd()) return rest as R;
  return withPaths(rest as R, (path) => {
    if (isAbsolute(path)) return path;
    const place = resolve(base, path);
    if (!existsSync(place) && existsSync(path)) return path;
    const seen = relative(".", place).replaceAll("\\", "/");
    return isAbsolute(seen) || seen.startsWith("../") ? seen : `./${seen}`;
  });
}
