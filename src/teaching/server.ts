/** @file The teaching server: a page on this machine on which people answer questions, demonstrate and look on. */

import { randomBytes, randomInt } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { extname, join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { make } from "../env/registry.js";
import { UsageError } from "../errors.js";
import { diskFolder as dropFolder } from "../people/disk-folder.js";
import { createFolder, diskFolder } from "../state/files.js";
import { lockFolder } from "../state/lock.js";
import {
  addressesOf,
  bracketed,
  createAccess,
  isLoopback,
  newSecrets,
  requireName,
  type Secrets,
} from "./access.js";
import { createApp, type ServedFile } from "./app.js";
import { openDemonstrationsDesk } from "./demonstrations.js";
import { openDesk, WEB_LOG } from "./desk.js";
import { createRoom, type Room, type Subject } from "./room.js";
import type { Invitation } from "./wire.js";

export interface TeachingOptions {
  /** The folder of questions and answers. */
  labels: string;
  /** The folder of the data set of demonstrations. */
  demonstrations: string;
  subject: Subject;
  /** The people who get a link. */
  annotators: readonly string[];
  host?: string;
  /** 0: that of the last server of the folder, or any that is free. */
  port?: number;
  /** Where a labeller of this process and the server tell each other of questions and answers. */
  bell?: EventTarget;
  /** Recorded with every answer, such as the seed of the run. */
  record?: object;
  report: (message: string) => void;
  /** The folder of what the build makes for pages. */
  assets: string;
}

export interface TeachingServer {
  /** A link for each person, which signs in once. */
  readonly invitations: readonly Invitation[];
  readonly port: number;
  /** Lets the process end while the server runs. */
  unref(): void;
  /** The episodes that are kept, and their folder. */
  episodes: Room["episodes"];
  /** Tells the pages that the server goes away, and closes it. */
  end(): Promise<void>;
  /** Closes the server at once. */
  close(): void;
}

/** The file with the secrets, in the folder of answers. */
const SECRETS = "teach.json";

/** The file that keeps a second server out. */
const SERVER_LOCK = "server-lock.json";

/** Time between two looks for what is new (ms). */
const LOOK = 500;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * Starts the server of a folder.
 *
 * @throws UsageError when another server has the folder, the port is in use, or a name is not one
 */
export async function startTeaching(options: TeachingOptions): Promise<TeachingServer> {
  const {
    labels,
    subject,
    annotators,
    host = "127.0.0.1",
    port = 0,
    bell = new EventTarget(),
    report,
  } = options;
  for (const name of annotators) requireName(name);
  const files = servedFiles(options.assets);
  try {
    createFolder(labels);
  } catch (cause) {
    throw new UsageError(`cannot create the folder ${labels}: ${(cause as Error).message}`, { cause });
  }
  const lock = await lockFolder(labels, undefined, SERVER_LOCK);
  try {
    if (!isLoopback(host)) {
      report(
        `warning: ${host} can be reached from other machines, and the connection is not encrypted: whoever reads it can ` +
          "answer in the name of your annotators",
      );
    }
    const secrets = await readSecrets(labels);
    const access = createAccess(secrets);
    const session = randomBytes(6).toString("hex");
    const more = { session };
    const desk = openDesk(dropFolder(labels), { bell, more });
    const environment = await make(subject.env, subject.environmentOptions).catch(() => undefined);
    const demonstrations = await openDemonstrationsDesk({
      log: dropFolder(options.demonstrations),
      folder: diskFolder(options.demonstrations),
      env: subject.env,
      environmentOptions: subject.environmentOptions,
      more,
      report,
    });
    const room = createRoom(subject, { desk, demonstrations, environment });
    const address = { host, port: 0 };
    const page = readFileSync(join(options.assets, "teach/index.html"), "utf8");
    const served = new Map([...files, ...(subject.own?.files ?? [])]);
    const app = createApp({ access, address: () => address, room, files: served, page, report });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    const sockets = new Set<Socket>();
    let isUnref = false;
    server.on("connection", (socket) => {
      if (isUnref) socket.unref();
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    address.port = await listening(server, host, port, secrets.port);
    await writeSecrets(labels, { ...secrets, port: address.port });
    await dropFolder(labels).append!(
      WEB_LOG,
      `${JSON.stringify({ session, at: new Date().toISOString(), version: subject.version, ...options.record })}\n`,
    );
    await room.look();
    const look = () => void room.look().catch((error: Error) => report(`teach: ${error.message}`));
    const timer = setInterval(look, LOOK);
    bell.addEventListener("asked", look);
    const shown = bracketed(addressesOf(host)[0] ?? "127.0.0.1");
    const close = () => {
      clearInterval(timer);
      bell.removeEventListener("asked", look);
      server.close();
      server.closeAllConnections();
      environment?.close?.();
      lock.release();
    };
    return {
      port: address.port,
      invitations: annotators.map((name) => ({
        name,
        url: `http://${shown}:${address.port}/?token=${access.invite(name)}`,
      })),
      unref() {
        isUnref = true;
        timer.unref();
        server.unref();
        // A page may have come before.
        for (const socket of sockets) socket.unref();
      },
      episodes: room.episodes,
      async end() {
        await room.look().catch(() => {});
        await room.end();
        close();
      },
      close,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The page and the build for browsers, by their addresses. @throws UsageError where the page is not built */
function servedFiles(assets: string): Map<string, ServedFile> {
  const page = join(assets, "teach");
  if (!existsSync(join(page, "index.html"))) {
    throw new UsageError(`the page is not in ${page}: build the package with npm run build`);
  }
  const files = new Map<string, ServedFile>();
  const add = (address: string, path: string, bytes?: Uint8Array) =>
    files.set(address, {
      type: TYPES[extname(path)] ?? "application/octet-stream",
      bytes: () => bytes ?? readFile(path),
    });
  for (const name of readdirSync(page)) {
    const path = join(page, name);
    add(name === "index.html" ? "/" : `/${name}`, path, readFileSync(path));
  }
  const browser = join(assets, "browser");
  for (const name of existsSync(browser) ? readdirSync(browser) : [])
    add(`/understudy/${name}`, join(browser, name));
  return files;
}

async function readSecrets(labels: string): Promise<Secrets> {
  try {
    const { key, port } = JSON.parse(await readFile(join(labels, SECRETS), "utf8")) as Secrets;
    if (/^[0-9a-f]{64}$/.test(key)) return { key, port };
  } catch {
    // There are none yet, or they are damaged: people sign in again.
  }
  return newSecrets();
}

async function writeSecrets(labels: string, secrets: Secrets): Promise<void> {
  const beside = join(labels, `${SECRETS}.partial`);
  await writeFile(beside, JSON.stringify(secrets), { mode: 0o600 });
  await rename(beside, join(labels, SECRETS));
}

/**
 * The ports of which one is taken when none is asked for: below those that systems give to connections, so that it is free
 * again for the next server, and pages find it.
 */
const PORTS = [20_000, 30_000] as const;

/** Listens, at the asked port, or else at the last one if it is free. @returns the port */
async function listening(server: Server, host: string, asked: number, last = 0): Promise<number> {
  const attempt = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  for (const port of asked === 0 ? [last, randomInt(...PORTS), randomInt(...PORTS)] : []) {
    const found = port > 0 ? await attempt(port).catch(() => undefined) : undefined;
    if (found !== undefined) return found;
  }
  return attempt(asked).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "EADDRINUSE" ? "it is in use" : cause.message;
    throw new UsageError(`port ${asked} of ${host} cannot be served: ${reason}; give another with --port`, {
      cause,
    });
  });
}
