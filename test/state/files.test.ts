import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadDemonstrations, saveDemonstrations } from "../../src/datasets/demonstrations-folder.js";
import { UsageError } from "../../src/errors.js";
import { diskFolder, type FileSystem, readFileOrExplain, writeFileAtomic } from "../../src/state/files.js";
import { randomDemonstrations } from "../support/demonstrations.js";

const text = (content: string) => new TextEncoder().encode(content);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

type FileHandle = Awaited<ReturnType<FileSystem["open"]>>;

/** The real file system, except that `operation` fails with `code`; a full disk takes half of what it is given. */
function failing(operation: "writeFile" | "sync" | "rename" | "open" | "mkdir", code: string): FileSystem {
  const fail = async () => {
    throw Object.assign(new Error(`${code}: simulated`), { code });
  };
  const real: FileSystem = fs;
  if (operation === "rename" || operation === "open" || operation === "mkdir")
    return { ...real, [operation]: fail };
  return {
    ...real,
    async open(path, flags) {
      const handle = await real.open(path, flags);
      const faulty: FileHandle = {
        writeFile: async (bytes) => {
          if (operation !== "writeFile") return handle.writeFile(bytes);
          await handle.writeFile(bytes.subarray(0, bytes.length / 2));
          return fail();
        },
        sync: () => (operation === "sync" ? fail() : handle.sync()),
        close: () => handle.close(),
      };
      return faulty;
    },
  };
}

describe("writeFileAtomic", () => {
  it("writes bytes and text, replaces an existing file, and leaves no temporary file", async () => {
    const path = join(folder, "a.json");
    await writeFileAtomic(path, "old and longer");
    await writeFileAtomic(path, text("new"));
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  it("leaves only the old file on any failure, and gives advice for a full disk", async () => {
    const path = join(folder, "a.json");
    writeFileSync(path, "old");
    for (const operation of ["open", "writeFile", "sync", "rename"] as const) {
      const writing = writeFileAtomic(path, "new content", failing(operation, "ENOSPC"));
      await expect(writing).rejects.toThrow(
        `cannot write ${path}: the disk is full: free some space and try again`,
      );
      await expect(writing).rejects.toHaveProperty("cause.code", "ENOSPC");
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual(["a.json"]);
    }
  });

  it("explains a missing folder, and passes on unknown errors", async () => {
    await expect(writeFileAtomic(join(folder, "none", "a"), "")).rejects.toThrow(
      "there is no such file or folder",
    );
    await expect(writeFileAtomic(join(folder, "a"), "", failing("sync", "EIO"))).rejects.toThrow(
      "EIO: simulated",
    );
  });

  it("replaces the partial file of a killed process", async () => {
    const path = join(folder, "a.json");
    writeFileSync(`${path}.partial`, "half of something mu");
    await writeFileAtomic(path, "whole");
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });
});

describe("readFileOrExplain", () => {
  it("returns the bytes of a file", async () => {
    writeFileSync(join(folder, "a"), "content");
    expect(Buffer.from(await readFileOrExplain(join(folder, "a"))).toString()).toBe("content");
  });

  it("names the file that cannot be read, and the reason", async () => {
    const missing = join(folder, "none");
    await expect(readFileOrExplain(missing)).rejects.toThrow(UsageError);
    await expect(readFileOrExplain(missing)).rejects.toThrow(`cannot read ${missing}: there is no such file`);
    await expect(readFileOrExplain(folder)).rejects.toThrow("it is a folder");
  });
});

describe("diskFolder", () => {
  it("stores demonstrations", async () => {
    const demonstrations = randomDemonstrations();
    await saveDemonstrations(diskFolder(join(folder, "expert.demos")), demonstrations);
    expect(readdirSync(join(folder, "expert.demos")).sort()).toEqual([
      "demonstrations.json",
      "episodes-00000.safetensors",
    ]);
    expect(await loadDemonstrations(diskFolder(join(folder, "expert.demos")))).toStrictEqual(demonstrations);
  });

  it("is created with the first write, and reads nothing before", async () => {
    const disk = diskFolder(join(folder, "deep", "er"));
    expect(await disk.read("a")).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    await disk.write("a", text("1"));
    expect(Buffer.from((await disk.read("a"))!).toString()).toBe("1");
  });

  it("explains a path through a file, and one that cannot be created", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(diskFolder(join(folder, "file")).read("a")).rejects.toThrow("a part of its path is a file");
    const readOnly = diskFolder(join(folder, "x"), failing("mkdir", "EROFS"));
    await expect(readOnly.write("a", text(""))).rejects.toThrow("cannot create the folder");
  });
});
