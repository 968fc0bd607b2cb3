/**
 * @file A Python process and two pipes to it. Frames are written and read synchronously, because `step` is
 * synchronous. The pipes are named pipes, which Node.js can read without its event loop.
 */

import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.js";

/** Kinds of frames; the numbers equal those in python/bridge.py. */
export const FRAME = { hello: 0, reset: 1, step: 2, close: 3, error: 4, render: 5 } as const;

const HEADER_BYTES = 8;

/** The path of the script, relative to the package's manifest, so that it is independent of the build folder. */
const scriptPath = () =>
  join(dirname(createRequire(import.meta.url).resolve("understudy-rl/package.json")), "python/bridge.py");

/** A received frame; the next frame overwrites `payload`. */
export interface Frame {
  kind: number;
  payload: Uint8Array;
}

export class Channel {
  private readonly header = new Uint32Array(2);
  private buffer = new Uint8Array(1024);
  private closed = false;

  private constructor(
    private readonly command: string,
    private readonly toChild: number,
    private readonly fromChild: number,
    private readonly errors: number,
  ) {}

  /**
   * Starts `python` with the bridge's script.
   *
   * @throws UsageError when the program does not exist, or the system has no named pipes (Windows).
   */
  static open(python: string): Channel {
    const folder = mkdtempSync(join(tmpdir(), "understudy-python-"));
    const [requests, answers] = [join(folder, "requests"), join(folder, "answers")];
    try {
      execFileSync("mkfifo", [requests, answers], { stdio: "ignore" });
    } catch {
      rmSync(folder, { recursive: true, force: true });
      throw new UsageError(
        "the bridge to Python needs named pipes, which this system lacks (on Windows, use WSL)",
      );
    }
    // Opened for reading and writing, because opening one end alone would block until the other is opened.
    const hold = [openSync(requests, "r+"), openSync(answers, "r+")];
    const stdin = openSync(requests, "r");
    const stdout = openSync(answers, "w");
    const toChild = openSync(requests, "w");
    const fromChild = openSync(answers, "r");
    const errors = openSync(join(folder, "errors"), "w+");
    // Open pipes remain usable after their names are removed, so no files are left behind.
    rmSync(folder, { recursive: true, force: true });
    const child = spawn(python, [scriptPath()], { stdio: [stdin, stdout, errors] });
    child.on("error", () => {}); // reported below: a child that did not start has no pid
    child.unref();
    // From here on only the child holds its ends: when it dies, reading returns end-of-file instead of blocking.
    for (const descriptor of [...hold, stdin, stdout]) closeSync(descriptor);
    const channel = new Channel(python, toChild, fromChild, errors);
    if (child.pid !== undefined) return channel;
    channel.close();
    throw new UsageError(
      `cannot start Python as "${python}": install Python 3, or set its path with { python: "/path/to/python3" }`,
    );
  }

  /** Sends a frame. Call `receive` next, which throws if the process has ended. */
  send(kind: number, payload: Uint8Array): void {
    this.header[0] = payload.length;
    this.header[1] = kind;
    this.write(new Uint8Array(this.header.buffer));
    this.write(payload);
  }

  /** Receives a frame. Throws Error with the end of the process's output if it has ended. */
  receive(): Frame {
    this.read(new Uint8Array(this.header.buffer), HEADER_BYTES);
    const [length, kind] = this.header;
    if (kind > FRAME.render) {
      this.close();
      throw new UsageError(`"${this.command}" did not answer like the bridge's script: is it Python 3?`);
    }
    if (this.buffer.length < length) this.buffer = new Uint8Array(length);
    this.read(this.buffer, length);
    return { kind, payload: this.buffer.subarray(0, length) };
  }

  /** Closes the pipes, which ends the process. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const descriptor of [this.toChild, this.fromChild, this.errors]) closeSync(descriptor);
  }

  private write(bytes: Uint8Array): void {
    if (this.closed) throw new UsageError("this environment is closed");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.toChild, bytes, at);
    } catch (cause) {
      // The process may have answered with an error before it stopped reading: `receive` reports it.
      if ((cause as NodeJS.ErrnoException).code !== "EPIPE") throw this.gone(cause);
    }
  }

  private read(into: Uint8Array, length: number): void {
    for (let at = 0; at < length; ) {
      const got = readSync(this.fromChild, into, at, length - at, null);
      if (got === 0) throw this.gone();
      at += got;
    }
  }

  private gone(cause?: unknown): Error {
    const text = Buffer.alloc(100_000);
    const length = readSync(this.errors, text, 0, text.length, 0);
    const output = text.toString("utf8", 0, length).trim().split("\n").slice(-8).join("\n");
    this.close();
    return new Error(`${this.command} ended unexpectedly${output ? `; it said:\n${output}` : ""}`, { cause });
  }
}
