/** @file The page's side of the server: what is known of the run, the next questions, and what waits to be sent. */

import type { Asked, Given, Invitation, Overview, Played, Receipt } from "../../src/teaching/wire.js";
import { createDrafts, type Drafts } from "./draft.js";
import { imagesOf } from "./film.js";
import { createOutbox, newNonce, type Outbox } from "./outbox.js";

/** Questions that are fetched ahead of the one that is shown. */
const AHEAD = 3;

/** Time between attempts to send what waits (ms). */
const RETRY = 2_000;

/** Time between looks for a question while some are open and none is here (ms). */
const LOOK = 400;

/** An answer that can be taken back. */
interface Past {
  asked: Asked;
  given: Given;
}

export interface Session {
  overview?: Overview;
  /** The questions to come; the first one is shown. */
  questions: readonly Asked[];
  isOnline: boolean;
  /** Number of answers that wait to be sent. */
  waiting: number;
  /** Whether an episode was begun that is neither kept nor discarded. */
  isPending: boolean;
  /** Read out and shown for a moment. */
  notice: string;
  /** Whether the run has finished and the server is gone, so that nothing is asked any more. */
  isFinished?: boolean;
  /** Why nothing can be done, such as a session of another server. */
  closed?: string;
}

export interface Connection {
  state(): Session;
  onChange(listener: () => void): () => void;
  answer(reply: Record<string, unknown>, details: { seconds: number; swapped?: boolean }): void;
  undo(): void;
  canUndo(): boolean;
  demonstrate(played: Omit<Played, "nonce">): void;
  readonly drafts: Drafts;
  /** Says whether an episode waits to be kept or discarded. */
  pend(isPending: boolean): void;
  use(annotator: string, use: boolean): Promise<void>;
  invite(name: string): Promise<Invitation>;
  policy(): Promise<Uint8Array>;
  say(notice: string): void;
}

