/** @file `understudy-rl playground`: the served page and what it loads. */

import { expect, it } from "vitest";
import { outcome, start, temporaryFolder } from "../run-cli.js";

it("serves the page with its scripts and experts, and nothing else", async () => {
  const child = start(temporaryFolder(), ["playground"]);
  const ended = outcome(child);
  const url = await new Promise<string>((resolve) => {
    child.stdout.on("data", (text: string) => resolve(/^http:\S+/.exec(text)![0]));
  });
  const answer = async (path: string) => {
    const response = await fetch(new URL(path, url));
    await response.arrayBuffer();
    return `${response.status} ${response.headers.get("content-type")}`;
  };
  try {
    expect(await answer("/")).toBe("200 text/html; charset=utf-8");
    expect(await answer("/playground.js")).toBe("200 text/javascript");
    expect(await answer("/ort.wasm")).toBe("200 application/wasm");
    expect(await answer("/experts/index.json")).toBe("200 application/json");
    for (const path of ["/nothing.js", "/..%2f..%2fpackage.json", "/experts/..%2fpackage.json"]) {
      expect(await answer(path)).toBe("404 null");
    }
  } finally {
    child.kill();
    await ended;
  }
});
