/**
 * @file Kills the run, the server and the browser with SIGKILL, in any order, while somebody answers; and compares what the
 * run learnt with a run that got the same answers in peace.
 */

import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "../../src/random/rng.js";
import { pause } from "./browser.js";

export interface Killing {
  /** Number of processes to kill. */
  kills: number;
  comparisons: number;
  seed: number;
}

export interface Killed {
  kills: number;
  comparisons: number;
  /** Answers that the server acknowledged and the log does not have. */
  lost: number;
  /** Answers that the log has more than once. */
  twice: number;
  /** Acknowledged answers. */
  acknowledged: number;
  /** Answers that the run counted at its end. */
  answered: number;
  /** Whether the policy has the bytes of that of a run which nothing disturbed, with the same answers. */
  isSamePolicy: boolean;
}

const root = process.cwd();
const main = join(root, "dist/cli/main.js");
/** The program of the person: what the page has of the outbox, without a window. */
const person = join(root, "dist/experiments/teaching/person.js");

export async function killed(
  { kills, comparisons, seed }: Killing,
  programs: { person: string } = { person },
): Promise<Killed> {
  const folder = mkdtempSync(join(tmpdir(), "understudy-kills-"));
  const rng = createRng(seed).stream("kills");
  const running = new Set<ChildProcess>();
  const start = (words: readonly string[]) => {
    const child = spawn(process.execPath, words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    child.on("close", () => running.delete(child));
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        said += text;
      });
    }
    return {
      child,
      said: () => said,
      ended: new Promise<number | null>((resolve) => child.on("close", resolve)),
    };
  };
  const options =
    `train preference-learning --env CartPole-v1 --comparisons ${comparisons} --rounds 2 --initial-share 0.6 --segment-length 10 ` +
    "--candidates 1 --query random --round-steps 256 --steps 1024 --epochs 2 --hidden [] --optimiser.rollout-steps 32 --evaluate.every 1024";
  const trained = (out: string, labeller: string) =>
    `${options} --labeller ${labeller} --out ${out}`.split(" ");
  const resumed = "train preference-learning --resume --out run".split(" ");
  const teach = "teach run".split(" ");
  const browserOf = () => start([programs.person, "run", "browser"]);
  mkdirSync(join(folder, "browser"));

  let host: ReturnType<typeof start> = start([main, ...trained("run", "web")]);
  let hostIsRun = true;
  let browser: ReturnType<typeof start> | undefined;
  let done = 0;
  let isFinished = false;
  const hostUntilReady = async () => {
    for (let i = 0; i < 600 && host.child.exitCode === null && host.child.signalCode === null; i++) {
      const link = /http:\S+token=[\w-]+/.exec(host.said());
      if (link) return link[0];
      await pause(20);
    }
    return undefined;
  };
  const next = () => {
    const hasConfig =
      existsSync(join(folder, "run/checkpoints")) || existsSync(join(folder, "run/config.json"));
    hostIsRun = !hasConfig || rng.uniform() < 0.6;
    host = start([main, ...(hostIsRun ? (hasConfig ? resumed : trained("run", "web")) : teach)]);
  };
  const link = await hostUntilReady();
  if (link === undefined) throw new Error(`the run did not start: ${host.said()}`);
  // Signs in once, as a person does; the cookie lasts.
  const signed = await fetch(link, { redirect: "manual" });
  writeFileSync(
    join(folder, "browser/session.json"),
    JSON.stringify({ cookie: signed.headers.get("set-cookie")!.split(";")[0], origin: new URL(link).origin }),
  );
  while (done < kills) {
    if (!browser || browser.child.exitCode !== null || browser.child.signalCode !== null)
      browser = browserOf();
    await pause(60 + 3000 * rng.uniform() ** 2);
    if (hostIsRun && host.child.exitCode === 0) {
      isFinished = true;
      break;
    }
    const which = rng.uniform();
    if (which < 0.45) {
      browser.child.kill("SIGKILL");
      await browser.ended;
      done++;
    }
    if (which > 0.3) {
      host.child.kill("SIGKILL");
      await host.ended;
      done++;
      next();
    }
  }
  if (!isFinished) {
    host.child.kill("SIGKILL");
    await host.ended;
    for (let attempt = 0; attempt < 5; attempt++) {
      host = start([main, ...resumed]);
      while (host.child.exitCode === null) {
        if (!browser || browser.child.exitCode !== null || browser.child.signalCode !== null)
          browser = browserOf();
        await Promise.race([host.ended, browser.ended, pause(500)]);
      }
      if (host.child.exitCode === 0) break;
    }
    if (host.child.exitCode !== 0) throw new Error(`the run did not end: ${host.said()}`);
  }
  browser?.child.kill("SIGKILL");
  const result = await judged(folder, start, trained);
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  return { kills: done, comparisons, ...result };
}

async function judged(
  folder: string,
  start: (words: readonly string[]) => { ended: Promise<number | null>; said(): string },
  trained: (out: string, labeller: string) => string[],
): Promise<Omit<Killed, "kills" | "comparisons">> {
  const lines = (path: string) =>
    existsSync(path)
      ? readFileSync(path, "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Record<string, unknown>)
      : [];
  const log = lines(join(folder, "run/labels/answers-web.jsonl")).filter(({ id }) => id !== undefined);
  const acknowledged = new Set(lines(join(folder, "browser/acknowledged.jsonl")).map(({ nonce }) => nonce));
  const count = new Map<unknown, number>();
  for (const { nonce } of log) count.set(nonce, (count.get(nonce) ?? 0) + 1);
  const standing = new Map<unknown, number>();
  for (const { id, check } of log) if (!check) standing.set(id, (standing.get(id) ?? 0) + 1);
  const last = lines(join(folder, "run/metrics.jsonl")).at(-1)!;
  // The same answers, in peace: as files, all there from the start.
  mkdirSync(join(folder, "calm-labels"));
  for (const name of readdirSync(join(folder, "run/labels"))) {
    if (/^answers-.*\.jsonl$/.test(name))
      cpSync(join(folder, "run/labels", name), join(folder, "calm-labels", name));
  }
  const calm = start([main, ...trained("calm", "files"), "--labeller-folder", "calm-labels"]);
  if ((await calm.ended) !== 0) throw new Error(`the run in peace did not end: ${calm.said()}`);
  const policy = (run: string) => readFileSync(join(folder, run, "policy.safetensors"));
  return {
    lost: [...acknowledged].filter((nonce) => !count.has(nonce)).length,
    twice: [...count.values(), ...standing.values()].filter((times) => times > 1).length,
    acknowledged: acknowledged.size,
    answered: Number(last.answered) + Number(last.skipped ?? 0),
    isSamePolicy: policy("run").equals(policy("calm")),
  };
}