class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function request(path: string, body?: unknown): Promise<Response> {
  const response = await fetch(path, {
    ...(body !== undefined && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  if (response.ok) return response;
  const text = await response.text();
  let message = text.trim();
  try {
    message = JSON.parse(text).error;
  } catch {
    // It is plain text.
  }
  throw new Refused(response.status, message);
}

/** Connects to the server of the page. */
export async function connect(): Promise<Connection> {
  const listeners = new Set<() => void>();
  const overview = (await (await request("/api/overview")).json()) as Overview;
  const { title, me, env, environmentOptions } = overview;
  const drafts = createDrafts(`${title}/${me}/${env}${JSON.stringify(environmentOptions)}`, localStorage);
  let session: Session = {
    ...{ overview, questions: [], isOnline: true, waiting: 0, notice: "" },
    isPending: drafts.load() !== undefined,
  };
  const past: Past[] = [];
  const change = (changes: Partial<Session>) => {
    session = { ...session, ...changes };
    for (const listener of listeners) listener();
  };

  const outbox: Outbox = createOutbox({
    owner: `${title}/${me}`,
    storage: localStorage,
    post: async (path, body) => (await request(path, body)).json(),
    received,
    changed(isOnline, problem) {
      const waiting = outbox.size();
      const why = problem && isOnlineProblem(problem) ? `Not saved: ${problem}` : session.notice;
      change({ isOnline, waiting, notice: isOnline ? session.notice : why });
    },
  });
  function received({ nonce, result, reason }: Receipt): void {
    const mine = past.find(({ given }) => given.nonce === nonce);
    if (result === "refused") {
      change({ notice: `Not taken: ${reason}` });
      if (mine) past.splice(past.indexOf(mine), 1);
    } else if (result === "withdrawn") {
      const [id] = undone.get(nonce) ?? [];
      change({
        questions: session.questions.filter((asked) => asked.id !== id),
        notice: "The learner had it already: the answer is withdrawn, and the question is not asked again.",
      });
      void more();
    }
    undone.delete(nonce);
  }

  /** The questions that are being undone, by nonce. */
  const undone = new Map<string, [id: number]>();
  let fetching: Promise<void> | undefined;

  function more(): Promise<void> {
    fetching ??= fetchMore().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  async function fetchMore(): Promise<void> {
    if (session.questions.length >= AHEAD || session.isFinished) return;
    // What is answered here, and not known there yet, is not asked again.
    const have = [...session.questions, ...outbox.answers()].map(({ id }) => id).slice(0, 200);
    const count = AHEAD - session.questions.length;
    try {
      const found = (await (
        await request(`/api/questions?count=${count}&have=${have.join(",")}`)
      ).json()) as Asked[];
      const fresh = found.filter(({ id }) => !session.questions.some((asked) => asked.id === id));
      // So that the pictures are there when the question is shown.
      for (const asked of fresh) void imagesOf(asked);
      if (fresh.length > 0) change({ questions: [...session.questions, ...fresh] });
    } catch (error) {
      lost(error as Error);
    }
  }

  function lost(error: Error): void {
    if (error instanceof Refused && error.status === 401) {
      change({
        isOnline: false,
        closed: "This page is not signed in any more: open the link that the command printed.",
      });
    } else change({ isOnline: false });
  }

  const send = async () => {
    if (session.isFinished) return;
    await outbox.flush();
    await more();
  };

  const events = new EventSource("/api/events");
  events.addEventListener("overview", ({ data }) => {
    change({ overview: JSON.parse(data) as Overview, isOnline: true, closed: undefined });
    void send();
  });
  events.addEventListener("end", ({ data }) => {
    const last = JSON.parse(data) as Overview;
    if (last.status !== "ended") return change({ overview: last });
    events.close();
    clearInterval(retrying);
    clearInterval(looking);
    change({ overview: last, questions: [], isFinished: true });
  });
  events.addEventListener("error", () => change({ isOnline: false }));
  const retrying = setInterval(() => {
    if (outbox.size() > 0 || !session.isOnline) void send();
  }, RETRY);
  // A fetch that was under way when a question came did not find it.
  const isEmpty = () => session.questions.length === 0 && (session.overview?.open ?? 0) > 0;
  const looking = setInterval(() => {
    if (session.isOnline && isEmpty()) void more();
  }, LOOK);
  addEventListener("online", () => void send());
  await send();

  return {
    state: () => session,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    answer(reply, details) {
      const [asked, ...rest] = session.questions;
      if (!asked) return;
      const given: Given = { id: asked.id, nonce: newNonce(), reply, ...details };
      past.push({ asked, given });
      if (past.length > 50) past.shift();
      change({ questions: rest, notice: "" });
      outbox.add({ kind: "answer", content: given });
      void send();
    },
    undo() {
      const last = past.pop();
      if (!last) return;
      const { asked, given } = last;
      change({ questions: [asked, ...session.questions], notice: "Undone." });
      if (outbox.remove(given.nonce)) return;
      const nonce = newNonce();
      undone.set(nonce, [asked.id]);
      outbox.add({ kind: "answer", content: { id: asked.id, nonce, reply: { undone: true } } });
      void send();
    },
    canUndo: () => past.length > 0,
    demonstrate(played) {
      outbox.add({ kind: "demonstration", content: { ...played, nonce: newNonce() } });
      void send();
    },
    drafts,
    pend(isPending) {
      if (session.isPending !== isPending) change({ isPending });
    },
    use: async (annotator, use) => void (await request("/api/use", { annotator, use })),
    invite: async (name) => (await request("/api/invite", { name })).json(),
    async policy() {
      const response = await request("/api/policy");
      if (response.status === 204)
        throw new Error("The run has no policy yet: it comes with the first checkpoint.");
      return new Uint8Array(await response.arrayBuffer());
    },
    say: (notice) => change({ notice }),
  };
}

/** Whether a failure is one of the server, and not of the way to it. */
const isOnlineProblem = (message: string) => !/fetch|network/i.test(message);
