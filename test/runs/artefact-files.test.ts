/** @file Policies and other artefacts by path. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  FormatError,
  loadArtefact,
  loadPolicy,
  saveArtefact,
  savePolicy,
  spaces,
  UniformPolicy,
  UsageError,
} from "../../index.js";
import { originOf } from "../../src/config/references.js";
import { temporaryFolder } from "../cli/run-cli.js";

const policy = () => new UniformPolicy(spaces.box([1], -1, 1), spaces.discrete(2));
const data = { kind: "classifier", settings: {}, arrays: { w: { shape: [1], data: Float64Array.of(0.1) } } };
const artefact = { toData: () => data };

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);

describe("savePolicy with a path", () => {
  it("writes the bytes that it returns without a path, and creates the folders of the path", async () => {
    await savePolicy(policy(), at("new", "folders", "policy.safetensors"));
    expect(new Uint8Array(readFileSync(at("new", "folders", "policy.safetensors")))).toEqual(
      savePolicy(policy()),
    );
  });

  it("remembers the path, so that a run records it as a reference", async () => {
    const saved = policy();
    await savePolicy(saved, at("expert.safetensors"));
    expect(originOf(saved)).toEqual({ policy: at("expert.safetensors") });
  });

  it("names the path when it cannot be written", async () => {
    mkdirSync(at("taken"));
    await expect(savePolicy(policy(), at("taken"))).rejects.toThrow(`cannot write ${at("taken")}`);
    await expect(savePolicy(policy(), 5 as never)).rejects.toThrow(UsageError);
  });
});

describe("loadPolicy with a path", () => {
  it("reads a file, and the policy of a run folder", async () => {
    mkdirSync(at("run"));
    await savePolicy(policy(), at("run", "policy.safetensors"));
    for (const path of [at("run"), at("run", "policy.safetensors")]) {
      const loaded = await loadPolicy(path);
      expect(savePolicy(loaded)).toEqual(savePolicy(policy()));
      expect(originOf(loaded)).toEqual({ policy: path });
    }
  });

  it("says what is missing or wrong, with the path", async () => {
    await expect(loadPolicy(at("nothing"))).rejects.toThrow(
      `cannot read ${at("nothing")}: there is no such file or folder`,
    );
    mkdirSync(at("empty"));
    await expect(loadPolicy(at("empty"))).rejects.toThrow(`no policy in ${at("empty")}`);
    writeFileSync(at("text"), "not a policy, but a text of some length");
    await expect(loadPolicy(at("text"))).rejects.toThrow(FormatError);
    await expect(loadPolicy(at("text"))).rejects.toThrow(`${at("text")} is not a readable policy`);
  });

  it("takes the word of an expert as a path", async () => {
    await expect(loadPolicy("expert:CartPole-v1")).rejects.toThrow("cannot read expert:CartPole-v1");
  });

  it("refuses what is neither a path nor bytes", () => {
    expect(() => loadPolicy(undefined as never)).toThrow(
      "loadPolicy needs the path of a policy file, or its bytes as a Uint8Array, not undefined",
    );
    expect(() => loadPolicy(new ArrayBuffer(8) as never)).toThrow("new Uint8Array(buffer)");
  });
});

describe("saveArtefact and loadArtefact with a path", () => {
  it("write and read a file, and the artefact of a run folder", async () => {
    await saveArtefact(artefact, at("classifier", "artefact.safetensors"));
    expect(new Uint8Array(readFileSync(at("classifier", "artefact.safetensors")))).toEqual(
      saveArtefact(artefact),
    );
    expect(await loadArtefact(at("classifier"))).toEqual(data);
    expect(await loadArtefact(at("classifier", "artefact.safetensors"))).toEqual(data);
  });

  it("refuse a policy's file by its path", async () => {
    await savePolicy(policy(), at("other.safetensors"));
    await expect(loadArtefact(at("other.safetensors"))).rejects.toThrow(
      `${at("other.safetensors")} is not a readable artefact: not an artefact file`,
    );
  });
});
