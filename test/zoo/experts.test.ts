/** @file The trained experts: every expert equals its record; errors for unknown and damaged ones. */

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import "../../envs/index.js";
import { FormatError, UsageError } from "../../src/errors.js";
import { NetworkPolicy, savePolicy, UniformPolicy } from "../../src/policies/index.js";
import { evaluate, expertIds, expertInfo, loadExpert } from "../../src/runs/index.js";
import { decodeSafetensors } from "../../src/state/safetensors.js";
import { expertInfoSchema, sha256 } from "../../src/zoo/experts.js";

const zoo = fileURLToPath(new URL("../../experts", import.meta.url));
const ids: string[] = JSON.parse(readFileSync(join(zoo, "index.json"), "utf8"));
const infoOf = (id: string) =>
  expertInfoSchema.strict().parse(JSON.parse(readFileSync(join(zoo, `${id}.json`), "utf8")));

describe("every expert", () => {
  it("is in the index with its weights and record, and the folder has no other files", () => {
    const files = ids.flatMap((id) => [`${id}.json`, `${id}.safetensors`]);
    expect(readdirSync(zoo).sort()).toEqual(["index.json", ...files].sort());
    expect(ids).toEqual([...ids].sort());
    expect(ids).toContain("CartPole-v1");
  });

  it.each(ids)("%s has the recorded weights, and only those needed for acting", async (id) => {
    const { file } = infoOf(id);
    const bytes = readFileSync(join(zoo, `${id}.safetensors`));
    expect(bytes.length).toBe(file.bytes);
    expect(bytes.length).toBeLessThan(500_000);
    expect(await sha256(bytes)).toBe(file.sha256);
    const policy = await loadExpert(id);
    expect(policy).toBeInstanceOf(NetworkPolicy);
    expect(policy.value).toBeUndefined();
    // Files are written with a checksum since the experts were.
    const { checksum, ...metadata } = decodeSafetensors(savePolicy(policy)).metadata;
    expect(checksum).toMatch(/^[0-9a-f]{8}$/);
    expect({ ...decodeSafetensors(savePolicy(policy)), metadata }).toEqual(decodeSafetensors(bytes));
  });

  it.each(ids)("%s has a complete and consistent record", (id) => {
    const info = infoOf(id);
    expect(info.id).toBe(id);
    expect(info.command).toContain(`train ${info.algorithm} --env ${id} --seed ${info.seed}`);
    expect(Number.isNaN(Date.parse(info.date))).toBe(false);
    expect(info.versions.commit).toMatch(/^[0-9a-f]{40}$/);
    const curveSteps = info.learningCurve.map(([steps]) => steps);
    expect(curveSteps.length).toBeGreaterThanOrEqual(10);
    expect(curveSteps).toEqual([...curveSteps].sort((a, b) => a - b));
    expect(curveSteps.at(-1)).toBe(info.steps);
    expect(info.evaluation.episodes).toBe(100);
    for (const { mean, interval, returns } of [info.evaluation.deterministic, info.evaluation.stochastic]) {
      expect(returns).toHaveLength(100);
      const sum = returns.reduce((a, b) => a + b);
      expect(Math.abs(mean - sum / 100)).toBeLessThanOrEqual(1e-4 * Math.abs(mean));
      expect(interval[0]).toBeLessThanOrEqual(mean);
      expect(interval[1]).toBeGreaterThanOrEqual(mean);
    }
  });

  it.each(ids)("%s reaches its recorded score, and a random policy does not", async (id) => {
    const { deterministic, seed } = infoOf(id).evaluation;
    const policy = await loadExpert(id);
    const options = { env: id, episodes: 5, seed };
    const { mean } = await evaluate(policy, options);
    expect(mean).toBeGreaterThanOrEqual(Math.min(...deterministic.returns));
    expect(mean).toBeLessThanOrEqual(Math.max(...deterministic.returns));
    const random = await evaluate(new UniformPolicy(policy.observationSpace, policy.actionSpace), options);
    expect(random.mean).toBeLessThan(deterministic.interval[0]);
  });

  it("reaches the recorded mean on CartPole", async () => {
    const { deterministic, seed, episodes } = infoOf("CartPole-v1").evaluation;
    const { mean } = await evaluate(await loadExpert("CartPole-v1"), { env: "CartPole-v1", seed, episodes });
    expect(Math.abs(mean - deterministic.mean)).toBeLessThan(1);
    expect(mean).toBeGreaterThan(475);
  });
});

