/** @file The package in a browser: pages that common tools build from the tarball, and run in Chromium. */

import { spawn } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as esbuild } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { createServer, build as vite } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { longest, mainThread, type Task } from "../../bench/lib/main-thread.js";
import { browserPath, launch, open, serve } from "./chromium.js";
import { emptyProject, pack, root, run, unpack } from "./install.js";

const folder = emptyProject();
const installed = join(folder, "node_modules/understudy-rl");
const page = join(folder, "page.js");

beforeAll(async () => {
  await unpack(folder, (await pack(folder)).tarball);
  copyFileSync(join(root, "test/package/page/page.js"), page);
  writeFileSync(join(folder, "index.html"), html("page.js"));
});

const html = (script: string) =>
  `<!doctype html><link rel="icon" href="data:," /><script type="module" src="${script}"></script>`;

/** Builds the page as the how-to says. Returns the folder to serve. */
const tools: Record<string, { build(): Promise<string>; assets?: string }> = {
  esbuild: {
    assets: "/understudy/",
    async build() {
      const out = join(folder, "out-esbuild");
      await esbuild({
        entryPoints: [page],
        absWorkingDir: folder,
        bundle: true,
        splitting: true,
        format: "esm",
        outdir: out,
        logLevel: "error",
      });
      await run(
        folder,
        process.execPath,
        join(installed, "dist/cli/main.js"),
        "assets",
        join(out, "understudy"),
      );
      writeFileSync(join(out, "index.html"), html("page.js"));
      return out;
    },
  },
  vite: {
    async build() {
      const outDir = join(folder, "out-vite");
      await vite({ root: folder, configFile: false, logLevel: "error", build: { outDir, target: "es2022" } });
      return outDir;
    },
  },
  "no tool": {
    assets: "/understudy/",
    async build() {
      const out = join(folder, "out-plain");
      mkdirSync(out);
      cpSync(join(installed, "dist/browser"), join(out, "understudy"), { recursive: true });
      copyFileSync(page, join(out, "page.js"));
      const imports = {
        "understudy-rl": "/understudy/index.js",
        "understudy-rl/algorithms": "/understudy/algorithms.js",
        "understudy-rl/browser": "/understudy/browser.js",
      };
      const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
      writeFileSync(join(out, "index.html"), `${map}${html("page.js")}`);
      return out;
    },
  },
};

type Tasks = Record<string, (argument?: string) => unknown>;

const ask = <T>(opened: Page, task: string, argument?: string): Promise<T> =>
  opened.evaluate(([name, value]) => (globalThis as unknown as { tasks: Tasks }).tasks[name!](value), [
    task,
    argument,
  ] as const) as Promise<T>;

type Both = { inPage: string; inWorker: string };

const seen = browserPath === undefined ? describe.skip : describe;
if (browserPath === undefined) console.warn("no Chromium here: the tests in a browser are skipped");

