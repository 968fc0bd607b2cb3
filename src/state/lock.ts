/**
 * @file The lock of a folder, such as that of a run or of questions: one process at a time writes into it (Node.js only).
 *
 * The file names its process by id, start and machine. A process that was killed leaves it behind; the next one finds
 * that its process has ended, and takes it over.
 */

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { UsageError } from "../errors.js";

/** The name of the file in the folder. */
export const LOCK = "lock.json";

interface Holder {
  pid: number;
  /** The thread of the process, of which each has its own memory of what it holds. */
  thread: number;
  /** The start of the process in ticks since boot, on Linux: ids are used again. */
  started?: string;
  host: string;
}

export interface Lock {
  /** What was found, if a killed process had left its lock. */
  note?: string;
  release(): void;
}

/** Time to wait for a process that is about to end (ms), and between two looks. */
const PATIENCE = 2_000;
const LOOK = 50;

/** The locks of this thread, by path. */
const held = new Set<string>();

/**
 * Locks a folder that exists. Waits a short time for a process that is about to end.
 *
 * @param name the name of the file, for a lock beside another
 * @throws UsageError naming the process that uses the folder
 */
export async function lockFolder(folder: string, patience = PATIENCE, name = LOCK): Promise<Lock> {
  const path = resolve(folder, name);
  const until = performance.now() + patience;
  let note: string | undefined;
  for (;;) {
    if (!held.has(path)) {
      if (create(path)) break;
      note = takeOver(path) ?? note;
    }
    if (create(path)) break;
    const holder = read(path);
    if (performance.now() >= until && holder !== undefined) throw inUse(folder, path, holder);
    await pause(LOOK);
  }
  held.add(path);
  return {
    note: note && `${folder}: ${note}`,
    release() {
      if (held.delete(path) && isMine(read(path))) rmSync(path, { force: true });
    },
  };
}

/** Whether a process has the folder, so far as can be seen. */
export function isLocked(folder: string): boolean {
  const holder = read(resolve(folder, LOCK));
  return holder !== undefined && !hasEnded(holder);
}

const self = (): Holder => ({
  pid: process.pid,
  thread: threadId,
  started: startOf(process.pid),
  host: hostname(),
});

const isMine = (holder: Holder | undefined) => JSON.stringify(holder) === JSON.stringify(self());

/** Creates the file whole, or not at all if there is one. @returns whether it was created */
function create(path: string): boolean {
  const own = `${path}.${process.pid}-${threadId}`;
  try {
    writeFileSync(own, JSON.stringify(self()));
    linkSync(own, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new UsageError(`cannot lock ${path}: ${(cause as Error).message}`, { cause });
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes the lock of a process that has ended. @returns a note, if it did */
function takeOver(path: string): string | undefined {
  const text = readText(path);
  const holder = parse(text);
  if (holder === undefined || !hasEnded(holder)) return undefined;
  const aside = `${path}.ended-${process.pid}-${threadId}`;
  try {
    renameSync(path, aside);
    // Another process may have taken the lock over since it was read.
    const taken = readText(aside);
    if (taken !== text) linkSync(aside, path);
    rmSync(aside);
  } catch {
    return undefined; // another process was first
  }
  return `took over the lock of process ${holder.pid}, which has ended`;
}

const read = (path: string): Holder | undefined => parse(readText(path));

/** The holder; undefined without a file. A damaged file, such as after a power cut, has one that has ended. */
function parse(text: string | undefined): Holder | undefined {
  if (text === undefined) return undefined;
  try {
    const { pid, thread, started, host } = JSON.parse(text);
    return { pid: Number(pid), thread: Number(thread), started, host: String(host) };
  } catch {
    return { pid: 0, thread: 0, host: hostname() };
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Whether the holder has ended for certain. Processes of another machine cannot be seen. */
function hasEnded({ pid, thread, started, host }: Holder): boolean {
  if (host !== hostname()) return false;
  if (pid === process.pid && started === startOf(pid)) return thread === threadId;
  if (!(pid > 0)) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  return started !== undefined && started !== startOf(pid);
}

/** The start of a process from /proc (proc_pid_stat(5), field 22); undefined on other systems and for a zombie. */
function startOf(pid: number): string | undefined {
  const stat = readText(join("/proc", String(pid), "stat"));
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return state === "Z" ? undefined : fields[18];
}

function inUse(folder: string, path: string, { pid, host }: Holder): UsageError {
  const who = `process ${pid}${host === hostname() ? "" : ` on ${host}`}`;
  const otherwise = host === hostname() ? "" : `; if that process has ended, remove ${path} yourself`;
  return new UsageError(
    `${folder} is in use by ${who}: wait until it ends, or choose another folder${otherwise}`,
  );
}