describe("experts from another source", () => {
  const copy = mkdtempSync(join(tmpdir(), "experts-"));
  const spoil = (name: string, change: (bytes: Uint8Array) => Uint8Array | string) => {
    cpSync(zoo, copy, { recursive: true });
    writeFileSync(join(copy, name), change(new Uint8Array(readFileSync(join(zoo, name)))));
  };
  const server = createServer((request, response) => {
    const file = join(zoo, request.url!.replace("/zoo/", "/"));
    if (request.url === "/zoo/secret/index.json") response.writeHead(403).end();
    else if (statSync(file, { throwIfNoEntry: false })?.isFile()) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/zoo`;
  });
  afterAll(() => {
    server.close();
    rmSync(copy, { recursive: true });
  });

  it("are listed and described", async () => {
    expect(await expertIds()).toEqual(ids);
    expect(await expertIds({ url })).toEqual(ids);
    expect(await expertInfo("CartPole-v1", { url: new URL(`${url}/`) })).toEqual(infoOf("CartPole-v1"));
  });

  it("are the same over HTTP and from disk", async () => {
    const served = await loadExpert("CartPole-v1", { url });
    const onDisk = await loadExpert("CartPole-v1", { folder: zoo });
    expect(savePolicy(served)).toEqual(savePolicy(onDisk));
  });

  it("are loaded by a relative address in a page", async () => {
    vi.stubGlobal("location", { href: url.replace("/zoo", "/page.html") });
    expect(await expertIds({ url: "zoo" })).toEqual(ids);
    expect(await expertIds({ url: "/zoo/" })).toEqual(ids);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("name the nearest ids if the id is unknown", async () => {
    const error = await loadExpert("CartPole-v2").catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toMatch(/there is no expert for "CartPole-v2"; did you mean "CartPole-v1"\?/);
    await expect(expertInfo("Poker-v0")).rejects.toThrow(/no expert for "Poker-v0"; known: /);
  });

  it("name the damaged file: one bit of the weights, half of them, none, or the record", async () => {
    const weights = "CartPole-v1.safetensors";
    const failing = async (message: RegExp) => {
      const error = await loadExpert("CartPole-v1", { folder: copy }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(FormatError);
      expect(String(error)).toMatch(message);
    };
    spoil(weights, (bytes) => bytes.with(-1, bytes[bytes.length - 1] ^ 1));
    await failing(/CartPole-v1\.safetensors is damaged: its SHA-256 is/);
    spoil(weights, (bytes) => bytes.slice(0, 1000));
    await failing(/CartPole-v1\.safetensors is damaged/);
    rmSync(join(copy, weights));
    await failing(/CartPole-v1\.safetensors is missing/);
    spoil("CartPole-v1.json", () => '{ "id": "CartPole-v1" }');
    await failing(/CartPole-v1\.json is damaged/);
    spoil("index.json", () => "<!doctype html>");
    await failing(/index\.json is damaged/);
  });

  it("name the source if there are none", async () => {
    await expect(expertIds({ folder: tmpdir() })).rejects.toThrow(/there are no experts in .*index\.json/);
    await expect(expertIds({ url: `${url}/nowhere` })).rejects.toThrow(UsageError);
    await expect(expertIds({ url: `${url}/secret` })).rejects.toThrow(/cannot fetch .*403/);
    await expect(expertIds({ url: "http://127.0.0.1:1" })).rejects.toThrow(/cannot fetch http:.*option url/);
    await expect(expertIds({ url: "/experts" })).rejects.toThrow(/it must be an address/);
    await expect(expertIds({ url, folder: zoo })).rejects.toThrow(/either folder or url/);
  });
});
