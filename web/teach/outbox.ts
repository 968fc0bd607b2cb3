/**
 * @file What a person has answered and the server has not acknowledged: in the storage of the browser, one entry a key, so
 * that tabs do not overwrite each other. It is sent again until it is acknowledged; the server takes it once.
 */

import type { Given, Played, Receipt } from "../../src/teaching/wire.js";

type Entry = { kind: "answer"; content: Given } | { kind: "demonstration"; content: Played };

export interface Outbox {
  add(entry: Entry): void;
  /** Removes an answer that was not sent yet. Returns whether it was there. */
  remove(nonce: string): boolean;
  /** The answers that wait. */
  answers(): Given[];
  size(): number;
  /** Sends what waits. Calls made meanwhile join in. */
  flush(): Promise<void>;
}

export interface OutboxOptions {
  /** Whose it is: the person and the folder. */
  owner: string;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
  post(path: string, body: unknown): Promise<{ receipts: Receipt[] }>;
  /** Called for each receipt. */
  received(receipt: Receipt): void;
  /** Called when the number of entries or the connection has changed. */
  changed(isOnline: boolean, problem?: string): void;
}

export function createOutbox({ owner, storage, post, received, changed }: OutboxOptions): Outbox {
  const prefix = `understudy/${owner}/`;
  /** Nonces that are on their way, which can no longer be removed. */
  const sent = new Set<string>();
  let last = 0;
  let flushing: Promise<void> | undefined;

  const keys = () =>
    Array.from({ length: storage.length }, (_, i) => storage.key(i)!)
      .filter((key) => key.startsWith(prefix))
      .sort();
  const entries = () =>
    keys().flatMap((key): { key: string; entry: Entry }[] => {
      const text = storage.getItem(key);
      return text === null ? [] : [{ key, entry: JSON.parse(text) as Entry }];
    });

  async function send(): Promise<void> {
    for (;;) {
      const waiting = entries();
      if (waiting.length === 0) return;
      const [first] = waiting;
      const batch =
        first.entry.kind === "answer"
          ? waiting.filter(({ entry }) => entry.kind === "answer").slice(0, 50)
          : [first];
      for (const { entry } of batch) sent.add(entry.content.nonce);
      const { receipts } =
        first.entry.kind === "answer"
          ? await post("/api/answers", { answers: batch.map(({ entry }) => entry.content) })
          : await post("/api/demonstrations", first.entry.content);
      for (const { key } of batch) storage.removeItem(key);
      for (const receipt of receipts) {
        sent.delete(receipt.nonce);
        received(receipt);
      }
      changed(true);
    }
  }

  return {
    add(entry) {
      // Keys sort by time, and two of one millisecond keep their order.
      last = Math.max(Date.now(), last + 1);
      storage.setItem(`${prefix}${last}/${entry.content.nonce}`, JSON.stringify(entry));
      changed(true);
    },
    remove(nonce) {
      const found = sent.has(nonce) ? undefined : keys().find((key) => key.endsWith(`/${nonce}`));
      if (found) storage.removeItem(found);
      return found !== undefined;
    },
    answers: () => entries().flatMap(({ entry }) => (entry.kind === "answer" ? [entry.content] : [])),
    size: () => keys().length,
    flush,
  };

  function flush(): Promise<void> {
    flushing ??= send().then(
      () => {
        flushing = undefined;
        // What was added while the last receipts were read.
        return keys().length > 0 ? flush() : undefined;
      },
      (error: Error) => {
        flushing = undefined;
        changed(false, error.message);
      },
    );
    return flushing;
  }
}

/** A name for one answer, which no other has. */
export function newNonce(): string {
  // crypto.randomUUID needs a secure address, which a page from another machine does not have.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
