/** @file GIFs have the pictures, their times and their size; a video is what ffmpeg makes of them. */

import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { writeGif, writeMp4 } from "../../../cli/watch/video.js";

const folder = mkdtempSync(join(tmpdir(), "understudy-video-"));
const path = process.env.PATH;
const picture = (fill: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="${fill}"/></svg>`;
const pictures = ["#ff0000", "#00ff00", "#0000ff"].map(picture);

afterEach(() => {
  process.env.PATH = path;
});

describe("a GIF", () => {
  it("has each picture at the asked width, for its time, and repeats", async () => {
    const { default: sharp } = await import("sharp");
    const out = join(folder, "colours.gif");
    await writeGif(out, pictures, { dt: 0.1, width: 40 });
    const { pages, width, pageHeight, delay, loop } = await sharp(out, { pages: -1 }).metadata();
    expect({ pages, width, pageHeight, delay, loop }).toEqual({
      pages: 3,
      width: 40,
      pageHeight: 20,
      delay: [100, 100, 1000],
      loop: 0,
    });
    for (const [page, colour] of [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ].entries()) {
      const { data } = await sharp(out, { page }).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      expect([...data.subarray(0, 3)]).toEqual(colour);
    }
  });

  it("leaves out pictures that come faster than browsers show, but not the last", async () => {
    const { default: sharp } = await import("sharp");
    const out = join(folder, "fast.gif");
    const many = Array.from({ length: 11 }, (_, k) => picture(`rgb(${20 * k}, 0, 0)`));
    await writeGif(out, many, { dt: 0.01, width: 20 });
    const { delay } = await sharp(out, { pages: -1 }).metadata();
    expect(delay).toEqual([30, 30, 30, 30, 1000]);
  });
});

/** A program named ffmpeg, alone on the path with the system's, which keeps what it is given. */
function ffmpeg(script: string): void {
  const bin = mkdtempSync(join(folder, "bin-"));
  writeFileSync(join(bin, "ffmpeg"), `#!${process.execPath}\n${script}`);
  chmodSync(join(bin, "ffmpeg"), 0o755);
  process.env.PATH = `${bin}${delimiter}${path}`;
}

describe("a video", () => {
  it("is made by ffmpeg from all pictures, in their time", async () => {
    ffmpeg(`
      const { readFileSync, writeFileSync } = require("node:fs");
      if (process.argv[2] === "-version") process.exit(0);
      const bytes = readFileSync(0);
      const out = process.argv.at(-1);
      writeFileSync(out, JSON.stringify({ words: process.argv.slice(2), pictures: bytes.toString("latin1").split("IHDR").length - 1 }));
    `);
    const out = join(folder, "colours.mp4");
    await writeMp4(out, pictures, { dt: 0.05, width: 40 });
    const { words, pictures: given } = JSON.parse(readFileSync(out, "utf8"));
    expect(given).toBe(3);
    expect(words.join(" ")).toContain("-f image2pipe -framerate 20 -i -");
  });

  it("says what ffmpeg said, and how to get ffmpeg", async () => {
    ffmpeg('if (process.argv[2] !== "-version") { console.error("no such codec"); process.exitCode = 3; }');
    const out = join(folder, "none.mp4");
    await expect(writeMp4(out, pictures, { dt: 0.05, width: 40 })).rejects.toThrow(
      `ffmpeg could not write ${out}: no such codec`,
    );
    process.env.PATH = mkdtempSync(join(folder, "empty-"));
    await expect(writeMp4(out, pictures, { dt: 0.05, width: 40 })).rejects.toThrow(
      /none\.mp4 needs ffmpeg, which is not on the path: install it \(apt-get install ffmpeg/,
    );
  });
});
