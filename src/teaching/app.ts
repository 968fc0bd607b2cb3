/** @file The routes of the teaching server, and what keeps others out of it. */

import { createHash } from "node:crypto";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { streamSSE } from "hono/streaming";
import * as z from "zod";
import { UsageError } from "../errors.js";
import { type Access, hostsOf, rateLimit, requireName } from "./access.js";
import type { Room } from "./room.js";
import type { Given, Invitation, Played } from "./wire.js";

/** A file that is served, under its address alone: no address of a client leads to the disk. */
export interface ServedFile {
  type: string;
  bytes(): Uint8Array | Promise<Uint8Array>;
}

export interface AppOptions {
  access: Access;
  /** The host and port that the server listens on. */
  address: () => { host: string; port: number };
  room: Room;
  files: ReadonlyMap<string, ServedFile>;
  /** The document, whose inline scripts may run. */
  page: string;
  report: (message: string) => void;
}

/** The largest body of a request (bytes). */
const LARGEST = 1_000_000;

/** Time between signs of life on an open stream (ms). */
const HEARTBEAT = 15_000;

const policyOf = (page: string) =>
  [
    "default-src 'self'",
    // The physics and the runtime of policies are WebAssembly; pictures are images of the page's own making.
    ["script-src 'self' 'wasm-unsafe-eval'", ...inlineScripts(page)].join(" "),
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");

/** The inline scripts of a document, by their hashes. */
const inlineScripts = (page: string) =>
  [...page.matchAll(/<script type="importmap">([\s\S]*?)<\/script>/g)].map(
    ([, text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );

const nonce = z.string().min(1).max(64);

const givenSchema = z.strictObject({
  answers: z
    .array(
      z.strictObject({
        id: z.int().positive(),
        nonce,
        reply: z.record(z.string(), z.unknown()),
        seconds: z.number().nonnegative().max(1e7).optional(),
        swapped: z.boolean().optional(),
      }),
    )
    .max(500),
});

const playedSchema = z.strictObject({
  nonce,
  seed: z.string().min(1).max(100),
  actions: z.array(z.array(z.number()).max(100)).min(1),
  steps: z.array(z.int().nonnegative()).optional(),
  total: z.number(),
  isBad: z.boolean().optional(),
});

const useSchema = z.strictObject({ annotator: z.string().min(1).max(200), use: z.boolean() });
const inviteSchema = z.strictObject({ name: z.string() });

type Env = { Variables: { me: string } };

/** The application: a function from requests to responses. */
export function createApp({ access, address, room, files, page, report }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  const posts = rateLimit(10, 100);
  const guesses = rateLimit(0.5, 10);
  // Cookies belong to a host, whatever the port.
  const cookie = () => `understudy-${address().port}`;

  app.use(guarded(address, policyOf(page)));
  app.use(
    bodyLimit({ maxSize: LARGEST, onError: (c) => c.json({ error: `more than ${LARGEST} bytes` }, 413) }),
  );

  app.use(async (c, next) => {
    const { path } = c.req;
    const token = c.req.query("token");
    if (path === "/" && c.req.method === "GET" && token !== undefined) {
      const value = guesses("tokens") ? access.redeem(token) : undefined;
      if (value) {
        setCookie(c, cookie(), value, { httpOnly: true, sameSite: "Strict", path: "/", maxAge: 30 * 86_400 });
      } else if (access.nameIn(getCookie(c, cookie())) === undefined) {
        return c.text("this link was used already, or is not one of this server: ask for another\n", 401);
      }
      // So that the token leaves the address bar and the history.
      return c.redirect("/", 303);
    }
    const me = access.nameIn(getCookie(c, cookie()));
    if (me === undefined) return c.text("open the link that the command printed\n", 401);
    if (c.req.method === "POST" && !posts(me)) return c.json({ error: "too many requests at once" }, 429);
    c.set("me", me);
    return next();
  });

  app.get("/api/overview", (c) => c.json(room.overview(c.get("me"))));

  app.get("/api/questions", (c) => {
    const count = Math.min(10, Math.max(1, Number(c.req.query("count")) || 3));
    const have = new Set((c.req.query("have") ?? "").split(",").map(Number));
    return c.json(room.next(c.get("me"), count, have));
  });

  app.post("/api/answers", async (c) => {
    const { answers } = await read(c, givenSchema);
    return c.json({ receipts: await room.answer(c.get("me"), answers as Given[]) });
  });

  app.post("/api/demonstrations", async (c) =>
    c.json({ receipts: [await room.demonstrate(c.get("me"), (await read(c, playedSchema)) as Played)] }),
  );

  app.post("/api/use", async (c) => {
    const { annotator, use } = await read(c, useSchema);
    await room.use(annotator, use);
    return c.json({});
  });

  app.post("/api/invite", async (c) => {
    const name = requireName((await read(c, inviteSchema)).name);
    const origin = new URL(c.req.url).host;
    return c.json({ name, url: `http://${origin}/?token=${access.invite(name)}` } satisfies Invitation);
  });

  app.get("/api/policy", async (c) => {
    const bytes = await room.policy();
    // No content: nothing is missing, and a browser would log a 404 as an error.
    if (!bytes) return c.body(null, 204);
    return c.body(alone(bytes), 200, { "content-type": "application/octet-stream" });
  });

  app.get("/api/events", (c) => {
    const me = c.get("me");
    return streamSSE(c, async (stream) => {
      let isStale = true;
      let wake = () => {};
      const forget = room.onChange(() => {
        isStale = true;
        wake();
      });
      stream.onAbort(() => wake());
      try {
        while (!stream.aborted && !stream.closed) {
          if (room.isOver) {
            await stream.writeSSE({ event: "end", data: JSON.stringify(room.overview(me)) });
            break;
          }
          if (isStale) {
            isStale = false;
            await stream.writeSSE({ event: "overview", data: JSON.stringify(room.overview(me)) });
          } else await stream.writeSSE({ event: "alive", data: "" });
          if (isStale || room.isOver) continue;
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, HEARTBEAT);
            timer.unref();
            wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
      } finally {
        forget();
      }
    });
  });

  app.get("*", async (c) => {
    const file = files.get(c.req.path);
    if (!file) return c.text("there is no such page\n", 404);
    const bytes = await file.bytes();
    return c.body(alone(bytes), 200, { "content-type": file.type });
  });

  app.notFound((c) => c.json({ error: "there is no such address" }, 404));
  app.onError((error, c) => {
    if (error instanceof UsageError) return c.json({ error: error.message }, 400);
    report(`teach: ${error.message}`);
    return c.json({ error: error.message }, 500);
  });
  return app;
}

/** A copy with a memory of its own: that of a small buffer of Node.js is shared with others of the process. */
const alone = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer;

/** Refuses what another site or another name of this machine leads here, and sets the headers of every response. */
function guarded(address: AppOptions["address"], policy: string): MiddlewareHandler {
  return async (c, next) => {
    const { host, port } = address();
    const named = c.req.header("host") ?? "";
    const origin = c.req.header("origin");
    const site = c.req.header("sec-fetch-site");
    const hosts = hostsOf(host, port);
    if (!hosts.has(named)) return c.text(`this server is not ${named}\n`, 421);
    if (origin !== undefined && origin !== `http://${named}`) {
      return c.text("requests of other sites are refused\n", 403);
    }
    // A link in a page of another site may lead to the first page, which shows nothing to that site.
    if (site !== undefined && !["same-origin", "none"].includes(site) && c.req.path !== "/") {
      return c.text("requests of other sites are refused\n", 403);
    }
    await next();
    c.header("content-security-policy", policy);
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    c.header("cross-origin-opener-policy", "same-origin");
    c.header("cross-origin-resource-policy", "same-origin");
    c.header("cache-control", "no-store");
  };
}

/** The body of a request as the schema has it. @throws UsageError naming what is wrong */
async function read<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>> {
  let content: unknown;
  try {
    content = await c.req.json();
  } catch (cause) {
    if ((cause as Error).name === "BodyLimitError") throw cause;
    throw new UsageError("the body is not JSON", { cause });
  }
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new UsageError(`${path.join(".") || "the body"}: ${message}`);
}
