/** @file The outbox of the page: what is not acknowledged is sent again, in order, and nothing is sent after it was removed. */

import { describe, expect, it } from "vitest";
import type { Receipt } from "../../../src/teaching/wire.js";
import { createOutbox, newNonce } from "../../../web/teach/outbox.js";

function memory() {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (i: number) => [...entries.keys()][i] ?? null,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  };
}

function outboxOn(
  storage: ReturnType<typeof memory>,
  post: (ids: number[]) => Promise<void>,
  owner = "run/ada",
) {
  const receipts: Receipt[] = [];
  const states: boolean[] = [];
  const outbox = createOutbox({
    owner,
    storage,
    async post(path, body) {
      const { answers } = body as { answers: { id: number; nonce: string }[] };
      expect(path).toBe("/api/answers");
      await post(answers.map(({ id }) => id));
      return { receipts: answers.map(({ nonce }) => ({ nonce, result: "kept" as const })) };
    },
    received: (receipt) => receipts.push(receipt),
    changed: (isOnline) => states.push(isOnline),
  });
  const add = (id: number) => {
    const nonce = newNonce();
    outbox.add({ kind: "answer", content: { id, nonce, reply: { choice: "left" } } });
    return nonce;
  };
  return { outbox, add, receipts, states };
}

describe("the outbox", () => {
  it("sends answers in order, and forgets what is acknowledged", async () => {
    const sent: number[][] = [];
    const { outbox, add, receipts } = outboxOn(memory(), async (ids) => void sent.push(ids));
    for (const id of [3, 1, 2]) add(id);
    await outbox.flush();
    expect(sent).toEqual([[3, 1, 2]]);
    expect(receipts).toHaveLength(3);
    expect(outbox.size()).toBe(0);
  });

  it("keeps answers while sending fails, over a new start of the page, apart from those of other people", async () => {
    const storage = memory();
    const failing = outboxOn(storage, () => Promise.reject(new Error("failed to fetch")));
    failing.add(1);
    failing.add(2);
    outboxOn(storage, async () => {}, "run/bob").add(9);
    await failing.outbox.flush();
    expect(failing.outbox.size()).toBe(2);
    expect(failing.states.at(-1)).toBe(false);
    const sent: number[] = [];
    const next = outboxOn(storage, async (ids) => void sent.push(...ids));
    expect(next.outbox.answers().map(({ id }) => id)).toEqual([1, 2]);
    await next.outbox.flush();
    expect(sent).toEqual([1, 2]);
  });

  it("sends what is added while it sends", async () => {
    const sent: number[][] = [];
    const made = outboxOn(memory(), async (ids) => {
      sent.push(ids);
      if (sent.length === 1) made.add(2);
    });
    made.add(1);
    await made.outbox.flush();
    expect(sent).toEqual([[1], [2]]);
  });

  it("does not send an answer that was taken back before, and cannot take back one on its way", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { outbox, add } = outboxOn(memory(), () => gate);
    const first = add(1);
    expect(outbox.remove(first)).toBe(true);
    expect(outbox.size()).toBe(0);
    const second = add(2);
    const flushing = outbox.flush();
    expect(outbox.remove(second)).toBe(false);
    release();
    await flushing;
    expect(outbox.size()).toBe(0);
  });
});
