/** @file The page where people teach, in Chromium: every screen by keyboard alone and by touch alone. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { register } from "../../../src/env/registry.js";
import type { KindName, LabelRequest } from "../../../src/people/index.js";
import { type OwnModule, ownModule } from "../../../src/teaching/own-module.js";
import { browserPath, launch } from "../../package/chromium.js";
import {
  actions,
  askIn,
  comparisons,
  type Guest,
  labels,
  started,
  subjectOf,
  temporary,
} from "../../teaching/room-parts.js";
import { GUARD, type Hand, linesIn, press, requireUsable, shown, until, visit } from "./visitor.js";

const assets = fileURLToPath(new URL("../../../dist", import.meta.url));
const isReady = browserPath !== undefined && existsSync(join(assets, "teach/page.js"));
const seen = isReady ? describe : describe.skip;
if (!isReady)
  console.warn("no Chromium or no built page here: the tests of the page of teaching are skipped");

/** An environment of the user's own: each step leads two to a side, and earns that. */
class Walk {
  observationSpace = { kind: "box" as const, shape: [1], low: [-9], high: [9] };
  actionSpace = { kind: "discrete" as const, n: 2 };
  at = 0;
  reset() {
    this.at = 0;
    return [0];
  }
  step(action: number) {
    const reward = action === 1 ? 2 : -2;
    this.at += reward;
    return { observation: [this.at], reward, terminated: this.at > 5, truncated: false };
  }
}

/** The same as a module, which imports a file and the package. */
const WALK = `
import { train } from "understudy-rl";
import { envIds } from "understudy-rl/envs";
import { STEP } from "./step.js";
if (!train || !envIds().includes("CartPole-v1")) throw new Error("this is another package");
export default class {
  observationSpace = { kind: "box", shape: [1], low: [-9], high: [9] };
  actionSpace = { kind: "discrete", n: 2 };
  at = 0;
  reset() {
    this.at = 0;
    return [0];
  }
  step(action) {
    const reward = action === 1 ? STEP : -STEP;
    this.at += reward;
    return { observation: [this.at], reward, terminated: this.at > 5, truncated: false };
  }
}
`;

