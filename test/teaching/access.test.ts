/** @file Who may use the teaching server. */

import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import {
  addressesOf,
  createAccess,
  hostsOf,
  isLoopback,
  newSecrets,
  rateLimit,
} from "../../src/teaching/access.js";

describe("access", () => {
  it("turns a token into a cookie once, which names its person to servers with the same secrets only", () => {
    const secrets = newSecrets();
    const access = createAccess(secrets);
    const token = access.invite("Zoë B.");
    const cookie = access.redeem(token)!;
    expect(access.redeem(token)).toBeUndefined();
    expect(createAccess(secrets).nameIn(cookie)).toBe("Zoë B.");
    expect(createAccess(newSecrets()).nameIn(cookie)).toBeUndefined();
    for (const other of [undefined, "", ".", cookie.slice(1), `${cookie}x`])
      expect(access.nameIn(other)).toBeUndefined();
  });

  it("knows which addresses lead to this machine alone", () => {
    expect(["127.0.0.1", "127.9.9.9", "localhost", "::1"].every(isLoopback)).toBe(true);
    expect(["0.0.0.0", "192.168.1.2", "::", "example.org", "127.0.0.1.example.org"].some(isLoopback)).toBe(
      false,
    );
    expect([...hostsOf("192.168.1.2", 80)][0]).toBe("192.168.1.2:80");
  });

  it("is reached at the machine's own addresses where it listens on all, and under no name", () => {
    const own = Object.values(networkInterfaces())
      .flatMap((found) => found ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal)
      .map(({ address }) => address);
    expect(addressesOf("0.0.0.0")).toEqual(own);
    expect([...hostsOf("0.0.0.0", 80)]).toEqual([
      ...own.map((address) => `${address}:80`),
      ...["127.0.0.1:80", "localhost:80", "[::1]:80"],
    ]);
    expect(addressesOf("::")).toEqual(expect.arrayContaining(own));
  });

  it("lets a burst pass, and then a number a second, for each person apart", () => {
    let time = 0;
    const passes = rateLimit(2, 3, () => time);
    expect([1, 2, 3, 4].map(() => passes("ada"))).toEqual([true, true, true, false]);
    expect(passes("bob")).toBe(true);
    time = 500;
    expect([passes("ada"), passes("ada")]).toEqual([true, false]);
  });
});
