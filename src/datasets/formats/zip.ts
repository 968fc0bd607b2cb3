/**
 * @file Reads zip archives (PKWARE, APPNOTE.TXT 6.3), the format of `.npz` files. Members are stored or deflated, below
 * 4 GB each. They are inflated by the platform, and never beyond their declared size. Each byte belongs to one member:
 * members that overlap expand a few bytes any number of times.
 */

import { type Allowance, allowanceOf, DEFLATE_EXPANSION } from "../../state/limits.js";
import type { Refuse } from "./arrays.js";

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;

interface Member {
  name: string;
  method: number;
  crc: number;
  compressed: number;
  size: number;
  /** The offset of its local header. */
  at: number;
}

/**
 * The members whose names `wanted` accepts, by name.
 *
 * @throws FormatError with the member when the archive is truncated or damaged.
 */
export async function unzip(
  bytes: Uint8Array,
  refuse: Refuse,
  wanted: (name: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const allowance = allowanceOf(bytes.length);
  const found = members(bytes, view, refuse);
  for (const member of found) checkName(member, bytes, view, refuse);
  requireApart(found, view, refuse);
  const files = new Map<string, Uint8Array>();
  for (const member of found) {
    if (files.has(member.name)) refuse(member.name, "the archive has two members with this name");
    if (!wanted(member.name)) continue;
    files.set(member.name, await contentOf(member, bytes, view, refuse, allowance));
  }
  return files;
}

function members(bytes: Uint8Array, view: DataView, refuse: Refuse): Member[] {
  const lowest = Math.max(0, bytes.length - END_LENGTH - 65_535);
  let end = bytes.length - END_LENGTH;
  while (end >= lowest && view.getUint32(end, true) !== END) end--;
  if (end < lowest) return refuse("", "the directory of the archive is missing: the file is truncated");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const found: Member[] = [];
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_LENGTH > end || view.getUint32(at, true) !== ENTRY) {
      refuse("", `entry ${i} of the archive's directory is damaged`);
    }
    const nameLength = view.getUint16(at + 28, true);
    found.push({
      name: new TextDecoder().decode(bytes.subarray(at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at += ENTRY_LENGTH + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  if (at < end && view.getUint32(at, true) === ENTRY) {
    refuse("", `the archive's directory has more than the ${count} entries that it declares`);
  }
  return found;
}

/**
 * Names have no checksum, and an archive holds each of them twice.
 *
 * @throws FormatError when they differ.
 */
function checkName({ name, at }: Member, bytes: Uint8Array, view: DataView, refuse: Refuse): void {
  if (at + LOCAL_LENGTH > bytes.length || view.getUint32(at, true) !== LOCAL) {
    refuse(name, `its header is not at byte ${at}, the position in the archive's directory`);
  }
  const start = at + LOCAL_LENGTH;
  const again = new TextDecoder().decode(bytes.subarray(start, start + view.getUint16(at + 26, true)));
  if (again !== name) refuse(name, `its header has the name "${again}": the archive is damaged`);
}

/** The offset of the data of a member, after its header. */
const dataOf = ({ at }: Member, view: DataView): number =>
  at + LOCAL_LENGTH + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);

/** @throws FormatError when a byte belongs to two members. */
function requireApart(found: readonly Member[], view: DataView, refuse: Refuse): void {
  const inOrder = found.toSorted((a, b) => a.at - b.at);
  for (const [i, { name, at }] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && at < dataOf(before, view) + before.compressed) {
      const other = before.name === name ? "another member with this name" : `the member "${before.name}"`;
      refuse(name, `it overlaps with ${other}: the archive is damaged, or made to expand without limit`);
    }
  }
}

async function contentOf(
  member: Member,
  bytes: Uint8Array,
  view: DataView,
  refuse: Refuse,
  allowance: Allowance,
): Promise<Uint8Array> {
  const { name, method, crc, compressed, size } = member;
  const start = dataOf(member, view);
  if (start + compressed > bytes.length) refuse(name, "it is truncated");
  const data = bytes.subarray(start, start + compressed);
  const most = method === 0 ? compressed : DEFLATE_EXPANSION * compressed;
  if ((method !== 0 && method !== 8) || size > most || (method === 0 && size !== compressed)) {
    refuse(name, `${compressed} bytes cannot expand to ${size} bytes by method ${method}`);
  }
  const excess = allowance.excess(size);
  if (excess) refuse(name, excess);
  const content = method === 0 ? data : await inflate(data, size);
  if (content?.length !== size)
    return refuse(name, `it is damaged: it does not expand to the declared ${size} bytes`);
  if (crc32(content) !== crc)
    refuse(name, "it is damaged: its checksum differs from the archive's directory");
  return content;
}

/** The inflated bytes; undefined when the data are damaged or expand beyond `size`. */
async function inflate(data: Uint8Array, size: number): Promise<Uint8Array | undefined> {
  const out = new Uint8Array(size);
  const stream = new Blob([data as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  let at = 0;
  try {
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      if (at + chunk.length > size) return undefined;
      out.set(chunk, at);
      at += chunk.length;
    }
  } catch {
    return undefined;
  }
  return out.subarray(0, at);
}

/** The checksum of each byte value, for the reflected polynomial of zip, 0xEDB88320. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The CRC-32 of zip, gzip and Parquet. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}