seen("the page", () => {
  let browser: Browser;
  const servers: Guest[] = [];
  const contexts: BrowserContext[] = [];
  let faults: string[] = [];

  beforeAll(async () => {
    browser = await launch();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    for (const { server } of servers.splice(0)) server.close();
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function served<K extends KindName>(
    request?: LabelRequest<K>,
    more: Parameters<typeof subjectOf>[1] = {},
  ) {
    const folder = join(temporary(), "labels");
    if (request) await askIn(folder, request);
    const { env = "CartPole-v1" } = (request ?? {}) as { env?: string };
    const guest = await started({ labels: folder, assets, subject: subjectOf(env, more) });
    servers.push(guest);
    return { folder, guest };
  }

  async function opened(guest: Guest, hand: Hand, name = "bob"): Promise<Page> {
    faults = [];
    const { url } = (await (await guest.ask("/api/invite", { name })).json()) as { url: string };
    const page = await visit(browser, url, hand, (fault) => faults.push(fault));
    contexts.push(page.context());
    return page;
  }

  /** Goes to a screen: by the keyboard from Home, or by a tap in the head of the page. */
  async function go(page: Page, hand: Hand, screen: string, number: number): Promise<void> {
    if (hand === "touch") return page.locator(`nav a[href="#${screen}"]`).tap();
    await page.keyboard.press("Escape");
    await page.waitForSelector(".home");
    await page.keyboard.press(String(number));
  }

  /** Answers, skips or undoes once the question that is shown takes answers; another question is shown afterwards. */
  async function answer(page: Page, hand: Hand, command: string): Promise<void> {
    const before = await shown(page);
    await page.waitForTimeout(GUARD);
    await press(page, hand, command);
    await until(async () => (await shown(page)) !== before);
  }

  for (const hand of ["keys", "touch"] as const) {
    it(`compares, with ${hand} alone`, async () => {
      const { folder, guest } = await served(await comparisons(6, 8));
      const page = await opened(guest, hand);
      await requireUsable(page);
      await go(page, hand, "compare", 1);
      await page.waitForSelector(".compare canvas");
      await requireUsable(page);
      const drawn = () =>
        page.evaluate(() =>
          [...document.querySelectorAll("canvas")].every((canvas) =>
            canvas
              .getContext("2d")!
              .getImageData(0, 0, canvas.width, canvas.height)
              .data.some((x) => x > 0 && x < 255),
          ),
        );
      await until(drawn);
      for (const command of ["play", "replay", "speed", "back", "on", "swap", "swap"]) {
        await press(page, hand, `compare.${command}`);
      }
      for (const command of ["left", "right", "equal", "neither", "skip", "undo"])
        await answer(page, hand, `compare.${command}`);
      await press(page, hand, "compare.swap");
      await answer(page, hand, "compare.left");
      await until(() => linesIn(folder).length === 7);
      const choices = linesIn(folder).map(
        ({ choice, skipped, undone }) => choice ?? (skipped ? "skipped" : undone && "undone"),
      );
      expect(choices).toEqual(["left", "right", "equal", "neither", "skipped", "undone", "right"]);
      expect(linesIn(folder).at(-1)).toMatchObject({ id: 5, swapped: true, annotator: "bob" });
      expect(linesIn(folder)[1].seconds).toBeGreaterThan(0.3);
      await expect.poll(() => page.locator("header .state").textContent()).toContain("1 open");
    }, 60_000);

    it(`corrects, with ${hand} alone`, async () => {
      const { folder, guest } = await served(await actions(6));
      const page = await opened(guest, hand);
      await go(page, hand, "correct", 1);
      await page.waitForSelector(".correct canvas");
      await requireUsable(page);
      for (const command of ["accept", "up", "skip", "undo", "down"])
        await answer(page, hand, `correct.${command}`);
      await until(() => linesIn(folder).length === 5);
      // The states before are painted again in another window, and keep their shape.
      await page.setViewportSize({ width: 640, height: 800 });
      const stretch = () =>
        page
          .locator(".trace canvas")
          .first()
          .evaluate((canvas: HTMLCanvasElement) => canvas.width / canvas.clientWidth);
      await expect.poll(stretch).toBeCloseTo(await page.evaluate(() => devicePixelRatio), 1);
      expect(
        linesIn(folder).map(({ id, action, skipped, undone }) => [
          id,
          action ?? (skipped ? "skipped" : undone && "undone"),
        ]),
      ).toEqual([
        [1, 1],
        [2, 3],
        [3, "skipped"],
        [3, "undone"],
        [3, 1],
      ]);
    }, 60_000);

    it(`labels, with ${hand} alone`, async () => {
      const { folder, guest } = await served(labels(4));
      const page = await opened(guest, hand);
      await go(page, hand, "label", 1);
      await page.waitForSelector(".label blockquote");
      await requireUsable(page);
      for (const command of ["1", "skip", "undo", "2", "0"]) await answer(page, hand, `label.${command}`);
      await until(() => linesIn(folder).length === 5);
      expect(linesIn(folder).flatMap(({ label }) => label ?? [])).toEqual([1, 2, 0]);
    }, 60_000);

    it(`demonstrates in real time and step by step, with ${hand} alone`, async () => {
      const { folder, guest } = await served();
      const page = await opened(guest, hand);
      await go(page, hand, "demonstrate", 2);
      await page.waitForSelector(".demonstrate canvas");
      await requireUsable(page);
      const steps = async () => Number(/Step (\d+)/.exec((await page.locator(".score").textContent())!)![1]);
      // In real time: it runs from the first action on, and a pause ends that.
      for (let i = 0; i < 3; i++) await press(page, hand, "demonstrate.rate");
      await press(page, hand, "demonstrate.right");
      await until(async () => (await steps()) >= 1);
      await press(page, hand, "demonstrate.pause");
      await press(page, hand, "demonstrate.discard");
      await until(async () => (await steps()) === 0);
      await press(page, hand, "demonstrate.live");
      for (const command of ["left", "right", "right", "undo", "left", "return"])
        await press(page, hand, `demonstrate.${command}`);
      await expect.poll(() => page.locator(".score").textContent()).toContain("Step 3 · return 3");
      // Leaving loses nothing, and after a click on the link the keys belong to the screen.
      await page.locator('nav a[href="#home"]').click();
      await page.getByText("waits in Demonstrate").waitFor();
      expect(await page.locator("header .state").textContent()).toBe("episode not kept");
      await page.reload();
      await page.locator('nav a[href="#demonstrate"]').click();
      await expect.poll(() => page.locator(".score").textContent()).toContain("Step 3");
      // The picture is painted again in another window.
      await page.setViewportSize({ width: 700, height: 800 });
      const stretch = () =>
        page
          .locator(".stage canvas")
          .evaluate((canvas: HTMLCanvasElement) => canvas.width / canvas.clientWidth);
      const scale = await page.evaluate(() => devicePixelRatio);
      await expect.poll(stretch).toBeCloseTo(scale, 2);
      await press(page, hand, "demonstrate.keep");
      const log = join(folder, "../demonstrations/played.jsonl");
      await until(() => existsSync(log) && readFileSync(log, "utf8").endsWith("\n"));
      const [played] = readFileSync(log, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(played).toMatchObject({ annotator: "bob", actions: [[0], [1], [0]], total: 3 });
      await until(() => existsSync(join(folder, "../demonstrations/demonstrations.json")));
    }, 60_000);

    it(`shows trust and learning, and does not use a person's answers, with ${hand} alone`, async () => {
      const metrics = Array.from({ length: 40 }, (_, i) => ({
        steps: 500 * i,
        return: 20 + i,
        rewardAccuracy: 0.5 + i / 90,
      }));
      const { folder, guest } = await served(await comparisons(3, 3), {
        rows: () => ({ metrics, evaluations: [] }),
      });
      await guest.ask("/api/answers", {
        answers: [{ id: 1, nonce: "a", reply: { choice: "left" }, seconds: 2 }],
      });
      const page = await opened(guest, hand);
      await go(page, hand, "learning", 4);
      await page.waitForSelector(".chart svg");
      await requireUsable(page);
      await go(page, hand, "trust", 3);
      const toggle = page.getByRole("switch");
      await toggle.waitFor();
      await requireUsable(page);
      const turn = async () => {
        if (hand === "touch") return toggle.tap();
        // The last button of the page changes keys; the one before is the switch.
        await toggle.focus();
        await page.keyboard.press("Enter");
      };
      await turn();
      await page.waitForSelector('[aria-checked="true"]');
      expect(readFileSync(join(folder, "answers-web.jsonl"), "utf8")).toContain(
        '"annotator":"ada","use":false',
      );
      await turn();
      await page.waitForSelector('[aria-checked="false"]');
    }, 60_000);
  }

  /** Presses a key until the question is another one: a slow machine shows it late. */
  async function choose(page: Page, key: string): Promise<void> {
    const before = await shown(page);
    do {
      await page.keyboard.press(key);
      await page.waitForTimeout(120);
    } while ((await shown(page)) === before);
  }

  it("plays a robot, whose physics run in the page", async () => {
    const folder = join(temporary(), "labels");
    const guest = await started({ labels: folder, assets, subject: subjectOf("Hopper-v5") });
    servers.push(guest);
    const page = await opened(guest, "keys");
    await page.locator('nav a[href="#demonstrate"]').click();
    await page.waitForSelector(".demonstrate canvas");
    await press(page, "keys", "demonstrate.live");
    for (let step = 0; step < 3; step++) {
      const before = await page.locator(".score").textContent();
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => page.locator(".score").textContent()).not.toBe(before);
    }
    await press(page, "keys", "demonstrate.keep");
    const log = join(folder, "../demonstrations/played.jsonl");
    await until(() => existsSync(log) && readFileSync(log, "utf8").endsWith("\n"));
    const { actions, total } = JSON.parse(readFileSync(log, "utf8"));
    // A hopper that stands is paid about 1 a step.
    expect(actions).toHaveLength(3);
    expect(actions.every((action: number[]) => action.length === 3)).toBe(true);
    expect(total).toBeGreaterThan(2);
    await until(() => existsSync(join(folder, "../demonstrations/demonstrations.json")));
  }, 60_000);

  it("plays an environment of the user's own, with what its module imports, and says that no agent is there", async () => {
    const folder = temporary();
    writeFileSync(join(folder, "step.js"), "export const STEP = 2;");
    writeFileSync(join(folder, "walk.mjs"), WALK);
    const module = pathToFileURL(join(folder, "walk.mjs")).href;
    const env = "./walk.mjs";
    register({ id: env, module, make: () => new Walk() }, { replace: true });
    const own = ownModule(module) as OwnModule;
    const guest = await started({ labels: join(folder, "labels"), assets, subject: subjectOf(env, { own }) });
    servers.push(guest);
    const page = await opened(guest, "keys");
    await page.locator('nav a[href="#demonstrate"]').click();
    await page.waitForSelector(".demonstrate");
    await press(page, "keys", "demonstrate.agent");
    await page.getByText("The run has no policy yet").waitFor();
    await press(page, "keys", "demonstrate.live");
    for (const action of ["action 1", "action 1", "action 0"])
      await press(page, "keys", `demonstrate.${action}`);
    await press(page, "keys", "demonstrate.return");
    await expect.poll(() => page.locator(".score").textContent()).toContain("Step 3 · return 2");
    await press(page, "keys", "demonstrate.keep");
    const log = join(folder, "demonstrations/played.jsonl");
    await until(() => existsSync(log) && readFileSync(log, "utf8").endsWith("\n"));
    expect(JSON.parse(readFileSync(log, "utf8"))).toMatchObject({ actions: [[1], [1], [0]], total: 2 });
  }, 60_000);

  it("reaches every button with the tab key, in the order of the page", async () => {
    const { guest } = await served(await comparisons(2, 3));
    const page = await opened(guest, "keys");
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    const count = await page.locator("a:visible, button:enabled, input:visible").count();
    const visited = [];
    for (let i = 0; i < count; i++) {
      await page.keyboard.press("Tab");
      visited.push(
        await page.evaluate(() => document.activeElement!.textContent || document.activeElement!.tagName),
      );
    }
    expect(new Set(visited).size).toBe(count);
    expect(visited.slice(0, 2)).toEqual(["Home", "Compare"]);
  }, 60_000);

  it("takes a key that is pressed twice once", async () => {
    const { folder, guest } = await served(await comparisons(4, 3));
    const page = await opened(guest, "keys");
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    await page.waitForTimeout(GUARD);
    const first = await shown(page);
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await until(async () => (await shown(page)) !== first);
    await page.waitForTimeout(GUARD);
    await page.keyboard.press("ArrowRight");
    await until(() => linesIn(folder).length === 2);
    expect(linesIn(folder).map(({ id, choice }) => [id, choice])).toEqual([
      [1, "left"],
      [2, "right"],
    ]);
  }, 60_000);

  it("shows a question again after ten answers, which tells of the person only", async () => {
    const { folder, guest } = await served(await comparisons(14, 2));
    const page = await opened(guest, "keys");
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    const ids: number[] = [];
    for (let i = 0; i < 14; i++) {
      ids.push(Number(await shown(page)));
      await choose(page, "ArrowLeft");
    }
    await until(() => linesIn(folder).length === 14);
    expect(new Set(ids).size).toBe(13);
    const checks = linesIn(folder).filter(({ check }) => check);
    expect(checks).toMatchObject([{ id: ids.find((id, i) => ids.indexOf(id) !== i), choice: "left" }]);
  }, 60_000);

  it("does not count the time in which it is hidden", async () => {
    const { folder, guest } = await served(await comparisons(2, 3));
    const page = await opened(guest, "keys");
    const begun = performance.now();
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    await page.waitForTimeout(GUARD);
    const hide = (hidden: boolean) =>
      page.evaluate((is) => {
        Object.defineProperty(document, "hidden", { value: is, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    await page.waitForTimeout(1500);
    await hide(false);
    await page.keyboard.press("ArrowLeft");
    await until(() => linesIn(folder).length === 1);
    const all = (performance.now() - begun) / 1000;
    expect(linesIn(folder)[0].seconds).toBeLessThan(all - 1.4);
  }, 60_000);

  it("keeps answers while it is offline, over a reload and a new server, and sends each once", async () => {
    const { folder, guest } = await served(await comparisons(8, 3));
    const page = await opened(guest, "keys");
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    await choose(page, "ArrowLeft");
    await until(() => linesIn(folder).length === 1);
    // The server is gone, and comes back at the same port.
    servers.pop()!.server.close();
    await choose(page, "ArrowRight");
    await choose(page, "ArrowDown");
    await until(async () =>
      (await page.locator("header .state").textContent())!.includes("offline, 2 kept here"),
    );
    faults = faults.filter((fault) => !/ERR_(CONNECTION|INCOMPLETE)/.test(fault));
    servers.push(await started({ labels: folder, assets }));
    await until(() => linesIn(folder).length === 3);
    await until(async () => (await page.locator("header .state").textContent())!.includes("saved"));
    faults = faults.filter((fault) => !/ERR_(CONNECTION|INCOMPLETE)/.test(fault));
    await page.reload();
    await page.waitForSelector(".compare canvas");
    await choose(page, "ArrowUp");
    await until(() => linesIn(folder).length === 4);
    expect(linesIn(folder).map(({ id, choice }) => [id, choice])).toEqual([
      [1, "left"],
      [2, "right"],
      [3, "equal"],
      [4, "neither"],
    ]);
  }, 60_000);

  it("asks two people different questions, and two tabs of one person lose nothing", async () => {
    const { folder, guest } = await served(await comparisons(9, 3));
    const pages = [await opened(guest, "keys", "bob"), await opened(guest, "keys", "cy")];
    const tab = await contexts[0].newPage();
    await tab.goto(pages[0].url());
    for (const page of [...pages, tab]) {
      await page.waitForSelector(".home");
      await page.bringToFront();
      await page.keyboard.press("1");
      await page.waitForSelector(".compare canvas");
      await page.waitForTimeout(GUARD);
      await page.keyboard.press("ArrowLeft");
    }
    await until(() => linesIn(folder).length === 3);
    const [first, second, third] = linesIn(folder);
    expect([first.annotator, second.annotator, third.annotator]).toEqual(["bob", "cy", "bob"]);
    expect(first.id).not.toBe(second.id);
  }, 60_000);

  it("runs no script of a picture", async () => {
    const request = await actions(2);
    const folder = join(temporary(), "labels");
    await askIn(folder, request);
    const file = join(folder, "queries-000001.json");
    const { queries, ...head } = JSON.parse(readFileSync(file, "utf8"));
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="top.hacked=1"><script>top.hacked=1</script>' +
      '<foreignObject><img src="x" onerror="top.hacked=1"/></foreignObject><rect width="9" height="9" fill="red"/></svg>';
    const { writeFileSync } = await import("node:fs");
    writeFileSync(
      file,
      JSON.stringify({ ...head, queries: queries.map((query: object) => ({ ...query, svg })) }),
    );
    const guest = await started({ labels: folder, assets, subject: subjectOf("FrozenLake-v1") });
    servers.push(guest);
    const page = await opened(guest, "keys");
    await page.keyboard.press("1");
    await page.waitForSelector(".correct canvas");
    await page.waitForTimeout(300);
    expect(await page.evaluate(() => "hacked" in globalThis)).toBe(false);
    expect(await page.locator("script").count()).toBe(2);
    expect(await page.locator("head > script[type=importmap]").count()).toBe(1);
    expect(await page.locator("head > script[type=module][src='/page.js']").count()).toBe(1);
  }, 60_000);

  it("takes another key for a command, prints it, and remembers it", async () => {
    const { folder, guest } = await served(await comparisons(3, 3));
    const page = await opened(guest, "keys");
    await page.keyboard.press("1");
    await page.waitForSelector(".compare canvas");
    await page.getByText("Change keys").click();
    const button = page.locator('[data-command="compare.left"]');
    await button.click();
    await button.getByText("press a key").waitFor();
    await page.keyboard.press("q");
    await button.getByText("Q", { exact: true }).waitFor();
    await page.getByText("Done: keys are changed").click();
    await page.reload();
    await page.waitForSelector(".compare canvas");
    await expect.poll(() => button.locator("kbd").textContent()).toBe("Q");
    await page.waitForTimeout(GUARD);
    await page.keyboard.press("q");
    await until(() => linesIn(folder).length === 1);
    expect(linesIn(folder)[0].choice).toBe("left");
  }, 60_000);

  it("shows numbers and curves where the environment cannot be replayed, and steps where motion is unwelcome", async () => {
    const request = await comparisons(2, 8);
    const queries = request.queries.map(({ left, right, ...rest }) => ({
      ...rest,
      left: { ...left, snapshot: undefined },
      right: { ...right, snapshot: undefined },
    }));
    const { guest } = await served({ ...request, queries });
    const page = await opened(guest, "touch");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.reload();
    await page.locator('nav a[href="#compare"]').tap();
    await page.waitForSelector(".numbers svg");
    await expect
      .poll(() => page.locator(".note").first().textContent())
      .toContain("Numbers take the place of pictures");
    await expect.poll(() => page.locator(".controls output").textContent()).toBe("0 / 8");
    await press(page, "touch", "compare.on");
    await expect.poll(() => page.locator(".controls output").textContent()).toBe("1 / 8");
    await requireUsable(page);
  }, 60_000);
});
