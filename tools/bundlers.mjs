/**
 * @file Follows docs/how-to/browser.md with every tool that it names: packs the package, installs it and the tools from
 * the registry into a temporary folder, runs the commands of the page, and opens what they built in Chromium. It prints a
 * row for each tool, with its version. It takes minutes, and is run by hand:
 *
 *     npm run build && node tools/bundlers.mjs [TOOL ...]
 */

import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../", import.meta.url));
const how = readFileSync(join(root, "docs/how-to/browser.md"), "utf8");

/** The part of the page about each tool, and the folder that it builds; none where it serves the sources. */
const TOOLS = {
  "Vite, served": { part: "Vite", leavesOut: /^npx vite build/ },
  "Vite, built": { part: "Vite", leavesOut: /^npx vite$/, out: "dist" },
  "webpack 5": { part: "webpack 5", out: "dist" },
  esbuild: { part: "esbuild", out: "site" },
  Rollup: { part: "Rollup", out: "site" },
  "No tool": { part: "No tool", out: "site" },
};

/** The code blocks of a part of the how-to, by language. */
const blocksIn = (text) =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, code]) => ({ language, code }));

const codeIn = (blocks, language) => blocks.find((block) => block.language === language)?.code;

/** The blocks before the parts, and those of a part. */
const opening = blocksIn(how.slice(0, how.indexOf("\n## ")));
function blocksOf(part) {
  const rest = how.slice(how.indexOf(`**${part}**`) + 2);
  return blocksIn(rest.slice(0, rest.search(/^(\*\*|## )/m)));
}

const shell = (folder, command) =>
  execFileSync("sh", ["-c", command], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

function serve(folder) {
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const path = join(folder, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(readFileSync(path));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }),
    );
  });
}

/** Vite's own server, which serves the sources. */
function develop(folder, command) {
  const child = spawn("sh", ["-c", `exec ${command}`], { cwd: folder, detached: true });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (data) => {
      said += data;
      const [url] = /http:\/\/localhost:\d+\//.exec(said) ?? [];
      if (url) resolve({ url, close: () => process.kill(-child.pid) });
    });
    child.on("exit", () => reject(new Error(`${command} ended: ${said}`)));
  });
}

/** What the page logs until it has evaluated what it learnt: pairs of steps and return, and a mean. */
async function learnt(browser, url) {
  const page = await browser.newPage();
  const lines = [];
  const faults = [];
  page.on("console", (message) => lines.push(message.text()));
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("favicon.ico")) faults.push(response.url());
  });
  const start = Date.now();
  await page.goto(url);
  while (!lines.some((line) => /^\d+(\.\d+)?$/.test(line))) {
    if (faults.length > 0 || Date.now() - start > 300_000) {
      throw new Error(`the page has learnt nothing: ${[...faults, ...lines.slice(-3)].join("; ")}`);
    }
    await page.waitForTimeout(200);
  }
  await page.close();
  return `mean return ${lines.at(-1)} after ${lines.at(-2).split(" ")[0]} steps`;
}

/** Follows a part of the page in a folder. Returns what the page has learnt. */
async function check(browser, folder, { part, leavesOut, out }) {
  const blocks = blocksOf(part);
  // Rollup's part refers to esbuild's.
  const before = codeIn(part === "Rollup" ? blocksOf("esbuild") : blocks, "ts") ?? "";
  writeFileSync(join(folder, "page.js"), before + codeIn(opening, "ts"));
  writeFileSync(join(folder, "index.html"), codeIn(blocks, "html") ?? codeIn(opening, "html"));
  const commands = [...codeIn(blocks, "console").matchAll(/^\$ (.*)$/gm)]
    .map(([, command]) => command)
    .filter((command) => !leavesOut?.test(command));
  const last = out === undefined ? commands.pop() : undefined;
  for (const command of commands) shell(folder, command);
  const server = last ? await develop(folder, last) : await serve(join(folder, out));
  try {
    return await learnt(browser, server.url);
  } finally {
    server.close();
  }
}

/** The tools that npm has installed, with their versions. */
function installedIn(folder) {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(devDependencies).map(([name, range]) => `${name} ${range.replace("^", "")}`);
}

const asked = process.argv.slice(2);
const top = mkdtempSync(join(tmpdir(), "understudy-bundlers-"));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
let failed = 0;
try {
  const tarball = shell(root, `npm pack --silent --ignore-scripts --pack-destination ${top}`)
    .trim()
    .split("\n")
    .at(-1);
  for (const [name, tool] of Object.entries(TOOLS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const folder = join(top, name.replace(/ /g, "-"));
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    shell(folder, `npm install --no-audit --no-fund --silent ${join(top, tarball)}`);
    const row = (result) => console.log(`| ${name} | ${installedIn(folder).join(", ")} | ${result} |`);
    await check(browser, folder, tool).then(row, (error) => {
      failed++;
      row(`failed: ${error.stderr || error.message}`);
    });
    rmSync(folder, { recursive: true, force: true });
  }
} finally {
  await browser.close();
  rmSync(top, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
