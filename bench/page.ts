/**
 * @file PPO on CartPole in a worker of a page, and the same program in Node.js on WebAssembly, in turns. One JSON line a
 * figure: steps a second of each, of the clock and of processor time, their ratio, and the longest task of the page's main
 * thread, also for a page that trains without a worker. Needs Debian's Chromium, or another one in $CHROMIUM.
 *
 *     node dist/bench/page.js [--steps 20000] [--rounds 3]
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { packageRoot } from "../cli/package-root.js";
import { serve } from "../cli/server.js";
import { files } from "../cli/static-files.js";
import { savePolicy, tensor, train } from "../index.js";
import { longest, mainThread } from "./lib/main-thread.js";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "20000" },
    rounds: { type: "string", default: "3" },
    node: { type: "boolean", default: false },
  },
});
const program = { env: "CartPole-v1", steps: Number(values.steps), seed: 0 };

interface Measured {
  /** Of the clock, and of all threads of the process (s). */
  seconds: number;
  processor: number;
  /** SHA-256 of the policy. */
  policy: string;
}

interface MeasuredPage extends Measured {
  /** The longest task of the main thread, of the clock and of processor time (ms). */
  task: number;
  taskProcessor: number;
}

interface Round {
  node: Measured;
  /** A page that trains in a worker, and one that trains itself. */
  worker: MeasuredPage;
  page: MeasuredPage;
}

/** The program in this process. */
async function inNode(): Promise<Measured> {
  tensor.useRuntime(await import("onnxruntime-web"));
  const begun = performance.now();
  const used = process.cpuUsage();
  const policy = await train("ppo", program);
  const { user, system } = process.cpuUsage(used);
  return {
    seconds: (performance.now() - begun) / 1000,
    processor: (user + system) / 1e6,
    policy: createHash("sha256").update(savePolicy(policy)).digest("hex"),
  };
}

/** The scripts of the page, and an empty page. */
const fileOf = (pathname: string) => join(packageRoot(), "dist/browser", pathname);
const EMPTY = { contentType: "text/html", body: "<!doctype html><title>benchmark</title>" };

/** What runs in the page: it may only use its arguments and what the page has. */
async function runInPage([job, inWorker]: readonly [typeof program, boolean]) {
  const load = (name: string) => import(/* @vite-ignore */ `/${name}.js`);
  const { trainInWorker } = await load("browser");
  const { train, savePolicy } = await load("index");
  const begun = performance.now();
  const policy = await (inWorker ? trainInWorker : train)("ppo", job);
  const seconds = (performance.now() - begun) / 1000;
  const digest = await crypto.subtle.digest("SHA-256", savePolicy(policy));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { seconds, policy: hex };
}

/** The program in a page of its own. */
async function inPage(browser: Browser, url: string, inWorker: boolean): Promise<MeasuredPage> {
  const page = await browser.newPage();
  await page.route("**/page.html", (route) => route.fulfill(EMPTY));
  await page.goto(`${url}page.html`);
  const used = await processorTime(browser);
  const { result, tasks } = await mainThread(browser, page, () =>
    page.evaluate(runInPage, [program, inWorker] as const),
  );
  const processor = (await processorTime(browser)) - used;
  await page.close();
  return {
    ...result,
    processor,
    task: longest(tasks, "time"),
    taskProcessor: longest(tasks, "processor"),
  };
}

/** Processor time of all renderers (s): there is one page. */
async function processorTime(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

const print = (name: string, value: number, unit: string) =>
  console.log(JSON.stringify({ name, value: Number(value.toPrecision(4)), unit }));

async function compare(): Promise<void> {
  const server = await serve(files(fileOf), 0);
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
  const words = [fileURLToPath(import.meta.url), "--node", "--steps", values.steps];
  const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length >> 1];
  const rounds: Round[] = [];
  try {
    for (let round = 0; round < Number(values.rounds); round++) {
      const node = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as Measured;
      const worker = await inPage(browser, server.url, true);
      if (node.policy !== worker.policy) throw new Error("the page has learnt another policy than Node.js");
      rounds.push({ node, worker, page: await inPage(browser, server.url, false) });
    }
  } finally {
    await browser.close();
    server.close();
  }
  const name = `PPO on ${program.env}, ${program.steps} steps`;
  const of = (choose: (round: Round) => number) => median(rounds.map(choose));
  for (const [clock, unit] of [
    ["seconds", "steps/s"],
    ["processor", "steps a second of processor time"],
  ] as const) {
    print(
      `${name}, in Node.js on WebAssembly, ${unit}`,
      of(({ node }) => program.steps / node[clock]),
      unit,
    );
    print(
      `${name}, in a worker of a page, ${unit}`,
      of(({ worker }) => program.steps / worker[clock]),
      unit,
    );
    print(
      `${name}, page over Node.js, ${unit}`,
      of(({ node, worker }) => node[clock] / worker[clock]),
      "ratio",
    );
  }
  for (const [where, key] of [
    ["trains in a worker", "worker"],
    ["trains itself", "page"],
  ] as const) {
    const longest = `longest task of the main thread of a page that ${where}`;
    print(
      longest,
      of((round) => round[key].task),
      "ms",
    );
    print(
      `${longest}, processor time`,
      of((round) => round[key].taskProcessor),
      "ms",
    );
  }
}

if (values.node) console.log(JSON.stringify(await inNode()));
else await compare();
