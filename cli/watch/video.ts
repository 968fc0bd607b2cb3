/** @file Writes pictures as an animated GIF or an MP4 video. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { UsageError } from "../../src/errors.js";
import { writeFileAtomic } from "../../src/state/files.js";

export interface VideoOptions {
  /** Time between pictures (s). */
  dt: number;
  /** In pixels; the height follows from the first picture. */
  width: number;
}

/** Most pictures in a second of a GIF, which browsers show at no more than 50. */
const FASTEST_GIF = 34;

/** How long the last picture of a GIF stays (ms). */
const LAST = 1000;

/**
 * Writes SVG documents as a GIF, which repeats itself. Of faster ones every second picture is taken, or fewer.
 *
 * @throws UsageError without the package sharp
 */
export async function writeGif(
  out: string,
  pictures: readonly string[],
  options: VideoOptions,
): Promise<void> {
  const every = Math.max(1, Math.ceil(1 / (FASTEST_GIF * options.dt) - 1e-9));
  const taken = pictures.filter((_, k) => k % every === 0 || k === pictures.length - 1);
  const frames = await rasterise(out, taken, options.width);
  const delay = new Array<number>(taken.length).fill(Math.round(1000 * options.dt * every));
  delay[delay.length - 1] = Math.max(LAST, delay[0]);
  const sharp = await loadSharp(out);
  const joined = sharp(frames, { join: { animated: true }, limitInputPixels: false });
  await writeFileAtomic(out, await joined.gif({ delay, loop: 0, effort: 4 }).toBuffer());
}

/**
 * Writes SVG documents as an MP4 video (H.264) with the ffmpeg of this machine.
 *
 * @throws UsageError without ffmpeg or the package sharp; Error when ffmpeg fails, with what it said
 */
export async function writeMp4(
  out: string,
  pictures: readonly string[],
  options: VideoOptions,
): Promise<void> {
  await requireFfmpeg(out);
  const frames = await rasterise(out, pictures, options.width);
  const input = ["-f", "image2pipe", "-framerate", String(1 / options.dt), "-i", "-"];
  const even = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"];
  const encoder = spawn(
    "ffmpeg",
    ["-y", "-loglevel", "error", ...input, ...even, "-pix_fmt", "yuv420p", out],
    { stdio: ["pipe", "ignore", "pipe"] },
  );
  let said = "";
  encoder.stderr.on("data", (data) => {
    said += data;
  });
  const ended = once(encoder, "close");
  // Where ffmpeg stops early, its message says why.
  encoder.stdin.on("error", () => {});
  for (const frame of frames)
    if (!encoder.stdin.write(frame)) await Promise.race([once(encoder.stdin, "drain"), ended]);
  encoder.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`ffmpeg could not write ${out}: ${said.trim() || `exit code ${code}`}`);
}

async function requireFfmpeg(out: string): Promise<void> {
  const probe = spawn("ffmpeg", ["-version"], { stdio: "ignore" });
  const found = await Promise.race([
    once(probe, "close").then(() => true),
    once(probe, "error").then(() => false),
  ]).catch(() => false);
  if (found) return;
  throw new UsageError(
    `${out} needs ffmpeg, which is not on the path: install it (apt-get install ffmpeg, brew install ffmpeg or ` +
      "winget install ffmpeg), or write a .gif or .html file",
  );
}

/** PNG files of SVG documents, all of the size of the first. */
async function rasterise(out: string, pictures: readonly string[], width: number): Promise<Buffer[]> {
  const sharp = await loadSharp(out);
  const { width: own = width, height: tall = width } = await sharp(Buffer.from(pictures[0])).metadata();
  const size = { width, height: Math.max(1, Math.round((width * tall) / own)) };
  // Drawn at the size of the video: an SVG document has 72 dots per inch.
  const density = Math.min(2400, Math.max(1, (72 * width) / own));
  const known = new Map<string, Promise<Buffer>>();
  const drawn = (svg: string) =>
    sharp(Buffer.from(svg), { density })
      .resize({ ...size, fit: "contain", background: "#ffffff" })
      .flatten({ background: "#ffffff" })
      .png()
      .toBuffer();
  const frames: Buffer[] = [];
  for (const svg of pictures) {
    const frame = known.get(svg) ?? drawn(svg);
    known.set(svg, frame);
    frames.push(await frame);
  }
  return frames;
}

async function loadSharp(out: string) {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new UsageError(
      `${out} needs the package sharp, which draws its pictures: npm install sharp; an .html file needs nothing ` +
        `(${(cause as Error).message.split("\n")[0]})`,
      { cause },
    );
  }
}
