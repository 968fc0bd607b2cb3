/** @file A person at the page of a process, without a browser: takes its link, signs in, and asks for what the page asks. */

import { signIn } from "../teaching/room-parts.js";
import type { start } from "./run-cli.js";

/** The link that a process prints, on either of its outputs. */
export function linkOf(child: ReturnType<typeof start>): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (text: Buffer) => {
      said += text;
      const [link] = /http:\S+token=[\w-]+/.exec(said) ?? [];
      if (link) resolve(link);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", () => reject(new Error(said)));
  });
}

export async function guestOf(link: string) {
  const cookie = await signIn(link);
  const { origin } = new URL(link);
  const ask = async (path: string, body?: unknown) =>
    (
      await fetch(origin + path, {
        headers: { cookie, "content-type": "application/json" },
        ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
      })
    ).json();
  const listen = async (path: string) => (await fetch(origin + path, { headers: { cookie } })).text();
  return Object.assign(ask, { listen });
}
