/** @file The server of episodes: pages are made when asked for, and each leads to the next. */

import { describe, expect, it } from "vitest";
import { serveEpisodes } from "../../../cli/watch/server.js";

describe("the server of episodes", () => {
  it("leads to the first, makes each when it is asked for, and says what went wrong", async () => {
    const made: number[] = [];
    const server = await serveEpisodes(async (k, next) => {
      made.push(k);
      if (k === 2) throw new Error("the policy is gone");
      return `<p>${k} ${next}</p>`;
    }, 0);
    try {
      expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      const page = async (path: string) => {
        const response = await fetch(new URL(path, server.url));
        return `${response.status} ${await response.text()}`;
      };
      expect(await page("/")).toBe("200 <p>0 /episode/1</p>");
      expect(await page("/episode/1")).toBe("200 <p>1 /episode/2</p>");
      expect(await page("/episode/2")).toBe("500 the policy is gone\n");
      expect(await page("/episode/x")).toMatch(/^404 there is no such page/);
      expect(made).toEqual([0, 1, 2]);
      const port = Number(new URL(server.url).port);
      await expect(serveEpisodes(async () => "", port)).rejects.toThrow(
        `port ${port} cannot be served: it is in use; give another with --port`,
      );
    } finally {
      server.close();
    }
  });
});
