/** @file Serves episodes to a browser on this machine, one after the other. */

import { type PageServer, serve } from "../server.js";

/**
 * Serves pages at 127.0.0.1. The page `/episode/K` is made when it is asked for; `/` leads to the first.
 *
 * @param page the HTML document of episode `k`, which leads to `next`
 * @param port 0: any that is free
 * @throws UsageError when the port is not free
 */
export async function serveEpisodes(
  page: (k: number, next: string) => Promise<string>,
  port: number,
): Promise<PageServer> {
  return serve(async (request, response) => {
    const send = (status: number, headers: Record<string, string>, body = "") => {
      response.writeHead(status, { "cache-control": "no-store", ...headers }).end(body);
    };
    const text = { "content-type": "text/plain; charset=utf-8" };
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    const [, number] = /^\/episode\/(\d{1,9})$/.exec(pathname) ?? [];
    if (pathname === "/") return send(302, { location: "/episode/0" });
    if (number === undefined) return send(404, text, "there is no such page; the first is /episode/0\n");
    try {
      const k = Number(number);
      send(200, { "content-type": "text/html; charset=utf-8" }, await page(k, `/episode/${k + 1}`));
    } catch (error) {
      send(500, text, `${(error as Error).message}\n`);
    }
  }, port);
}
