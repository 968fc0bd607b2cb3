/**
 * @file A person without a window, for the kills: `node person.js <run> <browser folder>` answers questions with the outbox
 * of the page, whose storage is a folder here, until it is killed or the server is gone for long.
 */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Asked, Receipt } from "../../src/teaching/wire.js";
import { createOutbox, newNonce } from "../../web/teach/outbox.js";
import { pause } from "./browser.js";

const [run, folder] = process.argv.slice(2);
const { cookie, origin } = JSON.parse(readFileSync(join(folder, "session.json"), "utf8")) as Record<
  string,
  string
>;
const stored = join(folder, "storage");
mkdirSync(stored, { recursive: true });

/** The storage of a browser: a write is whole or not there. */
const names = () => readdirSync(stored).filter((name) => !name.endsWith(".partial"));
const pathOf = (key: string) => join(stored, encodeURIComponent(key));
const storage = {
  get length() {
    return names().length;
  },
  key: (i: number) => decodeURIComponent(names()[i]),
  getItem: (key: string) => (existsSync(pathOf(key)) ? readFileSync(pathOf(key), "utf8") : null),
  setItem(key: string, value: string) {
    writeFileSync(`${pathOf(key)}.partial`, value);
    renameSync(`${pathOf(key)}.partial`, pathOf(key));
  },
  removeItem: (key: string) => rmSync(pathOf(key), { force: true }),
};

async function request(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(origin + path, {
    headers: { cookie, ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

const outbox = createOutbox({
  owner: run,
  storage,
  post: (path, body) => request(path, body) as Promise<{ receipts: Receipt[] }>,
  received({ nonce, result }) {
    if (result === "refused") throw new Error("an answer was refused");
    // With the name of the person, as in the log.
    appendFileSync(
      join(folder, "acknowledged.jsonl"),
      `${JSON.stringify({ nonce: `person/${nonce}`, result })}\n`,
    );
  },
  changed: () => {},
});

const answered = new Set(outbox.answers().map(({ id }) => id));
for (let failures = 0; failures < 200; ) {
  try {
    await outbox.flush();
    const have = [...answered].slice(-50).join(",");
    const asked = (await request(`/api/questions?count=2&have=${have}`)) as Asked[];
    for (const { id } of asked) {
      answered.add(id);
      // The same answer whoever is killed.
      outbox.add({
        kind: "answer",
        content: { id, nonce: newNonce(), reply: { choice: id % 3 === 0 ? "right" : "left" }, seconds: 1 },
      });
      if (id % 2 === 0) await outbox.flush();
    }
    failures = 0;
    await pause(asked.length > 0 ? 100 : 60);
  } catch {
    failures++;
    await pause(50);
  }
}
