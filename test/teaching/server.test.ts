/** @file The teaching server under attack, and what it keeps. */

import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { type OwnModule, ownModule } from "../../src/teaching/own-module.js";
import type { Overview, Receipt } from "../../src/teaching/wire.js";
import {
  askIn,
  comparisons,
  type Guest,
  signIn,
  started,
  stubAssets,
  subjectOf,
  temporary,
} from "./room-parts.js";

const open: Guest[] = [];
afterEach(() => {
  for (const { server } of open.splice(0)) server.close();
});

async function guest(
  more: Parameters<typeof started>[0] = { labels: join(temporary(), "labels") },
): Promise<Guest> {
  const made = await started(more);
  open.push(made);
  return made;
}

/** A request with headers that fetch does not let a program set. */
function raw(
  { server, cookie }: Guest,
  path: string,
  headers: Record<string, string>,
  { method = "GET", body }: { method?: string; body?: string } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: "127.0.0.1", port: server.port, path, method, headers: { cookie, ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode!, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

describe("the link", () => {
  it("signs in once, leads to an address without the token, and sets a cookie that scripts and other sites lack", async () => {
    const { server } = await guest();
    const { invitations } = server;
    const again = await fetch(invitations[0].url, { redirect: "manual" });
    expect(again.status).toBe(401);
    const other = await started({ labels: join(temporary(), "labels") });
    open.push(other);
    const [link] = other.server.invitations;
    expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
    const invited = (await (await other.ask("/api/invite", { name: "bob" })).json()) as { url: string };
    const response = await fetch(invited.url, { redirect: "manual" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/");
    expect(response.headers.get("set-cookie")).toMatch(/^understudy-\d+=[^;]+;.*HttpOnly; SameSite=Strict/);
    const { me } = (await (
      await other.ask("/api/overview", undefined, { cookie: response.headers.get("set-cookie")! })
    ).json()) as Overview;
    expect(me).toBe("bob");
  });

  it("is refused with a guessed token, and ten guesses end the guessing", async () => {
    const made = await guest();
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++)
      statuses.push((await fetch(`${made.url}/?token=guess${i}`, { redirect: "manual" })).status);
    expect(new Set(statuses)).toEqual(new Set([401]));
    const invited = (await (await made.ask("/api/invite", { name: "bob" })).json()) as { url: string };
    expect((await fetch(invited.url, { redirect: "manual" })).status).toBe(401);
  });

  it.each(["", "../x", "a".repeat(41), "a\nb", "<b>"])("is not made for the name %j", async (name) => {
    const { ask } = await guest();
    const response = await ask("/api/invite", { name });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain("must have a name");
  });

  it("stays signed in when the server is killed and started again, at the same port", async () => {
    const labels = join(temporary(), "labels");
    const first = await started({ labels });
    const { port } = first.server;
    first.server.close();
    const second = await guest({ labels });
    expect(second.server.port).toBe(port);
    expect((await second.ask("/api/overview", undefined, { cookie: first.cookie })).status).toBe(200);
  });
});

describe("an attack", () => {
  it.each([
    "/",
    "/page.js",
    "/api/overview",
    "/api/questions",
    "/api/events",
    "/understudy/envs.js",
  ])("on %s without a cookie is answered 401", async (path) => {
    const { ask } = await guest();
    expect((await ask(path, undefined, { cookie: "" })).status).toBe(401);
    expect((await ask(path, undefined, { cookie: "understudy-1=x" })).status).toBe(401);
  });

  it("with a forged cookie is answered 401", async () => {
    const { server, ask, cookie } = await guest();
    const [name, value] = cookie.split("=");
    const other = Buffer.from("bob").toString("base64url");
    for (const forged of [
      `${other}.${value.split(".")[1]}`,
      `${value.split(".")[0]}.`,
      value.slice(0, -1),
      "a.b.c",
    ]) {
      expect((await ask("/api/overview", undefined, { cookie: `${name}=${forged}` })).status).toBe(401);
    }
    expect(server.port).toBeGreaterThan(0);
  });

  it("by another name that leads to this machine is answered 421", async () => {
    const made = await guest();
    for (const host of ["evil.example", `evil.example:${made.server.port}`, "127.0.0.1", "127.0.0.1:1"]) {
      expect((await raw(made, "/api/overview", { host })).status).toBe(421);
    }
    for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
      expect((await raw(made, "/api/overview", { host: `${host}:${made.server.port}` })).status).toBe(200);
    }
  });

  it("by a page of another site is answered 403", async () => {
    const made = await guest();
    const post = (headers: Record<string, string>) =>
      raw(
        made,
        "/api/answers",
        { "content-type": "application/json", ...headers },
        { method: "POST", body: '{"answers":[]}' },
      );
    const here = `127.0.0.1:${made.server.port}`;
    for (const origin of [
      "http://evil.example",
      "null",
      `https://${here}`,
      `http://localhost:${made.server.port}`,
    ]) {
      expect((await post({ host: here, origin })).status).toBe(403);
    }
    expect((await post({ host: here, "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await post({ host: here, origin: `http://${here}` })).status).toBe(200);
  });

  it.each([
    "/../package.json",
    "/%2e%2e/package.json",
    "/understudy/../../package.json",
    "/understudy/%2e%2e%2fteach.json",
    "/labels/teach.json",
    "//etc/passwd",
  ])("for the file %s is answered 404", async (path) => {
    const made = await guest();
    expect((await raw(made, path, { host: `127.0.0.1:${made.server.port}` })).status).toBe(404);
  });

  it("with a body of more than a megabyte is answered 413, and writes nothing", async () => {
    const labels = join(temporary(), "labels");
    const { ask } = await guest({ labels });
    const before = readFileSync(join(labels, "answers-web.jsonl"), "utf8");
    expect((await ask("/api/answers", `{"answers":"${"x".repeat(10_000_000)}"}`)).status).toBe(413);
    expect(readFileSync(join(labels, "answers-web.jsonl"), "utf8")).toBe(before);
  });

  it("with many requests at once is answered 429", async () => {
    const { ask } = await guest();
    const statuses = await Promise.all(
      Array.from({ length: 180 }, async () => (await ask("/api/answers", { answers: [] })).status),
    );
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(90);
  });

  it.each([
    ["{", "the body is not JSON"],
    ["[]", "the body"],
    ['{"answers":[{"id":-1,"nonce":"a","reply":{}}]}', "answers.0.id"],
    ['{"answers":[{"id":1,"nonce":"","reply":{}}]}', "answers.0.nonce"],
    ['{"answers":[],"path":"../x"}', "path"],
  ])("with the body %s is answered 400", async (body, reason) => {
    const { ask } = await guest();
    const response = await ask("/api/answers", body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(reason);
  });

  it("by scripts in pictures finds a policy that runs none", async () => {
    const { ask } = await guest();
    const { headers } = await ask("/");
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain("unsafe-inline");
    expect(policy).not.toContain(" 'unsafe-eval'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("a file", () => {
  it("is served as it is, without memory of the process around it", async () => {
    const assets = stubAssets();
    const { ask } = await guest({ labels: join(temporary(), "labels"), assets });
    expect(await (await ask("/")).text()).toBe(readFileSync(join(assets, "teach/index.html"), "utf8"));
    expect(await (await ask("/understudy/envs.js")).text()).toBe("export const made = true;");
  });

  it("of the user's own environment is served to people who are signed in, and no other of its folder", async () => {
    const folder = temporary();
    writeFileSync(join(folder, "walk.mjs"), "export default class {}");
    writeFileSync(join(folder, "other.mjs"), "export const key = 1;");
    const own = ownModule(pathToFileURL(join(folder, "walk.mjs")).href) as OwnModule;
    const made = await guest({ labels: join(folder, "labels"), subject: subjectOf("CartPole-v1", { own }) });
    const statusOf = async (path: string, more?: Record<string, string>) =>
      (await made.ask(path, undefined, more)).status;
    expect(((await (await made.ask("/api/overview")).json()) as Overview).module).toBe("/own/walk.mjs");
    expect(await (await made.ask("/own/walk.mjs")).text()).toBe("export default class {}");
    expect(await statusOf("/own/walk.mjs", { cookie: "" })).toBe(401);
    const paths = ["/own/other.mjs", "/own/labels/teach.json", "/own/%2e%2e/walk.mjs", "/own/"];
    for (const path of paths) expect(await statusOf(path)).toBe(404);
  });

  it("may have an import map, of which the policy names the hash, and no other script of its own", async () => {
    const assets = stubAssets();
    const map = '{"imports":{}}';
    const page = `<script type="importmap">${map}</script><script>alert(1)</script>`;
    writeFileSync(join(assets, "teach/index.html"), page);
    const { ask } = await guest({ labels: join(temporary(), "labels"), assets });
    const policy = (await ask("/")).headers.get("content-security-policy")!;
    const hash = createHash("sha256").update(map).digest("base64");
    expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}';`);
    expect(policy.match(/sha256-/g)).toHaveLength(1);
  });

  it("of a policy is empty, and no error, while the run has none", async () => {
    const { ask } = await guest();
    const response = await ask("/api/policy");
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });
});

describe("the server", () => {
  it("has its folder alone", async () => {
    const labels = join(temporary(), "labels");
    await guest({ labels });
    await expect(started({ labels })).rejects.toThrow(/labels is in use by process \d+/);
  });

  it("says which port is in use", async () => {
    const { server } = await guest();
    await expect(started({ labels: join(temporary(), "labels"), port: server.port })).rejects.toThrow(
      `port ${server.port} of 127.0.0.1 cannot be served: it is in use; give another with --port`,
    );
  });

  it("warns when other machines can reach it", async () => {
    const said: string[] = [];
    await guest({
      labels: join(temporary(), "labels"),
      host: "0.0.0.0",
      report: (line) => said.push(line),
    }).catch(() => {});
    expect(said[0]).toMatch(/^warning: 0\.0\.0\.0 can be reached from other machines/);
  });

  it("says that the page is not built", async () => {
    const assets = stubAssets();
    rmSync(join(assets, "teach/index.html"));
    await expect(started({ labels: join(temporary(), "labels"), assets })).rejects.toThrow(UsageError);
  });

  it("reports a log that cannot be written, and acknowledges nothing", async () => {
    const labels = join(temporary(), "labels");
    await askIn(labels, await comparisons(2, 3));
    const { ask } = await guest({ labels });
    rmSync(join(labels, "answers-web.jsonl"));
    writeFileSync(join(labels, "blocked"), "");
    const { mkdirSync } = await import("node:fs");
    mkdirSync(join(labels, "answers-web.jsonl"));
    const response = await ask("/api/answers", {
      answers: [{ id: 1, nonce: "a", reply: { choice: "left" } }],
    });
    expect(response.status).toBe(500);
  });

  it("takes an answer that is sent twice once, in any process, and keeps it before it says so", async () => {
    const labels = join(temporary(), "labels");
    await askIn(labels, await comparisons(3, 3));
    const first = await started({ labels });
    const post = async (to: Guest, answers: object[]) =>
      (
        (await (await to.ask("/api/answers", { answers }, { cookie: first.cookie })).json()) as {
          receipts: Receipt[];
        }
      ).receipts;
    const answer = { id: 1, nonce: "n1", reply: { choice: "left" }, seconds: 2.5 };
    expect(await post(first, [answer])).toEqual([{ nonce: "n1", result: "kept" }]);
    const lines = () =>
      readFileSync(join(labels, "answers-web.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const [{ session }, line] = lines();
    expect(line).toMatchObject({ id: 1, choice: "left", annotator: "ada", seconds: 2.5, session });
    expect(await post(first, [answer, answer])).toEqual([
      { nonce: "n1", result: "again" },
      { nonce: "n1", result: "again" },
    ]);
    first.server.close();
    const second = await guest({ labels });
    expect(await post(second, [answer])).toEqual([{ nonce: "n1", result: "again" }]);
    expect(lines().filter(({ id }) => id === 1)).toHaveLength(1);
  });

  it("tells pages of changes as they come", async () => {
    const labels = join(temporary(), "labels");
    await askIn(labels, await comparisons(2, 3));
    const { ask } = await guest({ labels });
    const stream = (await ask("/api/events")).body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => JSON.parse(/data: (.*)/.exec((await stream.read()).value!)![1]) as Overview;
    expect((await next()).open).toBe(2);
    await ask("/api/answers", { answers: [{ id: 2, nonce: "a", reply: { choice: "equal" } }] });
    expect(await next()).toMatchObject({ open: 1, undo: 2, answeredToday: 1 });
    await stream.cancel();
  });

  it("tells pages that it goes away, with how the run ended, before it closes", async () => {
    const guest = await started({
      labels: temporary(),
      subject: subjectOf("CartPole-v1", { status: () => "ended" }),
    });
    const events = await guest.ask("/api/events");
    const [text] = await Promise.all([events.text(), guest.server.end()]);
    const last = text.trim().split("\n\n").at(-1)!;
    expect(last).toMatch(/^event: end\ndata: .*"status":"ended"/);
  });

  it("shows the course of the run", async () => {
    const metrics = Array.from({ length: 500 }, (_, i) => ({ steps: i, return: i / 2, seconds: i }));
    const subject = subjectOf("CartPole-v1", {
      rows: () => ({ metrics, evaluations: [{ steps: 5, mean: 9, std: 1 }] }),
    });
    const { ask } = await guest({ labels: join(temporary(), "labels"), subject });
    const { curves, steps } = (await (await ask("/api/overview")).json()) as Overview;
    expect(curves.map(({ name }) => name)).toEqual(["return", "evaluation"]);
    expect(curves[0].points.length).toBeLessThanOrEqual(201);
    expect(curves[0].points.at(-1)).toEqual([499, 249.5]);
    expect(steps).toBe(499);
  });

  it("stays as fast and as brief with 1000 questions as with few", async () => {
    const labels = join(temporary(), "labels");
    await askIn(labels, await comparisons(1000, 2));
    const { ask } = await guest({ labels });
    const size = async (path: string) => (await (await ask(path)).text()).length;
    const [overview, questions] = [await size("/api/overview"), await size("/api/questions?count=3")];
    const post = async (first: number, count: number) => {
      const answers = Array.from({ length: count }, (_, i) => ({
        ...{ id: first + i, nonce: `n${first + i}`, seconds: 2 },
        reply: { choice: i % 2 === 0 ? "left" : "right" },
      }));
      const { receipts } = (await (await ask("/api/answers", { answers })).json()) as { receipts: Receipt[] };
      expect(receipts.every(({ result }) => result === "kept")).toBe(true);
    };
    const times: number[] = [];
    for (let first = 1; first <= 1000; first += 50) {
      const start = performance.now();
      await post(first, 50);
      times.push(performance.now() - start);
    }
    const fastest = (some: readonly number[]) => Math.min(...some);
    expect(fastest(times.slice(-5))).toBeLessThan(4 * fastest(times.slice(0, 5)) + 20);
    expect(await size("/api/overview")).toBeLessThan(overview + 400);
    expect(await size("/api/questions?count=3")).toBeLessThanOrEqual(questions);
    expect((await (await ask("/api/overview")).json()) as Overview).toMatchObject({ asked: 1000, open: 0 });
  });

  it("signs people in by their own names", async () => {
    const { server, ask } = await guest({ labels: join(temporary(), "labels"), annotators: ["ada", "bob"] });
    const bob = await signIn(server.invitations[1].url);
    expect(((await (await ask("/api/overview", undefined, { cookie: bob })).json()) as Overview).me).toBe(
      "bob",
    );
  });
});
