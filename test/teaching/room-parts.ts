/** @file A folder with questions as a run leaves it, and a teaching server on it. */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { make } from "../../src/env/registry.js";
import "../../envs/index.js";
import { fileLabeller, type KindName, type LabelRequest, picturesOf } from "../../src/people/index.js";
import { spaceWidth } from "../../src/spaces/index.js";
import type { Subject } from "../../src/teaching/room.js";
import { startTeaching, type TeachingOptions, type TeachingServer } from "../../src/teaching/server.js";

/** The files of the page and of the build for browsers, which the tests of the server do not need. */
export function stubAssets(): string {
  const folder = mkdtempSync(join(tmpdir(), "understudy-assets-"));
  mkdirSync(join(folder, "teach"));
  mkdirSync(join(folder, "browser"));
  writeFileSync(join(folder, "teach/index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(folder, "teach/page.js"), "export {};");
  writeFileSync(join(folder, "browser/envs.js"), "export const made = true;");
  return folder;
}

export const temporary = () => mkdtempSync(join(tmpdir(), "understudy-teach-"));

const spaces = async (env: string) => {
  const { observationSpace, actionSpace } = await make(env);
  return { env, observationSpace, actionSpace };
};

/** A segment of `steps` steps of an environment, from its snapshot. */
async function segmentOf(env: string, seed: string, steps: number) {
  const environment = await make(env);
  const width = spaceWidth(environment.observationSpace);
  const first = environment.reset({ seed }).observation;
  const snapshot = environment.getState!();
  const rows: number[] = [...(typeof first === "number" ? [first] : (first as Float32Array))];
  const actions: number[] = [];
  for (let t = 0; t < steps; t++) {
    const action = (t + seed.length) % 2;
    actions.push(action);
    const { observation, terminated } = environment.step(action);
    rows.push(...(typeof observation === "number" ? [observation] : (observation as Float32Array)));
    if (terminated) break;
  }
  return {
    observations: Float32Array.from(rows.slice(0, (actions.length + 1) * width)),
    actions: Int32Array.from(actions),
    snapshot,
  };
}

/** A request for comparisons, as preference learning asks. */
export async function comparisons(count: number, steps = 8): Promise<LabelRequest<"comparison">> {
  const queries = [];
  for (let id = 1; id <= count; id++) {
    const [left, right] = [
      await segmentOf("CartPole-v1", `l${id}`, steps),
      await segmentOf("CartPole-v1", `rr${id}`, steps),
    ];
    queries.push({ id, batch: 1, left, right });
  }
  return { kind: "comparison", ...(await spaces("CartPole-v1")), asked: count, queries };
}

/** A request for actions, as DAgger asks. */
export async function actions(count: number, env = "FrozenLake-v1"): Promise<LabelRequest<"action">> {
  const environment = await make(env);
  const queries = [];
  let observation = environment.reset({ seed: "a" }).observation;
  for (let id = 1; id <= count; id++) {
    queries.push({
      id,
      batch: 1,
      round: 0,
      environment: 0,
      observation: Float32Array.from(
        typeof observation === "number" ? [observation] : (observation as Float32Array),
      ),
      state: environment.getState!(),
      proposed: environment.actionSpace.kind === "discrete" ? Int32Array.of(id % 2) : Float32Array.of(0.5),
    });
    const step = environment.step(environment.actionSpace.kind === "discrete" ? 2 : Float32Array.of(1));
    const isOver = step.terminated || step.truncated;
    observation = isOver ? environment.reset({ seed: id }).observation : step.observation;
  }
  return { kind: "action", ...(await spaces(env)), asked: count, queries };
}

export const labels = (count: number): LabelRequest<"label"> => ({
  kind: "label",
  dataset: "animals",
  classes: ["cat", "dog", "bird"],
  asked: count,
  queries: Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    batch: 1,
    item: i,
    content: ["it barks at the postman", "it sings at dawn", "it sleeps in the sun"][i % 3],
  })),
});

/** Writes the questions of a request to a folder, as a run does, and waits for no answer. */
export async function askIn<K extends KindName>(folder: string, request: LabelRequest<K>): Promise<void> {
  const { env } = request as { env?: string };
  const picture = env === undefined ? undefined : picturesOf(await make(env), "svg");
  const labeller = fileLabeller<K>({
    folder,
    asks: request.kind,
    forPage: true,
    ...(picture && { picture }),
  } as never);
  const stop = new AbortController();
  const asking = labeller.label(request, stop.signal)[Symbol.asyncIterator]();
  const first = asking.next();
  const isThere = () => {
    try {
      return readFileSync(join(folder, "queries-000001.json")).length > 0;
    } catch {
      return false;
    }
  };
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort();
  await first;
}

export const subjectOf = (env: string, more: Partial<Subject> = {}): Subject => ({
  title: `runs/${env}`,
  env,
  environmentOptions: {},
  status: () => "asking",
  rows: () => ({ metrics: [], evaluations: [] }),
  version: "0",
  ...more,
});

export interface Guest {
  server: TeachingServer;
  url: string;
  cookie: string;
  /** A request as the page makes it. */
  ask(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** Starts a server and signs its first person in. */
export async function started(options: Partial<TeachingOptions> & { labels: string }): Promise<Guest> {
  const server = await startTeaching({
    demonstrations: join(options.labels, "../demonstrations"),
    subject: subjectOf("CartPole-v1"),
    annotators: ["ada"],
    report: () => {},
    assets: stubAssets(),
    ...options,
  });
  const url = `http://127.0.0.1:${server.port}`;
  const cookie = await signIn(server.invitations[0].url);
  return {
    server,
    url,
    cookie,
    ask: (path, body, headers = {}) =>
      fetch(url + path, {
        redirect: "manual",
        headers: { cookie, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
        }),
      }),
  };
}

/** The cookie for a link. */
export async function signIn(link: string): Promise<string> {
  const response = await fetch(link, { redirect: "manual" });
  return response.headers.get("set-cookie")!.split(";")[0];
}
