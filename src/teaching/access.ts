/**
 * @file Who may use the teaching server: one-time links that become cookies, and the checks of Host and Origin that keep
 * pages of other sites out.
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { networkInterfaces } from "node:os";
import { NAME_OF_PERSON } from "../config/references.js";
import { UsageError } from "../errors.js";

/** What a server keeps in its folder, so that pages stay signed in when it is started again. */
export interface Secrets {
  /** Signs the cookies. */
  key: string;
  /** The port, which is part of the address of the page and so of what the page has stored. */
  port?: number;
}

export const newSecrets = (): Secrets => ({ key: randomBytes(32).toString("hex") });

export interface Access {
  /** A token that signs a person in, once. */
  invite(name: string): string;
  /** The cookie's value for a token; undefined for one that is unknown or used up. */
  redeem(token: string): string | undefined;
  /** The person whom the value of a cookie names; undefined if this server has not signed it. */
  nameIn(cookie: string | undefined): string | undefined;
}

/** A name that may stand in logs, links and pages. @throws UsageError for another */
export function requireName(name: string): string {
  if (NAME_OF_PERSON.test(name)) return name;
  throw new UsageError(
    `the annotator ${JSON.stringify(name)} must have a name of up to 40 letters, digits, spaces, dots, dashes and ` +
      "underscores that begins with a letter or a digit",
  );
}

export function createAccess({ key }: Secrets): Access {
  const invitations = new Map<string, string>();
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("base64url");
  return {
    invite(name) {
      const token = randomBytes(24).toString("base64url");
      invitations.set(token, requireName(name));
      return token;
    },
    redeem(token) {
      const name = invitations.get(token);
      if (name === undefined) return undefined;
      invitations.delete(token);
      const who = Buffer.from(name).toString("base64url");
      return `${who}.${sign(who)}`;
    },
    nameIn(cookie) {
      const [who, signature = ""] = cookie?.split(".") ?? [];
      if (who === undefined) return undefined;
      const [given, right] = [Buffer.from(signature), Buffer.from(sign(who))];
      if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      return Buffer.from(who, "base64url").toString();
    },
  };
}

/** The addresses at which other machines reach a server on this host; those of the machine where it listens on all. */
export function addressesOf(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  const all = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const reached = all.filter(({ internal, family }) => !internal && (family === "IPv4" || host === "::"));
  return reached.map(({ address }) => address);
}

/** An address as it stands in a URL. */
export const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);

/** The values of the header Host under which the server is reached; others come from a name that was made to lead here. */
export function hostsOf(host: string, port: number): Set<string> {
  const names = [...addressesOf(host).map(bracketed), "127.0.0.1", "localhost", "[::1]"];
  return new Set(names.map((name) => `${name}:${port}`));
}

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

/** Lets `burst` calls pass at once, and `rate` in a second after that. */
export function rateLimit(rate: number, burst: number, now: () => number = () => performance.now()) {
  const buckets = new Map<string, { left: number; at: number }>();
  return (who: string): boolean => {
    const time = now();
    const { left, at } = buckets.get(who) ?? { left: burst, at: time };
    const filled = Math.min(burst, left + (rate * (time - at)) / 1000);
    buckets.set(who, { left: Math.max(0, filled - 1), at: time });
    // What is full again need not be remembered.
    if (buckets.size > 1000) for (const [key, { at }] of buckets) if (time - at > 60_000) buckets.delete(key);
    return filled >= 1;
  };
}