seen("a page", () => {
  let browser: Browser;
  const closed: (() => void)[] = [];
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    for (const close of closed) close();
    await browser?.close();
  });

  /** Opens the page that a tool builds. */
  async function built(tool: string): Promise<{ page: Page; faults: string[]; again(): Promise<void> }> {
    const { build, assets } = tools[tool];
    const server = await serve({
      "/experts/": join(root, "experts"),
      "/data/": join(root, "test/data-files/demonstrations"),
      "/": await build(),
    });
    closed.push(server.close);
    const opened = await open(browser, server.url);
    const ready = async () => {
      await opened.page.waitForFunction("globalThis.tasks");
      if (assets !== undefined) await ask(opened.page, "useAssets", assets);
    };
    await ready();
    return {
      ...opened,
      async again() {
        await opened.page.reload();
        await ready();
      },
    };
  }

  it("built by Vite trains in the page and in a worker, and goes on with a stored run after a reload", async () => {
    const { page, faults, again } = await built("vite");
    const { inPage, inWorker, rows, mean } = await ask<Both & { rows: number[]; mean: number }>(page, "ppo");
    expect(inWorker).toBe(inPage);
    expect(rows).toEqual([128, 256]);
    expect(mean).toBeGreaterThan(5);
    for (const file of ["imitation-cartpole.npz", "minari-cartpole.hdf5"]) {
      const cloned = await ask<Both>(page, "bc", `/data/${file}`);
      expect(cloned.inWorker).toBe(cloned.inPage);
    }
    const imitated = await ask<Both>(page, "gail", "/experts/");
    expect(imitated.inWorker).toBe(imitated.inPage);
    const hopped = await ask<Both>(page, "hopper");
    expect(hopped.inWorker).toBe(hopped.inPage);

    expect((await ask<number[]>(page, "start")).at(-1)).toBeLessThan(1024);
    await again();
    const resumed = await ask<{ rows: number[]; resumed: string; stored: string; whole: string }>(
      page,
      "resume",
    );
    expect(resumed.rows).toEqual([128, 256, 384, 512, 640, 768, 896, 1024]);
    expect(resumed.resumed).toBe(resumed.whole);
    expect(resumed.stored).toBe(resumed.whole);
    expect(faults).toEqual([]);
  }, 300_000);

  it("built by esbuild trains in the page and in a worker, and is told what needs Node.js", async () => {
    const { page, faults } = await built("esbuild");
    const { inPage, inWorker } = await ask<Both>(page, "ppo");
    expect(inWorker).toBe(inPage);
    expect(faults).toEqual([]);
    // In processor time and with slack, since others use the machine too: about 30 ms are measured.
    const tasksOf = async (where: string) =>
      (await mainThread(browser, page, () => ask(page, "train", where))).tasks;
    const sum = (tasks: readonly Task[]) => tasks.reduce((total, { processor }) => total + processor, 0);
    const free = await tasksOf("worker");
    expect(longest(free, "processor")).toBeLessThan(100);
    expect(sum(free)).toBeLessThan(sum(await tasksOf("page")) / 4);
    expect(await ask(page, "refusals")).toEqual({
      seeds: expect.stringMatching(/^UsageError: trainSeeds .* needs Node\.js$/),
      code: expect.stringMatching(/^UsageError: .*option "env" cannot be sent to a worker/),
      option: expect.stringMatching(/^UsageError: ppo: unknown option "gama"/),
      missing: expect.stringMatching(/^UsageError: the worker did not start/),
      folder: expect.stringMatching(/^UsageError: cannot read runs\/none/),
    });
  }, 300_000);

  it("served by Vite to develop it trains in the page and in a worker", async () => {
    const server = await createServer({
      root: folder,
      configFile: false,
      logLevel: "error",
      server: { port: 0 },
    });
    await server.listen();
    closed.push(() => void server.close());
    const { page, faults } = await open(browser, server.resolvedUrls!.local[0]);
    await page.waitForFunction("globalThis.tasks");
    const { inPage, inWorker } = await ask<Both>(page, "ppo");
    expect(inWorker).toBe(inPage);
    expect(faults).toEqual([]);
  }, 300_000);

  it("that no tool has built trains in the page and in a worker", async () => {
    const { page, faults } = await built("no tool");
    const { inPage, inWorker } = await ask<Both>(page, "ppo");
    expect(inWorker).toBe(inPage);
    expect(faults).toEqual([]);
  }, 300_000);

  it("where people teach is served by the installed package", async () => {
    const main = join(installed, "dist/cli/main.js");
    const server = spawn(process.execPath, [main, "teach", "CartPole-v1", "--out", "shown"], { cwd: folder });
    closed.push(() => server.kill());
    const url = await new Promise<string>((resolve) => {
      let printed = "";
      server.stdout.on("data", (text) => {
        printed += text;
        const [found] = /http:\S+token=\S+/.exec(printed) ?? [];
        if (found) resolve(found);
      });
    });
    const { page, faults } = await open(browser, url);
    await page.waitForSelector(".home");
    await page.keyboard.press("2");
    await page.waitForSelector(".demonstrate canvas");
    expect(faults).toEqual([]);
  }, 60_000);

  it("of the playground trains, draws, and goes on with a stored run after a reload", async () => {
    const main = join(installed, "dist/cli/main.js");
    const server = spawn(process.execPath, [main, "playground"], { cwd: folder });
    closed.push(() => server.kill());
    const url = await new Promise<string>((resolve) => {
      server.stdout.on("data", (text) => resolve(/^http:\S+/.exec(text)![0]));
    });
    const { page, faults } = await open(browser, url);
    const isReady =
      "document.querySelector('#algorithm option') && !document.querySelector('#train').disabled";
    await page.waitForFunction(isReady);
    await page.selectOption("#env", "Gridworld-v0");
    await page.waitForSelector("#algorithm option[value=qLearning]", { state: "attached" });
    await page.fill("#steps", "4096");
    await page.click("summary");
    await page.fill(
      "#options",
      '{ "hidden": [16], "environments": 4, "rolloutSteps": 32, "minibatchSize": 64 }',
    );
    await page.click("#train");
    await page.click("#stop");
    await page.waitForFunction(isReady);
    expect(await page.textContent("#status")).toMatch(/^Stopped after \d/);
    await page.reload();
    await page.waitForFunction(isReady);
    await page.click("text=Resume");
    await page.waitForFunction("/^Finished after 4,096/.test(document.querySelector('#status').textContent)");
    await page.waitForFunction(isReady);
    expect(await page.textContent("#curves")).toMatch(/At the end an episode returns/);
    expect(await page.textContent("#values")).toMatch(/the best policy/);
    expect(await page.getAttribute("#acting", "srcdoc")).toContain("Gridworld-v0 after 4,096 steps");
    expect(await page.textContent("#runs")).toMatch(/^ppo-Gridworld-v0-04,096 of 4,096/);
    expect(faults).toEqual([]);
  }, 300_000);
});
